package adjustment

import (
	"premia/internal/core/engine"
	"premia/internal/core/text"
)

// Describe tells members which adjustments two people look at.
func (s *stage) Describe(d *engine.Description) {
	begun := false
	for i := range s.wallets {
		w := &s.wallets[i]
		if w.most < 0 {
			continue
		}
		if !begun {
			d.Section(text.New("describe.adjustments"))
			begun = true
		}
		d.Say(text.New("describe.adjustments.alone", "Points", w.giving.Wallet.Points(w.most)))
	}
}
