package web_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"premia/internal/api"
	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/journal"
	"premia/internal/store"
	"premia/internal/testkit"
	"premia/internal/web"
	"premia/internal/web/page"
)

const workProgram = `
program: Work
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
adjustments: {alone: {points: 10}}
wallets: {points: {name: points}}
earn:
  - {id: spend, name: Points for purchases, give: {points: 1, per: 1.00}}
campaigns:
  - {id: double, name: Double points, multiply: {points: 2}, limits: {points: {in total: 100000}}}
promotions:
  - {id: tea, name: Tea, when: event.channel == "web", discount: {percent: 10, on: items}}
offers:
  - {id: cake, name: Cake week, activate: true, bonus: {points: 5}}
rewards:
  - {id: mug, name: A mug, kind: free product, sku: MUG, price: {points: 5}, fulfilment: collect}
  - {id: cash, name: Pay-out, kind: cashback, amount: 1.00, price: {points: 1}}
  - {id: tenth, name: A tenth off, kind: discount, discount: {percent: 10}, voucher: {for: bearer}, codes: {pattern: "T-########"}}
transfers: {points: {}}
families: {wallets: [points]}
gift cards: [{id: birthday, name: Birthday card}]
leaderboards:
  - {id: most, name: Most points, by: earned.points, period: calendar month}
contests:
  - {id: spring, name: Spring, until: 2026-03-20, draw: 2026-03-21 12:00, per: 10.00, claim: {within: 14d}, prizes: [{id: first, give: {points: 1}}, {id: second, winners: 2, give: {points: 1}}]}
  - {id: june, name: June, until: 2026-06-20, draw: 2026-06-21 12:00, per: 10.00, prizes: [{id: first, give: {points: 1}}]}
`

// work is a workspace with a bit of everything, and its clock.
type work struct {
	*app.App
	t      *testing.T
	clock  *testkit.Clock
	server *httptest.Server
	site   *page.Site
}

// openWork serves a program with all that the pages of work show, before anything happened.
func openWork(t *testing.T, program string, gate ...page.Gate) *work {
	t.Helper()
	w := &work{t: t, clock: testkit.NewClock(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))}
	var err error
	w.App, err = app.Open(t.Context(), app.Config{DB: "sqlite:" + t.TempDir() + "/premia.db", Migrate: true, Clock: w.clock.Now, Words: append(web.Words(), api.Words())})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	if program != "" {
		if _, err := w.Publish(system(), []byte(program), calendar.None, "test"); err != nil {
			t.Fatal(err)
		}
	}
	site, err := web.New(web.Config{App: w.App, Gate: append(gate, everybody{})[0]})
	if err != nil {
		t.Fatal(err)
	}
	w.site, w.server = site, httptest.NewServer(site)
	t.Cleanup(w.server.Close)
	return w
}

func (w *work) does(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// happens records events in JSON.
func (w *work) happens(all ...string) {
	w.t.Helper()
	for _, src := range all {
		e, err := event.Decode([]byte(src), event.Scales{Currency: 2})
		w.does(err)
		answer, err := w.Record(w.t.Context(), e)
		if err != nil || answer.Decision.Outcome.Refused() {
			w.t.Fatalf("%s: %v (%v)", src, answer.Decision, err)
		}
	}
}

// get asks for a page that must be there.
func (w *work) get(path string) string {
	w.t.Helper()
	answer, text := fetch(w.t, "GET", w.server.URL+path, "")
	if answer.StatusCode != http.StatusOK {
		w.t.Errorf("%s is answered %d: %.300s", path, answer.StatusCode, text)
	}
	return text
}

// file asks for a list as a file, and reads it.
func (w *work) file(path string) [][]string {
	w.t.Helper()
	answer, text := fetch(w.t, "GET", w.server.URL+path, "")
	if kind := answer.Header.Get("Content-Type"); kind != "text/csv; charset=utf-8" || !strings.HasPrefix(answer.Header.Get("Content-Disposition"), "attachment") {
		w.t.Errorf("%s is a %s: %.200s", path, kind, text)
		return nil
	}
	text, marked := strings.CutPrefix(text, "\uFEFF")
	if strings.Contains(path, "format=csv") && !marked { // files of codes are for machines, too
		w.t.Errorf("%s has no mark of UTF-8", path)
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) == 0 {
		w.t.Errorf("%s is no CSV: %v: %.200s", path, err, text)
		return nil
	}
	return rows[1:]
}

// members, purchases, rewards, codes, pay-outs, webhooks, users: some of each.
func (w *work) fill() {
	w.t.Helper()
	for n := range 60 {
		card := fmt.Sprint(1000 + n)
		_, err := w.Enrol(w.t.Context(), app.Change{EventID: "join-" + card, Identities: []string{"card:" + card}, Profile: map[string]string{"given_name": "Łucja", "family_name": "=cmd()"}})
		w.does(err)
		w.happens(fmt.Sprintf(`{"id":"b%s","type":"purchase","member":"card:%s","channel":"web","prices":"list","items":[{"sku":"TEA%d","name":"Tea","unit_price":"20.00"}]}`, card, card, n%3),
			fmt.Sprintf(`{"id":"r%s","type":"redemption","member":"card:%s","reward":"mug"}`, card, card),
			fmt.Sprintf(`{"id":"o%s","type":"activation","member":"card:%s","offer":"cake"}`, card, card))
		w.clock.Advance(time.Minute)
	}
	w.happens(`{"id":"h1","type":"fulfilment","redemption":"r1000","status":"handed_over"}`)
	for i, n := range []string{"1", "2", "3"} {
		_, err := w.RecordPayout(w.t.Context(), &event.Event{ID: "pay" + n, Type: event.Redemption, Member: "card:100" + n, Reward: "cash"}, app.BankAccount{IBAN: annasIBAN, Name: "Anna Nowak"})
		w.does(err)
		_, err = w.Record(w.t.Context(), &event.Event{ID: "adj" + n, Type: event.Adjustment, Member: "card:100" + n, Wallet: "points", Amount: 100, Given: event.GivenAmount, Reason: "-1+1", By: "usr_" + n})
		w.does(err)
		_, err = w.GenerateCodes(w.t.Context(), app.NewCodes{ID: "batch" + n, Reward: "tenth", Count: 5, From: calendar.Beginning, Until: calendar.Never}, nil)
		w.does(err)
		_, _, err = w.CreateKey(system(), "key "+n, "events:write", 0)
		w.does(err)
		hook, _, err := w.CreateWebhook(system(), app.NewWebhook{URL: "https://example.com/" + n})
		w.does(err)
		for range 30 {
			_, err = w.TestWebhook(system(), hook.ID, "")
			w.does(err)
		}
		_, err = w.CreatePayoutBatch(w.t.Context(), "payouts"+n)
		w.does(ignore(err, app.CodeNothingToPay))
		_, err = w.Store.Park(w.t.Context(), store.Parked{Subscriber: journal.FollowUpsName, Position: store.Position{Shard: w.Store.Shards()[0], Seq: int64(i + 1)}, Attempts: 1, Error: "error " + n, Recorded: w.Journal.Now(), Event: []byte("{}")})
		w.does(err)
	}
	link, err := w.OwnerLink(system())
	w.does(err)
	_, err = w.Accept(w.t.Context(), link[strings.LastIndex(link, "/")+1:], app.Acceptance{Email: "anna@example.com", Name: "Anna", Password: words, Language: "en"}, app.Client{Address: "192.0.2.7"})
	w.does(err)
	w.clock.Advance(20 * 24 * time.Hour)
	for _, n := range []string{"1", "2", "3"} {
		_, _, err = w.Invite(system(), app.NewInvitation{Email: n + "@example.com", Role: auth.Cashier})
		w.does(err)
	}
	_, err = w.DrawContest(w.t.Context(), "spring")
	w.does(err)
	_, err = w.CatchUpFigures(context.Background())
	w.does(err)
}

const annasIBAN = "PL61 1090 1014 0000 0712 1981 2874"

// ignore leaves out a problem that is none here.
func ignore(err error, code string) error {
	var p *app.Problem
	if errors.As(err, &p) && p.Code == code {
		return nil
	}
	return err
}

// listed is a list of the console: its page, its id there, and how many rows it has at
// least.
type listed struct {
	path, id string
	least    int
}

func (w *work) lists() []listed {
	hooks, err := w.Webhooks(system())
	w.does(err)
	return []listed{
		{path: "/console/members", id: "found", least: 60}, {path: "/console/members?q=Lucja&sort=newest", id: "found", least: 60},
		{path: "/console/adjustments", id: "adjustments", least: 3},
		{path: "/console/redemptions", id: "redemptions", least: 63}, {path: "/console/redemptions?state=ordered", id: "redemptions", least: 59}, {path: "/console/redemptions/r1000", id: "steps", least: 1},
		{path: "/console/rewards", id: "rewards", least: 3}, {path: "/console/campaigns", id: "campaigns", least: 3}, {path: "/console/prices", id: "missing", least: 3},
		{path: "/console/offers", id: "offers", least: 1}, {path: "/console/offers/cake", id: "members", least: 60},
		{path: "/console/codes", id: "codes", least: 3}, {path: "/console/contests", id: "contests", least: 2}, {path: "/console/contests/spring", id: "winners", least: 3},
		{path: "/console/leaderboards", id: "leaderboards", least: 1}, {path: "/console/leaderboards/most", id: "places", least: 10},
		{path: "/console/payouts", id: "payouts", least: 3}, {path: "/console/payouts/payouts1", id: "payments", least: 1},
		{path: "/console/webhooks", id: "webhooks", least: 3}, {path: "/console/webhooks/" + hooks[0].ID, id: "deliveries", least: 30},
		{path: "/console/upkeep", id: "parked", least: 3}, {path: "/console/program", id: "versions", least: 1},
		{path: "/console/users", id: "users", least: 1}, {path: "/console/users", id: "invitations", least: 3}, {path: "/console/keys", id: "keys", least: 3},
	}
}

var (
	sortLinks = regexp.MustCompile(`<a href="([^"]*)" data-sort="([^"]*)"`)
	selects   = regexp.MustCompile(`(?s)<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>`)
	options   = regexp.MustCompile(`<option value="([^"]+)"`)
	nextLink  = regexp.MustCompile(`rel="next" href="([^"]*)"`)
	fileLink  = regexp.MustCompile(`<a class="btn btn-sm" href="([^"]*)"[^>]*>(?:<svg[^>]*><use[^>]*></use></svg>)? ?CSV`)
	totals    = regexp.MustCompile(`data-total="(\d+)"`)
)

// part cuts a list out of its page.
func part(text, id string) string {
	at := strings.Index(text, ` id="`+id+`"`)
	if at < 0 {
		return ""
	}
	own, others, _ := strings.Cut(text[at:], ` data-total="`)
	rest, _, _ := strings.Cut(others, ` data-total="`)
	if others == "" {
		return own
	}
	return own + ` data-total="` + rest
}

// TestEveryListSortsFiltersAndExports walks the lists of the console: each has a file with
// as many rows as the list says, or as its pages have, each order is another one of the
// same rows, and each filter leaves some of them.
func TestEveryListSortsFiltersAndExports(t *testing.T) {
	t.Parallel()
	w := openWork(t, workProgram)
	w.fill()
	for _, l := range w.lists() {
		t.Run(l.path+" "+l.id, func(t *testing.T) {
			v := *w
			v.t = t
			v.walk(l)
		})
	}
	t.Run("all members", func(t *testing.T) {
		v := *w
		v.t = t
		v.browses()
	})
}

func (w *work) walk(l listed) {
	text := part(w.get(l.path), l.id)
	if text == "" {
		w.t.Fatalf("%s has no list %s", l.path, l.id)
	}
	link := fileLink.FindStringSubmatch(text)
	if link == nil || !strings.Contains(text, `data-do="print"`) {
		w.t.Fatalf("%s can't be exported or printed: %.1500s", l.path, text)
	}
	rows := w.file(html.UnescapeString(link[1]))
	total := len(rows)
	if said := totals.FindStringSubmatch(text); said != nil && l.id != "found" {
		total, _ = strconv.Atoi(said[1])
	} else if l.id != "found" {
		total = w.count(l)
	}
	if len(rows) != total || total < l.least {
		w.t.Errorf("%s says %d rows, its file has %d, want at least %d", l.path, total, len(rows), l.least)
	}
	for _, row := range rows {
		if slices.ContainsFunc(row, func(cell string) bool { return strings.HasPrefix(cell, "=") || strings.HasPrefix(cell, "@") }) {
			w.t.Errorf("a spreadsheet would reckon with %q", row)
		}
	}
	w.orders(l, text, rows)
	w.filters(l, text, len(rows))
	if strings.Contains(text, `name="q"`) && l.id != "found" {
		empty := w.get(with(l.path, "q=nobody-has-this&list="+asked(l)))
		if !strings.Contains(empty, "nobody-has-this") || !strings.Contains(part(empty, l.id), "Show all") {
			w.t.Errorf("%s finds what is not there", l.path)
		}
	}
}

// asked is the list that an address asks for: none for the first of its page.
func asked(l listed) string {
	if l.id == "invitations" {
		return l.id
	}
	return ""
}

// with adds to the query of an address.
func with(path, query string) string {
	if strings.Contains(path, "?") {
		return path + "&" + query
	}
	return path + "?" + query
}

// count adds up the rows of all pages of a list.
func (w *work) count(l listed) int {
	n, path := 0, l.path
	for range 100 {
		text := part(w.get(path), l.id)
		_, body, _ := strings.Cut(text, "<tbody>")
		body, _, _ = strings.Cut(body, "</tbody>")
		n += strings.Count(body, "<tr>")
		next := nextLink.FindStringSubmatch(text)
		if next == nil {
			break
		}
		path = html.UnescapeString(next[1])
	}
	return n
}

// orders sorts a list by each column, up and down.
func (w *work) orders(l listed, text string, rows [][]string) {
	links := sortLinks.FindAllStringSubmatch(text, -1)
	if len(links) == 0 && l.id != "found" {
		w.t.Errorf("%s can't be sorted", l.path)
	}
	for _, link := range links {
		up := html.UnescapeString(link[1])
		again := part(w.get(up), l.id)
		other := ""
		for _, one := range sortLinks.FindAllStringSubmatch(again, -1) {
			if one[2] == link[2] {
				other = html.UnescapeString(one[1])
			}
		}
		if other == "" || other == up {
			w.t.Errorf("%s can't be sorted the other way round", up)
			continue
		}
		first, second := w.file(with(up, "format=csv")), w.file(with(other, "format=csv"))
		if len(first) != len(rows) || len(second) != len(rows) {
			w.t.Errorf("%s has %d rows and %d, not %d", up, len(first), len(second), len(rows))
		}
		if len(rows) > 1 && slices.EqualFunc(first, second, slices.Equal[[]string]) && !oneOrder(first) {
			w.t.Errorf("%s is in the same order as %s", up, other)
		}
	}
}

// oneOrder tells whether a column is the same in all rows, so that both orders may be one.
func oneOrder(rows [][]string) bool {
	for at := range rows[0] {
		if !slices.ContainsFunc(rows, func(r []string) bool { return r[at] != rows[0][at] }) {
			return true
		}
	}
	return false
}

// filters narrows a list to each value of each filter.
func (w *work) filters(l listed, text string, all int) {
	if l.id == "found" {
		text = w.get(l.path)
	}
	for _, choice := range selects.FindAllStringSubmatch(text, -1) {
		if choice[1] == "lang" || choice[1] == "sort" {
			continue
		}
		sum := 0
		for _, option := range options.FindAllStringSubmatch(choice[2], -1) {
			query := choice[1] + "=" + url.QueryEscape(html.UnescapeString(option[1])) + "&format=csv"
			n := len(w.file(with(l.path, query)))
			sum += n
		}
		if sum != all {
			w.t.Errorf("%s narrowed by %s has %d rows in all, not %d", l.path, choice[1], sum, all)
		}
	}
}

// TestEmptyListsTeach opens every page of the console where nothing happened yet: what is
// empty says what it is for, or what to do.
func TestEmptyListsTeach(t *testing.T) {
	t.Parallel()
	empty := 0
	for _, program := range []string{"", emptyProgram} {
		w := openWork(t, program)
		for _, route := range w.site.Routes() {
			path, isPage := strings.CutPrefix(route.Pattern, "GET ")
			if !isPage || strings.Contains(path, "{") || !strings.HasPrefix(path, "/console/") || route.Need == page.Anyone {
				continue
			}
			_, text := fetch(t, "GET", w.server.URL+path, "", "Accept-Language", "en")
			if !strings.Contains(text, "empty-title") {
				continue
			}
			empty++
			if !strings.Contains(text, "empty-action") && !strings.Contains(text, "empty-subtitle") && !strings.Contains(text, `<p class="text-secondary">`) && !strings.Contains(text, "btn-primary") {
				t.Errorf("%s is empty and says nothing of what to do", path)
			}
		}
	}
	if empty < 10 {
		t.Errorf("only %d pages were empty", empty)
	}
}

const emptyProgram = "program: Empty\ncurrency: PLN\ntimezone: Europe/Warsaw\nlanguages: [en]\nwallets: {points: {name: points}}\n"
