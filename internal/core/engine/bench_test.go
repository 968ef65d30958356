package engine_test

import (
	"testing"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// tenRules is a program of ten rules about purchases; by hand says the same in
// Go.
const tenRules = `
program: Ten rules
currency: PLN
timezone: Europe/Warsaw
languages: [en]
wallets:
  points: {name: {en: {one: p, other: p}}, pending: 14d, expires: {after: 12mo, at: end of month}, debt: carry}
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
  - {id: app, when: event.channel == "app", give: {points: 10}}
  - {id: cashback, when: event.store == "s7", give: {points: 5%}}
  - {id: large, when: event.total >= 200.00, give: {points: 50}}
  - {id: first, when: member.purchases == 0, give: {points: 100}}
  - {id: morning, hours: 06:00-09:00, give: {points: 5}}
  - {id: daily, give: {points: 3}, limits: {times: {each day: 2}}}
  - {id: web, when: event.channel == "web" && event.total > 20.00, multiply: {points: 1.5}}
campaigns:
  - {id: may, from: 2026-05-01, until: 2026-05-31, multiply: {points: 2}}
  - {id: steps, thresholds: [{from: 100.00, bonus: {points: 20}}, {from: 150.00, bonus: {points: 40}}]}
`

// tenItemRules are rules on the items of a basket.
const tenItemRules = `
program: Items
currency: PLN
timezone: Europe/Warsaw
languages: [en]
wallets:
  points: {name: {en: {one: p, other: p}}, expires: {after: 12mo, at: end of month}, debt: carry}
earn:
  - {id: goods, items: item.category != "gift-card", give: {points: 1, per: 1.00}}
  - {id: coffee, items: item.category == "coffee" && item.total > 10.00, give: {points: 2, per: item}}
  - {id: brand, items: 'item.brand in ["a", "b"]', give: {points: 3%}}
campaigns:
  - {id: tea, items: item.category == "tea", multiply: {points: 2}}
`

const benchMembers, benchVisits = 256, 24

// benchWorld walks members through visits, each starting anew after the last.
type benchWorld struct {
	states []ledger.State
	events []event.Event
	clock  calendar.Instant
	n      int
}

func newBenchWorld(events []event.Event) *benchWorld {
	begin := calendar.Of(time.Date(2026, 4, 20, 8, 0, 0, 0, time.UTC))
	return &benchWorld{states: make([]ledger.State, benchMembers), events: events, clock: begin}
}

func (w *benchWorld) next() (*ledger.State, *event.Event) {
	s := &w.states[w.n%benchMembers]
	if w.n%(benchMembers*benchVisits) < benchMembers {
		*s = ledger.State{Wallets: s.Wallets[:0], Counters: s.Counters[:0]}
	}
	e := &w.events[w.n%len(w.events)]
	w.n++
	w.clock += 7 * calendar.Minute
	e.At = w.clock
	return s, e
}

func plainPurchases() []event.Event {
	channels, stores := []string{"app", "web", "store"}, []string{"s1", "s7", "s3", "s4", "s5"}
	events := make([]event.Event, 97)
	for i := range events {
		events[i] = event.Event{
			ID: "e", Type: event.Purchase, Order: "o", Currency: "PLN", Channel: channels[i%3], Store: stores[i%5],
			Total: int64(1000 + i*257%24000), Given: event.GivenTotal,
		}
	}
	return events
}

func baskets() []event.Event {
	categories, brands := []string{"coffee", "tea", "cake", "gift-card", "juice"}, []string{"a", "b", "c"}
	events := plainPurchases()
	for i := range events {
		e := &events[i]
		e.Total = 0
		for j := range 10 {
			item := event.Item{
				SKU: "S", Category: categories[(i+j)%5], Brand: brands[(i+j)%3], Quantity: int64(1+j%3) * 1000,
				Total: int64(500 + (i*31+j*177)%3000), GivenTotal: true,
			}
			e.Items = append(e.Items, item)
			e.Total += item.Total
		}
	}
	return events
}

func benchmarkEngine(b *testing.B, document string, events []event.Event) {
	p := load(b, document)
	timeline := engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: p})
	w := newBenchWorld(events)
	var d engine.Decider
	var out engine.Decision
	b.ReportAllocs()
	for b.Loop() {
		s, e := w.next()
		d.Decide(timeline, s, e, engine.Inputs{Clock: e.At, Member: 1}, &out)
	}
}

func BenchmarkDecidePurchaseUnderTenRules(b *testing.B) {
	b.Run("engine", func(b *testing.B) { benchmarkEngine(b, tenRules, plainPurchases()) })
	b.Run("by hand", func(b *testing.B) {
		h := newByHand(b)
		w := newBenchWorld(plainPurchases())
		b.ReportAllocs()
		for b.Loop() {
			h.purchase(w.next())
		}
	})
}

func BenchmarkDecideBasketOfTenItems(b *testing.B) {
	b.Run("engine", func(b *testing.B) { benchmarkEngine(b, tenItemRules, baskets()) })
	b.Run("by hand", func(b *testing.B) {
		h := newByHand(b)
		w := newBenchWorld(baskets())
		b.ReportAllocs()
		for b.Loop() {
			h.basket(w.next())
		}
	})
}

// byHand is what somebody would write who needs just these rules: it decides,
// explains and posts, with the rules in Go.
type byHand struct {
	zone          *time.Location
	out           engine.Decision
	book          ledger.Book
	may, june     calendar.Instant
	today         calendar.Instant
	awards        []ledger.Lot
	base, extra   int64
	coffee, goods []int64
}

func newByHand(b failer) *byHand {
	zone, err := calendar.Zone("Europe/Warsaw")
	if err != nil {
		b.Fatal(err)
	}
	return &byHand{zone: zone, may: calendar.Of(time.Date(2026, 5, 1, 0, 0, 0, 0, zone)), june: calendar.Of(time.Date(2026, 6, 1, 0, 0, 0, 0, zone))}
}

func (h *byHand) begin(s *ledger.State, e *event.Event) {
	h.out.Reset()
	h.book.Reset(s)
	h.book.Settle(e.At, calendar.Beginning)
	h.awards, h.base = h.awards[:0], 0
}

func (h *byHand) give(rule ledger.Name, amount int64) {
	step := engine.Step{Rule: rule, Result: engine.Gave, Wallet: 1, Amount: amount, Wanted: amount}
	if amount <= 0 {
		step.Result = engine.TooLittle
	} else {
		h.awards = append(h.awards, ledger.Lot{Rule: rule, Remaining: amount})
	}
	h.out.Steps = append(h.out.Steps, step)
}

func (h *byHand) not(rule ledger.Name, read string) {
	h.out.Steps = append(h.out.Steps, engine.Step{Rule: rule, Result: engine.NotMet, Read: read})
}

func (h *byHand) basic(rule ledger.Name, met bool, amount int64, read string) {
	if !met {
		h.not(rule, read)
		return
	}
	h.base += amount
	h.give(rule, amount)
}

func (h *byHand) end(s *ledger.State, e *event.Event, pending calendar.Span) {
	activates := calendar.Add(e.At, pending, h.zone)
	expires := calendar.End(calendar.Add(e.At, calendar.Span{Months: 12}, h.zone), calendar.ByMonth, h.zone)
	for _, lot := range h.awards {
		lot.EarnedAt, lot.ActivatesAt, lot.ExpiresAt = e.At, activates, expires
		h.book.Issue(1, lot, ledger.Issuer, ledger.Issue, e.At, e.At)
	}
	s.Purchases++
	s.Spend += e.Total
	s.LastPurchaseAt = e.At
	h.book.Settle(e.At, e.At)
	h.out.Postings = h.book.Postings
}

func (h *byHand) purchase(s *ledger.State, e *event.Event) {
	h.begin(s, e)
	counted := e.Total - e.PaidWithGiftCards - e.PaidWithPoints
	h.basic(2, true, counted/100, "")
	h.basic(3, e.Channel == "app", 10, e.Channel)
	h.basic(4, e.Store == "s7", counted*5/10_000, e.Store)
	h.basic(5, e.Total >= 200_00, 50, "")
	h.basic(6, s.Purchases == 0, 100, "")
	at := e.At.In(h.zone)
	h.basic(7, at.Hour() >= 6 && at.Hour() < 9, 5, "")
	if e.At < h.today || e.At >= h.today+calendar.Day {
		h.today = calendar.Start(e.At, calendar.ByDay, h.zone)
	}
	if s.Count(8, 1, h.today) < 2 {
		s.AddCount(8, 1, h.today, 1)
		h.basic(8, true, 3, "")
	} else {
		h.not(8, "")
	}
	if e.Channel == "web" && e.Total > 20_00 {
		h.give(9, h.base/2)
	} else {
		h.not(9, e.Channel)
	}
	if e.At >= h.may && e.At < h.june {
		h.give(10, h.base)
	} else {
		h.not(10, "")
	}
	switch {
	case counted >= 150_00:
		h.give(11, 40)
	case counted >= 100_00:
		h.give(11, 20)
	default:
		h.not(11, "")
	}
	h.end(s, e, calendar.Span{Days: 14})
}

func (h *byHand) basket(s *ledger.State, e *event.Event) {
	h.begin(s, e)
	goods, tea, branded, coffee := int64(0), int64(0), int64(0), int64(0)
	teaBranded := int64(0)
	for i := range e.Items {
		item := &e.Items[i]
		brand := item.Brand == "a" || item.Brand == "b"
		if item.Category != "gift-card" {
			goods += item.Total
		}
		if item.Category == "coffee" && item.Total > 10_00 {
			coffee += item.Quantity
		}
		if brand {
			branded += item.Total
		}
		if item.Category == "tea" {
			tea += item.Total
			if brand {
				teaBranded += item.Total
			}
		}
	}
	h.basic(2, goods > 0, goods/100, "")
	h.basic(3, coffee > 0, coffee*2/1000, "")
	h.basic(4, branded > 0, branded*3/10_000, "")
	h.give(5, tea/100+teaBranded*3/10_000)
	h.end(s, e, calendar.Span{})
}

// The rules by hand must come to what the engine comes to, or the comparison of
// their speeds would mean nothing.
func TestRulesByHandAreTheSameRules(t *testing.T) {
	for name, c := range map[string]struct {
		document string
		events   []event.Event
		decide   func(h *byHand, s *ledger.State, e *event.Event)
	}{
		"purchase": {tenRules, plainPurchases(), (*byHand).purchase},
		"basket":   {tenItemRules, baskets(), (*byHand).basket},
	} {
		p := load(t, c.document)
		timeline := engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: p})
		points := p.WalletByID("points").Name
		h := newByHand(t)
		one, two := newBenchWorld(c.events), newBenchWorld(c.events)
		var d engine.Decider
		var out engine.Decision
		for i := range benchMembers * benchVisits * 2 {
			s, e := one.next()
			d.Decide(timeline, s, e, engine.Inputs{Clock: e.At, Member: 1}, &out)
			other, same := two.next()
			c.decide(h, other, same)
			var got, want ledger.Balance
			if w := s.Wallet(points); w != nil {
				got = w.Balance()
			}
			if w := other.Wallet(1); w != nil {
				want = w.Balance()
			}
			if got != want {
				t.Fatalf("%s %d: the engine says %+v, by hand %+v", name, i, got, want)
			}
		}
	}
}

// Deciding upon an event without items takes hardly any memory beyond what the
// member's state grows by; a basket takes some where reductions are shared.
func TestDecidingTakesLittleMemory(t *testing.T) {
	grouped := tenRules + `
  - {id: g1, multiply: {points: 2}, stacking: {group: g}, limits: {points: {each day: 100, in total: 1000}}}
  - {id: g2, bonus: {points: 20}, stacking: {group: g}}
  - {id: g3, bonus: {points: 30}, stacking: {group: g}, limits: {times: {each week: 1}}}
`
	for _, c := range []struct {
		it       string
		document string
		events   []event.Event
		most     float64
	}{
		{"a purchase under ten rules", tenRules, plainPurchases(), 20},
		{"a purchase under campaigns that exclude one another", grouped, plainPurchases(), 20},
		{"a basket of ten items", tenItemRules, baskets(), 20},
	} {
		p := load(t, c.document)
		timeline := engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: p})
		w := newBenchWorld(c.events)
		var d engine.Decider
		var out engine.Decision
		got := testing.AllocsPerRun(2*benchMembers*benchVisits, func() {
			s, e := w.next()
			d.Decide(timeline, s, e, engine.Inputs{Clock: e.At, Member: 1}, &out)
		})
		if got > c.most {
			t.Errorf("%s: %.1f allocations, more than %.0f", c.it, got, c.most)
		}
		t.Logf("%s: %.1f allocations", c.it, got)
	}
}
