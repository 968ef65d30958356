package ambassador

import (
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
)

// opened gives what arrives, or ends the event where there is nobody for it here.
func opened(t *engine.Turn) *Parcel {
	p, err := Open(t.Event.Carried)
	if err != nil {
		t.Finish(engine.AmbassadorGone)
		return nil
	}
	if !t.Arrives(engine.AmbassadorGone) {
		return nil
	}
	return p
}

// arrive gives the ambassador what a purchase is worth, as of when it was bought.
func (s *stage) arrive(t *engine.Turn) {
	p := opened(t)
	if p == nil {
		return
	}
	t.CountFrom(p.At)
	kept, less := t.State.TakeWithheld(p.Buyer, p.Purchase)
	switch {
	case p.Buyer == t.In.Member:
		t.Note(engine.Step{Rule: s.link, Result: engine.ByNoLink, Read: SameMember})
		return
	case !t.State.Ambassador.At(p.At) && (s.when == nil || !s.when.Test(t).Met):
		t.Note(engine.Step{Rule: s.link, Result: engine.NoAmbassador, Read: p.Click.ID.String()})
		return
	}
	t.Note(engine.Step{Rule: s.link, Result: engine.CommissionFor, Base: p.Total, Read: p.Click.ID.String()})
	for _, gift := range p.Gifts {
		if less {
			gift.Amount = min(gift.Amount, kept.Left(gift.Rule, gift.Wallet))
		}
		if gift.Amount == 0 {
			t.Note(engine.Step{Rule: gift.Rule, Result: engine.CommissionUndone})
			continue
		}
		if g := t.Promised(p.Program, gift.Rule, gift.Wallet); g != nil {
			t.AwardAmount(g, nil, gift.Amount, gift.Base, false)
		}
	}
}

// lessen takes back from the ambassador what goods that went back were worth. Where
// the purchase has not arrived yet, it is remembered what is to remain of it.
func (s *stage) lessen(t *engine.Turn) {
	p := opened(t)
	if p == nil {
		return
	}
	there := false
	done := map[ledger.Name]bool{}
	for _, gift := range p.Gifts {
		if done[gift.Rule] {
			continue
		}
		done[gift.Rule] = true
		there = rule.Undo(t, gift.Rule, func(wallet ledger.Name) int64 { return p.left(gift.Rule, wallet) }, p.arrived)
		if !there {
			break
		}
	}
	if !there {
		t.State.Withhold(p.withheld())
	}
	t.Note(engine.Step{Rule: s.link, Result: engine.CommissionLess, Base: p.Total, Read: p.Click.ID.String()})
}

func (p *Parcel) withheld() ledger.Withheld {
	x := ledger.Withheld{Buyer: p.Buyer, Purchase: p.Purchase}
	for _, g := range p.Gifts {
		if g.Amount > 0 {
			x.Kept = append(x.Kept, ledger.Kept{Rule: g.Rule, Wallet: g.Wallet, Amount: g.Amount})
		}
	}
	return x
}

// arrived tells whether a decided event brought the purchase here, and by which
// version of the program it was promised.
func (p *Parcel) arrived(past *engine.Past) (version uint32, found bool) {
	if past.Event.Type != event.Commission || past.Decision.Outcome == engine.ForwardedOn {
		return 0, false
	}
	then, err := Open(past.Event.Carried)
	if err != nil || !then.about(p) {
		return 0, false
	}
	return then.Program, true
}
