package engine

import (
	"premia/internal/core/event"
)

// Past is an event of the member that was decided before. A claim stands there
// as the purchase that was claimed.
type Past struct {
	Event    *event.Event
	Decision *Decision
	// Lots gives the traces of lots that have changed hands since, and so their
	// numbers; nil where they have not.
	Lots map[uint32]Trace
	// Numbering tells apart the stretches of a history in which lots have numbers
	// of their own; 0 is today's.
	Numbering uint32
}

// Trace tells a lot from all others of a history, whatever numbers it had: the
// stretch in which it had its last number, and that number.
type Trace struct{ Numbering, Number uint32 }

// Trace gives the trace of a lot that the decision names.
func (p *Past) Trace(number uint32) Trace {
	if later, cameOver := p.Lots[number]; cameOver {
		return later
	}
	return Trace{p.Numbering, number}
}

// Lot gives today's number of a lot that the decision names; 0 if it did not
// come over when value changed hands.
func (p *Past) Lot(number uint32) uint32 {
	if t := p.Trace(number); t.Numbering == 0 {
		return t.Number
	}
	return 0
}

// Key tells the purchase from the member's others: its event's id or, in a
// scenario, the order's number.
func (p *Past) Key() string {
	if p.Event.ID != "" {
		return p.Event.ID
	}
	return p.Event.Order
}

// History yields what was decided of the member, the newest first, until yield
// gives false. What it yields may be kept.
type History func(yield func(*Past) bool)

// NeedsHistory tells whether an event may read what was decided of its member
// before: whoever decides must then have written it.
func NeedsHistory(e *event.Event) bool {
	switch e.Type {
	case event.Purchase:
		return e.Checkout != ""
	case event.Return, event.Confirmation, event.Cancellation, event.Refund, event.Fulfilment,
		event.Approval, event.Rejection, event.FamilyReturn, event.ReferralBack, event.CommissionBack,
		event.ContestPrize, event.ContestClaim, event.ContestLapse:
		return true
	}
	return false
}

// Pieces gives what there is to return of a purchase: the quantity of each item,
// in thousandths, or where no items are known the total in minor units (or one,
// if there is no total either).
func Pieces(purchase *event.Event) []int64 {
	if len(purchase.Items) == 0 {
		return []int64{max(purchase.Total, 1)}
	}
	out := make([]int64, len(purchase.Items))
	for i := range purchase.Items {
		out[i] = purchase.Items[i].Quantity
	}
	return out
}
