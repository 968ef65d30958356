package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"premia/internal/api"
	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
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

// owners is a gate that lets every visitor in as an owner.
type owners struct{}

func (owners) Visitor(*http.Request) (page.Visitor, error) {
	return page.Visitor{UserID: "usr_bench", Name: "bench", Role: string(auth.Owner), Proved: true, May: func(string) bool { return true }}, nil
}

// rowMembers: how long the console takes to find members among a million while
// somebody types, and to show one, by HTTP.
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
	if _, err := a.Journal.Publish(ctx, []byte(program), calendar.None, ""); err != nil {
		return err
	}
	site, err := web.New(web.Config{App: a, Gate: owners{}})
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
	if _, err := a.CatchUpFigures(ctx); err != nil {
		return err
	}
	base := "http://" + listener.Addr().String() + "/console"
	for _, one := range [...]struct {
		what string
		path func(n int) string
	}{
		{"a name typed in the console", func(n int) string {
			return "/members?q=" + url.QueryEscape(prefix(givenName(n), 3)+" "+prefix(familyName(n), 5))
		}},
		{"  a given name alone", func(n int) string { return "/members?q=" + url.QueryEscape(givenName(n)) }},
		{"  the beginning of a card", func(n int) string { return "/members?q=" + cardOf(n)[:11] }},
		{"  a phone as it is dialled", func(n int) string { return "/members?q=" + strconv.Itoa(600_000_000+n) }},
		{"a member's page", func(n int) string { return "/members/" + ledger.MemberID(numbered(n)).String() }},
		{"the other pages of the console, in turn", func(n int) string { return consolePages[n%len(consolePages)] }},
	} {
		took, err := timed(base, one.path)
		if err != nil {
			return err
		}
		print(one.what+", a million, p50, "+database, millis(took[len(took)/2]), "", 0)
		print("  p99", millis(took[len(took)*99/100]), "", 0)
	}
	return nil
}

// consolePages are the pages of the console that are not about one thing.
var consolePages = []string{
	"", "/live", "/charts", "/members", "/adjustments", "/program", "/redemptions", "/rewards", "/campaigns", "/codes", "/contests",
	"/leaderboards", "/payouts", "/webhooks", "/settings", "/upkeep", "/users", "/keys", "/audit",
}

// prefix is the beginning of a name, in letters.
func prefix(s string, letters int) string {
	all := []rune(s)
	return string(all[:min(letters, len(all))])
}

// timed asks for a thousand pages one after the other, and gives how long each took, the
// quickest first.
func timed(base string, path func(n int) string) ([]time.Duration, error) {
	const pages = 1_000
	took := make([]time.Duration, 0, pages)
	for i := range pages {
		request, err := http.NewRequest(http.MethodGet, base+path(i*104_729%people), nil)
		if err != nil {
			return nil, err
		}
		request.Header.Set("HX-Request", "true")
		began := time.Now()
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			return nil, err
		}
		_, err = io.Copy(io.Discard, answer.Body)
		took = append(took, time.Since(began))
		answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%s was answered %d (%v)", request.URL, answer.StatusCode, err)
		}
	}
	slices.Sort(took)
	return took, nil
}
