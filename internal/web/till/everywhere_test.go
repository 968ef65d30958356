package till_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/event"
	"premia/internal/testkit/browser"
)

// TestPagesEverywhere looks at each page in each language, at a phone's and a desk's
// width, with a member and a till whose names are hostile.
func TestPagesEverywhere(t *testing.T) {
	t.Parallel()
	f := openWith(t, []byte(counterProgram))
	hostile := f.member("+48600100200", hostileName)
	tab := f.tab(1024)
	_, link, err := f.app.MakeTill(system(), hostileName[:100], hostileName[:100])
	if err != nil {
		t.Fatal(err)
	}
	tab.Everywhere(strings.TrimPrefix(link, f.URL), languages...)
	shoot(t, tab, "open")
	f.signIn(tab)
	tab.Everywhere("/till/set-up", languages...)
	tab.Width(1024)
	tab.Go("/till?lang=en")
	f.become(tab)
	path := "/till/members/" + hostile
	if _, err := f.app.Record(system(), &event.Event{Type: event.Adjustment, Member: hostile, Wallet: "points", Amount: 300, Given: event.GivenAmount, Reason: "for the test"}); err != nil {
		t.Fatal(err)
	}
	card, _, err := f.app.IssueGiftCard(system(), &app.NewGiftCard{Kind: "corner", Amount: 10000})
	if err != nil {
		t.Fatal(err)
	}
	checked := func() {
		tab.Go(path + "/purchase")
		tab.Fill("#amount", "250")
		tab.Click("button[value=category-coffee]")
		tab.See(".till-lines")
		tab.Click(".till-more:last-of-type summary")
		tab.Fill("#card", card.Code)
		shoot(t, tab, "lines")
		tab.Click("button.till-do")
		tab.See("form[action$='/book'] button")
	}
	f.everyLanguage(tab, "check", checked)
	checked()
	tab.Click("form[action$='/book'] button")
	tab.See("[data-booked]")
	receipt := tab.Path()
	if _, err := f.app.Record(system(), &event.Event{ID: "taken", Type: event.Redemption, Member: hostile, Reward: "ten"}); err != nil {
		t.Fatal(err)
	}
	vouchers, err := f.app.VouchersOf(system(), "taken")
	if err != nil || len(vouchers) != 1 {
		t.Fatalf("vouchers: %+v (%v)", vouchers, err)
	}
	bought := f.purchases(hostile)[0].Event.ID
	tab.Expect("404")
	tab.Expect("422")
	for _, page := range []string{
		"/till", "/till/enrol", "/till/return?order=<b>none</b>", path, path + "/purchase", receipt, path + "/rewards", path + "/rewards/ten",
		path + "/taken/taken", path + "/taken/taken/back", path + "/return", path + "/return/" + bought, "/till/vouchers/" + vouchers[0].Code.Code, "/till/vouchers/none",
	} {
		tab.Everywhere(page, languages...)
		shoot(t, tab, strings.NewReplacer("/", "_", hostile, "", "?", "_", "<", "_").Replace(page))
		f.clock.Advance(time.Minute) // and whoever looks at pages is not idle
	}
	f.everyLanguage(tab, "phone", func() {
		tab.Go(path)
		tab.Click("form[action$='/phone'] button")
		tab.See(".till-qr")
	})
	for name, typed := range map[string]string{"unknown": "nobody <b>has</b> this", "card": card.Code} {
		f.everyLanguage(tab, name, func() {
			tab.Fill("#q", typed)
			tab.Click("form[action='/till/find'] button")
			tab.See(".till-unknown, .till-result")
		})
	}
	f.everyLanguage(tab, "back", func() {
		tab.Go(path + "/return/" + bought)
		tab.Click("[data-step='1']")
		tab.Click("[data-step='1']") // there is one, and no more
		tab.Click("button[value=part]")
		tab.See("form[action$='/book'] button")
	})
	// A page that only a form is sent to leads on where it is asked for.
	tab.Go(path + "/phone?lang=en")
	tab.See("a[href$='/purchase']")
	tab.Go("/till?lang=en")
	tab.Click("form[action='/till/lock'] button")
	tab.See("#pin")
	tab.Everywhere("/till/unlock", languages...)
	shoot(t, tab, "unlock")
}

// TestDeskEverywhere looks at the console's pages about tills and PINs.
func TestDeskEverywhere(t *testing.T) {
	t.Parallel()
	f := open(t)
	other := f.user("other@example.com", "<img src=x onerror=alert(1)> \u202e"+strings.Repeat("y", 60), auth.Cashier)
	f.device()
	if _, _, err := f.app.MakeTill(system(), hostileName[:100], hostileName[:100]); err != nil {
		t.Fatal(err)
	}
	tab := f.tab(1024)
	tab.Go("/console/tills?lang=en")
	tab.Fill("#email", "anna@example.com")
	tab.Fill("#password", password)
	tab.Click("form[action^='/console/sign-in'] button.btn-primary")
	tab.Read("waits for its device")
	for _, page := range []string{"/console/tills", "/console/pins/" + other, "/console/account/pin"} {
		tab.Everywhere(page, languages...)
		shoot(t, tab, strings.ReplaceAll(page, "/", "_"))
	}
	tab.Go("/console/tills?lang=en")
	tab.Fill("#name", "Till 7")
	tab.Click("form[action='/console/tills'] button")
	tab.See("#link")
	tab.See("#only-here") // a tablet can't open it
	tab.Width(360)
	tab.Check()
	shoot(t, tab, "link")
}

// everyLanguage looks at a page that a form is sent to as Everywhere does at others: show
// brings the browser there.
func (f *fixture) everyLanguage(tab *browser.Tab, name string, show func()) {
	f.t.Helper()
	for i, lang := range languages {
		tab.Width(360)
		tab.Go("/till?lang=" + lang)
		show()
		if i == 0 {
			tab.Accessible()
		}
		tab.NoOverflow()
		tab.NoMissingText()
		tab.Clean()
	}
	shoot(f.t, tab, name)
	tab.Width(1024)
	tab.Go("/till?lang=en")
}

func shoot(t *testing.T, tab *browser.Tab, name string) {
	if folder := os.Getenv("SHOTS"); folder != "" {
		for _, width := range []int64{360, 820} {
			tab.Width(width)
			_ = os.WriteFile(filepath.Join(folder, name[max(0, len(name)-40):]+map[bool]string{true: "-phone", false: ""}[width == 360]+".png"), tab.Screenshot(), 0o600)
		}
	}
}
