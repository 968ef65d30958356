package ledger

import "premia/internal/core/calendar"

// Gone tells that there is nobody any more who could spend what is here: the member was
// erased, or the last of a family's members was and nobody got the rest.
func (s *State) Gone() bool {
	switch s.Status {
	case Erased:
		return true
	case FamilyAccount:
		return len(s.Family.Kin) == 0 && s.Family.Account == 0
	}
	return false
}

// EndHolds lets the time of all holds be over at the instant, so that settling frees them.
func (b *Book) EndHolds(at calendar.Instant) {
	for i := range b.State.Redemptions {
		if r := &b.State.Redemptions[i]; r.Status == HeldRedemption {
			r.Until = min(r.Until, at)
		}
	}
}

// Forfeit lets everything expire at the instant that is pending or available, whatever its
// dates. Debts stay.
func (b *Book) Forfeit(at calendar.Instant) {
	for i := range b.State.Wallets {
		w := &b.State.Wallets[i]
		for j := range w.Lots {
			lot := &w.Lots[j]
			b.post(Posting{Kind: Expire, Wallet: w.Name, From: lot.account(), To: Expired, Amount: lot.Remaining, Lot: lot.No, Rule: lot.Rule, Capped: lot.Capped, At: at})
			lot.Remaining = 0
		}
		b.sweep(w)
	}
}
