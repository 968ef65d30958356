package program

import (
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/text"
)

// offer adds what the words of a step about an offer or a choice say; false if the
// step is about none.
func (x *explainer) offer(s *engine.Step, known *engine.Rule, add func(string, any)) bool {
	switch s.Result {
	case engine.OfferGiven, engine.Activated, engine.Chosen:
		if until := calendar.Instant(s.Base); until != calendar.Never {
			add("Until", x.lastDay(until))
		}
		if s.Result == engine.Chosen {
			add("Option", x.title(s.By))
		}
	case engine.NotForMember:
		if known.For != nil {
			add("Condition", known.For.Words())
		}
	case engine.NotInRotation:
		add("Window", sentences(known.Window))
	case engine.EnoughChosen:
		add("Count", s.Base)
	default:
		return false
	}
	return true
}

// lastDay gives the last day before an instant at which a day begins, and the moment
// itself of any other.
func (x *explainer) lastDay(until calendar.Instant) any {
	if calendar.Start(until, calendar.ByDay, x.program.Zone) == until {
		return x.day(until - 1)
	}
	return text.Moment(until.In(x.program.Zone))
}
