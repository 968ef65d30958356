package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"premia/internal/api"
	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/journal"
	"premia/internal/store"
	"premia/internal/testkit"
	"premia/internal/testkit/postgres"
	"premia/internal/web"
	"premia/internal/web/page"
)

// desk is a gate that lets every visitor in as the user who sits at the desk.
type desk struct {
	mu   sync.Mutex
	id   string
	role auth.Role
}

func (d *desk) sit(id string, role auth.Role) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.id, d.role = id, role
}

func (d *desk) Visitor(*http.Request) (page.Visitor, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	role := d.role
	return page.Visitor{UserID: d.id, Name: "Łucja", Role: string(role), Proved: true, May: func(p string) bool { return auth.Allows(role, auth.Permission(p)) }}, nil
}

// club is a workspace with the program of a club, where two people are needed for
// large adjustments.
type club struct {
	*app.App
	t      *testing.T
	server *httptest.Server
	desk   *desk
}

func newClub(t *testing.T, db string) *club {
	t.Helper()
	evening := testkit.NewClock(time.Date(2026, 3, 5, 21, 0, 0, 0, time.UTC))
	a, err := app.Open(t.Context(), app.Config{DB: db, Migrate: true, Clock: evening.Now, Words: append(web.Words(), api.Words())})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	document, err := os.ReadFile(filepath.Join(testkit.RepoRoot(t), "programs", "vip-club", "program.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	document = bytes.Replace(document, []byte("price: {stars: 300}\n"), []byte("price: {stars: 300}\n    fulfilment: send\n    refund: {within: 1h}\n"), 1)
	if _, err := a.Journal.Publish(t.Context(), document, calendar.None, "test"); err != nil {
		t.Fatal(err)
	}
	d := &desk{id: "usr_one", role: auth.Owner}
	site, err := web.New(web.Config{App: a, Gate: d, Unaudited: unaudited(t)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site)
	t.Cleanup(server.Close)
	return &club{a, t, server, d}
}

func onSQLite(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "premia.db") }

// onEach runs a test on each database.
func onEach(t *testing.T, test func(t *testing.T, c *club)) {
	t.Run("sqlite", func(t *testing.T) { test(t, newClub(t, onSQLite(t))) })
	t.Run("postgres", func(t *testing.T) { test(t, newClub(t, postgres.New(t))) })
}

// enrolled makes a member with a card and a name.
func (c *club) enrolled(card, given, family string) ledger.MemberID {
	c.t.Helper()
	answer, err := c.Enrol(c.t.Context(), app.Change{
		Identities: []string{"card:" + card, "email:" + card + "@example.com"},
		Profile:    map[string]string{"given_name": given, "family_name": family, "birth_date": "1990-05-31"},
		Consents:   map[string]bool{"email": true, "sms": false},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return answer.Member
}

func (c *club) record(e *event.Event) journal.Answer {
	c.t.Helper()
	answer, err := c.Record(c.t.Context(), e)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer
}

// busy gives a member something of everything.
func (c *club) busy(card, given, family string) ledger.MemberID {
	c.t.Helper()
	id := c.enrolled(card, given, family)
	c.record(&event.Event{ID: "evening-" + card, Type: event.Purchase, Member: "card:" + card, Order: "O-" + card, Store: "bar", Channel: "till", Total: 1250000, Given: event.GivenTotal,
		Items: []event.Item{{SKU: "TABLE", Category: "drinks", Quantity: 1000, Total: 1250000, GivenTotal: true}}})
	c.record(&event.Event{ID: "gift-" + card, Type: event.Adjustment, Member: "card:" + card, Wallet: "drinks", Amount: 1, Given: event.GivenAmount, Reason: "Sorry for the wait"})
	return id
}

// stars is what a member can spend.
func (c *club) stars(ref string) int64 {
	c.t.Helper()
	wallets, _, err := c.Wallets(c.t.Context(), ref)
	if err != nil {
		c.t.Fatal(err)
	}
	for i := range wallets {
		if wallets[i].Wallet.ID == "stars" {
			return wallets[i].Net()
		}
	}
	return 0
}

// waiting lets an adjustment wait that somebody else made.
func (c *club) waiting(id string) {
	c.t.Helper()
	ctx := app.WithActor(c.t.Context(), auth.Actor{Kind: auth.KindUser, ID: "usr_other", Role: auth.Supporter})
	if _, err := c.Record(ctx, &event.Event{ID: "waiting", Type: event.Adjustment, Member: id, Wallet: "stars", Amount: 900, Given: event.GivenAmount, Reason: "A lost evening"}); err != nil {
		c.t.Fatal(err)
	}
}

// hidden finds the value of a hidden field on a page.
func hidden(t *testing.T, text, name string) string {
	t.Helper()
	found := regexp.MustCompile(`name="` + regexp.QuoteMeta(name) + `" value="([^"]*)"`).FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("the page has no field %s:\n%.2000s", name, text)
	}
	return found[1]
}

// post sends a form, as a browser does.
func (c *club) post(path string, values url.Values) (*http.Response, string) {
	c.t.Helper()
	return fetch(c.t, "POST", c.server.URL+path, values.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
}

func (c *club) get(path string) string {
	c.t.Helper()
	answer, text := fetch(c.t, "GET", c.server.URL+path, "", "Accept-Language", "en")
	if answer.StatusCode != http.StatusOK {
		c.t.Fatalf("%s was answered %d:\n%.1000s", path, answer.StatusCode, text)
	}
	return text
}

// TestSecondPerson lets an adjustment above the limit wait, and lets another person
// alone decide upon it, once.
func TestSecondPerson(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, c *club) {
		id := c.busy("2900000000001", "Łukasz", "Żółć").String()
		before := c.stars(id)
		form := hidden(t, c.get("/console/members/"+id+"/adjust"), "event")
		values := url.Values{"event": {form}, "do": {"give"}, "wallet": {"stars"}, "amount": {"500"}, "reason": {"An evening that went wrong"}, "reference": {"T-17"}}
		if _, asks := c.post("/console/members/"+id+"/adjust", values); !strings.Contains(asks, "Worth CZK\u00a0250.00") || !strings.Contains(asks, "One person may adjust up to 400 stars.") || c.stars(id) != before {
			t.Errorf("before it is recorded the page says:\n%s", asks)
		}
		values.Set("sure", "yes")
		for range 2 {
			answer, text := c.post("/console/members/"+id+"/adjust", values)
			if answer.StatusCode != http.StatusSeeOther {
				t.Fatalf("an adjustment is answered %d:\n%.1500s", answer.StatusCode, text)
			}
		}
		if got := c.stars(id); got != before {
			t.Errorf("before it is approved the member has %d stars, not %d", got, before)
		}
		own := c.get("/console/adjustments")
		if strings.Contains(own, `action="/console/adjustments/approve"`) || strings.Count(own, "An evening that went wrong") != 1 {
			t.Errorf("who adjusted may approve, or the adjustment is not there once:\n%s", own)
		}
		decide := url.Values{"event": {"decision-1"}, "about": {form}}
		c.post("/console/adjustments/approve", decide) // without the button
		if got := c.stars(id); got != before {
			t.Errorf("who adjusted approved by themselves: %d stars", got)
		}
		c.desk.sit("usr_two", auth.Manager)
		page := c.get("/console/adjustments")
		decide.Set("event", hidden(t, page, "event"))
		for range 2 {
			c.post("/console/adjustments/approve", decide)
		}
		if got := c.stars(id); got != before+500 {
			t.Errorf("after it was approved the member has %d stars, not %d", got, before+500)
		}
		if page := c.get("/console/adjustments"); strings.Contains(page, "An evening that went wrong") {
			t.Error("what was decided still waits")
		}
		if page := c.get("/console/members/" + id); !strings.Contains(page, "Adjustment approved") {
			t.Error("the timeline does not say that it was approved")
		}
	})
}

// TestManyWait pages through adjustments that wait, and meets each of them once.
func TestManyWait(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, c *club) {
		id := c.busy("2900000000001", "Łukasz", "Żółć").String()
		const many = 120
		for n := range many {
			c.post("/console/members/"+id+"/adjust", url.Values{"event": {fmt.Sprintf("many-%d", n)}, "do": {"give"}, "wallet": {"stars"}, "amount": {"500"}, "reason": {fmt.Sprintf("evening %03d.", n)}, "sure": {"yes"}})
		}
		met, pages := map[string]int{}, 0
		for next := "/console/adjustments"; next != ""; pages++ {
			page := c.get(next)
			for _, reason := range regexp.MustCompile(`evening \d+\.`).FindAllString(page, -1) {
				met[reason]++
			}
			next = ""
			if link := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(page); link != nil {
				next = html.UnescapeString(link[1])
			}
		}
		if len(met) != many || pages != 3 {
			t.Errorf("%d adjustments are met on %d pages, want %d on 3", len(met), pages, many)
		}
		for reason, times := range met {
			if times != 1 {
				t.Errorf("%q stands there %d times", reason, times)
			}
		}
	})
}

// TestFormsSentTwice sends each form that makes value twice, and finds it made once.
func TestFormsSentTwice(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, c *club) {
		id := c.busy("2900000000001", "Łukasz", "Żółć").String()
		before := c.stars(id)
		twice := func(path string, values url.Values) {
			t.Helper()
			for range 2 {
				if answer, text := c.post(path, values); answer.StatusCode != http.StatusSeeOther {
					t.Fatalf("%s is answered %d:\n%.1500s", path, answer.StatusCode, text)
				}
			}
		}
		adjust := url.Values{"event": {hidden(t, c.get("/console/members/"+id+"/adjust"), "event")}, "do": {"give"}, "wallet": {"stars"}, "amount": {"25"}, "reason": {"A gift"}, "sure": {"yes"}}
		twice("/console/members/"+id+"/adjust", adjust)
		if got := c.stars(id); got != before+25 {
			t.Errorf("an adjustment sent twice: %d stars, not %d", got, before+25)
		}
		twice("/console/members/"+id+"/undo", url.Values{"event": adjust["event"]})
		if got := c.stars(id); got != before {
			t.Errorf("an undoing sent twice: %d stars, not %d", got, before)
		}
		rewards := c.get("/console/members/" + id + "/rewards")
		event := regexp.MustCompile(`name="event" value="([^"]*-ride-home)"`).FindStringSubmatch(rewards)
		if event == nil {
			t.Fatalf("a ride can't be handed out:\n%s", rewards)
		}
		twice("/console/members/"+id+"/rewards", url.Values{"event": {event[1]}, "reward": {"ride-home"}})
		if got := c.stars(id); got != before-300 {
			t.Errorf("a ride handed out twice: %d stars, not %d", got, before-300)
		}
		taken, _, err := c.Redemptions(t.Context(), id, 10)
		if err != nil || len(taken) != 1 {
			t.Fatalf("there are %d redemptions (%v), not one", len(taken), err)
		}
		c.sendsTo(id, taken[0].ID)
		back := regexp.MustCompile(`take-back"[^>]*><input type="hidden" name="event" value="([^"]*)"`).FindStringSubmatch(c.get("/console/members/" + id))
		if back == nil {
			t.Fatal("the reward can't be taken back")
		}
		twice("/console/members/"+id+"/take-back", url.Values{"event": {back[1]}, "redemption": {taken[0].ID}})
		if got := c.stars(id); got != before {
			t.Errorf("a ride taken back twice: %d stars, not %d", got, before)
		}
		enrol := url.Values{"event": {hidden(t, c.get("/console/members/new"), "event")}, "identity_phone": {"+48 600 100 200"}, "given_name": {"Anna"}, "asked_consent_sms": {"on"}, "consent_sms": {"on"}}
		twice("/console/members/new", enrol)
		m, err := c.Member(t.Context(), "phone:+48600100200")
		if err != nil || m.Profile["phone"] != "+48600100200" || !m.Consents["sms"] {
			t.Errorf("the enrolled member is %+v (%v)", m, err)
		}
	})
}

// sendsTo looks at where something is to be sent, which those who may not change members
// don't see.
func (c *club) sendsTo(id, redemption string) {
	c.t.Helper()
	path := "/console/redemptions/" + redemption
	if page := c.get(path); !strings.Contains(page, "No full address is known") || !strings.Contains(page, "/console/members/"+id+"/edit") {
		c.t.Errorf("without an address the page says:\n%s", page)
	}
	if _, err := c.Change(c.t.Context(), id, app.Change{Profile: map[string]string{"street": "Dlouhá <1>", "postal_code": "110 00", "city": "Praha"}}); err != nil {
		c.t.Fatal(err)
	}
	if page := c.get(path); !strings.Contains(page, "Łukasz Żółć, Dlouhá &lt;1&gt;, 110 00 Praha") {
		c.t.Errorf("with an address the page says:\n%s", page)
	}
	c.desk.sit("usr_one", auth.Analyst)
	if page := c.get(path); strings.Contains(page, "Dlouhá") || strings.Contains(page, "2900000000001@") || !strings.Contains(page, "Your role doesn’t see addresses.") {
		c.t.Errorf("an analyst reads:\n%s", page)
	}
	c.desk.sit("usr_one", auth.Owner)
}

// TestMistakesStandAtTheirFields sends forms with mistakes, and finds them said where
// they are, with what was typed.
func TestMistakesStandAtTheirFields(t *testing.T) {
	t.Parallel()
	c := newClub(t, onSQLite(t))
	id := c.enrolled("2900000000001", "Łukasz", "Żółć").String()
	for _, x := range []struct {
		path   string
		values url.Values
		at     []string // the fields with mistakes
	}{
		{"/console/members/new", url.Values{"identity_card": {"2900000000001"}}, []string{"identity_card"}},
		{"/console/members/new", url.Values{"identity_email": {"nobody"}}, []string{"identity_email"}},
		{"/console/members/new", url.Values{"identity_card": {"1"}, "birth_date": {"tomorrow"}}, []string{"birth_date"}},
		{"/console/members/new", url.Values{"given_name": {strings.Repeat("ż", 10_000)}, "identity_card": {"1"}}, []string{"given_name"}},
		{"/console/members/" + id + "/edit", url.Values{"country": {"Poland"}}, []string{"country"}},
		{"/console/members/" + id + "/adjust", url.Values{"amount": {"-5"}, "wallet": {"stars"}, "do": {"give"}}, []string{"amount", "reason"}},
		{"/console/members/" + id + "/adjust", url.Values{"amount": {"5"}, "wallet": {"nothing"}, "reason": {"x"}}, []string{"wallet"}},
		{"/console/members/" + id + "/erase", url.Values{"event": {"e"}}, []string{"sure"}},
	} {
		x.values.Set("reference", "kept-as-typed")
		answer, text := c.post(x.path, x.values)
		if answer.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s with %.80v is answered %d", x.path, x.values, answer.StatusCode)
			continue
		}
		for _, field := range x.at {
			if !regexp.MustCompile(`id="` + field + `-about"><div class="invalid-feedback`).MatchString(text) {
				t.Errorf("%s with %.80v says nothing at %s:\n%.3000s", x.path, x.values, field, text)
			}
		}
	}
	if page := c.get("/console/members/" + id + "/rewards"); !strings.Contains(page, "costs 300 stars; the member has 0 stars.") {
		t.Errorf("to who hands out a reward it is said:\n%s", page)
	}
	answer, text := c.post("/console/members/new", url.Values{"given_name": {"Anna"}})
	if answer.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(text, `role="alert"`) || !strings.Contains(text, `value="Anna"`) {
		t.Errorf("somebody who can't be recognised is enrolled: %d", answer.StatusCode)
	}
}

// TestOnlyWhatWasTypedChanges edits a member whose profile changed since the form was
// drawn.
func TestOnlyWhatWasTypedChanges(t *testing.T) {
	t.Parallel()
	c := newClub(t, onSQLite(t))
	id := c.enrolled("2900000000001", "Łukasz", "Żółć").String()
	form := c.get("/console/members/" + id + "/edit")
	if _, err := c.Change(t.Context(), id, app.Change{Profile: map[string]string{"city": "Łódź"}, Facts: map[string]string{"table": "7"}}); err != nil {
		t.Fatal(err)
	}
	values := url.Values{
		"event": {hidden(t, form, "event")}, "given_name": {"Lucas"}, "was_given_name": {"Łukasz"}, "family_name": {"Żółć"}, "was_family_name": {"Żółć"}, "city": {""}, "was_city": {""},
		"birth_date": {"1990-05-31"}, "was_birth_date": {"1990-05-31"},
		"asked_consent_email": {"on"}, "was_consent_email": {"on"}, "asked_consent_sms": {"on"}, "was_consent_sms": {""}, "consent_sms": {"on"},
		"fact_name_0": {"favourite"}, "fact_0": {"bar"}, "was_fact_0": {""},
	}
	for range 2 {
		if answer, text := c.post("/console/members/"+id+"/edit", values); answer.StatusCode != http.StatusSeeOther {
			t.Fatalf("the change is answered %d:\n%.2000s", answer.StatusCode, text)
		}
	}
	m, err := c.Member(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if m.Profile["given_name"] != "Lucas" || m.Profile["city"] != "Łódź" || m.Facts["favourite"] != "bar" || m.Facts["table"] != "7" || m.Consents["email"] || !m.Consents["sms"] {
		t.Errorf("the member is %+v", m)
	}
}

// TestContactsAreForThoseWhoNeedThem shows a member to a role that may not change
// members.
func TestContactsAreForThoseWhoNeedThem(t *testing.T) {
	t.Parallel()
	c := newClub(t, onSQLite(t))
	id := c.busy("2900000000001", "Łukasz", "Żółć").String()
	paths := []string{"/console/members", "/console/members/" + id}
	for _, path := range paths {
		if page := c.get(path); !strings.Contains(page, "2900000000001@example.com") {
			t.Errorf("an owner does not see the address on %s", path)
		}
	}
	c.desk.sit("usr_analyst", auth.Analyst)
	for _, path := range paths {
		page := c.get(path)
		for _, hidden := range []string{"2900000000001@", ">2900000000001", "1990-05-31", "/adjust", "/erase", "/export"} {
			if strings.Contains(page, hidden) {
				t.Errorf("an analyst sees %q on %s", hidden, path)
			}
		}
		if !strings.Contains(page, "Łukasz") {
			t.Errorf("an analyst does not see the name on %s", path)
		}
	}
}

// TestExport gives out all that is known of a member, and keeps that somebody did.
func TestExport(t *testing.T) {
	t.Parallel()
	c := newClub(t, onSQLite(t))
	id := c.busy("2900000000001", "Łukasz", "Żółć").String()
	answer, text := fetch(t, "GET", c.server.URL+"/console/members/"+id+"/export", "")
	if !strings.Contains(answer.Header.Get("Content-Disposition"), id+".json") {
		t.Errorf("the file is %q", answer.Header.Get("Content-Disposition"))
	}
	var data app.MemberData
	if err := json.Unmarshal([]byte(text), &data); err != nil {
		t.Fatal(err)
	}
	if data.Member != id || data.Profile["given_name"] != "Łukasz" || len(data.History) != 3 || len(data.Identities) != 2 {
		t.Errorf("the file has %+v", data)
	}
	rows, err := c.Store.Audits(t.Context(), store.AuditFilter{}, 10)
	if err != nil || len(rows) == 0 || rows[0].Action != "personal.exported" || rows[0].Target != id {
		t.Errorf("the audit trail has %+v (%v)", rows, err)
	}
}

// TestErasedMembersHaveACalmPage opens the page of somebody who was erased: it says when, and
// what remains and why, and nothing of who it was.
func TestErasedMembersHaveACalmPage(t *testing.T) {
	t.Parallel()
	c := newClub(t, onSQLite(t))
	id := c.busy("2900000000001", "Łukasz", "Żółć").String()
	if _, err := c.Erase(system(), "gone", id); err != nil {
		t.Fatal(err)
	}
	for lang, says := range map[string]string{"en": "This member was erased on", "pl": "usunięto", "cs": "vymazány", "ru": "удалены"} {
		answer, text := fetch(t, "GET", c.server.URL+"/console/members/"+id, "", "Accept-Language", lang)
		if answer.StatusCode != http.StatusOK || !strings.Contains(text, says) || !strings.Contains(text, c.Journal.Now().In(time.UTC).Format("2006")) {
			t.Errorf("in %s the page is answered %d: %.1500s", lang, answer.StatusCode, text[strings.Index(text, "<main")+1:])
		}
		for _, gone := range []string{"Łukasz", "Żółć", "2900000000001"} {
			if strings.Contains(text, gone) {
				t.Errorf("in %s the page says %s", lang, gone)
			}
		}
	}
	x, err := c.ErasedMember(t.Context(), id)
	if err != nil || x.At == calendar.None || x.Purchases == 0 {
		t.Errorf("what remains is %+v, %v", x, err)
	}
	other := c.enrolled("2900000000002", "Ola", "Nowak").String()
	if _, err := c.ErasedMember(t.Context(), other); app.AsProblem(err).Code != app.CodeUnknownMember {
		t.Errorf("somebody who was not erased is %v", err)
	}
}
