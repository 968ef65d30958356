package engine

import "premia/internal/core/ledger"

// Change is what a decision brought to its member in a wallet, less what it took, in minor
// units.
func (d *Decision) Change(wallet ledger.Name) (sum int64) {
	for i := range d.Postings {
		posting := &d.Postings[i]
		if posting.Wallet != wallet {
			continue
		}
		if posting.To.OfMember() {
			sum += posting.Amount
		}
		if posting.From.OfMember() {
			sum -= posting.Amount
		}
	}
	return sum
}
