package offer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/program"
)

// TestChooseThreeOfTen holds activations at random times, some of them late, against a
// model that keeps all that was activated for ever and counts it by hand.
func TestChooseThreeOfTen(t *testing.T) {
	var b strings.Builder
	b.WriteString("program: T\ncurrency: PLN\ntimezone: Europe/Warsaw\nlanguages: [en]\nwallets: {points: {name: points}}\noffer groups: {ten: {choose: 3, each: week}}\noffers:\n")
	for i := range 10 {
		fmt.Fprintf(&b, "- {id: o%d, group: ten, give up: true, bonus: {points: %d}}\n", i, 1<<i)
	}
	d, err := program.Load("ten.yaml", []byte(b.String()), engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	rules := engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: d.Program})
	rapid.Check(t, func(t *rapid.T) {
		s := &ledger.State{Status: ledger.Active}
		var decider engine.Decider
		var out engine.Decision
		type active struct {
			offer          int
			from, to       calendar.Instant
			used, notThere bool
		}
		var model []active
		zone := d.Program.Zone
		// Across the end of daylight saving.
		clock := calendar.Of(time.Date(2026, 10, 12, 9, 0, 0, 0, zone))
		weekOf := func(at calendar.Instant) calendar.Instant {
			day := at.In(zone)
			return calendar.Of(time.Date(day.Year(), day.Month(), day.Day()-(int(day.Weekday())+6)%7, 0, 0, 0, 0, zone))
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			clock += calendar.Instant(rapid.Int64Range(0, int64(40*calendar.Hour)).Draw(t, "later"))
			at := clock - calendar.Instant(rapid.SampledFrom([]int64{0, 0, int64(20 * calendar.Hour)}).Draw(t, "late"))
			i := rapid.IntRange(0, 9).Draw(t, "offer")
			now := slices.IndexFunc(model, func(a active) bool { return a.offer == i && a.from <= at && at < a.to })
			e, want := event.Event{At: at, Offer: fmt.Sprintf("o%d", i)}, engine.Applied
			chosen := 0
			for _, a := range model {
				if !a.notThere && weekOf(a.from) == weekOf(at) {
					chosen++
				}
			}
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0, 1:
				e.Type = event.Activation
				week := weekOf(at).In(zone)
				to := calendar.Of(time.Date(week.Year(), week.Month(), week.Day()+7, 0, 0, 0, 0, zone))
				switch {
				case slices.ContainsFunc(model, func(a active) bool { return a.offer == i && a.from < to && at < a.to }):
					want = engine.AlreadyActivated
				case chosen >= 3:
					want = engine.ChosenEnough
				default:
					model = append(model, active{offer: i, from: at, to: to})
				}
			case 2:
				e.Type = event.Deactivation
				switch {
				case now < 0:
					want = engine.NotActive
				case model[now].used:
					want = engine.OfferUsed
				default:
					model[now].to, model[now].notThere = at, true
				}
			case 3:
				e = event.Event{Type: event.Purchase, At: at, Total: 100, Given: event.GivenTotal}
				before, sum := s.BalanceOf(d.Program.Wallets[0].Name).Available, int64(0)
				for j := range model {
					if model[j].from <= at && at < model[j].to {
						model[j].used = true
						sum += 1 << model[j].offer
					}
				}
				decider.Decide(rules, s, &e, engine.Inputs{Clock: clock, Member: 1}, &out)
				if got := s.BalanceOf(d.Program.Wallets[0].Name).Available - before; got != sum {
					t.Fatalf("at %s gave %d, want %d", at, got, sum)
				}
				continue
			}
			decider.Decide(rules, s, &e, engine.Inputs{Clock: clock, Member: 1}, &out)
			if out.Outcome != want {
				t.Fatalf("%s of %s at %s came to %s, want %s", e.Type, e.Offer, at, out.Outcome, want)
			}
			var again ledger.State
			if err := ledger.DecodeState(s.Append(nil), &again); err != nil {
				t.Fatal(err)
			}
			*s = again
		}
		if len(s.Offers) > 60 {
			t.Fatalf("%d offers are kept", len(s.Offers))
		}
	})
}
