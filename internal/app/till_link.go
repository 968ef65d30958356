package app

import (
	"context"
	"errors"
	"time"

	"premia/internal/auth"
	"premia/internal/core/text"
	"premia/internal/store"
)

// MakeTill makes a till of a branch that waits for its device. It gives the till's id, and
// a link that makes the device on which it is opened this till: once, within an hour.
// Nobody signs in on that device.
func (a *App) MakeTill(ctx context.Context, name, branch string) (id, link string, err error) {
	if err := may(ctx, auth.UsersWrite); err != nil {
		return "", "", err
	}
	t, _, err := a.newTill(name, branch, ActorOf(ctx).ID)
	if err != nil {
		return "", "", err
	}
	err = a.change(ctx, a.audited(ctx, "till.made", t.ID, "store", t.Store), func(tx *store.Tx) error {
		return errors.Join(tx.DeleteOldTills(ctx, t.Created), tx.AddTill(ctx, t))
	})
	if err != nil {
		return "", "", err
	}
	link, err = a.linkTill(ctx, t.ID)
	return t.ID, link, err
}

// LinkTill gives another link to a till that there is: the device on which it is opened
// takes the place of the one before, which is no till any more from then on.
func (a *App) LinkTill(ctx context.Context, id string) (store.Till, string, error) {
	if err := may(ctx, auth.UsersWrite); err != nil {
		return store.Till{}, "", err
	}
	t, err := a.tillByID(ctx, id)
	if err != nil {
		return t, "", err
	}
	link, err := a.linkTill(ctx, id)
	return t, link, err
}

func (a *App) linkTill(ctx context.Context, id string) (string, error) {
	token, hash := auth.NewToken()
	now := a.wall()
	if err := a.Store.AddToken(ctx, &store.Token{Hash: hash, Kind: deviceLink, User: ActorOf(ctx).ID, Data: []byte(id), Expires: now + deviceLinkLast}, now); err != nil {
		return "", err
	}
	return a.Link(DeviceLinkPath + token), a.note(ctx, a.audited(ctx, "till.linked", id))
}

func (a *App) tillByID(ctx context.Context, id string) (store.Till, error) {
	all, err := a.Store.Tills(ctx)
	if err != nil {
		return store.Till{}, err
	}
	now := a.wall()
	for i := range all {
		if all[i].ID == id && now < all[i].Expires {
			return all[i], nil
		}
	}
	return store.Till{}, problem(CodeNoTill, "till", "there is no such till any more", "Key", text.Quoted(id))
}

// LinkedTill gives the till that a link makes of a device, without taking the link. The
// error is a *Problem with CodeStepOver where it was taken or is over, and with CodeNoTill
// where the till was closed meanwhile.
func (a *App) LinkedTill(ctx context.Context, token string) (store.Till, error) {
	x, err := a.taken(ctx, deviceLink, token, false)
	if err != nil {
		return store.Till{}, err
	}
	return a.tillByID(ctx, string(x.Data))
}

// OpenLinkedTill makes the device that has a link its till, locked, this once. It gives
// the token for the device's cookie, and how long it is good without use. The errors are those of
// [App.LinkedTill].
func (a *App) OpenLinkedTill(ctx context.Context, token, address string) (string, time.Duration, error) {
	x, err := a.taken(ctx, deviceLink, token, true)
	if err != nil {
		return "", 0, err
	}
	t, err := a.tillByID(ctx, string(x.Data))
	if err != nil {
		return "", 0, err
	}
	kept, hash := auth.NewToken()
	now := a.wall()
	// Whoever made the link vouches for the device.
	ctx = WithActor(ctx, auth.Actor{Kind: auth.KindUser, ID: x.User, Address: address})
	err = a.change(ctx, a.audited(ctx, "till.opened", t.ID, "store", t.Store, "by", "link"), func(tx *store.Tx) error {
		return tx.OpenTill(ctx, t.ID, hash, now, now+tillLasts)
	})
	if errors.Is(err, store.ErrNotFound) {
		return "", 0, errNoTill()
	}
	return kept, lasting(tillLasts), err
}
