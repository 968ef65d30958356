package ledger

import (
	"slices"

	"premia/internal/core/calendar"
)

// RedemptionStatus is where a redemption stands.
type RedemptionStatus uint8

// The states of a redemption. Held value is set aside and not spent yet; in the
// states after it the price is spent.
const (
	HeldRedemption RedemptionStatus = iota + 1
	Ordered                         // spent; the reward is to be made ready
	Ready                           // waits to be collected
	HandedOver
	Sent
	Failed    // could not be given; it can be refunded
	Returning // what was given is asked back; the price comes back with it
)

var redemptionNames = [...]string{"", "held", "ordered", "ready", "handed_over", "sent", "failed", "returning"}

// String gives the state's name as in JSON.
func (r RedemptionStatus) String() string {
	if int(r) < len(redemptionNames) {
		return redemptionNames[r]
	}
	return "unknown"
}

// RedemptionStatuses lists the states that fulfilment can reach.
func RedemptionStatuses() []string { return slices.Clone(redemptionNames[Ordered : Failed+1]) }

// ParseRedemptionStatus reads a state that fulfilment can reach.
func ParseRedemptionStatus(s string) (RedemptionStatus, bool) {
	i := slices.Index(redemptionNames[:], s)
	return RedemptionStatus(i), i >= int(Ordered) && i <= int(Failed)
}

// Redemption is a reward that the member took and that is not finished: it is
// held, or it can still be handed over or refunded.
type Redemption struct {
	// ID is the id of the event that redeemed.
	ID       string
	Reward   Name
	Quantity int64
	Status   RedemptionStatus
	// At is when it was taken; confirming does not change it.
	At calendar.Instant
	// Until is when a hold frees itself; for others, when the time to refund ends
	// and it is forgotten; calendar.Never if not by itself.
	Until calendar.Instant
	Parts []Part
	// Uses are what it took of quotas, which goes back if it comes to nothing.
	Uses []Use
}

// Use is so much (positive) of a quota.
type Use struct {
	Quota  Quota
	Amount int64
}

// Part is what was taken of one lot: the lot as it was, with the amount taken as
// Remaining.
type Part struct {
	Wallet Name
	Lot    Lot
}

// Redemption gives the member's open redemption with the id; nil if there is
// none.
func (s *State) Redemption(id string) *Redemption {
	for i := range s.Redemptions {
		if s.Redemptions[i].ID == id {
			return &s.Redemptions[i]
		}
	}
	return nil
}

// Forget removes a redemption that is finished.
func (s *State) Forget(id string) {
	s.drop(func(r *Redemption) bool { return r.ID == id })
}

// TakeParts moves amount (positive) from the wallet's available lots to the
// account, soonest expiry first, and answers what it took of which lot; ok is
// false, and nothing is taken, if there is not enough.
func (b *Book) TakeParts(wallet Name, amount int64, to Account, kind Kind, at calendar.Instant) (parts []Part, ok bool) {
	w := b.State.Open(wallet)
	if w.Balance().Available < amount {
		return nil, false
	}
	for _, i := range w.burnOrder() {
		lot := &w.Lots[i]
		take := min(amount, lot.Remaining)
		if take == 0 {
			continue
		}
		part := Part{Wallet: wallet, Lot: *lot}
		part.Lot.Remaining = take
		lot.Remaining -= take
		amount -= take
		parts = append(parts, part)
		b.post(Posting{Kind: kind, Wallet: wallet, From: Available, To: to, Amount: take, Lot: lot.No, Rule: lot.Rule, Capped: lot.Capped, At: at})
	}
	b.sweep(w)
	return parts, true
}

// SpendHeld spends what was held.
func (b *Book) SpendHeld(parts []Part, at calendar.Instant) {
	for _, p := range parts {
		b.post(Posting{Kind: Spend, Wallet: p.Wallet, From: Held, To: Spent, Amount: p.Lot.Remaining, Lot: p.Lot.No, Rule: p.Lot.Rule, Capped: p.Lot.Capped, At: at})
	}
}

// Restore gives parts back to the very lots that they came from, with their
// expiry. A lot that has expired meanwhile is gone, or with a grace above zero is
// revived for that long. What comes back pays a debt first.
func (b *Book) Restore(parts []Part, from Account, kind Kind, at calendar.Instant, grace calendar.Instant) {
	for _, p := range parts {
		w := b.State.Open(p.Wallet)
		lot := p.Lot
		if lot.ExpiresAt <= at && grace > 0 {
			lot.ExpiresAt = at + grace
		}
		b.post(Posting{Kind: kind, Wallet: p.Wallet, From: from, To: Available, Amount: lot.Remaining, Lot: lot.No, Rule: lot.Rule, Capped: lot.Capped, At: at})
		if lot.ExpiresAt <= at && lot.FamilyLot == 0 {
			b.post(Posting{Kind: Expire, Wallet: p.Wallet, From: Available, To: Expired, Amount: lot.Remaining, Lot: lot.No, Rule: lot.Rule, Capped: lot.Capped, At: at})
			continue
		}
		b.payDebt(w, &lot, at)
		w.putBack(lot)
	}
}

// putBack adds a lot's part to the lot if it is still open, and otherwise opens
// it again at its place in the order of issue.
func (w *Wallet) putBack(lot Lot) {
	if lot.Remaining == 0 {
		return
	}
	at, open := slices.BinarySearchFunc(w.Lots, lot.No, func(l Lot, no uint32) int { return int(l.No) - int(no) })
	if open {
		// Where its expiry changed meanwhile, the longer one is the member's.
		w.Lots[at].Remaining += lot.Remaining
		w.Lots[at].ExpiresAt = max(w.Lots[at].ExpiresAt, lot.ExpiresAt)
		return
	}
	w.Lots = slices.Insert(w.Lots, at, lot)
}

// freeDue ends the holds whose time is over: what is held goes back to its lots.
// They are kept in Freed, so that stock and limits get theirs back.
func (b *Book) freeDue(due calendar.Instant) {
	over := func(r *Redemption) bool { return r.Status == HeldRedemption && r.Until <= due }
	for i := range b.State.Redemptions {
		if r := &b.State.Redemptions[i]; over(r) {
			b.Restore(r.Parts, Held, Release, r.Until, 0)
			b.Freed = append(b.Freed, *r)
		}
	}
	b.State.drop(over)
}

// forgetOver forgets the redemptions that nothing can happen to any more.
func (b *Book) forgetOver(to calendar.Instant) {
	b.State.drop(func(r *Redemption) bool { return r.Status != HeldRedemption && r.Until <= to })
}

// drop removes the redemptions that are over. A state without any has none at
// all, as one that never had.
func (s *State) drop(over func(r *Redemption) bool) {
	kept := s.Redemptions[:0]
	for i := range s.Redemptions {
		if !over(&s.Redemptions[i]) {
			kept = append(kept, s.Redemptions[i])
		}
	}
	clear(s.Redemptions[len(kept):])
	s.Redemptions = kept
}

// renewHeld moves the expiry of held value as that of the rest.
func (b *Book) renewHeld(until func(wallet, rule Name) calendar.Instant) {
	for i := range b.State.Redemptions {
		r := &b.State.Redemptions[i]
		for j := range r.Parts {
			if p := &r.Parts[j]; r.Status == HeldRedemption && p.Lot.Sliding {
				p.Lot.ExpiresAt = max(p.Lot.ExpiresAt, until(p.Wallet, p.Lot.Rule))
			}
		}
	}
}

// held gives what is set aside in a wallet.
func (s *State) held(wallet Name) int64 {
	sum := int64(0)
	for i := range s.Redemptions {
		if s.Redemptions[i].Status != HeldRedemption {
			continue
		}
		for _, p := range s.Redemptions[i].Parts {
			if p.Wallet == wallet {
				sum += p.Lot.Remaining
			}
		}
	}
	return sum
}

// BalanceOf adds up a wallet with what is held of it; all is zero in a wallet
// that the member does not have.
func (s *State) BalanceOf(wallet Name) Balance {
	b := Balance{}
	if w := s.Wallet(wallet); w != nil {
		b = w.Balance()
	}
	b.Held = s.held(wallet)
	return b
}

// withUses marks, in the status of an encoded redemption, that it has uses.
const withUses = 1 << 6

func (r *Redemption) append(w *Writer) {
	w.Text(r.ID)
	w.Uint(uint64(r.Reward))
	w.Int(r.Quantity)
	status := uint64(r.Status)
	if len(r.Uses) > 0 {
		status |= withUses
	}
	w.Uint(status)
	w.Instant(r.At)
	w.Instant(r.Until)
	AppendParts(w, r.Parts)
	if len(r.Uses) == 0 {
		return
	}
	w.Uint(uint64(len(r.Uses)))
	for _, u := range r.Uses {
		w.Uint(uint64(u.Quota.Name))
		w.Int(u.Quota.Window)
		w.Int(u.Amount)
	}
}

func readRedemption(r *Reader) Redemption {
	out := Redemption{ID: r.Text(), Reward: Name(r.Uint()), Quantity: r.Int()}
	status := r.Uint()
	out.Status, out.At, out.Until = RedemptionStatus(status&^withUses), r.Instant(), r.Instant()
	out.Parts = ReadParts(r)
	if status&withUses == 0 {
		return out
	}
	n := r.Count()
	if n == 0 {
		r.fail()
	}
	for ; n > 0; n-- {
		out.Uses = append(out.Uses, Use{Quota: Quota{Name: Name(r.Uint()), Window: r.Int()}, Amount: r.Int()})
	}
	return out
}
