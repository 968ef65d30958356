package page_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"premia/internal/i18n"
	"premia/internal/web/asset"
	"premia/internal/web/page"
)

// TestPagesThatPanic finds that a mistake in a page is answered as a page, and logged,
// while one behind the beginning of an answer cuts it off.
func TestPagesThatPanic(t *testing.T) {
	t.Parallel()
	words, err := i18n.Load(page.Words())
	if err != nil {
		t.Fatal(err)
	}
	files, err := asset.Load()
	if err != nil {
		t.Fatal(err)
	}
	site := page.New(page.Config{Words: words, Files: files, Gate: page.Strangers{}})
	area := site.Area("plain", nil)
	area.Handle("GET /early", page.Anyone, func(*page.Context) error { panic("on purpose") })
	area.Handle("GET /late", page.Anyone, func(c *page.Context) error {
		_, _ = c.W.Write([]byte("half"))
		panic("on purpose")
	})
	out := httptest.NewRecorder()
	site.ServeHTTP(out, httptest.NewRequest(http.MethodGet, "/early", nil))
	if out.Code != http.StatusInternalServerError || !strings.Contains(out.Body.String(), "Something went wrong") || strings.Contains(out.Body.String(), "on purpose") {
		t.Errorf("%d %s", out.Code, out.Body)
	}
	defer func() {
		if p := recover(); p != "on purpose" {
			t.Errorf("behind the beginning of an answer: %v", p)
		}
	}()
	site.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/late", nil))
}
