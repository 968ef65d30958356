package web_test

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/store"
	"premia/internal/testkit"
	"premia/internal/testkit/browser"
	"premia/internal/web"
	"premia/internal/web/page"
)

const words = "correct horse battery staple"

// person is somebody with a browser that keeps cookies.
type person struct {
	t      *testing.T
	server *httptest.Server
	client *http.Client
}

// lateGate is a gate whose workspace is opened after it is named.
type lateGate struct{ gate *page.Gate }

func (g lateGate) Visitor(r *http.Request) (page.Visitor, error) { return (*g.gate).Visitor(r) }

// openDoors serves a workspace where people sign in.
func openDoors(t *testing.T) (*httptest.Server, *page.Site, *app.App) {
	t.Helper()
	var gate page.Gate
	server, site, a := open(t, lateGate{&gate})
	gate = web.Gate{App: a}
	return server, site, a
}

// openSandboxDoors serves a sandbox whose clock is a month ahead of the browsers'.
func openSandboxDoors(t *testing.T) (*httptest.Server, *app.App) {
	t.Helper()
	var gate page.Gate
	server, _, a := openBefore(t, lateGate{&gate}, func(a *app.App) error {
		if err := a.MakeSandbox(system()); err != nil {
			return err
		}
		_, err := a.MoveClock(system(), a.Journal.Now()+31*calendar.Day)
		return err
	})
	gate = web.Gate{App: a}
	return server, a
}

func visit(t *testing.T, server *httptest.Server) *person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &person{t, server, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// send sends a form, or asks for a page where there are no values.
func (p *person) send(method, path string, values ...string) (*http.Response, string) {
	p.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(values); i += 2 {
		form.Add(values[i], values[i+1])
	}
	r, err := http.NewRequest(method, p.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := p.client.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return answer, string(text)
}

// goes sends a form and expects to be sent on.
func (p *person) goes(to, path string, values ...string) {
	p.t.Helper()
	answer, text := p.send(http.MethodPost, path, values...)
	if answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Location") != to {
		p.t.Fatalf("%s: %d to %q, want %s\n%s", path, answer.StatusCode, answer.Header.Get("Location"), to, text)
	}
}

func (p *person) cookie(name string) string {
	at, err := url.Parse(p.server.URL)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, c := range p.client.Jar.Cookies(at) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

func system() context.Context { return app.WithActor(context.Background(), auth.System("test")) }

// becomeOwner makes the first owner by the link.
func becomeOwner(t *testing.T, server *httptest.Server, a *app.App) *person {
	t.Helper()
	link, err := a.OwnerLink(system())
	if err != nil {
		t.Fatal(err)
	}
	p := visit(t, server)
	if answer, text := p.send(http.MethodGet, link); answer.StatusCode != http.StatusOK || !strings.Contains(text, `name="email"`) {
		t.Fatalf("the first owner sees %d %s", answer.StatusCode, text)
	}
	p.goes("/console", link, "email", "anna@example.com", "name", "Anna", "password", words)
	return p
}

// join makes a user of a role by an invitation.
func join(t *testing.T, server *httptest.Server, a *app.App, role auth.Role) *person {
	t.Helper()
	_, token, err := a.Invite(system(), app.NewInvitation{Email: string(role) + "@example.com", Role: role})
	if err != nil {
		t.Fatal(err)
	}
	p := visit(t, server)
	p.goes("/console", app.InvitationPath+token, "name", string(role), "password", words)
	return p
}

// TestAKnownBrowserIsLetIn guesses the owner's password from elsewhere, and floods the page
// for forgotten ones: the browser in which the owner signed in before is let in all the
// same, by a cookie that no script reads.
func TestAKnownBrowserIsLetIn(t *testing.T) {
	t.Parallel()
	server, _, a := openDoors(t)
	owner, guest := becomeOwner(t, server, a), visit(t, server)
	for n := range 35 {
		guest.send(http.MethodPost, "/console/forgotten", "email", "nobody"+strconv.Itoa(n)+"@example.com")
	}
	owner.goes("/console/sign-in", "/console/sign-out")
	owner.goes("/console", "/console/sign-in", "email", "anna@example.com", "password", words)
	owner.goes("/console/sign-in", "/console/sign-out")
	for range 6 {
		guest.send(http.MethodPost, "/console/sign-in", "email", "anna@example.com", "password", "a wrong password")
	}
	if answer, _ := guest.send(http.MethodPost, "/console/sign-in", "email", "anna@example.com", "password", words); answer.StatusCode != http.StatusTooManyRequests {
		t.Errorf("after six guesses a stranger is answered %d", answer.StatusCode)
	}
	owner.goes("/console", "/console/sign-in", "email", "anna@example.com", "password", words)

	stranger := visit(t, server)
	join := join(t, server, a, auth.Manager)
	join.goes("/console/sign-in", "/console/sign-out")
	answer, _ := stranger.send(http.MethodPost, "/console/sign-in", "email", "manager@example.com", "password", words)
	for _, kept := range answer.Cookies() {
		if kept.Name == "premia-browser" && kept.HttpOnly && kept.MaxAge == 365*24*3600 && kept.SameSite == http.SameSiteLaxMode {
			return
		}
	}
	t.Errorf("the browser is made known by no such cookie: %v", answer.Cookies())
}

// TestLinksAreHandedOver promises no e-mail where none can be sent, and says where only
// this machine opens a link.
func TestLinksAreHandedOver(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		config                     app.Config
		form, done, forgot, reason string
	}{
		{app.Config{URL: "http://127.0.0.1:8080"}, "hand over", "Give this link to eva@example.com", "Ask an owner or a manager", "Only this machine can open this link"},
		{app.Config{URL: "https://club.example", Channels: []string{app.EmailChannel}}, "by e-mail", "is on its way", "We send a link", ""},
	} {
		one.config.DB, one.config.Migrate, one.config.Words = "sqlite:"+filepath.Join(t.TempDir(), "premia.db"), true, web.Words()
		a, err := app.Open(t.Context(), one.config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = a.Close() })
		site, err := web.New(web.Config{App: a, Gate: everybody{}, Unaudited: unaudited(t)})
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(site)
		t.Cleanup(server.Close)
		p := visit(t, server)
		_, form := p.send(http.MethodGet, "/console/users/invite?lang=en")
		_, done := p.send(http.MethodPost, "/console/users/invite", "email", "eva@example.com", "role", "support")
		_, forgot := p.send(http.MethodGet, "/console/forgotten")
		for text, want := range map[string]string{form: one.form, done: one.done, forgot: one.forgot} {
			if !strings.Contains(text, want) {
				t.Errorf("at %s it does not say %q: %s", one.config.URL, want, text)
			}
		}
		if strings.Contains(done, "only-here") != (one.reason != "") || !strings.Contains(done, one.reason) {
			t.Errorf("at %s the link comes without the reason %q", one.config.URL, one.reason)
		}
	}
}

// sentToSignIn is where those are sent who have to sign in first.
var sentToSignIn = regexp.MustCompile(`^(/console)?/sign-in(\?|$)`)

// leaves are the routes that would end the sessions of the test.
var leaves = []string{"POST /console/sign-out", "POST /sign-out", "POST /console/account/sessions/revoke-others"}

// TestEachRoleToEachRoute sends a request by nobody, by a member and by each role to each
// route: those alone are let in whose role has the permission that the route declares. Who
// was let in stands in testdata/routes.golden, apart from the code, so that a route whose
// need changes, or is wrong from the beginning, is seen there by whoever reviews it.
func TestEachRoleToEachRoute(t *testing.T) {
	t.Parallel()
	server, site, a := openDoors(t)
	becomeOwner(t, server, a)
	joins(t, a, "2900000000025")
	member := visit(t, server)
	host, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	member.client.Jar.SetCookies(host, []*http.Cookie{{Name: "premia-member", Value: proven(t, a, "card:2900000000025")}})
	names := []string{"nobody", "member"}
	people := map[string]*person{"nobody": visit(t, server), "member": member}
	for _, role := range auth.Roles() {
		names = append(names, string(role))
		people[string(role)] = join(t, server, a, role)
	}
	declared := auth.Permissions()
	var table []string
	for _, route := range site.Routes() {
		switch route.Need {
		case page.Anyone, page.User, page.Member:
		default:
			if !slices.Contains(declared, auth.Permission(route.Need)) {
				t.Errorf("%s needs %q, which no table declares", route.Pattern, route.Need)
			}
		}
		method, path, _ := strings.Cut(route.Pattern, " ")
		path = regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(path, "x")
		if slices.Contains(leaves, route.Pattern) {
			continue
		}
		if route.Need == page.Anyone { // those who lead on to a sign-in can't be told apart
			table = append(table, route.Pattern+": everybody")
			continue
		}
		in := make([]string, 0, len(names))
		for _, name := range names {
			answer, _ := people[name].send(method, path)
			to := answer.Header.Get("Location")
			let := answer.StatusCode != http.StatusForbidden && !sentToSignIn.MatchString(to)
			if answer.StatusCode == http.StatusTooManyRequests {
				t.Fatalf("%s by %s is bounded, which hides who is let in", route.Pattern, name)
			}
			if let {
				in = append(in, name)
			}
			may := route.Need == page.User && name != "nobody" && name != "member" ||
				route.Need == page.Member && name == "member" || auth.Allows(auth.Role(name), auth.Permission(route.Need))
			if let != may {
				t.Errorf("%s by %s: %d to %q, may is %v", route.Pattern, name, answer.StatusCode, to, may)
			}
		}
		table = append(table, route.Pattern+": "+strings.Join(in, " "))
	}
	slices.SortFunc(table, func(x, y string) int {
		_, of, _ := strings.Cut(x, " ")
		_, other, _ := strings.Cut(y, " ")
		return cmp.Or(strings.Compare(of, other), strings.Compare(x, y))
	})
	testkit.Golden(t, "routes.golden", []byte(strings.Join(table, "\n")+"\n"))
}

// TestNobodyReachesTheAccessOfOthers lets those with few permissions guess the ids of an
// owner's session and passkey on the pages about their own: both stay.
func TestNobodyReachesTheAccessOfOthers(t *testing.T) {
	t.Parallel()
	server, _, a := openDoors(t)
	owner := becomeOwner(t, server, a)
	users, err := a.Users(system())
	if err != nil || len(users) != 1 {
		t.Fatalf("there are %d users (%v)", len(users), err)
	}
	id := users[0].ID
	if err := a.Store.Change(t.Context(), func(tx *store.Tx) error {
		return tx.PutCredential(t.Context(), &store.Credential{ID: "passkey:owners", User: id, Kind: store.PasskeyCredential, Name: "key", Secret: []byte("x"), Created: a.Journal.Now()})
	}); err != nil {
		t.Fatal(err)
	}
	sessions, err := a.Store.Sessions(t.Context(), id)
	if err != nil || len(sessions) != 1 {
		t.Fatalf("the owner has %d sessions (%v)", len(sessions), err)
	}
	for _, role := range []auth.Role{auth.Cashier, auth.Supporter, auth.Analyst} {
		p := join(t, server, a, role)
		if answer, _ := p.send(http.MethodPost, "/console/account/sessions/"+sessions[0].ID+"/revoke"); answer.StatusCode != http.StatusForbidden {
			t.Errorf("a %s ends the owner's session: %d", role, answer.StatusCode)
		}
		p.send(http.MethodPost, "/console/account/passkeys/remove", "passkey", "passkey:owners", "id", "passkey:owners")
	}
	left, err := a.Store.Credentials(t.Context(), id)
	if err != nil || !slices.ContainsFunc(left, func(c store.Credential) bool { return c.ID == "passkey:owners" }) {
		t.Errorf("the owner has %+v (%v)", left, err)
	}
	if answer, _ := owner.send(http.MethodGet, "/console/account"); answer.StatusCode != http.StatusOK {
		t.Errorf("the owner is answered %d", answer.StatusCode)
	}
}

// TestSessionFixation finds that a cookie which was there before is worth nothing after.
func TestSessionFixation(t *testing.T) {
	t.Parallel()
	server, _, a := openDoors(t)
	becomeOwner(t, server, a)
	victim := visit(t, server)
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	victim.client.Jar.SetCookies(at, []*http.Cookie{{Name: page.SessionCookie(false), Value: "chosen-by-somebody-else", Path: "/"}})
	victim.goes("/console", "/console/sign-in", "email", "anna@example.com", "password", words)
	first := victim.cookie(page.SessionCookie(false))
	if first == "" || first == "chosen-by-somebody-else" {
		t.Fatalf("the session is %q", first)
	}
	victim.goes("/console", "/console/sign-in", "email", "anna@example.com", "password", words)
	thief := visit(t, server)
	for _, old := range []string{"chosen-by-somebody-else", first} {
		thief.client.Jar.SetCookies(at, []*http.Cookie{{Name: page.SessionCookie(false), Value: old, Path: "/"}})
		if answer, _ := thief.send(http.MethodGet, "/console/account"); answer.StatusCode != http.StatusSeeOther {
			t.Errorf("the session %q still lets in: %d", old, answer.StatusCode)
		}
	}
	victim.goes("/console/sign-in", "/console/sign-out")
	if got := victim.cookie(page.SessionCookie(false)); got != "" {
		t.Errorf("signed out, the browser keeps %q", got)
	}
}

// TestCookies finds the attributes that keep a session's cookie where it belongs.
func TestCookies(t *testing.T) {
	t.Parallel()
	server, _, a := openDoors(t)
	becomeOwner(t, server, a)
	answer, _ := visit(t, server).send(http.MethodPost, "/console/sign-in", "email", "anna@example.com", "password", words)
	header := strings.Join(answer.Header.Values("Set-Cookie"), "\n")
	for _, part := range []string{"premia=", "HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(header, part) {
			t.Errorf("the cookies lack %s: %s", part, header)
		}
	}
	if page.SessionCookie(true) != "__Host-premia" {
		t.Errorf("with TLS the cookie is %s", page.SessionCookie(true))
	}
}

// TestNextStaysHere signs in with addresses of other sites as the next page.
func TestNextStaysHere(t *testing.T) {
	t.Parallel()
	server, _, a := openDoors(t)
	becomeOwner(t, server, a)
	for next, want := range map[string]string{
		"/console/account": "/console/account", "https://elsewhere.example/": "/console", "//elsewhere.example": "/console",
		"/\\elsewhere.example": "/console", "javascript:alert(1)": "/console", "": "/console",
	} {
		visit(t, server).goes(want, "/console/sign-in?next="+url.QueryEscape(next), "email", "anna@example.com", "password", words)
	}
}

// TestSignInAnswersAlike compares what is said of a wrong password and of nobody.
func TestSignInAnswersAlike(t *testing.T) {
	t.Parallel()
	server, _, a := openDoors(t)
	becomeOwner(t, server, a)
	p := visit(t, server)
	one, first := p.send(http.MethodPost, "/console/sign-in", "email", "anna@example.com", "password", "a wrong password")
	two, second := p.send(http.MethodPost, "/console/sign-in", "email", "nobod@example.com", "password", "a wrong password")
	if one.StatusCode != two.StatusCode || strings.ReplaceAll(first, "anna@", "nobod@") != second {
		t.Errorf("answered %d and %d:\n%s\n%s", one.StatusCode, two.StatusCode, first, second)
	}
	if strings.Contains(first, "a wrong password") {
		t.Error("the page repeats the password")
	}
}

// TestSecondStep gets a second factor over the pages, and signs in with it. The phone
// that makes the codes goes right, however far ahead a sandbox's clock is.
func TestSecondStep(t *testing.T) {
	t.Parallel()
	server, a := openSandboxDoors(t)
	p := becomeOwner(t, server, a)
	p.goes("/console/account/code", "/console/account/code/begin")
	_, text := p.send(http.MethodGet, "/console/account/code")
	found := regexp.MustCompile(`<code class="secret">([A-Z2-7 ]+)</code>`).FindStringSubmatch(text)
	if found == nil || !strings.Contains(text, "<svg class=\"scan\"") {
		t.Fatalf("the page is %s", text)
	}
	code := func(at time.Time) string {
		code, err := totp.GenerateCode(strings.ReplaceAll(found[1], " ", ""), at)
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	_, text = p.send(http.MethodPost, "/console/account/code", "code", code(time.Now()))
	recovery := regexp.MustCompile(`[a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4}`).FindAllString(text, -1)
	if len(recovery) != 10 {
		t.Fatalf("the recovery codes are %v in %s", recovery, text)
	}
	q := visit(t, server)
	q.goes("/console/sign-in/code?next=%2Fconsole%2Faccount", "/console/sign-in?next=/console/account", "email", "anna@example.com", "password", words)
	if answer, _ := q.send(http.MethodGet, "/console/account"); answer.StatusCode != http.StatusSeeOther {
		t.Errorf("the password alone lets in: %d", answer.StatusCode)
	}
	if answer, _ := q.send(http.MethodPost, "/console/sign-in/code", "code", "123"); answer.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a wrong code was answered %d", answer.StatusCode)
	}
	q.goes("/console/account", "/console/sign-in/code?next=/console/account", "code", recovery[3])
}

// TestAccessPages looks at every page in every language: nothing is missing, nothing
// overflows a phone, and nothing keeps anybody out.
func TestAccessPages(t *testing.T) {
	t.Parallel()
	server, _, a := openDoors(t)
	tab := browser.Open(t, server.URL, "en")
	tab.Everywhere("/console/sign-in", languages...) // nobody owns it yet
	link, err := a.OwnerLink(system())
	if err != nil {
		t.Fatal(err)
	}
	tab.Everywhere(link, languages...)
	tab.Go(link)
	tab.Fill("#email", "anna@example.com")
	tab.Fill("#name", "<script>alert(1)</script>Łucja")
	tab.Fill("#password", words)
	tab.Click("main form button.btn-primary")
	tab.See(".navbar-vertical")
	if _, _, err := a.Invite(system(), app.NewInvitation{Email: "jan@example.com", Role: auth.Cashier, Language: "ru"}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.CreateKey(system(), "web shop", "events:write", time.Hour); err != nil {
		t.Fatal(err)
	}
	users, err := a.Users(system())
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"/console/account", "/console/prove", "/console/users", "/console/users/invite", "/console/users/" + users[0].ID,
		"/console/keys", "/console/keys/new", "/console/audit", "/console/outbox", "/console/access", "/console/forgotten",
	} {
		tab.Everywhere(path, languages...)
	}
}

// TestWordsOfAccess finds the words of every role and every scope of keys.
func TestWordsOfAccess(t *testing.T) {
	t.Parallel()
	_, _, a := openDoors(t)
	var ids []string
	for _, role := range auth.Roles() {
		ids = append(ids, "access.role."+string(role), "access.role."+string(role)+".may")
	}
	for _, scope := range auth.All() {
		ids = append(ids, "access.scope."+strings.ReplaceAll(string(scope), ":", "_"))
	}
	for _, id := range ids {
		for _, lang := range languages {
			if !a.Words.Has(lang, id) {
				t.Errorf("%s lacks the words %s", lang, id)
			}
		}
	}
}
