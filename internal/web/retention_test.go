package web_test

import (
	"net/http"
	"strings"
	"testing"

	"premia/internal/app"
	"premia/internal/testkit/browser"
)

// TestRetentionPage counts and keeps rules of retention.
func TestRetentionPage(t *testing.T) {
	t.Parallel()
	server, _, a := openDoors(t)
	p := becomeOwner(t, server, a)
	if answer, text := p.send(http.MethodPost, "/console/retention", "silent_months", "24", "message_days", "3", "try", "yes"); answer.StatusCode != http.StatusOK || !strings.Contains(text, `value="24"`) {
		t.Errorf("counting: %d", answer.StatusCode)
	}
	if r, err := a.Retention(t.Context()); err != nil || r.SilentMonths != 0 {
		t.Errorf("counting kept %+v, %v", r, err)
	}
	for _, wrong := range [][]string{{"silent_months", "3", "message_days", "3"}, {"silent_months", "x", "message_days", "3"}, {"silent_months", "0", "message_days", "30"}} {
		if answer, text := p.send(http.MethodPost, "/console/retention", wrong...); answer.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(text, "is-invalid") {
			t.Errorf("%v: %d", wrong, answer.StatusCode)
		}
	}
	p.goes("/console/retention", "/console/retention", "silent_months", "24", "message_days", "3")
	if r, err := a.Retention(t.Context()); err != nil || r != (app.Retention{SilentMonths: 24, MessageDays: 3}) {
		t.Errorf("kept are %+v, %v", r, err)
	}
}

func TestRetentionPageInABrowser(t *testing.T) {
	t.Parallel()
	server, _, _ := open(t, everybody{})
	browser.Open(t, server.URL, "en").Everywhere("/console/retention", languages...)
}
