package app

import (
	"context"
	"errors"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/store"
)

// passwordLinkLasts is how long a link to a new password is good.
const passwordLinkLasts = 30 * calendar.Minute

// AskPassword sends a link to a new password to the user with the address, if there is
// one. It answers at once and always the same, so that nothing can be told from it.
func (a *App) AskPassword(ctx context.Context, email string, from Client) error {
	// Each request counts, so that nobody's mailbox can be filled.
	whose, more, err := a.whoTries(ctx, "forgotten", normalOrSmall(email), from)
	if err != nil {
		return err
	}
	if _, err := a.try(ctx, whose, more...); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	a.background.Go(func() {
		u, _, err := a.userWith(ctx, normalOrSmall(email))
		if err == nil && u.ID != "" && u.Disabled == calendar.None {
			_, err = a.sendPasswordLink(ctx, &u, from.Address)
		}
		if err != nil {
			a.Log.Error("a link to a new password could not be sent", "error", err)
		}
	})
	return nil
}

func (a *App) sendPasswordLink(ctx context.Context, u *store.User, address string) (string, error) {
	token, err := a.step(ctx, newPassword, u.ID, nil, passwordLinkLasts)
	if err != nil {
		return "", err
	}
	row := a.audited(ctx, "user.password_link_made", u.ID)
	row.Address = firstOf(row.Address, address)
	if err := a.note(ctx, row); err != nil {
		return "", err
	}
	link := a.Link(PasswordPath + token)
	return link, a.mailUntil(ctx, a.wall()+passwordLinkLasts, u.Email, u.Language, "mail.password", "Link", link)
}

// PasswordLink makes a link by which a user chooses a new password, for whoever may
// change that user.
func (a *App) PasswordLink(ctx context.Context, email string) (string, error) {
	u, _, err := a.userWith(ctx, normalOrSmall(email))
	if err != nil {
		return "", err
	}
	if u.ID == "" {
		return "", unknownUser(store.ErrNotFound, email)
	}
	if err := errors.Join(a.mayChange(ctx, u.ID), proved(ctx)); err != nil {
		return "", firstProblem(err)
	}
	return a.sendPasswordLink(ctx, &u, "")
}

// PasswordUser gives whose new password a link's token is for. The error is a *Problem
// with CodeStepOver if it has ended.
func (a *App) PasswordUser(ctx context.Context, token string) (store.User, error) {
	t, err := a.taken(ctx, newPassword, token, false)
	if err != nil {
		return store.User{}, err
	}
	u, err := a.Store.User(ctx, t.User)
	if err == nil && u.Disabled != calendar.None {
		err = errStepOver()
	}
	return u, err
}

// ResetPassword gives the user of a link another password, and ends all their sessions.
// They sign in with it afterwards, with their second factor where they have one. Other
// browsers are known as theirs no more; this one is, by the token that is given.
func (a *App) ResetPassword(ctx context.Context, token, password string, from Client) (browser string, err error) {
	u, err := a.PasswordUser(ctx, token)
	if err != nil {
		return "", err
	}
	c, err := a.hashed(ctx, u.ID, password, u.Name, u.Email)
	if err != nil {
		return "", err
	}
	if _, err := a.taken(ctx, newPassword, token, true); err != nil {
		return "", err
	}
	ctx = WithActor(ctx, auth.Actor{Kind: auth.KindUser, ID: u.ID, Address: from.Address})
	err = a.change(ctx, a.audited(ctx, "user.password_changed", u.ID, "by", "link"), func(tx *store.Tx) error {
		return errors.Join(tx.PutCredential(ctx, c), tx.EndSessions(ctx, u.ID, ""), tx.ForgetTokens(ctx, u.ID, newPassword), tx.ForgetTokens(ctx, u.ID, knownBrowser))
	})
	if err != nil {
		return "", err
	}
	a.tellUser(ctx, u.ID, "password")
	return a.knowBrowser(ctx, u.ID, from)
}
