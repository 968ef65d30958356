package report

import (
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// GiftCards is the value on all gift cards in one currency.
type GiftCards struct {
	Currency string `json:"currency"`
	// Cards is how many were issued.
	Cards int64 `json:"cards"`
	// Issued is what was put on them, Spent what was paid with them, and Expired the
	// breakage.
	Value
	// Liability is what can still be paid with them: available and held.
	Liability Amount `json:"liability"`
}

// issued counts the cards that a decision issued, by the wallet of their currency.
func (b *Builder) issued(eventType string, d *engine.Decision) {
	if eventType == event.GiftCardIssue && d.Outcome == engine.Applied && len(d.Steps) > 0 {
		b.sums.cards[b.column[d.Steps[0].Wallet]-1]++
	}
}

func (b *Builder) giftCards(column int, w *engine.Wallet) GiftCards {
	var sum accounts
	for i := column; i < len(b.sums.accounts); i += len(b.wallets) {
		for account, amount := range b.sums.accounts[i] {
			sum[account] += amount
		}
	}
	scale := w.Unit.Scale
	return GiftCards{
		Currency: w.Currency, Cards: b.sums.cards[column], Value: valueOf(&sum, scale),
		Liability: Amount{sum[ledger.Pending] + sum[ledger.Available] + sum[ledger.Held], scale},
	}
}

// giftCards lists the figures of gift cards.
func (f *lister) giftCards(all []GiftCards) {
	for i := range all {
		g := &all[i]
		f.section = "gift cards, " + g.Currency
		f.count("cards", g.Cards)
		f.value(&g.Value, true)
		f.add("liability, "+g.Currency, g.Liability, true)
	}
}
