package main

import (
	"context"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"premia/internal/api"
	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/journal"
	"premia/internal/store"
	"premia/internal/web"
	"premia/internal/web/page"
)

// people is how many members there are while the console's pages are measured.
const people = 1_000_000

// The names that people have: a given name is some ten thousand's, a family name some
// hundreds'.
var (
	givenNames  = []string{"Łukasz", "Anna", "Tomáš", "Артём", "Katarzyna", "Jiří", "Мария", "Paweł", "Žofie", "Дмитрий", "Agnieszka", "Petr", "Ольга", "Michał", "Lucie", "Сергей"}
	familyStems = []string{"Nowak", "Dvořák", "Иванов", "Wiśniewsk", "Svobod", "Петров", "Żółć", "Novotn", "Фёдоров", "Zieliń", "Procházk", "Кузнецов"}
	familyEnds  = []string{"a", "i", "ová", "ski", "ich", "ek", "ina", "enko", "ák", "owicz"}
)

func givenName(n int) string { return givenNames[n%len(givenNames)] }

func familyName(n int) string {
	n = n * 7919 % people
	return familyStems[n%len(familyStems)] + familyEnds[n/12%len(familyEnds)] + string(rune('a'+n/120%26))
}

func cardOf(n int) string { return strconv.Itoa(2_900_000_000_000 + n) }

// seedPeople writes members with one open lot each and with names, cards and phones.
func seedPeople(ctx context.Context, url string, n int) error {
	if err := seedMembers(ctx, url, n); err != nil {
		return err
	}
	db, err := store.Open(ctx, url, store.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	now := calendar.Of(time.Now())
	for at := 0; at < n; at += 5_000 {
		w := store.Writes{}
		for i := at; i < min(at+5_000, n); i++ {
			for _, v := range [...][3]string{
				{store.Profile, "given_name", givenName(i)}, {store.Profile, "family_name", familyName(i)},
				{store.Identity, app.Card, cardOf(i)}, {store.Identity, app.Phone, "+48" + strconv.Itoa(600_000_000+i)},
			} {
				w.Personal = append(w.Personal, store.Personal{Member: numbered(i), Kind: v[0], Name: v[1], Value: v[2], Salt: []byte(strconv.Itoa(i)), Recorded: now})
			}
		}
		if err := db.Batch(ctx, db.Shards(), func(tx *store.Batch) error { return tx.Write(ctx, &w) }); err != nil {
			return fmt.Errorf("seed names: %w", err)
		}
	}
	return db.Analyze(ctx)
}

// busyProgram is a program with what the console has pages for.
const busyProgram = `
program: Bench
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets:
  points: {name: {en: points}, expires: {after: 12mo, at: end of month}}
adjustments: {alone: {points: 100}}
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
campaigns:
  - {id: app, when: event.channel == "app", multiply: {points: 2}}
` + rewards + manyGoals

// What happened before the pages are measured, all to the first two thousand members.
const (
	busyMembers     = 2_000
	busyPurchases   = 50_000
	busyRedemptions = 20_000
	busyAdjustments = 1_000 // that wait for a second person
	longHistory     = 2_000 // further purchases of the first member
)

// seedHistory gives members a past, so that the lists of the console are long.
func seedHistory(ctx context.Context, a *app.App) error {
	w := newWindow(2_048)
	send := func(n int, e *event.Event) error {
		return w.submit(ctx, a.Journal, journal.Request{Event: e, Member: numbered(n % busyMembers)})
	}
	for n := range busyPurchases {
		if err := send(n*7919, purchaseOf("p", n)); err != nil {
			return err
		}
	}
	for n := range longHistory {
		if err := send(0, purchaseOf("long", n)); err != nil {
			return err
		}
	}
	for n := range busyRedemptions {
		if err := send(n*7919, &event.Event{ID: "r" + strconv.Itoa(n), Type: event.Redemption, Reward: "hot"}); err != nil {
			return err
		}
	}
	for n := range busyAdjustments {
		if err := send(n*7919, &event.Event{ID: "a" + strconv.Itoa(n), Type: event.Adjustment, Wallet: "points", Amount: 500, Reason: "a parcel that came late"}); err != nil {
			return err
		}
	}
	return w.wait(ctx)
}

// rowMembers: how long the console takes to find members among a million while
// somebody types, and to show each of its pages to an owner who has signed in, by HTTP.
func rowMembers(ctx context.Context, b *bench, database string) error {
	address, err := b.fresh(ctx, database)
	if err != nil {
		return err
	}
	if err := seedPeople(ctx, address, people); err != nil {
		return err
	}
	a, err := app.Open(ctx, app.Config{DB: address, Words: append(web.Words(), api.Words())})
	if err != nil {
		return err
	}
	defer a.Close()
	if _, err := a.Journal.Publish(ctx, []byte(busyProgram), calendar.None, ""); err != nil {
		return err
	}
	if err := seedHistory(ctx, a); err != nil {
		return fmt.Errorf("seed a history: %w", err)
	}
	if _, err := a.CatchUpFigures(ctx); err != nil {
		return err
	}
	return withConsole(ctx, a, func(v *visitor) error {
		for _, one := range [...]struct {
			what string
			path func(n int) string
		}{
			{"a name typed in the console", func(n int) string {
				return "/members?q=" + url.QueryEscape(prefix(givenName(n), 3)+" "+prefix(familyName(n), 5))
			}},
			{"  a given name alone", func(n int) string { return "/members?q=" + url.QueryEscape(givenName(n)) }},
			{"  two words that many have and nobody both", func(int) string { return "/members?q=" + url.QueryEscape("anna lukasz") }},
			{"  two and three letters of two words", func(n int) string {
				return "/members?q=" + url.QueryEscape(prefix(familyName(n), 2)+" "+prefix(givenName(n), 3))
			}},
			{"  three words of a letter each, which nobody has", func(n int) string {
				return "/members?q=" + url.QueryEscape([]string{"z p m", "d p a", "z m n"}[n%3])
			}},
			{"  a name and a number that everybody has", func(n int) string { return "/members?q=" + url.QueryEscape(givenName(n)+" 48") }},
			{"  a name and the beginning of a phone, of ten thousand", func(n int) string {
				return "/members?q=" + url.QueryEscape(givenName(n)+" "+strconv.Itoa(600_000_000 + n)[:5])
			}},
			{"  the beginning of a card", func(n int) string { return "/members?q=" + cardOf(n)[:11] }},
			{"  a phone as it is dialled", func(n int) string { return "/members?q=" + strconv.Itoa(600_000_000+n) }},
			{"a member's page", func(n int) string { return "/members/" + ledger.MemberID(numbered(n)).String() }},
		} {
			took, err := v.timed(1_000, func(i int) string { return "/console" + one.path(i*104_729%people) })
			if err != nil {
				return err
			}
			slices.Sort(took)
			print(one.what+", a million, p50, "+database, millis(took[len(took)/2]), "", 0)
			print("  p99", millis(took[len(took)*99/100]), "", 0)
		}
		return v.eachPage(database)
	})
}

// withConsole serves the site of a workspace and has its owner sign in.
func withConsole(ctx context.Context, a *app.App, do func(*visitor) error) error {
	site, err := web.New(web.Config{App: a, Gate: web.Gate{App: a}})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: site, ReadHeaderTimeout: time.Minute}
	go server.Serve(listener)
	defer server.Close()
	link, err := a.OwnerLink(app.WithActor(ctx, auth.System("bench")))
	if err != nil {
		return err
	}
	in, err := a.Accept(ctx, link[strings.LastIndex(link, "/")+1:], app.Acceptance{Email: "owner@example.com", Name: "Bench", Password: "quite a long password"}, app.Client{})
	if err != nil {
		return err
	}
	routes := http.NewServeMux()
	for _, route := range site.Routes() {
		routes.HandleFunc(route.Pattern, http.NotFound)
	}
	return do(&visitor{"http://" + listener.Addr().String(), in.Token, routes})
}

// visitor is somebody who has signed in.
type visitor struct {
	base, session string
	routes        *http.ServeMux
}

// get asks for a page, and tells whether it is one: others are files and addresses that
// lead on.
func (v *visitor) get(path string) (text []byte, isPage bool, err error) {
	request, err := http.NewRequest(http.MethodGet, v.base+path, nil)
	if err != nil {
		return nil, false, err
	}
	request.AddCookie(&http.Cookie{Name: page.SessionCookie(false), Value: v.session})
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return nil, false, err
	}
	defer answer.Body.Close()
	text, err = io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("%s was answered %d", path, answer.StatusCode)
	}
	return text, answer.StatusCode == http.StatusOK && strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html"), err
}

// timed gives how long each of so many pages took, one after the other.
func (v *visitor) timed(pages int, path func(n int) string) ([]time.Duration, error) {
	took := make([]time.Duration, 0, pages)
	for i := range pages {
		began := time.Now()
		if _, _, err := v.get(path(i)); err != nil {
			return nil, err
		}
		took = append(took, time.Since(began))
	}
	return took, nil
}

var leads = regexp.MustCompile(`\b(?:href|hx-get)="(/console[^"#]*)`)

// pages follows the console's links, and gives at most so many addresses of each route.
func (v *visitor) pages(alike int) ([]string, error) {
	var found []string
	known, routes := map[string]bool{}, map[string]int{}
	for queue := []string{"/console", "/console/members/" + ledger.MemberID(numbered(0)).String()}; len(queue) > 0; queue = queue[1:] {
		path := queue[0]
		_, pattern := v.routes.Handler(&http.Request{Method: http.MethodGet, URL: &url.URL{Path: strings.Split(path, "?")[0]}})
		if known[path] || pattern == "" || routes[pattern] == alike {
			continue
		}
		known[path] = true
		text, isPage, err := v.get(path)
		if err != nil {
			return nil, err
		}
		if !isPage {
			continue
		}
		routes[pattern]++
		found = append(found, path)
		for _, link := range leads.FindAllSubmatch(text, -1) {
			queue = append(queue, html.UnescapeString(string(link[1])))
		}
	}
	return found, nil
}

// eachPage measures every page of the console that links lead to.
func (v *visitor) eachPage(database string) error {
	const turns, alike = 40, 3
	paths, err := v.pages(alike)
	if err != nil {
		return err
	}
	took, err := v.timed(turns*len(paths), func(n int) string { return paths[n%len(paths)] })
	if err != nil {
		return err
	}
	slowest, which := time.Duration(0), ""
	for i, path := range paths { // a page's median, so that one pause is not taken for a slow page
		var own []time.Duration
		for n := i; n < len(took); n += len(paths) {
			own = append(own, took[n])
		}
		if slices.Sort(own); own[len(own)/2] > slowest {
			slowest, which = own[len(own)/2], path
		}
	}
	slices.Sort(took)
	print(fmt.Sprintf("%d pages of the console, a million, p50, %s", len(paths), database), millis(took[len(took)/2]), "", 0)
	print("  p99", millis(took[len(took)*99/100]), "", 0)
	print("  the slowest, p50: "+which, millis(slowest), "", 0)
	return nil
}

// prefix is the beginning of a name, in letters.
func prefix(s string, letters int) string {
	all := []rune(s)
	return string(all[:min(letters, len(all))])
}
