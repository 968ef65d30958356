package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/journal"
	"premia/internal/testkit"
)

const goalsProgram = `
program: Goals
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets: {points: {name: points, debt: carry}}
returns: {}
badges: {regular: {name: Regular}}
challenges:
  - {id: three, goal: 3, give: {points: 30}, badge: regular}
  - {id: tastes, count: products, each: month, goal: 2, give: {points: 5}}
streaks: [{id: daily, every: day, length: 2, give: {points: 1}}]
`

// TestGoalsInTheJournal lets goals be reached, lost by returns, carried by a merge
// and undone under a later program that does not have them, and has all of it
// decided again from the journal.
func TestGoalsInTheJournal(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := &history{t: t, url: url, clock: testkit.NewClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))}
		var err error
		if h.App, err = app.Open(t.Context(), app.Config{DB: url, Migrate: true, Clock: h.clock.Now}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { h.Close() })
		h.publish(goalsProgram)
		happens := func(card, kind, order, sku string) journal.Answer {
			t.Helper()
			h.clock.Advance(13 * time.Hour)
			src := fmt.Sprintf(`{"id":"%s-%s","type":%q,"order":%q,"items":[{"sku":%q,"total":"5.00"}]}`, kind, order, kind, order, sku)
			if kind == event.Return {
				src = fmt.Sprintf(`{"id":"%s-%s","type":%q,"order":%q}`, kind, order, kind, order)
			}
			e, err := event.Decode([]byte(src), event.Scales{Currency: 2})
			if err == nil {
				err = e.Check("PLN", 2)
			}
			if err != nil {
				t.Fatal(err)
			}
			return h.append(journal.Request{Event: e, Identity: journal.Identity{Kind: "card", Value: card}, Unknown: engine.EnrolUnknown})
		}
		has := func(points int64, badges int) {
			t.Helper()
			standings, worn, id, err := h.Challenges(t.Context(), "card:2")
			if err != nil || len(worn) != badges {
				t.Fatalf("%v, badges %+v, want %d of %+v", err, worn, badges, standings)
			}
			m, err := h.Member(t.Context(), id.String())
			if err != nil || m.Wallets[0].Net() != points {
				t.Fatalf("%v, points %d, want %d", err, m.Wallets[0].Net(), points)
			}
		}
		first := happens("1", event.Purchase, "A", "a").Member
		happens("2", event.Purchase, "B", "a")
		second := happens("2", event.Purchase, "C", "b").Member
		has(6, 0) // two tastes, two days
		h.append(h.merge("m", first, second))
		if _, err := h.Journal.Deliver(t.Context(), journal.FollowUps{Journal: h.Journal}); err != nil {
			t.Fatal(err)
		}
		happens("2", event.Purchase, "D", "b")
		has(36, 1)
		happens("2", event.Return, "A", "")
		has(36, 1)
		happens("1", event.Return, "B", "")
		has(0, 0) // one taste, one day, two purchases
		wantHealthy(t, h.Store)
		happens("2", event.Purchase, "E", "a")
		has(35, 1) // another day was missed
		h.clock.Advance(time.Hour)
		h.publish(strings.ReplaceAll(goalsProgram, "{id: t", "{paused: true, id: t"))
		happens("2", event.Return, "D", "")
		has(5, 0) // what is paused counts nothing, and returns undo it all the same
		h.publish(strings.Split(goalsProgram, "badges:")[0] + "badges: {regular: {name: Regular}}\n")
		happens("2", event.Return, "E", "")
		has(0, 0) // undone as the program said under which it was bought
		if v := wantHealthy(t, h.Store); v.Rederived != 0 || v.Replayed != v.Entries {
			t.Errorf("%+v, want all replayed", v)
		}
	})
}
