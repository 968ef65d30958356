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

// TestOffersAndContests says how often an offer was activated and used and what it cost,
// less what a return undid, and how many entries of a contest there are.
func TestOffersAndContests(t *testing.T) {
	doc, err := program.Load("program.yaml", []byte(`
program: shop
currency: PLN
timezone: Europe/Warsaw
languages: [en]
wallets: {points: {name: points, worth: 0.10}}
returns: {}
offers: [{id: week, activate: true, bonus: {points: 30}}, {id: other, personal: true, bonus: {points: 1}}]
contests: [{id: spring, until: 2026-01-31, draw: 2026-02-28, per: 5.00, prizes: [{id: one, give: {points: 1}}]}]
`), engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	rules := engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: doc.Program})
	b, past := report.NewBuilder(rules, 20_001*calendar.Day), merge.Memory{}
	state := &ledger.State{Status: ledger.Active, EnrolledAt: 1}
	for i, e := range []event.Event{
		{Type: event.Purchase, Order: "A"}, {Type: event.Activation, Offer: "week"}, {Type: event.Purchase, Order: "B"}, {Type: event.Purchase, Order: "C"},
		{Type: event.Return, Order: "B"}, {Type: event.PersonalOffer, Offer: "other"}, {Type: event.PersonalOffer, Offer: "other", Until: 1},
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
	if len(x.Offers) != 2 || len(x.Contests) != 1 {
		t.Fatalf("the report has %+v and %+v", x.Offers, x.Contests)
	}
	week, other := x.Offers[0], x.Offers[1]
	if week.Offer != "offer.week" {
		week, other = other, week
	}
	if week.Activated != 1 || week.Used != 2 || week.Cost == nil || week.Cost.Minor != 3_00 {
		t.Errorf("the offer: %+v, cost %v", week, week.Cost)
	}
	if other.Given != 1 || other.GivenUp != 1 || other.Used != 0 || other.Cost != nil {
		t.Errorf("the offer that was given: %+v", other)
	}
	if c := x.Contests[0]; c.Entries != 6 || c.TakenBack != 2 || c.Won != 0 {
		t.Errorf("the contest: %+v", c)
	}
	var table bytes.Buffer
	if err := x.WriteTable(&table); err != nil || !strings.Contains(table.String(), "offer.week") || !strings.Contains(table.String(), "entries") {
		t.Errorf("%v\n%s", err, table.String())
	}
}
