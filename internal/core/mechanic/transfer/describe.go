package transfer

import (
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

// Describe tells members what they can give to others.
func (s *stage) Describe(d *engine.Description) {
	if len(s.wallets) == 0 {
		return
	}
	d.Section(text.New("transfer.heading"))
	for i := range s.wallets {
		a := &s.wallets[i]
		d.Say(text.New("transfer.allowed", "Unit", rule.Unit(a.wallet)))
		if a.least > 0 {
			d.Say(text.New("transfer.least", "Points", a.wallet.Points(a.least)))
		}
		for j := range a.limits {
			d.Say(text.New("rule.limit", "Limit", rule.LimitWords(d.Program, a.wallet, &a.limits[j])))
		}
	}
	d.Say(text.New("transfer.keeps"))
	d.Say(text.New("transfer.final"))
}
