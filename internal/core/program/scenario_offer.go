package program

import (
	"slices"
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/offer"
	"premia/internal/core/text"
)

// Offering is what happens in a step with offers and choices.
type Offering struct {
	Activate string                `doc:"activate" max_len:"60" help:"the member activates the offer with this id: coffee-week"`
	GiveUp   string                `doc:"give up" max_len:"60" help:"the member gives the active offer up"`
	Choose   *document.Map[string] `doc:"choose" help:"the member chooses: {category: bread}"`
	Offer    *GivenOffer           `doc:"offer" help:"the member is given an offer: {id: birthday-cake, until: 2026-05-31}"`
}

// GivenOffer is an offer that a member is given.
type GivenOffer struct {
	ID    string           `doc:"id,required" max_len:"60" help:"the offer's id"`
	Until *document.Moment `doc:"until" help:"the last day, included, or the moment at which it ends; to the offer's end if not said"`
}

// offers tells whether the step is about an offer or a choice.
func (s *Step) offers() bool {
	return s.Activate+s.GiveUp != "" || s.Choose != nil || s.Offer != nil
}

// offers makes the event of a step about offers, says where it stands, and counts how
// many the step has.
func (k *stepChecker) offers(e *event.Event) (path string, said int) {
	s := k.step
	for _, one := range [...]struct{ key, kind, id string }{{"activate", event.Activation, s.Activate}, {"give up", event.Deactivation, s.GiveUp}} {
		if one.id != "" {
			said++
			path = document.Join(k.path, one.key)
			e.Type, e.Offer = one.kind, one.id
			k.knownOffer(path, one.id)
		}
	}
	if s.Offer != nil {
		said++
		path = k.path + ".offer"
		e.Type, e.Offer = event.PersonalOffer, s.Offer.ID
		k.knownOffer(path+".id", s.Offer.ID)
		if u := s.Offer.Until; u != nil {
			e.Until = calendar.Of(u.In(k.Program.Zone))
			if !u.HasTime {
				e.Until = calendar.End(e.Until, calendar.ByDay, k.Program.Zone)
			}
		}
	}
	if s.Choose != nil {
		said += max(s.Choose.Len(), 1)
		path = k.path + ".choose"
		for id, option := range s.Choose.All() {
			e.Type, e.Choosing, e.Option = event.Choice, id, option
			k.knownChoice(document.Join(path, id), id, option)
		}
	}
	return path, said
}

// knownOffer reports an offer that the program does not have, unless that is what the
// scenario shows.
func (k *stepChecker) knownOffer(path, id string) {
	var ids []string
	for _, o := range offer.Standings(k.Program, &ledger.State{}, 0) {
		ids = append(ids, o.ID)
	}
	if x := k.step.Expect; !slices.Contains(ids, id) && (x == nil || x.Outcome != engine.NoSuchOffer.String()) {
		k.unknown(path, "unknown_offer", text.Say("there is no offer {ID}", quoted(id)), id, ids)
	}
}

func (k *stepChecker) knownChoice(path, id, option string) {
	var ids, options []string
	for _, c := range offer.ChoiceStandings(k.Program, &ledger.State{}, 0) {
		if ids = append(ids, c.ID); c.ID != id {
			continue
		}
		for _, o := range c.Options {
			options = append(options, o.ID)
		}
	}
	x := k.step.Expect
	switch {
	case x != nil && x.Outcome == engine.NoSuchChoice.String():
	case !slices.Contains(ids, id):
		k.unknown(path, "unknown_choice", text.Say("there is no choice {ID}", quoted(id)), id, ids)
	case !slices.Contains(options, option):
		k.unknown(path, "unknown_option", text.Say("the choice {ID} has no option {Option}", id, quoted(option)), option, options)
	}
}

// offered reads what is expected of an offer or a choice: offer.coffee-week: active,
// choice.category: bread. A wallet of such a name comes first.
func (k *stepChecker) offered(path, key string, want Wanted) (expected, bool) {
	kind, id, dotted := strings.Cut(key, ".")
	if k.Program.WalletByID(kind) != nil || !dotted {
		return expected{}, false
	}
	out := expected{path: path, key: key, about: aboutOffer, want: string(want)}
	switch kind {
	case "offer":
		k.knownOffer(path, id)
		if !slices.Contains(offer.Statuses, out.want) {
			k.unknown(path, document.CodeNotAllowed, text.Say("an offer is never {Want}", quoted(out.want)), out.want, offer.Statuses)
		}
	case "choice":
		if out.want == nothingChosen {
			return out, true
		}
		k.knownChoice(path, id, out.want)
	default:
		return expected{}, false
	}
	return out, true
}

// nothingChosen is how a scenario says that a member has chosen nothing.
const nothingChosen = "nothing"

// offered gives how an offer stands, or what the member chose.
func (r *stageRun) offered(a *actor, sc *scene, key string) string {
	kind, id, _ := strings.Cut(key, ".")
	p := r.document.Program
	if kind == "choice" {
		for _, c := range offer.ChoiceStandings(p, &a.state, sc.at) {
			if c.ID == id && c.Chosen != "" {
				return c.Chosen
			}
		}
		return nothingChosen
	}
	var d engine.Decision
	ask := event.Event{Type: event.Activation, Offer: id, At: sc.at}
	var decider engine.Decider
	decider.Decide(r.timeline, a.state.Clone(), &ask, engine.Inputs{Clock: sc.at, Quotas: r, Member: a.id}, &d)
	return offer.Status(d.Outcome)
}
