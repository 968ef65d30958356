package app

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/store"
)

// The codes of problems with signing in.
const (
	CodeSignInRefused = "sign_in_refused"
	CodeWrongCode     = "wrong_code"
	CodeStepOver      = "step_over"
	CodeOwnerNeeded   = "owner_needed"
)

// The kinds of steps that are under way.
const (
	secondStep   = "second step"
	passkeyStep  = "passkey"
	providerStep = "provider"
	codeStep     = "new code"
	newPassword  = "new password"
)

// stepLasts is how long somebody may take for a step.
const stepLasts = 10 * calendar.Minute

func errRefused() error {
	return problem(CodeSignInRefused, "", "the e-mail address or the password is not right")
}

func errStepOver() error {
	return problem(CodeStepOver, "", "this took too long, or was done already; begin again")
}

// step keeps what is to be known at the next step, and gives the token that stands for
// it.
func (a *App) step(ctx context.Context, kind, user string, data []byte, lasts calendar.Instant) (string, error) {
	token, hash := auth.NewToken()
	now := a.wall()
	return token, a.Store.AddToken(ctx, &store.Token{Hash: hash, Kind: kind, User: user, Data: data, Expires: now + lasts}, now)
}

// taken gives what was kept for a token, this once if it is taken, or lets it stay.
func (a *App) taken(ctx context.Context, kind, token string, take bool) (store.Token, error) {
	look := a.Store.Token
	if take {
		look = a.Store.TakeToken
	}
	t, err := look(ctx, kind, auth.TokenHash(token))
	if errors.Is(err, store.ErrNotFound) || err == nil && a.wall() >= t.Expires {
		return t, errStepOver()
	}
	return t, err
}

// SignIn checks an e-mail address with a password. What it answers says nothing about
// which of them is wrong, and takes as long. A user with a second factor, be it codes or a
// passkey, gets a step for [App.SignInCode]; [App.SignInPasskey] does without.
func (a *App) SignIn(ctx context.Context, email, password string, from Client) (SignedIn, error) {
	email = normalOrSmall(email)
	whose, more, err := a.whoTries(ctx, "passwords", email, from)
	if err != nil {
		return SignedIn{}, err
	}
	try, err := a.try(ctx, whose, more...)
	if err != nil {
		return SignedIn{}, err
	}
	u, credentials, err := a.userWith(ctx, email)
	if err != nil {
		return SignedIn{}, err
	}
	hash := credentialOf(credentials, store.PasswordCredential)
	right, outdated, err := a.hasher.Check(ctx, string(hash.Secret), password)
	if err != nil {
		return SignedIn{}, err
	}
	if !right || u.Disabled != calendar.None {
		if err := a.refusedTry(ctx, u.ID, "password", from.Address); err != nil {
			return SignedIn{}, err
		}
		return SignedIn{}, errRefused()
	}
	if err := try.succeed(ctx); err != nil {
		return SignedIn{}, err
	}
	if outdated {
		if err := a.rehash(ctx, hash, password); err != nil {
			return SignedIn{}, err
		}
	}
	if hasFactor(credentials) {
		token, err := a.step(ctx, secondStep, u.ID, nil, stepLasts)
		return SignedIn{Step: token, User: u}, err
	}
	return a.startSession(ctx, &u, "password", from)
}

// refusedTry keeps that a proof was refused: whose, if that is known, and from where, an
// empty address being that of who acts.
func (a *App) refusedTry(ctx context.Context, user, method, address string) error {
	row := a.audited(ctx, "session.refused", user, "method", method)
	row.Address = firstOf(address, row.Address)
	return a.note(ctx, row)
}

// userWith gives the user of an address with their credentials; none of both if there
// is no such user.
func (a *App) userWith(ctx context.Context, email string) (store.User, []store.Credential, error) {
	u, err := a.Store.UserByEmail(ctx, email)
	if errors.Is(err, store.ErrNotFound) {
		u, err = store.User{}, nil
	}
	if err != nil {
		return u, nil, err
	}
	all, err := a.Store.Credentials(ctx, u.ID)
	return u, all, err
}

// credentialOf gives the first of a kind; its id is empty if there is none.
func credentialOf(all []store.Credential, kind string) store.Credential {
	for i := range all {
		if all[i].Kind == kind {
			return all[i]
		}
	}
	return store.Credential{}
}

// hasFactor tells whether something is asked for beside the password.
func hasFactor(all []store.Credential) bool {
	return credentialOf(all, store.CodeCredential).ID != "" || credentialOf(all, store.PasskeyCredential).ID != ""
}

// SecondStep tells what the user of a second step has for it beside recovery codes. The
// error is a *Problem with CodeStepOver if the step has ended.
func (a *App) SecondStep(ctx context.Context, step string) (codes, passkeys bool, err error) {
	t, err := a.taken(ctx, secondStep, step, false)
	if err != nil {
		return false, false, err
	}
	all, err := a.Store.Credentials(ctx, t.User)
	return credentialOf(all, store.CodeCredential).ID != "", credentialOf(all, store.PasskeyCredential).ID != "", err
}

// rehash keeps a password as a hash of today's cost.
func (a *App) rehash(ctx context.Context, c store.Credential, password string) error {
	hash, err := a.hasher.Hash(ctx, password)
	if errors.Is(err, auth.ErrPasswordShort) || errors.Is(err, auth.ErrPasswordLong) {
		return nil // it was allowed when it was chosen
	}
	if err != nil {
		return err
	}
	c.Secret = []byte(hash)
	return a.Store.TouchCredential(ctx, &c)
}

// SignInCode is the second step: a time-based code, or a recovery code, each good once.
func (a *App) SignInCode(ctx context.Context, step, code string, from Client) (SignedIn, error) {
	t, err := a.taken(ctx, secondStep, step, false)
	if err != nil {
		return SignedIn{}, err
	}
	u, err := a.Store.User(ctx, t.User)
	if err != nil {
		return SignedIn{}, err
	}
	whose, more, err := a.whoTries(ctx, "codes", u.Email, from)
	if err != nil {
		return SignedIn{}, err
	}
	method, err := a.checkCode(ctx, t.User, code, from.Address, whose, more...)
	if err != nil {
		return SignedIn{}, err
	}
	if _, err := a.taken(ctx, secondStep, step, true); err != nil {
		return SignedIn{}, err
	}
	if u.Disabled != calendar.None {
		return SignedIn{}, errRefused()
	}
	return a.startSession(ctx, &u, "password+"+method, from)
}

// checkCode takes a user's time-based code or recovery code, and says which it was.
func (a *App) checkCode(ctx context.Context, user, code, address string, whose counter, more ...counter) (method string, err error) {
	try, err := a.try(ctx, whose, more...)
	if err != nil {
		return "", err
	}
	all, err := a.Store.Credentials(ctx, user)
	if err != nil {
		return "", err
	}
	now := a.wall()
	var away error // why a code can't be checked; recovery codes can be all the same
	for i := range all {
		c, used := &all[i], int64(0)
		switch c.Kind {
		case store.CodeCredential:
			var secret []byte
			if secret, away = a.opened(credentialRow(c.ID), c.Secret); away != nil {
				continue
			}
			step, ok := auth.CodeStep(string(secret), code, now.In(time.UTC), c.Counter)
			if !ok {
				continue
			}
			used, method = step, "code"
		case store.RecoveryCredential:
			if string(c.Secret) != string(auth.RecoveryHash(code)) {
				continue
			}
			used, method = 1, "recovery"
		default:
			continue
		}
		first, err := a.Store.UseCredential(ctx, c.ID, used, now)
		if err != nil {
			return "", err
		}
		if first {
			return method, try.succeed(ctx)
		}
	}
	if err := a.refusedTry(ctx, user, "code", address); err != nil {
		return "", err
	}
	if away != nil {
		return "", away
	}
	return "", problem(CodeWrongCode, "code", "this is not the code of now, or it was used already; wait for the next one")
}

// normalOrSmall gives an address in its normal form, or, of something that is none, in
// small letters: it is looked for all the same, so that nothing can be told from how
// long it takes.
func normalOrSmall(email string) string {
	if normal, err := normalEmail(strings.TrimSpace(email)); err == nil {
		return normal
	}
	if len(email) > 400 {
		email = email[:400]
	}
	return strings.ToLower(strings.TrimSpace(email))
}

// Prove takes a user's password once more, or their code, and remembers for a while
// that it is really they.
func (a *App) Prove(ctx context.Context, password, code string) error {
	user, err := self(ctx)
	if err != nil {
		return err
	}
	if err := a.checkOwn(ctx, user, password, code); err != nil {
		return err
	}
	return a.noteProved(ctx, user, "password")
}

func (a *App) noteProved(ctx context.Context, user, method string) error {
	return a.change(ctx, a.audited(ctx, "session.proved", user, "method", method), func(tx *store.Tx) error {
		return tx.ProveSession(ctx, ActorOf(ctx).Session, a.wall())
	})
}

// checkOwn checks the password of a user who is signed in, and where they have a second
// factor a code of it or a recovery code.
func (a *App) checkOwn(ctx context.Context, user, password, code string) error {
	try, err := a.try(ctx, ofAccount("own", user))
	if err != nil {
		return err
	}
	all, err := a.Store.Credentials(ctx, user)
	if err != nil {
		return err
	}
	hash := credentialOf(all, store.PasswordCredential)
	right, _, err := a.hasher.Check(ctx, string(hash.Secret), password)
	switch {
	case err != nil:
		return err
	case !right:
		return firstProblem(errors.Join(a.refusedTry(ctx, user, "password", ""), problem(CodeWrongPassword, "password", "this is not your password")))
	}
	if err := try.succeed(ctx); err != nil {
		return err
	}
	if !hasFactor(all) {
		return nil
	}
	_, err = a.checkCode(ctx, user, code, ActorOf(ctx).Address, ofAccount("own code", user))
	return err
}

// providerState is what is kept on the way to an identity provider and back.
type providerState struct {
	State []byte
	Next  string
}

// HasProvider gives the name of the identity provider; empty if there is none.
func (a *App) HasProvider() string {
	if a.provider == nil {
		return ""
	}
	return a.provider.Name()
}

// BeginProvider gives the address at the identity provider that the browser is sent to,
// and the token by which it is known when it comes back to redirect. Next is where the
// user was going.
func (a *App) BeginProvider(ctx context.Context, redirect, next string) (address, token string, err error) {
	if a.provider == nil {
		return "", "", errNoProvider()
	}
	address, state, err := a.provider.Begin(ctx, redirect)
	if err != nil {
		return "", "", problemWith(CodeProviderAway, err)
	}
	data, err := json.Marshal(providerState{state, next})
	if err != nil {
		return "", "", err
	}
	token, err = a.step(ctx, providerStep, "", data, stepLasts)
	return address, token, err
}
