package offer

import (
	"slices"
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
)

// forget forgets what ended long ago, and what was counted for it.
func (s *stage) forget(t *engine.Turn) {
	t.State.ForgetOffers(t.Clock, func(o *ledger.Offer) {
		again := slices.ContainsFunc(t.State.Offers, func(other ledger.Offer) bool {
			return other.Rule == o.Rule && max(other.Ends, other.Counts) > t.Clock
		})
		if x := s.byName(o.Rule); again || (x != nil && t.Clock < x.window.Until) {
			return
		}
		prefix := "limit." + t.Program.Names.Name(o.Rule) + "."
		t.State.Counters = slices.DeleteFunc(t.State.Counters, func(c ledger.Counter) bool {
			return strings.HasPrefix(t.Program.Names.Name(c.Name), prefix)
		})
	})
}

func (s *stage) byName(rule ledger.Name) *Compiled {
	for _, x := range s.offers {
		if x.Name == rule {
			return x
		}
	}
	return nil
}

func (s *stage) byID(id string) *Compiled {
	for _, x := range s.offers {
		if x.Source.ID == id {
			return x
		}
	}
	return nil
}

// activation activates an offer, or says why the member can't.
func (s *stage) activation(t *engine.Turn) {
	x := s.byID(t.Event.Offer)
	if x == nil {
		t.Finish(engine.NoSuchOffer)
		return
	}
	if why := x.refusal(t); why != 0 {
		t.Finish(why)
		return
	}
	o := ledger.Offer{Rule: x.Name, At: t.At, Ends: x.ends(t, t.At)}
	if x.group != nil {
		o.Group = x.group.name
		if x.group.each != 0 {
			_, o.Counts = t.Period(t.At, x.group.each)
		}
	}
	if !t.State.KeepOffer(o, t.Clock) {
		t.Finish(engine.TooManyOffers)
		return
	}
	t.Note(engine.Step{Rule: x.Name, Result: engine.Activated, Base: int64(o.Ends)})
	t.Finish(engine.Applied)
}

// refusal says why the member can't activate the offer now; 0 if nothing speaks
// against it.
func (x *Compiled) refusal(t *engine.Turn) engine.Outcome {
	switch {
	case t.At < x.window.From:
		return engine.OfferNotYet
	case t.At >= x.window.Until:
		return engine.OfferOver
	case x.rotation != nil && !x.rotation.mine(t.At):
		return engine.OfferNotYet
	}
	if x.whom != nil {
		if met, err := x.whom.Bool(t); err != nil || !met {
			t.Note(engine.Step{Rule: x.Name, Result: engine.NotForMember})
			return engine.OfferNotForYou
		}
	}
	switch {
	case x.Source.Personal && t.State.OfferAt(x.Name, true, t.At) == nil:
		t.Note(engine.Step{Rule: x.Name, Result: engine.NotGiven})
		return engine.OfferNotForYou
	case x.usedUp(t):
		return engine.OfferUsed
	case !x.activate:
		return engine.AppliesByItself
	case t.State.OfferBetween(x.Name, t.At, x.ends(t, t.At)):
		return engine.AlreadyActivated
	case x.group == nil:
		return 0
	}
	if n := x.group.chosenOf(t); n >= int64(x.group.choose) {
		t.Note(engine.Step{Rule: x.group.name, Result: engine.EnoughChosen, Base: n})
		return engine.ChosenEnough
	}
	return 0
}

// deactivation gives an active offer up, so that another can be chosen.
func (s *stage) deactivation(t *engine.Turn) {
	x := s.byID(t.Event.Offer)
	if x == nil {
		t.Finish(engine.NoSuchOffer)
		return
	}
	o := t.State.OfferAt(x.Name, false, t.At)
	switch {
	case o == nil:
		t.Finish(engine.NotActive)
	case !x.Source.GiveUp:
		t.Finish(engine.NoGivingUp)
	case o.Uses > 0:
		t.Finish(engine.OfferUsed)
	default:
		o.Ends, o.Group, o.Counts = t.At, 0, 0
		t.Note(engine.Step{Rule: x.Name, Result: engine.GivenUp})
		t.Finish(engine.Applied)
	}
}

// choice keeps what the member chose to the end of the period.
func (s *stage) choice(t *engine.Turn) {
	x, chosen := s.chosenOption(t.Event.Choosing, t.Event.Option)
	if chosen == nil {
		t.Finish(engine.NoSuchChoice)
		return
	}
	if x.whom != nil {
		if met, err := x.whom.Bool(t); err != nil || !met {
			t.Note(engine.Step{Rule: x.name, Result: engine.NotForMember})
			t.Finish(engine.OfferNotForYou)
			return
		}
	}
	if o := t.State.OfferAt(x.name, false, t.At); o != nil {
		if x.source.Change != "until used" || o.Uses > 0 || o.Option == chosen.name {
			t.Finish(engine.ChosenAlready)
			return
		}
		o.Ends = t.At
	}
	_, ends := t.Period(t.At, x.each)
	if t.State.OfferBetween(x.name, t.At, ends) {
		t.Finish(engine.ChosenAlready)
		return
	}
	if !t.State.KeepOffer(ledger.Offer{Rule: x.name, Option: chosen.name, At: t.At, Ends: ends}, t.Clock) {
		t.Finish(engine.TooManyOffers)
		return
	}
	t.Note(engine.Step{Rule: x.name, Result: engine.Chosen, By: chosen.name, Base: int64(ends)})
	t.Finish(engine.Applied)
}

func (s *stage) chosenOption(id, chosen string) (*choosing, *option) {
	for _, x := range s.choices {
		if x.source.ID != id {
			continue
		}
		for i := range x.options {
			if x.options[i].id == chosen {
				return x, &x.options[i]
			}
		}
	}
	return nil, nil
}

// gift gives the member an offer. What was given before is replaced; one whose time
// is over at once is taken away.
func (s *stage) gift(t *engine.Turn) {
	x := s.byID(t.Event.Offer)
	switch {
	case x == nil:
		t.Finish(engine.NoSuchOffer)
		return
	case !x.Source.Personal:
		t.Finish(engine.AppliesByItself)
		return
	case t.At >= x.window.Until:
		t.Finish(engine.OfferOver)
		return
	}
	ends := x.window.Until
	if t.Event.Until != calendar.None {
		ends = min(ends, t.Event.Until)
	}
	if before := t.State.OfferAt(x.Name, true, t.At); before != nil {
		before.Ends = t.At
	}
	if ends <= t.At {
		if o := t.State.OfferAt(x.Name, false, t.At); o != nil {
			o.Ends = t.At
		}
		t.Note(engine.Step{Rule: x.Name, Result: engine.GivenUp})
		t.Finish(engine.Applied)
		return
	}
	if !t.State.KeepOffer(ledger.Offer{Rule: x.Name, Gift: true, At: t.At, Ends: ends}, t.Clock) {
		t.Finish(engine.TooManyOffers)
		return
	}
	t.Note(engine.Step{Rule: x.Name, Result: engine.OfferGiven, Base: int64(ends)})
	t.Finish(engine.Applied)
}
