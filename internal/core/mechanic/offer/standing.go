package offer

import (
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
)

// Standing is how it stands with an offer and a member.
type Standing struct {
	ID       string
	Rule     ledger.Name
	Personal bool
	Activate bool
	GiveUp   bool
	// Group is that of the offer; empty if it is in none.
	Group string
	// Uses is how many purchases had something of what the member has now.
	Uses int64
	// From and Until bound when it can be used: of what the member has active or was
	// given, and otherwise of the offer. calendar.Beginning and calendar.Never where
	// nothing bounds it.
	From, Until calendar.Instant
}

// GroupStanding is how many of a group a member has chosen.
type GroupStanding struct {
	ID             string
	Rule           ledger.Name
	Chosen, Choose int64
	// Each is the period in which it counts; empty for at one time.
	Each string
}

// ChoiceStanding is what a member has chosen.
type ChoiceStanding struct {
	ID      string
	Rule    ledger.Name
	Each    string
	Options []OptionStanding
	// Chosen is the id of the option; empty while nothing is chosen.
	Chosen string
	Uses   int64
	Until  calendar.Instant
}

// OptionStanding is what can be chosen.
type OptionStanding struct {
	ID   string
	Rule ledger.Name
}

func stageOf(p *engine.Program) *stage {
	for _, one := range p.Stages() {
		if s, ok := one.(*stage); ok {
			return s
		}
	}
	return &stage{}
}

// Standings gives the program's offers as they are for a member at an instant, in
// the order of the document.
func Standings(p *engine.Program, s *ledger.State, at calendar.Instant) []Standing {
	var out []Standing
	for _, x := range stageOf(p).offers {
		one := Standing{
			ID: x.Source.ID, Rule: x.Name, Personal: x.Source.Personal, Activate: x.activate, GiveUp: x.Source.GiveUp,
			Group: x.Source.Group, From: x.window.From, Until: x.window.Until,
		}
		o := s.OfferAt(x.Name, false, at)
		if o == nil {
			o = s.OfferAt(x.Name, true, at)
		}
		if o != nil {
			one.Uses, one.From, one.Until = o.Uses, max(one.From, o.At), min(one.Until, o.Ends)
		}
		out = append(out, one)
	}
	return out
}

// GroupStandings gives how many a member has chosen of each group at an instant.
func GroupStandings(p *engine.Program, s *ledger.State, at calendar.Instant) []GroupStanding {
	var out []GroupStanding
	for _, g := range stageOf(p).groups {
		start, end := calendar.Beginning, calendar.Never
		if g.each != 0 {
			start, end = calendar.Start(at, g.each, p.Zone), calendar.End(at, g.each, p.Zone)
		}
		out = append(out, GroupStanding{ID: g.id, Rule: g.name, Chosen: g.chosenIn(s, start, end, at), Choose: int64(g.choose), Each: g.source.Each})
	}
	return out
}

// ChoiceStandings gives what a member has chosen at an instant.
func ChoiceStandings(p *engine.Program, s *ledger.State, at calendar.Instant) []ChoiceStanding {
	var out []ChoiceStanding
	for _, x := range stageOf(p).choices {
		one := ChoiceStanding{ID: x.source.ID, Rule: x.name, Each: x.source.Each, Until: calendar.End(at, x.each, p.Zone)}
		o := s.OfferAt(x.name, false, at)
		for i := range x.options {
			one.Options = append(one.Options, OptionStanding{x.options[i].id, x.options[i].name})
			if o != nil && o.Option == x.options[i].name {
				one.Chosen, one.Uses = x.options[i].id, o.Uses
			}
		}
		out = append(out, one)
	}
	return out
}

// Status says in a word how an offer stands, from what activating it would come to.
func Status(o engine.Outcome) string {
	switch o {
	case engine.Applied:
		return "open"
	case engine.AlreadyActivated:
		return "active"
	case engine.AppliesByItself:
		return "applies"
	case engine.OfferUsed:
		return "used"
	case engine.OfferNotYet:
		return "upcoming"
	case engine.OfferOver:
		return "over"
	case engine.OfferNotForYou:
		return "not_for_you"
	case engine.ChosenEnough:
		return "chosen_enough"
	}
	return "unavailable"
}

// Statuses are the words of [Status].
var Statuses = []string{"open", "active", "applies", "used", "upcoming", "over", "not_for_you", "chosen_enough", "unavailable"}
