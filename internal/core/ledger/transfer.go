package ledger

import (
	"premia/internal/core/calendar"
)

// TakeIn takes in parts of another member's lots, as [Book.TakeParts] gave them
// for Transit: each becomes a lot here, with the rule and the dates that it had.
// Debts are paid first. What expired on its way expires on arrival: before, it was
// not here. It is not earned here, so Issued stays.
func (b *Book) TakeIn(parts []Part, at calendar.Instant) {
	for _, p := range parts {
		b.takeIn(p.Wallet, p.Lot, Transit, at)
	}
}

// TakeInAs takes in parts of a gift card's lots as value of another wallet, times as much
// of it. What was on its way is spent, and as much comes from the issuer: a unit's own
// movements add up to zero. The lots keep their rule and dates.
func (b *Book) TakeInAs(parts []Part, wallet Name, times int64, at calendar.Instant) {
	for _, p := range parts {
		b.post(Posting{Kind: CarryOut, Wallet: p.Wallet, From: Transit, To: Spent, Amount: p.Lot.Remaining, Rule: p.Lot.Rule, At: at})
		lot := p.Lot
		lot.Remaining *= times
		b.takeIn(wallet, lot, Issuer, at)
	}
}

func (b *Book) takeIn(wallet Name, lot Lot, from Account, at calendar.Instant) {
	w := b.State.Open(wallet)
	b.State.LastLot++
	lot.No = b.State.LastLot
	lot.ExpiresAt = max(lot.ExpiresAt, at)
	b.post(Posting{Kind: CarryIn, Wallet: w.Name, From: from, To: Available, Amount: lot.Remaining, Lot: lot.No, Rule: lot.Rule, Capped: lot.Capped, At: at})
	b.payDebt(w, &lot, at)
	if lot.Remaining > 0 {
		w.Lots = append(w.Lots, lot)
	}
}

// AppendParts writes parts in their compact form.
func AppendParts(w *Writer, parts []Part) {
	w.Uint(uint64(len(parts)))
	for i := range parts {
		parts[i].Append(w)
	}
}

// Append writes the part in its compact form.
func (p *Part) Append(w *Writer) {
	w.Uint(uint64(p.Wallet))
	p.Lot.append(w)
}

// ReadParts reads what AppendParts wrote.
func ReadParts(r *Reader) (parts []Part) {
	for n := r.Count(); n > 0; n-- {
		parts = append(parts, ReadPart(r))
	}
	return parts
}

// ReadPart reads what [Part.Append] wrote.
func ReadPart(r *Reader) Part { return Part{Wallet: Name(r.Uint()), Lot: readLot(r)} }
