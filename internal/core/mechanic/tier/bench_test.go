package tier_test

import (
	"testing"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/program"
)

const benchHead = `
program: Bench
currency: PLN
timezone: Europe/Warsaw
languages: [en]
wallets:
  beans: {name: beans}
earn:
  - {id: spend, give: {beans: 1, per: 1.00}}
`

const benchLadders = `
tiers:
  status:
    by: earned.beans
    period: calendar year
    levels: [{id: a}, {id: b, from: 500}, {id: c, from: 2000}, {id: d, from: 1000000}]
    keep: until the end of the next year
  rolling:
    by: spend
    period: rolling 12 months
    levels: [{id: a}, {id: b, from: 500.00}, {id: c, from: 2000.00}, {id: d, from: 1000000.00}]
`

// BenchmarkPurchase decides upon the purchases of members who buy once a day,
// without ladders and with two.
func BenchmarkPurchase(b *testing.B) {
	for name, document := range map[string]string{"no ladder": benchHead, "two ladders": benchHead + benchLadders} {
		b.Run(name, func(b *testing.B) {
			d, err := program.Load("bench.yaml", []byte(document), engine.NewNames())
			if err != nil {
				b.Fatal(err)
			}
			timeline := engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: d.Program})
			zone, _ := calendar.Zone("Europe/Warsaw")
			start := calendar.Add(0, calendar.Span{Years: 56}, zone)
			states := make([]ledger.State, 256)
			e := event.Event{Type: event.Purchase, Total: 12_50, Given: event.GivenTotal}
			var decider engine.Decider
			var out engine.Decision
			n := 0
			b.ReportAllocs()
			for b.Loop() {
				s := &states[n%len(states)]
				if n/len(states)%730 == 0 {
					*s = ledger.State{Status: ledger.Active, EnrolledAt: start}
				}
				for i := range s.Wallets {
					s.Wallets[i].Lots = s.Wallets[i].Lots[:0]
				}
				e.At = start + calendar.Instant(n/len(states)%730)*calendar.Day
				decider.Decide(timeline, s, &e, engine.Inputs{Clock: e.At, Member: 1}, &out)
				n++
			}
			b.ReportMetric(float64(len(states[0].Append(nil))), "B/state")
		})
	}
}

// TestNoLadderCostsNothing decides without ladders, and without memory.
func TestNoLadderCostsNothing(t *testing.T) {
	d, err := program.Load("bench.yaml", []byte(benchHead), engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	timeline := engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: d.Program})
	s := ledger.State{Status: ledger.Active, EnrolledAt: 1}
	var decider engine.Decider
	var out engine.Decision
	e := event.Event{Type: event.Settle, At: calendar.Day}
	decide := func() {
		e.At += calendar.Hour
		decider.Decide(timeline, &s, &e, engine.Inputs{Clock: e.At, Member: 1}, &out)
	}
	decide()
	if n := testing.AllocsPerRun(1000, decide); n != 0 {
		t.Errorf("letting time pass allocates %v times", n)
	}
	e.Type, e.Total, e.Given = event.Purchase, 12_50, event.GivenTotal
	buy := func() {
		decide()
		s.Wallets[0].Lots = s.Wallets[0].Lots[:0]
	}
	buy()
	if n := testing.AllocsPerRun(1000, buy); n != 0 {
		t.Errorf("a purchase allocates %v times", n)
	}
}
