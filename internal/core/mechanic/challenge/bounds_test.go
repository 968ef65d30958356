package challenge_test

import (
	"fmt"
	"testing"

	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/challenge"
	"premia/internal/testkit/mechanics"
)

const bounded = `
wallets: {days: {name: days}, years: {name: years}, tastes: {name: tastes}, months: {name: months}}
returns: {}
challenges:
  - {id: tastes, count: products, goal: 100, give: {tastes: 1}}
  - {id: daily, each: day, goal: 1, give: {months: 1}}
streaks:
  - {id: long, every: day, milestones: [{length: 100, give: {days: 1}}, {length: 365, give: {years: 1}}], repeat: 2}
`

// TestBounds walks far beyond what is remembered one by one: long streaks count
// on, and the state stays small.
func TestBounds(t *testing.T) {
	p := mechanics.Load(t, bounded)
	m := &mechanics.Member{T: t, Program: p, State: ledger.State{Status: ledger.Active, EnrolledAt: 1}, ID: 1}
	at := mechanics.Began
	streak := func() int64 {
		for _, s := range challenge.Standings(p, &m.State, at) {
			if s.Kind == "streak" {
				return s.Have
			}
		}
		return -1
	}
	live := func(days int) {
		for range days {
			at = calendar.Add(at, calendar.Span{Days: 1}, p.Zone)
			m.Decide(event.Event{Type: event.Purchase, At: at, Items: []event.Item{{SKU: fmt.Sprint(at), Quantity: 1000, Total: 100, GivenTotal: true}}})
		}
	}
	has := func(days, years int64) {
		t.Helper()
		if d, y := m.Balance("days").Available, m.Balance("years").Available; d != days || y != years {
			t.Fatalf("after a streak of %d: %d of a hundred days and %d of a year, want %d and %d", streak(), d, y, days, years)
		}
	}
	live(364)
	has(1, 0)
	if got := streak(); got != 364 {
		t.Errorf("the streak is %d days long, want 364", got)
	}
	live(1)
	has(1, 1)
	live(100) // the second round
	has(2, 1)
	at = calendar.Add(at, calendar.Span{Days: 1}, p.Zone) // a missed day
	live(99)
	has(2, 1)
	live(1)
	has(3, 1)
	live(200) // the long one is forgotten with what it reached
	has(3, 1)
	live(65)
	has(3, 2)
	if got := m.Balance("tastes").Available; got != 1 {
		t.Errorf("a hundred tastes were given %d times", got)
	}
	if got := m.Balance("months").Available; got != 830 {
		t.Errorf("%d days were given something, want 830", got)
	}
	m.State.Wallets = nil // what was given is not what this is about
	if size := len(m.State.Append(nil)); size > 3200 {
		t.Errorf("the goals take %d bytes of the state", size)
	} else {
		t.Logf("the goals take %d bytes of the state", size)
	}
}
