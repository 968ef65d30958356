package report_test

import (
	"bytes"
	"strings"
	"testing"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/merge"
	"premia/internal/core/program"
	"premia/internal/insight/report"
)

// TestGoals says how often each goal was reached, how often a return undid it, and
// what those that stay cost.
func TestGoals(t *testing.T) {
	doc, err := program.Load("program.yaml", []byte(`
program: shop
currency: PLN
timezone: Europe/Warsaw
languages: [en]
wallets: {points: {name: points, worth: 0.10}, stars: {name: stars}}
returns: {}
challenges:
  - {id: visits, milestones: [{goal: 1, give: {points: 30}}, {goal: 3, give: {points: 50}}]}
  - {id: stars, goal: 1, give: {stars: 1}}
`), engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	rules := engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: doc.Program})
	b, past := report.NewBuilder(rules, 20_001*calendar.Day), merge.Memory{}
	state := &ledger.State{Status: ledger.Active, EnrolledAt: 1}
	for i, e := range []event.Event{
		{Type: event.Purchase, Order: "A"}, {Type: event.Purchase, Order: "B"}, {Type: event.Purchase, Order: "C"}, {Type: event.Return, Order: "B"},
	} {
		e.ID, e.At = string(rune('a'+i)), 20_000*calendar.Day
		if e.Type == event.Purchase {
			e.Total, e.Given = 10_00, event.GivenTotal
		}
		var d engine.Decision
		new(engine.Decider).Decide(rules, state, &e, engine.Inputs{Clock: e.At, Member: 1, History: past.Of(1)}, &d)
		past.Keep(1, &e, nil, &d)
		b.Decision(e.Type, e.Total, &d)
	}
	b.Member(state)
	both := b.Fresh()
	both.Merge(b)
	x, err := both.Report()
	if err != nil {
		t.Fatal(err)
	}
	if len(x.Goals) != 2 {
		t.Fatalf("the report has the goals %+v", x.Goals)
	}
	stars, visits := x.Goals[0], x.Goals[1]
	if visits.Goal != "challenge.visits" || visits.Reached[0] != 1 || visits.Reached[1] != 1 || visits.TakenBack[0] != 0 || visits.TakenBack[1] != 1 || visits.Cost.Minor != 3_00 {
		t.Errorf("visits: %+v, cost %v", visits, visits.Cost)
	}
	if stars.Reached[0] != 1 || stars.Cost != nil {
		t.Errorf("stars: %+v", stars)
	}
	var table bytes.Buffer
	if err := x.WriteTable(&table); err != nil || !strings.Contains(table.String(), "challenge.visits") || !strings.Contains(table.String(), "undone 2") {
		t.Errorf("%v\n%s", err, table.String())
	}
}
