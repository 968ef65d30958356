package app

import (
	"context"
	"errors"
	"slices"

	"premia/internal/auth"
	"premia/internal/store"
)

// EraseUser forgets a user for good: name, e-mail address and language, what they proved
// themselves by, their sessions, steps under way, invitations and messages. The id stays,
// since the audit trail and events name it. Who may change the user does it, after a proof
// of their own; the last owner can't be erased.
func (a *App) EraseUser(ctx context.Context, id string) error {
	if err := errors.Join(a.mayChange(ctx, id), proved(ctx)); err != nil {
		return firstProblem(err)
	}
	now := a.wall()
	return a.change(ctx, a.audited(ctx, "user.erased", id), func(tx *store.Tx) error {
		users, err := tx.Users(ctx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(users, func(u store.User) bool { return u.ID == id })
		if i < 0 {
			return unknownUser(store.ErrNotFound, id)
		}
		u := users[i]
		if isOwner(u) && !slices.ContainsFunc(users, func(other store.User) bool { return other.ID != id && isOwner(other) }) {
			return lastOwner()
		}
		return tx.EraseUser(ctx, &u, now)
	})
}

func lastOwner() error {
	return problem(CodeLastOwner, "", "the workspace would have no owner any more; make somebody else an owner first")
}

// erased tells whether nothing is left of a user but the id.
func erased(u *store.User) bool { return u.Email == u.ID }

// mayChange refuses who acts if they may not change the user.
func (a *App) mayChange(ctx context.Context, id string) error {
	if err := may(ctx, auth.UsersWrite); err != nil {
		return err
	}
	u, err := a.Store.User(ctx, id)
	if err == nil && erased(&u) {
		err = store.ErrNotFound
	}
	if err != nil {
		return unknownUser(err, id)
	}
	return mayGive(ctx, auth.Role(u.Role))
}
