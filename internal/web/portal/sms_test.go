package portal_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/channel/sms"
	"premia/internal/outbound"
)

// TestMemberSignsInByATextMessage has a company that sends text messages over HTTP pass on
// the code, which signs in once.
func TestMemberSignsInByATextMessage(t *testing.T) {
	t.Parallel()
	f := open(t)
	type asked struct{ To, Message string }
	passedOn := make(chan asked, 10)
	company := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var a asked
		if err := json.NewDecoder(r.Body).Decode(&a); err != nil || r.Header.Get("Authorization") != "Bearer 2f1c" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		passedOn <- a
	}))
	defer company.Close()
	policy, err := outbound.ParsePolicy([]string{"127.0.0.0/8"})
	if err != nil {
		t.Fatal(err)
	}
	client := outbound.New(policy)
	defer client.Close()
	gateway, err := sms.New(sms.Options{URL: company.URL, Body: `{"to": "{to}", "message": "{text}"}`, Headers: []string{"Authorization: Bearer 2f1c"}}, client)
	if err != nil {
		t.Fatal(err)
	}
	outbox := f.app.StartOutbox(t.Context(), map[string]app.Sender{app.SMSChannel: gateway.Send})
	defer outbox.Stop()
	if _, err := f.app.Enrol(f.system(), app.Change{Identities: []string{"phone:+48600100200"}}); err != nil {
		t.Fatal(err)
	}
	v := f.visitor()
	v.post("/sign-in", "contact", "600 100 200", "next", "/history").want(t, "asking for a code", http.StatusSeeOther, "/sign-in/code")
	select {
	case got := <-passedOn:
		code := regexp.MustCompile(`\b\d{6}\b`).FindString(got.Message)
		if got.To != "+48600100200" || code == "" || strings.Contains(got.Message, "http") {
			t.Fatalf("the company was asked %+v", got)
		}
		v.post("/sign-in/code", "code", code).want(t, "the code", http.StatusSeeOther, "/history")
		v.get("/history").want(t, "the history", http.StatusOK, "Joined")
		f.visitor().post("/sign-in/code", "code", code).want(t, "the code in another browser", http.StatusSeeOther, "/sign-in")
	case <-time.After(time.Minute):
		t.Fatal("the company was asked for nothing")
	}
}
