package engine

import (
	"testing"

	"premia/internal/core/ledger"
)

// TestChange adds up what is the member's: what only goes from one account of theirs to
// another changes nothing, nor does what happens in another wallet.
func TestChange(t *testing.T) {
	t.Parallel()
	d := &Decision{Postings: []ledger.Posting{
		{Wallet: 1, From: ledger.Issuer, To: ledger.Pending, Amount: 50},
		{Wallet: 1, From: ledger.Pending, To: ledger.Available, Amount: 50},
		{Wallet: 1, From: ledger.Available, To: ledger.Held, Amount: 20},
		{Wallet: 1, From: ledger.Held, To: ledger.Spent, Amount: 20},
		{Wallet: 1, From: ledger.Debt, To: ledger.Withdrawn, Amount: 7},
		{Wallet: 2, From: ledger.Issuer, To: ledger.Available, Amount: 1000},
	}}
	for wallet, want := range map[ledger.Name]int64{1: 23, 2: 1000, 3: 0} {
		if got := d.Change(wallet); got != want {
			t.Errorf("the wallet %d changes by %d, want %d", wallet, got, want)
		}
	}
}
