package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/text"
	"premia/internal/store"
)

// The bounds of tills: how long a device stays one, after how long without use it locks
// itself, and how coarse the moment of last use is.
const (
	tillLasts = 90 * calendar.Day
	tillIdle  = 5 * calendar.Minute
	touchTill = 15 * calendar.Second
)

// CodeNoTill says that a device is no till.
const CodeNoTill = "no_till"

// Till is a device at which cashiers work.
type Till struct {
	store.Till
	// Owner set it up.
	Owner store.User
	// Who is the cashier who has unlocked it; nil while it is locked.
	Who *store.User
}

// Actor is who acts at the till: the cashier who has unlocked it. Nobody has proved who
// they are by a PIN.
func (t *Till) Actor(address string) auth.Actor {
	u := &t.Owner
	if t.Who != nil {
		u = t.Who
	}
	return auth.Actor{Kind: auth.KindUser, ID: u.ID, Name: u.Name, Role: auth.Role(u.Role), Address: address, Session: t.ID}
}

func errNoTill() error {
	return problem(CodeNoTill, "", "this device is no till, or no longer; sign in and set it up")
}

// OpenTill makes the device of the user who acts a till of a branch, unlocked for them.
// It gives the token for the device's cookie, and how long it is good.
func (a *App) OpenTill(ctx context.Context, name, branch string) (token string, lasts time.Duration, err error) {
	user, err := self(ctx)
	if err == nil {
		err = may(ctx, auth.TillUse)
	}
	if err != nil {
		return "", 0, err
	}
	if name, err = checkedName(name); err != nil {
		return "", 0, err
	}
	if branch = strings.TrimSpace(branch); utf8.RuneCountInString(branch) > maxUserName {
		return "", 0, problem(event.CodeInvalid, "store", fmt.Sprintf("the branch has at most %d characters", maxUserName))
	}
	if err := event.CheckText("store", branch, event.MaxTextLength); err != nil && branch != "" {
		return "", 0, err
	}
	now := a.wall()
	token, hash := auth.NewToken()
	t := &store.Till{ID: auth.NewID("till_"), Hash: hash, Name: name, Store: branch, User: user, Created: now, Seen: now, Expires: now + tillLasts, Cashier: user, Used: now}
	err = a.change(ctx, a.audited(ctx, "till.opened", t.ID, "store", branch), func(tx *store.Tx) error {
		return errors.Join(tx.DeleteOldTills(ctx, now), tx.AddTill(ctx, t))
	})
	return token, lasting(tillLasts), err
}

// TillOf gives the till of a token in a device's cookie. It is locked after five minutes
// without use, and when its cashier may no longer work there. The error is a *Problem
// with CodeNoTill if there is none that is good, or whoever set it up may no longer.
func (a *App) TillOf(ctx context.Context, token string) (*Till, error) {
	if token == "" || len(token) > 200 {
		return nil, errNoTill()
	}
	row, err := a.Store.TillByHash(ctx, auth.TokenHash(token))
	if errors.Is(err, store.ErrNotFound) {
		return nil, errNoTill()
	}
	if err != nil {
		return nil, err
	}
	now := a.wall()
	t := &Till{Till: row}
	if now >= t.Expires {
		return nil, errNoTill()
	}
	if t.Owner, err = a.Store.User(ctx, t.User); err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	if err != nil || !mayCashier(&t.Owner) {
		return nil, errNoTill()
	}
	if t.Cashier == "" || now >= t.Used+tillIdle {
		return t, nil
	}
	who, err := a.Store.User(ctx, t.Cashier)
	if errors.Is(err, store.ErrNotFound) || err == nil && !mayCashier(&who) {
		return t, nil
	}
	if err != nil {
		return nil, err
	}
	t.Who = &who
	if now-t.Used >= touchTill {
		err = a.Store.TouchTill(ctx, t.ID, t.Cashier, now)
	}
	return t, err
}

// Cashiers lists the users who can unlock tills by a PIN.
func (a *App) Cashiers(ctx context.Context) ([]store.User, error) {
	users, err := a.Store.Users(ctx)
	if err != nil {
		return nil, err
	}
	credentials, err := a.Store.AllCredentials(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(users, func(u store.User) bool {
		return !mayCashier(&u) || !slices.ContainsFunc(credentials, func(c store.Credential) bool { return c.User == u.ID && c.Kind == store.PINCredential })
	}), nil
}

// UnlockTill lets a cashier work at a till, by their PIN. The error is a *Problem:
// wrong_pin, or too_many_attempts for a while after several wrong ones.
func (a *App) UnlockTill(ctx context.Context, token, user, pin, address string) error {
	t, err := a.TillOf(ctx, token)
	if err != nil {
		return err
	}
	u, err := a.Store.User(ctx, user)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	known := err == nil && mayCashier(&u)
	if !known {
		user = "" // nobody, which takes as long to find out
	}
	if err := a.checkPIN(ctx, user, pin, address); err != nil {
		return err
	}
	ctx = WithActor(ctx, auth.Actor{Kind: auth.KindUser, ID: user, Address: address})
	return a.change(ctx, a.audited(ctx, "till.unlocked", t.ID), func(tx *store.Tx) error {
		return tx.UnlockTill(ctx, t.ID, user, a.wall())
	})
}

// LockTill locks a till until the next cashier comes; one that is locked stays so.
func (a *App) LockTill(ctx context.Context, token string) error {
	t, err := a.TillOf(ctx, token)
	if err != nil || t.Who == nil {
		return err
	}
	return a.change(ctx, a.audited(ctx, "till.locked", t.ID), func(tx *store.Tx) error {
		return tx.UnlockTill(ctx, t.ID, "", a.wall())
	})
}

// Tills lists the tills that are good, the last used first.
func (a *App) Tills(ctx context.Context) ([]store.Till, error) {
	if err := may(ctx, auth.UsersRead); err != nil {
		return nil, err
	}
	all, err := a.Store.Tills(ctx)
	now := a.wall()
	return slices.DeleteFunc(all, func(t store.Till) bool { return now >= t.Expires }), err
}

// CloseTill makes a device no till any more, at once.
func (a *App) CloseTill(ctx context.Context, id string) error {
	if err := may(ctx, auth.UsersWrite); err != nil {
		return err
	}
	err := a.change(ctx, a.audited(ctx, "till.closed", id), func(tx *store.Tx) error { return tx.DeleteTill(ctx, id) })
	if errors.Is(err, store.ErrNotFound) {
		return problem(CodeNoTill, "till", "there is no such till any more", "Key", text.Quoted(id))
	}
	return err
}

// Country is that of telephone numbers without a country's code: that of the program's
// currency; empty if there are several.
func (a *App) Country() string { return countryOf(a.program()) }
