package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/store"
	"premia/internal/testkit/browser"
	"premia/internal/web"
	"premia/internal/web/page"
)

// elsewhere are the routes that this test need not look at, and why.
var elsewhere = map[string]string{
	"/till":                               "the till's pages are looked at by its own tests, which have a till and a PIN",
	"/till/":                              "the same",
	"/console/setup":                      "leads on",
	"/console/setup/":                     "the way to the first program ends with it, and has tests of its own",
	"/console/sandbox":                    "only in a sandbox, which has tests of its own",
	"/console/sign-in/":                   "steps that lead on",
	"/console/welcome/":                   "needs a link that is good once",
	"/console/password/":                  "needs a link that is good once",
	"/console/account/code":               "a step that leads on",
	"/console/members/{member}/timeline":  "more of a history than one page has",
	"/console/program/drafts/{draft}":     "leads on to the forms or the text",
	"/console/program/drafts/{draft}/new": "one part of a form",
	"/console/payouts/{batch}/{format}":   "a file of one's own bank",
	"/console/contests/{contest}/check":   "what a re-check found, after it was asked for",
	"/profile/contacts/code":              "a step that leads on",
	"/give/link/":                         "needs a link that somebody made",
	"/family/join/":                       "needs a link that somebody made",
	"/pictures/":                          "a picture that somebody uploaded",
	"/sign-in/":                           "steps that lead on, and links that are good once",
	"/profile/prove":                      "leads on to where a proof was asked for",
}

// views finds the page that shows each route, for a visitor.
type views struct {
	site *page.Site
	mux  *http.ServeMux
	seen map[string]string // an address of each route, by its pattern
}

func newViews(site *page.Site) *views {
	v := &views{site, http.NewServeMux(), map[string]string{}}
	for _, route := range site.Routes() {
		v.mux.HandleFunc(route.Pattern, func(http.ResponseWriter, *http.Request) {})
	}
	return v
}

// add crawls as a visitor, and gives the pages of routes that nobody saw before. Words are
// looked for in every language.
func (v *views) add(p *person, as string, from ...string) (pages []string) {
	c := &crawler{person: p, as: as, seen: make(map[string]bool)}
	for _, route := range v.site.Routes() {
		if path, ok := strings.CutPrefix(route.Pattern, "GET "); ok && !strings.ContainsAny(path, "{") {
			from = append(from, path)
		}
	}
	c.crawl(v.site, c.permitted(v.site, from)...)
	for path := range c.seen {
		_, pattern := v.mux.Handler(httptest.NewRequest(http.MethodGet, "http://x"+path, nil))
		answer, text := c.send(http.MethodGet, path)
		if answer.StatusCode == http.StatusOK && v.seen[pattern] == "" {
			v.seen[pattern] = path
			if strings.HasPrefix(strings.ToLower(text), "<!doctype html") && strings.HasPrefix(pattern, "GET ") {
				pages = append(pages, path) // others are files, and parts of pages
			}
		}
	}
	slices.Sort(pages)
	for _, path := range pages {
		for _, lang := range languages {
			_, text := c.send(http.MethodGet, spoken(path, lang))
			c.read(path, text)
		}
	}
	return pages
}

// spoken is the address of a page in a language.
func spoken(path, lang string) string {
	if strings.Contains(path, "?") {
		return path + "&lang=" + lang
	}
	return path + "?lang=" + lang
}

// missing are the routes that nobody saw and nobody has a reason not to.
func missing(site *page.Site, seen ...*views) (out []string) {
	for _, route := range site.Routes() {
		path, isGet := strings.CutPrefix(route.Pattern, "GET ")
		excused := !isGet || slices.ContainsFunc(seen, func(v *views) bool { return v.seen[route.Pattern] != "" })
		for what := range elsewhere { // a path, or all below one
			excused = excused || path == what || strings.HasSuffix(what, "/") && strings.HasPrefix(path, what)
		}
		if !excused {
			out = append(out, route.Pattern)
		}
	}
	return out
}

// TestEveryPageInABrowser looks at a page of each route to which people are led, on a
// phone: as everybody must be able to use it, no wider than the screen, with no error and
// no request elsewhere, and at its words in four languages. In the browser the pages take
// turns with the languages; PREMIA_LONG=1 shows every page in each language, in both looks
// and on a desk. A route that nobody is led to needs a reason.
func TestEveryPageInABrowser(t *testing.T) {
	t.Parallel()
	w := openWork(t, workProgram)
	w.fill()
	site, err := web.New(web.Config{App: w.App, Gate: web.Gate{App: w.App}, Unaudited: unaudited(t)})
	w.does(err)
	doors := httptest.NewServer(site)
	t.Cleanup(doors.Close)
	owner, member, stranger := visit(t, doors), visit(t, doors), visit(t, doors)
	owner.goes("/console", "/console/sign-in", "email", "anna@example.com", "password", words)
	_, err = w.SaveDraft(system(), "", app.DraftChange{Title: "Draft", Document: []byte(workProgram)})
	w.does(err)
	host, err := url.Parse(doors.URL)
	w.does(err)
	member.client.Jar.SetCookies(host, []*http.Cookie{{Name: "premia-member", Value: proven(t, w.App, "card:1001")}})
	byOwner, byMember, byStranger := newViews(site), newViews(site), newViews(site)
	work := byOwner.add(owner, "the owner", "/console")
	for pattern, path := range byOwner.seen {
		if strings.HasPrefix(path, "/console") {
			byStranger.seen[pattern] = path // the doors of the console are seen once
		}
	}
	open, own := byStranger.add(stranger, "nobody", "/"), byMember.add(member, "a member", "/")
	work = slices.DeleteFunc(work, func(path string) bool { return !strings.HasPrefix(path, "/console") })
	if missing := missing(site, byOwner, byStranger, byMember); len(missing) > 0 {
		t.Errorf("nobody is led to %s", strings.Join(missing, ", "))
	}
	t.Logf("%d pages of the console, %d of members, %d of strangers", len(work), len(own), len(open))
	for _, one := range []struct {
		of    *person
		pages []string
	}{{stranger, open}, {owner, work}, {member, own}} {
		tab := browser.Open(t, doors.URL, "en")
		tab.Keep(one.of.client.Jar.Cookies(host)...)
		show(t, tab, one.pages)
	}
}

// proven gives the token of a session that a member began by a code.
func proven(t *testing.T, a *app.App, ref string) string {
	t.Helper()
	id, err := a.Find(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	token, hash := auth.NewToken()
	now := calendar.Of(time.Now())
	x := store.MemberSession{ID: auth.NewID("mse_"), Hash: hash, Member: id, Method: "code", Created: now, Seen: now, Expires: now + calendar.Day}
	if err := a.Store.AddMemberSession(t.Context(), &x, nil, now, calendar.None); err != nil {
		t.Fatal(err)
	}
	return token
}

// show looks at pages in a browser.
func show(t *testing.T, tab *browser.Tab, pages []string) {
	t.Helper()
	long := os.Getenv("PREMIA_LONG") != ""
	tab.Width(360)
	for i, path := range pages {
		if long {
			tab.Everywhere(path, languages...)
			continue
		}
		tab.Go(spoken(path, languages[i%len(languages)]))
		tab.Check()
	}
}
