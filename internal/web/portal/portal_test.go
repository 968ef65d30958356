package portal_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"premia/internal/api"
	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/testkit"
	"premia/internal/testkit/browser"
	"premia/internal/web"
	"premia/internal/web/page"
)

var languages = []string{"en", "pl", "cs", "ru"}

// fixture is a workspace with the coffee bars' program, served with its API.
type fixture struct {
	*httptest.Server
	t     *testing.T
	app   *app.App
	site  *page.Site
	clock *testkit.Clock
	key   string
}

func open(t *testing.T) *fixture {
	t.Helper()
	return openAhead(t, 0)
}

// openAhead makes a sandbox whose clock is so far ahead of the machine's; no sandbox if
// it is 0.
func openAhead(t *testing.T, ahead calendar.Instant) *fixture {
	t.Helper()
	return openWith(t, ahead, app.EmailChannel, app.SMSChannel)
}

// openWith opens a workspace that can send by some channels.
func openWith(t *testing.T, ahead calendar.Instant, channels ...string) *fixture {
	t.Helper()
	document, err := os.ReadFile(filepath.Join(testkit.RepoRoot(t), "programs", "coffee", "program.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return openProgram(t, string(document), ahead, channels...)
}

// openProgram opens a workspace with a program.
func openProgram(t *testing.T, document string, ahead calendar.Instant, channels ...string) *fixture {
	t.Helper()
	f := &fixture{t: t, Server: httptest.NewUnstartedServer(nil), clock: testkit.NewClock(time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC))}
	a, err := app.Open(context.Background(), app.Config{
		DB: "sqlite:" + filepath.Join(t.TempDir(), "premia.db"), Migrate: true, Words: append(web.Words(), api.Words()), Clock: f.clock.Now,
		Channels: channels, URL: "http://" + f.Listener.Addr().String(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	f.app = a
	if ahead > 0 {
		if err := a.MakeSandbox(f.system()); err != nil {
			t.Fatal(err)
		}
		if _, err := a.MoveClock(f.system(), a.Journal.Now()+ahead); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.Publish(f.system(), []byte(document), calendar.None, "test"); err != nil {
		t.Fatal(err)
	}
	if f.key, _, err = a.CreateKey(f.system(), "till", string(auth.Admin), 0); err != nil {
		t.Fatal(err)
	}
	site, err := web.New(web.Config{App: a, API: api.New(api.Config{App: a, Clock: f.clock.Now}), Gate: page.Strangers{}, Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	f.Config.Handler, f.site = site, site
	f.Start()
	t.Cleanup(f.Close)
	return f
}

func (f *fixture) system() context.Context {
	return app.WithActor(context.Background(), auth.System("test"))
}

// send sends an event over the API.
func (f *fixture) send(event string) string {
	f.t.Helper()
	r, err := http.NewRequest(http.MethodPost, f.URL+"/v1/events", strings.NewReader(event))
	if err != nil {
		f.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+f.key)
	answer, err := f.Client().Do(r)
	if err != nil {
		f.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusCreated {
		f.t.Fatalf("%s: %d %s %v", event, answer.StatusCode, body, err)
	}
	return string(body)
}

// code waits for the code that the newest message to somebody has.
func (f *fixture) code(to string, after int) string {
	f.t.Helper()
	for range 3000 { // a minute, as a browser waits: the machine may be busy
		all, err := f.app.Messages(f.system(), 0, 50)
		if err != nil {
			f.t.Fatal(err)
		}
		n := 0
		for i := range all {
			if all[i].Recipient != to {
				continue
			}
			if n++; n == 1 && len(all) > after {
				if found := regexp.MustCompile(`\b\d{6}\b`).FindString(all[i].Body); found != "" {
					return found
				}
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	f.t.Fatalf("no message came to %s", to)
	return ""
}

// messages counts what was sent.
func (f *fixture) messages() int {
	f.t.Helper()
	all, err := f.app.Messages(f.system(), 0, 50)
	if err != nil {
		f.t.Fatal(err)
	}
	return len(all)
}

// join lets somebody join on a phone.
func (f *fixture) join(tab *browser.Tab, email, name string) {
	f.t.Helper()
	tab.Width(360)
	tab.Go("/?lang=en")
	tab.Click("a[href='/join']")
	tab.Fill("#contact", email)
	tab.Fill("#given_name", name)
	tab.Click("input[name=terms]")
	tab.Click("input[name=email]")
	before := f.messages()
	tab.Click("form[action='/join'] button")
	tab.See("#code")
	tab.Fill("#code", f.code(email, before))
	tab.Click("form[action='/sign-in/code'] button")
	tab.See(".card")
}

func TestStrangersSeeWhatTheProgramGives(t *testing.T) {
	t.Parallel()
	f := open(t)
	tab := browser.Open(t, f.URL, "pl")
	for _, path := range []string{"/", "/how", "/offline", "/join", "/sign-in", "/demo/outbox"} {
		tab.Everywhere(path, languages...)
	}
	tab.Go("/how?lang=en")
	tab.Read("Double weekends in May")
	tab.Width(360)
	tab.Go("/?lang=ru")
	// Two screens and a half of a phone of today, in the longest of the languages.
	if high := browser.Script[int](tab, "document.documentElement.scrollHeight"); high > 2000 {
		t.Errorf("the first page is %d points high", high)
	}
}

// TestJourneyOfAMember joins by a code in a message, buys, reads why, takes a reward,
// looks at everything in each language, and leaves.
func TestJourneyOfAMember(t *testing.T) {
	t.Parallel()
	f := open(t)
	tab := browser.Open(t, f.URL, "en")
	f.join(tab, "anna@example.com", "Anna")
	number := tab.See(".digits")
	if len(number) != 13 || !strings.HasPrefix(number, "299") {
		t.Errorf("the card has the number %q", number)
	}
	f.send(fmt.Sprintf(`{"id":"b1","type":"purchase","member":"card:%s","total":"640.00"}`, number))
	tab.Go("/")
	tab.Read("pending")
	f.clock.Advance(4 * 24 * time.Hour)
	tab.Go("/history")
	tab.Read("Purchase")
	tab.Click("article details summary")
	tab.Read("Beans for purchases: +640 beans")

	tab.Go("/rewards")
	tab.Click("a[href='/rewards/espresso']")
	tab.Click("form.box button")
	tab.Read("will be taken now")
	tab.Click("#confirm button[value=yes]")
	if said := tab.See(".alert-success"); !strings.Contains(said, "It is yours") {
		t.Errorf("after redeeming it says %q", said)
	}
	if !tab.Has(".qr svg") {
		t.Error("what was taken has no QR code")
	}
	taken := tab.Path()
	for _, path := range []string{"/", "/card", "/rewards", "/rewards/espresso", "/goals", "/history", "/friends", "/profile", "/profile/leave", "/vouchers", taken} {
		tab.Everywhere(path, languages...)
	}
}
