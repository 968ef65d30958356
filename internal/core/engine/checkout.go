package engine

import (
	"premia/internal/core/calendar"
	"premia/internal/core/condition"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/money"
	"premia/internal/core/price"
)

// Discount is a reduction that a program offers on baskets at list prices: a
// promotion, or a reward that codes stand for.
type Discount struct {
	Rule ledger.Name
	// Reduction has no marks: they are the items that meet Items, Gifts and those of
	// Parts in a basket.
	Reduction price.Reduction
	// When says who gets it, Items on which goods; Gifts are the goods that are
	// given on top of those. Each is nil where it does not matter.
	When, Items, Gifts *condition.Expression
	Parts              []DiscountPart
	// Available gives zero when it can be had at the event's moment, and otherwise
	// why not; nil where it always can.
	Available func(t *Turn) Result
	// Uses limit how often it is had, and Money how much it takes off.
	Uses, Money []LimitRule
	// UsesQuota and MoneyQuota count that over all members; zero where nothing
	// limits it.
	UsesQuota, MoneyQuota ledger.Name
	// Gone keeps its use used when nothing of the purchase remains.
	Gone bool
	// Voucher says how codes of it can be used; nil for a promotion.
	Voucher *VoucherTerms
}

// DiscountPart is one kind of pieces that a bundle needs.
type DiscountPart struct {
	Items  *condition.Expression
	Pieces int64
}

// VoucherTerms say how the codes of a reward can be used.
type VoucherTerms struct {
	// Bearer lets whoever has the code use it, and not only the member.
	Bearer bool
	// Valid is how long a voucher can be used after it was got; zero is for ever.
	Valid calendar.Span
	// Uses is how often a code can be used in all; zero is as often as one likes.
	Uses int64
	// Gone keeps the use of a code used when nothing of the order remains.
	Gone bool
}

// Settings are what a program says of checkouts.
type Settings struct {
	// Rule names checkouts among the program's rules.
	Rule ledger.Name
	// Most is the part of the goods' list price that all reductions together may
	// take off; zero for the whole.
	Most money.Rate
	// Hold is how long a checkout is held.
	Hold calendar.Span
	// Revive is how long value that paid and has expired is good again when goods
	// go back; zero if it is gone.
	Revive calendar.Span
	Pay    []PayTerms
}

// PayTerms say how a wallet pays.
type PayTerms struct {
	Wallet *Wallet
	// Value is the money, in minor units of the currency, that one minor unit of
	// the wallet pays.
	Value money.Rate
	// Most is the part of the price that the wallet may pay, and Least the least of
	// it, in its minor units, that pays at once.
	Most  money.Rate
	Least int64
}

// Bought gives a purchase as it was paid: at the prices that reductions left. Where
// the shop's prices were final that is the event itself.
func (p *Past) Bought() *event.Event {
	if p.Event.Prices == "" {
		return p.Event
	}
	return Bought(p.Event, p.Decision)
}

// Bought gives an event at the prices that its decision left.
func Bought(e *event.Event, d *Decision) *event.Event {
	if e.Prices == "" {
		return e
	}
	off, shipping := make([]int64, len(e.Items)), int64(0)
	for _, x := range d.Discounts {
		if x.Item == Shipping {
			shipping += x.Amount
		} else {
			off[x.Item] += x.Amount
		}
	}
	paid := int64(0)
	for i := range d.Steps {
		if s := &d.Steps[i]; s.Result == PaidWith {
			paid += s.Base
		}
	}
	return AtPrices(e, off, shipping, paid)
}

// AtPrices gives an event with so much taken off its lines and its shipping, of which
// so much is paid with points. Its prices are final then.
func AtPrices(e *event.Event, off []int64, shipping, points int64) *event.Event {
	out := *e
	out.Prices, out.Codes, out.Pay, out.Checkout = "", nil, nil, ""
	out.Items = append([]event.Item(nil), e.Items...)
	out.Shipping -= shipping
	out.Total = out.Shipping
	for i := range out.Items {
		out.Items[i].Total -= off[i]
		out.Items[i].GivenTotal = true
		out.Total += out.Items[i].Total
	}
	out.Tax = part(e.Tax, out.Total, e.Total)
	out.PaidWithGiftCards = min(e.PaidWithGiftCards, out.Total)
	out.PaidWithPoints = min(points, out.Total-out.PaidWithGiftCards)
	return &out
}

// Part gives amount × numerator ÷ denominator, halves up; with a falling numerator
// it never rises, and it is the whole amount for the whole.
func Part(amount, numerator, denominator int64) int64 { return part(amount, numerator, denominator) }

// Replayed gives the purchase that is being decided again and what is left of its
// [Pieces]; nil if none is.
func (t *Turn) Replayed() (past *Past, left []int64) {
	if t.replay == nil {
		return nil, nil
	}
	return t.replay.past, t.replay.pieces
}

// Left gives what a quota can still give in this decision.
func (t *Turn) Left(quota ledger.Quota, limit int64) int64 { return t.left(quota, limit) }

// Quota gives the quota that a limit over all members draws on in this event.
func (t *Turn) Quota(l *LimitRule) ledger.Quota { return t.quota(l) }

// Record keeps a grant of exactly so much of a quota. cut tells that the quota
// itself bounded it, so that it bounds it again when the decision is made again.
func (t *Turn) Record(quota ledger.Quota, limit, amount int64, cut bool) {
	t.Out.Grants = append(t.Out.Grants, Grant{Quota: quota, Limit: limit, Amount: amount, Cut: cut})
}

// UsedAt gives how much of a limit was used up before, in the period around the
// instant.
func (t *Turn) UsedAt(l *LimitRule, at calendar.Instant) int64 {
	now := t.At
	t.At = at
	defer func() { t.At = now }()
	return t.Used(l)
}

// ProgramOf gives the program under which something was decided, and the one at
// hand if that is not known any more.
func (t *Turn) ProgramOf(past *Past) *Program {
	if p := t.rules.Version(past.Decision.Program); p != nil {
		return p
	}
	return t.Program
}

// KeepMoment keeps an instant in the decision under a name that no condition reads.
func (t *Turn) KeepMoment(name ledger.Name, at calendar.Instant) {
	t.Out.Facts = append(t.Out.Facts, Fact{Field: name, Value: moment(at)})
}

// Moment gives the instant that a decision keeps under the name.
func (d *Decision) Moment(name ledger.Name) (calendar.Instant, bool) {
	for i := range d.Facts {
		if d.Facts[i].Field == name {
			return calendar.Of(d.Facts[i].Value.Time()), true
		}
	}
	return calendar.None, false
}

// GoodsReturned lets the mechanic that priced a purchase give back what was paid
// for goods that went back. later is what was decided after the purchase, the newest
// first, and remains the purchase as it would have been decided without them.
// It answers what is paid back in all, in money's minor units.
func (t *Turn) GoodsReturned(past *Past, later []*Past, remains *Remains) int64 {
	if p := t.ProgramOf(past); p.paidBack != nil {
		return p.paidBack(t, past, later, remains)
	}
	return 0
}

// ForGuests is a stage that does its part for guests, too.
type ForGuests interface {
	Stage
	ForGuests()
}
