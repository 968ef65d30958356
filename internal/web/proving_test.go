package web_test

import (
	"net/http"
	"net/url"
	"testing"

	"premia/internal/app"
	"premia/internal/web/page"
)

// lately is a gate for a user whose proof is over, or nearly so.
type lately struct{ proved, ends bool }

func (g lately) Visitor(r *http.Request) (page.Visitor, error) {
	v, err := everybody{}.Visitor(r)
	v.Proved, v.ProofEnds = g.proved, g.ends
	return v, err
}

// TestFormsAskBeforeSomethingIsTyped opens the forms of dangerous acts: who has to prove
// again who they are does so before they fill them in, not after.
func TestFormsAskBeforeSomethingIsTyped(t *testing.T) {
	t.Parallel()
	for _, gate := range []lately{{false, true}, {true, true}} {
		server, _, a := open(t, gate)
		hook, _, err := a.CreateWebhook(system(), app.NewWebhook{URL: "https://example.com/hook"})
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{
			"/console/users/invite", "/console/keys/new", "/console/access", "/console/retention",
			"/console/webhooks/new", "/console/webhooks/" + hook.ID + "/edit", "/console/account/pin",
		} {
			answer, _ := fetch(t, "GET", server.URL+path, "")
			if to := answer.Header.Get("Location"); answer.StatusCode != http.StatusSeeOther || to != page.ProvePath+"?next="+url.QueryEscape(path) {
				t.Errorf("%+v: %s is answered %d to %q", gate, path, answer.StatusCode, to)
			}
		}
	}
}

// TestWhoMustGetAFactorCanSignOut asks everybody for a second factor: who has none sees
// nothing but their account, and can leave.
func TestWhoMustGetAFactorCanSignOut(t *testing.T) {
	t.Parallel()
	server, _, a := openDoors(t)
	p := becomeOwner(t, server, a)
	if err := a.SetAccessSettings(system(), app.AccessSettings{SecondFactor: true}); err != nil {
		t.Fatal(err)
	}
	if answer, _ := p.send(http.MethodGet, "/console/users"); answer.Header.Get("Location") != "/console/account" {
		t.Errorf("somebody without a second factor is sent to %q", answer.Header.Get("Location"))
	}
	p.goes("/console/sign-in", "/console/sign-out")
	if answer, _ := p.send(http.MethodGet, "/console/account"); answer.StatusCode != http.StatusSeeOther {
		t.Errorf("after signing out the account is answered %d", answer.StatusCode)
	}
}
