package engine_test

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// Gift cards stand among the members, with numbers from firstCard on.
const (
	firstCard = 101
	cardsMost = 2
	cardValue = "gift_card_pln"
)

// modelCard is the one kind of gift cards, as the model reads it.
type modelCard struct {
	expires modelExpiry
	topUp   bool
	reward  modelReward // how payments are held and refunded
}

func drawCard(t *rapid.T) *modelCard {
	c := &modelCard{topUp: rapid.Bool().Draw(t, "top up"), reward: modelReward{hold: drawSpan(t)}}
	if c.expires = drawExpiry(t); c.expires.kind != "never" {
		c.expires = modelExpiry{kind: "after", length: drawSpan(t), at: rapid.SampledFrom([]string{"", "month", "year"}).Draw(t, "end of")}
	}
	if c.reward.refund = rapid.Bool().Draw(t, "refund"); c.reward.refund {
		c.reward.within = drawSpan(t)
		if rapid.Bool().Draw(t, "revives") {
			c.reward.revive = drawSpan(t)
		}
	}
	return c
}

func (c *modelCard) write(b *strings.Builder) {
	fmt.Fprintf(b, "gift cards:\n  - id: card\n    name: card\n    most: 500\n    top up: %v\n    hold: %s\n", c.topUp, c.reward.hold)
	writeTerms(b, &modelPending{}, &c.expires)
	if c.reward.refund {
		terms := "within: " + c.reward.within.String()
		if (c.reward.revive != modelSpan{}) {
			terms += ", revive expired: " + c.reward.revive.String()
		}
		fmt.Fprintf(b, "    refund: {%s}\n", terms)
	}
}

// card draws what happens to a gift card.
func (h *historian) card(f *fact) {
	if h.cards == 0 || (h.cards < cardsMost && rapid.IntRange(0, 4).Draw(h.t, "another") == 0) {
		f.kind, f.member = "gift_card_issue", firstCard+h.cards
		h.cards++
		f.amount = int64(rapid.IntRange(1, 20_000).Draw(h.t, "value"))
		return
	}
	f.member = firstCard + rapid.IntRange(0, h.cards-1).Draw(h.t, "card")
	f.amount = int64(rapid.SampledFrom([]int{1, 700, 3_000, 9_000}).Draw(h.t, "amount"))
	switch rapid.IntRange(0, 5).Draw(h.t, "done") {
	case 0:
		f.kind = "gift_card_top_up"
	case 1, 2:
		h.paid++
		f.kind, f.redemption, f.hold = "gift_card_payment", fmt.Sprint("p", h.paid), rapid.Bool().Draw(h.t, "held")
	default:
		f.kind = rapid.SampledFrom([]string{"confirmation", "cancellation", "refund", "refund"}).Draw(h.t, "led")
		f.redemption = fmt.Sprint("p", rapid.IntRange(max(1, h.paid-2), max(1, h.paid)).Draw(h.t, "which"))
		if i := slices.IndexFunc(h.facts, func(x fact) bool { return x.kind == "gift_card_payment" && x.redemption == f.redemption }); i >= 0 {
			f.member = h.facts[i].member
		}
		if f.kind != "refund" || rapid.Bool().Draw(h.t, "all") {
			f.amount = 0
		}
	}
}

// cardFact lets something happen to a gift card, and gives what was put on it.
func (w *modelWorld) cardFact(m *modelMember, f *fact) []*modelAward {
	c := w.program.card
	available := m.balance(cardValue).Available
	switch f.kind {
	case "gift_card_issue":
		if f.amount > 500_00 {
			return nil
		}
	case "gift_card_top_up":
		if !c.topUp || available+f.amount > 500_00 {
			return nil
		}
	case "gift_card_payment":
		if f.amount <= available {
			x := &modelRedemption{id: f.redemption, reward: &c.reward, at: f.at, held: f.hold}
			m.takeFor(x, cardValue, f.amount)
			w.remember(m, x, f.clock)
		}
		return nil
	}
	return []*modelAward{w.award(m, w.wallet(cardValue), "card", f, f.amount, &modelPending{}, &c.expires)}
}

// refundPart gives a part of a payment back, what was used up last first.
func (w *modelWorld) refundPart(m *modelMember, x *modelRedemption, f *fact) (all bool) {
	sum := int64(0)
	for i := range x.pieces {
		sum += x.pieces[i].took.left
	}
	if f.amount == 0 {
		f = &fact{amount: sum, clock: f.clock}
	}
	if f.amount > sum {
		return false
	}
	var back []piece
	for left := f.amount; left > 0; {
		last := &x.pieces[len(x.pieces)-1]
		one := *last
		one.took.left = min(left, last.took.left)
		left -= one.took.left
		if last.took.left -= one.took.left; last.took.left == 0 {
			x.pieces = x.pieces[:len(x.pieces)-1]
		}
		back = append(back, one)
	}
	m.restore(back, f.clock, func(a *modelAward) bool {
		a.expires = w.later(f.clock, x.reward.revive).UnixMicro()
		return x.reward.revive != modelSpan{}
	})
	return len(x.pieces) == 0
}
