package program

import (
	"strings"

	"premia/internal/core/engine"
	"premia/internal/core/mechanic/giftcard"
	"premia/internal/core/text"
)

// ofCard lets a step about what is moved off a gift card say so.
func (x *explainer) ofCard(s *engine.Step, m *text.Message) {
	switch s.Result {
	case engine.GivenAway, engine.Received, engine.CameBack:
		if strings.HasPrefix(x.names.Name(s.Rule), giftcard.RulePrefix) {
			m.ID += "_card"
		}
	}
}

// transfer adds the words of a step about value between members.
func (x *explainer) transfer(s *engine.Step, m *text.Message, add func(string, any)) {
	x.ofCard(s, m)
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
