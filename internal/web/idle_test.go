package web_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/testkit"
	"premia/internal/web"
)

// polls are the paths that templates ask for again and again.
func polls(t *testing.T) (paths []string) {
	t.Helper()
	element := regexp.MustCompile(`<[^<]*hx-trigger="[^"]*every [^<]*`)
	path := regexp.MustCompile(`hx-get="([^"?]+)`)
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".html") {
			return err
		}
		src, err := os.ReadFile(name)
		for _, one := range element.FindAllString(string(src), -1) {
			found := path.FindStringSubmatch(one)
			if found == nil {
				t.Errorf("%s asks again and again, and this test does not find for what: %s", name, one)
				continue
			}
			paths = append(paths, found[1])
		}
		return err
	})
	if err != nil || len(paths) < 2 {
		t.Fatalf("the templates poll %v (%v)", paths, err)
	}
	return paths
}

// TestAnOpenPageIsNoUse leaves the console open, whose pages ask by themselves for what is
// new: the session ends all the same after the time without use, as it does not where
// somebody goes on.
func TestAnOpenPageIsNoUse(t *testing.T) {
	t.Parallel()
	clock := testkit.NewClock(time.Date(2026, 3, 5, 9, 0, 0, 0, time.UTC))
	a, err := app.Open(t.Context(), app.Config{DB: "sqlite:" + filepath.Join(t.TempDir(), "premia.db"), Migrate: true, Words: web.Words(), Clock: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	document, err := os.ReadFile(filepath.Join(testkit.RepoRoot(t), "programs", "cafe", "program.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Publish(t.Context(), document, calendar.None, "test"); err != nil {
		t.Fatal(err)
	}
	site, err := web.New(web.Config{App: a, Gate: web.Gate{App: a}, Unaudited: unaudited(t)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site)
	t.Cleanup(server.Close)
	owner := becomeOwner(t, server, a)
	status := func(path string) int {
		t.Helper()
		answer, _ := owner.send(http.MethodGet, path)
		return answer.StatusCode
	}
	for _, path := range polls(t) {
		if got := status("/console/account"); got != http.StatusOK {
			t.Fatalf("before %s the account is answered %d", path, got)
		}
		for range 2 {
			clock.Advance(14 * time.Minute)
			if got := status(path); got != http.StatusOK && got != http.StatusNoContent {
				t.Errorf("%s is answered %d", path, got)
			}
		}
		clock.Advance(3 * time.Minute)
		if got := status("/console/account"); got != http.StatusSeeOther {
			t.Errorf("after 31 minutes of nothing but %s the account is answered %d", path, got)
		}
		owner.goes("/console", "/console/sign-in", "email", "anna@example.com", "password", words)
	}
	for range 3 {
		clock.Advance(29 * time.Minute)
		if got := status("/console/account"); got != http.StatusOK {
			t.Errorf("somebody who goes on is answered %d", got)
		}
	}
}
