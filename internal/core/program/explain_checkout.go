package program

import (
	"premia/internal/core/engine"
	"premia/internal/core/text"
)

// checkout gives the words of a step about a basket at list prices; false for other
// steps.
func (x *explainer) checkout(s *engine.Step, m *text.Message) bool {
	add := func(name string, value any) { m.Args = append(m.Args, text.Arg{Name: name, Value: value}) }
	ofBasket := x.program.Checkout != nil && s.Rule == x.program.Checkout.Rule
	switch s.Result {
	case engine.Reduced, engine.ReducedLess, engine.PaidBack:
		add("Money", x.program.Money(s.Base))
	case engine.BasketTooSmall:
		add("Money", x.program.Money(s.Base))
		add("Wanted", x.program.Money(s.Wanted))
	case engine.UnknownCode, engine.MalformedCode, engine.UsedUp, engine.AnothersCode, engine.CodeBlocked, engine.GivenTwice:
		if s.Read == "" {
			m.ID = "explain.voucher_used"
			break
		}
		add("Read", text.Quoted(s.Read))
	case engine.NotYet, engine.Over:
		if s.Read == "" {
			return false
		}
		m.ID += "_code"
		add("Read", text.Quoted(s.Read))
	case engine.NotCombined:
		if s.By != 0 {
			add("By", x.title(s.By))
		}
	case engine.TooFewPieces, engine.NothingToReduce, engine.UseBack, engine.NeedsMember:
	case engine.PaidWith, engine.HeldFor:
		if s.Result == engine.HeldFor && !ofBasket {
			return false
		}
		if s.Result == engine.HeldFor {
			m.ID = "explain.paid_held"
		}
		add("Points", x.points(s.Wallet, s.Amount))
		add("Money", x.program.Money(s.Base))
	case engine.PaysNot:
		add("Points", x.points(s.Wallet, s.Wanted))
	case engine.PaysTooMuch, engine.PaysTooLittle, engine.NotEnough:
		if s.Result == engine.NotEnough {
			if !ofBasket {
				return false
			}
			m.ID = "explain.pays_without"
		}
		add("Points", x.points(s.Wallet, s.Amount))
		add("Wanted", x.points(s.Wallet, s.Wanted))
	default:
		return false
	}
	return true
}
