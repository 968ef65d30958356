package simulate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/program"
	"premia/internal/insight/report"
	"premia/internal/testkit"
)

// list is a source of entries in memory.
type list struct{ entries []Entry }

func (l *list) Next(context.Context) (Entry, error) {
	if len(l.entries) == 0 {
		return Entry{}, io.EOF
	}
	e := l.entries[0]
	l.entries = l.entries[1:]
	return e, nil
}

func load(t testing.TB, p *engine.Program, events ...*event.Event) *History {
	t.Helper()
	l := &list{}
	for _, e := range events {
		if err := e.Check(p.Currency.Code, p.Currency.Scale); err != nil {
			t.Fatalf("event %s: %v", e.ID, err)
		}
		l.entries = append(l.entries, Entry{Event: e})
	}
	h, err := Load(context.Background(), l, scales(p))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func scales(p *engine.Program) event.Scales { return event.Scales{Currency: p.Currency.Scale} }

func compile(t testing.TB, src string) *engine.Program {
	t.Helper()
	doc, err := program.Load("program.yaml", []byte(src), engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	return doc.Program
}

func simulated(t testing.TB, p *engine.Program, h *History, o Options) *Result {
	t.Helper()
	r, err := Run(context.Background(), Under(p), h, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// plain decides a history one event after the other, as simply as can be, and
// without the engine room of this package: an independent model of Run for
// histories of purchases and returns.
func plain(t testing.TB, p *engine.Program, events []*event.Event, asOf calendar.Instant) *report.Report {
	t.Helper()
	rules := Under(p)
	b := report.NewBuilder(rules, asOf)
	states := map[string]*ledger.State{}
	numbers := map[string]ledger.MemberID{}
	used := spent{}
	var out engine.Decision
	decide := func(e *event.Event, member string) {
		s := states[member]
		var d engine.Decider // a fresh one, so that what it remembers can't matter
		d.Decide(rules, s, e, engine.Inputs{Clock: e.At, Quotas: used, Member: numbers[member]}, &out)
		for _, g := range out.Grants {
			used[g.Quota] += g.Amount
		}
		b.Decision(e.Type, e.Total, &out)
	}
	for _, e := range events {
		if states[e.Member] == nil {
			if e.Type != event.Purchase {
				var nobody ledger.State
				var d engine.Decider
				d.Decide(rules, &nobody, e, engine.Inputs{Clock: e.At}, &out)
				b.Decision(e.Type, e.Total, &out)
				continue
			}
			states[e.Member] = &ledger.State{}
			numbers[e.Member] = ledger.MemberID(len(numbers) + 1)
			decide(&event.Event{ID: e.ID + "/enrolment", Type: event.Enrolment, At: e.At}, e.Member)
		}
		decide(e, e.Member)
	}
	for _, s := range states {
		b.Member(s)
	}
	r, err := b.Report()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// spent is budgets that are always hard.
type spent map[ledger.Quota]int64

func (s spent) Left(quota ledger.Quota, limit int64) int64 { return limit - s[quota] }

const budgets = `
program: budgets
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets:
  points: {name: {en: points}, pending: 3d, expires: {after: 1mo, at: end of month}, worth: 0.05}
  stars: {name: {en: stars}, scale: 1}
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
  - id: welcome
    on: enrolment
    give: {points: 10}
    limits: {times: {in total: %d}}
campaigns:
  - id: double
    when: event.channel == "app"
    multiply: {points: 2}
    limits: {points: {in total: %d, each week: 100, each day: 60}}
    stacking: {group: one, take: first, priority: 2}
  - id: instead
    bonus: {stars: 2.5}
    limits: {stars: {in total: %d, each member: 20, whole: true}}
    stacking: {group: one, take: first, priority: 1}
  - id: reader
    when: wallet.stars.available >= 5
    bonus: {points: 7}
    limits: {points: {in total: %d}}
`

// drawHistory draws purchases and returns of a few members in a few weeks.
func drawHistory(t *rapid.T) []*event.Event {
	n := rapid.IntRange(1, 60).Draw(t, "events")
	var all []*event.Event
	at := 20_000 * calendar.Day
	for i := range n {
		at += calendar.Instant(rapid.IntRange(-10, 40).Draw(t, "hours")) * calendar.Hour
		e := &event.Event{
			ID: fmt.Sprint("e", i), Type: event.Purchase, At: at,
			Member:  fmt.Sprint("card:", rapid.IntRange(1, 12).Draw(t, "member")),
			Channel: rapid.SampledFrom([]string{"app", "store"}).Draw(t, "channel"),
			Total:   rapid.Int64Range(0, 9_000).Draw(t, "total"), Given: event.GivenTotal,
		}
		if rapid.IntRange(0, 9).Draw(t, "kind") == 0 {
			e.Type, e.Order = event.Return, "o"
		}
		all = append(all, e)
	}
	return all
}

// TestEqualsPlainSimulation holds the parallel simulation with its rounds of
// budgets against the plain one, under budgets so tight that several of them
// bind, and being cut in one leads members to ask for another.
func TestEqualsPlainSimulation(t *testing.T) {
	bound := 0
	rapid.Check(t, func(r *rapid.T) {
		p := compile(t, fmt.Sprintf(budgets,
			rapid.IntRange(1, 12).Draw(r, "welcomes"), rapid.IntRange(1, 1500).Draw(r, "double"),
			rapid.IntRange(1, 100).Draw(r, "instead"), rapid.IntRange(1, 100).Draw(r, "reader")))
		events := drawHistory(r)
		h := load(t, p, events...)
		asOf := h.Last() + calendar.Instant(rapid.IntRange(-10, 40).Draw(r, "days"))*calendar.Day
		got := simulated(t, p, h, Options{AsOf: asOf, Workers: rapid.IntRange(1, 4).Draw(r, "workers")})
		bound += got.Together
		if difference := cmp.Diff(plain(t, p, events, asOf), got.Report); difference != "" {
			r.Fatalf("the simulation differs from the plain one (-plain +got):\n%s", difference)
		}
		for _, b := range got.Report.Budgets {
			if b.Used.Minor > b.Cap.Minor {
				r.Fatalf("the budget %s is exceeded: %s of %s", b.Budget, b.Used, b.Cap)
			}
		}
	})
	if bound == 0 {
		t.Error("no budget was ever exceeded, so the test shows nothing")
	}
}

func shippedProgram(t testing.TB) *engine.Program {
	t.Helper()
	src, err := os.ReadFile(filepath.Join(testkit.RepoRoot(t), "programs", "online-retail", "program.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return compile(t, string(src))
}

func TestHistory(t *testing.T) {
	p := shippedProgram(t)
	at := 15_000 * calendar.Day
	buy := func(id, member, order string, total int64, when calendar.Instant) *event.Event {
		return &event.Event{ID: id, Type: event.Purchase, Member: member, Order: order, Total: total, Given: event.GivenTotal, At: when}
	}
	h := load(t, p,
		buy("a", "c:1", "1", 5_000, at),
		buy("a", "c:1", "1", 5_000, at),     // the same again
		buy("a", "c:1", "1", 6_000, at),     // another under its id
		buy("a", "c:2", "1", 5_000, at),     // another's under its id
		buy("b", "c:1", "1", 5_000, at+1),   // the order again
		buy("c", "c:1", "2", 5_000, 0),      // no time
		buy("d", "", "3", 5_000, at+2),      // nobody's
		buy("e", "c:3", "4", 1_999, at+300), // counts
		&event.Event{ID: "f", Type: event.Return, Member: "c:4", Order: "1", At: at + 5},
		&event.Event{ID: "g", Type: event.Return, Member: "c:1", Order: "1", At: at + 5},
	)
	if h.Repeated != 1 || h.Refused != 4 || h.Events() != 5 || h.Last() != at+300 {
		t.Errorf("repeated %d, refused %d, kept %d, last %v; want 1, 4, 5, %v", h.Repeated, h.Refused, h.Events(), h.Last(), at+300)
	}
	r := simulated(t, p, h, Options{})
	if r.RefusedEvents != 1 || r.UnknownBuyers != 1 {
		t.Errorf("%d events are refused, and %d buyers unknown; want 1, 1", r.RefusedEvents, r.UnknownBuyers)
	}
	got := r.Report
	if got.Members != 2 || got.Purchases != 2 || got.Returns != 1 || got.GuestReturns != 1 || got.PurchaseTotal.String() != "6.999" || got.Wallets[0].Issued.String() != "6" {
		t.Errorf("the report says %+v", got)
	}
}

func TestGuests(t *testing.T) {
	p := compile(t, `
program: guests
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: guest}
wallets: {points: {name: {en: points}}}
earn: [{id: spend, give: {points: 1, per: 1.00}}]
`)
	at := 20_000 * calendar.Day
	h := load(t, p,
		&event.Event{ID: "a", Type: event.Purchase, Member: "card:1", Total: 500, Given: event.GivenTotal, At: at},
		&event.Event{ID: "b", Type: event.Purchase, Total: 700, Given: event.GivenTotal, At: at})
	got := simulated(t, p, h, Options{}).Report
	if got.Members != 0 || got.Purchases != 0 || got.GuestPurchases != 2 || got.GuestTotal.Minor != 1200 || got.Wallets[0].Issued.Minor != 0 {
		t.Errorf("the report says %+v", got)
	}
}

// TestMerge lets one member be merged into another, with value, and go on
// buying under the old identity.
func TestMerge(t *testing.T) {
	p := compile(t, `
program: merges
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets: {points: {name: {en: points}, expires: 10d}}
earn: [{id: spend, give: {points: 1, per: 1.00}}]
`)
	at := 20_000 * calendar.Day
	buy := func(id string, total int64, when calendar.Instant) *event.Event {
		return &event.Event{ID: id, Type: event.Purchase, Total: total, Given: event.GivenTotal, At: when, Currency: "PLN"}
	}
	enrol := &event.Event{Type: event.Enrolment, At: at}
	join := &event.Event{Type: event.Merge, At: at + 3, Data: []event.Datum{{Name: "into", Kind: event.Whole, Whole: 2}}}
	l := &list{[]Entry{
		{Event: enrol, Member: 1}, {Event: enrol, Member: 2}, {Event: enrol, Member: 3},
		{Event: buy("a", 500, at+1), Member: 1}, {Event: buy("b", 700, at+2), Member: 2}, {Event: buy("x", 100, at+2), Member: 3},
		{Event: join, Member: 1}, {Event: buy("c", 900, at+4), Member: 1},
	}}
	h, err := Load(context.Background(), l, scales(p))
	if err != nil {
		t.Fatal(err)
	}
	got := simulated(t, p, h, Options{}).Report
	w := got.Wallets[0]
	if got.Members != 2 || w.Available.Minor != 22 || w.Transit.Minor != 0 || w.Issued.Minor != 22 {
		t.Errorf("the report says %+v", got)
	}
	if w := simulated(t, p, h, Options{AsOf: at + 11*calendar.Day}).Report.Wallets[0]; w.Expired.Minor != 22 || w.Outstanding.Minor != 0 {
		t.Errorf("after ten days the wallet says %+v", w)
	}
}

func TestCancelled(t *testing.T) {
	p := shippedProgram(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	h := load(t, p, &event.Event{ID: "a", Type: event.Purchase, Member: "c:1", Total: 1, Given: event.GivenTotal, At: calendar.Day * 9000})
	if _, err := Run(ctx, Under(p), h, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled simulation gives %v", err)
	}
}
