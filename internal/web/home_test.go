package web_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/testkit/browser"
)

// buys lets a new or known member buy coffees.
func buys(t *testing.T, a *app.App, card, id string, coffees int) {
	t.Helper()
	scales, err := a.Scales()
	if err != nil {
		t.Fatal(err)
	}
	e, err := event.Decode(fmt.Appendf(nil, `{"id":%q,"type":"purchase","member":%q,"order":%q,"items":[{"sku":"LATTE","category":"coffee","quantity":%d,"total":"%d.00"}]}`, id, card, id, coffees, 15*coffees), scales)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Record(t.Context(), e); err != nil {
		t.Fatal(err)
	}
}

// joins enrols a member by a card.
func joins(t *testing.T, a *app.App, card string) {
	t.Helper()
	if _, err := a.Enrol(t.Context(), app.Change{Identities: []string{"card:" + card}}); err != nil {
		t.Fatal(err)
	}
}

func TestHome(t *testing.T) {
	t.Parallel()
	server, _, a := open(t, everybody{})
	joins(t, a, "2900000000025")
	for n := range 9 { // a chain's figures have nine digits
		buys(t, a, "card:2900000000025", fmt.Sprint("H", n), 1_000_000)
	}
	tab := browser.Open(t, server.URL, "en")
	tab.Width(1280)
	tab.Go("/console")
	tab.Read("What needs attention")
	tab.NoOverflow()
	if value := tab.See(".figure-long, .figure-longest"); !strings.Contains(value, ",000") {
		t.Errorf("the longest figure is %q", value)
	}
	inside := `[...document.querySelectorAll(".figure, .figure-label")].every(e => e.scrollWidth <= e.clientWidth)`
	if !browser.Script[bool](tab, inside) {
		t.Error("a figure leaves its card")
	}
	tab.Width(360)
	if !browser.Script[bool](tab, inside) {
		t.Error("on a phone a figure leaves its card")
	}
	tab.Read("Active in 30 days")
	if n := browser.Script[int](tab, `document.querySelectorAll("[data-chart] svg path").length`); n == 0 {
		t.Error("no chart was drawn")
	}
	tab.Everywhere("/console", languages...)
	if file := os.Getenv("SHOT"); file != "" {
		tab.Go("/console")
		_ = os.WriteFile(file, tab.Screenshot(), 0o644)
	}
}

// TestHomeWithoutAnybody finds acts instead of charts where nothing can be drawn, and the
// navigation on a page of the console that is not there.
func TestHomeWithoutAnybody(t *testing.T) {
	t.Parallel()
	server, _, _ := open(t, everybody{})
	_, home := fetch(t, "GET", server.URL+"/console", "")
	for _, want := range []string{"Nobody came in these 30 days", `href="/console/poster"`, "Nothing was earned or spent", `href="/till"`} {
		if !strings.Contains(home, want) {
			t.Errorf("%q is not on the first page of a workspace without members", want)
		}
	}
	if strings.Contains(home, "data-chart=") {
		t.Error("a chart without data is drawn")
	}
	answer, nothing := fetch(t, "GET", server.URL+"/console/nothing", "")
	if answer.StatusCode != 404 || !strings.Contains(nothing, `href="/console/members"`) {
		t.Errorf("the page of what is not there, %d, has no navigation: %s", answer.StatusCode, nothing)
	}
}

// TestHomeSaysWhatIsNewOnly asks for the living part of the home page again and again:
// there is an answer only when something changed.
func TestHomeSaysWhatIsNewOnly(t *testing.T) {
	t.Parallel()
	server, _, a := open(t, everybody{})
	_, first := fetch(t, "GET", server.URL+"/console/live", "")
	_, seen, _ := strings.Cut(first, "seen=")
	seen, _, _ = strings.Cut(seen, `"`)
	_, charts := fetch(t, "GET", server.URL+"/console/charts", "")
	_, drawn, _ := strings.Cut(charts, "seen=")
	drawn, _, _ = strings.Cut(drawn, `"`)
	if answer, text := fetch(t, "GET", server.URL+"/console/live?seen="+seen, ""); answer.StatusCode != 204 || text != "" {
		t.Fatalf("nothing new was answered with %d: %s", answer.StatusCode, text)
	}
	joins(t, a, "2900000000025")
	if _, err := a.CatchUpFigures(t.Context()); err != nil {
		t.Fatal(err)
	}
	figures := a.StartFigures(t.Context(), 1)
	defer figures.Stop()
	for {
		if answer, text := fetch(t, "GET", server.URL+"/console/live?seen="+seen, ""); answer.StatusCode == 200 {
			if !strings.Contains(text, ">1<") {
				t.Errorf("the new member is not counted: %s", text)
			}
			answer, text = fetch(t, "GET", server.URL+"/console/charts?seen="+drawn, "")
			if answer.StatusCode != 200 || !strings.Contains(text, `data-chart="chart-activity-data"`) || !strings.Contains(text, "so far") {
				t.Errorf("who joined today is in no chart: %d %s", answer.StatusCode, text)
			}
			return
		}
		if t.Context().Err() != nil || a.Journal.Now() == calendar.Never {
			t.Fatal("the member is never counted")
		}
	}
}
