package auth

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// ProviderConfig says which identity provider people may sign in with, by OpenID
// Connect.
type ProviderConfig struct {
	// Name is what the button says, such as "Google".
	Name                   string
	Issuer                 string
	ClientID, ClientSecret string
	// Scopes are asked for beside openid, email and profile; some providers tell groups
	// only so.
	Scopes []string
	// RoleClaim is the claim of the ID token that has a person's groups, a text or a
	// list of them; Roles gives the role of each group. Without them roles stay as
	// they were given here.
	RoleClaim string
	Roles     map[string]Role
	// Client sends the requests to the provider; nil is one with a time limit.
	Client *http.Client
}

// Provider is an identity provider. It may be used by several goroutines; it asks the
// provider for its description at first use.
type Provider struct {
	c ProviderConfig

	mu    sync.Mutex
	found *oidc.Provider
}

// Person is who a provider says somebody is.
type Person struct {
	// Subject is the provider's name of the account, which never changes.
	Issuer, Subject string
	Email           string
	// Verified tells that the provider has checked the address.
	Verified bool
	Name     string
	// Role is that of the person's groups; empty if none of them has one.
	Role Role
}

// Errors of signing in with a provider.
var (
	ErrProviderState  = errors.New("this answer does not belong to this browser's request")
	ErrProviderAnswer = errors.New("the identity provider's answer is not valid")
)

// NewProvider makes a provider; it sends nothing yet.
func NewProvider(c ProviderConfig) *Provider {
	if c.Client == nil {
		c.Client = &http.Client{Timeout: 10 * time.Second}
	}
	return &Provider{c: c}
}

// Name is what the provider is called.
func (p *Provider) Name() string { return p.c.Name }

// journey is what is remembered between the request and the answer.
type journey struct{ State, Nonce, Verifier, Redirect string }

func (p *Provider) discover(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	// The provider keeps the client of the context for its keys.
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.c.Client), p.c.Issuer)
	if err != nil {
		return nil, fmt.Errorf("ask the identity provider %s for its description: %w", p.c.Issuer, err)
	}
	p.found = found
	return found, nil
}

func (p *Provider) oauth(found *oidc.Provider, redirect string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.c.ClientID, ClientSecret: p.c.ClientSecret, Endpoint: found.Endpoint(), RedirectURL: redirect,
		Scopes: append([]string{oidc.ScopeOpenID, "email", "profile"}, p.c.Scopes...),
	}
}

// Begin gives the provider's address that the browser is sent to, and what is to be
// kept until it comes back to redirect.
func (p *Provider) Begin(ctx context.Context, redirect string) (address string, state []byte, err error) {
	found, err := p.discover(ctx)
	if err != nil {
		return "", nil, err
	}
	j := journey{Verifier: oauth2.GenerateVerifier(), Redirect: redirect}
	j.State, _ = NewToken()
	j.Nonce, _ = NewToken()
	if state, err = json.Marshal(j); err != nil {
		return "", nil, err
	}
	return p.oauth(found, redirect).AuthCodeURL(j.State, oidc.Nonce(j.Nonce), oauth2.S256ChallengeOption(j.Verifier)), state, nil
}

// Finish checks what the browser came back with: the state, and the code, which is
// exchanged for an ID token whose signature, audience, time and nonce are checked.
func (p *Provider) Finish(ctx context.Context, kept []byte, state, code string) (Person, error) {
	var j journey
	if err := json.Unmarshal(kept, &j); err != nil {
		return Person{}, err
	}
	if j.State == "" || subtle.ConstantTimeCompare([]byte(j.State), []byte(state)) != 1 {
		return Person{}, ErrProviderState
	}
	found, err := p.discover(ctx)
	if err != nil {
		return Person{}, err
	}
	ctx = oidc.ClientContext(ctx, p.c.Client)
	tokens, err := p.oauth(found, j.Redirect).Exchange(ctx, code, oauth2.VerifierOption(j.Verifier))
	if err != nil {
		return Person{}, fmt.Errorf("%w: %w", ErrProviderAnswer, err)
	}
	raw, ok := tokens.Extra("id_token").(string)
	if !ok {
		return Person{}, fmt.Errorf("%w: there is no ID token in it", ErrProviderAnswer)
	}
	token, err := found.Verifier(&oidc.Config{ClientID: p.c.ClientID}).Verify(ctx, raw)
	if err != nil {
		return Person{}, fmt.Errorf("%w: %w", ErrProviderAnswer, err)
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(j.Nonce)) != 1 {
		return Person{}, fmt.Errorf("%w: it has another nonce", ErrProviderAnswer)
	}
	return p.person(token)
}

func (p *Provider) person(token *oidc.IDToken) (Person, error) {
	var claims struct {
		Email    string `json:"email"`
		Verified any    `json:"email_verified"`
		Name     string `json:"name"`
	}
	all := map[string]any{}
	if err := errors.Join(token.Claims(&claims), token.Claims(&all)); err != nil {
		return Person{}, fmt.Errorf("%w: %w", ErrProviderAnswer, err)
	}
	// Some providers write the flag as a text.
	verified := claims.Verified == true || claims.Verified == "true"
	return Person{
		Issuer: token.Issuer, Subject: token.Subject, Email: claims.Email, Verified: verified, Name: claims.Name,
		Role: p.roleOf(all[p.c.RoleClaim]),
	}, nil
}

// roleOf gives the first role, in the order of Roles, that one of the groups has.
func (p *Provider) roleOf(claim any) Role {
	var groups []string
	switch claim := claim.(type) {
	case string:
		groups = []string{claim}
	case []any:
		for _, one := range claim {
			if s, ok := one.(string); ok {
				groups = append(groups, s)
			}
		}
	}
	for _, role := range Roles() {
		if slices.ContainsFunc(groups, func(g string) bool { return p.c.Roles[g] == role }) {
			return role
		}
	}
	return ""
}
