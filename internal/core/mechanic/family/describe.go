package family

import (
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

// Describe tells members how a family works.
func (s *stage) Describe(d *engine.Description) {
	if !s.mayBegin || len(s.wallets) == 0 {
		return
	}
	d.Section(text.New("family.heading"))
	for _, w := range s.wallets {
		d.Say(text.New("family.shared", "Unit", rule.Unit(w)))
	}
	d.Say(text.New("family.members", "Count", s.most))
	for _, said := range []struct {
		yes     bool
		is, not string
	}{{s.head, "family.head_spends", "family.everybody_spends"}, {s.share, "family.share", "family.keep"}} {
		id := said.not
		if said.yes {
			id = said.is
		}
		d.Say(text.New(id))
	}
	if s.cool != (document.Span{}) {
		d.Say(text.New("family.cool_down", "Span", rule.SpanWords(s.cool)))
	}
	d.Say(text.New("family.returns"))
}
