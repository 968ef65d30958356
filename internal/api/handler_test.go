package api_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
)

// TestFailureNamesNobodyInTheLog lets the server fail over a member who is named
// by an identity.
func TestFailureNamesNobodyInTheLog(t *testing.T) {
	t.Parallel()
	f := open(t, sqlite(t), "enrol")
	f.request(http.MethodPost, "/v1/members", `{"identities":["email:anna@example.com"]}`)
	var log strings.Builder
	f.app.Log = slog.New(slog.NewTextHandler(&log, nil))
	whole := f.app.Store
	f.app.Store = nil
	f.problem(http.StatusInternalServerError, "internal", http.MethodGet, "/v1/members/email:anna@example.com", "")
	f.app.Store = whole
	if text := log.String(); !strings.Contains(text, "/v1/members/{member}") || strings.Contains(text, "anna") {
		t.Errorf("the log says:\n%s", text)
	}
}
