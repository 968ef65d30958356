package web_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/event"
	"premia/internal/web/page"
)

// hostileName is a name as nobody has it: a script, a way out of an attribute, an image with
// a script, a template's action, marks that turn the order of writing round, and a word
// that does not end.
var hostileName = `<script>hostile()</script>"'><img src=x onerror=hostile()>{{.}}` + "\u202eמוזר\u202c" + strings.Repeat("W", 60)

// unescaped are parts of the name as they must not stand on a page.
var unescaped = []string{"<script>hostile", "<img src=x", `"'><`}

// named is the hostile name, cut to so many characters.
func named(most int) string {
	all := []rune(hostileName)
	return string(all[:min(most, len(all))])
}

// hostilities puts hostile names wherever people may write them, and gives a member.
func hostilities(t *testing.T, a *app.App) string {
	t.Helper()
	ctx := system()
	if err := a.SetAppearance(ctx, app.Appearance{Name: named(60), Sender: named(60)}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Enrol(ctx, app.Change{EventID: "join-hostile", Identities: []string{"card:1", "email:x@example.com"}, Profile: map[string]string{"given_name": hostileName, "family_name": hostileName}}); err != nil {
		t.Fatal(err)
	}
	for _, src := range []string{
		`{"id": "h1", "type": "purchase", "member": "card:1", "order": "<script>hostile()</script>", "total": "120.00", "items": [{"sku": "<img src=x>", "name": "x", "category": "coffee", "quantity": "12", "total": "120.00"}]}`,
	} {
		e, err := event.Decode([]byte(src), event.Scales{Currency: 2})
		if err == nil {
			_, err = a.Record(ctx, e)
		}
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
	}
	owner := app.WithActor(t.Context(), auth.Actor{Kind: auth.KindUser, ID: "usr_test", Name: named(100), Role: auth.Owner, Proved: true})
	if _, err := a.SaveDraft(owner, "", app.DraftChange{Title: named(120), Comment: named(120), Document: []byte("program: " + hostileName)}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.CreateKey(ctx, named(60), "events:write", 0); err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.Invite(ctx, app.NewInvitation{Email: "invited@example.com", Name: named(100), Role: auth.Cashier}); err != nil {
		t.Fatal(err)
	}
	return "card:1"
}

// crawler follows the links of a site.
type crawler struct {
	*person
	as   string
	seen map[string]bool
	told int // on how many pages the hostile name stands, escaped
}

var (
	links = regexp.MustCompile(`\b(?:href|action|hx-get|src)="(/[^"]*)"`)
	forms = regexp.MustCompile(`(?s)<form[^>]*\bmethod="post"[^>]*>`)
)

// mostPages bounds what one visitor looks at, and mostAlike how many pages of one route.
const (
	mostPages = 400
	mostAlike = 4
)

// crawl looks at every page that can be reached from some, as its visitor.
func (c *crawler) crawl(site *page.Site, from ...string) {
	c.t.Helper()
	mux, alike := http.NewServeMux(), map[string]int{}
	for _, route := range site.Routes() {
		mux.HandleFunc(route.Pattern, func(http.ResponseWriter, *http.Request) {})
	}
	for queue := from; len(queue) > 0 && len(c.seen) < mostPages; queue = queue[1:] {
		path := queue[0]
		_, pattern := mux.Handler(httptest.NewRequest(http.MethodGet, "http://x"+path, nil))
		if c.seen[path] || alike[pattern] >= mostAlike {
			continue
		}
		c.seen[path] = true
		alike[pattern]++
		queue = append(queue, c.look(path)...)
	}
}

// look looks at a page and gives where it leads.
func (c *crawler) look(path string) (next []string) {
	c.t.Helper()
	answer, text := c.send(http.MethodGet, path)
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin"} {
		if answer.Header.Get(name) != want {
			c.t.Errorf("%s sees %s without %s", c.as, path, name)
		}
	}
	if policy := answer.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		c.t.Errorf("%s sees %s under the policy %q", c.as, path, policy)
	}
	switch to := answer.Header.Get("Location"); {
	case answer.StatusCode >= 300 && answer.StatusCode < 400:
		if to != page.Local(to, "") {
			c.t.Errorf("%s is sent from %s to %s", c.as, path, to)
		}
		return []string{to}
	case answer.StatusCode == http.StatusNoContent: // nothing is new
		return nil
	case answer.StatusCode != http.StatusOK:
		c.t.Errorf("%s is led to %s, which answers %d", c.as, path, answer.StatusCode)
		return nil
	case !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html"):
		return nil
	}
	c.read(path, text)
	for _, found := range links.FindAllStringSubmatch(text, -1) {
		if to := html.UnescapeString(found[1]); !strings.HasPrefix(to, "/assets/") && !strings.HasPrefix(to, "/docs") && !strings.HasPrefix(to, "/openapi") {
			to, _, _ = strings.Cut(to, "#")
			next = append(next, to)
		}
	}
	for _, form := range forms.FindAllString(text, -1) { // they change something, and are not followed
		if action := links.FindStringSubmatch(form); action != nil {
			next = slices.DeleteFunc(next, func(to string) bool { return to == html.UnescapeString(action[1]) })
		}
	}
	return next
}

// read finds on a page what must not stand there.
func (c *crawler) read(path, text string) {
	c.t.Helper()
	for _, part := range unescaped {
		if at := strings.Index(text, part); at >= 0 {
			c.t.Errorf("%s sees at %s a name that is not escaped: …%s…", c.as, path, text[max(0, at-80):min(len(text), at+80)])
		}
	}
	if strings.Contains(text, "&lt;script&gt;hostile") {
		c.told++
	}
	if at := strings.Index(text, "⟦"); at >= 0 {
		c.t.Errorf("%s sees at %s that words are missing: %s", c.as, path, text[at:min(len(text), at+80)])
	}
	for _, what := range []string{" style=\"", " onclick=", "javascript:", "ZgotmplZ"} {
		if strings.Contains(text, what) {
			c.t.Errorf("%s sees at %s %q", c.as, path, what)
		}
	}
}

// TestEveryPageOfEveryRole signs each role in, and a member, and looks at every page to
// which they are led, in a workspace full of hostile names: none fails, none leads to one
// that may not be seen, none lacks words, and none says a name unescaped.
func TestEveryPageOfEveryRole(t *testing.T) {
	t.Parallel()
	server, site, a := openDoors(t)
	member := hostilities(t, a)
	start := []string{"/console", "/", "/how", "/console/nothing"}
	for _, route := range site.Routes() { // pages to which nothing leads are looked at, too
		if path, ok := strings.CutPrefix(route.Pattern, "GET "); ok && !strings.ContainsAny(path, "{") {
			start = append(start, path)
		}
	}
	people := map[string]*person{string(auth.Owner): becomeOwner(t, server, a), "nobody": visit(t, server), "member": visit(t, server)}
	for _, role := range auth.Roles()[1:] {
		people[string(role)] = join(t, server, a, role)
	}
	for name, want := range map[string]int{strings.Repeat("<", 10_000): http.StatusUnprocessableEntity, named(100): http.StatusSeeOther} {
		if answer, text := people[string(auth.Owner)].send(http.MethodPost, "/console/account", "name", name, "language", "en"); answer.StatusCode != want || strings.Contains(text, "<<<<") {
			t.Fatalf("a name of %d bytes was answered %d", len(name), answer.StatusCode)
		}
	}
	link, err := a.TillLink(system(), member)
	if err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	if answer, text := people["member"].send(http.MethodPost, at.Path); answer.StatusCode != http.StatusSeeOther {
		t.Fatalf("the member is not let in: %d %s", answer.StatusCode, text)
	}
	if answer, text := people["member"].send(http.MethodGet, "/profile"); answer.StatusCode != http.StatusOK || !strings.Contains(text, "hostile") {
		t.Fatalf("the member's profile: %d %s", answer.StatusCode, text)
	}
	for as, p := range people {
		t.Run(as, func(t *testing.T) {
			q := *p
			q.t = t
			c := &crawler{person: &q, as: as, seen: make(map[string]bool)}
			c.crawl(site, c.permitted(site, start)...)
			t.Logf("%s saw %d pages", as, len(c.seen))
			if c.told == 0 {
				t.Error("the hostile name stands on no page, so that nothing was tried")
			}
			if len(c.seen) < 5 {
				t.Errorf("%s saw only %v", as, c.seen)
			}
		})
	}
}

// permitted leaves the pages out that this visitor may not see, for which the permission
// table has a test of its own, and those that want more than an address.
func (c *crawler) permitted(site *page.Site, paths []string) []string {
	return slices.DeleteFunc(slices.Clone(paths), func(path string) bool {
		answer, _ := c.send(http.MethodGet, path)
		return answer.StatusCode >= 400 && answer.StatusCode < 500
	})
}

// TestNothingLeadsElsewhere asks every route, as an owner and as nobody, to send them on
// to another site, by every name that such a wish may have.
func TestNothingLeadsElsewhere(t *testing.T) {
	t.Parallel()
	server, site, a := openDoors(t)
	for as, p := range map[string]*person{"the owner": becomeOwner(t, server, a), "nobody": visit(t, server)} {
		for _, route := range site.Routes() {
			method, path, _ := strings.Cut(route.Pattern, " ")
			path = regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(path, "x")
			if path == "/console/sign-out" {
				continue
			}
			for _, to := range []string{"https://elsewhere.example/", "//elsewhere.example/", `/\elsewhere.example`} {
				query := url.Values{}
				for _, name := range []string{"next", "to", "return", "back", "redirect", "url"} {
					query.Set(name, to)
				}
				answer, _ := p.send(method, path+"?"+query.Encode())
				if got := answer.Header.Get("Location") + answer.Header.Get("HX-Redirect"); got != "" && got != page.Local(got, "") {
					t.Errorf("%s by %s leads to %s", route.Pattern, as, got)
				}
			}
		}
	}
}
