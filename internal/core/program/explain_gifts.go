package program

import (
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

// gift adds the words of a step about a reward that a rule gives, or about what value
// became; false if it is about neither.
func (x *explainer) gift(s *engine.Step, m *text.Message) bool {
	add := func(name string, value any) { m.Args = append(m.Args, text.Arg{Name: name, Value: value}) }
	switch {
	case s.Result == engine.Converted:
		add("Points", x.points(s.Wallet, -s.Amount))
	case s.Result == engine.GiftTaken || s.Result == engine.GiftAsked || s.Result == engine.GiftStays:
		add("Points", x.points(s.Wallet, s.Amount))
	case s.Wallet != 0 && (s.Result == engine.SoldOut || s.Result == engine.TakenOften):
		m.ID += "_gift"
		add("Points", x.points(s.Wallet, s.Wanted))
		if s.Limit != engine.NoLimit {
			add("Limit", rule.LimitWords(x.program, nil, &engine.LimitRule{Limit: s.Limit, Times: true, Cap: s.Base}))
		}
	default:
		return false
	}
	return true
}
