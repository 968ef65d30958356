package web_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"premia/internal/testkit"
	"premia/internal/web"
	"premia/internal/web/page"
)

// someone is a gate whose visitor is named in a header.
type someone struct{}

func (someone) Visitor(r *http.Request) (page.Visitor, error) {
	return page.Visitor{UserID: r.Header.Get("Test-User"), Name: "Test", Role: "owner", Proved: true, May: func(string) bool { return true }}, nil
}

// TestNobodyAsksWithoutEnd asks for members more often than anybody types: one user is
// refused, in words and with when to come back, others are not, and after a minute it
// goes on.
func TestNobodyAsksWithoutEnd(t *testing.T) {
	t.Parallel()
	_, plain, a := open(t, everybody{})
	clock := testkit.NewClock(time.Date(2026, 3, 1, 9, 0, 30, 0, time.UTC))
	site, err := web.New(web.Config{App: a, Gate: someone{}, Bounds: web.Bounds(), Clock: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	var patterns []string
	for _, r := range plain.Routes() {
		patterns = append(patterns, r.Pattern)
	}
	for pattern := range web.Bounds() {
		if pattern != page.ListFile && !slices.Contains(patterns, pattern) {
			t.Errorf("nothing is asked for by %s", pattern)
		}
	}
	get := func(user, path string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Test-User", user)
		r.Header.Set("Accept-Language", "pl")
		w := httptest.NewRecorder()
		site.ServeHTTP(w, r)
		return w
	}
	for n := range 21 {
		want := http.StatusOK
		if n == 20 {
			want = http.StatusTooManyRequests
		}
		if w := get("usr_a", "/console/keys?format=csv"); w.Code != want {
			t.Fatalf("file %d is answered %d", n, w.Code)
		}
	}
	w := get("usr_a", "/console/webhooks?format=csv")
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "30" || !strings.Contains(w.Body.String(), "Spróbuj ponownie za 30 sekund") {
		t.Errorf("another file is answered %d, Retry-After %q: %.500s", w.Code, w.Header().Get("Retry-After"), w.Body)
	}
	if w := get("usr_b", "/console/keys?format=csv"); w.Code != http.StatusOK {
		t.Errorf("somebody else is answered %d", w.Code)
	}
	if w := get("usr_a", "/console/keys"); w.Code != http.StatusOK {
		t.Errorf("the page is answered %d", w.Code)
	}
	clock.Advance(30 * time.Second)
	if w := get("usr_a", "/console/keys?format=csv"); w.Code != http.StatusOK {
		t.Errorf("a minute later: %d", w.Code)
	}
}
