package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/ambassador"
	"premia/internal/core/money"
)

// Ambassador is whether a member is an ambassador.
type Ambassador struct {
	Member string  `json:"member" example:"mem_1A2B3C4D5E6F7"`
	Code   string  `json:"code" doc:"the code in the member's links" example:"7K4MX-2PRT9-CHW3Y"`
	Path   string  `json:"path" doc:"the path of the member's link on this server; sub1 to sub5 may be added to it" example:"/r/7K4MX-2PRT9-CHW3Y"`
	Active bool    `json:"active" doc:"whether an operator has made the member an ambassador"`
	Since  *string `json:"since,omitempty" format:"date-time" doc:"when"`

	Figures []AmbassadorFigures `json:"figures" doc:"what came of the links, in the order of periods and marks"`
}

// AmbassadorFigures are what came of an ambassador's links in a period, by one of
// the marks of their own.
type AmbassadorFigures struct {
	From        string             `json:"from" format:"date-time" doc:"the first instant of the period, in the program's time zone"`
	Sub         string             `json:"sub" doc:"the ambassador's own mark that was asked for; empty for none"`
	Clicks      int64              `json:"clicks" doc:"those that are still kept"`
	Conversions int64              `json:"conversions" doc:"the purchases that were credited"`
	Reversals   int64              `json:"reversals" doc:"how often goods of them went back"`
	Commissions []CommissionFigure `json:"commissions"`
}

// CommissionFigure is what commissions came to in a wallet.
type CommissionFigure struct {
	Wallet    string `json:"wallet" example:"commission"`
	Given     string `json:"given" doc:"less what was taken back" example:"120.00"`
	Pending   string `json:"pending" example:"20.00"`
	Available string `json:"available" example:"40.00"`
	Used      string `json:"used" doc:"the rest: paid out, spent, expired, or used to pay a debt" example:"60.00"`
}

func (s *Server) ambassadorRoutes() {
	s.mux.HandleFunc("GET /r/{code}", s.followLink)
	make := operation(http.MethodPut, "/v1/members/{member}/ambassador", "make-ambassador", "Members", "Make a member an ambassador, or end that", auth.MembersWrite)
	register(s, withExample(make, map[string]any{"active": true}), auth.MembersWrite, s.makeAmbassador)
	read := operation(http.MethodGet, "/v1/members/{member}/ambassador", "read-ambassador", "Members", "Read whether a member is an ambassador, the link, and what came of it", auth.MembersRead)
	register(s, read, auth.MembersRead, s.readAmbassador)
}

// followLink records a click and leads on. Anybody may call it; what is kept says
// nothing of who did.
func (s *Server) followLink(w http.ResponseWriter, r *http.Request) {
	to, err := s.app.FollowLink(r.Context(), r.PathValue("code"), subsOf(r.URL.Query()))
	if err != nil {
		s.writeProblem(w, r, problemOf(err))
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, to, http.StatusFound)
}

// subsOf reads an ambassador's own marks of a link.
func subsOf(q url.Values) []string {
	subs := make([]string, ledger.MaxSubs)
	for i := range subs {
		subs[i] = q.Get("sub" + strconv.Itoa(i+1))
	}
	return subs
}

func (s *Server) makeAmbassador(ctx context.Context, in *struct {
	MemberPath
	KeyHeader
	Body struct {
		ID     string `json:"id,omitempty" maxLength:"128" doc:"makes it happen once; the Idempotency-Key is as good"`
		Active bool   `json:"active" doc:"false ends it; what was bought before still counts"`
	}
}) (*struct{ Body Ambassador }, error) {
	id := in.Body.ID
	if id == "" {
		id = in.Key
	}
	if _, err := s.app.Change(ctx, in.Member, app.Change{EventID: id, Ambassador: &in.Body.Active}); err != nil {
		return nil, err
	}
	return s.readAmbassador(ctx, &ambassadorInput{MemberPath: in.MemberPath})
}

type ambassadorInput struct {
	MemberPath
	By   string `query:"by" enum:"day,week,month,quarter,year" default:"month" doc:"the periods of the figures"`
	Mark string `query:"mark" enum:"sub1,sub2,sub3,sub4,sub5" default:"sub1" doc:"by which of the ambassador's own marks the figures are"`
}

func (s *Server) readAmbassador(ctx context.Context, in *ambassadorInput) (*struct{ Body Ambassador }, error) {
	by, ok := calendar.ParseUnit(in.By)
	if !ok {
		by = calendar.ByMonth
	}
	mark := 1
	if len(in.Mark) == len("sub1") {
		mark = int(in.Mark[3] - '0')
	}
	a, err := s.app.Ambassador(ctx, in.Member, by, mark)
	if err != nil {
		return nil, err
	}
	out := Ambassador{Member: a.Member.String(), Code: a.Code, Path: "/r/" + a.Code, Active: a.Active, Figures: []AmbassadorFigures{}}
	if a.Since != calendar.None {
		since := a.Since.String()
		out.Since = &since
	}
	for i := range a.Figures {
		out.Figures = append(out.Figures, s.figuresOf(&a.Figures[i]))
	}
	return &struct{ Body Ambassador }{out}, nil
}

func (s *Server) figuresOf(f *ambassador.Figures) AmbassadorFigures {
	out := AmbassadorFigures{
		From: f.From.String(), Sub: f.Sub, Clicks: f.Clicks, Conversions: f.Conversions, Reversals: f.Reversals,
		Commissions: []CommissionFigure{},
	}
	for _, c := range f.Commissions {
		w := s.app.Program().Wallet(c.Wallet)
		if w == nil {
			continue
		}
		amount := func(minor int64) string { return money.Format(minor, w.Unit.Scale) }
		out.Commissions = append(out.Commissions, CommissionFigure{
			Wallet: w.ID, Given: amount(c.Given), Pending: amount(c.Pending), Available: amount(c.Available),
			Used: amount(c.Given - c.Pending - c.Available),
		})
	}
	return out
}
