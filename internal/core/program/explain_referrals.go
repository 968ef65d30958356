package program

import (
	"premia/internal/core/engine"
	"premia/internal/core/text"
)

// referral adds the words of a step about who brought the member.
func (x *explainer) referral(s *engine.Step, add func(string, any)) {
	if s.Result == engine.NotReferred {
		add("Why", text.New("referral.why."+s.Read))
		return
	}
	add("Money", x.program.Money(s.Base))
}
