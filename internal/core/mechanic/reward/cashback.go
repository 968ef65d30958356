package reward

import (
	"sort"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

// cashback is the money that a reward of that kind pays to a bank account.
type cashback struct {
	// rate is minor units of the currency for each of the wallet's.
	rate money.Rate
	// one is what one pays; least and most bound what is paid at once, most being
	// zero if there is no bound. All are minor units of the currency.
	one, least, most int64
}

const kindCashback = "cashback"

// PayingOut gives the reward of a program by its id if it is one that pays money; nil if
// not, or if there is no program.
func PayingOut(p *engine.Program, id string) *Compiled {
	if p == nil {
		return nil
	}
	rewards := Rewards(p)
	for i := range rewards {
		if rewards[i].Source.ID == id && rewards[i].PaysOut() {
			return &rewards[i]
		}
	}
	return nil
}

// PaysOut tells whether the reward is money to a bank account.
func (x *Compiled) PaysOut() bool { return x.Source.Kind == kindCashback }

// compileCashback checks what is paid for which price.
func (x *Compiled) compileCashback(c *engine.Compiler, path string, r *Reward) {
	if r.Kind != kindCashback || r.Amount == nil {
		return
	}
	b := &cashback{}
	b.one, _ = rule.MoneyMinor(c, path+".amount", *r.Amount)
	if r.Least != nil {
		b.least, _ = rule.MoneyMinor(c, path+".least", *r.Least)
	}
	if r.Most != nil {
		if b.most, _ = rule.MoneyMinor(c, path+".most", *r.Most); b.most < b.least {
			c.Problem(path+".most", document.CodeOutOfRange, "the most is below the least, so nothing is ever paid", "write at least as much as under least")
		}
	}
	if len(x.Prices) != 1 || r.Price.Money != nil {
		c.Problem(path+".price", document.CodeInvalid, "money is paid for value of one wallet", "write one wallet and an amount, such as {cash: 1.00}")
		return
	}
	if r.Refund != nil && r.Refund.Within != nil {
		c.Problem(path+".refund.within", "never_applies", "what is being paid can't be given back, whatever the time", "write refund: {} if it can be until then")
	}
	var err error
	if b.rate, err = money.NewRate(max(b.one, 1), x.Prices[0].Minor); err != nil {
		c.Problem(path+".amount", document.CodeOutOfRange, text.Of(err), "write fewer digits")
		return
	}
	x.cashback = b
}

// price gives what is to be paid of a wallet in all: that of as many as are taken
// or, of cashback, the amount that the member wants to turn into money.
func (x *Compiled) price(e *event.Event, p Amount) int64 {
	if x.cashback != nil && e.Given&event.GivenAmount != 0 {
		return e.Amount
	}
	return p.Minor * e.Taken()
}

// payable finishes the event where so much can't be turned into money.
func (x *Compiled) payable(t *engine.Turn) bool {
	b := x.cashback
	if b == nil {
		return true
	}
	e := t.Event
	if e.Given&event.GivenAmount != 0 && (e.Wallet != x.Prices[0].Wallet.ID || e.Amount <= 0 || e.Quantity > 1) {
		t.Finish(engine.NoSuchWallet)
		return false
	}
	switch paid := x.Paid(x.price(e, x.Prices[0])); {
	case paid < max(b.least, 1):
		t.Finish(engine.BelowMinimum)
	case b.most > 0 && paid > b.most:
		t.Finish(engine.OverLimit)
	default:
		return true
	}
	return false
}

// Paid gives the money for value of the wallet, rounded down to the minor unit of the
// currency.
func (x *Compiled) Paid(value int64) int64 {
	if x.cashback == nil {
		return 0
	}
	paid, err := x.cashback.rate.Apply(value, money.Floor)
	if err != nil {
		return 0
	}
	return paid
}

// Payable gives the least and the most value of the wallet that can be turned into money at
// once, in the wallet's minor units; the most is zero where there is no bound. Both are zero
// of rewards that pay none.
func (x *Compiled) Payable() (least, most int64) {
	b := x.cashback
	if b == nil {
		return 0, 0
	}
	// So many times the price pay at least so much, and one more pays more than that.
	times := func(paid int64) int64 { return x.Prices[0].Minor * (paid/max(b.one, 1) + 2) }
	first := func(paid int64) int64 {
		return int64(sort.Search(int(times(paid)), func(v int) bool { return x.Paid(int64(v)) >= paid }))
	}
	least = first(max(b.least, 1))
	if b.most > 0 {
		most = first(b.most+1) - 1
	}
	return least, most
}

// TakeFor makes a redemption of a reward that pays money one for so much of the wallet's
// value, in its minor units.
func (x *Compiled) TakeFor(e *event.Event, value int64) {
	e.Wallet, e.Amount, e.Given = x.Prices[0].Wallet.ID, value, e.Given|event.GivenAmount
}

// orderPayout says with the decision what is to be paid.
func (x *Compiled) orderPayout(t *engine.Turn, open *ledger.Redemption) {
	if x.cashback == nil {
		return
	}
	value := int64(0)
	for i := range open.Parts {
		value += open.Parts[i].Lot.Remaining
	}
	t.Note(engine.Step{Rule: x.Name, Result: engine.PaidOut, Base: x.Paid(value)})
}

// describeCashback tells how much can be turned into money.
func (x *Compiled) describeCashback(d *engine.Description) {
	b := x.cashback
	if b == nil {
		return
	}
	if b.least > 0 {
		d.Say(text.New("reward.payout.least", "Money", d.Program.Money(b.least)))
	}
	if b.most > 0 {
		d.Say(text.New("reward.payout.most", "Money", d.Program.Money(b.most)))
	}
}
