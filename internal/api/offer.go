package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/mechanic/offer"
	"premia/internal/core/text"
)

// MemberOffers are what a member can activate, has active, and can choose.
type MemberOffers struct {
	Member  string         `json:"member"`
	Offers  []MemberOffer  `json:"offers" doc:"in the order of the program; of those for single members, the ones that were given to this one"`
	Groups  []OfferGroup   `json:"groups" doc:"the groups of which only so many can be activated"`
	Choices []MemberChoice `json:"choices"`
}

// MemberOffer is an offer as it is for a member.
type MemberOffer struct {
	ID       string   `json:"id" example:"coffee-week"`
	Name     string   `json:"name"`
	Status   string   `json:"status" enum:"open,active,applies,used,upcoming,over,not_for_you,chosen_enough,unavailable" doc:"open: can be activated now; applies: needs no activation"`
	WhyNot   []string `json:"why_not,omitempty" doc:"why it can't be activated or used, in the language asked for"`
	Terms    []string `json:"terms" doc:"what it brings and how it is had, in the language asked for"`
	Group    string   `json:"group,omitempty"`
	Personal bool     `json:"personal,omitempty" doc:"whether it was given to this member"`
	GiveUp   bool     `json:"give_up,omitempty" doc:"whether it can be given up again before it was used"`
	Uses     int64    `json:"uses" doc:"how many purchases had something of what the member has active, or was given"`
	From     *string  `json:"from,omitempty" format:"date-time" doc:"from when it can be used; absent if nothing bounds that"`
	Until    *string  `json:"until,omitempty" format:"date-time" doc:"the first moment at which it can be used no more"`
}

// OfferGroup is how many of a group a member has chosen.
type OfferGroup struct {
	ID     string `json:"id" example:"weekly"`
	Name   string `json:"name"`
	Chosen int64  `json:"chosen"`
	Choose int64  `json:"choose" doc:"how many can be chosen"`
	Each   string `json:"each,omitempty" enum:"day,week,month,quarter,year" doc:"in each such period; absent where it is at one time"`
}

// MemberChoice is what a member can choose, and has.
type MemberChoice struct {
	ID      string         `json:"id" example:"category"`
	Name    string         `json:"name"`
	Each    string         `json:"each" enum:"day,week,month,quarter,year"`
	Chosen  string         `json:"chosen,omitempty" doc:"the option; absent while nothing is chosen" example:"bread"`
	Until   *string        `json:"until" format:"date-time" doc:"the first moment of the next period"`
	Options []ChoiceOption `json:"options"`
}

// ChoiceOption is what can be chosen.
type ChoiceOption struct {
	ID   string `json:"id" example:"bread"`
	Name string `json:"name"`
}

// OfferStep activates an offer, or gives it up.
type OfferStep struct {
	ID string `json:"id,omitempty" maxLength:"128" doc:"makes it happen once; the Idempotency-Key is as good"`
}

// NewOffer gives a member an offer.
type NewOffer struct {
	ID    string     `json:"id,omitempty" maxLength:"128" doc:"makes it happen once; the Idempotency-Key is as good"`
	Offer string     `json:"offer" minLength:"1" maxLength:"60" doc:"the offer's id" example:"birthday-cake"`
	Until *time.Time `json:"until,omitempty" doc:"the first moment at which it is over; the offer's own end if not said. A moment that has passed takes it away"`
}

// NewChoice chooses for the period.
type NewChoice struct {
	ID     string `json:"id,omitempty" maxLength:"128" doc:"makes it happen once; the Idempotency-Key is as good"`
	Option string `json:"option" minLength:"1" maxLength:"60" doc:"the option's id" example:"bread"`
}

func (s *Server) offerRoutes() {
	read := operation(http.MethodGet, "/v1/members/{member}/offers", "read-offers", "Offers", "Read a member's offers and choices, and why they can't have some", auth.MembersRead)
	register(s, read, auth.MembersRead, s.readOffers)
	const refusals = " What the rules refuse is an error with status 409, or 404 for an offer that there is not, with a code and why."
	give := operation(http.MethodPost, "/v1/members/{member}/offers", "give-offer", "Offers", "Give a member an offer that is for single members", auth.EventsWrite)
	give.DefaultStatus, give.Description = http.StatusCreated, give.Description+refusals
	register(s, withExample(give, map[string]any{"offer": "birthday-cake", "until": "2099-05-31T22:00:00Z"}), auth.EventsWrite, func(ctx context.Context, in *struct {
		MemberPath
		KeyHeader
		AcceptLanguage string `header:"Accept-Language"`
		Body           NewOffer
	}) (*eventAnswerOutput, error) {
		e := &event.Event{ID: firstOf(in.Body.ID, in.Key), Type: event.PersonalOffer, Member: in.Member, Offer: in.Body.Offer}
		if in.Body.Until != nil {
			e.Until = calendar.Of(*in.Body.Until)
		}
		return s.decided(ctx, e, in.AcceptLanguage)
	})
	for _, step := range [...]struct{ word, kind, id, summary string }{
		{"activate", event.Activation, "activate-offer", "Activate an offer"},
		{"give-up", event.Deactivation, "give-up-offer", "Give up an offer that is active, where the program lets members do that"},
	} {
		op := operation(http.MethodPost, "/v1/members/{member}/offers/{offer}/"+step.word, step.id, "Offers", step.summary, auth.EventsWrite)
		op.DefaultStatus, op.Description = http.StatusCreated, op.Description+refusals
		register(s, withExample(op, map[string]any{"id": "app-7-" + step.word}), auth.EventsWrite, func(ctx context.Context, in *struct {
			MemberPath
			Offer string `path:"offer" maxLength:"60" doc:"the offer's id"`
			KeyHeader
			AcceptLanguage string `header:"Accept-Language"`
			Body           OfferStep
		}) (*eventAnswerOutput, error) {
			return s.decided(ctx, &event.Event{ID: firstOf(in.Body.ID, in.Key), Type: step.kind, Member: in.Member, Offer: in.Offer}, in.AcceptLanguage)
		})
	}
	choose := operation(http.MethodPost, "/v1/members/{member}/choices/{choice}", "choose", "Offers", "Choose for the period", auth.EventsWrite)
	choose.DefaultStatus, choose.Description = http.StatusCreated, choose.Description+refusals
	register(s, withExample(choose, map[string]any{"option": "bread"}), auth.EventsWrite, func(ctx context.Context, in *struct {
		MemberPath
		Choice string `path:"choice" maxLength:"60" doc:"the choice's id"`
		KeyHeader
		AcceptLanguage string `header:"Accept-Language"`
		Body           NewChoice
	}) (*eventAnswerOutput, error) {
		return s.decided(ctx, &event.Event{ID: firstOf(in.Body.ID, in.Key), Type: event.Choice, Member: in.Member, Choosing: in.Choice, Option: in.Body.Option}, in.AcceptLanguage)
	})
}

// decided records an event; what the rules refuse is an error that says why.
func (s *Server) decided(ctx context.Context, e *event.Event, acceptLanguage string) (*eventAnswerOutput, error) {
	out, err := s.record(ctx, e)
	if err != nil || !out.Body.Refused {
		return out, err
	}
	answer, err := s.app.Event(ctx, e.ID)
	if err != nil {
		return nil, err
	}
	p := newProblem(answer.Decision.Outcome.String(), "", text.Raw(strings.Join(s.whyNot(&answer, languageOf("", acceptLanguage)), " ")))
	p.Status = http.StatusConflict
	switch answer.Decision.Outcome {
	case engine.NoSuchAdjustment, engine.NoSuchOffer, engine.NoSuchChoice, engine.NoSuchContest:
		p.Status = http.StatusNotFound
	}
	return nil, p
}

func (s *Server) readOffers(ctx context.Context, in *struct {
	MemberPath
	Lang           string `query:"lang" enum:"en,pl,cs,ru" doc:"the language; that of Accept-Language if not said"`
	AcceptLanguage string `header:"Accept-Language"`
}) (*struct{ Body MemberOffers }, error) {
	all, err := s.app.Offers(ctx, in.Member)
	if err != nil {
		return nil, err
	}
	lang := languageOf(in.Lang, in.AcceptLanguage)
	out := MemberOffers{Member: all.Member.String(), Offers: []MemberOffer{}, Groups: []OfferGroup{}, Choices: []MemberChoice{}}
	for i := range all.Offers {
		out.Offers = append(out.Offers, s.offerOf(&all.Offers[i], lang))
	}
	p := s.app.Program()
	name := func(t text.Localized) string { return s.app.Words.Render(lang, text.New("badge.about", "Text", t)) }
	for _, g := range all.Groups {
		out.Groups = append(out.Groups, OfferGroup{ID: g.ID, Name: name(p.Rules[g.Rule].Title), Chosen: g.Chosen, Choose: g.Choose, Each: g.Each})
	}
	for _, c := range all.Choices {
		one := MemberChoice{ID: c.ID, Name: name(p.Rules[c.Rule].Title), Each: c.Each, Chosen: c.Chosen, Until: moment(c.Until), Options: []ChoiceOption{}}
		for _, o := range c.Options {
			one.Options = append(one.Options, ChoiceOption{o.ID, name(p.Rules[o.Rule].Title)})
		}
		out.Choices = append(out.Choices, one)
	}
	return &struct{ Body MemberOffers }{out}, nil
}

func (s *Server) offerOf(x *app.OfferOf, lang string) MemberOffer {
	p := s.app.Program()
	out := MemberOffer{
		ID: x.ID, Name: s.app.Words.Render(lang, text.New("badge.about", "Text", p.Rules[x.Rule].Title)),
		Status: offer.Status(x.Why.Decision.Outcome), Terms: []string{}, Group: x.Group, Personal: x.Personal, GiveUp: x.GiveUp,
		Uses: x.Uses, From: bounded(x.From), Until: bounded(x.Until),
	}
	for _, m := range x.Terms {
		out.Terms = append(out.Terms, s.app.Words.Render(lang, m))
	}
	switch x.Why.Decision.Outcome {
	case engine.Applied, engine.AlreadyActivated, engine.AppliesByItself:
	default:
		out.WhyNot = s.whyNot(&x.Why, lang)
	}
	return out
}

// bounded gives an instant as in JSON; nil where nothing bounds.
func bounded(at calendar.Instant) *string {
	if at == calendar.Beginning {
		return nil
	}
	return moment(at)
}
