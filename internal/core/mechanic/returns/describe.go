package returns

import (
	"premia/internal/core/engine"
	"premia/internal/core/text"
)

// Describe tells members what becomes of what returned goods earned.
func (s *stage) Describe(d *engine.Description) {
	d.Section(text.New("returns.heading"))
	how := "returns.by_order"
	if s.latest {
		how = "returns.by_latest"
	}
	d.Say(text.New(how))
	d.Say(text.New("returns.expired"))
}
