package engine

import (
	"github.com/govalues/decimal"

	"premia/internal/core/calendar"
	"premia/internal/core/condition"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/money"
)

// Measure is what an award is reckoned from.
type Measure uint8

// The measures of an award.
const (
	ByEvent   Measure = iota // a fixed amount for the event
	ByAmount                 // a rate on the money that counts
	ByItems                  // a rate on the number of goods
	ByFormula                // a formula's value
)

// Without says which parts of a total do not count, as bits.
type Without uint8

// The parts of a total that may be left out.
const (
	WithoutTax Without = 1 << iota
	WithoutShipping
	WithoutGiftCards
	WithoutPoints
)

// Giving is what a rule gives in one wallet.
type Giving struct {
	Rule    ledger.Name
	Wallet  *Wallet
	Measure Measure
	// Rate is minor units of the wallet for each minor unit of money (ByAmount),
	// or for each thousandth of an item (ByItems).
	Rate     money.Rate
	Fixed    int64
	Formula  *condition.Expression
	Rounding money.Rounding
	Without  Without
	Terms    Terms
	Limits   []LimitRule
	// Instead is what is given where none of a reward is left.
	Instead []*Giving
}

// Award is what a rule gives in this decision.
type Award struct {
	Giving *Giving
	Amount int64
	// Marks are the items that it was reckoned from; nil for the whole event.
	Marks []bool
	// Base is set for awards that campaigns may multiply.
	Base bool
}

// Value reckons what the giving is worth for the marked items (nil: the whole
// event), before limits, and what it counted. ok is false where a formula has no
// value.
func (t *Turn) Value(g *Giving, marks []bool) (amount, base int64, ok bool) {
	var err error
	switch g.Measure {
	case ByEvent:
		return g.Fixed, 0, true
	case ByAmount:
		base = t.Counted(g.Without, marks)
		amount, err = g.Rate.Apply(base, g.Rounding)
	case ByItems:
		base = t.countedItems(marks)
		amount, err = g.Rate.Apply(base, g.Rounding)
	case ByFormula:
		d, evalErr := g.Formula.Decimal(t)
		if evalErr != nil {
			return 0, 0, false
		}
		amount, err = MinorOf(d, g.Wallet.Unit.Scale, g.Rounding)
	}
	return max(amount, 0), base, err == nil
}

// MinorOf gives an exact decimal in minor units of the scale, rounded.
func MinorOf(d decimal.Decimal, scale int, how money.Rounding) (int64, error) {
	rate, err := money.RateOf(d)
	if err != nil {
		return 0, err
	}
	return rate.Apply(Power10(scale), how)
}

// Power10 gives ten to the power of n, 0 to 18.
func Power10(n int) int64 {
	p := int64(1)
	for ; n > 0; n-- {
		p *= 10
	}
	return p
}

func (t *Turn) countedItems(marks []bool) int64 {
	sum := int64(0)
	for i := range t.Event.Items {
		if marks == nil || marks[i] {
			sum += t.Event.Items[i].Quantity
		}
	}
	return sum
}

// Counted gives the part of the total that counts. For single items the
// reductions of the whole order are shared among all items in proportion to
// their totals, to the last minor unit.
func (t *Turn) Counted(without Without, marks []bool) int64 {
	if t.replay != nil && t.replay.left != nil {
		return t.replay.left.counted(without, marks)
	}
	e := t.Event
	counted := e.Total - excludedOf(e, without)
	if marks == nil {
		if without&WithoutShipping != 0 {
			counted -= e.Shipping
		}
		return max(counted, 0)
	}
	goods := max(counted-e.Shipping, 0)
	if len(e.Items) == 0 {
		return goods
	}
	t.totals = t.totals[:0]
	for i := range e.Items {
		t.totals = append(t.totals, e.Items[i].Total)
	}
	sum := int64(0)
	for i, share := range sharesOf(goods, t.totals) {
		if marks[i] {
			sum += share
		}
	}
	return sum
}

// excludedOf gives the parts of the total, beside shipping, that do not count.
func excludedOf(e *event.Event, without Without) int64 {
	sum := int64(0)
	if without&WithoutTax != 0 {
		sum += e.Tax
	}
	if without&WithoutGiftCards != 0 {
		sum += e.PaidWithGiftCards
	}
	if without&WithoutPoints != 0 {
		sum += e.PaidWithPoints
	}
	return sum
}

// sharesOf splits goods over items with these totals; where nothing reduces the
// order the shares are the totals themselves.
func sharesOf(goods int64, totals []int64) []int64 {
	sum := int64(0)
	for _, total := range totals {
		sum += total
	}
	if sum == goods || sum == 0 {
		return totals
	}
	return money.Share(goods, totals)
}

// Award adds an award of the giving for the marked items, within its limits,
// and explains it. base tells that campaigns may multiply it.
func (t *Turn) Award(g *Giving, marks []bool, base bool) {
	wanted, counted, ok := t.Value(g, marks)
	if !ok {
		t.Note(Step{Rule: g.Rule, Result: Failed, Wallet: g.Wallet.Name})
		return
	}
	t.AwardAmount(g, marks, wanted, counted, base)
}

// AwardAmount adds an award of a given amount, within the giving's limits,
// explains it, and answers what is left of it.
func (t *Turn) AwardAmount(g *Giving, marks []bool, wanted, counted int64, base bool) (given int64) {
	if g.Wallet.Gift != nil {
		return t.awardGift(g, marks, wanted, counted)
	}
	step := Step{Rule: g.Rule, Wallet: g.Wallet.Name, Base: counted, Amount: wanted, Wanted: wanted, Result: Gave}
	if wanted > 0 {
		step.Amount, step.Limit = t.limitOrReplay(g, wanted)
	}
	switch {
	case wanted == 0:
		step.Result = TooLittle
	case step.Amount == 0 && step.Limit.Shared():
		step.Result = BudgetSpent
	case step.Amount == 0:
		step.Result = LimitReached
	}
	t.Note(step)
	if step.Amount > 0 {
		t.Awards = append(t.Awards, Award{Giving: g, Amount: step.Amount, Marks: marks, Base: base})
	}
	return step.Amount
}

// limitOrReplay applies the limits, or where a purchase is decided again what
// they had left of the award then.
func (t *Turn) limitOrReplay(g *Giving, wanted int64) (int64, Limit) {
	if t.replay == nil {
		return t.limit(g, wanted)
	}
	return t.replay.take(t, g, wanted), NoLimit
}

// issue turns the awards into lots.
func (t *Turn) issue() {
	// A reward that is given may give awards itself.
	for i := 0; i < len(t.Awards); i++ {
		t.issueOne(&t.Awards[i], t.Event.Order, t.Clock)
	}
}

// issueOne turns an award into a lot, which may wait for what becomes of an order;
// what it pays of a debt at once counts from paidFrom.
func (t *Turn) issueOne(a *Award, order string, paidFrom calendar.Instant) {
	if a.Giving.Wallet.Gift != nil {
		t.issueGift(a)
		return
	}
	terms := &a.Giving.Terms
	activates, expires := t.dates(terms)
	lot := ledger.Lot{
		Rule: a.Giving.Rule, Remaining: a.Amount, EarnedAt: t.At,
		ActivatesAt: activates, ExpiresAt: expires,
		Sliding: terms.Expires.Kind == ExpiresSliding, Capped: a.Giving.caps(),
	}
	if terms.Await != 0 && order != "" {
		lot.Await, lot.Order = terms.Await, order
		if terms.Pending.IsZero() {
			lot.ActivatesAt = calendar.Never
		}
	}
	t.Book.Issue(a.Giving.Wallet.Name, lot, ledger.Issuer, ledger.Issue, t.At, paidFrom)
}

// Renew moves the expiry of the member's awards whose expiry slides with
// activity, by the terms of the rule that gave them or, if that has none now, of
// the wallet.
func (t *Turn) Renew() {
	p := t.Program
	if len(p.sliding) == 0 {
		return
	}
	t.Book.Renew(func(wallet, rule ledger.Name) calendar.Instant {
		terms, ok := p.sliding[slide{rule, wallet}]
		if w := p.Wallet(wallet); !ok && w != nil && w.Terms.Expires.Kind == ExpiresSliding {
			terms, ok = w.Terms.Expires, true
		}
		if !ok {
			return calendar.Beginning
		}
		return t.expiry(terms)
	})
}

// expiry gives the first instant at which an award of this event is gone.
func (t *Turn) expiry(x Expiry) calendar.Instant {
	zone := t.Program.Zone
	switch x.Kind {
	case ExpiresAfter, ExpiresSliding:
		from := t.At
		if x.Kind == ExpiresSliding {
			// An award that comes late has missed the activity since.
			from = max(from, t.State.LastPurchaseAt)
		}
		at := calendar.Add(from, x.After, zone)
		if x.At != 0 {
			at = t.moments.period(at, x.At).end
		}
		return at
	case ExpiresOn:
		return calendar.NextDay(t.At, x.Month, x.Day, zone)
	case ExpiresAnniversary:
		return calendar.NextAnniversary(t.State.EnrolledAt, t.At, zone)
	}
	return calendar.Never
}
