package app_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/journal"
	"premia/internal/testkit"
)

const giftsProgram = `
program: Gifts
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets: {points: {name: points}}
returns: {}
earn:
  - {id: treat, when: event.store == "fair", give: {reward: cake, instead: {points: 3}}}
  - {id: coupon, when: event.store == "web", give: {reward: tenth, per: 10.00}}
  - {id: hot, when: event.store == "cup", give: {reward: coffee}}
rewards:
  - {id: cake, name: cake, kind: free product, sku: cake, stock: 1, fulfilment: collect}
  - {id: coffee, name: coffee, kind: free product, sku: coffee, fulfilment: collect}
  - {id: tenth, name: a tenth off, kind: discount, discount: {percent: 10}, voucher: {for: bearer, valid: 30d}}
`

// giving is a workspace whose rules give rewards.
type giving struct{ *history }

func newGiving(t *testing.T, url string) *giving {
	h := &history{t: t, url: url, clock: testkit.NewClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))}
	var err error
	if h.App, err = app.Open(t.Context(), app.Config{DB: url, Migrate: true, Clock: h.clock.Now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	h.publish(giftsProgram)
	return &giving{h}
}

// request is an event of a card.
func (g *giving) request(card, src string) journal.Request {
	e, err := event.Decode([]byte(src), event.Scales{Currency: 2})
	if err == nil {
		err = e.Check("PLN", 2)
	}
	if err != nil {
		g.t.Error(err)
		return journal.Request{}
	}
	return journal.Request{Event: e, Identity: journal.Identity{Kind: "card", Value: card}, Unknown: engine.EnrolUnknown}
}

// happens decides an event of a card and all that follows from it.
func (g *giving) happens(card, src string) journal.Answer {
	g.t.Helper()
	g.clock.Advance(time.Hour)
	a := g.append(g.request(card, src))
	if _, err := g.Journal.Deliver(g.t.Context(), journal.FollowUps{Journal: g.Journal}); err != nil {
		g.t.Fatal(err)
	}
	return a
}

// codes gives the codes of a redemption's vouchers, in order, and how many of them
// are blocked.
func (g *giving) codes(redemption string) (texts []string, blocked int) {
	g.t.Helper()
	all, err := g.Journal.VouchersOf(g.t.Context(), redemption)
	if err != nil {
		g.t.Fatal(err)
	}
	for i := range all {
		texts = append(texts, all[i].Code)
		if all[i].Blocked != 0 {
			blocked++
		}
	}
	return texts, blocked
}

// TestLastOfAStockIsGivenOnce lets 64 purchases at once earn the last reward of a
// stock: exactly one does, the others get what is given instead, and a return lets it
// be given again.
func TestLastOfAStockIsGivenOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		g := newGiving(t, url)
		const buyers = 64
		got := make([]bool, buyers)
		var all sync.WaitGroup
		for i := range buyers {
			all.Go(func() {
				r := g.request(fmt.Sprint(i), fmt.Sprintf(`{"id":"p%d","type":"purchase","order":"o%d","store":"fair","total":"5.00"}`, i, i))
				a, err := g.Journal.Append(t.Context(), r)
				if err != nil {
					t.Error(err)
					return
				}
				gifts := g.Gifts(a.Member, a.Decision)
				got[i] = len(gifts) == 1
				if m, err := g.Member(t.Context(), a.Member.String()); err != nil || (m.Wallets[0].Net() == 3) == got[i] {
					t.Errorf("buyer %d got %v and has %+v (%v)", i, gifts, m.Wallets, err)
				}
			})
		}
		all.Wait()
		winner, n := 0, 0
		for i := range got {
			if got[i] {
				winner, n = i, n+1
			}
		}
		if n != 1 {
			t.Fatalf("%d got the last one", n)
		}
		wantHealthy(t, g.Store)
		g.happens(fmt.Sprint(winner), fmt.Sprintf(`{"id":"r","type":"return","order":"o%d"}`, winner))
		a := g.happens("late", `{"id":"late","type":"purchase","order":"late","store":"fair","total":"5.00"}`)
		if gifts := g.Gifts(a.Member, a.Decision); len(gifts) != 1 {
			t.Errorf("after the return nobody gets it: %+v", a.Decision.Steps)
		}
		wantHealthy(t, g.Store)
	})
}

// TestGivenVouchersComeBackUnused gives three vouchers, lets one be used, and takes
// the others back with the goods; the numbers stay right across a merge.
func TestGivenVouchersComeBackUnused(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		g := newGiving(t, url)
		a := g.happens("1", `{"id":"p","type":"purchase","order":"A","store":"web","total":"30.00"}`)
		gifts := g.Gifts(a.Member, a.Decision)
		if len(gifts) != 1 || gifts[0].Quantity != 3 {
			t.Fatalf("%+v", gifts)
		}
		texts, _ := g.codes(gifts[0].Redemption)
		if len(texts) != 3 {
			t.Fatalf("codes %v", texts)
		}
		cup := g.happens("1", `{"id":"q","type":"purchase","order":"C","store":"cup","total":"1.00"}`)
		coffee := g.Gifts(cup.Member, cup.Decision)[0]
		if used := g.happens("2", fmt.Sprintf(`{"id":"u","type":"purchase","order":"B","prices":"list","codes":[%q],"items":[{"sku":"x","unit_price":"10.00"}]}`, texts[1])); used.Decision.Outcome != engine.Applied {
			t.Fatalf("%v", used.Decision.Outcome)
		}
		g.append(g.merge("m", a.Member, g.happens("2", `{"id":"v","type":"purchase","order":"D","total":"1.00"}`).Member))
		for range 3 {
			if _, err := g.Journal.Deliver(t.Context(), journal.FollowUps{Journal: g.Journal}); err != nil {
				t.Fatal(err)
			}
		}
		fulfil := &event.Event{ID: "f", Type: event.Fulfilment, Redemption: coffee.Redemption, Status: ledger.Ready.String()}
		if f, err := g.Record(t.Context(), fulfil); err != nil || f.Decision.Outcome != engine.Applied {
			t.Fatalf("%v, %+v", err, f.Decision)
		}
		if r, err := g.Redemption(t.Context(), coffee.Redemption); err != nil || r.Status != "ready" {
			t.Errorf("%+v (%v)", r, err)
		}
		g.happens("2", `{"id":"r","type":"return","order":"A"}`)
		g.happens("2", `{"id":"s","type":"return","order":"C"}`)
		if _, blocked := g.codes(gifts[0].Redemption); blocked != 2 {
			t.Errorf("%d of the vouchers are blocked, want the two that were not used", blocked)
		}
		if r, err := g.Redemption(t.Context(), coffee.Redemption); err == nil && r.Status != "cancelled" {
			t.Errorf("the coffee is %s after its goods went back", r.Status)
		}
		if v := wantHealthy(t, g.Store); v.Replayed != v.Entries {
			t.Errorf("%+v, want all replayed", v)
		}
	})
}
