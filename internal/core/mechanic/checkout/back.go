package checkout

import (
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/price"
)

// again prices what is left of a purchase: with the reductions that it had and no
// others, each taking off no line more than its share of what it took then.
func (s *stage) again(t *engine.Turn) {
	past, left := t.Replayed()
	at := past.Decision.At
	if then, ok := past.Decision.Moment(s.pricedAt); ok {
		at = then
	}
	b := newBasket(t, at)
	t.At = at
	for _, had := range reductionsOf(past.Decision) {
		d := discountOf(t.Program, had)
		if d == nil || !t.Met(d.When, d.Rule) {
			continue
		}
		b.offerAgain(d, had, past, left)
	}
	t.At = past.Decision.At
	lines := b.lines()
	b.priced = lines.Price(b.reductions(false))
	b.sum()
	b.explain()
	whole := past.Bought()
	rest := engine.AtPrices(t.Event, b.off, b.shipping, 0)
	t.Instead(engine.AtPrices(t.Event, b.off, b.shipping, engine.Part(whole.PaidWithPoints, rest.Total, whole.Total)))
}

// had is a reduction that a purchase had.
type had struct {
	rule ledger.Name
	code int
}

// reductionsOf lists the reductions of a decision, in order.
func reductionsOf(d *engine.Decision) (out []had) {
	for _, x := range d.Discounts {
		if one := (had{x.Rule, x.Code}); len(out) == 0 || out[len(out)-1] != one {
			out = append(out, one)
		}
	}
	return out
}

func discountOf(p *engine.Program, one had) *engine.Discount {
	if one.code > 0 {
		return p.Discounts[one.rule]
	}
	for _, d := range p.Promotions {
		if d.Rule == one.rule {
			return d
		}
	}
	return nil
}

// offerAgain offers a reduction within what it took off each line. Lines stand in
// the basket without those of which nothing is left.
func (b *basket) offerAgain(d *engine.Discount, one had, past *engine.Past, left []int64) {
	o := offer{Discount: d, code: one.code, reduction: d.Reduction}
	r := &o.reduction
	r.Marks, _, _ = b.t.Matching(d.Items)
	if d.Gifts != nil {
		r.Gifts, _, _ = b.t.Matching(d.Gifts)
	}
	for _, part := range d.Parts {
		marks, _, _ := b.t.Matching(part.Items)
		r.Parts = append(r.Parts[:len(r.Parts):len(r.Parts)], price.Part{Marks: marks, Pieces: part.Pieces})
	}
	r.Group, r.Alone = "", false
	r.Caps = make([]int64, len(b.t.Event.Items))
	taken := make([]int64, len(left))
	for _, x := range past.Decision.Discounts {
		switch {
		case x.Rule != one.rule || x.Code != one.code:
		case x.Item == engine.Shipping:
			r.ShippingCap += x.Amount
		default:
			taken[x.Item] += x.Amount
		}
	}
	place := 0
	for i := range left {
		if left[i] > 0 {
			r.Caps[place] = engine.Part(taken[i], left[i], past.Event.Items[i].Quantity)
			place++
		}
	}
	b.offers = append(b.offers, o)
}

// paidBack gives back what was paid for goods that went back: money, wallets to
// their very lots, and what reductions used. It answers how much was paid back in
// all.
func (s *stage) paidBack(t *engine.Turn, past *engine.Past, later []*engine.Past, remains *engine.Remains) (back int64) {
	whole := past.Bought()
	gone := refunded(later, past.Key())
	back = max(whole.Total-gone-remains.Event.Total, 0)
	if back > 0 {
		s.payBack(t, past, whole.Total, gone, back)
	}
	s.takeLess(t, past, later, remains)
	if remains.Event.Total == 0 && len(remains.Event.Items) == 0 {
		usesBack(t, past)
	}
	return back
}

// refunded adds up what earlier returns of a purchase gave back, in money's minor
// units.
func refunded(later []*engine.Past, key string) int64 {
	sum := int64(0)
	eachStep(later, key, engine.PaidBack, func(s *engine.Step) { sum += s.Wanted })
	return sum
}

func eachStep(later []*engine.Past, key string, result engine.Result, do func(s *engine.Step)) {
	for _, p := range later {
		for i := range p.Decision.Steps {
			if s := &p.Decision.Steps[i]; s.Result == result && s.Read == key {
				do(s)
			}
		}
	}
}

// payBack splits what goes back among money and the wallets that paid, as they paid
// of the whole: of each, after several returns, exactly its part so far.
func (s *stage) payBack(t *engine.Turn, past *engine.Past, whole, gone, back int64) {
	rule, inMoney := t.Program.Checkout.Rule, back
	grace := calendar.Instant(0)
	if revive := t.Program.Checkout.Revive; !revive.IsZero() {
		grace = calendar.Add(t.Clock, revive, t.Program.Zone) - t.Clock
	}
	for i := range past.Decision.Steps {
		paid := &past.Decision.Steps[i]
		if paid.Result != engine.PaidWith {
			continue
		}
		soFar := func(amount, of int64) int64 { return engine.Part(amount, of, whole) }
		inMoney -= soFar(paid.Base, gone+back) - soFar(paid.Base, gone)
		from, to := soFar(paid.Amount, gone), soFar(paid.Amount, gone+back)
		if to == from {
			continue
		}
		t.Book.Restore(partsBetween(past, paid.Wallet, from, to), ledger.Spent, ledger.Refund, t.Clock, grace)
		t.Note(engine.Step{Rule: rule, Result: engine.Restored, Wallet: paid.Wallet, Amount: to - from, Wanted: to - from})
	}
	t.Note(engine.Step{Rule: rule, Result: engine.PaidBack, Base: inMoney, Wanted: back, Read: past.Key()})
}

// partsBetween gives the parts of what a wallet paid, counted from the last lot that
// was taken, between two amounts: what expires last comes back first.
func partsBetween(past *engine.Past, wallet ledger.Name, from, to int64) (out []ledger.Part) {
	at := int64(0)
	for i := len(past.Decision.Paid) - 1; i >= 0; i-- {
		part := past.Decision.Paid[i]
		if part.Wallet != wallet {
			continue
		}
		begin, end := max(from, at), min(to, at+part.Lot.Remaining)
		at += part.Lot.Remaining
		if begin >= end {
			continue
		}
		part.Lot.Remaining, part.Lot.No = end-begin, past.Lot(part.Lot.No)
		out = append(out, part)
	}
	return out
}

// takeLess says how much of each reduction does not stay with what is left, and
// gives it back to its budget.
func (s *stage) takeLess(t *engine.Turn, past *engine.Past, later []*engine.Past, remains *engine.Remains) {
	for _, one := range reductionsOf(past.Decision) {
		less := totalOf(past.Decision.Discounts, one) - totalOf(remains.Discounts, one)
		eachStep(later, past.Key(), engine.ReducedLess, func(s *engine.Step) {
			if s.Rule == one.rule && int(s.Part) == one.code {
				less -= s.Base
			}
		})
		if less <= 0 {
			continue
		}
		t.Note(engine.Step{Rule: one.rule, Result: engine.ReducedLess, Base: less, Part: uint8(one.code), Read: past.Key()})
		d := discountOf(t.ProgramOf(past), one)
		if d == nil {
			continue
		}
		drawn(past.Decision, func(q ledger.Quota, amount int64) {
			if names(d.Money, d.MoneyQuota, q.Name) {
				t.Record(q, 0, -min(less, amount), false)
			}
		})
		ofMember(d.Money, func(l *engine.LimitRule) { t.Unuse(l, past.Decision.At, less) })
	}
}

func totalOf(discounts []engine.Discounted, one had) int64 {
	sum := int64(0)
	for _, x := range discounts {
		if x.Rule == one.rule && x.Code == one.code {
			sum += x.Amount
		}
	}
	return sum
}

// usesBack gives back what reductions used, when nothing of the order remains: their
// codes and their uses.
func usesBack(t *engine.Turn, past *engine.Past) {
	p := t.ProgramOf(past)
	for _, one := range reductionsOf(past.Decision) {
		d := discountOf(p, one)
		if d == nil || (d.Voucher != nil && d.Voucher.Gone) {
			continue
		}
		if d.Gone {
			continue
		}
		drawn(past.Decision, func(q ledger.Quota, _ int64) {
			if names(d.Uses, d.UsesQuota, q.Name) {
				t.Record(q, 0, -1, false)
			}
		})
		ofMember(d.Uses, func(l *engine.LimitRule) { t.Unuse(l, past.Decision.At, 1) })
		if one.code == 0 {
			continue
		}
		if window, limited := windowOf(p, past, one.code-1); limited {
			t.Record(ledger.Quota{Name: codeQuota(p, d), Window: window}, 0, -1, false)
		}
		t.Note(engine.Step{Rule: one.rule, Result: engine.UseBack, Part: uint8(one.code), Read: past.Key()})
	}
}

// windowOf gives the quota's window of a code that a purchase used, and whether its
// uses are counted.
func windowOf(p *engine.Program, past *engine.Past, i int) (window int64, limited bool) {
	if reward, declared := p.DeclaredCodes[normal(past.Event.Codes[i])]; declared {
		return 0, p.Discounts[reward].Voucher.Uses > 0
	}
	if i >= len(past.Decision.Codes) {
		return 0, false
	}
	c := past.Decision.Codes[i]
	return c.Window, c.Uses > 0
}

func rewardID(p *engine.Program, rule ledger.Name) string {
	_, id, _ := strings.Cut(p.Names.Name(rule), ".")
	return id
}
