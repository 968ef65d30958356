package portal_test

import (
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"premia/internal/api"
	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/testkit"
	"premia/internal/testkit/browser"
	"premia/internal/web"
	"premia/internal/web/page"
)

var languages = []string{"en", "pl", "cs", "ru"}

// fixture is a workspace with the café's program, served.
type fixture struct {
	*httptest.Server
	t     *testing.T
	app   *app.App
	clock *testkit.Clock
}

func open(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t}
	a, err := app.Open(context.Background(), app.Config{
		DB: "sqlite:" + filepath.Join(t.TempDir(), "premia.db"), Migrate: true, Words: append(web.Words(), api.Words()),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	document, err := os.ReadFile(filepath.Join(testkit.RepoRoot(t), "programs", "coffee", "program.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Publish(context.Background(), document, calendar.None, "test"); err != nil {
		t.Fatal(err)
	}
	site, err := web.New(web.Config{App: a, API: api.New(api.Config{App: a}), Gate: page.Strangers{}})
	if err != nil {
		t.Fatal(err)
	}
	f.app, f.Server = a, httptest.NewServer(site)
	t.Cleanup(f.Close)
	return f
}

func TestStrangersSeeWhatTheProgramGives(t *testing.T) {
	f := open(t)
	tab := browser.Open(t, f.URL, "pl")
	tab.Everywhere("/", languages...)
	tab.Everywhere("/how", languages...)
	tab.Everywhere("/offline", languages...)
	tab.Go("/?lang=en")
	tab.Read("Double weekends in May")
}
