package app

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/text"
	"premia/internal/i18n"
	"premia/internal/store"
)

// The codes of problems with users.
const (
	CodeUnknownUser   = "unknown_user"
	CodeUserExists    = "user_exists"
	CodeLastOwner     = "last_owner"
	CodeInvalidEmail  = "invalid_email"
	CodeWrongPassword = "wrong_password"
	CodePasswordShort = "password_short"
	CodePasswordLong  = "password_long"

	CodePasswordCommon = "password_common"
)

// maxUserName is how many characters a user's name may have.
const maxUserName = 100

// User is somebody of the business, and how they can prove who they are.
type User struct {
	store.User
	HasPassword, HasCode, HasProvider bool
	// Recovery is how many recovery codes are left.
	Recovery int
	Passkeys []store.Credential
	// Seen is when they last used a session that is kept; calendar.None if never.
	Seen calendar.Instant
}

// Users gives all users but erased ones, the oldest first.
func (a *App) Users(ctx context.Context) ([]User, error) {
	if err := may(ctx, auth.UsersRead); err != nil {
		return nil, err
	}
	users, err := a.Store.Users(ctx)
	if err != nil {
		return nil, err
	}
	credentials, err := a.Store.AllCredentials(ctx)
	if err != nil {
		return nil, err
	}
	sessions, err := a.Store.Sessions(ctx, "")
	if err != nil {
		return nil, err
	}
	out := make([]User, 0, len(users))
	for i := range users {
		if !erased(&users[i]) {
			out = append(out, userOf(users[i], credentials, sessions))
		}
	}
	return out, nil
}

// User gives a user: oneself, or anybody for those who may see users.
func (a *App) User(ctx context.Context, id string) (User, error) {
	if who := ActorOf(ctx); who.Kind != auth.KindUser || who.ID != id {
		if err := may(ctx, auth.UsersRead); err != nil {
			return User{}, err
		}
	}
	u, err := a.Store.User(ctx, id)
	if err == nil && erased(&u) {
		err = store.ErrNotFound
	}
	if err != nil {
		return User{}, unknownUser(err, id)
	}
	credentials, err := a.Store.Credentials(ctx, id)
	if err != nil {
		return User{}, err
	}
	sessions, err := a.Store.Sessions(ctx, id)
	return userOf(u, credentials, sessions), err
}

func userOf(u store.User, credentials []store.Credential, sessions []store.Session) User {
	out := User{User: u}
	for i := range credentials {
		c := &credentials[i]
		if c.User != u.ID {
			continue
		}
		switch c.Kind {
		case store.PasswordCredential:
			out.HasPassword = true
		case store.CodeCredential:
			out.HasCode = true
		case store.ProviderCredential:
			out.HasProvider = true
		case store.PasskeyCredential:
			out.Passkeys = append(out.Passkeys, *c)
		case store.RecoveryCredential:
			if c.Counter == 0 {
				out.Recovery++
			}
		}
	}
	for i := range sessions {
		if sessions[i].User == u.ID {
			out.Seen = max(out.Seen, sessions[i].Seen)
		}
	}
	return out
}

func unknownUser(err error, id string) error {
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return problem(CodeUnknownUser, "user", text.Say("there is no user {ID}", strconv.Quote(id)), "Key", text.Quoted(id))
}

// HasOwner tells whether somebody owns the workspace who can sign in.
func (a *App) HasOwner(ctx context.Context) (bool, error) {
	users, err := a.Store.Users(ctx)
	return slices.ContainsFunc(users, isOwner), err
}

func isOwner(u store.User) bool { return u.Role == string(auth.Owner) && u.Disabled == calendar.None }

func mayGive(ctx context.Context, role auth.Role) error {
	if ActorOf(ctx).MayGive(role) {
		return nil
	}
	return problem(CodeNotPermitted, "role", "only an owner can change owners, or make them", "Permission", text.Quoted(string(auth.UsersWrite)))
}

// ChangeRole gives a user another role; their sessions go on with it at once.
func (a *App) ChangeRole(ctx context.Context, id string, role auth.Role) error {
	if _, err := auth.ParseRole(string(role)); err != nil {
		return problem(event.CodeInvalid, "role", text.Of(err))
	}
	if err := errors.Join(a.mayChange(ctx, id), mayGive(ctx, role), proved(ctx)); err != nil {
		return firstProblem(err)
	}
	return a.changeUser(ctx, id, "user.changed", func(u *store.User) { u.Role = string(role) }, "role", role)
}

// firstProblem gives the first of several problems.
func firstProblem(err error) error {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	return err
}

// Rename changes a user's own name and language.
func (a *App) Rename(ctx context.Context, name, language string) error {
	user, err := self(ctx)
	if err != nil {
		return err
	}
	if name, err = checkedName(name); err != nil {
		return err
	}
	return a.changeUser(ctx, user, "user.renamed", func(u *store.User) { u.Name, u.Language = name, i18n.Match(language) })
}

func checkedName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if n := utf8.RuneCountInString(name); n == 0 || n > maxUserName {
		return "", problem(event.CodeInvalid, "name", text.Say("a name has 1 to {Most} characters", maxUserName))
	}
	return name, nil
}

// DisableUser lets a user sign in no more, and ends their sessions and the invitations that
// they made.
func (a *App) DisableUser(ctx context.Context, id string) error {
	if err := errors.Join(a.mayChange(ctx, id), proved(ctx)); err != nil {
		return firstProblem(err)
	}
	now := a.wall()
	return a.changeUser(ctx, id, "user.disabled", func(u *store.User) { u.Disabled = now })
}

// EnableUser lets a user sign in again.
func (a *App) EnableUser(ctx context.Context, id string) error {
	if err := errors.Join(a.mayChange(ctx, id), proved(ctx)); err != nil {
		return firstProblem(err)
	}
	return a.changeUser(ctx, id, "user.enabled", func(u *store.User) { u.Disabled = calendar.None })
}

// changeUser changes a user, and refuses what would leave nobody in charge. Invitations
// that the user made end with what allowed them to make any.
func (a *App) changeUser(ctx context.Context, id, action string, fn func(*store.User), details ...any) error {
	return a.change(ctx, a.audited(ctx, action, id, details...), func(tx *store.Tx) error {
		users, err := tx.Users(ctx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(users, func(u store.User) bool { return u.ID == id })
		if i < 0 {
			return unknownUser(store.ErrNotFound, id)
		}
		owned, role := slices.ContainsFunc(users, isOwner), users[i].Role
		fn(&users[i])
		if owned && !slices.ContainsFunc(users, isOwner) {
			return lastOwner()
		}
		if err := tx.PutUser(ctx, &users[i]); err != nil {
			return err
		}
		if users[i].Disabled != calendar.None || users[i].Role != role {
			if err := tx.EndInvitationsBy(ctx, id, a.wall()); err != nil {
				return err
			}
		}
		if users[i].Disabled != calendar.None {
			return tx.EndSessions(ctx, id, "")
		}
		return nil
	})
}

// ChangePassword gives the user who acts another password; a user without one sets the
// first. All their other sessions end.
func (a *App) ChangePassword(ctx context.Context, current, password string) error {
	user, err := self(ctx)
	if err != nil {
		return err
	}
	all, err := a.Store.Credentials(ctx, user)
	if err != nil {
		return err
	}
	if credentialOf(all, store.PasswordCredential).ID == "" {
		err = proved(ctx)
	} else {
		err = a.checkPassword(ctx, all, user, current)
	}
	if err != nil {
		return err
	}
	u, err := a.Store.User(ctx, user)
	if err != nil {
		return unknownUser(err, user)
	}
	c, err := a.hashed(ctx, user, password, u.Name, u.Email)
	if err != nil {
		return err
	}
	err = a.change(ctx, a.audited(ctx, "user.password_changed", user), func(tx *store.Tx) error {
		if err := tx.PutCredential(ctx, c); err != nil {
			return err
		}
		return errors.Join(tx.EndSessions(ctx, user, ActorOf(ctx).Session), tx.ForgetTokens(ctx, user, newPassword))
	})
	if err == nil {
		a.tellUser(ctx, user, "password")
	}
	return err
}

func (a *App) checkPassword(ctx context.Context, all []store.Credential, user, password string) error {
	try, err := a.try(ctx, ofAccount("own", user))
	if err != nil {
		return err
	}
	right, _, err := a.hasher.Check(ctx, string(credentialOf(all, store.PasswordCredential).Secret), password)
	if err == nil && !right {
		err = errors.Join(a.refusedTry(ctx, user, "password", ""), problem(CodeWrongPassword, "current", "this is not your password"))
	}
	if err != nil {
		return firstProblem(err)
	}
	return try.succeed(ctx)
}

// hashed makes the credential of a new password, which is none that is guessed first, nor
// made of the words that are known of the user.
func (a *App) hashed(ctx context.Context, user, password string, known ...string) (*store.Credential, error) {
	if auth.CheckNewPassword(password) == nil {
		if err := auth.CheckCommon(password, append(known, a.Called(ctx, ""))...); err != nil {
			return nil, problem(CodePasswordCommon, "password", text.Of(err))
		}
	}
	hash, err := a.hasher.Hash(ctx, password)
	switch {
	case errors.Is(err, auth.ErrPasswordShort):
		return nil, problem(CodePasswordShort, "password", text.Of(err), "Limit", int64(auth.MinPassword))
	case errors.Is(err, auth.ErrPasswordLong):
		return nil, problem(CodePasswordLong, "password", text.Of(err), "Limit", int64(auth.MaxPassword))
	case err != nil:
		return nil, err
	}
	return &store.Credential{ID: "password:" + user, User: user, Kind: store.PasswordCredential, Secret: []byte(hash), Created: a.wall()}, nil
}
