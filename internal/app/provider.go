package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/text"
	"premia/internal/store"
)

// The codes of problems with identity providers.
const (
	CodeNoProvider     = "no_provider"
	CodeProviderAway   = "provider_away"
	CodeProviderFailed = "provider_failed"
	CodeNotInvited     = "not_invited"
)

func errNoProvider() error {
	return problem(CodeNoProvider, "", "this workspace has no identity provider; name one by --oidc-issuer and --oidc-client-id")
}

// providerDetails say in English what went wrong with a provider.
var providerDetails = map[string]text.Sentence{
	CodeProviderAway:   "the identity provider does not answer; sign in by your password, or later",
	CodeProviderFailed: "the identity provider did not say who you are; begin again",
}

func problemWith(code string, cause error) error {
	p := problem(code, "", providerDetails[code])
	p.Cause = cause
	return p
}

// FinishProvider takes what the browser came back with from the identity provider: it
// signs in the user whose account there it is, or whose address the provider has
// checked, or makes one of an invitation to that address. Nobody else gets in. It gives
// where the user was going.
func (a *App) FinishProvider(ctx context.Context, token, state, code string, from Client) (SignedIn, string, error) {
	if a.provider == nil {
		return SignedIn{}, "", errNoProvider()
	}
	t, err := a.taken(ctx, providerStep, token, true)
	if err != nil {
		return SignedIn{}, "", err
	}
	var kept providerState
	if err := json.Unmarshal(t.Data, &kept); err != nil {
		return SignedIn{}, "", err
	}
	person, err := a.provider.Finish(ctx, kept.State, state, code)
	if err != nil {
		return SignedIn{}, "", problemWith(CodeProviderFailed, err)
	}
	u, err := a.userOfPerson(ctx, &person, from)
	if err != nil {
		return SignedIn{}, "", err
	}
	in, err := a.startSession(ctx, &u, "provider", from)
	return in, kept.Next, err
}

// accountID names an account at a provider among the credentials.
func accountID(p *auth.Person) string {
	sum := sha256.Sum256([]byte(p.Issuer + "\x00" + p.Subject))
	return "provider:" + hex.EncodeToString(sum[:])
}

func (a *App) userOfPerson(ctx context.Context, p *auth.Person, from Client) (store.User, error) {
	u, known, err := a.findPerson(ctx, p)
	if err != nil {
		return u, err
	}
	if u.ID == "" {
		return a.acceptPerson(ctx, p, from)
	}
	if u.Disabled != calendar.None {
		return u, notInvited()
	}
	ctx = WithActor(ctx, auth.Actor{Kind: auth.KindSystem, ID: "provider", Address: from.Address})
	if !known {
		err = a.change(ctx, a.audited(ctx, "user.linked", u.ID), func(tx *store.Tx) error { return tx.PutCredential(ctx, a.accountOfPerson(p, u.ID)) })
		if err != nil {
			return u, err
		}
	}
	if p.Role != "" && string(p.Role) != u.Role {
		err = a.changeUser(ctx, u.ID, "user.changed", func(x *store.User) { x.Role = string(p.Role) }, "role", p.Role, "before", u.Role)
		if AsProblem(err).Code == CodeLastOwner {
			return u, nil // the groups there can't leave nobody in charge here
		}
		u.Role = string(p.Role)
	}
	return u, err
}

func notInvited() error {
	return problem(CodeNotInvited, "", "nobody has invited you here; ask an owner for an invitation to the address that the identity provider knows you by")
}

// findPerson gives the user of an account, and whether it is known as theirs; no user if
// there is none.
func (a *App) findPerson(ctx context.Context, p *auth.Person) (u store.User, known bool, err error) {
	c, err := a.Store.Credential(ctx, accountID(p))
	switch {
	case err == nil:
		u, err = a.Store.User(ctx, c.User)
		return u, true, err
	case !errors.Is(err, store.ErrNotFound):
		return u, false, err
	case !p.Verified:
		return u, false, nil
	}
	u, err = a.Store.UserByEmail(ctx, normalOrSmall(p.Email))
	if errors.Is(err, store.ErrNotFound) {
		return store.User{}, false, nil
	}
	return u, false, err
}

func (a *App) accountOfPerson(p *auth.Person, user string) *store.Credential {
	return &store.Credential{ID: accountID(p), User: user, Kind: store.ProviderCredential, Name: p.Issuer, Created: a.wall()}
}

// acceptPerson makes a user of an invitation to an address that the provider has
// checked.
func (a *App) acceptPerson(ctx context.Context, p *auth.Person, from Client) (store.User, error) {
	if !p.Verified {
		return store.User{}, notInvited()
	}
	email := normalOrSmall(p.Email)
	all, err := a.Store.Invitations(ctx)
	if err != nil {
		return store.User{}, err
	}
	for i := range all {
		inv := &all[i]
		if inv.Email != email || email == "" || inv.Ended != calendar.None || a.wall() >= inv.Expires {
			continue
		}
		u := a.userOf(inv)
		if p.Role != "" {
			u.Role = string(p.Role)
		}
		if u.Name == "" {
			u.Name = firstOf(p.Name, email)
		}
		err := a.accept(ctx, inv, &u, from, a.accountOfPerson(p, u.ID))
		return u, err
	}
	return store.User{}, notInvited()
}

// firstOf gives the first text that is not empty.
func firstOf(all ...string) string {
	for _, s := range all {
		if s != "" {
			return s
		}
	}
	return ""
}
