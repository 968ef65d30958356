package api

import (
	"context"
	"net/http"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

// Leaderboards are the program's leaderboards in their present periods.
type Leaderboards struct {
	Leaderboards []LeaderboardPeriod `json:"leaderboards"`
}

// LeaderboardPeriod is a leaderboard in one of its periods.
type LeaderboardPeriod struct {
	Leaderboard string             `json:"leaderboard" doc:"the leaderboard's id" example:"spenders"`
	Title       string             `json:"title" doc:"the leaderboard's name"`
	Period      string             `json:"period" doc:"the first day of the period, which names it" example:"2026-05-01"`
	From        *string            `json:"from" format:"date-time" doc:"the first moment of the period"`
	Ends        *string            `json:"ends" format:"date-time" doc:"the first moment after the period"`
	FixedAt     *string            `json:"fixed_at" format:"date-time" doc:"from when nothing counts any more; prizes are given soon after"`
	Fixed       bool               `json:"fixed" doc:"whether the ranking is fixed"`
	Grouped     bool               `json:"grouped" doc:"whether members are ranked within groups"`
	Groups      []LeaderboardGroup `json:"groups" doc:"the groups with somebody in them; one with an empty name where all are ranked together"`
}

// LeaderboardGroup is a group of a leaderboard.
type LeaderboardGroup struct {
	Group   string `json:"group" example:"Praha"`
	Members int64  `json:"members" doc:"how many members are ranked"`
}

// Leaderboard is the beginning of a ranking.
type Leaderboard struct {
	LeaderboardPeriod
	Group  string         `json:"group,omitempty"`
	Places []RankedMember `json:"places" doc:"from the first place; members who want to be left out are missing, and the places of the others stay"`
}

// RankedMember is a place of a ranking, as the member wants others to see it.
type RankedMember struct {
	Place int64   `json:"place" example:"1"`
	Score string  `json:"score" doc:"what counts" example:"812.50"`
	Name  *string `json:"name,omitempty" doc:"the member's nickname; absent for members who did not agree to show it"`
	Asked bool    `json:"asked,omitempty" doc:"whether it is the member who asks"`
}

// Standings are a member's places on leaderboards.
type Standings struct {
	Member       string     `json:"member"`
	Language     string     `json:"language" enum:"en,pl,cs,ru"`
	Leaderboards []Standing `json:"leaderboards"`
}

// Standing is a member's place in a ranking that is not fixed yet.
type Standing struct {
	Leaderboard string         `json:"leaderboard" doc:"the leaderboard's id" example:"spenders"`
	Period      string         `json:"period" doc:"the first day of the period" example:"2026-05-01"`
	Ends        *string        `json:"ends" format:"date-time" doc:"the first moment after the period"`
	Group       string         `json:"group,omitempty" doc:"the group in which the member is ranked"`
	Place       int64          `json:"place" example:"3"`
	Of          int64          `json:"of" doc:"how many members are ranked" example:"118"`
	Score       string         `json:"score" doc:"what counts" example:"640"`
	Neighbours  []RankedMember `json:"neighbours,omitempty" doc:"the places around, with the member's own"`
	Words       string         `json:"words,omitempty" doc:"the same in a sentence for the member"`
}

// Spoken is the language in which an answer speaks.
type Spoken struct {
	Lang           string `query:"lang" enum:"en,pl,cs,ru" doc:"the language; that of Accept-Language if not said"`
	AcceptLanguage string `header:"Accept-Language"`
}

type leaderboardInput struct {
	Board  string `path:"board" maxLength:"60" doc:"the leaderboard's id"`
	Period string `query:"period" maxLength:"10" doc:"a day of the period, such as 2026-05-01; the present period if not said"`
	Group  string `query:"group" maxLength:"100" doc:"the group, where members are ranked within groups"`
	Spoken
}

type standingsInput struct {
	MemberPath
	Around int64 `query:"around" default:"2" minimum:"0" maximum:"10" doc:"how many neighbours on each side"`
	Spoken
}

func (s *Server) leaderboardRoutes() {
	list := operation(http.MethodGet, "/v1/leaderboards", "list-leaderboards", "Leaderboards", "List the leaderboards in their present periods, with their groups", auth.MembersRead)
	register(s, list, auth.MembersRead, s.listLeaderboards)
	read := operation(http.MethodGet, "/v1/leaderboards/{board}", "read-leaderboard", "Leaderboards", "Read the first places of a leaderboard, by period and group, with members as they chose to be seen", auth.MembersRead)
	register(s, read, auth.MembersRead, s.readLeaderboard)
	standings := operation(http.MethodGet, "/v1/members/{member}/leaderboards", "read-standings", "Leaderboards", "Read a member's places on leaderboards, with neighbours", auth.MembersRead)
	register(s, standings, auth.MembersRead, s.readStandings)
}

func (s *Server) listLeaderboards(ctx context.Context, in *Spoken) (*struct{ Body Leaderboards }, error) {
	all, _, err := s.app.Leaderboards(ctx)
	if err != nil {
		return nil, err
	}
	out := Leaderboards{Leaderboards: []LeaderboardPeriod{}}
	for i := range all {
		out.Leaderboards = append(out.Leaderboards, s.leaderboardPeriod(&all[i], languageOf(in.Lang, in.AcceptLanguage)))
	}
	return &struct{ Body Leaderboards }{out}, nil
}

func (s *Server) leaderboardPeriod(x *app.LeaderboardPeriod, lang string) LeaderboardPeriod {
	out := LeaderboardPeriod{
		Leaderboard: x.Board.ID, Title: s.app.Words.Render(lang, text.New("tier.name", "Title", x.Board.Title)),
		Period: x.Board.Named(x.Since), From: moment(x.Since), Ends: moment(x.Ends), FixedAt: moment(x.FixedAt),
		Fixed: x.Fixed, Grouped: x.Board.Grouped(), Groups: []LeaderboardGroup{},
	}
	for _, g := range x.Groups {
		out.Groups = append(out.Groups, LeaderboardGroup{g.Group, g.Members})
	}
	return out
}

func (s *Server) readLeaderboard(ctx context.Context, in *leaderboardInput) (*struct{ Body Leaderboard }, error) {
	x, rows, p, err := s.app.Leaderboard(ctx, in.Board, in.Period, in.Group)
	if err != nil {
		return nil, err
	}
	out := Leaderboard{LeaderboardPeriod: s.leaderboardPeriod(x, languageOf(in.Lang, in.AcceptLanguage)), Group: in.Group}
	out.Places = rankedMembers(rows, x.Board.Decimals(p))
	return &struct{ Body Leaderboard }{out}, nil
}

func rankedMembers(rows []app.RankedMember, decimals int) []RankedMember {
	out := []RankedMember{}
	for i := range rows {
		r := &rows[i]
		one := RankedMember{Place: r.Place, Score: money.Format(r.Value, decimals), Asked: r.Asked}
		if r.Name != "" {
			one.Name = &r.Name
		}
		out = append(out, one)
	}
	return out
}

func (s *Server) readStandings(ctx context.Context, in *standingsInput) (*struct{ Body Standings }, error) {
	all, _, id, err := s.app.Standings(ctx, in.Member, in.Around)
	if err != nil {
		return nil, err
	}
	out := Standings{Member: id.String(), Language: languageOf(in.Lang, in.AcceptLanguage), Leaderboards: []Standing{}}
	out.Leaderboards = append(out.Leaderboards, s.standings(all, out.Language)...)
	return &struct{ Body Standings }{out}, nil
}

// standings shows a member's places, with words where a language is said.
func (s *Server) standings(all []app.Standing, lang string) (out []Standing) {
	p := s.app.Program()
	for i := range all {
		x := &all[i]
		decimals := x.Board.Decimals(p)
		one := Standing{
			Leaderboard: x.Board.ID, Period: x.Board.Named(x.Since), Ends: moment(x.Ends), Group: x.Group,
			Place: x.Place, Of: x.Of, Score: money.Format(x.Value, decimals),
		}
		if len(x.Neighbours) > 0 {
			one.Neighbours = rankedMembers(x.Neighbours, decimals)
		}
		if lang != "" {
			one.Words = s.app.Words.Render(lang, x.Words(p))
		}
		out = append(out, one)
	}
	return out
}
