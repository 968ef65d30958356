package engine

import "premia/internal/core/calendar"

// CountFrom lets the event count at an earlier moment than its own: what another
// member did then is what it is about.
func (t *Turn) CountFrom(at calendar.Instant) {
	t.At = min(at, t.Clock)
	t.Out.At = t.At
}

// Owe says, while a purchase is decided again, what somebody else would be owed for
// it: see [Undone.Owed].
func (t *Turn) Owe(g Given) { t.owed = append(t.owed, g) }
