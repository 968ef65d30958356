package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"premia/internal/api"
	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/testkit"
	"premia/internal/testkit/postgres"
)

// document is the program of these tests; the policy for unknown buyers differs.
const document = `
program: Test
currency: PLN
timezone: Europe/Warsaw
languages: [en, pl]
enrolment: {unknown: %s, claim within: 30d}
events:
  review: {fields: {stars: {type: whole, required: true}, text: text}}
wallets:
  points: {name: {en: points, pl: punkty}, expires: 12mo, debt: forbid, worth: 0.01}
earn:
  - {id: spend, name: {en: points for shopping, pl: punkty za zakupy}, give: {points: 1, per: 1.00}}
  - {id: welcome, on: enrolment, give: {points: 10}}
  - {id: review, on: review, when: event.data.stars >= 1, give: {points: 5}}
rewards:
  - id: espresso
    name: {en: an espresso, pl: espresso}
    description: {en: short and black, pl: krótkie i czarne}
    picture: {url: /espresso.png, alt: {en: a cup, pl: filiżanka}}
    kind: free product
    sku: ESP
    price: {points: 10}
    hold: 15m
    fulfilment: collect
    refund: {within: 2d}
    worth: 9.00
  - {id: last, name: the last one, kind: free product, sku: L, price: {points: 1}, stock: 1}
  - {id: once, name: once, kind: service, where: here, price: {points: 1}, limits: {each member: 1}}
  - {id: dear, name: {en: a machine, pl: ekspres}, kind: free product, sku: M, price: {points: 1000, money: 50.00}}
  - {id: spring, name: spring, kind: discount, discount: {percent: 10}, codes: {pattern: "SPRING-######"}}
  - {id: gift, name: {en: a gift card, pl: karta podarunkowa}, kind: gift card, card: birthday, amount: 20, price: {points: 10}, refund: {within: 2d}}
  - {id: cash, name: {en: a pay-out, pl: wypłata}, kind: cashback, amount: 0.10, least: 0.50, price: {points: 1}, refund: {}}
gift cards:
  - {id: birthday, name: {en: Birthday card, pl: Karta urodzinowa}, most: 500, expires: 12mo, into: points, top up: true, refund: {within: 30d}}
  - {id: travel, name: {en: Travel card, pl: Karta podróżna}, currency: EUR}
transfers:
  points: {least: 2, each day: 60}
families: {wallets: [points]}
offer groups:
  weekly: {name: {en: Coupons, pl: Kupony}, choose: 3, each: week}
offers:
  - {id: bread, name: {en: Bread, pl: Pieczywo}, on: review, group: weekly, bonus: {points: 1}}
  - {id: milk, on: review, group: weekly, give up: true, bonus: {points: 1}}
  - {id: fruit, on: review, group: weekly, bonus: {points: 1}}
  - {id: jam, on: review, group: weekly, bonus: {points: 1}}
  - {id: tea, on: review, group: weekly, bonus: {points: 1}}
  - {id: birthday-cake, name: {en: Cake, pl: Tort}, on: review, personal: true, bonus: {points: 2}}
choices:
  - id: category
    name: {en: More for, pl: Więcej za}
    on: review
    each: month
    options: {bread: {name: bread, items: item.category == "bread"}, milk: {name: milk, items: item.category == "milk"}}
    bonus: {points: 1}
badges:
  guest: {name: {en: Guest, pl: Gość}, picture: {url: /guest.png, alt: {en: a chair, pl: krzesło}}}
stamp cards:
  - id: teas
    name: {en: Teas, pl: Herbaty}
    items: item.category == "tea"
    unit: {en: {one: tea, other: teas}, pl: {one: herbata, few: herbaty, many: herbat, other: herbaty}}
    full: 3
    give: {points: 7}
    badge: guest
adjustments: {alone: {points: 500}}
`

var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// fixture is a server on a fresh database.
type fixture struct {
	t      testing.TB
	app    *app.App
	server *api.Server
	clock  *testkit.Clock
	key    string
}

// onEach runs a test on a fresh database of each kind.
func onEach(t *testing.T, policy string, test func(t *testing.T, f *fixture)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, open(t, sqlite(t), policy))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, open(t, postgres.New(t), policy))
	})
}

func sqlite(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "premia.db") }

// open makes a server with a program, or with none where the policy is empty.
func open(t testing.TB, url, policy string) *fixture {
	t.Helper()
	ctx := context.Background()
	f := &fixture{t: t, clock: testkit.NewClock(start)}
	metrics := api.NewMetrics()
	var err error
	f.app, err = app.Open(ctx, app.Config{
		DB: url, Migrate: true, Clock: f.clock.Now, Observer: metrics, OldestEvent: 366 * 24 * time.Hour, Words: []fs.FS{api.Words()},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.app.Close() })
	if policy != "" {
		if _, err := f.app.Publish(ctx, []byte(fmt.Sprintf(document, policy)), calendar.None, "the first"); err != nil {
			t.Fatal(err)
		}
	}
	f.server = api.New(api.Config{App: f.app, Metrics: metrics, Clock: f.clock.Now, Version: "1.2.3", Unaudited: f.unaudited})
	f.key = f.newKey(string(auth.Admin))
	return f
}

// unaudited fails every test in which something is done that is to be in the audit trail
// and is not.
func (f *fixture) unaudited(operation string) {
	f.t.Errorf("%s did something and told the audit trail nothing, or acts.go does not say what it tells", operation)
}

func (f *fixture) newKey(scopes string) string {
	f.t.Helper()
	secret, _, err := f.app.CreateKey(app.WithActor(context.Background(), auth.System("test")), "test", scopes, 0)
	if err != nil {
		f.t.Fatal(err)
	}
	return secret
}

// request sends a request with the fixture's key; headers are names and values.
func (f *fixture) request(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Authorization", "Bearer "+f.key)
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i+1] == "" {
			r.Header.Del(headers[i])
			continue
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	f.server.ServeHTTP(w, r)
	return w
}

// must sends a request that is to be answered with the status, and reads the
// answer into a value of type T.
func must[T any](f *fixture, status int, method, path, body string, headers ...string) T {
	f.t.Helper()
	w := f.request(method, path, body, headers...)
	var out T
	if w.Code != status {
		f.t.Fatalf("%s %s: %d %s, want %d", method, path, w.Code, w.Body, status)
	}
	d := json.NewDecoder(bytes.NewReader(w.Body.Bytes()))
	d.DisallowUnknownFields()
	if w.Body.Len() > 0 {
		if err := d.Decode(&out); err != nil {
			f.t.Fatalf("%s %s: %v in %s", method, path, err, w.Body)
		}
	}
	return out
}

// record reads an answer whose event is of no concern.
type record struct {
	api.EventAnswer
	Event json.RawMessage `json:"event"`
}

func (f *fixture) balance(member string) string {
	f.t.Helper()
	return must[api.Wallets](f, http.StatusOK, http.MethodGet, "/v1/members/"+member+"/wallets", "").Wallets[0].Balance
}

// problem sends a request that is to be refused with the code.
func (f *fixture) problem(status int, code, method, path, body string, headers ...string) api.Problem {
	f.t.Helper()
	p := must[api.Problem](f, status, method, path, body, headers...)
	if p.Code != code || p.Status != status || p.Title == "" || strings.Contains(p.Title, "⟦") || p.Type != "urn:premia:problem:"+code {
		f.t.Errorf("%s %s: %+v, want the code %s", method, path, p, code)
	}
	return p
}
