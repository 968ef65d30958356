package web_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"premia/internal/api"
	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/testkit"
	"premia/internal/testkit/browser"
	"premia/internal/web"
	"premia/internal/web/page"
)

var languages = []string{"en", "pl", "cs", "ru"}

// everybody is a gate that lets every visitor in as an owner, so that tests of
// pages need no sign-in.
type everybody struct{}

func (everybody) Visitor(*http.Request) (page.Visitor, error) {
	return page.Visitor{UserID: "usr_test", Name: "Łucja Wiśniewska", Role: "owner", Proved: true, May: func(string) bool { return true }}, nil
}

// open serves a fresh workspace with a ready program.
func open(t *testing.T, gate page.Gate) (*httptest.Server, *page.Site, *app.App) {
	t.Helper()
	return openBefore(t, gate, func(*app.App) error { return nil })
}

// openBefore does something to the workspace while it is empty.
func openBefore(t *testing.T, gate page.Gate, first func(*app.App) error) (*httptest.Server, *page.Site, *app.App) {
	t.Helper()
	a, err := app.Open(context.Background(), app.Config{
		DB: "sqlite:" + filepath.Join(t.TempDir(), "premia.db"), Migrate: true, Words: append(web.Words(), api.Words()),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	if err := first(a); err != nil {
		t.Fatal(err)
	}
	document, err := os.ReadFile(filepath.Join(testkit.RepoRoot(t), "programs", "cafe", "program.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Publish(context.Background(), document, calendar.None, "test"); err != nil {
		t.Fatal(err)
	}
	site, err := web.New(web.Config{App: a, Gate: gate, Unaudited: unaudited(t)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site)
	t.Cleanup(server.Close)
	return server, site, a
}

// unaudited fails a test in which something is done that is to be in the audit trail and
// is not.
func unaudited(t *testing.T) func(string) {
	return func(route string) {
		t.Errorf("%s did something and told the audit trail nothing, or acts.go does not say what it tells", route)
	}
}

// fetch sends a request and follows no redirect.
func fetch(t *testing.T, method, url, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}

func TestEveryAnswerHasTheHeaders(t *testing.T) {
	t.Parallel()
	server, _, _ := open(t, everybody{})
	for _, path := range []string{"/console", "/console/nothing-here", "/assets/nothing"} {
		answer, _ := fetch(t, "GET", server.URL+path, "")
		policy := answer.Header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: the policy lacks %s: %s", path, part, policy)
			}
		}
		if strings.Contains(policy, "unsafe") {
			t.Errorf("%s: the policy is unsafe: %s", path, policy)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin"} {
			if got := answer.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, not %q", path, name, got, want)
			}
		}
	}
	if answer, _ := fetch(t, "GET", server.URL+"/console", ""); answer.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("a page behind the sign-in may be kept: %q", answer.Header.Get("Cache-Control"))
	}
}

func TestStrangersAreSentToSignIn(t *testing.T) {
	t.Parallel()
	server, site, _ := open(t, page.Strangers{})
	for _, route := range site.Routes() {
		if route.Need == page.Anyone {
			continue
		}
		method, path, _ := strings.Cut(route.Pattern, " ")
		path = regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(path, "x")
		answer, _ := fetch(t, method, server.URL+path, "")
		if answer.StatusCode != http.StatusSeeOther || !strings.Contains(answer.Header.Get("Location"), "sign-in") {
			t.Errorf("%s answers a stranger with %d to %q", route.Pattern, answer.StatusCode, answer.Header.Get("Location"))
		}
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	server, site, _ := open(t, everybody{})
	for _, route := range site.Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		if method == "GET" {
			continue
		}
		path = regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(path, "x")
		for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://elsewhere.example"}} {
			if answer, _ := fetch(t, method, server.URL+path, "", headers...); answer.StatusCode != http.StatusForbidden {
				t.Errorf("%s with %v was answered %d", route.Pattern, headers, answer.StatusCode)
			}
		}
	}
}

func TestLocalAddresses(t *testing.T) {
	t.Parallel()
	for address, local := range map[string]bool{
		"/console": true, "/console?q=a%20b": true, "/a//b": true,
		"": false, "console": false, "//elsewhere.example": false, "https://elsewhere.example/": false, "/\\elsewhere.example": false,
		"javascript:alert(1)": false, "/\n//elsewhere.example": false, "http:/x": false, "\\\\elsewhere.example": false, "///elsewhere.example": false,
	} {
		if got := page.Local(address, "/fallback") == address; got != local {
			t.Errorf("Local(%q) says %v", address, got)
		}
	}
}

// TestWordsOfTemplates finds in every template the words that it asks for.
func TestWordsOfTemplates(t *testing.T) {
	t.Parallel()
	_, _, a := open(t, everybody{})
	asked := regexp.MustCompile(`\bt "([a-z0-9_.]+)"`)
	var used []string
	root := filepath.Join(testkit.RepoRoot(t), "internal", "web")
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".html" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, found := range asked.FindAllStringSubmatch(string(text), -1) {
			used = append(used, found[1])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(used) < 10 {
		t.Fatalf("only %d words were found, so that the search is broken", len(used))
	}
	slices.Sort(used)
	for _, id := range slices.Compact(used) {
		for _, lang := range languages {
			if !a.Words.Has(lang, id) {
				t.Errorf("%s lacks the words %s", lang, id)
			}
		}
	}
}

func TestHomeInABrowser(t *testing.T) {
	t.Parallel()
	server, _, _ := open(t, everybody{})
	tab := browser.Open(t, server.URL, "pl")
	tab.Everywhere("/console", languages...)
	tab.Expect("404")
	tab.Everywhere("/console/nothing-here", languages...)
}

// TestSandboxPage moves the clock by buttons and by a date.
func TestSandboxPage(t *testing.T) {
	t.Parallel()
	a, err := app.Open(context.Background(), app.Config{DB: "sqlite:" + filepath.Join(t.TempDir(), "premia.db"), Migrate: true, Words: append(web.Words(), api.Words())})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	if err := a.MakeSandbox(context.Background()); err != nil {
		t.Fatal(err)
	}
	site, err := web.New(web.Config{App: a, Gate: everybody{}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site)
	t.Cleanup(server.Close)
	tab := browser.Open(t, server.URL, "en")
	tab.Everywhere("/console/sandbox", languages...)
	before := a.Journal.Now()
	tab.Go("/console/sandbox?lang=en")
	tab.Click("button[value=month]")
	tab.Read("The clock was moved.")
	if moved := a.Journal.Now() - before; moved < calendar.Instant(28*24*3600*1e6) {
		t.Errorf("a month on is %d microseconds", moved)
	}
	tab.Expect("422")
	tab.Go("/console/sandbox")
	browser.Script[any](tab, `document.getElementById("to").value = "2020-01-01T10:00"; document.querySelector(".card-footer button").click()`)
	tab.Read("The clock only moves on.")
	tab.Check()
}

// TestStrangersAreBounded sends every form that strangers may send more often than an
// address may, and too much to every route.
func TestStrangersAreBounded(t *testing.T) {
	t.Parallel()
	_, site, a := open(t, page.Strangers{})
	forms := 0
	for _, route := range site.Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		if method == "GET" || route.Need != page.Anyone {
			continue
		}
		forms++
		bounded, err := web.New(web.Config{App: a, Gate: page.Strangers{}, PerMinute: 2})
		if err != nil {
			t.Fatal(err)
		}
		path = regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(path, "x")
		limited := 0
		for n := range 6 { // the limit's minute may end between
			r := httptest.NewRequest(method, path, strings.NewReader(""))
			r.RemoteAddr = fmt.Sprintf("[2001:db8:1:2::%d]:4711", n) // one network is one stranger
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			bounded.ServeHTTP(w, r)
			if w.Code == http.StatusTooManyRequests {
				limited++
			}
		}
		if limited < 2 {
			t.Errorf("%s was limited %d times of 6, where 2 a minute may be sent", route.Pattern, limited)
		}
	}
	if forms < 8 {
		t.Errorf("there are only %d forms for strangers", forms)
	}
}

// TestAFullFormKeepsNobodyFromAnother sends the form of forgotten passwords as often as an
// address may: who comes by the same address still signs in.
func TestAFullFormKeepsNobodyFromAnother(t *testing.T) {
	t.Parallel()
	_, _, a := open(t, page.Strangers{})
	clock := testkit.NewClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
	site, err := web.New(web.Config{App: a, Gate: page.Strangers{}, PerMinute: 2, Clock: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	send := func(path string) int {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader("email=x"))
		r.RemoteAddr = "192.0.2.9:4711"
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		site.ServeHTTP(w, r)
		return w.Code
	}
	for range 3 {
		send("/console/forgotten")
	}
	if got := send("/console/forgotten"); got != http.StatusTooManyRequests {
		t.Errorf("a form that was sent too often is answered %d", got)
	}
	for range 2 {
		if got := send("/console/sign-in"); got == http.StatusTooManyRequests {
			t.Error("forgotten passwords keep others from signing in")
		}
	}
	if got := send("/console/sign-in"); got != http.StatusTooManyRequests {
		t.Errorf("signing in too often is answered %d", got)
	}
}

// TestBodiesAreBounded sends too much to every route: a form is refused before anything is
// done, and where files are sent nothing is kept of them.
func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	_, site, _ := open(t, everybody{})
	for _, route := range site.Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		if method == "GET" {
			continue
		}
		path = regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(path, "x")
		r := httptest.NewRequest(method, path, strings.NewReader("a="+strings.Repeat("x", int(route.MaxBody))))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		site.ServeHTTP(w, r)
		if w.Code != http.StatusRequestEntityTooLarge && (route.Need != page.Member || w.Code != http.StatusSeeOther) {
			t.Errorf("%s: %d bytes were answered with %d", route.Pattern, route.MaxBody+2, w.Code)
		}
	}
}
