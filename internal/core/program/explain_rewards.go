package program

import (
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

// redemption adds the words of a step about a reward.
func (x *explainer) redemption(s *engine.Step, add func(string, any)) {
	if s.Times > 0 {
		add("Count", s.Times)
	}
	switch s.Result {
	case engine.Redeemed, engine.HeldFor:
		if s.Wallet != 0 {
			add("Points", x.points(s.Wallet, -s.Amount))
		}
		if s.Base > 0 {
			add("Money", x.program.Money(s.Base))
		}
	case engine.Restored:
		add("Points", x.points(s.Wallet, s.Amount))
	case engine.TooDear:
		add("Points", x.points(s.Wallet, s.Amount))
		add("Wanted", x.points(s.Wallet, s.Wanted))
	case engine.TakenOften:
		add("Limit", rule.LimitWords(x.program, nil, &engine.LimitRule{Limit: s.Limit, Times: true, Cap: s.Base}))
	case engine.NoSlot, engine.SlotOver, engine.SlotFar, engine.SlotFull:
		if s.Base != 0 {
			add("Slot", text.Moment(calendar.Instant(s.Base).In(x.program.Zone)))
		}
	case engine.Reached:
		add("State", text.New("redemption."+s.Read))
	}
}
