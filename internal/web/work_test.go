package web_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/testkit"
	"premia/internal/testkit/browser"
	"premia/internal/web/page"
)

// workPages are the pages of a program in use and of the workspace.
var workPages = []string{
	"/console/redemptions", "/console/redemptions?state=ordered", "/console/redemptions/R1", "/console/rewards", "/console/rewards/beans", "/console/campaigns",
	"/console/codes", "/console/codes/new", "/console/codes/import", "/console/codes/find", "/console/prices", "/console/contests", "/console/leaderboards", "/console/payouts", "/console/payouts/account",
	"/console/webhooks", "/console/webhooks/new", "/console/settings", "/console/upkeep",
}

// takes lets a member with coffees take one.
func takes(t *testing.T, a *app.App, id string) {
	t.Helper()
	x, err := a.Record(t.Context(), &event.Event{ID: id, Type: event.Redemption, Member: "card:2900000000025", Reward: "coffee"})
	if err != nil || x.Decision.Outcome != engine.Applied {
		t.Fatalf("the coffee was not taken: %v (%v)", x.Decision, err)
	}
}

// TestWorkPagesInWords asks for every page in every language, and finds no words
// missing.
func TestWorkPagesInWords(t *testing.T) {
	t.Parallel()
	server, _, a := open(t, everybody{})
	joins(t, a, "2900000000025")
	buys(t, a, "card:2900000000025", "W1", 20)
	takes(t, a, "R1")
	if _, _, err := a.CreateWebhook(app.WithActor(t.Context(), auth.System("test")), app.NewWebhook{URL: "https://example.com/hook", Description: hostile}); err == nil {
		t.Error("a description of 10,000 characters was taken")
	}
	w, _, err := a.CreateWebhook(app.WithActor(t.Context(), auth.System("test")), app.NewWebhook{URL: "https://example.com/hook", Description: "<script>alert(1)</script>\u202e"})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append([]string{"/console/webhooks/" + w.ID, "/console/webhooks/" + w.ID + "/edit"}, workPages...) {
		for _, lang := range languages {
			answer, text := fetch(t, "GET", server.URL+path, "", "Accept-Language", lang)
			if answer.StatusCode != http.StatusOK || strings.Contains(text, "⟦") || strings.Contains(text, "<script>alert") {
				t.Errorf("%s in %s is answered %d, or lacks words, or has a script: %.300s", path, lang, answer.StatusCode, text[max(strings.Index(text, "⟦"), 0):])
			}
		}
	}
	for _, path := range []string{"/console/redemptions", "/console/rewards", "/console/campaigns", "/console/webhooks"} {
		answer, text := fetch(t, "GET", server.URL+path+"?format=csv", "")
		if answer.Header.Get("Content-Type") != "text/csv; charset=utf-8" || strings.Count(text, "\n") < 2 {
			t.Errorf("%s is exported as %q: %s", path, answer.Header.Get("Content-Type"), text)
		}
	}
}

// hostile is a name that somebody chose to break pages.
var hostile = strings.Repeat("<script>alert(1)</script>\u202e", 400)

// TestWorkNeedsPermissions asks for every route of these pages as a cashier and as a
// stranger.
func TestWorkNeedsPermissions(t *testing.T) {
	t.Parallel()
	gate := &roleGate{role: auth.Cashier}
	server, site, _ := open(t, gate)
	for _, route := range site.Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		known := false
		for _, subject := range []string{"redemptions", "rewards", "campaigns", "codes", "contests", "leaderboards", "payouts", "webhooks", "settings", "upkeep", "charts"} {
			known = known || strings.HasPrefix(path, "/console/"+subject)
		}
		if !known {
			continue
		}
		for name := range strings.SplitSeq(path, "/") {
			if strings.HasPrefix(name, "{") {
				path = strings.Replace(path, name, "x", 1)
			}
		}
		if answer, _ := fetch(t, method, server.URL+path, ""); answer.StatusCode != http.StatusForbidden {
			t.Errorf("a cashier is answered %d by %s", answer.StatusCode, route.Pattern)
		}
	}
}

// roleGate lets everybody in as a user of a role.
type roleGate struct{ role auth.Role }

func (g *roleGate) Visitor(*http.Request) (page.Visitor, error) {
	return page.Visitor{UserID: "usr_test", Name: "Jan", Role: string(g.role), Proved: true, May: func(p string) bool { return auth.Allows(g.role, auth.Permission(p)) }}, nil
}

// TestRedemptionIsRefunded refunds a reward in a browser: once, however often it is sent.
func TestRedemptionIsRefunded(t *testing.T) {
	t.Parallel()
	server, _, a := open(t, everybody{})
	joins(t, a, "2900000000025")
	buys(t, a, "card:2900000000025", "W1", 20)
	takes(t, a, "R1")
	tab := browser.Open(t, server.URL, "en")
	tab.Go("/console/redemptions")
	tab.Click(`a[href="/console/redemptions/R1"]`)
	tab.Read("handed over")
	if file := os.Getenv("SHOT"); file != "" {
		_ = os.WriteFile(file+"-redemption.png", tab.Screenshot(), 0o644)
	}
	tab.Click(`form[action="/console/redemptions/R1/refund"] button`)
	tab.Click(`#confirm button[value="yes"]`)
	tab.Read("The price was given back.")
	x, err := a.Redemption(t.Context(), "R1")
	if err != nil || x.Status != "refunded" {
		t.Errorf("the redemption is %+v (%v)", x, err)
	}
	if answer, _ := fetch(t, "POST", server.URL+"/console/redemptions/R1/refund", url.Values{"id": {"again"}}.Encode(), "Content-Type", "application/x-www-form-urlencoded"); answer.StatusCode != http.StatusSeeOther {
		t.Errorf("a second refund is answered %d", answer.StatusCode)
	}
	tab.Go("/console/redemptions/R1")
	tab.Everywhere("/console/redemptions/R1", languages...)
}

// TestWebhookInABrowser adds a receiver, rotates its secret and sends it a test.
func TestWebhookInABrowser(t *testing.T) {
	t.Parallel()
	server, _, a := open(t, everybody{})
	tab := browser.Open(t, server.URL, "en")
	tab.Go("/console/webhooks/new")
	tab.Fill("#url", "https://example.com/hook")
	tab.Click("input[value='points.earned']")
	tab.Click(".steps-narrow form button")
	first := tab.See("#secret")
	all, err := a.Webhooks(system())
	if err != nil || len(all) != 1 {
		t.Fatalf("there are %d receivers (%v)", len(all), err)
	}
	path := "/console/webhooks/" + all[0].ID
	if len(all[0].Types) != 1 || all[0].Types[0] != "points.earned" {
		t.Errorf("it gets %q", all[0].Types)
	}
	tab.Go(path + "/edit")
	tab.Click("input[value='points.earned']")
	tab.Click("input[value='tier.changed']")
	tab.Click(".steps-narrow form button")
	tab.See("#main dl")
	if w, err := a.Webhook(system(), all[0].ID); err != nil || len(w.Types) != 1 || w.Types[0] != "tier.changed" {
		t.Errorf("it gets %q then (%v)", w.Types, err)
	}
	tab.Go(path)
	if tab.Has("#secret") {
		t.Error("the secret is shown again")
	}
	tab.Click(`form[action="` + path + `/rotate"] button`)
	tab.Click(`#confirm button[value="yes"]`)
	if second := tab.See("#secret"); second == first || second == "" {
		t.Errorf("the secret did not change: %q", second)
	}
	tab.Go(path)
	tab.Click(`form[action="` + path + `/test"] button`)
	tab.Read("The test is on its way.")
	tab.Everywhere(path, languages...)
}

// TestSettingsInABrowser changes how the workspace looks.
func TestSettingsInABrowser(t *testing.T) {
	t.Parallel()
	server, _, a := open(t, everybody{})
	tab := browser.Open(t, server.URL, "en")
	tab.Go("/console/settings")
	tab.Fill("#name", "Kawa & <b>spółka</b>")
	tab.Click(`form[action="/console/settings"] button`)
	tab.Read("Saved.")
	x, err := a.Appearance(t.Context())
	if err != nil || x.Name != "Kawa & <b>spółka</b>" || len(x.Languages) != 4 {
		t.Errorf("the workspace looks like %+v (%v)", x, err)
	}
	tab.Clean()
}

// TestCodesInABrowser makes codes, looks one up and blocks it.
func TestCodesInABrowser(t *testing.T) {
	t.Parallel()
	server, _, a := open(t, everybody{})
	document, err := os.ReadFile(filepath.Join(testkit.RepoRoot(t), "programs", "cafe", "program.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	with := strings.Replace(string(document), "\nrewards:\n", "\nrewards:\n  - {id: tenth, name: {pl: Dziesięć procent, en: A tenth off, cs: Deset procent, ru: Десять процентов}, kind: discount, discount: {percent: 10}, voucher: {for: bearer}, codes: {pattern: \"TENTH-########\"}}\n", 1)
	if _, err := a.Publish(t.Context(), []byte(with), calendar.None, ""); err != nil {
		t.Fatal(err)
	}
	tab := browser.Open(t, server.URL, "en")
	tab.Go("/console/codes/new")
	tab.Choose("#reward", "tenth")
	tab.Fill("#count", "12")
	tab.Click(".steps-narrow form button")
	tab.Read("Codes made: 12.")
	batches, err := a.CodeBatches(t.Context())
	if err != nil || len(batches) != 1 {
		t.Fatalf("there are %d batches (%v)", len(batches), err)
	}
	path := "/console/codes/" + batches[0].ID
	_, file := fetch(t, "GET", server.URL+path+"/file", "")
	lines := strings.Split(strings.TrimSpace(file), "\n")
	if len(lines) != 13 || !strings.HasPrefix(lines[1], "TENTH-") {
		t.Fatalf("the file has %d lines: %s", len(lines), file)
	}
	code, _, _ := strings.Cut(lines[1], ",")
	tab.Go("/console/codes/find")
	tab.Fill("#code", code)
	tab.Click(".steps-narrow form button")
	tab.Read("A tenth off")
	tab.Click(`form[action="/console/codes/block"] button`)
	tab.Click(`#confirm button[value="yes"]`)
	tab.Read("The code is blocked.")
	if x, err := a.Code(t.Context(), code); err != nil || x.State != app.CodeBlocked {
		t.Errorf("the code is %+v (%v)", x, err)
	}
	tab.Everywhere(path, languages...)
}

// TestWorkPagesEverywhere looks at each page on a phone and in both looks, in each
// language.
func TestWorkPagesEverywhere(t *testing.T) {
	t.Parallel()
	server, _, a := open(t, everybody{})
	joins(t, a, "2900000000025")
	buys(t, a, "card:2900000000025", "W1", 20)
	takes(t, a, "R1")
	tab := browser.Open(t, server.URL, "en")
	for _, path := range workPages {
		tab.Everywhere(path, languages...)
	}
}
