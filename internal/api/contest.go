package api

import (
	"context"
	"net/http"

	"premia/internal/auth"
	"premia/internal/core/event"
	"premia/internal/core/mechanic/contest"
)

// Contests are all contests as far as they are public.
type Contests struct {
	Contests []contest.Published `json:"contests"`
}

// ContestPath names a contest.
type ContestPath struct {
	ID string `path:"id" maxLength:"60" doc:"the contest's id"`
}

type contestOutput struct{ Body *contest.Published }

func (s *Server) contestRoutes() {
	list := operation(http.MethodGet, "/v1/contests", "list-contests", "Contests", "List the contests with the commitments to their draws and, once they are drawn, all that anyone needs to draw again", auth.ProgramsRead)
	register(s, list, auth.ProgramsRead, func(ctx context.Context, _ *struct{}) (*struct{ Body Contests }, error) {
		all, err := s.app.Contests(ctx)
		if err != nil {
			return nil, err
		}
		if all == nil {
			all = []contest.Published{}
		}
		return &struct{ Body Contests }{Contests{all}}, nil
	})
	read := operation(http.MethodGet, "/v1/contests/{id}", "read-contest", "Contests", "Read a contest as it is public, with how its winners are shown to others", auth.ProgramsRead)
	register(s, read, auth.ProgramsRead, func(ctx context.Context, in *ContestPath) (*contestOutput, error) {
		p, err := s.app.ContestWithNames(ctx, in.ID)
		return &contestOutput{p}, err
	})
	claim := operation(http.MethodPost, "/v1/members/{member}/contests/{contest}/claim", "claim-prizes", "Contests", "Claim all prizes that a member's tickets have won in a contest", auth.EventsWrite)
	claim.DefaultStatus = http.StatusCreated
	claim.Description += " Where nothing can be claimed, or not any more, that is an error with status 409, and the prize of whoever does not claim in time goes to the next ticket."
	register(s, withExample(claim, map[string]any{"id": "app-7-claim"}), auth.EventsWrite, func(ctx context.Context, in *struct {
		MemberPath
		Contest string `path:"contest" maxLength:"60" doc:"the contest's id"`
		KeyHeader
		AcceptLanguage string `header:"Accept-Language"`
		Body           OfferStep
	}) (*eventAnswerOutput, error) {
		return s.decided(ctx, &event.Event{ID: firstOf(in.Body.ID, in.Key), Type: event.ContestClaim, Member: in.Member, Contest: in.Contest}, in.AcceptLanguage)
	})
	draw := operation(http.MethodPost, "/v1/contests/{id}/draw", "draw-contest", "Contests", "Draw a contest, once its moment has come; again it gives the same. A server does so by itself", auth.ProgramsWrite)
	register(s, draw, auth.ProgramsWrite, func(ctx context.Context, in *ContestPath) (*contestOutput, error) {
		p, err := s.app.DrawContest(ctx, in.ID)
		return &contestOutput{p}, err
	})
}
