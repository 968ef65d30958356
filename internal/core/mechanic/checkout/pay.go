package checkout

import (
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/money"
)

// payment is what a wallet pays.
type payment struct {
	wallet        ledger.Name
	amount, worth int64
}

// plan finds what wallets pay of the price. It answers false if they can't pay like
// this, which ends the event.
func (b *basket) plan() bool {
	if len(b.t.Event.Pay) == 0 {
		return true
	}
	rule, ok := b.t.Program.Checkout.Rule, true
	priced := engine.AtPrices(b.t.Event, b.off, b.shipping, 0)
	left := priced.Total - priced.PaidWithGiftCards
	var wants []ledger.Amount // of the member's family
	for i := range b.t.Event.Pay {
		p := &b.t.Event.Pay[i]
		step := engine.Step{Rule: rule, Wanted: p.Amount}
		terms := b.terms(p.Wallet)
		if w := b.t.Program.WalletByID(p.Wallet); w != nil {
			step.Wallet = w.Name
		}
		if terms == nil || stranger(b.t) {
			step.Result = engine.PaysNot
			if stranger(b.t) {
				step.Result = engine.NeedsMember
			}
			b.note(step)
			ok = false
			continue
		}
		worth := value(terms, p.Amount)
		most := min(left, share(terms.Most, priced.Total))
		available := b.t.State.BalanceOf(terms.Wallet.Name).Available
		switch {
		case available < p.Amount && !b.draws(terms.Wallet.Name):
			step.Result, step.Amount = engine.NotEnough, available
		case worth > most:
			step.Result, step.Amount = engine.PaysTooMuch, pays(terms, most)
		case p.Amount < terms.Least || worth == 0:
			step.Result, step.Amount = engine.PaysTooLittle, max(terms.Least, 1)
		default:
			b.payments = append(b.payments, payment{terms.Wallet.Name, p.Amount, worth})
			left -= worth
			wants = b.t.Missing(wants, terms.Wallet.Name, p.Amount)
			continue
		}
		b.note(step)
		ok = false
	}
	if ok && b.t.AskFamily(wants) {
		return false
	}
	if !ok && !b.t.In.Asked {
		b.refuse(engine.PaymentRefused)
	}
	return ok || b.t.In.Asked
}

// draws tells whether the member's family can be asked for what is missing: for a
// checkout, which the purchase then confirms. A purchase itself does not wait.
func (b *basket) draws(wallet ledger.Name) bool {
	return b.t.Event.Type == event.Checkout && !b.t.In.Asked && b.t.MayAskFamily(wallet)
}

func (b *basket) terms(wallet string) *engine.PayTerms {
	for i := range b.t.Program.Checkout.Pay {
		if p := &b.t.Program.Checkout.Pay[i]; p.Wallet.ID == wallet {
			return p
		}
	}
	return nil
}

// value gives what so much of a wallet pays, in minor units of the currency.
func value(p *engine.PayTerms, amount int64) int64 { return share(p.Value, amount) }

// pays gives how much of a wallet, at most, pays no more than so much money.
func pays(p *engine.PayTerms, most int64) int64 {
	one, err := money.NewRate(1, 1)
	if err != nil {
		return 0
	}
	inverse, err := one.Quo(p.Value)
	if err != nil {
		return 0
	}
	return share(inverse, most)
}

func share(r money.Rate, amount int64) int64 {
	out, err := r.Apply(amount, money.Floor)
	if err != nil {
		return money.MaxAmount
	}
	return out
}

// pay moves what wallets pay, and gives the parts of lots that it was.
func (b *basket) pay(to ledger.Account, kind ledger.Kind, result engine.Result) (parts []ledger.Part) {
	for _, p := range b.payments {
		taken, _ := b.t.Book.TakeParts(p.wallet, p.amount, to, kind, b.t.Clock)
		parts = append(parts, taken...)
		b.t.Note(engine.Step{Rule: b.t.Program.Checkout.Rule, Result: result, Wallet: p.wallet, Amount: p.amount, Wanted: p.amount, Base: p.worth})
	}
	return parts
}
