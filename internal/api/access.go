package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/store"
)

// User is somebody of the business.
type User struct {
	ID           string  `json:"id" example:"usr_5f2c1e0a9b8d7c6e"`
	Email        string  `json:"email"`
	Name         string  `json:"name"`
	Role         string  `json:"role" enum:"owner,manager,marketer,analyst,support,cashier"`
	Language     string  `json:"language"`
	SecondFactor bool    `json:"second_factor" doc:"whether they have codes of an app, or a passkey"`
	CreatedAt    string  `json:"created_at" format:"date-time"`
	DisabledAt   *string `json:"disabled_at,omitempty" format:"date-time" doc:"since when they can't sign in"`
	SeenAt       *string `json:"seen_at,omitempty" format:"date-time" doc:"when they last used a session that is kept"`
}

// Users are all users.
type Users struct {
	Users []User `json:"users" doc:"the oldest first"`
}

// UserChange is what is to change of a user.
type UserChange struct {
	Role     string `json:"role,omitempty" enum:"owner,manager,marketer,analyst,support,cashier" doc:"only a key with the scope admin makes owners, or changes them"`
	Disabled *bool  `json:"disabled,omitempty" doc:"true ends their sessions, and lets them sign in no more"`
}

// NewInvitation is an invitation that is to be made.
type NewInvitation struct {
	Email    string `json:"email" maxLength:"254"`
	Name     string `json:"name,omitempty" maxLength:"100"`
	Role     string `json:"role" enum:"owner,manager,marketer,analyst,support,cashier"`
	Language string `json:"language,omitempty" enum:"en,pl,cs,ru" doc:"of the message; English if not said"`
}

// Invitation lets somebody become a user.
type Invitation struct {
	ID        string `json:"id" example:"inv_5f2c1e0a9b8d7c6e"`
	Email     string `json:"email"`
	Role      string `json:"role" enum:"owner,manager,marketer,analyst,support,cashier"`
	CreatedAt string `json:"created_at" format:"date-time"`
	ExpiresAt string `json:"expires_at" format:"date-time"`
}

// CreatedInvitation is a new invitation with its link.
type CreatedInvitation struct {
	Invitation
	Link string `json:"link" doc:"where they choose a password; shown this once, and sent to them by e-mail"`
}

// Invitations are the open ones.
type Invitations struct {
	Invitations []Invitation `json:"invitations" doc:"those that are open, the oldest first"`
}

// Session is a browser that a user is signed in with.
type Session struct {
	ID        string `json:"id" example:"ses_5f2c1e0a9b8d7c6e"`
	User      string `json:"user"`
	Method    string `json:"method" doc:"how they signed in" example:"password+code"`
	Address   string `json:"address" doc:"the network address that it was last used from"`
	Agent     string `json:"agent" doc:"how the browser names itself"`
	CreatedAt string `json:"created_at" format:"date-time"`
	SeenAt    string `json:"seen_at" format:"date-time" doc:"to the minute"`
	ExpiresAt string `json:"expires_at" format:"date-time" doc:"at the latest; it ends earlier when it is not used"`
}

// Sessions are those that are good.
type Sessions struct {
	Sessions []Session `json:"sessions" doc:"the last used first"`
}

// AuditRow is a row of the audit trail.
type AuditRow struct {
	Seq     int64          `json:"seq" doc:"numbers the rows, without gaps"`
	At      string         `json:"at" format:"date-time"`
	Kind    string         `json:"kind" enum:"user,key,member,system" doc:"what the actor is"`
	Actor   string         `json:"actor,omitempty" doc:"who did it, by id"`
	Address string         `json:"address,omitempty" doc:"from where"`
	Action  string         `json:"action" example:"key.created"`
	Target  string         `json:"target,omitempty" doc:"to what, by id"`
	Details map[string]any `json:"details,omitempty"`
}

// AuditRows are a page of the audit trail.
type AuditRows struct {
	Rows []AuditRow `json:"rows" doc:"the latest first"`
	Next int64      `json:"next_before,omitempty" doc:"send it as before to get the next page; absent on the last"`
}

var (
	exampleInvitation = map[string]any{"email": "jan@example.com", "name": "Jan", "role": "support", "language": "cs"}
	exampleUserChange = map[string]any{"role": "manager"}
)

// UserPath names a user.
type UserPath struct {
	User string `path:"user" maxLength:"60" doc:"the user's id, usr_…"`
}

type userOutput struct{ Body User }

func (s *Server) accessRoutes() {
	list := operation(http.MethodGet, "/v1/users", "list-users", "Users", "List the users", auth.UsersReadScope)
	register(s, list, auth.UsersReadScope, s.listUsers)
	read := operation(http.MethodGet, "/v1/users/{user}", "read-user", "Users", "Read a user", auth.UsersReadScope)
	register(s, read, auth.UsersReadScope, func(ctx context.Context, in *UserPath) (*userOutput, error) { return s.readUser(ctx, in.User) })
	change := operation(http.MethodPatch, "/v1/users/{user}", "change-user", "Users", "Change a user's role, or disable or enable them", auth.UsersWriteScope)
	register(s, withExample(change, exampleUserChange), auth.UsersWriteScope, s.changeUser)

	invitations := operation(http.MethodGet, "/v1/invitations", "list-invitations", "Users", "List the open invitations", auth.UsersReadScope)
	register(s, invitations, auth.UsersReadScope, s.listInvitations)
	invite := operation(http.MethodPost, "/v1/invitations", "invite-user", "Users", "Invite somebody to become a user; an earlier invitation to the address ends", auth.UsersWriteScope)
	invite.DefaultStatus = http.StatusCreated
	register(s, withExample(invite, exampleInvitation), auth.UsersWriteScope, s.invite)
	back := operation(http.MethodDelete, "/v1/invitations/{invitation}", "revoke-invitation", "Users", "Take an invitation back", auth.UsersWriteScope)
	back.DefaultStatus = http.StatusNoContent
	register(s, back, auth.UsersWriteScope, func(ctx context.Context, in *struct {
		Invitation string `path:"invitation" maxLength:"60" doc:"the invitation's id, inv_…"`
	}) (*struct{}, error) {
		return nil, s.app.RevokeInvitation(ctx, in.Invitation)
	})

	sessions := operation(http.MethodGet, "/v1/sessions", "list-sessions", "Users", "List the sessions of users that are good", auth.UsersReadScope)
	register(s, sessions, auth.UsersReadScope, s.listSessions)
	end := operation(http.MethodDelete, "/v1/sessions/{session}", "revoke-session", "Users", "End a session at once", auth.UsersWriteScope)
	end.DefaultStatus = http.StatusNoContent
	register(s, end, auth.UsersWriteScope, func(ctx context.Context, in *struct {
		Session string `path:"session" maxLength:"60" doc:"the session's id, ses_…"`
	}) (*struct{}, error) {
		return nil, s.app.RevokeSession(ctx, in.Session)
	})
	s.auditRoutes()
}

func (s *Server) auditRoutes() {
	audit := operation(http.MethodGet, "/v1/audit", "read-audit", "Audit", "Read the trail of who did what, the latest first", auth.AuditReadScope)
	register(s, audit, auth.AuditReadScope, s.readAudit)
	export := operation(http.MethodGet, "/v1/audit/export", "export-audit", "Audit", "Get the trail as a file, the earliest first", auth.AuditReadScope)
	export.Parameters = []*huma.Param{
		{Name: "format", In: "query", Description: "csv or ndjson", Schema: &huma.Schema{Type: "string", Enum: []any{"csv", "ndjson"}}},
		{Name: "actor", In: "query", Description: "who did it, by id", Schema: &huma.Schema{Type: "string"}},
		{Name: "action", In: "query", Description: "what; one that ends in a point stands for all that begin with it", Schema: &huma.Schema{Type: "string"}},
		{Name: "target", In: "query", Description: "to what, by id", Schema: &huma.Schema{Type: "string"}},
	}
	export.Responses = map[string]*huma.Response{
		"200":     {Description: "OK", Content: map[string]*huma.MediaType{"application/x-ndjson": {Schema: &huma.Schema{Type: "string"}}, "text/csv": {Schema: &huma.Schema{Type: "string"}}}},
		"default": {Description: "Error", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}}}},
	}
	s.api.OpenAPI().AddOperation(&export)
	s.guarded(export, auth.AuditReadScope, s.exportAudit)
}

func userOf(u *app.User) User {
	return User{
		ID: u.ID, Email: u.Email, Name: u.Name, Role: u.Role, Language: u.Language, SecondFactor: u.HasCode || len(u.Passkeys) > 0,
		CreatedAt: rfc3339(u.Created), DisabledAt: moment(u.Disabled), SeenAt: moment(u.Seen),
	}
}

func (s *Server) listUsers(ctx context.Context, _ *struct{}) (*struct{ Body Users }, error) {
	all, err := s.app.Users(ctx)
	if err != nil {
		return nil, err
	}
	out := Users{Users: []User{}}
	for i := range all {
		out.Users = append(out.Users, userOf(&all[i]))
	}
	return &struct{ Body Users }{out}, nil
}

func (s *Server) readUser(ctx context.Context, id string) (*userOutput, error) {
	u, err := s.app.User(ctx, id)
	if err != nil {
		return nil, err
	}
	return &userOutput{userOf(&u)}, nil
}

func (s *Server) changeUser(ctx context.Context, in *struct {
	UserPath
	Body UserChange
}) (*userOutput, error) {
	if in.Body.Role != "" {
		if err := s.app.ChangeRole(ctx, in.User, auth.Role(in.Body.Role)); err != nil {
			return nil, err
		}
	}
	if d := in.Body.Disabled; d != nil {
		change := s.app.EnableUser
		if *d {
			change = s.app.DisableUser
		}
		if err := change(ctx, in.User); err != nil {
			return nil, err
		}
	}
	return s.readUser(ctx, in.User)
}

func invitationOf(i *store.Invitation) Invitation {
	return Invitation{ID: i.ID, Email: i.Email, Role: i.Role, CreatedAt: rfc3339(i.Created), ExpiresAt: rfc3339(i.Expires)}
}

func (s *Server) listInvitations(ctx context.Context, _ *struct{}) (*struct{ Body Invitations }, error) {
	all, err := s.app.Invitations(ctx)
	if err != nil {
		return nil, err
	}
	out := Invitations{Invitations: []Invitation{}}
	for i := range all {
		out.Invitations = append(out.Invitations, invitationOf(&all[i]))
	}
	return &struct{ Body Invitations }{out}, nil
}

func (s *Server) invite(ctx context.Context, in *struct{ Body NewInvitation }) (*struct{ Body CreatedInvitation }, error) {
	inv, token, err := s.app.Invite(ctx, app.NewInvitation{Email: in.Body.Email, Name: in.Body.Name, Role: auth.Role(in.Body.Role), Language: in.Body.Language})
	if err != nil {
		return nil, err
	}
	return &struct{ Body CreatedInvitation }{CreatedInvitation{invitationOf(&inv), s.app.Link(app.InvitationPath + token)}}, nil
}

func (s *Server) listSessions(ctx context.Context, in *struct {
	User string `query:"user" maxLength:"60" doc:"only those of a user, by id"`
}) (*struct{ Body Sessions }, error) {
	all, err := s.app.Sessions(ctx, in.User)
	if err != nil {
		return nil, err
	}
	out := Sessions{Sessions: []Session{}}
	for i := range all {
		x := &all[i]
		out.Sessions = append(out.Sessions, Session{x.ID, x.User, x.Method, x.Address, x.Agent, rfc3339(x.Created), rfc3339(x.Seen), rfc3339(x.Expires)})
	}
	return &struct{ Body Sessions }{out}, nil
}

func (s *Server) readAudit(ctx context.Context, in *struct {
	Actor  string    `query:"actor" maxLength:"100" doc:"who did it, by id"`
	Action string    `query:"action" maxLength:"100" doc:"what; one that ends in a point stands for all that begin with it" example:"user."`
	Target string    `query:"target" maxLength:"100" doc:"to what, by id"`
	From   time.Time `query:"from" doc:"from this moment on"`
	Until  time.Time `query:"until" doc:"before this moment"`
	Before int64     `query:"before" minimum:"0" doc:"the next_before of the page before"`
	Limit  int       `query:"limit" minimum:"1" maximum:"200" default:"50"`
}) (*struct{ Body AuditRows }, error) {
	f := store.AuditFilter{Actor: in.Actor, Action: in.Action, Target: in.Target, Before: in.Before, From: instantOf(in.From), Until: instantOf(in.Until)}
	rows, next, err := s.app.AuditPage(ctx, f, in.Limit)
	if err != nil {
		return nil, err
	}
	out := AuditRows{Rows: []AuditRow{}, Next: next}
	for i := range rows {
		r := &rows[i]
		row := AuditRow{Seq: r.Seq, At: rfc3339(r.At), Kind: r.Kind, Actor: r.Actor, Address: r.Address, Action: r.Action, Target: r.Target}
		if r.Details != "" {
			if err := json.Unmarshal([]byte(r.Details), &row.Details); err != nil {
				return nil, err
			}
		}
		out.Rows = append(out.Rows, row)
	}
	return &struct{ Body AuditRows }{out}, nil
}

func instantOf(t time.Time) calendar.Instant {
	if t.IsZero() {
		return calendar.None
	}
	return calendar.Of(t)
}

// exportAudit streams the trail: it may be long.
func (s *Server) exportAudit(w http.ResponseWriter, r *http.Request, key auth.Key) *Problem {
	query := r.URL.Query()
	format := firstOf(query.Get("format"), "csv")
	if format != "csv" && format != "ndjson" {
		return newProblem(codeParameter, "format", "the format is csv or ndjson")
	}
	kind := map[string]string{"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}[format]
	takesLong(w)
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="audit.`+format+`"`)
	f := store.AuditFilter{Actor: query.Get("actor"), Action: query.Get("action"), Target: query.Get("target")}
	r, _ = acting(r, &key)
	err := s.app.ExportAudit(r.Context(), w, format, f)
	if err != nil {
		// The file has begun, so that it can only end early, which its reader sees.
		s.app.Log.Error("the audit trail could not be exported", "error", strings.TrimSpace(err.Error()))
		panic(http.ErrAbortHandler)
	}
	return nil
}
