package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/money"
	"premia/internal/core/program"
	"premia/internal/insight/report"
	"premia/internal/testkit"
)

const shop = `
program: shop
currency: PLN
timezone: Europe/Warsaw
languages: [en]
wallets:
  points: {name: points, pending: 2d, expires: 20d, worth: 0.025, debt: carry}
  stars: {name: stars, scale: 1, expires: 5d}
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
  - {id: never, when: event.total > 1000000.00, give: {stars: 1}}
campaigns:
  - {id: star, bonus: {stars: 0.5}, limits: {stars: {in total: 4}}}
`

func compile(t testing.TB) *engine.Timeline {
	t.Helper()
	doc, err := program.Load("program.yaml", []byte(shop), engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	return engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: doc.Program})
}

// decided is a decision and what it was upon.
type decided struct {
	kind     string
	total    int64
	decision engine.Decision
}

// happen decides events of some members and gives all decisions and states.
func happen(rules *engine.Timeline, events []event.Event, members []int) (all []decided, states []*ledger.State) {
	used := quotas{}
	byMember := map[int]*ledger.State{}
	var d engine.Decider
	decide := func(s *ledger.State, e *event.Event, member int) {
		all = append(all, decided{kind: e.Type, total: e.Total})
		out := &all[len(all)-1].decision
		d.Decide(rules, s, e, engine.Inputs{Clock: e.At, Member: ledger.MemberID(member), Quotas: used}, out)
		for _, g := range out.Grants {
			used[g.Quota] += g.Amount
		}
	}
	for i := range events {
		s := byMember[members[i]]
		if s == nil {
			s = &ledger.State{}
			if members[i] != 0 {
				byMember[members[i]] = s
				states = append(states, s)
				decide(s, &event.Event{Type: event.Enrolment, At: events[i].At}, members[i])
			}
		}
		decide(s, &events[i], members[i])
	}
	return all, states
}

type quotas map[ledger.Quota]int64

func (q quotas) Left(quota ledger.Quota, limit int64) int64 { return limit - q[quota] }

func draw(r *rapid.T) (events []event.Event, members []int) {
	at := 20_000 * calendar.Day
	for range rapid.IntRange(1, 30).Draw(r, "events") {
		at += calendar.Instant(rapid.IntRange(0, 72).Draw(r, "hours")) * calendar.Hour
		e := event.Event{Type: event.Purchase, At: at, Total: rapid.Int64Range(0, 5_000).Draw(r, "total"), Given: event.GivenTotal}
		switch rapid.IntRange(0, 5).Draw(r, "kind") {
		case 0:
			e.Type = event.Return
		case 1:
			e = event.Event{Type: event.Adjustment, At: at, Wallet: "points", Amount: rapid.Int64Range(-60, 20).Draw(r, "amount"), Reason: "because"}
		}
		events, members = append(events, e), append(members, rapid.IntRange(0, 4).Draw(r, "member"))
	}
	return events, members
}

func minor(t interface{ Fatal(...any) }, text string, scale int) int64 {
	n, err := money.Parse(text, scale)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestNothingIsLost checks that all value is somewhere, that the wallets' sums
// are those of their rules, and that neither order nor goroutines matter.
func TestNothingIsLost(t *testing.T) {
	rules := compile(t)
	rapid.Check(t, func(r *rapid.T) {
		events, members := draw(r)
		all, states := happen(rules, events, members)
		asOf := events[len(events)-1].At + calendar.Instant(rapid.IntRange(-20, 30).Draw(r, "days"))*calendar.Day
		one := report.NewBuilder(rules, asOf)
		parts := []*report.Builder{one.Fresh(), one.Fresh(), one.Fresh()}
		for i := range all {
			one.Decision(all[i].kind, all[i].total, &all[i].decision)
		}
		for _, i := range rapid.Permutation(indexes(len(all))).Draw(r, "order") {
			parts[i%3].Decision(all[i].kind, all[i].total, &all[i].decision)
		}
		for i, s := range states {
			parts[i%3].Member(s.Clone())
			one.Member(s)
		}
		parts[2].Merge(parts[0])
		parts[2].Merge(parts[1])
		got, want := rendered(r, one), rendered(r, parts[2])
		if !bytes.Equal(got, want) {
			r.Fatalf("in another order it says\n%s\nnot\n%s", want, got)
		}
		x, err := one.Report()
		if err != nil {
			r.Fatal(err)
		}
		checkSums(r, x)
	})
}

func indexes(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

func rendered(r *rapid.T, b *report.Builder) []byte {
	x, err := b.Report()
	if err != nil {
		r.Fatal(err)
	}
	out, err := x.JSON()
	if err != nil || !json.Valid(out) {
		r.Fatalf("%v: %s", err, out)
	}
	return out
}

func checkSums(r *rapid.T, x *report.Report) {
	sums := map[string]int64{}
	for _, rules := range [][]report.Rule{x.Rules, x.Campaigns, x.Others} {
		for _, rule := range rules {
			for _, v := range rule.Wallets {
				if v.Issued.Minor != v.Pending.Minor+v.Available.Minor+v.Held.Minor+v.Expired.Minor+v.Spent.Minor+v.Withdrawn.Minor+v.PaidDebts.Minor+v.Transit.Minor {
					r.Fatalf("%s in %s: not all of it is somewhere: %+v", rule.Rule, v.Wallet, v)
				}
				sums[v.Wallet+" issued"] += v.Issued.Minor
				sums[v.Wallet+" expired"] += v.Expired.Minor
				sums[v.Wallet+" available"] += v.Available.Minor
				sums[v.Wallet+" debt"] -= v.PaidDebts.Minor
			}
		}
	}
	for _, w := range x.Wallets {
		for what, sum := range map[string]int64{"issued": w.Issued.Minor, "expired": w.Expired.Minor, "available": w.Available.Minor, "debt": w.Debt.Minor} {
			if sums[w.Wallet+" "+what] != sum {
				r.Fatalf("the wallet %s has %s of %d, its rules %d", w.Wallet, what, sum, sums[w.Wallet+" "+what])
			}
		}
		if w.Outstanding.Minor != w.Pending.Minor+w.Available.Minor+w.Held.Minor || w.Debt.Minor < 0 {
			r.Fatalf("the wallet says %+v", w)
		}
	}
	// 0.025 PLN a point is two and a half grosze: half of an odd number rounds to
	// even.
	points := x.Wallets[0]
	if doubled := points.Liability.Minor * 2; doubled-5*points.Outstanding.Minor > 1 || doubled-5*points.Outstanding.Minor < -1 || points.Liability.Minor%2 != 0 && points.Outstanding.Minor%2 != 0 {
		r.Fatalf("the liability of %s points is %s", points.Outstanding, points.Liability)
	}
	for _, b := range x.Budgets {
		if b.Used.Minor > b.Cap.Minor || b.Used.Minor < 0 {
			r.Fatalf("the budget says %+v", b)
		}
	}
}

// story is a history in which everything of a report is there.
func story(t *testing.T) *report.Builder {
	rules := compile(t)
	at := 20_000 * calendar.Day
	buy := func(total string, day calendar.Instant) event.Event {
		return event.Event{Type: event.Purchase, At: at + day*calendar.Day, Total: minor(t, total, 2), Given: event.GivenTotal}
	}
	adjust := func(amount int64, day calendar.Instant) event.Event {
		return event.Event{Type: event.Adjustment, At: at + day*calendar.Day, Wallet: "points", Amount: amount, Reason: "r"}
	}
	events := []event.Event{
		buy("1234.56", 0), buy("10.00", 1), {Type: event.Return, At: at + calendar.Day}, buy("7.00", 2), adjust(-1300, 3), adjust(5, 4), buy("50.00", 22), adjust(-40, 23),
	}
	all, states := happen(rules, events, []int{1, 2, 2, 0, 1, 1, 2, 2})
	b := report.NewBuilder(rules, at+24*calendar.Day)
	for i := range all {
		b.Decision(all[i].kind, all[i].total, &all[i].decision)
	}
	for _, s := range states {
		b.Member(s)
	}
	return b
}

// TestForms shows the report's forms: for machines, for people, and compared.
func TestForms(t *testing.T) {
	x, err := story(t).Report()
	if err != nil {
		t.Fatal(err)
	}
	out, err := x.JSON()
	if err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, "report.json", out)
	var table bytes.Buffer
	if err := x.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, "report.txt", table.Bytes())
	empty, err := report.NewBuilder(compile(t), 1).Report()
	if err != nil {
		t.Fatal(err)
	}
	table.Reset()
	if err := report.WriteComparison(&table, "draft", x, "live program", empty); err != nil {
		t.Fatal(err)
	}
	for _, d := range report.Differences(x, empty) {
		fmt.Fprintln(&table, d)
	}
	testkit.Golden(t, "comparison.txt", table.Bytes())
	if d := report.Differences(x, x); len(d) != 0 {
		t.Errorf("a report differs from itself in %v", d)
	}
}
