package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"premia/internal/api"
	"premia/internal/core/calendar"
)

const ladders = `
tiers:
  status:
    name: {en: Status, pl: Status}
    by: spend
    period: calendar year
    levels:
      - {id: bronze, name: {en: Bronze, pl: Brązowy}}
      - {id: silver, name: {en: Silver, pl: Srebrny}, from: 500.00, benefits: {welcome: {points: 50}}}
      - {id: gold, name: {en: Gold, pl: Złoty}, from: 2000.00}
    keep: until the end of the next year
    grace: 1mo
`

// TestTiersOverTheAPI shows where a member stands, what a purchase would bring,
// and that time takes a level, with an entry of its own, which verify agrees with.
func TestTiersOverTheAPI(t *testing.T) {
	t.Parallel()
	onEach(t, "refuse", func(t *testing.T, f *fixture) {
		if _, err := f.app.Publish(context.Background(), []byte(fmt.Sprintf(document, "refuse")+ladders), calendar.None, "ladders"); err != nil {
			t.Fatal(err)
		}
		f.clock.Advance(time.Hour)
		f.member("1", "400.00")
		read := func(lang string) api.Tier {
			return must[api.Tiers](f, 200, http.MethodGet, "/v1/members/card:1/tiers?lang="+lang, "").Tiers[0]
		}
		if x := read("en"); x.Level.ID != "bronze" || x.Counted != "400.00" || x.Missing != "100.00" || x.Next.Title != "Silver" || x.Until != nil {
			t.Errorf("before: %+v", x)
		}
		quote := must[api.QuoteAnswer](f, 200, http.MethodPost, "/v1/quotes?explain=pl", `{"type":"purchase","member":"card:1","total":"100.00"}`)
		if x := quote.Tiers[0]; x.Before != "bronze" || x.After != "silver" || x.Missing != "1500.00" || !strings.Contains(x.Words, "Srebrny") {
			t.Errorf("quoted: %+v", quote.Tiers)
		}
		must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"type":"purchase","member":"card:1","total":"100.00"}`)
		x := read("pl")
		if x.Level.Title != "Srebrny" || *x.Until != "2028-01-31T23:00:00Z" || *x.Grace != "2027-12-31T23:00:00Z" || x.Falls.ID != "bronze" || x.Needed != "" {
			t.Errorf("after: %+v", x)
		}
		if want := "Poziom Srebrny masz do 31 stycznia 2028, potem Brązowy."; len(x.Words) != 3 || x.Words[2] != want {
			t.Errorf("said: %q", x.Words)
		}
		if b := f.balance("card:1"); b != "560" {
			t.Errorf("with the welcome gift there are %s", b)
		}
		f.clock.Advance(310 * 24 * time.Hour)
		if x := read("en"); x.Needed != "500.00" || *x.NeededBy != "2027-12-31T23:00:00Z" || !strings.Contains(x.Words[2], "500.00 until 31 December 2027.") {
			t.Errorf("a year later: %+v", x)
		}
		f.clock.Advance(400 * 24 * time.Hour)
		if x := read("en"); x.Level.ID != "bronze" || x.Until != nil {
			t.Errorf("when it is over: %+v", x)
		}
		if n, err := f.app.Journal.Sweep(context.Background()); err != nil || n != 1 {
			t.Errorf("swept %d: %v", n, err)
		}
		if n, err := f.app.Journal.Sweep(context.Background()); err != nil || n != 0 {
			t.Errorf("swept again %d: %v", n, err)
		}
		history := f.request(http.MethodGet, "/v1/members/card:1/history?lang=en", "").Body.String()
		for _, part := range []string{`"at":"2028-01-31T23:00:00Z"`, `"result":"level_lost"`, "your level is Bronze now, before it was Silver (1 February 2028)"} {
			if !strings.Contains(history, part) {
				t.Errorf("the history lacks %s: %s", part, history)
			}
		}
		f.verified()
	})
}
