package portal_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"premia/internal/testkit/browser"
)

// asked sends a request of a program or a browser, and gives its answer.
func (f *fixture) asked(method, path, body string, headers ...string) (*http.Response, string) {
	f.t.Helper()
	r, err := http.NewRequest(method, f.URL+path, strings.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := f.Client().Do(r)
	if err != nil {
		f.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return answer, string(text)
}

// TestWhatHasNoPage asks for addresses where there is nothing: people get a page in their
// language and in the look of the room that they are in, programs a problem document.
func TestWhatHasNoPage(t *testing.T) {
	t.Parallel()
	f := open(t)
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	for _, x := range []struct {
		method, path, body string
		headers            []string
		status             int
		words, look        string
	}{
		{"GET", "/nothing-here", "", []string{"Accept-Language", "pl"}, 404, "Nie ma takiej strony", "portal.css"},
		{"GET", "/rewards/a/b/c", "", []string{"Accept-Language", "cs"}, 404, "Taková stránka není", "portal.css"},
		{"GET", "/console/nothing", "", []string{"Accept-Language", "ru"}, 404, "Такой страницы нет", "console.css"},
		{"POST", "/console/nothing", "", nil, 404, "There is no such page", "console.css"},
		{"GET", "/till/nothing", "", []string{"Accept-Language", "cs"}, 404, "Taková stránka není", "till.css"},
		{"GET", "/tilly", "", nil, 404, "There is no such page", "portal.css"},
		{"POST", "/how", "", nil, 405, "no page to look at by itself", "portal.css"},
		{"GET", "/till/lock", "", nil, 405, "no page to look at by itself", "till.css"},
		{"DELETE", "/", "", nil, 405, "no page to look at by itself", "portal.css"},
		{"POST", "/sign-in", "contact=a", append(form, "Origin", "https://elsewhere.example", "Accept-Language", "pl"), 403, "z innej witryny", "portal.css"},
		{"POST", "/console/sign-in", "email=a", append(form, "Sec-Fetch-Site", "cross-site"), 403, "another site", "console.css"},
		{"POST", "/sign-in", "contact=" + strings.Repeat("a", 300<<10), form, 413, "too large", "portal.css"},
		{"POST", "/sign-in", "contact=%zz", form, 400, "can’t be read", "portal.css"},
	} {
		answer, text := f.asked(x.method, x.path, x.body, x.headers...)
		if answer.StatusCode != x.status || !strings.Contains(text, x.words) || !strings.Contains(text, x.look) || !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") || answer.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s %s: %d %v, want %d in the look of %s with %q: %.900s", x.method, x.path, answer.StatusCode, answer.Header, x.status, x.look, x.words, text)
		}
	}
	if answer, _ := f.asked("POST", "/how", ""); answer.Header.Get("Allow") != "GET" {
		t.Errorf("allowed is %q", answer.Header.Get("Allow"))
	}
	for path, status := range map[string]int{"/v1/nothing": 404, "/v1": 404, "/v1/members/mem_x": 401} {
		if answer, text := f.asked("GET", path, ""); answer.StatusCode != status || answer.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s %s", path, answer.StatusCode, answer.Header.Get("Content-Type"), text)
		}
	}
	for path, kind := range map[string]string{"/healthz": "application/json", "/openapi.json": "application/", "/docs": "text/html", "/program.schema.json": "application/"} {
		if answer, _ := f.asked("GET", path, ""); answer.StatusCode != http.StatusOK || !strings.HasPrefix(answer.Header.Get("Content-Type"), kind) {
			t.Errorf("%s: %d %s", path, answer.StatusCode, answer.Header.Get("Content-Type"))
		}
	}
	tab := browser.Open(t, f.URL, "en")
	tab.Expect("404")
	tab.Everywhere("/nothing-here", languages...)
}
