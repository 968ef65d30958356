package api

import (
	"context"
	"net/http"

	"premia/internal/app"
	"premia/internal/auth"
)

// Postback is the address that is told what comes of an ambassador's links.
type Postback struct {
	URL          string  `json:"url" example:"https://network.example/pb?click={click_id}&sum={commission}&state={status}"`
	Method       string  `json:"method" enum:"GET,POST"`
	State        string  `json:"state" enum:"active,failing,paused,disabled"`
	Reason       string  `json:"reason,omitempty" doc:"why it is disabled"`
	FailingSince *string `json:"failing_since,omitempty" format:"date-time"`
	LastSuccess  *string `json:"last_success_at,omitempty" format:"date-time"`
	LastError    string  `json:"last_error,omitempty"`
}

// NewPostback is what is to be called.
type NewPostback struct {
	URL    string `json:"url" maxLength:"2048" doc:"with places in its path and query: {click_id}, {sub1} to {sub5}, {commission}, {wallet}, {status}, {total}, {currency}, {id}"`
	Method string `json:"method,omitempty" enum:"GET,POST" default:"GET"`
}

type postbackOutput struct{ Body Postback }

var examplePostback = map[string]any{"url": "https://network.example/pb?click={click_id}&sum={commission}&state={status}"}

func (s *Server) postbackRoutes() {
	const path, tag = "/v1/members/{member}/postback", "Members"
	set := operation(http.MethodPut, path, "set-postback", tag, "Have an address called for what comes of an ambassador's links", auth.MembersWrite)
	register(s, withExample(set, examplePostback), auth.MembersWrite, func(ctx context.Context, in *struct {
		MemberPath
		Body NewPostback
	}) (*postbackOutput, error) {
		return postbackAnswer(s.app.SetPostback(ctx, in.Member, in.Body.URL, firstOf(in.Body.Method, http.MethodGet)))
	})
	read := operation(http.MethodGet, path, "read-postback", tag, "Read an ambassador's postback and how it answers", auth.MembersRead)
	register(s, read, auth.MembersRead, func(ctx context.Context, in *MemberPath) (*postbackOutput, error) {
		return postbackAnswer(s.app.Postback(ctx, in.Member))
	})
	remove := operation(http.MethodDelete, path, "remove-postback", tag, "End an ambassador's postback", auth.MembersWrite)
	remove.DefaultStatus = http.StatusNoContent
	register(s, remove, auth.MembersWrite, func(ctx context.Context, in *MemberPath) (*struct{}, error) {
		return nil, s.app.RemovePostback(ctx, in.Member)
	})
}

func postbackAnswer(p app.Postback, err error) (*postbackOutput, error) {
	if err != nil {
		return nil, err
	}
	w := app.Webhook{State: p.State, Health: p.Health}
	out := Postback{URL: p.URL, Method: p.Method, State: endpointStates[p.State], Reason: p.Reason, FailingSince: moment(p.FailingSince), LastSuccess: moment(p.LastSuccess), LastError: p.LastError}
	if w.Failing() {
		out.State = "failing"
	}
	return &postbackOutput{out}, nil
}
