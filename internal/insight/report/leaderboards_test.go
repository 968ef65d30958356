package report_test

import (
	"bytes"
	"strings"
	"testing"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/leaderboard"
	"premia/internal/core/mechanic/merge"
	"premia/internal/core/program"
	"premia/internal/insight/report"
)

// TestLeaderboards says how often something counted on a leaderboard, counted less, and
// brought a prize, and what the prizes cost.
func TestLeaderboards(t *testing.T) {
	doc, err := program.Load("program.yaml", []byte(`
program: shop
currency: PLN
timezone: Europe/Warsaw
languages: [en]
wallets: {points: {name: points, worth: 0.10}}
returns: {}
leaderboards: [{id: top, by: spend, period: calendar month, prizes: [{places: 1, give: {points: 30}}]}]
`), engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	rules := engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: doc.Program})
	at := 20_000 * calendar.Day
	b, past, state := report.NewBuilder(rules, at+100*calendar.Day), merge.Memory{}, &ledger.State{Status: ledger.Active, EnrolledAt: 1}
	board := leaderboard.ByID(doc.Program, "top")
	since, ends, _ := board.Period(at)
	place := leaderboard.Place{Counts: board.Counts, Since: since, Place: 1, Value: 10_00}
	for i, e := range []event.Event{
		{Type: event.Purchase, Order: "A", Total: 10_00, Given: event.GivenTotal, At: at}, {Type: event.Purchase, Order: "B", Total: 10_00, Given: event.GivenTotal, At: at},
		{Type: event.Return, Order: "B", At: at}, {Type: event.LeaderboardPrize, At: ends - 1, Carried: place.Append()},
	} {
		e.ID = string(rune('a' + i))
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
	if len(x.Leaderboards) != 1 {
		t.Fatalf("the report has %+v", x.Leaderboards)
	}
	if l := x.Leaderboards[0]; l.Counted != 2 || l.CountedLess != 1 || l.Prizes != 1 || l.Cost == nil || l.Cost.Minor != 3_00 {
		t.Errorf("the leaderboard came to %+v", l)
	}
	var table bytes.Buffer
	if err := x.WriteTable(&table); err != nil || !strings.Contains(table.String(), "places with a prize") {
		t.Errorf("the table is %s (%v)", table.String(), err)
	}
}
