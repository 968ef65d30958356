package program

import (
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/leaderboard"
	"premia/internal/core/text"
)

// ranked adds the words of a step about a leaderboard, and tells whether it is one.
func (x *explainer) ranked(s *engine.Step, add func(string, any)) bool {
	if s.Result != engine.Scored && s.Result != engine.ScoredLess && s.Result != engine.Placed {
		return false
	}
	amount := func(minor int64) any { return text.Points{Minor: minor} }
	for _, b := range leaderboard.Boards(x.program) {
		if b.Name == s.Rule {
			amount = func(minor int64) any { return b.By.Amount(x.program, minor) }
		}
	}
	add("Group", s.Read)
	add("Amount", amount(s.Amount))
	add("Wanted", amount(s.Wanted))
	add("Place", s.Times)
	return true
}
