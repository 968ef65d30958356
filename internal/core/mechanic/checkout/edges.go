package checkout

import (
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
)

// Edges lists the instants from from until before until at which a promotion of the
// program begins or ends, in no order and perhaps more than once: between two of them
// all promotions stay as they are. Those of weekdays and hours are listed from recent
// on only.
func Edges(p *engine.Program, from, recent, until calendar.Instant) []calendar.Instant {
	var all []calendar.Instant
	for _, stage := range p.Stages() {
		if s, ok := stage.(*promotions); ok {
			for i := range s.list {
				all = append(all, s.list[i].window.Edges(from, recent, until, p.Zone)...)
			}
		}
	}
	return all
}
