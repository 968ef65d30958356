package api

import (
	"context"
	"net/http"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/tier"
	"premia/internal/core/money"
	"premia/internal/core/text"
	"premia/internal/journal"
)

// Tiers are a member's places on the program's ladders.
type Tiers struct {
	Member   string `json:"member"`
	Language string `json:"language" enum:"en,pl,cs,ru"`
	Tiers    []Tier `json:"tiers"`
}

// Tier is where a member stands on a ladder.
type Tier struct {
	Ladder  string  `json:"ladder" doc:"the ladder's id" example:"status"`
	Title   string  `json:"title" doc:"the ladder's name"`
	Level   Level   `json:"level" doc:"the level in force"`
	Since   *string `json:"since,omitempty" format:"date-time" doc:"since when; absent for the lowest level of members of whom nothing was counted"`
	Counted string  `json:"counted" doc:"what counts now" example:"380"`
	Ends    *string `json:"period_ends,omitempty" format:"date-time" doc:"the first moment at which what counts now counts no more: the end of the period, or when the oldest of it rolls out of a rolling one; absent if that never happens"`

	Next    *Level `json:"next,omitempty" doc:"the next level that can be reached by counting; absent if there is none"`
	Missing string `json:"missing,omitempty" doc:"what is missing for it" example:"120"`

	Until *string `json:"until,omitempty" format:"date-time" doc:"the first moment at which the level is over if nothing more counts; absent if it stays"`
	Grace *string `json:"grace_from,omitempty" format:"date-time" doc:"when the grace begins that ends then; absent if there is none"`
	Falls *Level  `json:"falls_to,omitempty" doc:"the level after that"`

	Needed   string  `json:"needed,omitempty" doc:"what must still count for the level to stay longer; absent if nothing helps, or nothing is needed now" example:"300"`
	NeededBy *string `json:"needed_before,omitempty" format:"date-time" doc:"before when"`

	Access []Access `json:"access,omitempty" doc:"what the level gives access to"`

	Words []string `json:"words" doc:"the same in sentences for the member"`
}

// Level is a level of a ladder.
type Level struct {
	ID    string `json:"id" example:"gold"`
	Title string `json:"title" doc:"its name" example:"Gold"`
}

// Access is what a level gives access to.
type Access struct {
	ID    string `json:"id" doc:"its id in the program" example:"lounge"`
	Title string `json:"title" doc:"its name" example:"the lounge"`
}

// TierChange is a level that an event would bring or cost.
type TierChange struct {
	Ladder  string `json:"ladder" example:"status"`
	Before  string `json:"before" doc:"the level without the event" example:"silver"`
	After   string `json:"after" doc:"the level with it; the same if it stays" example:"gold"`
	Counted string `json:"counted" doc:"what would count with it"`
	Missing string `json:"missing,omitempty" doc:"what would still be missing for the next level"`
	Words   string `json:"words" doc:"the same in a sentence for the member" example:"Status: this brings you to Gold."`
}

func (s *Server) tierRoutes() {
	tiers := operation(http.MethodGet, "/v1/members/{member}/tiers", "read-tiers", "Tiers", "Read a member's levels, what is missing for the next ones, and what will be lost and when", auth.MembersRead)
	register(s, tiers, auth.MembersRead, s.readTiers)
}

type tiersInput struct {
	MemberPath
	Lang           string `query:"lang" enum:"en,pl,cs,ru" doc:"the language; that of Accept-Language if not said"`
	AcceptLanguage string `header:"Accept-Language"`
}

func (s *Server) readTiers(ctx context.Context, in *tiersInput) (*struct{ Body Tiers }, error) {
	standings, p, id, err := s.app.Tiers(ctx, in.Member)
	if err != nil {
		return nil, err
	}
	lang := languageOf(in.Lang, in.AcceptLanguage)
	out := Tiers{Member: id.String(), Language: lang, Tiers: []Tier{}}
	for i := range standings {
		out.Tiers = append(out.Tiers, s.tier(p, &standings[i], lang))
	}
	return &struct{ Body Tiers }{out}, nil
}

func (s *Server) tier(p *engine.Program, x *tier.Standing, lang string) Tier {
	show := func(minor int64) string { return money.Format(minor, x.Ladder.Decimals(p)) }
	say := func(t text.Localized) string { return s.app.Words.Render(lang, text.New("tier.name", "Title", t)) }
	level := func(v *tier.Level) *Level {
		if v == nil {
			return nil
		}
		return &Level{ID: v.ID, Title: say(v.Title)}
	}
	out := Tier{
		Ladder: x.Ladder.ID, Title: say(x.Ladder.Title), Level: *level(x.Level), Since: moment(x.Since),
		Counted: show(x.Counted), Ends: moment(x.Ends), Next: level(x.Next), Until: moment(x.Until), Falls: level(x.Falls),
	}
	if x.Next != nil {
		out.Missing = show(x.Missing)
	}
	if x.Until != calendar.Never {
		out.Grace = moment(x.Grace)
	}
	if x.Needed > 0 {
		out.Needed, out.NeededBy = show(x.Needed), moment(x.NeededBy)
	}
	for _, right := range x.Level.Access(p) {
		out.Access = append(out.Access, Access{right.ID, say(right.Title)})
	}
	for _, m := range x.Words(p) {
		out.Words = append(out.Words, s.app.Words.Render(lang, m))
	}
	return out
}

// tierChanges compares a member's places on the ladders without an event and with
// it.
func (s *Server) tierChanges(q *journal.Quote, lang string) (out []TierChange) {
	p, now := q.Program, s.app.Journal.Now()
	without, with := tier.Standings(p, q.Before, now), tier.Standings(p, q.After, now)
	for i := range with {
		x := &with[i]
		c := TierChange{
			Ladder: x.Ladder.ID, Before: without[i].Level.ID, After: x.Level.ID,
			Counted: money.Format(x.Counted, x.Ladder.Decimals(p)),
			Words:   s.app.Words.Render(lang, x.ChangeWords(p, without[i].Level)),
		}
		if x.Next != nil {
			c.Missing = money.Format(x.Missing, x.Ladder.Decimals(p))
		}
		out = append(out, c)
	}
	return out
}
