package conversion_test

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/program"
	"premia/internal/i18n"
	"premia/internal/testkit"
)

// What becomes of value when quarters end is told by the scenarios of a program.
func TestConversions(t *testing.T) {
	src, err := os.ReadFile("testdata/clubcard.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d, err := program.Load("clubcard.yaml", src, engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range program.RunScenarios(d) {
		t.Errorf("%s, step %d: %+v", f.Scenario, f.Step, f.Differences)
	}
	c, err := i18n.Load(program.Catalogs()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range c.Languages() {
		var b strings.Builder
		for _, section := range program.Describe(d.Program) {
			b.WriteString(c.Render(lang, section.Heading) + "\n")
			for _, line := range section.Lines {
				b.WriteString("- " + c.Render(lang, line) + "\n")
			}
			b.WriteByte('\n')
		}
		if strings.Contains(b.String(), "⟦") {
			t.Errorf("something has no words in %s", lang)
		}
		testkit.Golden(t, "clubcard."+lang+".txt", []byte(b.String()))
	}
}

const swept = `
program: Swept
currency: PLN
timezone: Europe/Warsaw
languages: [en]
wallets: {points: {name: points}, miles: {name: miles}}
earn: [{id: spend, give: {points: 1, per: 1.00}}]
rewards: [{id: voucher, name: voucher, kind: discount, discount: {amount: 5.00}, voucher: {valid: 60d}, refund: {within: 30d}}]
conversions:
  - {id: quarterly, from: points, each: quarter, every: 150, gives: {reward: voucher}, most: 3}
  - {id: yearly, from: points, each: year, every: 7, gives: {miles: 2}}
`

// It makes no difference how often somebody looks: a member swept each day, each week
// or only at the end has the same state, byte for byte, and as many vouchers and miles
// as a naive account comes to.
func TestSweepingMakesNoDifference(t *testing.T) {
	d, err := program.Load("swept.yaml", []byte(swept), engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	timeline := engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: d.Program})
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, d.Program.Zone)
	rapid.Check(t, func(t *rapid.T) {
		const days = 800
		bought := map[int]int64{}
		for range rapid.IntRange(0, 25).Draw(t, "purchases") {
			bought[rapid.IntRange(0, days-1).Draw(t, "day")] = rapid.Int64Range(1, 900).Draw(t, "total")
		}
		var want []byte
		for _, every := range []int{1, 7, days + 1} {
			s, vouchers := live(timeline, start, days, every, bought)
			wantVouchers, points, miles := naive(d.Program.Zone, start, days, bought)
			name := func(id string) ledger.Name { return d.Program.WalletByID(id).Name }
			if vouchers != wantVouchers || s.BalanceOf(name("points")).Available != points || s.BalanceOf(name("miles")).Available != miles {
				t.Fatalf("swept every %d days: %d vouchers, %d points, %d miles; want %d, %d, %d", every, vouchers, s.BalanceOf(name("points")).Available, s.BalanceOf(name("miles")).Available, wantVouchers, points, miles)
			}
			got := s.Append(nil)
			if want == nil {
				want = got
			}
			if !bytes.Equal(got, want) {
				t.Fatalf("swept every %d days the state is another one", every)
			}
		}
	})
}

// live lets a member buy at noon and be swept at 3 o'clock every so many days, and
// gives the state at the end and the vouchers that were issued.
func live(timeline *engine.Timeline, start time.Time, days, every int, bought map[int]int64) (*ledger.State, int64) {
	s, vouchers := &ledger.State{Status: ledger.Active, EnrolledAt: calendar.Of(start)}, int64(0)
	var decider engine.Decider
	var d engine.Decision
	decide := func(at time.Time, e event.Event) {
		e.At = calendar.Of(at)
		decider.Decide(timeline, s, &e, engine.Inputs{Clock: e.At, Member: 7}, &d)
		vouchers += int64(len(d.Vouchers))
	}
	for day := range days {
		if day%every == every-1 {
			decide(start.AddDate(0, 0, day).Add(3*time.Hour), event.Event{Type: event.Settle})
		}
		if total := bought[day]; total > 0 {
			decide(start.AddDate(0, 0, day).Add(12*time.Hour), event.Event{Type: event.Purchase, Total: total * 100, Given: event.GivenTotal})
		}
	}
	decide(start.AddDate(0, 0, days), event.Event{Type: event.Settle})
	return s, vouchers
}

// naive is the account that a bookkeeper would keep.
func naive(zone *time.Location, start time.Time, days int, bought map[int]int64) (vouchers, points, miles int64) {
	for day := range days {
		points += bought[day]
		next := start.AddDate(0, 0, day+1).In(zone)
		if next.Day() != 1 || (next.Month()-1)%3 != 0 {
			continue
		}
		n := min(points/150, 3)
		vouchers, points = vouchers+n, points-150*n
		if next.Month() == 1 {
			n = min(points/7, 100)
			miles, points = miles+2*n, points-7*n
		}
	}
	return vouchers, points, miles
}
