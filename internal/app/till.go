package app

import (
	"context"
	"errors"
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

// The bounds of tills: how long a device stays one without use, after how long without
// use it locks itself, how coarse the moment of last use is, and how long a link that
// makes a device one is good.
const (
	tillLasts      = 90 * calendar.Day
	tillIdle       = 5 * calendar.Minute
	touchTill      = 15 * calendar.Second
	deviceLink     = "device_link"
	DeviceLinkPath = "/till/open/"
	deviceLinkLast = calendar.Hour
)

// TillIdle is after how many seconds without use a till locks itself, and TillLasts how
// long a device stays one then.
const (
	TillIdle  = int(tillIdle / calendar.Second)
	TillLasts = time.Duration(tillLasts) * time.Microsecond
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
	return auth.Actor{Kind: auth.KindUser, ID: u.ID, Name: u.Name, Role: auth.Role(u.Role), Only: auth.TillUse, Address: address, Session: t.ID}
}

// Waits tells that no device has become this till yet.
func Waits(t *store.Till) bool { return t.Seen == calendar.None }

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
	t, token, err := a.newTill(name, branch, user)
	if err != nil {
		return "", 0, err
	}
	t.Seen, t.Used, t.Cashier = t.Created, t.Created, user
	err = a.change(ctx, a.audited(ctx, "till.opened", t.ID, "store", t.Store), func(tx *store.Tx) error {
		return errors.Join(tx.DeleteOldTills(ctx, t.Created), tx.AddTill(ctx, t))
	})
	return token, lasting(tillLasts), err
}

// newTill gives a till that is used by nobody yet, and the token of its device.
func (a *App) newTill(name, branch, user string) (*store.Till, string, error) {
	name, err := checkedName(name)
	if err != nil {
		return nil, "", err
	}
	if branch = strings.TrimSpace(branch); utf8.RuneCountInString(branch) > maxUserName {
		return nil, "", problem(event.CodeInvalid, "store", text.Say("the branch has at most {Most} characters", maxUserName))
	}
	if err := event.CheckText("store", branch, event.MaxTextLength); err != nil && branch != "" {
		return nil, "", err
	}
	now := a.wall()
	token, hash := auth.NewToken()
	return &store.Till{ID: auth.NewID("till_"), Hash: hash, Name: name, Store: branch, User: user, Created: now, Expires: now + tillLasts}, token, nil
}

// TillOf gives the till of a token in a device's cookie. It is locked after five minutes
// without use, and when its cashier may no longer work there. It stays a till when whoever
// set it up leaves: a locked one opens nothing. The error is a *Problem with CodeNoTill if
// there is none that is good.
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
	t.Owner, err = a.Store.User(ctx, t.User)
	if errors.Is(err, store.ErrNotFound) {
		t.Owner, err = store.User{ID: t.User}, nil
	}
	if err != nil {
		return nil, err
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
		err = a.Store.TouchTill(ctx, t.ID, t.Cashier, now, now+tillLasts)
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

// UnlockTill lets a cashier work at a till, by their PIN, and counts the time that the
// device stays a till anew. The error is a *Problem: wrong_pin, or too_many_attempts for a
// while after several wrong ones of the cashier, at the till or from the address.
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
	if err := a.checkPIN(ctx, t.ID, user, pin, address); err != nil {
		return err
	}
	ctx = WithActor(ctx, auth.Actor{Kind: auth.KindUser, ID: user, Address: address})
	return a.change(ctx, a.audited(ctx, "till.unlocked", t.ID), func(tx *store.Tx) error {
		now := a.wall()
		return tx.UnlockTill(ctx, t.ID, user, now, now+tillLasts)
	})
}

// LockTill locks a till until the next cashier comes; one that is locked stays so.
func (a *App) LockTill(ctx context.Context, token string) error {
	t, err := a.TillOf(ctx, token)
	if err != nil || t.Who == nil {
		return err
	}
	return a.change(ctx, a.audited(ctx, "till.locked", t.ID), func(tx *store.Tx) error {
		return tx.UnlockTill(ctx, t.ID, "", a.wall(), t.Expires)
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
