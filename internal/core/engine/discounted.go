package engine

import (
	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

// Discounted is what a reduction took off one line of a basket at list prices, in
// minor units of the currency.
type Discounted struct {
	// Rule is the promotion, or the reward that a code stands for.
	Rule ledger.Name
	// Code is the place of the code among the event's, from 1; 0 if none was
	// needed.
	Code int
	// Item is the line's place among the event's items, or [Shipping].
	Item   int
	Amount int64
}

// Shipping stands for the shipping among the lines that were reduced.
const Shipping = -1

// Code is what the workspace knows of a code that an event names. The zero value
// is a code that nobody knows.
type Code struct {
	Found bool
	// Reward is what the code stands for.
	Reward ledger.Name
	// Window is that of the quota of its uses.
	Window int64
	// Member is whose it is; 0 for one that any bearer can use.
	Member ledger.MemberID
	// From and Until bound when it can be used: not before From, and before Until.
	From, Until calendar.Instant
	// Uses is how often it can be used in all; 0 for as often as one likes.
	Uses    int64
	Blocked bool
}

// appendCheckout writes the sections that only baskets at list prices have.
func (d *Decision) appendCheckout(w *ledger.Writer) {
	ledger.AppendSection(w, sectionDiscounts, d.Discounts, func(x *Discounted) {
		w.Uint(uint64(x.Rule))
		w.Uint(uint64(x.Code))
		w.Int(int64(x.Item))
		w.Int(x.Amount)
	})
	ledger.AppendSection(w, sectionCodes, d.Codes, func(c *Code) { c.append(w) })
	ledger.AppendSection(w, sectionPaid, d.Paid, func(p *ledger.Part) { p.Append(w) })
}

func (d *Decision) readDiscounts(r *ledger.Reader, n int) {
	for ; n > 0; n-- {
		d.Discounts = append(d.Discounts, Discounted{Rule: ledger.Name(r.Uint()), Code: int(r.Uint()), Item: int(r.Int()), Amount: r.Int()})
	}
}

func (d *Decision) readCodes(r *ledger.Reader, n int) {
	for ; n > 0; n-- {
		d.Codes = append(d.Codes, readCode(r))
	}
}

func (d *Decision) readPaid(r *ledger.Reader, n int) {
	for ; n > 0; n-- {
		d.Paid = append(d.Paid, ledger.ReadPart(r))
	}
}

func (c *Code) append(w *ledger.Writer) {
	w.Uint(bit(c.Found) | bit(c.Blocked)<<1)
	w.Uint(uint64(c.Reward))
	w.Int(c.Window)
	w.Uint(uint64(c.Member))
	w.Instant(c.From)
	w.Instant(c.Until)
	w.Int(c.Uses)
}

func readCode(r *ledger.Reader) Code {
	flags := r.Uint()
	return Code{
		Found: flags&1 != 0, Blocked: flags&2 != 0, Reward: ledger.Name(r.Uint()), Window: r.Int(),
		Member: ledger.MemberID(r.Uint()), From: r.Instant(), Until: r.Instant(), Uses: r.Int(),
	}
}
