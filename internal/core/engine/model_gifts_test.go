package engine_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// giftProgram gives a reward of seven beans for each piece that is bought; beans are
// gone after ten days.
const giftProgram = `
program: Gifts
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets:
  beans: {name: {en: beans}, debt: carry, expires: {after: 10d}}
earn:
  - {id: treat, give: {reward: seven, per: 10.00}}
  - {id: other, when: event.store == "fair", give: {reward: seven, per: 10.00}}
returns: {}
rewards:
  - {id: seven, name: {en: Seven}, kind: points, gives: {beans: 7}}
  - {id: sip, name: {en: Sip}, kind: service, where: here, price: {beans: 1}}
`

// giftsReturned plays a purchase of some pieces, of which beans are spent, and whose
// pieces go back in parts; the days say how long each waits.
type giftsReturned struct {
	pieces int
	store  string
	// moves are so many pieces that go back, or beans that are spent where negative.
	moves []int
	days  []int
}

// play answers what the member has, or owes below zero, and what was spent.
func (g *giftsReturned) play(t failer) (balance, spent int64) {
	w := newWorld(t, load(t, giftProgram))
	at := calendar.Instant(1_768_000_000_000_000)
	w.decide(1, event.Event{ID: "join", Type: event.Enrolment, At: at}, at)
	cents := int64(g.pieces) * 10_00
	w.decide(1, event.Event{ID: "buy", Type: event.Purchase, Order: "o", At: at, Total: cents, Given: event.GivenTotal, Store: g.store,
		Items: []event.Item{{SKU: "bag", Quantity: int64(g.pieces) * 1000, Total: cents, GivenTotal: true}}}, at)
	for i, n := range g.moves {
		at += calendar.Instant(g.days[i]) * 86_400_000_000
		if n > 0 {
			w.decide(1, event.Event{ID: fmt.Sprint("back-", i), Type: event.Return, Order: "o", At: at,
				Items: []event.Item{{SKU: "bag", Quantity: int64(n) * 1000}}}, at)
			continue
		}
		for j := range -n {
			out := w.decide(1, event.Event{ID: fmt.Sprint("sip-", i, "-", j), Type: event.Redemption, Reward: "sip", At: at}, at)
			for k := range out.Postings {
				if out.Postings[k].Kind == ledger.Spend {
					spent += out.Postings[k].Amount
				}
			}
		}
	}
	b := w.balance(1, "beans", at)
	return b.Available - b.Debt, spent
}

// TestGiftsThatGoBackInParts takes back what a given reward was, in parts, before and
// after some of it expired: when all goods are back the member owes what was spent and
// no more or less, and parts that go back one after another come to the same as at once.
func TestGiftsThatGoBackInParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := giftsReturned{pieces: rapid.IntRange(1, 6).Draw(t, "pieces"), store: rapid.SampledFrom([]string{"", "fair"}).Draw(t, "store")}
		for left := g.pieces; left > 0; {
			n := -rapid.IntRange(0, 6).Draw(t, "spent")
			if n == 0 {
				n = rapid.IntRange(1, left).Draw(t, "back")
				left -= n
			}
			g.moves, g.days = append(g.moves, n), append(g.days, rapid.SampledFrom([]int{0, 1, 4, 11}).Draw(t, "days"))
		}
		balance, spent := g.play(t)
		if balance != -spent {
			t.Fatalf("%+v leaves %d, and %d were spent", g, balance, spent)
		}
	})
}

// TestGiftsGoBackAlikeHoweverDivided returns the same pieces at once and one by one.
func TestGiftsGoBackAlikeHoweverDivided(t *testing.T) {
	for _, store := range []string{"", "fair"} {
		for back := 1; back <= 4; back++ {
			for spent := 0; spent <= 28; spent += 4 {
				once := giftsReturned{pieces: 4, store: store, moves: []int{-spent, back}, days: []int{0, 11}}
				parts := giftsReturned{pieces: 4, store: store, moves: []int{-spent}, days: []int{0}}
				for i := range back {
					parts.moves, parts.days = append(parts.moves, 1), append(parts.days, 11*max(1-i, 0))
				}
				a, _ := once.play(t)
				b, _ := parts.play(t)
				if a != b {
					t.Errorf("with %d spent, %d pieces of 4 go back at once: %d; one by one: %d", spent, back, a, b)
				}
			}
		}
	}
}
