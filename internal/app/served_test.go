package app_test

import (
	"path/filepath"
	"testing"

	"premia/internal/app"
)

// TestLinksLeadToTheServer makes links where the server was started last, for commands
// that are not told where that is.
func TestLinksLeadToTheServer(t *testing.T) {
	db := "sqlite:" + filepath.Join(t.TempDir(), "premia.db")
	open := func(url string) *app.App {
		a, err := app.Open(t.Context(), app.Config{DB: db, Migrate: true, URL: url, ElseURL: "http://localhost:8080"})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = a.Close() })
		return a
	}
	for _, c := range []struct {
		given, want string
		here        bool
	}{
		{"", "http://localhost:8080/x", true},
		{"https://bean.example", "https://bean.example/x", false},
		{"", "https://bean.example/x", false},
		{"http://127.0.0.1:8091", "http://127.0.0.1:8091/x", true},
		{"", "http://127.0.0.1:8091/x", true},
		{"http://[::1]:80", "http://[::1]:80/x", true},
		{"http://192.168.1.20:8080", "http://192.168.1.20:8080/x", false},
	} {
		a := open(c.given)
		if got := a.Link("/x"); got != c.want || a.OnlyHere() != c.here {
			t.Errorf("started at %q links are %s (only here: %v), want %s (%v)", c.given, got, a.OnlyHere(), c.want, c.here)
		}
		if c.given != "" {
			if err := a.Serves(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
}
