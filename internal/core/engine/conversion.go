package engine

import (
	"slices"

	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// Converting is a stage that turns value into something else when periods end.
type Converting interface {
	Renewing
	// Plan tells yield of each of its rules for which the member has value when it
	// turns that into something else next, seen from Turn.At.
	Plan(t *Turn, yield func(ledger.Conversion))
	// Convert does so by the rule at Turn.At, and answers when it does next;
	// calendar.Never if the member has nothing left for it, or the rule is gone.
	Convert(t *Turn, rule ledger.Name) calendar.Instant
}

// convert turns into something else what is due at an instant. Whenever somebody
// looks, it happens as of then.
func (t *Turn) convert(at calendar.Instant) {
	p := t.rules.At(at)
	if p == nil {
		p = t.Program
	}
	clock := t.Clock
	t.Clock = at
	t.standAt(p, at, func(t *Turn) {
		for i := range t.State.Conversions {
			c := &t.State.Conversions[i]
			if c.Next > at {
				continue
			}
			if c.Next = calendar.Never; p.converting != nil {
				c.Next = p.converting.Convert(t, c.Rule)
			}
		}
	})
	t.Clock = clock
	t.State.Conversions = slices.DeleteFunc(t.State.Conversions, func(c ledger.Conversion) bool { return c.Next == calendar.Never })
	if len(t.State.Conversions) == 0 {
		t.State.Conversions = nil
	}
}

// planConversions notes when value is turned into something else that the member has
// since the event. It costs nothing under programs without such rules.
func (t *Turn) planConversions() {
	s := t.State
	p := t.rules.At(t.Clock)
	if p == nil {
		p = t.Program
	}
	if p.converting == nil || t.In.Member == 0 || t.Event.Type == event.Settle {
		return
	}
	if s.Status == ledger.Merged || s.Status == ledger.Erased || s.Status.Account() {
		s.Conversions = nil
		return
	}
	t.standAt(p, t.Clock, func(t *Turn) { t.addConversions(p) })
}

// addConversions notes when value is turned into something else next, seen from
// Turn.At, where that is not known. Those that are due together happen in the order in
// which they were first published, whichever had something to turn first.
func (t *Turn) addConversions(p *Program) {
	if p.converting == nil {
		return
	}
	p.converting.Plan(t, func(c ledger.Conversion) {
		place, known := slices.BinarySearchFunc(t.State.Conversions, c.Rule, func(own ledger.Conversion, rule ledger.Name) int { return int(own.Rule) - int(rule) })
		if !known {
			t.State.Conversions = slices.Insert(t.State.Conversions, place, c)
		}
	})
}

// Pay gives each pieces of the giving, one after the other, for so much of a wallet
// each, at Turn.At, and answers how many it gave: limits and stock may leave fewer.
// What was taken of which lots is remembered with each reward, so that one which is
// given back gives it back.
func (t *Turn) Pay(g *Giving, wallet ledger.Name, each, pieces int64) int64 {
	before := len(t.Awards)
	given := t.AwardAmount(g, nil, g.Fixed*pieces, 0, false)
	t.Awards = t.Awards[:before]
	pieces = given / g.Fixed
	for range pieces {
		parts, _ := t.Book.TakeParts(wallet, each, ledger.Spent, ledger.Spend, t.Clock)
		open := len(t.State.Redemptions)
		t.issueOne(&Award{Giving: g, Amount: g.Fixed}, "", t.At)
		for i := before; i < len(t.Awards); i++ {
			t.issueOne(&t.Awards[i], "", t.At) // what a reward of points gives
		}
		t.Awards = t.Awards[:before]
		if g.Wallet.Gift != nil && len(t.State.Redemptions) > open {
			x := &t.State.Redemptions[open]
			x.Parts = append(x.Parts, parts...)
		}
	}
	return pieces
}
