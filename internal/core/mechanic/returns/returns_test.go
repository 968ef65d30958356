package returns_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/merge"
	"premia/internal/core/money"
	"premia/internal/core/program"
)

const head = `
program: Test
currency: PLN
timezone: Europe/Warsaw
languages: [en]
wallets:
  points: {name: points, pending: 2d, expires: 60d, debt: %s}
  stars: {name: stars, debt: carry}
returns: {}
`

// The parts that random programs are made of.
var earning = []string{
	`{id: spend, give: {points: 1, per: 1.00}}`,
	`{id: net, without: [tax, shipping, gift cards], give: {points: 3, per: 2.50}}`,
	`{id: fruit, items: item.category == "fruit", give: {points: 2, per: 1.00}, limits: {points: {each day: 90}}}`,
	`{id: pieces, give: {stars: 1, per: item}, limits: {stars: {each event: 5}}}`,
	`{id: first, when: member.purchases == 0, give: {points: 7, stars: 2}, limits: {times: {each member: 1}}}`,
	`{id: thrifty, when: member.spend < 150.00, give: {points: 4}}`,
}

var campaigning = []string{
	`{id: double, multiply: {points: 2}, limits: {points: {in total: 120}}}`,
	`{id: steps, thresholds: [{from: 60.00, bonus: {points: 10}}, {from: 120.00, bonus: {points: 30}}]}`,
	`{id: tin, items: item.category == "tin", thresholds: [{from: 20.00, bonus: {stars: 3}}], limits: {times: {in total: 2}}}`,
	`{id: one, bonus: {points: 12}, when: event.total >= 50.00, stacking: {group: best, take: best}}`,
	`{id: other, multiply: {points: 1.25}, stacking: {group: best, take: best}}`,
}

func document(t rapid.TB, debt string, earn, campaigns []string) *engine.Program {
	t.Helper()
	list := func(key string, all []string) string {
		if len(all) == 0 {
			return ""
		}
		return key + ":\n  - " + strings.Join(all, "\n  - ") + "\n"
	}
	src := fmt.Sprintf(head, debt) + list("earn", earn) + list("campaigns", campaigns)
	doc, err := program.Load("program.yaml", []byte(src), engine.NewNames())
	if err != nil {
		t.Fatalf("%v\n%s", err, src)
	}
	return doc.Program
}

// world decides events of members without a journal.
type world struct {
	program *engine.Program
	rules   *engine.Timeline
	decider engine.Decider
	states  map[ledger.MemberID]*ledger.State
	past    merge.Memory
	used    map[ledger.Quota]int64
	given   map[ledger.Name]int64 // by wallet, issued
	taken   map[ledger.Name]int64 // by wallet, taken back
}

func newWorld(p *engine.Program) *world {
	return &world{
		program: p, rules: engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: p}),
		states: map[ledger.MemberID]*ledger.State{}, past: merge.Memory{},
		used: map[ledger.Quota]int64{}, given: map[ledger.Name]int64{}, taken: map[ledger.Name]int64{},
	}
}

func (w *world) Left(quota ledger.Quota, limit int64) int64 { return limit - w.used[quota] }

func (w *world) decide(member ledger.MemberID, e event.Event) *engine.Decision {
	s := w.states[member]
	if s == nil {
		s = &ledger.State{Status: ledger.Active}
		w.states[member] = s
	}
	if e.Type != event.Absorb && e.Type != event.Merge {
		if err := e.Check("PLN", 2); err != nil {
			panic(err)
		}
	}
	in := engine.Inputs{Clock: e.At, Quotas: w, Member: member}
	if e.Type == event.Return {
		in.History = w.past.Of(member)
	}
	var d engine.Decision
	w.decider.Decide(w.rules, s, &e, in, &d)
	w.past.Keep(member, &e, nil, &d)
	for _, g := range d.Grants {
		w.used[g.Quota] += g.Amount
	}
	for _, p := range d.Postings {
		switch p.Kind {
		case ledger.Issue:
			w.given[p.Wallet] += p.Amount
		case ledger.TakeBack:
			w.taken[p.Wallet] += p.Amount
		}
	}
	return &d
}

// figures are what returning everything must bring back.
type figures struct {
	Balances  map[string]ledger.Balance
	Earned    map[string]int64
	Counters  map[string]int64
	Used      map[string]int64
	Purchases int64
	Spend     int64
}

func (w *world) figures(member ledger.MemberID) figures {
	s := w.states[member]
	f := figures{map[string]ledger.Balance{}, map[string]int64{}, map[string]int64{}, map[string]int64{}, s.Purchases, s.Spend}
	for i := range s.Wallets {
		own := &s.Wallets[i]
		if b := own.Balance(); b != (ledger.Balance{}) {
			f.Balances[w.program.Names.Name(own.Name)] = b
		}
		if own.Issued != 0 {
			f.Earned[w.program.Names.Name(own.Name)] = own.Issued
		}
	}
	for _, c := range s.Counters {
		if c.Value != 0 {
			f.Counters[fmt.Sprint(w.program.Names.Name(c.Name), c.Slot, c.Since)] = c.Value
		}
	}
	for quota, used := range w.used {
		if used != 0 {
			f.Used[w.program.Names.Name(quota.Name)] = used
		}
	}
	return f
}

const day = calendar.Instant(24 * 3600 * 1_000_000)

var start = calendar.Instant(1_767_265_200_000_000) // 1 January 2026, noon in Warsaw

func drawSome(t *rapid.T, all []string, label string) []string {
	var out []string
	for i, one := range all {
		if rapid.Bool().Draw(t, fmt.Sprint(label, i)) {
			out = append(out, one)
		}
	}
	return out
}

// drawPurchase draws a purchase of up to five lines, each with a stock number of
// its own.
func drawPurchase(t *rapid.T, order string, at calendar.Instant) event.Event {
	e := event.Event{ID: order, Type: event.Purchase, Order: order, At: at}
	sum := int64(0)
	for i := range rapid.IntRange(1, 5).Draw(t, "lines") {
		item := event.Item{
			SKU: fmt.Sprint("S", i), Category: rapid.SampledFrom([]string{"fruit", "tin"}).Draw(t, "category"),
			Quantity: rapid.Int64Range(1, 4).Draw(t, "quantity") * 1000, Total: rapid.Int64Range(0, 9_999).Draw(t, "price"), GivenTotal: true,
		}
		sum += item.Total
		e.Items = append(e.Items, item)
	}
	e.Shipping = rapid.Int64Range(0, 1_500).Draw(t, "shipping")
	e.Discount = rapid.Int64Range(0, sum).Draw(t, "discount")
	total := sum + e.Shipping - e.Discount
	e.Tax = rapid.Int64Range(0, total).Draw(t, "tax")
	e.PaidWithGiftCards = rapid.Int64Range(0, total-e.Tax).Draw(t, "gift cards")
	e.Given = event.GivenShipping | event.GivenDiscount | event.GivenTax | event.GivenPaidWithGiftCards
	return e
}

func giveBack(of *event.Event, at calendar.Instant, quantities []int64) event.Event {
	e := event.Event{Type: event.Return, Order: of.Order, At: at}
	for i, q := range quantities {
		if q > 0 {
			e.Items = append(e.Items, event.Item{SKU: of.Items[i].SKU, Quantity: q * 1000})
		}
	}
	return e
}

// draw draws a part of what is left and takes it off.
func drawPart(t *rapid.T, left []int64) []int64 {
	part := make([]int64, len(left))
	for i := range left {
		part[i] = rapid.Int64Range(0, left[i]).Draw(t, "part")
		left[i] -= part[i]
	}
	return part
}

func quantities(e *event.Event) []int64 {
	out := make([]int64, len(e.Items))
	for i := range e.Items {
		out[i] = e.Items[i].Quantity / 1000
	}
	return out
}

func sum(all []int64) int64 {
	n := int64(0)
	for _, q := range all {
		n += q
	}
	return n
}

// TestReturningEverythingUndoesThePurchase returns a purchase in random pieces:
// in the end everything is as it would be without it.
func TestReturningEverythingUndoesThePurchase(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		earn, campaigns := drawSome(t, earning, "earn"), drawSome(t, campaigning, "campaign")
		if !strings.Contains(strings.Join(earn, ""), "points: ") {
			earn = append(earn, earning[0]) // campaigns multiply points
		}
		p := document(t, "carry", earn, campaigns)
		with, without := newWorld(p), newWorld(p)
		if rapid.Bool().Draw(t, "another before") {
			other := drawPurchase(t, "P0", start)
			with.decide(1, other)
			without.decide(1, other)
		}
		bought := drawPurchase(t, "P1", start+day)
		with.decide(1, bought)
		given := map[ledger.Name]int64{}
		for _, posting := range with.past[1][len(with.past[1])-1].Decision.Postings {
			if posting.Kind == ledger.Issue {
				given[posting.Wallet] += posting.Amount
			}
		}
		at := start + day
		for left := quantities(&bought); sum(left) > 0; {
			at += rapid.SampledFrom([]calendar.Instant{0, day, 3 * day}).Draw(t, "days")
			part := drawPart(t, left)
			if sum(part) == 0 {
				part, left = left, make([]int64, len(left))
			}
			d := with.decide(1, giveBack(&bought, at, part))
			if d.Outcome != engine.Applied {
				t.Fatalf("a return of what is there: %s", d.Outcome)
			}
			for wallet, taken := range with.taken {
				if taken > given[wallet] {
					t.Fatalf("%d taken back of %d", taken, given[wallet])
				}
			}
		}
		without.decide(1, event.Event{Type: event.Return, Order: "none", At: at, Given: event.GivenTotal, Total: 1})
		if diff := cmp.Diff(without.figures(1), with.figures(1)); diff != "" {
			t.Fatalf("without the purchase (-), and after everything came back (+):\n%s", diff)
		}
		if d := with.decide(1, giveBack(&bought, at, quantities(&bought))); d.Outcome != engine.MoreThanBought {
			t.Fatalf("once more: %s", d.Outcome)
		}
	})
}

// TestPiecesOfAReturnMakeNoDifference returns the same goods at once and in
// random pieces.
func TestPiecesOfAReturnMakeNoDifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		earn, campaigns := drawSome(t, earning, "earn"), drawSome(t, campaigning, "campaign")
		if !strings.Contains(strings.Join(earn, ""), "points: ") {
			earn = append(earn, earning[0]) // campaigns multiply points
		}
		p := document(t, rapid.SampledFrom([]string{"carry", "forbid", "write off"}).Draw(t, "debt"), earn, campaigns)
		once, pieces := newWorld(p), newWorld(p)
		bought := drawPurchase(t, "P1", start)
		spent := rapid.Int64Range(0, 60).Draw(t, "spent")
		all := make([]int64, len(bought.Items))
		for _, w := range []*world{once, pieces} {
			w.decide(1, bought)
			if spent > 0 {
				w.decide(1, event.Event{Type: event.Adjustment, At: start + 3*day, Wallet: "points", Amount: -spent, Reason: "spent", Given: event.GivenAmount})
			}
		}
		for left := quantities(&bought); sum(all) == 0 || rapid.Bool().Draw(t, "more"); {
			part := drawPart(t, left)
			if sum(part) == 0 {
				if sum(left) == 0 {
					break
				}
				part, left = left, make([]int64, len(left))
			}
			pieces.decide(1, giveBack(&bought, start+4*day, part))
			for i := range part {
				all[i] += part[i]
			}
		}
		once.decide(1, giveBack(&bought, start+4*day, all))
		if diff := cmp.Diff(once.figures(1), pieces.figures(1)); diff != "" {
			t.Fatalf("%v at once (-) and in pieces (+):\n%s", all, diff)
		}
	})
}

// TestDiscountsStayWithTheirLines holds what stays against shares of the order's
// discount that are reckoned here.
func TestDiscountsStayWithTheirLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := document(t, "carry", []string{`{id: goods, items: item.category != "", give: {points: 1, per: 0.10}}`}, nil)
		w := newWorld(p)
		bought := drawPurchase(t, "P1", start)
		bought.PaidWithGiftCards = 0 // which do not count
		totals := make([]int64, len(bought.Items))
		for i := range bought.Items {
			totals[i] = bought.Items[i].Total
		}
		shares := money.Share(sum(totals)-bought.Discount, totals)
		w.decide(1, bought)
		left := quantities(&bought)
		gone := rapid.IntRange(0, len(left)-1).Draw(t, "line")
		back := make([]int64, len(left))
		back[gone] = left[gone]
		w.decide(1, giveBack(&bought, start+day, back))
		stays := int64(0)
		for i := range shares {
			if i != gone {
				stays += shares[i]
			}
		}
		if got := w.states[1].Wallets; sumOf(got) != stays/10 {
			t.Fatalf("%d points stay, want %d: the others' shares are %v without line %d", sumOf(got), stays/10, shares, gone)
		}
	})
}

func sumOf(wallets []ledger.Wallet) int64 {
	n := int64(0)
	for i := range wallets {
		b := wallets[i].Balance()
		n += b.Pending + b.Net()
	}
	return n
}
