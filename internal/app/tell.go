package app

import (
	"context"
	"errors"
	"time"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/text"
	"premia/internal/store"
)

// tellUser tells a user by e-mail, in their language, that something by which they prove who
// they are was changed: what is one of the words mail.changed.…. It comes after the
// change, which stays whether the message can be kept or not.
func (a *App) tellUser(ctx context.Context, user, what string) {
	u, err := a.Store.User(ctx, user)
	if err == nil && u.Disabled == calendar.None {
		err = a.mail(ctx, u.Email, u.Language, "mail.changed", a.changed(ctx, what)...)
	}
	if err != nil {
		a.Log.Warn("a user could not be told of a change", "user", user, "change", what, "error", err)
	}
}

// tellOwners tells all owners of something that concerns the whole workspace.
func (a *App) tellOwners(ctx context.Context, what string) {
	users, err := a.Store.Users(ctx)
	for i := range users {
		if u := &users[i]; isOwner(*u) {
			err = errors.Join(err, a.mail(ctx, u.Email, u.Language, "mail.changed", a.changed(ctx, what)...))
		}
	}
	if err != nil {
		a.Log.Warn("the owners could not be told of a change", "change", what, "error", err)
	}
}

// changed are the values of a message about a change.
func (a *App) changed(ctx context.Context, what string) []any {
	zone := time.UTC
	if p := a.program(); p != nil {
		zone = p.Zone
	}
	return []any{
		"What", text.New("mail.changed." + what), "At", text.Moment(a.wall().In(zone)),
		"Address", text.Quoted(firstOf(ActorOf(ctx).Address, "–")), "Link", a.Link("/console/account"),
	}
}

// RemoveFactors takes the codes, the recovery codes and the passkeys from a user who has
// lost them, and ends their sessions: they sign in by their password alone until they
// have a new one. Who may change the user does it, after a proof of their own.
func (a *App) RemoveFactors(ctx context.Context, id string) error {
	if err := errors.Join(a.mayChange(ctx, id), proved(ctx)); err != nil {
		return firstProblem(err)
	}
	err := a.change(ctx, a.audited(ctx, "user.factors_removed", id), func(tx *store.Tx) error {
		return errors.Join(
			tx.DeleteCredentials(ctx, id, store.CodeCredential), tx.DeleteCredentials(ctx, id, store.RecoveryCredential),
			tx.DeleteCredentials(ctx, id, store.PasskeyCredential), tx.EndSessions(ctx, id, ActorOf(ctx).Session))
	})
	if err == nil {
		a.tellUser(ctx, id, "factors_removed")
	}
	return err
}

// onlyOwner refuses users who are no owners.
func onlyOwner(ctx context.Context) error {
	if who := ActorOf(ctx); who.Kind == auth.KindUser && who.Role != auth.Owner {
		return problem(CodeOwnerNeeded, "", "only an owner can let go of a rule of signing in or of publishing")
	}
	return nil
}
