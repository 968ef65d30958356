package wallet

import (
	"slices"
	"strconv"

	"github.com/govalues/decimal"

	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

// debtWords are what happens when more is taken than is there.
var debtWords = map[ledger.Shortfall]string{
	ledger.Refuse: "wallet.debt_forbid", ledger.CarryNeg: "wallet.debt_carry", ledger.StopAt: "wallet.debt_write_off",
}

// Describe tells members what they can hold, a section for each wallet.
func (s *stage) Describe(d *engine.Description) {
	ordered := slices.ContainsFunc(s.wallets, func(w *engine.Wallet) bool { return w.Burn != 0 })
	for i, w := range s.wallets {
		from := &s.sections[i]
		d.Section(text.New("wallet.heading", "Unit", rule.Unit(w)))
		if from.Worth != nil {
			d.Say(text.New("wallet.worth", "Points", rule.Amount(w, decimal.One), "Money", rule.Money(d.Program, *from.Worth)))
		}
		if w.Unit.Scale > 0 {
			d.Say(text.New("wallet.scale", "Count", int64(w.Unit.Scale)))
		}
		pending, expires := from.Pending, from.Expires
		if pending == nil {
			pending = &rule.Pending{}
		}
		if expires == nil {
			expires = &rule.Expires{Never: true}
		}
		rule.DescribeTerms(d, pending, expires)
		d.Say(text.New(debtWords[w.Short]))
		if ordered {
			d.Say(text.New("wallet.burn", "Place", strconv.Itoa(w.Burn)))
		}
	}
}
