package ledger

import (
	"premia/internal/core/calendar"
)

// CarryOut empties the member's wallets into transit and gives what another
// member takes in with [Book.CarryIn]: lots with their dates, debts, counters
// and figures.
func (b *Book) CarryOut(at calendar.Instant) []byte {
	s := b.State
	carried := s.Clone()
	carried.Facts, carried.Status, carried.MergedInto, carried.Family = nil, 0, 0, Family{}
	for i := range s.Wallets {
		w := &s.Wallets[i]
		for j := range w.Lots {
			l := &w.Lots[j]
			b.post(Posting{Kind: CarryOut, Wallet: w.Name, From: l.account(), To: Transit, Amount: l.Remaining, Lot: l.No, Rule: l.Rule, Capped: l.Capped, At: at})
		}
		b.post(Posting{Kind: CarryOut, Wallet: w.Name, From: Transit, To: Debt, Amount: w.Debt, At: at})
	}
	for i := range s.Redemptions {
		b.carryHeld(&s.Redemptions[i], CarryOut, Held, Transit, at)
	}
	s.Wallets, s.Counters, s.Redemptions, s.Tiers, s.Progress = nil, nil, nil, nil, nil
	s.Referrals, s.Undone, s.Occasions, s.Offers, s.Conversions = nil, nil, nil, nil, nil
	s.Ambassador, s.Clicked, s.Withheld, s.Scores = Ambassadorship{}, nil, nil, nil
	s.Purchases, s.Spend = 0, 0
	s.FirstPurchaseAt, s.LastPurchaseAt = calendar.None, calendar.None
	return carried.Append(nil)
}

func (l *Lot) account() Account {
	if l.Pending {
		return Pending
	}
	return Available
}

// CarryIn takes in what another member's CarryOut gave. Debts are paid from
// what is available. The error is ErrMalformed for bytes that CarryOut did not
// write; nothing has changed then.
func (b *Book) CarryIn(carried []byte, at calendar.Instant) error {
	var from State
	if err := DecodeState(carried, &from); err != nil {
		return err
	}
	s := b.State
	lots := map[lotName]uint32{}
	for i := range from.Wallets {
		b.carryWallet(&from.Wallets[i], lots, at)
	}
	for _, r := range from.Redemptions {
		b.carryRedemption(r, lots, at)
	}
	for _, c := range from.Counters {
		s.AddCount(c.Name, c.Slot, c.Since, c.Value)
	}
	// A ladder that both have stands there twice, until the program joins the two.
	s.Tiers = append(s.Tiers, from.Tiers...)
	s.carryProgress(from.Progress)
	s.Purchases += from.Purchases
	s.Spend += from.Spend
	s.LastPurchaseAt = max(s.LastPurchaseAt, from.LastPurchaseAt)
	s.FirstPurchaseAt = earlier(s.FirstPurchaseAt, from.FirstPurchaseAt)
	s.EnrolledAt = earlier(s.EnrolledAt, from.EnrolledAt)
	s.carryReferrals(&from)
	s.carryOccasions(from.Occasions)
	s.carryOffers(from.Offers, at)
	s.carryClicks(&from)
	s.carryScores(from.Scores)
	return nil
}

// earlier gives the earlier of two moments, either of which may be none.
func earlier(a, b calendar.Instant) calendar.Instant {
	if a == calendar.None || (b != calendar.None && b < a) {
		return b
	}
	return a
}

// lotName names a lot of the member whose value is carried.
type lotName struct {
	wallet Name
	no     uint32
}

// number gives a carried lot its number here.
func (b *Book) number(lots map[lotName]uint32, wallet Name, no uint32) uint32 {
	key := lotName{wallet, no}
	if lots[key] == 0 {
		b.State.LastLot++
		lots[key] = b.State.LastLot
	}
	return lots[key]
}

// carryHeld posts what a redemption holds on its way out or in.
func (b *Book) carryHeld(r *Redemption, kind Kind, from, to Account, at calendar.Instant) {
	if r.Status != HeldRedemption {
		return
	}
	for _, p := range r.Parts {
		b.post(Posting{Kind: kind, Wallet: p.Wallet, From: from, To: to, Amount: p.Lot.Remaining, Lot: p.Lot.No, Rule: p.Lot.Rule, Capped: p.Lot.Capped, At: at})
	}
}

func (b *Book) carryRedemption(r Redemption, lots map[lotName]uint32, at calendar.Instant) {
	parts := make([]Part, 0, len(r.Parts))
	for _, p := range r.Parts {
		p.Lot.No = b.number(lots, p.Wallet, p.Lot.No)
		parts = append(parts, p)
	}
	r.Parts = parts
	r.Until = max(r.Until, at)
	b.carryHeld(&r, CarryIn, Transit, Held, at)
	b.State.Redemptions = append(b.State.Redemptions, r)
}

func (b *Book) carryWallet(from *Wallet, lots map[lotName]uint32, at calendar.Instant) {
	w := b.State.Open(from.Name)
	w.Issued += from.Issued
	if from.Debt > 0 {
		w.Debt += from.Debt
		b.post(Posting{Kind: CarryIn, Wallet: w.Name, From: Debt, To: Transit, Amount: from.Debt, At: at})
	}
	for _, l := range from.Lots {
		l.No = b.number(lots, from.Name, l.No)
		// What fell due on the way falls due on arrival: before, it was not here.
		l.ExpiresAt = max(l.ExpiresAt, at)
		if l.Pending {
			l.ActivatesAt = max(l.ActivatesAt, at)
		}
		b.post(Posting{Kind: CarryIn, Wallet: w.Name, From: Transit, To: l.account(), Amount: l.Remaining, Lot: l.No, Rule: l.Rule, Capped: l.Capped, At: at})
		w.Lots = append(w.Lots, l)
	}
	for _, i := range w.burnOrder() {
		b.payDebt(w, &w.Lots[i], at)
	}
	b.sweep(w)
}
