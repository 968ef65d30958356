package ledger

import "premia/internal/core/calendar"

// Conversion is a rule that turns value of the member into something else at the end
// of a period, and when it does so next.
type Conversion struct {
	Rule Name
	Next calendar.Instant
}

// ConversionDue gives the earliest instant at which value is turned into something
// else; calendar.Never if none is.
func (s *State) ConversionDue() calendar.Instant {
	due := calendar.Never
	for i := range s.Conversions {
		due = min(due, s.Conversions[i].Next)
	}
	return due
}

func (c *Conversion) append(w *Writer) {
	w.Uint(uint64(c.Rule))
	w.Instant(c.Next)
}

func readConversion(r *Reader) Conversion {
	return Conversion{Rule: Name(r.Uint()), Next: r.Instant()}
}
