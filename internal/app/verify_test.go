package app_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/member"
	"premia/internal/core/mechanic/merge"
	"premia/internal/journal"
	"premia/internal/store"
	"premia/internal/testkit"
	"premia/internal/testkit/postgres"
)

// historyProgram has all that verify looks at: pending value, a budget that is
// reached, debts and claims.
const historyProgram = `
program: History
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol, claim within: 30d}
wallets:
  points: {name: {en: points}, pending: 2d, expires: 12mo, debt: carry}
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
  - {id: welcome, on: enrolment, give: {points: 10}}
campaigns:
  - {id: app, when: event.channel == "app", multiply: {points: 2}, limits: {points: {in total: 70}}}
`

// history is a workspace with a little of everything in it.
type history struct {
	*app.App
	t     testing.TB
	url   string
	clock *testkit.Clock
	cards []ledger.MemberID
}

// onBoth runs a test on a fresh database of each kind, the second with several
// shards.
func onBoth(t *testing.T, test func(t *testing.T, url string)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, "sqlite:"+filepath.Join(t.TempDir(), "premia.db"))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		url := postgres.New(t)
		openStore(t, url, store.Options{Migrate: true, Shards: 5})
		test(t, url)
	})
}

func newHistory(t testing.TB, url string) *history {
	t.Helper()
	h := &history{t: t, url: url, clock: testkit.NewClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))}
	var err error
	h.App, err = app.Open(t.Context(), app.Config{DB: url, Migrate: true, Clock: h.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	h.publish(historyProgram)
	for n := range 12 {
		h.cards = append(h.cards, h.append(h.purchase(n, "10.00", "app")).Member)
		if n%4 == 3 {
			h.clock.Advance(time.Minute) // the others are recorded at one instant
		}
	}
	h.publish(strings.Replace(historyProgram, "points: 1, per", "points: 3, per", 1))
	for n := range 12 {
		h.append(h.purchase(n, strconv.Itoa(n+1)+".50", "shop"))
	}
	h.people()
	keepCodes(t, h)
	keepPrices(t, h)
	h.clock.Advance(72 * time.Hour)
	if _, err := h.Journal.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h
}

// people adjusts, claims, merges, erases: what is not a member's purchase.
func (h *history) people() {
	text := func(name, value string) event.Datum { return event.Datum{Name: name, Kind: event.Text, Text: value} }
	h.append(journal.Request{Member: h.cards[0], Event: &event.Event{ID: "a1", Type: event.Adjustment, Wallet: "points", Amount: -500, Reason: "mistake", Given: event.GivenAmount}})
	guest := h.purchase(100, "40.00", "shop")
	guest.Identity, guest.Unknown, guest.Event.Order = journal.Identity{}, engine.GuestUnknown, "G-1"
	h.append(guest)
	h.append(journal.Request{Member: h.cards[1], Event: &event.Event{ID: "c1", Type: event.Claim, Order: "G-1"}})
	h.append(journal.Request{Member: h.cards[2], Event: &event.Event{ID: "p1", Type: event.Profile, Data: []event.Datum{text("city", "Kraków")}},
		Personal: []store.Personal{{Kind: store.Profile, Name: "given_name", Value: "Anna Maria"}, {Kind: store.Identity, Name: "phone", Value: "+48600100200"}, {Kind: store.Identity, Name: "phone", Value: "+48600100201"}},
		Bind:     []journal.Identity{{Kind: "phone", Value: "+48600100200"}, {Kind: "phone", Value: "+48600100201"}}})
	h.append(h.merge("m1", h.cards[3], h.cards[4]))
	if _, err := h.Journal.Deliver(h.t.Context(), journal.FollowUps{Journal: h.Journal}); err != nil {
		h.t.Fatal(err)
	}
	// The card of the member who is gone comes among the other's personal values.
	h.append(journal.Request{Member: h.cards[4], Event: &event.Event{ID: "p2", Type: event.Profile},
		Personal: []store.Personal{{Kind: store.Identity, Name: "card", Value: "3"}}})
	h.clock.Advance(time.Minute)
	h.append(h.merge("m2", h.cards[5], h.cards[6])) // stays on its way
	h.append(journal.Request{Member: h.cards[7], Event: &event.Event{ID: "x1", Type: event.Profile, Data: []event.Datum{{Name: member.Erased, Kind: event.Truth, Whole: 1}}},
		Forget: []store.PersonalKey{{}}, Unbind: []journal.Identity{{Kind: "card", Value: "7"}}})
}

func (h *history) publish(document string) {
	h.t.Helper()
	if _, err := h.Journal.Publish(h.t.Context(), []byte(document), calendar.None, ""); err != nil {
		h.t.Fatal(err)
	}
}

func (h *history) append(r journal.Request) journal.Answer {
	h.t.Helper()
	a, err := h.Journal.Append(h.t.Context(), r)
	if err != nil {
		h.t.Fatal(err)
	}
	return a
}

// purchase is one of the n-th card.
func (h *history) purchase(n int, total, channel string) journal.Request {
	card := strconv.Itoa(n)
	id := channel + "-" + card
	e, err := event.Decode(fmt.Appendf(nil, `{"id":%q,"type":"purchase","order":"O-%s","channel":%q,"total":%q}`, id, id, channel, total), event.Scales{Currency: 2})
	if err != nil {
		h.t.Fatal(err)
	}
	if err := e.Check("PLN", 2); err != nil {
		h.t.Fatal(err)
	}
	return journal.Request{Event: e, Identity: journal.Identity{Kind: "card", Value: card}, Unknown: engine.EnrolUnknown}
}

func (h *history) merge(id string, from, into ledger.MemberID) journal.Request {
	return journal.Request{Member: from, Event: &event.Event{ID: id, Type: event.Merge,
		Data: []event.Datum{{Name: merge.Into, Kind: event.Whole, Whole: int64(into)}}}}
}

func verify(t testing.TB, s *store.Store, o app.VerifyOptions) *app.Verification {
	t.Helper()
	v, err := app.Verify(context.Background(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func wantHealthy(t testing.TB, s *store.Store) *app.Verification {
	t.Helper()
	v := verify(t, s, app.VerifyOptions{})
	if v.Difference != nil {
		t.Fatalf("a healthy database: %v", v.Difference)
	}
	return v
}

func TestVerifyPasses(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := newHistory(t, url)
		v := wantHealthy(t, h.Store)
		counts, err := h.Store.Counts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if v.Entries != counts.Entries || v.Replayed != v.Entries || v.Rederived != 0 || v.Members != 12 || v.Guests != 1 {
			t.Errorf("%+v, want all of %+v replayed, 12 members and one event of a guest", v, counts)
		}
		if v.Postings != counts.Postings || v.Keys != counts.Keys || v.Personal != 15 || v.Forgotten != 1 {
			t.Errorf("%+v, want %+v, 15 personal values and one that is forgotten", v, counts)
		}
		if v.FollowUps != 2 || v.Undelivered != 1 || v.Quotas != 1 {
			t.Errorf("%+v, want two follow-ups, one on its way, and one quota", v)
		}
	})
}

// TestVerifyKnowsWhyValuesAreGone changes and removes personal values, and loses
// one that was set again.
func TestVerifyKnowsWhyValuesAreGone(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := newHistory(t, url)
		before := wantHealthy(t, h.Store)
		for _, value := range []string{"Anna", "Hanna", "", "Joanna"} {
			if _, err := h.Change(t.Context(), "card:8", app.Change{Profile: map[string]string{"given_name": value}}); err != nil {
				t.Fatal(err)
			}
		}
		if v := wantHealthy(t, h.Store); v.Forgotten != before.Forgotten+2 {
			t.Errorf("%d values are forgotten, want 2 more than %d", v.Forgotten, before.Forgotten)
		}
		run(t, rawDatabase(t, url), `DELETE FROM personal WHERE value = 'Joanna'`)
		if d := verify(t, h.Store, app.VerifyOptions{}).Difference; d == nil || !strings.Contains(d.Error(), "personal value (profile given_name)") {
			t.Errorf("verify says %v, want the lost name", d)
		}
	})
}

// TestVerifyBesideWriters verifies again and again while events come in.
func TestVerifyBesideWriters(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := newHistory(t, url)
		feed := h.Journal.Subscribe(t.Context(), journal.FollowUps{Journal: h.Journal})
		defer feed.Stop()
		done := make(chan struct{})
		var writers sync.WaitGroup
		writers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				r := h.purchase(200+n, "5.00", "app")
				if n%10 == 9 {
					r = h.merge("late-"+strconv.Itoa(n), h.findCard(200+n-1), h.findCard(200+n-2))
				}
				if _, err := h.Journal.Append(context.Background(), r); err != nil {
					t.Errorf("event %d: %v", n, err)
					return
				}
			}
		})
		before := int64(0)
		for range 4 {
			v := wantHealthy(t, h.Store)
			if v.Entries < before {
				t.Errorf("%d entries after %d", v.Entries, before)
			}
			before = v.Entries
		}
		close(done)
		writers.Wait()
	})
}

func (h *history) findCard(n int) ledger.MemberID {
	id, err := h.Journal.Find(context.Background(), journal.Identity{Kind: "card", Value: strconv.Itoa(n)})
	if err != nil {
		h.t.Error(err)
	}
	return id
}

// rawDatabase reaches behind the store.
func rawDatabase(t testing.TB, url string) *sql.DB {
	t.Helper()
	driver, name := "pgx", url
	if path, lite := strings.CutPrefix(url, "sqlite:"); lite {
		driver, name = "sqlite", "file:"+path+"?_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}
