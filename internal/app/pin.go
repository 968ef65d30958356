package app

import (
	"context"
	"errors"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/text"
	"premia/internal/store"
)

// The codes of problems with PINs.
const (
	CodePINDigits = "pin_digits"
	CodePINEasy   = "pin_easy"
	CodeWrongPIN  = "wrong_pin"
)

// SetPIN gives a user the PIN by which they unlock a till: oneself, or whomever one may
// change. It opens nothing else.
func (a *App) SetPIN(ctx context.Context, user, pin string) error {
	if err := a.mayChangePIN(ctx, user); err != nil {
		return err
	}
	hash, err := a.hasher.HashPIN(ctx, pin)
	switch {
	case errors.Is(err, auth.ErrPINDigits):
		return problem(CodePINDigits, "pin", text.Of(err), "Least", int64(auth.MinPIN), "Most", int64(auth.MaxPIN))
	case errors.Is(err, auth.ErrPINEasy):
		return problem(CodePINEasy, "pin", text.Of(err))
	case err != nil:
		return err
	}
	c := &store.Credential{ID: "pin:" + user, User: user, Kind: store.PINCredential, Secret: []byte(hash), Created: a.wall()}
	return a.change(ctx, a.audited(ctx, "user.pin_set", user), func(tx *store.Tx) error {
		return errors.Join(tx.PutCredential(ctx, c), tx.LockTillsOf(ctx, user))
	})
}

// RemovePIN takes the PIN from a user, who then can't unlock a till any more.
func (a *App) RemovePIN(ctx context.Context, user string) error {
	if err := a.mayChangePIN(ctx, user); err != nil {
		return err
	}
	return a.change(ctx, a.audited(ctx, "user.pin_removed", user), func(tx *store.Tx) error {
		return errors.Join(tx.DeleteCredentials(ctx, user, store.PINCredential), tx.LockTillsOf(ctx, user))
	})
}

func (a *App) mayChangePIN(ctx context.Context, user string) error {
	if who := ActorOf(ctx); who.Kind == auth.KindUser && who.ID == user {
		return proved(ctx)
	}
	if err := errors.Join(a.mayChange(ctx, user), proved(ctx)); err != nil {
		return firstProblem(err)
	}
	return nil
}

// HasPIN tells whether a user has a PIN.
func (a *App) HasPIN(ctx context.Context, user string) (bool, error) {
	all, err := a.Store.Credentials(ctx, user)
	return credentialOf(all, store.PINCredential).ID != "", err
}

// freeOfTill is how many wrong PINs, of whomever, a till takes before it has people wait.
const freeOfTill = 10

// checkPIN tells whether a PIN that is typed at a till is the user's: the error is
// wrong_pin if not, and too_many_attempts for a while after several wrong ones of the
// cashier or at the till. The device is known, so that its network address counts for
// nothing: guests share it.
func (a *App) checkPIN(ctx context.Context, till, user, pin, address string) error {
	try, err := a.try(ctx, ofAccount("pin", user), counter{key: auth.TokenHash("till:" + till), free: freeOfTill})
	if err != nil {
		return err
	}
	all, err := a.Store.Credentials(ctx, user)
	if err != nil {
		return err
	}
	right, _, err := a.hasher.Check(ctx, string(credentialOf(all, store.PINCredential).Secret), pin)
	if err == nil && !right {
		err = firstProblem(errors.Join(a.refusedTry(ctx, user, "pin", address), problem(CodeWrongPIN, "pin", "this is not the PIN")))
	}
	if err != nil {
		return err
	}
	return try.succeed(ctx)
}

// mayCashier tells whether a user may work at a till.
func mayCashier(u *store.User) bool {
	return u.Disabled == calendar.None && auth.Allows(auth.Role(u.Role), auth.TillUse)
}
