package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/store"
	"premia/internal/web/page"
)

// TestConditionsLeadToTheirActs finds the page to which each condition leads, which each
// role may open that is allowed the act, and its words.
func TestConditionsLeadToTheirActs(t *testing.T) {
	t.Parallel()
	_, site, a := open(t, everybody{})
	mux, needs := http.NewServeMux(), map[string]page.Need{}
	for _, route := range site.Routes() {
		mux.HandleFunc(route.Pattern, func(http.ResponseWriter, *http.Request) {})
		needs[route.Pattern] = route.Need
	}
	for _, k := range app.ConditionKinds() {
		path := regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(k.Page, "x")
		_, pattern := mux.Handler(httptest.NewRequest(http.MethodGet, "http://x"+path, nil))
		if want, _, _ := strings.Cut(k.Page, "?"); pattern != "GET "+want {
			t.Errorf("%s leads to %s, which is %q", k.Kind, k.Page, pattern)
		}
		for _, role := range auth.Roles() {
			visitor := page.Visitor{UserID: "usr_test", May: func(p string) bool { return auth.Allows(role, auth.Permission(p)) }}
			if auth.Allows(role, k.Need) && !visitor.Meets(needs[pattern]) {
				t.Errorf("%s leads a %s, who may settle it, to a page that they may not open", k.Kind, role)
			}
		}
		for _, lang := range languages {
			for _, id := range []string{"console.attention." + k.Kind, "console.attention." + k.Kind + ".do"} {
				if !a.Words.Has(lang, id) {
					t.Errorf("%s lacks %s", lang, id)
				}
			}
		}
	}
}

// TestOutboxIsMended tries messages again that were refused, and gives one up.
func TestOutboxIsMended(t *testing.T) {
	t.Parallel()
	server, _, a := open(t, everybody{})
	for _, to := range []string{"anna@example.com", named(60) + "@example.com"} {
		refuses(t, a, to)
	}
	_, text := fetch(t, "GET", server.URL+"/console/outbox", "")
	for _, part := range unescaped {
		if strings.Contains(text, part) {
			t.Errorf("the outbox has %q", part)
		}
	}
	if !strings.Contains(text, `action="/console/outbox/retry"`) || strings.Count(text, "no such mailbox") != 2 {
		t.Errorf("the outbox is %s", text)
	}
	all, err := a.Messages(system(), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/console/outbox/retry", "/console/outbox/1/give-up"} {
		if answer, _ := fetch(t, "POST", server.URL+path, ""); answer.StatusCode != http.StatusSeeOther {
			t.Errorf("%s is answered %d", path, answer.StatusCode)
		}
	}
	if answer, _ := fetch(t, "POST", server.URL+"/console/outbox/99/give-up", ""); answer.StatusCode != http.StatusNotFound {
		t.Errorf("a message that is not there is answered %d", answer.StatusCode)
	}
	again, err := a.Messages(system(), 0, 10)
	if err != nil || len(again) != len(all) || again[0].Tried != 0 || !app.GivenUp(&again[1]) {
		t.Errorf("there are %+v (%v)", again, err)
	}
}

// TestPricesAreSet sets a price in the console, with a comma, and refuses what is none.
func TestPricesAreSet(t *testing.T) {
	t.Parallel()
	server, _, a := open(t, everybody{})
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	for _, wrong := range []string{"sku=TEA", "sku=TEA&price=x", "price=1.00", "sku=TEA&price=5.00&regular_price=4.00", "sku=TEA&price=-1"} {
		if answer, text := fetch(t, "POST", server.URL+"/console/prices", wrong, form...); answer.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(text, "is-invalid") {
			t.Errorf("%s is answered %d: %s", wrong, answer.StatusCode, text)
		}
	}
	if answer, _ := fetch(t, "POST", server.URL+"/console/prices", "sku=TEA&price=39%2C90&regular_price=49.90", form...); answer.StatusCode != http.StatusSeeOther {
		t.Fatalf("a price is answered %d", answer.StatusCode)
	}
	if price, err := a.ListPrice(t.Context(), "TEA", "web"); err != nil || price != 3990 {
		t.Errorf("the price is %d (%v)", price, err)
	}
	if _, text := fetch(t, "GET", server.URL+"/console/prices?sku=TEA", ""); !strings.Contains(text, "39.90") || !strings.Contains(text, "49.90") {
		t.Errorf("the history is %s", text)
	}
}

// refuses lets a message be tried that the mail server does not take.
func refuses(t *testing.T, a *app.App, to string) {
	t.Helper()
	_, err := a.Store.AddMessage(t.Context(), &store.Message{Channel: app.EmailChannel, Recipient: to, Body: "Hello", Created: a.Journal.Now()}, 0)
	if err == nil {
		err = a.SendWaiting(t.Context(), map[string]app.Sender{app.EmailChannel: func(context.Context, *store.Message) error { return errors.New("no such mailbox") }})
	}
	if err != nil {
		t.Fatal(err)
	}
}
