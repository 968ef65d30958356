package api_test

import (
	"encoding/csv"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"premia/internal/api"
	"premia/internal/app"
)

// TestUsersOverTheAPI invites somebody, changes them, ends their session, and finds all
// of it in the trail under the key.
func TestUsersOverTheAPI(t *testing.T) {
	t.Parallel()
	onEach(t, "enrol", func(t *testing.T, f *fixture) {
		made := must[api.CreatedInvitation](f, 201, http.MethodPost, "/v1/invitations", `{"email":"Jan@example.com","role":"support","language":"cs"}`)
		if made.Email != "jan@example.com" || !strings.Contains(made.Link, app.InvitationPath) {
			t.Errorf("invited %+v", made)
		}
		if open := must[api.Invitations](f, 200, http.MethodGet, "/v1/invitations", ""); len(open.Invitations) != 1 || open.Invitations[0] != made.Invitation {
			t.Errorf("open: %+v", open)
		}
		_, token, _ := strings.Cut(made.Link, app.InvitationPath)
		in, err := f.app.Accept(t.Context(), token, app.Acceptance{Name: "Jan", Password: "correct horse battery"}, app.Client{Address: "192.0.2.1"})
		if err != nil {
			t.Fatal(err)
		}
		user := "/v1/users/" + in.User.ID
		if got := must[api.User](f, 200, http.MethodPatch, user, `{"role":"manager"}`); got.Role != "manager" || got.SeenAt == nil || got.SecondFactor {
			t.Errorf("changed to %+v", got)
		}
		sessions := must[api.Sessions](f, 200, http.MethodGet, "/v1/sessions?user="+in.User.ID, "").Sessions
		if len(sessions) != 1 || sessions[0].Address != "192.0.2.1" {
			t.Fatalf("sessions: %+v", sessions)
		}
		if w := f.request(http.MethodDelete, "/v1/sessions/"+sessions[0].ID, ""); w.Code != 204 {
			t.Errorf("ended: %d %s", w.Code, w.Body)
		}
		if _, err := f.app.SessionOf(t.Context(), in.Token, app.Client{}); app.AsProblem(err).Code != app.CodeSignedOut {
			t.Errorf("the session goes on: %v", err)
		}
		f.problem(404, "unknown_session", http.MethodDelete, "/v1/sessions/"+sessions[0].ID, "")
		f.problem(404, "unknown_user", http.MethodGet, "/v1/users/usr_x", "")
		f.problem(409, "user_exists", http.MethodPost, "/v1/invitations", `{"email":"jan@example.com","role":"support"}`)
		f.problem(422, "invalid_email", http.MethodPost, "/v1/invitations", `{"email":"jan","role":"support"}`)
		// A key that may change users makes no owners.
		less := "Bearer " + f.newKey("users:write")
		f.problem(403, "not_permitted", http.MethodPost, "/v1/invitations", `{"email":"eve@example.com","role":"owner"}`, "Authorization", less)
		f.problem(403, "not_permitted", http.MethodPatch, user, `{"role":"owner"}`, "Authorization", less)
		if got := must[api.User](f, 200, http.MethodPatch, user, `{"disabled":true}`, "Authorization", less); got.DisabledAt == nil {
			t.Errorf("disabled: %+v", got)
		}
		checkTrail(t, f)
	})
}

func checkTrail(t *testing.T, f *fixture) {
	t.Helper()
	page := must[api.AuditRows](f, 200, http.MethodGet, "/v1/audit?limit=3", "")
	var did []string
	for next := page.Next; ; {
		for _, r := range page.Rows {
			did = append(did, r.Kind+" "+r.Action)
		}
		if next == 0 {
			break
		}
		page = must[api.AuditRows](f, 200, http.MethodGet, "/v1/audit?limit=3&before="+strconv.FormatInt(next, 10), "")
		next = page.Next
	}
	slices.Reverse(did)
	want := []string{
		"system program.published", "system key.created", "key user.invited", "user invitation.accepted", "user session.started",
		"key user.changed", "key session.revoked", "system key.created", "key user.disabled",
	}
	if !slices.Equal(did, want) {
		t.Errorf("did %v, want %v", did, want)
	}
	w := f.request(http.MethodGet, "/v1/audit/export?format=csv&action=user.", "")
	rows, err := csv.NewReader(w.Body).ReadAll()
	if err != nil || len(rows) != 4 || rows[2][5] != "user.changed" || rows[2][7] != `{"role":"manager"}` {
		t.Errorf("exported %v (%v)", rows, err)
	}
	if only := must[api.AuditRows](f, 200, http.MethodGet, "/v1/audit?action=audit.exported", ""); len(only.Rows) != 1 || only.Rows[0].Details["format"] != "csv" {
		t.Errorf("the export itself: %+v", only)
	}
	f.problem(400, "invalid_parameter", http.MethodGet, "/v1/audit/export?format=xml", "")
}
