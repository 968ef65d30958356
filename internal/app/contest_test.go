package app_test

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/contest"
	"premia/internal/core/mechanic/member"
	"premia/internal/journal"
	"premia/internal/store"
	"premia/internal/testkit"
)

const contestProgram = `
program: Contests
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets:
  points: {name: {en: points}, debt: carry}
returns: {}
contests:
  - id: spring
    until: 2026-03-31
    draw: 2026-04-02 12:00
    per: 10.00
    most: 4
    prizes:
      - {id: first, give: {points: 1000}}
      - {id: second, winners: 4, give: {points: 100}}
`

// TestContestsAreDrawnOnce lets two servers draw one contest at the same time, again and
// again: each winner gets one prize, what is published is the same, was committed to
// beforehand and can be drawn again; entries of goods that went back are not there.
func TestContestsAreDrawnOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		clock := testkit.NewClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
		var servers [2]*history
		for i := range servers {
			a, err := app.Open(t.Context(), app.Config{DB: url, Migrate: true, Clock: clock.Now})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { a.Close() })
			servers[i] = &history{App: a, t: t, url: url, clock: clock}
			if i == 0 {
				servers[0].publish(contestProgram)
			}
		}
		h := servers[0]
		var members []ledger.MemberID
		for n := range 30 {
			members = append(members, h.append(h.purchase(n, fmt.Sprintf("%d.00", 10+10*(n%3)), "app")).Member)
		}
		// 60 entries, less three of goods that went back, of which one member is erased.
		h.append(journal.Request{Member: members[2], Event: &event.Event{ID: "back", Type: event.Return, Order: "O-app-2"}})
		for n := 10; n < 20; n++ {
			h.append(journal.Request{Member: members[n], Event: &event.Event{ID: fmt.Sprint("gone-", n), Type: event.Profile, Data: []event.Datum{{Name: member.Erased, Kind: event.Truth, Whole: 1}}},
				Forget: []store.PersonalKey{{}}})
		}
		before, err := h.Contest(t.Context(), "spring")
		if err != nil || before.State != contest.Announced || before.Entries != 57 || before.Seed != "" || len(before.Tickets) > 0 {
			t.Fatalf("%+v (%v) is public before the draw", before, err)
		}
		if _, err := h.DrawContest(t.Context(), "spring"); err == nil || !strings.Contains(err.Error(), "not before") {
			t.Errorf("drawn too early: %v", err)
		}
		clock.Advance(40 * 24 * time.Hour)
		var all sync.WaitGroup
		drawn := make([]*contest.Published, 8)
		for i := range drawn {
			all.Go(func() {
				p, err := servers[i%2].DrawContest(t.Context(), "spring")
				if err != nil {
					t.Error(err)
					return
				}
				drawn[i] = p
			})
		}
		all.Wait()
		if t.Failed() {
			return
		}
		p := drawn[0]
		for _, other := range drawn {
			if !reflect.DeepEqual(other, p) {
				t.Errorf("two draws: %+v and %+v", p, other)
			}
		}
		if len(p.Tickets) != 57 || p.State != contest.Finished || won(p) != 5 || p.Commitment != before.Commitment {
			t.Errorf("%d tickets and %d winners, want 57 and 5, as committed", len(p.Tickets), len(p.Winners))
		}
		if err := contest.Check(p); err != nil {
			t.Error(err)
		}
		if sum := points(t, h.Store, h.Journal.Rules().Names); sum != 1400 {
			t.Errorf("%d points were given, want 1400", sum)
		}
		wantHealthy(t, h.Store)
	})
}

func won(p *contest.Published) (n int) {
	for i := range p.Winners {
		if p.Winners[i].State == contest.Has {
			n++
		}
	}
	return n
}

// TestCommitmentsAreSaid finds in each language, under the rules of each contest, the
// digest that is public of it and no other's.
func TestCommitmentsAreSaid(t *testing.T) {
	t.Parallel()
	clock := testkit.NewClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
	a, err := app.Open(t.Context(), app.Config{DB: "sqlite:" + t.TempDir() + "/premia.db", Migrate: true, Clock: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	h := &history{App: a, t: t, clock: clock}
	h.publish(contestProgram + `
  - {id: autumn, until: 2026-10-31, draw: 2026-11-02, prizes: [{id: only, give: {points: 5}}]}
`)
	for _, lang := range []string{"en", "pl", "cs", "ru"} {
		sections, err := h.Describe(0, lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"spring", "autumn"} {
			p, err := h.Contest(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			said := 0
			for _, s := range sections {
				if strings.Contains(strings.Join(s.Lines, "\n"), p.Commitment) {
					if said++; !strings.Contains(s.Heading, id) {
						t.Errorf("in %s the digest of %s stands under %q", lang, id, s.Heading)
					}
				}
			}
			if said != 1 {
				t.Errorf("in %s the digest of %s stands under %d headings", lang, id, said)
			}
		}
	}
}
