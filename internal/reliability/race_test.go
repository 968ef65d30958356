package reliability_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"premia/internal/app"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/journal"
	"premia/internal/store"
)

// attempts is how many try the same at once.
const attempts = 64

// apps opens a workspace twice where the database can be shared, as two servers
// would.
func apps(t *testing.T, ws *workspace) []*app.App {
	t.Helper()
	all := []*app.App{ws.open(t, nil)}
	if all[0].Store.Dialect() == store.Postgres {
		all = append(all, ws.open(t, nil))
	}
	return all
}

// race sends one event of each kind at once, spread over the apps, and gives the
// errors.
func race(t *testing.T, all []*app.App, each func(n int) string) []error {
	t.Helper()
	failed := make([]error, attempts)
	begin := sync.WaitGroup{}
	begin.Add(1)
	var running sync.WaitGroup
	for n := range attempts {
		running.Go(func() {
			a := all[n%len(all)]
			begin.Wait()
			_, failed[n] = record(a, each(n))
		})
	}
	begin.Done()
	running.Wait()
	return failed
}

// record decodes an event and lets it be decided.
func record(a *app.App, src string) (journal.Answer, error) {
	scales, err := a.Scales()
	if err != nil {
		return journal.Answer{}, err
	}
	e, err := event.Decode([]byte(src), scales)
	if err != nil {
		return journal.Answer{}, err
	}
	return a.Record(context.Background(), e)
}

func mustRecord(t *testing.T, a *app.App, src string) journal.Answer {
	t.Helper()
	answer, err := record(a, src)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func buy(id, who, total, more string) string {
	return fmt.Sprintf(`{"id":%q,"type":"purchase","member":%q,"order":"O-%s","total":%q%s}`, id, who, id, total, more)
}

// TestLastPointsOfABudget lets many ask for ten points each while 64 remain.
func TestLastPointsOfABudget(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, url string) {
		ws := newWorkspace(t, url, enrols, 100)
		all := apps(t, ws)
		mustRecord(t, all[0], buy("first", "card:1", "36.00", `,"channel":"app"`))
		for n, err := range race(t, all, func(n int) string {
			return buy(fmt.Sprint("e", n), fmt.Sprint("card:", 100+n), "10.00", `,"channel":"app"`)
		}) {
			if err != nil {
				t.Errorf("purchase %d: %v", n, err)
			}
		}
		if used := budgetUsed(t, all[0]); used != ws.budget {
			t.Errorf("%d of the budget of %d are used", used, ws.budget)
		}
		if points, _ := totals(t, all[0]); points != 36+10*attempts+welcome*(attempts+1)+ws.budget {
			t.Errorf("members hold %d points, want those of all purchases, of joining and of the whole budget", points)
		}
		ws.verify(t)
	})
}

// TestOneNewIdentity lets many buy first with one new card.
func TestOneNewIdentity(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, url string) {
		ws := newWorkspace(t, url, enrols, 100)
		all := apps(t, ws)
		for n, err := range race(t, all, func(n int) string { return buy(fmt.Sprint("e", n), "card:777", "1.00", "") }) {
			if err != nil {
				t.Errorf("purchase %d: %v", n, err)
			}
		}
		if points, members := totals(t, all[0]); members != 1 || points != attempts+welcome {
			t.Errorf("there are %d members with %d points, want one with %d", members, points, attempts+welcome)
		}
		ws.verify(t)
	})
}

// TestOneClaim lets many claim one purchase, half of them another member's.
func TestOneClaim(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, url string) {
		ws := newWorkspace(t, url, guests, 100)
		all := apps(t, ws)
		var cards []string
		for n := range 2 {
			cards = append(cards, fmt.Sprint("card:", n+1))
			if _, err := all[0].Enrol(context.Background(), app.Change{EventID: fmt.Sprint("join", n), Identities: cards[n:]}); err != nil {
				t.Fatal(err)
			}
		}
		mustRecord(t, all[0], `{"id":"e","type":"purchase","order":"O-e","total":"50.00"}`)
		var given atomic.Int64
		for n, err := range race(t, all, func(n int) string {
			return fmt.Sprintf(`{"id":"claim-%d","type":"claim","member":%q,"order":"O-e"}`, n, cards[n/2%2])
		}) {
			var p *app.Problem
			switch {
			case err == nil:
				given.Add(1)
			case !errors.As(err, &p) || p.Code != app.CodeAlreadyClaimed:
				t.Errorf("claim %d: %v", n, err)
			}
		}
		if points, _ := totals(t, all[0]); given.Load() != 1 || points != 50+2*welcome {
			t.Errorf("%d claims were given and members hold %d points, want one and %d", given.Load(), points, 50+2*welcome)
		}
		ws.verify(t)
	})
}

// TestOnePlaceForAnIdentity lets many members take one new e-mail address.
func TestOnePlaceForAnIdentity(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, url string) {
		ws := newWorkspace(t, url, enrols, 100)
		all := apps(t, ws)
		var members [8]ledger.MemberID
		for n := range members {
			members[n] = mustRecord(t, all[0], buy(fmt.Sprint("e", n), fmt.Sprint("card:", n), "1.00", "")).Member
		}
		var taken atomic.Int64
		var running sync.WaitGroup
		for n := range members {
			running.Go(func() {
				_, err := all[n%len(all)].Change(context.Background(), members[n].String(), app.Change{EventID: fmt.Sprint("c", n), Identities: []string{"email:anna@example.com"}})
				var p *app.Problem
				switch {
				case err == nil:
					taken.Add(1)
				case !errors.As(err, &p) || p.Code != app.CodeIdentityTaken:
					t.Errorf("member %d: %v", n, err)
				}
			})
		}
		running.Wait()
		if taken.Load() != 1 {
			t.Errorf("%d members have the address", taken.Load())
		}
		ws.verify(t)
	})
}
