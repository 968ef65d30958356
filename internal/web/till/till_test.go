package till_test

import (
	"context"
	"net/http"
	"net/http/httptest"
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
	// has it, or "after" it was booked; "away" breaks all requests of scripts.
	breaks atomic.Value
	// cashier is the id of Łucja, who has the PIN.
	cashier string
}

func system() context.Context { return app.WithActor(context.Background(), auth.System("test")) }

func open(t *testing.T) *fixture {
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
	document, err := os.ReadFile(filepath.Join(testkit.RepoRoot(t), "programs", "coffee", "program.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Publish(system(), document, calendar.None, "test"); err != nil {
		t.Fatal(err)
	}
	site, err := web.New(web.Config{App: a, API: api.New(api.Config{App: a, Clock: f.clock.Now}), Gate: web.Gate{App: a}})
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
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		how := f.breaks.Load().(string)
		books := r.Method == http.MethodPost && r.Header.Get("X-Till") != ""
		switch {
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

func hangUp(w http.ResponseWriter) {
	if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
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

// unlock types the PIN on a locked till.
func (f *fixture) unlock(tab *browser.Tab, typed string) {
	f.t.Helper()
	tab.Fill("#pin", typed)
	tab.Click("form[action='/till/unlock'] .btn-primary")
}

// audited expects so many rows of the audit trail of an action by somebody.
func (f *fixture) audited(action, actor string, want int) {
	f.t.Helper()
	rows, _, err := f.app.AuditPage(system(), store.AuditFilter{Action: action, Actor: actor}, 50)
	if err != nil {
		f.t.Fatal(err)
	}
	if len(rows) != want {
		f.t.Errorf("%s by %s stands %d times in the audit trail, not %d", action, actor, len(rows), want)
	}
}
