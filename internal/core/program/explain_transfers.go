package program

import "premia/internal/core/engine"

// transfer adds the words of a step about value between members.
func (x *explainer) transfer(s *engine.Step, add func(string, any)) {
	add("Points", x.points(s.Wallet, s.Amount))
	if s.Result == engine.BelowLeast || s.Result == engine.NotEnough {
		add("Wanted", x.points(s.Wallet, s.Wanted))
	}
}

// between tells whether the decision is one side of a transfer: its reasons then
// say what moved.
func (x *explainer) between() bool {
	for i := range x.decision.Steps {
		switch x.decision.Steps[i].Result {
		case engine.GivenAway, engine.Received, engine.CameBack,
			engine.ToFamily, engine.FromMember, engine.FromFamily, engine.ToMember:
			return true
		}
	}
	return false
}
