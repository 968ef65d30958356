package campaign

import (
	"premia/internal/core/engine"
	"premia/internal/core/text"
)

// Describe tells members about the promotions that are not paused, a section
// for each.
func (s *stage) Describe(d *engine.Description) {
	for _, x := range s.All() {
		d.Section(text.New("campaign.heading", "Title", d.Program.Rules[x.Name].Title))
		d.During(x.Window.From, x.Window.Until)
		s.Extras.Describe(d, x)
	}
}
