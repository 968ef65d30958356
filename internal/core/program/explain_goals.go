package program

import (
	"premia/internal/core/engine"
	"premia/internal/core/text"
)

// goal adds the words of a step about a goal over several events.
func (x *explainer) goal(s *engine.Step, add func(string, any)) {
	words := x.program.Rules[s.Rule].Goal
	if words == nil {
		// The program has the goal no more; the numbers are still the decision's.
		words = &engine.GoalWords{
			Say:   func(amount int64, _ bool) any { return text.Points{Minor: amount} },
			Prize: func(int) any { return "" },
		}
	}
	switch s.Result {
	case engine.Progressed, engine.FellBack:
		add("Have", words.Say(s.Amount, true))
		add("Want", words.Say(s.Wanted, true))
		if s.Wanted > s.Amount {
			add("Left", words.Say(s.Wanted-s.Amount, false))
			add("Prize", words.Prize(int(s.Part)))
		}
	case engine.Achieved, engine.NotAchieved:
		add("Goal", words.Say(s.Amount, false))
		if s.Base > 1 {
			add("Times", text.Points{Minor: s.Base})
		}
	}
}
