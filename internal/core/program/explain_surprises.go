package program

import (
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/rule"
)

// surprise adds the words of a step about what is drawn by chance, or can be drawn in a contest.
func (x *explainer) surprise(s *engine.Step, add func(string, any)) {
	switch s.Result {
	case engine.PlayedOften:
		add("Limit", rule.LimitWords(x.program, nil, &engine.LimitRule{Limit: s.Limit, Times: true, Cap: s.Base}))
	case engine.Entered, engine.EnteredOften, engine.EntriesBack:
		add("Count", s.Base)
	case engine.WonContest, engine.PrizeLapsed:
		add("Prize", x.title(s.By))
		add("Read", s.Read)
	case engine.ToClaim:
		add("Prize", x.title(s.By))
		add("Read", s.Read)
		add("Until", x.lastDay(calendar.Instant(s.Base)))
	case engine.WonBefore:
		add("Read", s.Read)
	default:
		add("Prize", x.title(s.By))
	}
}
