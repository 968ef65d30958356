package profile_test

import (
	"bytes"
	"cmp"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/testkit/mechanics"
)

// happened is an event, or only time that passes.
type happened struct {
	at calendar.Instant
	e  event.Event
}

// TestItMakesNoDifferenceWhoLooksWhen lives some years twice, once with looks at
// random moments in between, and finds the same value, the same days and, on each
// day that comes by itself, at most one in a calendar year.
func TestItMakesNoDifferenceWhoLooksWhen(t *testing.T) {
	d := mechanics.Read(t, "testdata/occasions.yaml")
	start := calendar.Of(time.Date(2026, 1, 1, 10, 0, 0, 0, time.UTC))
	days := []string{"01-05", "02-28", "02-29", "06-14", "12-20", "12-31", ""}
	rapid.Check(t, func(t *rapid.T) {
		moment := rapid.Int64Range(0, 5*365*24)
		at := func(name string) calendar.Instant {
			return start + calendar.Instant(moment.Draw(t, name))*calendar.Day/24
		}
		var events, looks []happened
		for range rapid.IntRange(0, 12).Draw(t, "changes") {
			day := rapid.SampledFrom(days).Draw(t, "day")
			e := event.Event{Type: event.Profile, Data: []event.Datum{{Name: engine.BirthdayFact, Kind: event.Text, Text: day}}}
			events = append(events, happened{at("change"), e})
		}
		for range rapid.IntRange(0, 8).Draw(t, "purchases") {
			e := event.Event{Type: event.Purchase, Total: rapid.Int64Range(100, 40000).Draw(t, "total"), Given: event.GivenTotal}
			events = append(events, happened{at("purchase"), e})
		}
		for range rapid.IntRange(1, 20).Draw(t, "looks") {
			looks = append(looks, happened{at("look"), event.Event{Type: event.Settle}})
		}
		seldom, _ := live(d.Program, start, events)
		often, came := live(d.Program, start, append(looks, events...))
		if !bytes.Equal(seldom.Append(nil), often.Append(nil)) {
			t.Fatalf("the state differs:\n%+v\n%+v", seldom, often)
		}
		for i := range came {
			if i > 0 && (came[i] < came[i-1]+180*calendar.Day || came[i].In(d.Program.Zone).Year() == came[i-1].In(d.Program.Zone).Year()) {
				t.Fatalf("birthdays on %s and %s", came[i-1], came[i])
			}
		}
	})
}

// live decides all events in their order and gives the state at the end, and when
// birthdays came.
func live(p *engine.Program, start calendar.Instant, all []happened) (*ledger.State, []calendar.Instant) {
	s, rules := &ledger.State{}, engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: p})
	all = append([]happened{{start, event.Event{Type: event.Enrolment}}}, all...)
	all = append(all, happened{start + 6*366*calendar.Day, event.Event{Type: event.Settle}})
	slices.SortStableFunc(all, func(a, b happened) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(b.e.Type, a.e.Type)) // looks first
	})
	var came []calendar.Instant
	for i := range all {
		var d engine.Decision
		all[i].e.At = all[i].at
		new(engine.Decider).Decide(rules, s, &all[i].e, engine.Inputs{Clock: all[i].at, Member: 1}, &d)
		for _, step := range d.Steps {
			if step.Result == engine.Came && step.Rule == p.Birthday {
				came = append(came, calendar.Instant(step.Base))
			}
		}
	}
	return s, came
}
