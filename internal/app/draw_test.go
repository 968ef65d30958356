package app_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/journal"
	"premia/internal/store"
	"premia/internal/testkit"
)

// drawProgram always draws the first prize, of which there are five, then one whose
// budget is thirty points, and then nothing.
const drawProgram = `
program: Draws
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets:
  points: {name: {en: points}, debt: carry}
returns: {}
surprises:
  - id: wheel
    on: purchase
    used up: next prize
    prizes:
      - {id: big, odds: 0.999999999, give: {points: 100}, stock: 5}
      - {id: small, odds: 0.000000001, give: {points: 2}, limits: {points: {in total: 30}}}
`

// points gives what all members have together.
func points(t *testing.T, s *store.Store, names *engine.Names) (sum int64) {
	t.Helper()
	wallet, _ := names.Find("wallet.points")
	for _, shard := range s.Shards() {
		if err := s.EachMember(t.Context(), shard, func(m store.Member) error {
			state := ledger.State{}
			err := ledger.DecodeState(m.State, &state)
			sum += state.BalanceOf(wallet).Net()
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	return sum
}

// TestDrawsKeepTheirStock lets two servers draw at once, more often than there are
// prizes: as many are won as there are, a prize that comes back is won again, and
// verify draws all of them again by the workspace's secret.
func TestDrawsKeepTheirStock(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		clock := testkit.NewClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
		var servers [2]*history
		for i := range servers {
			a, err := app.Open(t.Context(), app.Config{DB: url, Migrate: true, Clock: clock.Now})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { a.Close() })
			servers[i] = &history{App: a, t: t, url: url, clock: clock}
			if i == 0 {
				servers[0].publish(drawProgram)
			}
		}
		const events = 60
		var winner journal.Answer
		var mu sync.Mutex
		var all sync.WaitGroup
		for n := range events {
			all.Go(func() {
				a, err := servers[n%2].Journal.Append(t.Context(), servers[0].purchase(n, "10.00", "app"))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				for i := range a.Decision.Postings {
					if a.Decision.Postings[i].Amount == 100 {
						winner = a
					}
				}
			})
		}
		all.Wait()
		names := servers[0].Journal.Rules().Names
		if sum := points(t, servers[0].Store, names); sum != 5*100+30 {
			t.Errorf("%d points were won, want the five prizes of 100 and the 30", sum)
		}
		if v := wantHealthy(t, servers[0].Store); v.Draws != events {
			t.Errorf("verify drew %d times, want %d", v.Draws, events)
		}
		servers[1].append(journal.Request{Member: winner.Member, Event: &event.Event{ID: "back", Type: event.Return, Order: winner.Event.Order}})
		servers[1].append(servers[1].purchase(events, "10.00", "app"))
		if sum := points(t, servers[0].Store, names); sum != 5*100+30 {
			t.Errorf("%d points after a prize came back and was won again, want as many as before", sum)
		}
		wantHealthy(t, servers[0].Store)
		forge(t, servers[0])
	})
}

// forge gives the last draw another seed, and the entry the hash that goes with it:
// only the secret tells that it is not what was drawn.
func forge(t *testing.T, h *history) {
	t.Helper()
	for _, shard := range h.Store.Shards() {
		entries, err := h.Store.Scan(t.Context(), shard, 0, 1000, 0)
		if err != nil {
			t.Fatal(err)
		}
		last := len(entries) - 1
		var d engine.Decision
		if err := engine.DecodeDecision(entries[last].Decision, &d); err != nil {
			t.Fatal(err)
		}
		if len(d.Draw) == 0 {
			continue
		}
		d.Draw[0] ^= 1
		e := entries[last]
		e.Decision = d.Append(nil)
		hash := journal.Link(entries[last-1].Hash, &e)
		run(t, rawDatabase(t, h.url), `UPDATE journal SET decision = $1, hash = $2 WHERE shard = $3 AND seq = $4`, e.Decision, hash[:], int64(shard), e.Seq)
		v := verify(t, h.Store, app.VerifyOptions{})
		if v.Difference == nil || !strings.Contains(v.Difference.Error(), "draw: expected") {
			t.Errorf("verify says %v, want the forged draw", v.Difference)
		}
		return
	}
	t.Fatal(fmt.Errorf("no shard ends with a draw"))
}
