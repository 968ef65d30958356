package main

import (
	"path/filepath"
	"strings"
	"testing"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/program"
)

const costProgram = `program: Costs
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets: {beans: {name: bean, worth: 0.10}}
earn:
  - {id: spend, give: {beans: 1, per: 1.00}}
`

// TestCostOf replays a history of two purchases under twice the rules.
func TestCostOf(t *testing.T) {
	a, err := app.Open(t.Context(), app.Config{DB: "sqlite:" + filepath.Join(t.TempDir(), "premia.db"), Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	if _, err := a.Journal.Publish(t.Context(), []byte(costProgram), calendar.None, ""); err != nil {
		t.Fatal(err)
	}
	twice, err := program.Load("twice", []byte(strings.Replace(costProgram, "beans: 1, per", "beans: 2, per", 1)), engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	live, err := program.Load("live", []byte(costProgram), engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	costs, _, err := costOf(a.Store)(t.Context(), live, twice)
	if err != nil || len(costs) != 1 || costs[0].Given[1].Minor != 0 {
		t.Errorf("a workspace without events costs %+v, %v", costs, err)
	}
	for _, id := range []string{"A1", "A2"} {
		e, err := event.Decode([]byte(`{"id": "`+id+`", "type": "purchase", "member": "customer:a", "total": "50.00"}`), event.Scales{Currency: 2})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Record(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	costs, _, err = costOf(a.Store)(t.Context(), live, twice)
	if err != nil || len(costs) != 1 {
		t.Fatal(costs, err)
	}
	c := costs[0]
	if c.Given[0].Minor != 100 || c.Given[1].Minor != 200 || c.Outstanding[1].Minor != 200 || c.Liability[0].Minor != 1000 || c.Liability[1].Minor != 2000 {
		t.Errorf("it would have cost %+v", c)
	}
	if c.MoreGiven().Minor != 100 || c.MoreOutstanding().Minor != 100 || c.MoreLiability().Minor != 1000 || c.Same() {
		t.Errorf("the differences are %v, %v and %v", c.MoreGiven(), c.MoreOutstanding(), c.MoreLiability())
	}
}
