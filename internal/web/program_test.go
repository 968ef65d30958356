package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"premia/internal/api"
	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/fit"
	"premia/internal/core/program"
	"premia/internal/core/text"
	"premia/internal/testkit/browser"
	"premia/internal/web"
	"premia/internal/web/console"
	"premia/programs"
)

// coffee serves a workspace with the program of coffee bars.
func coffee(t *testing.T) (*httptest.Server, *app.App) { return serving(t, programs.Coffee) }

// serving serves a workspace with a program.
func serving(t *testing.T, document []byte) (*httptest.Server, *app.App) {
	t.Helper()
	a, err := app.Open(context.Background(), app.Config{
		DB: "sqlite:" + filepath.Join(t.TempDir(), "premia.db"), Migrate: true, Words: append(web.Words(), api.Words()),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	if _, err := a.Journal.Publish(context.Background(), document, calendar.None, "the first"); err != nil {
		t.Fatal(err)
	}
	site, err := web.New(web.Config{App: a, Gate: everybody{}, Costs: costs, Unaudited: unaudited(t)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site)
	t.Cleanup(server.Close)
	return server, a
}

// costs says that a draft doubles what is given, so that pages have figures to show, and
// that the past has nothing of its days.
func costs(_ context.Context, _, after *program.Document) (*console.Comparison, error) {
	w := &after.Program.Wallets[0]
	amount := func(minor int64) text.Money {
		return text.Money{Minor: minor, Scale: 2, Currency: after.Program.Currency.Code}
	}
	at := calendar.Of(time.Date(2026, time.December, 5, 0, 0, 0, 0, after.Program.Zone))
	weekend := fit.Trial{
		ID: "weekend", From: at, Until: at + 2*calendar.Day, PastFrom: at - 14*calendar.Day, PastUntil: at - 12*calendar.Day, Events: 3,
	}
	outlay := console.Outlay{Rewards: amount(400_00), Reductions: amount(0), Reserve: amount(200_00), Purchases: amount(20_000_00), Unpriced: 2}
	dearer := outlay
	dearer.Reserve = amount(323_45)
	return &console.Comparison{
		Outlays: [2]console.Outlay{outlay, dearer}, Trials: []fit.Trial{weekend}, From: at - 66*calendar.Day, Until: at - 7*calendar.Day, Events: 40,
		Wallets: []console.Cost{{
			Wallet: w, Given: [2]text.Points{w.Points(1000), w.Points(2000)}, Outstanding: [2]text.Points{w.Points(500), w.Points(1500)},
			Liability: [2]text.Money{amount(200_00), amount(323_45)}, Worth: true,
		}},
	}, nil
}

// owner is who the gate of tests lets in.
func owner(t *testing.T) context.Context {
	return app.WithActor(t.Context(), auth.Actor{Kind: auth.KindUser, ID: "usr_test", Role: auth.Owner})
}

// begun begins a draft of the live program.
func begun(t *testing.T, a *app.App, document string) string {
	t.Helper()
	d, err := a.SaveDraft(owner(t), "", app.DraftChange{Title: "May", Document: []byte(document)})
	if err != nil {
		t.Fatal(err)
	}
	return d.ID
}

// counted is a visitor whose clicks and fields are counted.
type counted struct {
	*browser.Tab
	interactions int
}

func (c *counted) click(selector string) { c.interactions++; c.Click(selector) }

// pick chooses a day, as browsers let people do it in a way of their own.
func (c *counted) pick(selector, day string) {
	c.interactions++
	browser.Script[any](c.Tab, `document.querySelector("`+selector+`").value = "`+day+`"`)
}

func (c *counted) fill(selector, text string) { c.interactions++; c.Fill(selector, text) }

// TestADoublePointsWeekend makes a double-points weekend as somebody does who has
// never seen a program's text: in at most twelve clicks and fields.
func TestADoublePointsWeekend(t *testing.T) {
	t.Parallel()
	server, a := coffee(t)
	c := &counted{Tab: browser.Open(t, server.URL, "en")}
	c.Width(1280)
	c.Go("/console")
	c.click(`a[href="/console/program"]`)
	c.click("#wish-double")
	c.See("#factor")
	c.pick("#from", "2030-06-01")
	c.pick("#until", "2030-06-02")
	c.fill("#channels", "app")
	c.fill("#budget", "10000")
	c.click("#go-on")
	c.Read("For every purchase: twice the beans.")
	before := c.interactions
	c.click("#replay")
	c.Read("PLN\u00a0123.45 more than under the rules in force, over all days that were tried.")
	c.Read("comes to PLN\u00a0361.73 a month; under the rules in force it is PLN\u00a0300.00.")
	c.Read("That is 3.6% of what members buy; under the rules in force it is 3.0%.")
	c.See(`[data-chart="chart-cost-data"][data-drawn]`)
	c.Read("“weekend” (5 December 2026 – 6 December 2026) is tried on what happened on these days: 21 November 2026 – 22 November 2026.")
	c.Accessible()
	c.interactions = before // looking at the cost is no part of it
	c.fill("#comment", "a quiet month")
	c.click("#publish")
	c.click(`#confirm button[value="yes"]`)
	c.Read("Version 2 is live")
	if c.interactions > 12 {
		t.Errorf("it took %d interactions", c.interactions)
	}
	c.Clean()
	v, err := a.Version(t.Context(), 0)
	if err != nil || v.Version != 2 || v.Comment != "a quiet month" {
		t.Fatalf("version %d says %q, %v", v.Version, v.Comment, err)
	}
	for _, want := range []string{"multiply: {beans: 2}", `when: event.channel == "app"`, "limits: {beans: {in total: 10000}}", "Podwójny weekend"} {
		if !strings.Contains(string(v.Document), want) {
			t.Errorf("the program lacks %s", want)
		}
	}
	for line := range strings.Lines(string(programs.Coffee)) {
		if strings.Contains(line, "#") && !strings.Contains(string(v.Document), line) {
			t.Errorf("the comment of this line is lost: %s", line)
		}
	}
	// And back.
	c.click(`#versions a[href="/console/program/versions/1"]`)
	c.click("#again")
	c.click(`#confirm button[value="yes"]`)
	c.Read("as version 3")
	if v, err := a.Version(t.Context(), 0); err != nil || string(v.Document) != string(programs.Coffee) {
		t.Errorf("version %d is live after going back, %v", v.Version, err)
	}
	c.Clean()
}

// TestTheTextIsCheckedWhileItIsTyped types a mistake, follows it, and lets a word be
// completed.
func TestTheTextIsCheckedWhileItIsTyped(t *testing.T) {
	t.Parallel()
	server, a := coffee(t)
	id := begun(t, a, strings.Replace(string(programs.Coffee), "earn:\n", "ern:\n", 1))
	tab := browser.Open(t, server.URL, "en")
	tab.Width(1280)
	tab.Go("/console/program/drafts/" + id + "/text")
	tab.Read(`did you mean "earn"?`)
	tab.Click("#checked .problems a")
	line := strings.Count(strings.Split(string(programs.Coffee), "\nearn:\n")[0], "\n") + 2
	if at := browser.Script[int](tab, `(function () { var a = document.getElementById("document"); return a.value.slice(0, a.selectionStart).split("\n").length; })()`); at != line {
		t.Errorf("the mistake leads to line %d, not %d", at, line)
	}
	typed := func(text string) {
		browser.Script[any](tab, `(function () { var a = document.getElementById("document"); a.focus(); a.value = `+strconv.Quote(text)+`; a.setSelectionRange(a.value.length, a.value.length); a.dispatchEvent(new Event("input", {bubbles: true})); })()`)
	}
	typed(string(programs.Coffee) + "\nenrolment:\n  unk")
	tab.See("#suggestions li")
	if got := tab.See("#suggestions li span"); got != "unknown:" {
		t.Errorf("%q is offered", got)
	}
	tab.Accessible()
	key := func(name string) {
		browser.Script[any](tab, `document.getElementById("document").dispatchEvent(new KeyboardEvent("keydown", {key: "`+name+`", bubbles: true, cancelable: true}))`)
	}
	key("ArrowDown")
	key("Enter")
	if end := browser.Script[string](tab, `document.getElementById("document").value.slice(-12)`); end != "\n  unknown: " {
		t.Errorf("the text ends with %q", end)
	}
	typed(string(programs.Coffee) + "# the end\n")
	tab.Read("No mistakes")
	tab.Read("Saved.")
	d, err := a.Draft(owner(t), id)
	if err != nil || !strings.HasSuffix(string(d.Document), "# the end\n") {
		t.Errorf("the draft was not saved: %v", err)
	}
	// Somebody else changes it: nothing is written over, and both stay.
	if _, err := a.SaveDraft(owner(t), id, app.DraftChange{Title: "May", Document: []byte(string(programs.Coffee) + "# theirs\n")}); err != nil {
		t.Fatal(err)
	}
	typed(string(programs.Coffee) + "# mine\n")
	tab.Click(`#checked button[name="as_new"]`)
	tab.Read("Saved.")
	drafts, err := a.Drafts(owner(t))
	if err != nil || len(drafts) != 2 {
		t.Fatalf("there are %d drafts, %v", len(drafts), err)
	}
	tab.Clean()
}

// TestFormsInABrowser changes a value, a condition and a list by forms.
func TestFormsInABrowser(t *testing.T) {
	t.Parallel()
	server, a := coffee(t)
	id := begun(t, a, string(programs.Coffee))
	tab := browser.Open(t, server.URL, "pl")
	tab.Width(1280)
	base := "/console/program/drafts/" + id
	document := func() string {
		d, err := a.Draft(owner(t), id)
		if err != nil {
			t.Fatal(err)
		}
		return string(d.Document)
	}
	tab.Go(base + "/form?at=rewards[0]")
	tab.Click("#save")
	tab.Read("Zapisano")
	if document() != string(programs.Coffee) {
		t.Error("a form that nobody touched changed the document")
	}
	tab.Go(base + "/form?at=rewards[0]")
	tab.Fill(`[name="v:rewards[0].stock"]`, "4000")
	tab.Choose(`[name="row:rewards[0].when:0:field"]`, "member.purchases")
	tab.Choose(`[name="row:rewards[0].when:0:is"]`, ">=")
	tab.Fill(`[name="row:rewards[0].when:0:value"]`, "3")
	tab.Click("#save")
	tab.Read("Zapisano")
	want := strings.NewReplacer("    price: {beans: 120}\n    hold", "    price: {beans: 120}\n    when: member.purchases >= 3\n    hold", "stock: 5000", "stock: 4000").Replace(string(programs.Coffee))
	if document() != want {
		t.Errorf("the stock was not changed alone: %v", app.TextDifference(programs.Coffee, []byte(document())))
	}
	tab.Go(base + "/form?at=rewards")
	tab.Click(`button[value="down"]`)
	tab.Read("Zapisano")
	if first := strings.Index(document(), "id: cake"); first < 0 || first > strings.Index(document(), "id: espresso") {
		t.Error("the first reward was not moved down")
	}
	tab.Clean()
}

// TestProgramPagesEverywhere looks at the pages in each language.
func TestProgramPagesEverywhere(t *testing.T) {
	t.Parallel()
	server, a := coffee(t)
	hostile := `<script>alert(1)</script>` + "‮" + strings.Repeat("x", 300)
	id := begun(t, a, strings.Replace(string(programs.Coffee), "id: espresso", "id: "+strconv.Quote(hostile), 1))
	good := begun(t, a, strings.Replace(string(programs.Coffee), "stock: 5000", "stock: 4000", 1))
	tab := browser.Open(t, server.URL, "en")
	for i, path := range []string{
		"", "/versions/1", "/make/double", "/make/bonus", "/make/reward", "/make/coupon",
		"/drafts/" + id + "/text", "/drafts/" + id + "/form", "/drafts/" + id + "/form?at=rewards", "/drafts/" + good + "/form?at=" + url.QueryEscape("earn[0]"),
		"/drafts/" + good + "/scenarios", "/drafts/" + good + "/words", "/drafts/" + good + "/review",
	} {
		// Each page in one language in turn, and the largest in all.
		all := []string{languages[i%len(languages)]}
		if path == "" || strings.HasSuffix(path, "review") {
			all = languages
		}
		tab.Everywhere("/console/program"+path, all...)
	}
}

func TestProgramNeedsPermission(t *testing.T) {
	t.Parallel()
	server, a := coffee(t)
	id := begun(t, a, string(programs.Coffee))
	answer, _ := fetch(t, "POST", server.URL+"/console/program/drafts/"+id+"/publish", "seen=1&when=now", "Content-Type", "application/x-www-form-urlencoded")
	if answer.StatusCode != 422 {
		t.Errorf("publishing what another change was made of was answered %d", answer.StatusCode)
	}
	if v, err := a.Version(t.Context(), 0); err != nil || v.Version != 1 {
		t.Errorf("version %d is live, %v", v.Version, err)
	}
}

// TestProblemsAreToldInEachLanguage looks at a mistake where it is mended: at the field of
// the form, and beside the text.
func TestProblemsAreToldInEachLanguage(t *testing.T) {
	t.Parallel()
	server, a := coffee(t)
	id := begun(t, a, strings.Replace(string(programs.Coffee), "price: {beans: 120}", "price: {bean: 120}", 1))
	for lang, want := range map[string]string{
		"en": "there is no wallet", "pl": "nie ma portfela", "cs": "peněženka &#34;bean&#34; neexistuje", "ru": "нет кошелька",
	} {
		for _, view := range []string{"/form?at=rewards[0]", "/text"} {
			answer, body := fetch(t, "GET", server.URL+"/console/program/drafts/"+id+view, "", "Accept-Language", lang)
			if answer.StatusCode != 200 || !strings.Contains(body, want) {
				t.Errorf("%s in %s (%d) does not say %q", view, lang, answer.StatusCode, want)
			}
		}
	}
}

// TestFailingScenariosAreConfirmed publishes a draft of which a scenario fails only when
// the box is ticked that says so.
func TestFailingScenariosAreConfirmed(t *testing.T) {
	t.Parallel()
	server, a := coffee(t)
	text := strings.Replace(string(programs.Coffee), "scenarios:\n", "scenarios:\n  - {it: expects too much, steps: [{at: 2026-05-01, enrol: {language: en}}, {at: 2026-05-02, expect: {beans.available: 999}}]}\n", 1)
	id := begun(t, a, text)
	base := server.URL + "/console/program/drafts/" + id
	_, body := fetch(t, "GET", base+"/review", "")
	if !strings.Contains(body, "Publish although 1 scenario fails") || !strings.Contains(body, "expects too much") {
		t.Error("the review does not show what fails, and how many")
	}
	publish(t, a, base, id, "", 422, 1)
	publish(t, a, base, id, "2", 422, 1)
	publish(t, a, base, id, "1", 303, 2)
}

func publish(t *testing.T, a *app.App, base, id, despite string, status int, live int64) {
	t.Helper()
	d, err := a.Draft(owner(t), id)
	if err != nil {
		t.Fatal(err)
	}
	answer, _ := fetch(t, "POST", base+"/publish", "seen="+strconv.FormatInt(int64(d.Changed), 10)+"&when=now&despite="+despite, "Content-Type", "application/x-www-form-urlencoded")
	if answer.StatusCode != status {
		t.Errorf("publishing with %q confirmed was answered %d, not %d", despite, answer.StatusCode, status)
	}
	if v, err := a.Version(t.Context(), 0); err != nil || v.Version != live {
		t.Errorf("version %d is live, not %d: %v", v.Version, live, err)
	}
}

// TestDraftsAreRenamed gives a draft another name, which changes nothing else of it, and
// finds it named where it would be thrown away.
func TestDraftsAreRenamed(t *testing.T) {
	t.Parallel()
	server, a := coffee(t)
	id := begun(t, a, string(programs.Coffee))
	if err := a.RequestPublishing(owner(t), id); err != nil {
		t.Fatal(err)
	}
	before, err := a.Draft(owner(t), id)
	if err != nil {
		t.Fatal(err)
	}
	rename := func(title string) *http.Response {
		answer, _ := fetch(t, "POST", server.URL+"/console/program/drafts/"+id+"/rename", "title="+url.QueryEscape(title), "Content-Type", "application/x-www-form-urlencoded")
		return answer
	}
	for _, wrong := range []string{"  ", strings.Repeat("x", 121)} {
		rename(wrong)
		if d, err := a.Draft(owner(t), id); err != nil || d.Title != before.Title {
			t.Errorf("%.20q is the title now, %v", d.Title, err)
		}
	}
	name := " Maj <script>alert(1)</script> "
	if answer := rename(name); answer.StatusCode != http.StatusSeeOther {
		t.Fatalf("renaming is answered %d", answer.StatusCode)
	}
	after, err := a.Draft(owner(t), id)
	if err != nil || after.Title != strings.TrimSpace(name) || after.State != before.State || after.Changed != before.Changed || after.Editor != before.Editor || string(after.Document) != string(before.Document) {
		t.Errorf("the draft became %+v, %v", after, err)
	}
	_, page := fetch(t, "GET", server.URL+"/console/program", "")
	if strings.Contains(page, "<script>alert") || !strings.Contains(page, "Throw the draft Maj &lt;script&gt;") {
		t.Error("the draft is not named where it is thrown away")
	}
}
