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
		w, lot := b.State.Open(p.Wallet), p.Lot
		b.State.LastLot++
		lot.No = b.State.LastLot
		lot.ExpiresAt = max(lot.ExpiresAt, at)
		b.post(Posting{Kind: CarryIn, Wallet: w.Name, From: Transit, To: Available, Amount: lot.Remaining, Lot: lot.No, Rule: lot.Rule, Capped: lot.Capped, At: at})
		b.payDebt(w, &lot, at)
		if lot.Remaining > 0 {
			w.Lots = append(w.Lots, lot)
		}
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
