package api

import (
	"context"
	"net/http"

	"premia/internal/auth"
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
	read := operation(http.MethodGet, "/v1/contests/{id}", "read-contest", "Contests", "Read a contest as it is public", auth.ProgramsRead)
	register(s, read, auth.ProgramsRead, func(ctx context.Context, in *ContestPath) (*contestOutput, error) {
		p, err := s.app.Contest(ctx, in.ID)
		return &contestOutput{p}, err
	})
	draw := operation(http.MethodPost, "/v1/contests/{id}/draw", "draw-contest", "Contests", "Draw a contest, once its moment has come; again it gives the same", auth.ProgramsWrite)
	register(s, draw, auth.ProgramsWrite, func(ctx context.Context, in *ContestPath) (*contestOutput, error) {
		p, err := s.app.DrawContest(ctx, in.ID)
		return &contestOutput{p}, err
	})
}
