package program

import (
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/rule"
)

// surprise adds the words of a step about what is drawn by chance.
func (x *explainer) surprise(s *engine.Step, add func(string, any)) {
	if s.Result == engine.PlayedOften {
		add("Limit", rule.LimitWords(x.program, nil, &engine.LimitRule{Limit: s.Limit, Times: true, Cap: s.Base}))
		return
	}
	add("Prize", x.title(s.By))
}
