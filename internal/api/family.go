package api

import (
	"context"
	"net/http"
	"strings"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/mechanic/family"
	"premia/internal/core/text"
)

// Family is several members who fill and spend wallets together.
type Family struct {
	ID      string         `json:"id" doc:"the family's id" example:"mem_1A2B3C4D5E6F7"`
	Members []FamilyMember `json:"members" doc:"its members and those whom it has invited, in the order in which they came"`
	Wallets []Balance      `json:"wallets" doc:"what it shares, settled to now"`
}

// FamilyMember is one of a family.
type FamilyMember struct {
	Member string  `json:"member" example:"mem_1A2B3C4D5E6F7"`
	Role   string  `json:"role" enum:"head,member,invited"`
	Since  *string `json:"since,omitempty" format:"date-time"`
}

// FamilyEvent is a family after an event, and the event.
type FamilyEvent struct {
	Family Family      `json:"family"`
	Event  EventAnswer `json:"event"`
}

// NewFamily founds a family.
type NewFamily struct {
	ID   string `json:"id,omitempty" maxLength:"128" doc:"makes it happen once; the Idempotency-Key is as good"`
	Head string `json:"head" minLength:"1" maxLength:"300" doc:"who founds it: mem_… or an identity" example:"card:2900000000001"`
}

// FamilyStep is what a member does in a family.
type FamilyStep struct {
	ID     string `json:"id,omitempty" maxLength:"128" doc:"makes it happen once; the Idempotency-Key is as good"`
	Member string `json:"member" minLength:"1" maxLength:"300" doc:"who does it: mem_… or an identity"`
}

// HeadStep is what the head of a family does with a member.
type HeadStep struct {
	FamilyStep
	By string `json:"by" minLength:"1" maxLength:"300" doc:"the head: mem_… or an identity"`
}

// FamilyPath names a family.
type FamilyPath struct {
	Family string `path:"family" maxLength:"300" doc:"the family's id"`
}

type familyEventOutput struct {
	Status int
	Body   FamilyEvent
}

func (s *Server) familyRoutes() {
	found := operation(http.MethodPost, "/v1/families", "found-family", "Families", "Found a family", auth.MembersWrite)
	found.Description += " What its members have and get in the wallets that the program's families share is the family's from then on."
	found.DefaultStatus = http.StatusCreated
	register(s, withExample(found, exampleFamily), auth.MembersWrite, func(ctx context.Context, in *struct {
		KeyHeader
		AcceptLanguage string `header:"Accept-Language"`
		Body           NewFamily
	}) (*familyEventOutput, error) {
		return s.changeFamily(ctx, app.FamilyAct{EventID: firstOf(in.Body.ID, in.Key), Do: family.Found, Member: in.Body.Head}, in.AcceptLanguage)
	})
	read := operation(http.MethodGet, "/v1/families/{family}", "read-family", "Families", "Read a family and its wallets", auth.MembersRead)
	register(s, read, auth.MembersRead, func(ctx context.Context, in *FamilyPath) (*struct{ Body Family }, error) {
		f, err := s.app.Family(ctx, in.Family)
		if err != nil {
			return nil, err
		}
		return &struct{ Body Family }{*familyOf(&f)}, nil
	})
	for _, step := range [...]struct{ path, do, id, summary string }{
		{"members", family.Join, "join-family", "Join a family that has invited the member"},
		{"departures", family.Leave, "leave-family", "Leave a family"},
	} {
		op := operation(http.MethodPost, "/v1/families/{family}/"+step.path, step.id, "Families", step.summary, auth.MembersWrite)
		op.DefaultStatus = http.StatusCreated
		register(s, withExample(op, exampleJoin), auth.MembersWrite, func(ctx context.Context, in *struct {
			FamilyPath
			KeyHeader
			AcceptLanguage string `header:"Accept-Language"`
			Body           FamilyStep
		}) (*familyEventOutput, error) {
			return s.changeFamily(ctx, app.FamilyAct{EventID: firstOf(in.Body.ID, in.Key), Do: step.do, Family: in.Family, Member: in.Body.Member}, in.AcceptLanguage)
		})
	}
	s.headRoutes()
}

// headRoutes are what the head of a family does.
func (s *Server) headRoutes() {
	for _, step := range [...]struct{ path, do, id, summary string }{
		{"invitations", family.Invite, "invite-to-family", "Invite a member into the family"},
		{"removals", family.Remove, "remove-from-family", "Remove a member from the family, or an invitation"},
		{"head", family.HandOver, "hand-family-over", "Make another member the head"},
	} {
		op := operation(http.MethodPost, "/v1/families/{family}/"+step.path, step.id, "Families", step.summary, auth.MembersWrite)
		op.DefaultStatus = http.StatusCreated
		register(s, withExample(op, exampleKin), auth.MembersWrite, func(ctx context.Context, in *struct {
			FamilyPath
			KeyHeader
			AcceptLanguage string `header:"Accept-Language"`
			Body           HeadStep
		}) (*familyEventOutput, error) {
			return s.changeFamily(ctx, app.FamilyAct{EventID: firstOf(in.Body.ID, in.Key), Do: step.do, Family: in.Family, Member: in.Body.Member, By: in.Body.By}, in.AcceptLanguage)
		})
	}
}

func (s *Server) changeFamily(ctx context.Context, act app.FamilyAct, language string) (*familyEventOutput, error) {
	answer, id, err := s.app.ChangeFamily(ctx, act)
	if err != nil {
		problem := problemOf(err)
		switch {
		case act.Do == family.Found && problem.Path == "member":
			problem.Path = "head"
			problem = inBody(problem)
		case problem.Path == "member" || problem.Path == "by":
			problem = inBody(problem)
		}
		s.metrics.refused(problem.Code)
		return nil, problem
	}
	s.metrics.decided(&answer)
	if refusedNow(&answer) {
		p := newProblem(answer.Decision.Outcome.String(), "", text.Raw(strings.Join(s.whyNot(&answer, languageOf("", language)), " ")))
		p.Status = http.StatusConflict
		return nil, p
	}
	f, err := s.app.Family(ctx, id.String())
	if err != nil {
		return nil, err
	}
	return &familyEventOutput{statusOfAnswer(&answer), FamilyEvent{*familyOf(&f), s.answerOf(&answer)}}, nil
}

func familyOf(f *app.Family) *Family {
	out := &Family{ID: f.ID.String(), Members: []FamilyMember{}, Wallets: []Balance{}}
	for _, k := range f.Kin {
		out.Members = append(out.Members, FamilyMember{k.Member.String(), k.Standing.String(), moment(k.Since)})
	}
	for i := range f.Wallets {
		out.Wallets = append(out.Wallets, balance(f.Wallets[i].Wallet, f.Wallets[i].Balance))
	}
	return out
}
