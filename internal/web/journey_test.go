package web_test

import (
	"context"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"premia/internal/api"
	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/testkit/browser"
	"premia/internal/web"
	"premia/internal/web/page"
)

// empty serves a workspace that nobody owns and that has no program.
func empty(t *testing.T) (*httptest.Server, *page.Site, *app.App) {
	t.Helper()
	return serveNew(t, "sqlite:"+filepath.Join(t.TempDir(), "premia.db"))
}

func serveNew(t *testing.T, db string) (*httptest.Server, *page.Site, *app.App) {
	t.Helper()
	a, err := app.Open(context.Background(), app.Config{DB: db, Migrate: true, Words: append(web.Words(), api.Words()), URL: "http://shop.example"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	site, err := web.New(web.Config{App: a, Gate: web.Gate{App: a}, Unaudited: unaudited(t)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site)
	t.Cleanup(server.Close)
	return server, site, a
}

// ownerPath is the path of the link by which somebody becomes the owner.
func ownerPath(t *testing.T, a *app.App) string {
	t.Helper()
	link, err := a.OwnerLink(system())
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(link, "http://shop.example")
}

// TestFirstStartToPublishedProgram goes the way of whoever starts Premia for the first
// time: by the owner's link to a program that members read.
func TestFirstStartToPublishedProgram(t *testing.T) {
	t.Parallel()
	server, _, a := empty(t)
	tab := browser.Open(t, server.URL, "pl")
	tab.Width(1280)
	tab.Go(ownerPath(t, a))
	tab.Fill("#email", "anna@example.com")
	tab.Fill("#name", "Anna")
	tab.Fill("#password", words)
	tab.Click("main form button.btn-primary")
	tab.See("#ready-cafe")
	tab.Everywhere("/console/setup/program", languages...)
	tab.Go("/console/setup/program?lang=pl")
	tab.Click("#ready-cafe")
	tab.See("#currency")
	tab.Everywhere("/console/setup/name", languages...)
	tab.Go("/console/setup/name?lang=pl")
	tab.Fill("#name", "Kawiarnia <script>alert(1)</script>")
	tab.Fill("#currency", "EUR")
	tab.Fill("#timezone", "Europe/Nowhere")
	tab.Expect("422")
	tab.Click("#go-on")
	tab.Read("Europe/Nowhere")
	tab.See("#timezone.is-invalid")
	tab.Fill("#timezone", "Europe/Prague")
	tab.Click("#go-on")
	// The amounts are proposed in the other currency, and anybody can change one.
	tab.See("#reckon")
	tab.Everywhere("/console/setup/amounts", languages...)
	tab.Go("/console/setup/amounts?lang=pl")
	tab.Read("14,00\u00a0zł")
	tab.Read("darmowa kawa")
	tab.Fill("#amount-0", "3,205")
	tab.Fill("#amount-1", "0")
	tab.Expect("422")
	tab.Click("#go-on")
	tab.See("#amount-1.is-invalid")
	if typed := browser.Script[string](tab, `document.getElementById("amount-0").value`); typed != "3,205" {
		t.Errorf("what was typed is %q", typed)
	}
	tab.Fill("#amount-1", "4,10")
	tab.Click("#go-on")
	tab.See("#logo")
	tab.Everywhere("/console/setup/look", languages...)
	tab.Go("/console/setup/look?lang=pl")
	tab.Click(`input[value="#a3174f"]`)
	tab.Click("#go-on")
	tab.See("#publish")
	tab.Everywhere("/console/setup/check", languages...)
	// Going away and coming back finds the way where it was, and back works.
	tab.Go("/console?lang=pl")
	tab.See("#publish")
	tab.Go("/console/setup/name")
	if name := browser.Script[string](tab, `document.getElementById("name").value`); name != "Kawiarnia <script>alert(1)</script>" {
		t.Errorf("the name is %q", name)
	}
	tab.Go("/console/setup")
	tab.Click("#publish")
	tab.See("#next-invite")
	tab.Everywhere("/console/setup/done", languages...)
	tab.Everywhere("/console/poster", languages...)
	tab.Go("/how?lang=pl")
	tab.Read("Karta kawowa")
	p := a.Program()
	if p == nil || p.Zone.String() != "Europe/Prague" || p.Currency.Code != "EUR" || p.WalletByID("cakes").Worth.String() != "4.1" || p.Languages[0] != "pl" {
		t.Fatalf("the program is %+v", p)
	}
	if look, err := a.Appearance(t.Context()); err != nil || look.Colour != "#a3174f" {
		t.Errorf("the look is %+v, %v", look, err)
	}
}

// TestSetupWithoutScript goes the way with forms alone, on each ready program's default.
func TestSetupWithoutScript(t *testing.T) {
	t.Parallel()
	server, _, a := empty(t)
	p := visit(t, server)
	p.goes("/console", ownerPath(t, a), "email", "anna@example.com", "name", "Anna", "password", words)
	sentTo := func(to, path string) {
		t.Helper()
		if answer, _ := p.send(http.MethodGet, path); answer.Header.Get("Location") != to {
			t.Errorf("%s leads to %q, want %s", path, answer.Header.Get("Location"), to)
		}
	}
	sentTo("/console/setup", "/console")
	sentTo("/console/setup/program", "/console/setup")
	sentTo("/console/setup/program", "/console/setup/check") // nothing is skipped
	p.goes("/console/setup/program", "/console/setup/publish")
	if answer, _ := p.send(http.MethodPost, "/console/setup/program", "program", "nothing"); answer.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a program that is not there was answered %d", answer.StatusCode)
	}
	p.goes("/console/setup/name", "/console/setup/program", "program", "cafe")
	sentTo("/console/setup/name", "/console/setup/look")
	for _, wrong := range [][]string{{"currency", "ZLOTY"}, {"timezone", "Local"}, {"name", " "}, {"name", strings.Repeat("x", 10_000)}} {
		values := map[string]string{"name": "Klub", "currency": "PLN", "timezone": "Europe/Warsaw", "first": "pl"}
		values[wrong[0]] = wrong[1]
		var form []string
		for name, value := range values {
			form = append(form, name, value)
		}
		if answer, text := p.send(http.MethodPost, "/console/setup/name", form...); answer.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(text, "is-invalid") {
			t.Errorf("%s: %d", wrong[0], answer.StatusCode)
		}
	}
	p.goes("/console/setup/amounts", "/console/setup/name", "name", "Klub", "currency", "XAF", "timezone", "Europe/Prague", "first", "cs")
	if _, text := p.send(http.MethodGet, "/console/setup/amounts"); !strings.Contains(text, `id="unknown"`) || fieldsOf(text)["factor"] != "1" {
		t.Error("nobody is told that amounts were not converted")
	}
	p.goes("/console/setup/amounts", "/console/setup/amounts", "do", "reckon", "factor", "1")
	if _, text := p.send(http.MethodGet, "/console/setup/amounts"); strings.Contains(text, `id="unknown"`) {
		t.Error("somebody who said a factor is told that none is known")
	}
	p.goes("/console/setup/amounts", "/console/setup/name", "name", "Klub", "currency", "czk", "timezone", "Europe/Prague", "first", "cs", "lang_en", "on")
	sentTo("/console/setup/amounts", "/console/setup/look") // nobody is spared the amounts
	for _, factor := range []string{"", "x", "0", "-1", "1e9", "99999999", strings.Repeat("9", 10_000)} {
		if answer, text := p.send(http.MethodPost, "/console/setup/amounts", "do", "reckon", "factor", factor); factor != "" && (answer.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(text, "is-invalid")) {
			t.Errorf("the factor %q: %d", factor, answer.StatusCode)
		}
	}
	p.goes("/console/setup/amounts", "/console/setup/amounts", "do", "reckon", "factor", "4,5")
	_, text := p.send(http.MethodGet, "/console/setup/amounts")
	amounts := fieldsOf(text)
	if amounts["wallets.coffees.worth"] != "63.00" || amounts["factor"] != "4.5" {
		t.Errorf("the amounts are %v", amounts)
	}
	amounts["wallets.coffees.worth"] = "65"
	var form []string
	for name, value := range amounts {
		form = append(form, name, value)
	}
	p.goes("/console/setup/look", "/console/setup/amounts", form...)
	if _, text = p.send(http.MethodGet, "/console/setup/amounts"); fieldsOf(text)["wallets.coffees.worth"] != "65" {
		t.Errorf("an amount of one's own is gone: %v", fieldsOf(text))
	}
	p.goes("/console/setup/check", "/console/setup/look", "preset", "own", "colour", "#ABCDEF")
	sentTo("/console/setup/check", "/console/setup")
	if _, text = p.send(http.MethodGet, "/console/setup/check"); !strings.Contains(text, "/console/setup/amounts") {
		t.Error("nothing leads back to the amounts of another currency")
	}
	p.goes("/console/setup/done", "/console/setup/publish")
	p.goes("/console/setup/done", "/console/setup/publish") // twice gives once
	p.goes("/console/setup/done", "/console/setup/program", "program", "hotel")
	if versions, err := a.Versions(t.Context()); err != nil || len(versions) != 1 {
		t.Errorf("there are %d versions, %v", len(versions), err)
	}
	if got := a.Program(); strings.Join(got.Languages, ",") != "cs,en" || got.Currency.Code != "CZK" {
		t.Errorf("the program is in %v, %s", got.Languages, got.Currency.Code)
	}
}

// fieldsOf are the fields of the last form of the amounts, with their values.
func fieldsOf(page string) map[string]string {
	out := make(map[string]string)
	for _, field := range regexp.MustCompile(`name="([^"]*)"[^>]* value="([^"]*)"`).FindAllStringSubmatch(page[strings.LastIndex(page, "<form method=\"post\" action=\"/console/setup/amounts\""):], -1) {
		out[html.UnescapeString(field[1])] = html.UnescapeString(field[2])
	}
	return out
}

// TestSetupAsDraft changes the program by hand before it is published.
func TestSetupAsDraft(t *testing.T) {
	t.Parallel()
	server, _, a := empty(t)
	p := visit(t, server)
	p.goes("/console", ownerPath(t, a), "email", "anna@example.com", "name", "Anna", "password", words)
	p.goes("/console/setup/name", "/console/setup/program", "program", "hotel")
	p.goes("/console/setup/look", "/console/setup/name", "name", "Hotel", "currency", "CZK", "timezone", "Europe/Warsaw", "first", "pl")
	p.goes("/console/setup/check", "/console/setup/look", "preset", "#1f4e9e")
	answer, _ := p.send(http.MethodPost, "/console/setup/draft")
	to := answer.Header.Get("Location")
	if answer.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, "/console/program/drafts/drf_") {
		t.Fatalf("%d to %q", answer.StatusCode, to)
	}
	for _, path := range []string{to, strings.TrimSuffix(to, "text") + "form", strings.TrimSuffix(to, "text") + "review", "/console/program"} {
		if answer, text := p.send(http.MethodGet, path); answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %d\n%s", path, answer.StatusCode, text)
		}
	}
}

// TestRejectedLoginAndRevokedSession fails to sign in, succeeds, and is thrown out.
func TestRejectedLoginAndRevokedSession(t *testing.T) {
	t.Parallel()
	server, _, a := openDoors(t)
	becomeOwner(t, server, a)
	tab := browser.Open(t, server.URL, "en")
	tab.Width(1280)
	tab.Go("/console/audit")
	tab.Fill("#email", "anna@example.com")
	tab.Fill("#password", "a wrong password")
	tab.Expect("422")
	tab.Expect("401")
	tab.Click("main form button.btn-primary")
	tab.See("main .alert-danger")
	tab.Fill("#password", words)
	tab.Click(`[data-do="reveal"]`)
	if kind := browser.Script[string](tab, `document.getElementById("password").type`); kind != "text" {
		t.Errorf("a password that is to be shown is a %s", kind)
	}
	tab.Click("main form button.btn-primary")
	tab.Read("Audit trail")
	if got := tab.Path(); got != "/console/audit" {
		t.Errorf("signed in at %s", got)
	}
	tab.Go("/console/account")
	for typed, said := range map[string]string{"aaaaaaaaaaaaaaaaaaaaaaaaaa": "Easy to guess", "lukewarm tea": "Could be longer", words: "Hard to guess"} {
		tab.Fill(`input[autocomplete="new-password"]`, typed)
		if got := tab.See("[data-strength]"); !strings.HasPrefix(got, said) {
			t.Errorf("of %q it says %q, not %q", typed, got, said)
		}
	}
	users, err := a.Users(system())
	if err != nil {
		t.Fatal(err)
	}
	sessions, err := a.Sessions(system(), users[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	for i := range sessions {
		if err := a.RevokeSession(system(), sessions[i].ID); err != nil {
			t.Fatal(err)
		}
	}
	tab.Go("/console/audit")
	tab.See("#password")
}

// TestACashierSeesNoFigures signs a cashier in, who finds neither reports nor the program,
// by the menu or by their addresses.
func TestACashierSeesNoFigures(t *testing.T) {
	t.Parallel()
	server, site, a := openDoors(t)
	becomeOwner(t, server, a)
	_, token, err := a.Invite(system(), app.NewInvitation{Email: "jan@example.com", Role: auth.Cashier})
	if err != nil {
		t.Fatal(err)
	}
	tab := browser.Open(t, server.URL, "en")
	tab.Width(1280)
	tab.Go(app.InvitationPath + token)
	tab.Fill("#name", "Jan")
	tab.Fill("#password", words)
	tab.Expect("403")
	tab.Click("main form button.btn-primary")
	tab.See(".navbar-vertical")
	refused := 0
	for _, route := range site.Routes() {
		path, isPage := strings.CutPrefix(route.Pattern, "GET ")
		if !isPage || strings.Contains(path, "{") || !strings.HasPrefix(path, "/console") {
			continue
		}
		if route.Need == page.Anyone || route.Need == page.User || auth.Allows(auth.Cashier, auth.Permission(route.Need)) {
			continue
		}
		tab.Go(path)
		tab.Read("does not allow this")
		if tab.Has(`nav a[href="` + path + `"]`) {
			t.Errorf("the menu leads a cashier to %s", path)
		}
		refused++
	}
	if refused < 5 {
		t.Errorf("only %d pages refused the cashier", refused)
	}
}

// TestSetupIsKept opens a workspace again in the middle of the way.
func TestSetupIsKept(t *testing.T) {
	t.Parallel()
	db := "sqlite:" + filepath.Join(t.TempDir(), "premia.db")
	server, _, a := serveNew(t, db)
	p := visit(t, server)
	p.goes("/console", ownerPath(t, a), "email", "anna@example.com", "name", "Anna", "password", words)
	p.goes("/console/setup/name", "/console/setup/program", "program", "pharmacy")
	server.Close()
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	_, _, again := serveNew(t, db)
	if s, err := again.Setup(t.Context()); err != nil || s.Program != "pharmacy" || s.Named {
		t.Errorf("kept is %+v, %v", s, err)
	}
	if _, err := os.Stat(strings.TrimPrefix(db, "sqlite:")); err != nil {
		t.Error(err)
	}
}

const journeyProgram = `
program: Mug Club
currency: PLN
timezone: Europe/Warsaw
languages: [en, pl]
wallets: {points: {name: {en: points, pl: punkty}}}
earn:
  - {id: spend, name: {en: Points for purchases, pl: Punkty za zakupy}, on: purchase, give: {points: 1, per: 1.00}}
returns: {}
rewards:
  - {id: mug, name: {en: A mug, pl: Kubek}, kind: free product, sku: MUG, price: {points: 50}, refund: {within: 7d}}
`

// TestFromTheTillToThePhoneAndBack makes a tablet a till by the link of the console, joins
// somebody there by phone, who buys, sees the points on the portal, takes a reward there,
// and brings goods and the reward back to the till.
func TestFromTheTillToThePhoneAndBack(t *testing.T) {
	t.Parallel()
	server, _, a := empty(t)
	if _, err := a.Publish(system(), []byte(journeyProgram), calendar.None, "the journey"); err != nil {
		t.Fatal(err)
	}
	tab := browser.Open(t, server.URL, "en")
	tab.Width(1024)
	tab.Go(ownerPath(t, a))
	tab.Fill("#email", "anna@example.com")
	tab.Fill("#name", "Anna")
	tab.Fill("#password", words)
	tab.Click("main form button.btn-primary")
	tab.See(".navbar-vertical")
	tab.Go("/console/account/pin")
	tab.Fill("#pin", "739205")
	tab.Click("form[action='/console/account/pin'] button")
	tab.Read("The PIN is set.")
	tab.Go("/console/tills")
	tab.Fill("#name", "Till 1")
	tab.Fill("#store", "WAW-1")
	tab.Click("form[action='/console/tills'] button")
	tillLink := tab.See("#link")

	tab.Width(820)
	tab.Go(strings.TrimPrefix(tillLink, "http://shop.example"))
	tab.Click("main form button")
	tab.Read("This device is a till now.")
	tab.Fill("#pin", "739205")
	tab.Press("Enter")
	tab.See("#q")
	tab.Go("/console/tills") // the tablet is signed out of the console
	tab.See("#password")
	tab.Go("/till")
	tab.Click("a[href='/till/enrol']")
	tab.Fill("#phone", "+48 600 100 200")
	tab.Fill("#given_name", "Zofia")
	tab.Click("input[name=terms]")
	tab.Click("form[action='/till/enrol'] .btn-primary")
	tab.Read("A new member")
	find := func() {
		tab.Go("/till")
		tab.Fill("#q", "+48600100200")
		tab.Click("form[action='/till/find'] button")
		tab.See(".till-who")
	}
	find()
	tab.Click("a[href$='/purchase']")
	tab.Fill("#amount", "130")
	tab.Click("button.till-do")
	tab.Click("form[action$='/book'] button")
	tab.Read("The purchase is booked")

	link, err := a.TillLink(system(), "phone:+48600100200")
	if err != nil {
		t.Fatal(err)
	}
	tab.Go(strings.TrimPrefix(link, "http://shop.example"))
	tab.Click("main form button")
	tab.Read("130 points")
	tab.Go("/history")
	tab.Click("article details summary")
	tab.Read("Points for purchases: +130 points")
	tab.Go("/rewards/mug")
	tab.Click("form[action='/rewards/mug'] button.main")
	tab.Click("#confirm button[value=yes]")
	tab.See(".alert-success")
	tab.Go("/")
	tab.Read("80 points")

	tab.Width(1024)
	find()
	tab.Click("a[href$='/return']")
	tab.Click("a.till-reward")
	tab.Fill("#amount", "30")
	tab.Click("button[value=part]")
	tab.Click("form[action$='/book'] button")
	tab.Read("The return is booked")
	tab.Go("/")
	tab.Read("50 points")
	find()
	tab.Click("a[href$='/return']")
	tab.Click("a[href$='/back']")
	tab.Read("The member gets back")
	tab.Click("form[action$='/back'] button")
	tab.Read("Given back")
	tab.Go("/")
	tab.Read("100 points")
	tab.Clean()
	m, err := a.Member(t.Context(), "phone:+48600100200")
	if err != nil || len(m.Wallets) != 1 || m.Wallets[0].Net() != 100 {
		t.Errorf("in the end there is %+v, %v", m.Wallets, err)
	}
	if bought, err := a.Purchases(t.Context(), "phone:+48600100200", 5); err != nil || len(bought) != 1 || bought[0].Event.Store != "WAW-1" {
		t.Errorf("bought was %+v, %v", bought, err)
	}
}
