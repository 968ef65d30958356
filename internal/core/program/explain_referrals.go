package program

import (
	"premia/internal/core/engine"
	"premia/internal/core/text"
)

// referral adds the words of a step about who brought the member, or whose link did.
func (x *explainer) referral(s *engine.Step, add func(string, any)) {
	switch s.Result {
	case engine.NotReferred:
		add("Why", text.New("referral.why."+s.Read))
	case engine.ByNoLink:
		add("Why", text.New("click.why."+s.Read))
	default:
		add("Money", x.program.Money(s.Base))
	}
}
