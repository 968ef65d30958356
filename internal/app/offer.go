package app

import (
	"context"
	"errors"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/offer"
	"premia/internal/core/text"
	"premia/internal/journal"
)

// Offers are the live program's offers and choices, as they are for a member.
type Offers struct {
	Member  ledger.MemberID
	Offers  []OfferOf
	Groups  []offer.GroupStanding
	Choices []offer.ChoiceStanding
}

// OfferOf is an offer as it is for a member.
type OfferOf struct {
	offer.Standing
	// Terms say what it brings and how it is had.
	Terms []text.Message
	// Why is what activating it now would come to.
	Why journal.Answer
}

// Offers says which offers there are for a member now: those for everybody, also where
// the member can't have them, and those that were given to the member.
func (a *App) Offers(ctx context.Context, ref string) (Offers, error) {
	state, id, err := a.stateNow(ctx, ref)
	if err != nil {
		return Offers{}, err
	}
	p, now := a.program(), a.Journal.Now()
	if p == nil {
		return Offers{Member: id}, nil
	}
	standings := offer.Standings(p, state, now)
	events := make([]event.Event, len(standings))
	for i := range standings {
		events[i] = event.Event{Type: event.Activation, Offer: standings[i].ID}
	}
	tries, _, err := a.Journal.Try(ctx, id, events)
	if errors.Is(err, journal.ErrUnknownMember) {
		err = unknownMember("member", ref)
	}
	if err != nil {
		return Offers{}, err
	}
	out := Offers{Member: id, Groups: offer.GroupStandings(p, state, now), Choices: offer.ChoiceStandings(p, state, now)}
	for i, d := range tries {
		x := standings[i]
		if x.Personal && d.Outcome == engine.OfferNotForYou {
			continue // what others were given is not told
		}
		out.Offers = append(out.Offers, OfferOf{Standing: x, Terms: offer.Terms(p, x.Rule), Why: journal.Answer{Member: id, Decision: d, Event: &events[i]}})
	}
	return out, nil
}
