package app

import (
	"context"
	"errors"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/store"
)

// knownBrowser is the kind of tokens of browsers with which a user signed in before.
const knownBrowser = "known browser"

// browserLasts is how long a browser is known after a sign-in.
const browserLasts = 365 * calendar.Day

// browserOf gives whose browser a client is known as: the user who signed in with it
// before; empty for nobody. It is no proof of anything: its attempts are counted apart, so
// that strangers can't keep the user out ("device cookies", OWASP).
func (a *App) browserOf(ctx context.Context, from Client) (user string, err error) {
	if from.Browser == "" || len(from.Browser) > 200 {
		return "", nil
	}
	t, err := a.taken(ctx, knownBrowser, from.Browser, false)
	if err != nil && AsProblem(err).Code == CodeStepOver {
		return "", nil
	}
	return t.User, err
}

// whoTries gives the counters of attempts of a kind on the account with an e-mail address:
// of a browser that its user is known by only its own, of any other the account's and the
// network address's.
func (a *App) whoTries(ctx context.Context, what, email string, from Client) (whose counter, more []counter, err error) {
	user, err := a.browserOf(ctx, from)
	if err != nil {
		return whose, nil, err
	}
	if user != "" {
		u, err := a.Store.User(ctx, user)
		if err == nil && u.Email == email {
			return ofAccount("browser of "+what, from.Browser), nil, nil
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return whose, nil, err
		}
	}
	return ofAccount(what, email), []counter{ofAddress(what, from.Address)}, nil
}

// knowBrowser gives the token by which a browser is known as a user's from now on; empty
// where it is already.
func (a *App) knowBrowser(ctx context.Context, user string, from Client) (string, error) {
	known, err := a.browserOf(ctx, from)
	if err != nil || known == user {
		return "", err
	}
	token, hash := auth.NewToken()
	now := a.wall()
	return token, a.Store.AddToken(ctx, &store.Token{Hash: hash, Kind: knownBrowser, User: user, Expires: now + browserLasts}, now)
}
