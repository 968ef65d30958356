package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

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
events: {visit: {name: visit}}
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
	compared, err := costOf(a.Store)(t.Context(), live, twice)
	if err != nil || len(compared.Wallets) != 1 || compared.Wallets[0].Given[1].Minor != 0 || compared.Events != 0 || compared.From != calendar.None {
		t.Errorf("a workspace without events costs %+v, %v", compared, err)
	}
	for _, one := range []string{
		`{"id": "V1", "type": "visit", "member": "customer:a", "time": "2024-01-01T10:00:00Z"}`,
		`{"id": "A1", "type": "purchase", "member": "customer:a", "total": "50.00", "time": "2025-03-01T10:00:00Z"}`,
		`{"id": "A2", "type": "purchase", "member": "customer:a", "total": "50.00", "time": "2025-03-31T10:00:00Z"}`,
	} {
		e, err := event.Decode([]byte(one), event.Scales{Currency: 2})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Record(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	compared, err = costOf(a.Store)(t.Context(), live, twice)
	if err != nil || len(compared.Wallets) != 1 {
		t.Fatal(compared, err)
	}
	was, is := compared.Outlays[0], compared.Outlays[1]
	if was.Total().Minor != 10_00 || is.Total().Minor != 20_00 || is.Reserve.Minor != 20_00 || is.Purchases.Minor != 100_00 || compared.Events != 4 {
		t.Errorf("the outlay is %+v instead of %+v over %d events", is, was, compared.Events)
	}
	if from, until := compared.From.In(time.UTC).Format(time.DateOnly), compared.Until.In(time.UTC).Format(time.DateOnly); from != "2025-03-01" || until != "2025-03-31" {
		t.Errorf("purchases are from %s until %s", from, until)
	}
	c := compared.Wallets[0]
	if c.Given[0].Minor != 100 || c.Given[1].Minor != 200 || c.Outstanding[1].Minor != 200 || c.Liability[0].Minor != 1000 || c.Liability[1].Minor != 2000 {
		t.Errorf("it would have cost %+v", c)
	}
	if c.MoreGiven().Minor != 100 || c.MoreOutstanding().Minor != 100 || c.MoreLiability().Minor != 1000 || c.Same() {
		t.Errorf("the differences are %v, %v and %v", c.MoreGiven(), c.MoreOutstanding(), c.MoreLiability())
	}
}
