package till_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"premia/internal/api"
	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/store"
	"premia/internal/testkit"
	"premia/internal/testkit/browser"
	"premia/internal/web"
)

var languages = []string{"en", "pl", "cs", "ru"}

const (
	password = "correct horse battery staple"
	pin      = "2580"
)

// fixture is a workspace with the coffee bars' program and a cashier, served over a
// connection that breaks when it is told to.
type fixture struct {
	*httptest.Server
	t     *testing.T
	app   *app.App
	clock *testkit.Clock
	// breaks says how the next request that books is broken off: "before" the server
	// has it, or "after" it was booked; "away" breaks all requests of scripts, and "hold"
	// keeps those that book on their way, in held.
	breaks atomic.Value
	held   chan *http.Request
	site   http.Handler
	// cashier is the id of Łucja, who has the PIN.
	cashier string
}

func system() context.Context { return app.WithActor(context.Background(), auth.System("test")) }

func open(t *testing.T) *fixture {
	t.Helper()
	document, err := os.ReadFile(filepath.Join(testkit.RepoRoot(t), "programs", "coffee", "program.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return openWith(t, document)
}

// openWith serves a workspace with another program.
func openWith(t *testing.T, document []byte) *fixture {
	t.Helper()
	f := &fixture{t: t, Server: httptest.NewUnstartedServer(nil), clock: testkit.NewClock(time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC))}
	a, err := app.Open(context.Background(), app.Config{
		DB: "sqlite:" + filepath.Join(t.TempDir(), "premia.db"), Migrate: true, Words: append(web.Words(), api.Words()), Clock: f.clock.Now,
		URL: "http://" + f.Listener.Addr().String(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	f.app = a
	if _, err := a.Publish(system(), document, calendar.None, "test"); err != nil {
		t.Fatal(err)
	}
	site, err := web.New(web.Config{App: a, API: api.New(api.Config{App: a, Clock: f.clock.Now}), Gate: web.Gate{App: a}, Unaudited: func(route string) {
		t.Errorf("%s did something and told the audit trail nothing", route)
	}})
	if err != nil {
		t.Fatal(err)
	}
	f.user("anna@example.com", "Anna", auth.Owner)
	f.cashier = f.user("lucja@example.com", "Łucja", auth.Cashier)
	f.breaks.Store("")
	f.Config.Handler = f.breaking(site)
	f.Start()
	t.Cleanup(f.Close)
	return f
}

// user makes a user of a role.
func (f *fixture) user(email, name string, role auth.Role) string {
	f.t.Helper()
	_, token, err := f.app.Invite(system(), app.NewInvitation{Email: email, Role: role})
	if err != nil {
		f.t.Fatal(err)
	}
	in, err := f.app.Accept(system(), token, app.Acceptance{Name: name, Password: password}, app.Client{Address: "192.0.2.1"})
	if err != nil {
		f.t.Fatal(err)
	}
	return in.User.ID
}

// breaking breaks connections off as a bad network does.
func (f *fixture) breaking(next http.Handler) http.Handler {
	f.held = make(chan *http.Request, 100)
	f.site = next
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		how := f.breaks.Load().(string)
		books := r.Method == http.MethodPost && r.Header.Get("X-Till") != "" && !strings.HasPrefix(r.URL.Path, "/till/left/")
		switch {
		case how == "hold" && books:
			body, _ := io.ReadAll(r.Body)
			late := r.Clone(context.Background())
			late.Body = io.NopCloser(bytes.NewReader(body))
			f.held <- late
			hangUp(w)
		case how == "away" && r.Header.Get("X-Till") != "":
			hangUp(w)
		case how == "before" && books:
			f.breaks.Store("")
			hangUp(w)
		case how == "after" && books:
			f.breaks.Store("")
			next.ServeHTTP(httptest.NewRecorder(), r)
			hangUp(w)
		case how == "after, away" && books:
			f.breaks.Store("away")
			next.ServeHTTP(httptest.NewRecorder(), r)
			hangUp(w)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// hangUp ends the connection within the answer: one that ends before, a browser sends
// again by itself.
func hangUp(w http.ResponseWriter) {
	if conn, out, err := w.(http.Hijacker).Hijack(); err == nil {
		_, _ = out.WriteString("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
		_ = out.Flush()
		conn.Close()
	}
}

// tab opens a browser, a tablet's or a phone's.
func (f *fixture) tab(width int64) *browser.Tab {
	f.t.Helper()
	tab := browser.Open(f.t, f.URL, "en")
	tab.Width(width)
	return tab
}

// signIn signs the cashier in with a password.
func (f *fixture) signIn(tab *browser.Tab) {
	f.t.Helper()
	tab.Go("/till?lang=en")
	tab.Fill("#email", "lucja@example.com")
	tab.Fill("#password", password)
	tab.Click("form[action^='/console/sign-in'] button.btn-primary")
	tab.Read("Make this device a till")
}

// setUp makes the browser a till.
func (f *fixture) setUp(tab *browser.Tab) {
	f.t.Helper()
	f.signIn(tab)
	f.become(tab)
}

// become makes a browser a till whose cashier is signed in.
func (f *fixture) become(tab *browser.Tab) {
	f.t.Helper()
	tab.Fill("#name", "Till 1")
	tab.Fill("#store", "WAW-1")
	tab.Fill("#pin", pin)
	tab.Click("form[action='/till/set-up'] button")
	tab.Read("This device is a till now.")
}

// member enrols somebody beside the till and gives their id.
func (f *fixture) member(phone, name string) string {
	f.t.Helper()
	a, err := f.app.Enrol(system(), app.Change{Identities: []string{"phone:" + phone}, Profile: map[string]string{"given_name": name}})
	if err != nil {
		f.t.Fatal(err)
	}
	return a.Member.String()
}

// find goes to a member's page.
func (f *fixture) find(tab *browser.Tab, what string) {
	f.t.Helper()
	tab.Go("/till")
	tab.Fill("#q", what)
	tab.Click("form[action='/till/find'] button")
	tab.See(".till-who")
}

// purchases gives the member's purchases of the journal.
func (f *fixture) purchases(member string) []app.PurchaseOf {
	f.t.Helper()
	all, err := f.app.Purchases(system(), member, 50)
	if err != nil {
		f.t.Fatal(err)
	}
	return all
}

// check types an amount and asks what it brings.
func (f *fixture) check(tab *browser.Tab, amount string) {
	f.t.Helper()
	tab.Click("a[href$='/purchase']")
	tab.Fill("#amount", amount)
	tab.Click("button.till-do")
	tab.See("form[action$='/book'] button")
}

func TestJourneyOnAPhone(t *testing.T) {
	t.Parallel()
	f := open(t)
	tab := f.tab(360)
	f.setUp(tab)
	// The browser is no longer signed in to the console.
	tab.Go("/console")
	tab.See("#password")
	tab.Go("/till")

	tab.Click("a[href='/till/enrol']")
	tab.Fill("#phone", "600 100 200")
	tab.Fill("#given_name", "Zofia")
	if !browser.Script[bool](tab, `document.getElementById("say").hidden`) {
		t.Error("what is chosen applies by itself, and yet asks for a button")
	}
	tab.Click("input[name=terms]")
	tab.Click("form[action='/till/enrol'] .btn-primary")
	tab.Read("A new member")
	id, err := f.app.Find(system(), "phone:+48600100200")
	if err != nil {
		t.Fatal(err)
	}
	m, err := f.app.Member(system(), id.String())
	if err != nil || m.Profile["given_name"] != "Zofia" || !m.Consents["terms"] || m.Consents["sms"] {
		t.Fatalf("the member is %+v (%v)", m, err)
	}

	f.find(tab, "600100200")
	f.check(tab, "130,00")
	if earns := tab.See(".till-good"); !strings.Contains(earns, "beans") {
		t.Errorf("it earns %q", earns)
	}
	// Two taps at once.
	browser.Script[bool](tab, `(function () { var b = document.querySelector("form[action$='/book'] button"); b.click(); b.click(); return true; })()`)
	tab.Read("The purchase is booked")
	all := f.purchases(id.String())
	if len(all) != 1 || all[0].Event.Total != 13000 || all[0].Event.Store != "WAW-1" || all[0].Event.Channel != "till" {
		t.Fatalf("purchases: %+v", all)
	}
	f.audited("event.purchase", f.cashier, 1)

	// What it earned can be used after three days.
	f.clock.Advance(4 * 24 * time.Hour)
	tab.Go("/till")
	f.unlock(tab, pin)
	tab.See("#q")
	f.find(tab, "600100200")
	tab.Click("a[href$='/rewards']")
	tab.Click("a[href$='/rewards/espresso']")
	tab.Click("button.till-do")
	tab.Read("The reward is booked")
	tab.Click("button[value=confirm]")
	tab.Read("handed over")
	taken, _, err := f.app.Redemptions(system(), id.String(), 5)
	if err != nil || len(taken) != 1 || taken[0].Status != "handed_over" {
		t.Fatalf("taken: %+v (%v)", taken, err)
	}

	f.find(tab, "600100200")
	tab.Click("a[href$='/return']")
	tab.Click("a.till-reward")
	tab.Fill("#amount", "30")
	tab.Click("button[value=part]")
	tab.Read("Money to give back")
	tab.Click("form[action$='/book'] button")
	tab.Read("The return is booked")
	if left := f.purchases(id.String())[0].Left; left[0] != 10000 {
		t.Errorf("%d of the purchase is left", left[0])
	}
	tab.Clean()
}

// TestWithoutScript sends the forms as forms, twice.
func TestWithoutScript(t *testing.T) {
	t.Parallel()
	f := open(t)
	id := f.member("+48600100200", "Zofia")
	kept := f.device()
	page := f.post(kept, "/till/members/"+id+"/purchase", "do", "check", "amount", "20", "event", "evt_0123456789abcdef0123456789abcdef")
	if !strings.Contains(page, "/purchase/book") {
		t.Fatalf("no page to check: %s", page)
	}
	if !strings.Contains(page, "available from") || !strings.Contains(page, "6 March 2026") {
		t.Errorf("it says not from when what it earns can be used: %s", page)
	}
	for range 2 {
		page = f.post(kept, "/till/members/"+id+"/purchase/book", "amount", "20", "event", "evt_0123456789abcdef0123456789abcdef")
		if !strings.Contains(page, "The purchase is booked") {
			t.Fatalf("no receipt: %s", page)
		}
	}
	// The same page with another amount books nothing, and shows what was booked.
	page = f.post(kept, "/till/members/"+id+"/purchase/book", "amount", "30", "event", "evt_0123456789abcdef0123456789abcdef")
	if all := f.purchases(id); len(all) != 1 || all[0].Event.Total != 2000 || !strings.Contains(page, "Something else was booked") {
		t.Fatalf("%d purchases\n%s", len(all), page)
	}
	// What was left before is not booked, and a page that was left can be used again.
	left := "evt_0123456789abcdef0123456789abcdff"
	if was, err := f.app.Leave(system(), left); was != nil || err != nil {
		t.Fatalf("left: %+v (%v)", was, err)
	}
	page = f.post(kept, "/till/members/"+id+"/purchase/book", "amount", "20", "event", left)
	if all := f.purchases(id); len(all) != 1 || !strings.Contains(page, "You left this before") {
		t.Fatalf("%d purchases\n%s", len(all), page)
	}
	page = f.post(kept, "/till/members/"+id+"/purchase", "do", "check", "amount", "20", "event", left)
	if !strings.Contains(page, "/purchase/book") || strings.Contains(page, left) {
		t.Fatalf("a page that was left can't be used again: %s", page)
	}
	// Items by a price list, with a comma, and half a piece.
	price, err := f.app.CheckPrice(app.NewPrice{SKU: "LATTE", Price: "15.50"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.app.PutPrices(system(), []store.Price{price}); err != nil {
		t.Fatal(err)
	}
	page = f.post(kept, "/till/members/"+id+"/purchase", "do", "add", "new_sku", "LATTE", "new_quantity", "2,5")
	if !strings.Contains(page, `name="price" value="15.50"`) {
		t.Fatalf("the price list's price is missing: %s", page)
	}
	page = f.post(kept, "/till/members/"+id+"/purchase", "do", "add", "new_sku", "TEA")
	if !strings.Contains(page, "The price list has no price of") {
		t.Fatalf("a price was found: %s", page)
	}
	f.post(kept, "/till/members/"+id+"/purchase/book", "sku", "LATTE", "price", "15.50", "quantity", "2.5", "event", "evt_0123456789abcdef0123456789abcde0")
	if all := f.purchases(id); len(all) != 2 || all[0].Event.Total != 3875 {
		t.Fatalf("the items came to %+v", all[0].Event)
	}
}

// TestATillOpensNothingElse finds that the till's cookie is worth nothing outside.
func TestATillOpensNothingElse(t *testing.T) {
	t.Parallel()
	f := open(t)
	kept := f.device()
	for _, path := range []string{"/console", "/console/users", "/console/account", "/tillx"} {
		if page := f.get(kept, path); strings.Contains(page, "Łucja") {
			t.Errorf("%s is open to a till: %s", path, page)
		}
	}
}

// device makes a till without a browser and gives its cookie.
func (f *fixture) device() *http.Cookie { return f.deviceOf("WAW-1") }

// deviceOf makes a till of a branch.
func (f *fixture) deviceOf(branch string) *http.Cookie {
	f.t.Helper()
	ctx := app.WithActor(context.Background(), auth.Actor{Kind: auth.KindUser, ID: f.cashier, Role: auth.Cashier, Proved: true})
	if err := f.app.SetPIN(ctx, f.cashier, pin); err != nil {
		f.t.Fatal(err)
	}
	token, _, err := f.app.OpenTill(ctx, "Till 1", branch)
	if err != nil {
		f.t.Fatal(err)
	}
	return &http.Cookie{Name: "premia-till", Value: token}
}

func (f *fixture) get(kept *http.Cookie, path string) string {
	return f.ask(kept, http.MethodGet, path, "")
}

func (f *fixture) post(kept *http.Cookie, path string, namesAndValues ...string) string {
	form := url.Values{}
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		form.Add(namesAndValues[i], namesAndValues[i+1])
	}
	return f.ask(kept, http.MethodPost, path, form.Encode())
}

func (f *fixture) ask(kept *http.Cookie, method, path, body string) string {
	f.t.Helper()
	_, text := f.answered(kept, method, path, body)
	return text
}

// answered asks for a page and gives its status, too.
func (f *fixture) answered(kept *http.Cookie, method, path, body string) (int, string) {
	f.t.Helper()
	r, err := http.NewRequest(method, f.URL+path, strings.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	r.AddCookie(kept)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	jar, err := cookiejar.New(nil)
	if err != nil {
		f.t.Fatal(err)
	}
	at, err := url.Parse(f.URL)
	if err != nil {
		f.t.Fatal(err)
	}
	jar.SetCookies(at, []*http.Cookie{{Name: kept.Name, Value: kept.Value, Path: "/"}})
	answer, err := (&http.Client{Jar: jar}).Do(r)
	if err != nil {
		f.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// hostileName is one that breaks pages that don't take care.
var hostileName = `<script>alert(1)</script> ‮` + strings.Repeat("x", 150)
