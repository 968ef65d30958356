package journal_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/journal"
	"premia/internal/store"
	"premia/internal/testkit"
	"premia/internal/testkit/postgres"
)

// The program of these tests: a point for each zloty, pending for two days,
// gone after a year, with a campaign that has a budget.
const document = `
program: Test
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
  - {id: app, when: event.channel == "app", multiply: {points: 2}, limits: {points: {in total: 500}}}
`

var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// fixture is a journal on a fresh database.
type fixture struct {
	*journal.Journal
	t     testing.TB
	store *store.Store
	clock *testkit.Clock
	url   string
}

// onEach runs a test on a fresh database of each kind.
func onEach(t *testing.T, test func(t *testing.T, f *fixture)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, open(t, "sqlite:"+filepath.Join(t.TempDir(), "premia.db"), journal.Options{}))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, open(t, postgres.New(t), journal.Options{}))
	})
}

func open(t testing.TB, url string, o journal.Options) *fixture {
	t.Helper()
	ctx := context.Background()
	s, err := store.Open(ctx, url, store.Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{t: t, store: s, clock: testkit.NewClock(start), url: url}
	if o.Clock == nil {
		o.Clock = f.clock.Now
	}
	o.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	f.Journal, err = journal.Open(ctx, s, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		f.Journal.Close()
		s.Close()
	})
	if _, err := f.Publish(ctx, []byte(document), calendar.None, ""); err != nil {
		t.Fatal(err)
	}
	return f
}

// purchase is a checked purchase of a card.
func purchase(id, card, total string) journal.Request {
	e, err := event.Decode([]byte(fmt.Sprintf(`{"id":%q,"type":"purchase","order":"O-%s","total":%q}`, id, id, total)), event.Scales{Currency: 2})
	if err != nil {
		panic(err)
	}
	if err := e.Check("PLN", 2); err != nil {
		panic(err)
	}
	return journal.Request{Event: e, Identity: journal.Identity{Kind: "card", Value: card}, Unknown: engine.EnrolUnknown}
}

func (f *fixture) append(r journal.Request) journal.Answer {
	f.t.Helper()
	a, err := f.Append(context.Background(), r)
	if err != nil {
		f.t.Fatal(err)
	}
	return a
}

func (f *fixture) balance(id ledger.MemberID) ledger.Balance {
	f.t.Helper()
	state, _, err := f.StateOf(context.Background(), id)
	if err != nil {
		f.t.Fatal(err)
	}
	now, _ := engine.Settled(f.Rules().Timeline, id, state, f.Now())
	wallet, _ := f.Rules().Names.Find("wallet.points")
	if w := now.Wallet(wallet); w != nil {
		return w.Balance()
	}
	return ledger.Balance{}
}

func TestFirstPurchaseEnrols(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, f *fixture) {
		a := f.append(purchase("e1", "100", "25.50"))
		if got := f.balance(a.Member); got != (ledger.Balance{Pending: 35}) {
			t.Errorf("balance %+v, want 25 for the purchase and 10 for joining, pending", got)
		}
		f.clock.Advance(48 * time.Hour)
		if got := f.balance(a.Member); got != (ledger.Balance{Available: 35}) {
			t.Errorf("two days later: %+v, want 35 available", got)
		}
		if n, err := f.Sweep(context.Background()); n != 1 || err != nil {
			t.Errorf("swept %d (%v), want 1", n, err)
		}
		if n, err := f.Sweep(context.Background()); n != 0 || err != nil {
			t.Errorf("swept %d (%v) again, want 0", n, err)
		}
	})
}

func TestRepetitionGetsTheStoredAnswer(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, f *fixture) {
		first := f.append(purchase("e1", "100", "25.50"))
		again := f.append(purchase("e1", "100", "25.50"))
		if !again.Repeated || again.Position != first.Position || again.Member != first.Member {
			t.Errorf("again: %+v, want the answer of %+v", again, first)
		}
		for name, r := range map[string]journal.Request{
			"another body": purchase("e1", "100", "26.50"),
			"another card": purchase("e1", "101", "25.50"),
		} {
			if _, err := f.Append(context.Background(), r); !errors.Is(err, journal.ErrIDReused) {
				t.Errorf("%s: %v, want ErrIDReused", name, err)
			}
		}
		r := purchase("e2", "100", "1.00")
		r.Event.Order = "O-e1"
		if _, err := f.Append(context.Background(), r); !errors.Is(err, journal.ErrOrderExists) {
			t.Errorf("the order again: %v, want ErrOrderExists", err)
		}
		if _, err := f.EventAt(context.Background(), "e2"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a refused request left a trace: %v", err)
		}
	})
}

// TestParallelFirstPurchases sends purchases of a few new cards at once, each
// several times: each card becomes one member, each event counts once, and the
// campaign gives its budget to the last point.
func TestParallelFirstPurchases(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, f *fixture) {
		const cards, each, copies = 4, 25, 3
		var wg sync.WaitGroup
		for i := range cards * each * copies {
			wg.Go(func() {
				n := i % (cards * each)
				r := purchase("e"+strconv.Itoa(n), strconv.Itoa(n%cards), "10.00")
				r.Event.Channel = "app"
				if _, err := f.Append(context.Background(), r); err != nil {
					t.Errorf("event %d: %v", n, err)
				}
			})
		}
		wg.Wait()
		counts, err := f.store.Counts(context.Background())
		if err != nil || counts.Members != cards {
			t.Fatalf("%d members (%v), want %d", counts.Members, err, cards)
		}
		sum := int64(0)
		for _, shard := range f.store.Shards() {
			err := f.store.EachMember(context.Background(), shard, func(m store.Member) error {
				sum += f.balance(m.ID).Pending
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if want := int64(cards*10 + cards*each*10 + 500); sum != want {
			t.Errorf("%d points in all, want %d", sum, want)
		}
	})
}

func TestMergeBothWaysAtOnce(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, f *fixture) {
		ctx := context.Background()
		a, b := f.append(purchase("e1", "1", "20.00")).Member, f.append(purchase("e2", "2", "30.00")).Member
		merge := func(id string, from, into ledger.MemberID) journal.Request {
			return journal.Request{Member: from, Event: &event.Event{ID: id, Type: event.Merge,
				Data: []event.Datum{{Name: "into", Kind: event.Whole, Whole: int64(into)}}}}
		}
		f.append(merge("m1", a, b))
		f.append(merge("m2", b, a))
		for range 5 {
			if _, err := f.Deliver(ctx, journal.FollowUps{Journal: f.Journal}); err != nil {
				t.Fatal(err)
			}
		}
		if got := f.balance(a); got.Pending != 70 {
			t.Errorf("balance %+v, want all 70", got)
		}
		ca, err1 := f.Current(ctx, a)
		cb, err2 := f.Current(ctx, b)
		if ca != cb || ca != min(a, b) || err1 != nil || err2 != nil {
			t.Errorf("they are %d (%v) and %d (%v), want both the lower of %d and %d", ca, err1, cb, err2, a, b)
		}
		late := f.append(purchase("e3", "1", "5.00"))
		if late.Member != ca {
			t.Errorf("a later purchase went to %d, want %d", late.Member, ca)
		}
	})
}
