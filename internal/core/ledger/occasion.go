package ledger

import "premia/internal/core/calendar"

// Occasion is a day of the member's that comes by itself: the birthday, the
// anniversary of the membership. It knows what can't be worked out again: when it
// last came.
type Occasion struct {
	// Kind is the number of its event type.
	Kind Name
	// Of is what it is the day of: of a birthday its day and month in a leap year,
	// in UTC; of an anniversary the enrolment; None while that is not known.
	Of calendar.Instant
	// Next is when it comes; calendar.Never if it does not.
	Next calendar.Instant
	// Last is when it came last; None before that.
	Last calendar.Instant
}

// Occasion gives what is kept of a day of the member's, and nil while nothing is.
func (s *State) Occasion(kind Name) *Occasion {
	for i := range s.Occasions {
		if s.Occasions[i].Kind == kind {
			return &s.Occasions[i]
		}
	}
	return nil
}

// OccasionDue gives the earliest instant at which a day of the member's comes;
// calendar.Never if none does.
func (s *State) OccasionDue() calendar.Instant {
	due := calendar.Never
	for i := range s.Occasions {
		due = min(due, s.Occasions[i].Next)
	}
	return due
}

// carryOccasions takes over when the days of another member, who becomes one with
// this one, last came: so that nobody has the same birthday twice.
func (s *State) carryOccasions(from []Occasion) {
	for _, o := range from {
		own := s.Occasion(o.Kind)
		if own == nil {
			s.Occasions = append(s.Occasions, Occasion{Kind: o.Kind, Next: calendar.Never, Last: o.Last})
			continue
		}
		if o.Last > own.Last {
			own.Of, own.Last = calendar.None, o.Last // the next one is worked out again
		}
	}
}

func (o *Occasion) append(w *Writer) {
	w.Uint(uint64(o.Kind))
	w.Instant(o.Of)
	w.Instant(o.Next)
	w.Instant(o.Last)
}

func readOccasion(r *Reader) Occasion {
	return Occasion{Kind: Name(r.Uint()), Of: r.Instant(), Next: r.Instant(), Last: r.Instant()}
}
