package reliability_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/journal"
	"premia/internal/testkit"
)

// TestClockJumps moves the machine's clock by days under a sweeping server: the
// sweeper stops and says so, and events are decided and kept as before.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	for name, jump := range map[string]time.Duration{"forward": 4 * 24 * time.Hour, "back": -4 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, url string) {
				ws := newWorkspace(t, url, enrols, 1_000)
				clock := testkit.NewClock(time.Now())
				a := ws.open(t, clock.Now)
				sweeper := a.Journal.StartSweeper(context.Background(), time.Millisecond)
				defer sweeper.Stop()
				for n := range 20 {
					mustRecord(t, a, buy(fmt.Sprint("before", n), fmt.Sprint("card:", n), "10.00", ""))
				}
				ready(t, a, sweeper, "")
				clock.Advance(jump)
				eventually(t, "the sweeper has stopped", func() bool { return sweeper.Err() != nil })
				if err := sweeper.Err(); !errors.Is(err, journal.ErrClockJumped) {
					t.Errorf("the sweeper says %v", err)
				}
				ready(t, a, sweeper, "sweeper")
				for n := range 20 {
					mustRecord(t, a, buy(fmt.Sprint("meanwhile", n), fmt.Sprint("card:", n+10), "10.00", ""))
				}
				clock.Advance(-jump)
				for n := range 20 {
					mustRecord(t, a, buy(fmt.Sprint("after", n), fmt.Sprint("card:", n+20), "10.00", ""))
				}
				if points, members := totals(t, a); members != 40 || points != 60*10+40*welcome {
					t.Errorf("%d members hold %d points, want 40 with %d", members, points, 60*10+40*welcome)
				}
				again := a.Journal.StartSweeper(context.Background(), time.Millisecond)
				defer again.Stop()
				ready(t, a, again, "")
				ws.verify(t)
			})
		})
	}
}

// ready checks that the server is ready, or not because of one thing alone.
func ready(t *testing.T, a *app.App, sweeper *journal.Sweeper, but string) {
	t.Helper()
	for _, c := range a.Ready(context.Background(), sweeper) {
		if (c.Err != nil) != (c.Name == but) {
			t.Errorf("the check %s says %v", c.Name, c.Err)
		}
	}
}
