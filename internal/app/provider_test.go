package app_test

import (
	"net/http"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/oauth2-proxy/mockoidc"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/testkit"
)

// TestIdentityProvider signs people in with a provider that is started for it: those
// who were invited, by the role that their groups have, and nobody else.
func TestIdentityProvider(t *testing.T) {
	t.Parallel()
	m, err := mockoidc.Run()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Shutdown() })
	h := &house{t: t, clock: testkit.NewClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))}
	h.App, err = app.Open(t.Context(), app.Config{
		DB: "sqlite:" + filepath.Join(t.TempDir(), "premia.db"), Migrate: true, Clock: h.clock.Now, URL: "https://club.example",
		Provider: &auth.ProviderConfig{Name: "Mock", Issuer: m.Issuer(), ClientID: m.ClientID, ClientSecret: m.ClientSecret, Scopes: []string{"groups"}, RoleClaim: "groups", Roles: map[string]auth.Role{"desk": auth.Supporter, "heads": auth.Manager}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	owner := h.owner()
	me := h.inside(owner.Token)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	// journey goes to the provider and back, and gives what the browser came back with.
	journey := func(u *mockoidc.MockUser) (token, state, code string) {
		t.Helper()
		address, token, err := h.BeginProvider(t.Context(), "https://club.example/back", "/console/audit")
		h.does(err, "")
		for _, part := range []string{"state", "nonce", "code_challenge"} {
			if sent, err := url.Parse(address); err != nil || sent.Query().Get(part) == "" {
				t.Errorf("%s lacks %s", address, part)
			}
		}
		m.QueueUser(u)
		answer, err := client.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		back, err := url.Parse(answer.Header.Get("Location"))
		if err != nil || back.Query().Get("code") == "" {
			t.Fatalf("the provider answered %d %s", answer.StatusCode, answer.Header.Get("Location"))
		}
		return token, back.Query().Get("state"), back.Query().Get("code")
	}
	finish := func(token, state, code, want string) app.SignedIn {
		t.Helper()
		in, next, err := h.FinishProvider(t.Context(), token, state, code, phone)
		h.does(err, want)
		if err == nil && (next != "/console/audit" || in.Token == "") {
			t.Errorf("signed in %+v to %q", in, next)
		}
		return in
	}
	jan := &mockoidc.MockUser{Subject: "17", Email: "Jan@example.com", EmailVerified: true}
	token, state, code := journey(jan)
	finish(token, state, code, app.CodeNotInvited)
	_, _, err = h.Invite(me, app.NewInvitation{Email: "jan@example.com", Role: auth.Cashier})
	h.does(err, "")
	// An address that the provider has not checked is nobody's.
	token, state, code = journey(&mockoidc.MockUser{Subject: "18", Email: "jan@example.com"})
	finish(token, state, code, app.CodeNotInvited)
	// Another's state, another's code, and what was used already, are refused.
	token, _, code = journey(jan)
	finish(token, "another state", code, app.CodeProviderFailed)
	_, _, other := journey(jan)
	token, state, _ = journey(jan)
	finish(token, state, other, app.CodeProviderFailed)
	finish(token, state, other, app.CodeStepOver)
	token, state, code = journey(jan)
	in := finish(token, state, code, "")
	if in.User.Role != "cashier" || in.User.Email != "jan@example.com" {
		t.Errorf("joined as %+v", in.User)
	}
	// The account stays theirs when the address changes there; groups give roles.
	token, state, code = journey(&mockoidc.MockUser{Subject: "17", Email: "jan.novak@example.com", Groups: []string{"others", "heads", "desk"}})
	again := finish(token, state, code, "")
	if again.User.ID != in.User.ID || again.User.Role != "manager" {
		t.Errorf("came again as %+v", again.User)
	}
	// Groups can't leave the workspace without an owner.
	token, state, code = journey(&mockoidc.MockUser{Subject: "1", Email: "anna@example.com", EmailVerified: true, Groups: []string{"desk"}})
	if mine := finish(token, state, code, ""); mine.User.ID != owner.User.ID || mine.User.Role != "owner" {
		t.Errorf("the owner came as %+v", mine.User)
	}
	h.does(h.DisableUser(me, in.User.ID), "")
	token, state, code = journey(jan)
	finish(token, state, code, app.CodeNotInvited)
}
