package checkout_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/merge"
	"premia/internal/testkit/mechanics"
)

// shopper is a member who buys and gives back under the program of the stories.
type shopper struct {
	program *engine.Program
	state   ledger.State
	used    map[ledger.Quota]int64
	past    merge.Memory
	clock   calendar.Instant
	n       int
}

func (s *shopper) Left(q ledger.Quota, limit int64) int64 { return limit - s.used[q] }

func (s *shopper) decide(t interface{ Fatal(...any) }, e event.Event) *engine.Decision {
	s.n++
	s.clock += calendar.Day
	e.At, e.ID = s.clock, fmt.Sprint("e", s.n)
	if err := e.Check("PLN", 2); err != nil {
		t.Fatal(err)
	}
	var d engine.Decision
	timeline := engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: s.program})
	new(engine.Decider).Decide(timeline, &s.state, &e, engine.Inputs{Clock: e.At, Quotas: s, Member: 1, History: s.past.Of(1)}, &d)
	s.past.Keep(1, &e, nil, &d)
	for _, g := range d.Grants {
		s.used[g.Quota] += g.Amount
	}
	return &d
}

func basket(t *rapid.T) []event.Item {
	var out []event.Item
	for i := range rapid.IntRange(1, 5).Draw(t, "lines") {
		category := rapid.SampledFrom([]string{"coffee", "tea", "sale", "stairs", "socket", "other"}).Draw(t, "category")
		sku := rapid.SampledFrom([]string{"espresso", "croissant", "machine", "giftmug", ""}).Draw(t, "sku")
		if sku == "" {
			sku = fmt.Sprint("s", i)
		}
		quantity := rapid.Int64Range(1, 4).Draw(t, "quantity")
		out = append(out, event.Item{
			SKU: fmt.Sprint(sku), Category: category, Name: fmt.Sprint(i), Quantity: 1000 * quantity,
			UnitPrice: rapid.Int64Range(0, 9000).Draw(t, "price") * 10_000, GivenUnitPrice: true,
		})
	}
	return out
}

// Several returns of a purchase, in any order, each pay back nothing less than zero,
// together never more than was paid, and all of it in the end: money, points and what
// was used.
func TestReturnsPayBackTheWhole(t *testing.T) {
	p := mechanics.Read(t, "testdata/shop.yaml").Program
	p.Version = 1
	beans := p.WalletByID("beans").Name
	rapid.Check(t, func(t *rapid.T) {
		s := &shopper{program: p, used: map[ledger.Quota]int64{}, past: merge.Memory{}, clock: 1_772_000_000_000_000}
		s.state.Status = ledger.Active
		s.decide(t, event.Event{Type: event.Adjustment, Wallet: "beans", Amount: 500, Reason: "a start", Given: event.GivenAmount})
		items := basket(t)
		e := event.Event{Type: event.Purchase, Order: "A", Prices: event.ListPrices, Items: items, Shipping: rapid.SampledFrom([]int64{0, 1500}).Draw(t, "shipping")}
		for _, code := range []string{"SPRING15", "SEVENTY", "ONCE-ONLY", "POSTFREE", "KEPT-USED"} {
			with := e
			with.Codes = append(append([]string(nil), e.Codes...), code)
			if rapid.Bool().Draw(t, code) {
				if quote := s.quote(with); !quote.Outcome.Refused() {
					e = with
				}
			}
		}
		with := e
		with.Pay = []event.Payment{{Wallet: "beans", Amount: rapid.Int64Range(100, 500).Draw(t, "pay")}}
		if quote := s.quote(with); !quote.Outcome.Refused() {
			e = with
		}
		bought := s.decide(t, e)
		if bought.Outcome.Refused() {
			t.Fatalf("refused: %+v", bought.Steps)
		}
		if err := e.Check("PLN", 2); err != nil {
			t.Fatal(err)
		}
		paid := engine.Bought(&e, bought)
		left := engine.Pieces(&e)
		back := int64(0)
		for remaining := true; remaining; {
			r := event.Event{Type: event.Return, Order: "A"}
			for i := range items {
				if n := rapid.Int64Range(0, left[i]/1000).Draw(t, "back"); n > 0 {
					r.Items = append(r.Items, event.Item{SKU: items[i].SKU, Name: items[i].Name, Quantity: 1000 * n})
				}
			}
			if len(r.Items) == 0 && !rapid.Bool().Draw(t, "the rest") {
				continue
			}
			d := s.decide(t, r)
			if d.Outcome.Refused() {
				t.Fatalf("the return is refused as %s", d.Outcome)
			}
			for _, x := range d.Returned {
				left[x.Item] -= x.Quantity
			}
			for _, step := range d.Steps {
				if step.Result == engine.PaidBack {
					if step.Base < 0 || step.Wanted < 0 {
						t.Fatalf("paid back: %+v", step)
					}
					back += step.Wanted
				}
			}
			remaining = false
			for _, n := range left {
				remaining = remaining || n > 0
			}
			if back > paid.Total {
				t.Fatalf("%d is paid back of %d", back, paid.Total)
			}
		}
		if back != paid.Total {
			t.Fatalf("%d is paid back of %d", back, paid.Total)
		}
		if b := s.state.BalanceOf(beans); b.Net() != 500 || s.state.Spend != 0 || s.state.Purchases != 0 {
			t.Fatalf("after all went back: %+v, spend %d, purchases %d", b, s.state.Spend, s.state.Purchases)
		}
		for q, n := range s.used {
			if n != 0 && p.Names.Name(q.Name) != "budget.reward.kept.discount.uses" {
				t.Fatalf("%d stay used of %s", n, p.Names.Name(q.Name))
			}
		}
	})
}

func (s *shopper) quote(e event.Event) engine.Decision {
	e.At = s.clock + calendar.Day
	_ = e.Check("PLN", 2)
	var d engine.Decision
	timeline := engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: s.program})
	new(engine.Decider).Decide(timeline, s.state.Clone(), &e, engine.Inputs{Clock: e.At, Quotas: s, Member: 1}, &d)
	return d
}

// BenchmarkQuote prices a basket of ten items with three codes.
func BenchmarkQuote(b *testing.B) {
	p := mechanics.Read(b, "testdata/shop.yaml").Program
	p.Version = 1
	e := event.Event{Type: event.Purchase, Prices: event.ListPrices, At: 1_772_000_000_000_000, Codes: []string{"SPRING15", "ONCE-ONLY", "POSTFREE"}, Shipping: 1500}
	for i := range 10 {
		e.Items = append(e.Items, event.Item{SKU: fmt.Sprint("s", i), Category: []string{"coffee", "tea", "sale", "other"}[i%4], Quantity: 2000, UnitPrice: int64(10+i) * 1_000_000, GivenUnitPrice: true})
	}
	if err := e.Check("PLN", 2); err != nil {
		b.Fatal(err)
	}
	timeline := engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: p})
	var decider engine.Decider
	var d engine.Decision
	b.ReportAllocs()
	for b.Loop() {
		var s ledger.State
		s.Status = ledger.Active
		decider.Decide(timeline, &s, &e, engine.Inputs{Clock: e.At, Member: 1, Asked: true}, &d)
	}
	if d.Outcome != engine.Applied {
		b.Fatal(d.Outcome)
	}
}
