package report

import (
	"strings"

	"premia/internal/core/engine"
	"premia/internal/core/ledger"
)

// Offer is how often members had an offer, and what that cost.
type Offer struct {
	Offer string `json:"offer"`
	// Given and Activated are how often it was given to a member or activated, and
	// GivenUp how often it was given up or taken away.
	Given     int64 `json:"given"`
	Activated int64 `json:"activated"`
	GivenUp   int64 `json:"given_up"`
	// Used is how many decisions gave something by it, or took something off.
	Used int64 `json:"used"`
	// Cost is the worth of what it gave, less what returns undid, and what it took off
	// prices and returns did not undo, in the currency; absent where neither has a worth.
	Cost *Amount `json:"cost,omitempty"`
}

// Contest is what became of a contest.
type Contest struct {
	Contest string `json:"contest"`
	// Entries are those that were given, and TakenBack those that went back with goods.
	Entries   int64 `json:"entries"`
	TakenBack int64 `json:"taken_back"`
	// Won is how many prizes members have, ToClaim how many tickets won one that had to
	// be claimed, and Lapsed how many of those nobody claimed in time.
	Won     int64 `json:"won"`
	ToClaim int64 `json:"to_claim"`
	Lapsed  int64 `json:"lapsed"`
}

// happened is how often each result came of a rule, but a decision's uses once.
type happened map[happening]int64

// happening is a result of a rule. What was taken off is under Reduced, in minor units.
type happening struct {
	rule   ledger.Name
	result engine.Result
}

// decision adds the steps of one decision.
func (h happened) decision(steps []engine.Step) {
	for i := range steps {
		switch s := &steps[i]; s.Result {
		case engine.OfferGiven, engine.Activated, engine.GivenUp, engine.WonContest, engine.ToClaim, engine.PrizeLapsed:
			h[happening{s.Rule, s.Result}]++
		case engine.Entered, engine.EntriesBack, engine.ReducedLess:
			h[happening{s.Rule, s.Result}] += s.Base
		case engine.Reduced:
			h[happening{s.Rule, s.Result}] += s.Base
			h.used(steps[:i], s.Rule)
		case engine.Gave:
			h.used(steps[:i], s.Rule)
		}
	}
}

// used counts a use, unless one of the decision's steps before is one.
func (h happened) used(before []engine.Step, rule ledger.Name) {
	for i := range before {
		if s := &before[i]; s.Rule == rule && (s.Result == engine.Gave || s.Result == engine.Reduced) {
			return
		}
	}
	h[happening{rule, engine.Gave}]++
}

func (h happened) merge(o happened) {
	for key, n := range o {
		h[key] += n
	}
}

// listOffers adds the offers and contests of all programs.
func (b *Builder) listOffers(r *Report) error {
	scale := b.program().Currency.Scale
	for no := 1; no < len(b.column); no++ {
		name := ledger.Name(no)
		count := func(result engine.Result) int64 { return b.sums.happened[happening{name, result}] }
		switch kind, _, _ := strings.Cut(b.names.Name(name), "."); {
		case !b.has(name):
		case kind == "contest":
			r.Contests = append(r.Contests, Contest{
				Contest: b.names.Name(name), Entries: count(engine.Entered), TakenBack: count(engine.EntriesBack),
				Won: count(engine.WonContest), ToClaim: count(engine.ToClaim), Lapsed: count(engine.PrizeLapsed),
			})
		case kind == "offer":
			out := Offer{Offer: b.names.Name(name), Given: count(engine.OfferGiven), Activated: count(engine.Activated), GivenUp: count(engine.GivenUp), Used: count(engine.Gave)}
			cost, worthy, err := b.cost(name, scale)
			if err != nil {
				return err
			}
			if off := count(engine.Reduced); worthy || off > 0 {
				out.Cost = &Amount{cost + off - count(engine.ReducedLess), scale}
			}
			r.Offers = append(r.Offers, out)
		}
	}
	return nil
}

// offers lists the figures of offers and contests.
func (f *lister) offers(r *Report) {
	for i := range r.Offers {
		o := &r.Offers[i]
		f.section = o.Offer
		f.add("given", Amount{o.Given, 0}, false)
		f.add("activated", Amount{o.Activated, 0}, false)
		f.add("given up", Amount{o.GivenUp, 0}, false)
		f.count("used", o.Used)
		if o.Cost != nil {
			f.add("cost, "+r.Currency, *o.Cost, true)
		}
	}
	for i := range r.Contests {
		c := &r.Contests[i]
		f.section = c.Contest
		f.count("entries", c.Entries)
		f.add("taken back", Amount{c.TakenBack, 0}, false)
		f.count("prizes won", c.Won)
		f.add("to be claimed", Amount{c.ToClaim, 0}, false)
		f.add("not claimed", Amount{c.Lapsed, 0}, false)
	}
}
