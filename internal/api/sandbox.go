package api

import (
	"context"
	"net/http"
	"time"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
)

// Sandbox is how a workspace's clock stands.
type Sandbox struct {
	Sandbox bool   `json:"sandbox" doc:"whether the clock can be moved"`
	Now     string `json:"now" format:"date-time" doc:"the workspace's time"`
}

// ClockMoved is what a move of the clock brought.
type ClockMoved struct {
	Sandbox
	Members int `json:"members" doc:"how many members had something coming meanwhile"`
}

func (s *Server) sandboxRoutes() {
	read := operation(http.MethodGet, "/v1/sandbox", "read-sandbox", "Sandbox", "Read the workspace's time, and whether it can be moved", auth.MembersRead)
	register(s, read, auth.MembersRead, func(context.Context, *struct{}) (*struct{ Body Sandbox }, error) {
		return &struct{ Body Sandbox }{s.sandbox()}, nil
	})
	move := operation(http.MethodPost, "/v1/sandbox/clock", "move-sandbox-clock", "Sandbox", "Move a sandbox's clock on, and let happen what falls due", auth.Admin)
	move.Errors = []int{http.StatusConflict, http.StatusUnprocessableEntity}
	register(s, withExample(move, exampleClock), auth.Admin, func(ctx context.Context, in *struct {
		Body struct {
			To string `json:"to" format:"date-time" doc:"the moment to move the clock to, at most five years ahead"`
		}
	}) (*struct{ Body ClockMoved }, error) {
		to, err := time.Parse(time.RFC3339, in.Body.To)
		if err != nil {
			return nil, newProblem(event.CodeTimeMalformed, "to", "write the moment in RFC 3339, such as 2027-03-01T09:00:00+01:00")
		}
		members, err := s.app.MoveClock(ctx, calendar.Of(to))
		if err != nil {
			return nil, err
		}
		return &struct{ Body ClockMoved }{ClockMoved{s.sandbox(), members}}, nil
	})
}

func (s *Server) sandbox() Sandbox {
	return Sandbox{s.app.Sandbox(), rfc3339(s.app.Journal.Now())}
}
