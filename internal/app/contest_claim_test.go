package app_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/contest"
	"premia/internal/core/mechanic/member"
	"premia/internal/journal"
	"premia/internal/testkit"
)

const claimedProgram = `
program: Contests
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets:
  points: {name: {en: points}, debt: carry}
rewards: [{id: voyage, name: voyage, kind: discount, discount: {amount: 900.00}, voucher: {valid: 365d}}]
contests:
  - id: spring
    until: 2026-03-31
    draw: 2026-04-02 12:00
    per: 10.00
    one prize each: true
    claim: {within: 14d}
    prizes:
      - {id: first, give: {reward: voyage}}
      - {id: second, winners: 3, give: {points: 100}}
`

// draws is a contest with entrants on two servers.
type draws struct {
	t       *testing.T
	clock   *testkit.Clock
	tick    atomic.Pointer[func()] // called whenever a server asks for the time
	servers [2]*history
	tasks   [2]app.Draws
	members []ledger.MemberID
	claims  int
}

func newDraws(t *testing.T, url, program string) *draws {
	t.Helper()
	d := &draws{t: t, clock: testkit.NewClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))}
	for i := range d.servers {
		a, err := app.Open(t.Context(), app.Config{DB: url, Migrate: true, Clock: d.now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { a.Close() })
		d.servers[i] = &history{App: a, t: t, url: url, clock: d.clock}
		if i == 0 {
			d.servers[0].publish(program)
		}
	}
	for n := range 12 {
		d.members = append(d.members, d.servers[0].append(d.servers[0].purchase(n, "40.00", "app")).Member)
	}
	return d
}

func (d *draws) now() time.Time {
	if tick := d.tick.Load(); tick != nil {
		(*tick)()
	}
	return d.clock.Now()
}

// due lets both servers see what is to be drawn, several times at once.
func (d *draws) due() *contest.Published {
	d.t.Helper()
	var all sync.WaitGroup
	for i := range d.servers {
		all.Go(func() {
			if _, err := d.tasks[i].DrawDue(d.t.Context(), d.servers[i].App); err != nil {
				d.t.Error(err)
			}
		})
		all.Go(func() {
			if _, err := d.servers[i].DrawContest(d.t.Context(), "spring"); err != nil {
				d.t.Error(err)
			}
		})
	}
	all.Wait()
	p, err := d.servers[1].Contest(d.t.Context(), "spring")
	if err != nil {
		d.t.Fatal(err)
	}
	if err := contest.Check(p); err != nil {
		d.t.Errorf("%v in %+v", err, p.Winners)
	}
	return p
}

// holder gives the card of the member for whom a winner stands.
func (d *draws) holder(w contest.Winner) int {
	d.t.Helper()
	for n, id := range d.members {
		if d.servers[0].Journal.Keys().ContestHolder("spring", id) == w.Holder {
			return n
		}
	}
	d.t.Fatalf("nobody is %s", w.Holder)
	return 0
}

// claim lets the holder of a card claim.
func (d *draws) claim(server, card int, want engine.Outcome) {
	d.t.Helper()
	d.claims++
	e := &event.Event{ID: fmt.Sprint("claim-", d.claims), Type: event.ContestClaim, Member: fmt.Sprint("card:", card), Contest: "spring"}
	a, err := d.servers[server].Journal.Append(d.t.Context(), journal.Request{Event: e, Identity: journal.Identity{Kind: "card", Value: fmt.Sprint(card)}})
	if err != nil || a.Decision.Outcome != want {
		d.t.Errorf("card %d claims: %v, %+v; want %v", card, err, a.Decision, want)
	}
}

func (d *draws) states(p *contest.Published, state string) (out []contest.Winner) {
	for _, w := range p.Winners {
		if w.State == state {
			out = append(out, w)
		}
	}
	return out
}

// TestPrizesAreClaimed draws on two servers at once among members of whom one was merged
// into another, one was erased and one is blocked: nobody wins twice. Prizes are claimed,
// or go to the next ticket when their time is over, once.
func TestPrizesAreClaimed(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		d := newDraws(t, url, claimedProgram)
		h := d.servers[0]
		h.append(h.merge("m", d.members[0], d.members[1]))
		deliver(t, h)
		truth := func(n int, name string) {
			h.append(journal.Request{Member: d.members[n], Event: &event.Event{ID: fmt.Sprint(name, n), Type: event.Profile, Data: []event.Datum{{Name: name, Kind: event.Truth, Whole: 1}}}})
		}
		truth(2, member.Blocked)
		if _, err := h.Erase(t.Context(), "gone", "card:3"); err != nil {
			t.Fatal(err)
		}
		if n, err := d.tasks[0].DrawDue(t.Context(), h.App); n != 0 || err != nil {
			t.Errorf("%d contests are drawn before their time (%v)", n, err)
		}
		d.clock.Advance(40 * 24 * time.Hour)
		p := d.due()
		waiting := d.states(p, contest.Waits)
		if p.State != contest.Drawn || len(waiting) != 4 || p.Entries != 48 || points(t, h.Store, h.Journal.Rules().Names) != 0 {
			t.Fatalf("%s with %d entries and %d prizes to be claimed, want 48 and 4", p.State, p.Entries, len(waiting))
		}
		for _, w := range p.Winners {
			if n := d.holder(w); w.State != contest.GaveWay && (n == 0 || n == 2 || n == 3) {
				t.Errorf("card %d has won, who is no member, or blocked", n)
			}
		}
		first, second, third, fourth := d.holder(waiting[0]), d.holder(waiting[1]), d.holder(waiting[2]), d.holder(waiting[3])
		d.claim(1, first, engine.Applied)
		d.claim(0, first, engine.NothingToClaim)
		d.clock.Advance(14 * 24 * time.Hour) // the end of the last day is ahead
		d.claim(0, second, engine.Applied)
		if again := d.due(); len(d.states(again, contest.Waits)) != 2 {
			t.Errorf("before the deadline: %+v", again.Winners)
		}
		// Whoever is erased can't claim, and another gets the prize in the end.
		if _, err := h.Erase(t.Context(), "gone-too", fmt.Sprint("card:", fourth)); err != nil {
			t.Fatal(err)
		}
		d.clock.Advance(24 * time.Hour)
		d.claim(1, third, engine.ClaimedTooLate)
		p = d.due()
		waiting = d.states(p, contest.Waits)
		if lapsed := d.states(p, contest.Over); len(lapsed) != 2 || len(waiting) != 2 || d.holder(lapsed[0]) != third || d.holder(lapsed[1]) != fourth {
			t.Fatalf("two lapsed, and two others can claim: %+v", p.Winners)
		}
		d.claim(0, third, engine.NothingToClaim)
		// One who is merged before the claim claims by either card.
		next, last := d.holder(waiting[0]), d.holder(waiting[1])
		h.append(h.merge("m2", d.members[next], d.members[first]))
		deliver(t, h)
		d.claim(1, next, engine.Applied)
		d.claim(1, last, engine.Applied)
		if p = d.due(); p.State != contest.Finished || won(p) != 4 {
			t.Errorf("in the end %s with %d winners", p.State, won(p))
		}
		if sum := points(t, h.Store, h.Journal.Rules().Names); sum != 300 {
			t.Errorf("%d points were given, want 300", sum)
		}
		kept, err := d.servers[0].Contest(t.Context(), "spring")
		if err != nil || !reflect.DeepEqual(kept, p) {
			t.Errorf("what is kept is %+v, want %+v (%v)", kept, p, err)
		}
		wantHealthy(t, h.Store)
	})
}

func deliver(t *testing.T, h *history) {
	t.Helper()
	if _, err := h.Journal.Deliver(t.Context(), journal.FollowUps{Journal: h.Journal}); err != nil {
		t.Fatal(err)
	}
}

// TestDrawsGoOn stops the draw again and again while it tells winners, as a process that
// ends would: in the end each prize is given once.
func TestDrawsGoOn(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		d := newDraws(t, url, strings.Replace(strings.Replace(claimedProgram, "    claim: {within: 14d}\n", "", 1), "winners: 3", "winners: 11", 1))
		d.clock.Advance(40 * 24 * time.Hour)
		stops := 0
		for ; ; stops++ {
			ctx, stop := context.WithCancel(t.Context())
			var asked atomic.Int64
			// The time is asked for each winner who is told.
			tick := func() {
				if asked.Add(1) == int64(stops+1) {
					stop()
				}
			}
			d.tick.Store(&tick)
			_, err := d.servers[stops%2].DrawContest(ctx, "spring")
			stop()
			d.tick.Store(nil)
			if err == nil {
				break
			}
			if !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			if p, err := d.servers[0].Contest(t.Context(), "spring"); err != nil || (p.State == contest.Announced && p.Seed != "") {
				t.Fatalf("in the middle of the draw %+v is public (%v)", p, err)
			}
		}
		if stops < 5 {
			t.Errorf("stopped only %d times", stops)
		}
		p := d.due()
		if sum := points(t, d.servers[0].Store, d.servers[0].Journal.Rules().Names); p.State != contest.Finished || won(p) != 12 || sum != 1100 {
			t.Errorf("%s, %d winners and %d points; want 12 and 1100", p.State, won(p), sum)
		}
		wantHealthy(t, d.servers[0].Store)
	})
}

// TestAnnouncedContestsStay refuses programs without a contest whose prizes are not all
// given, and other prizes while it is drawn.
func TestAnnouncedContestsStay(t *testing.T) {
	t.Parallel()
	d := newDraws(t, "sqlite:"+t.TempDir()+"/premia.db", claimedProgram)
	refused := func(document, why string) {
		t.Helper()
		if _, err := d.servers[0].Journal.Publish(t.Context(), []byte(document), calendar.None, ""); !errors.Is(err, journal.ErrIncompatible) || !strings.Contains(err.Error(), why) {
			t.Errorf("%v, want %q", err, why)
		}
	}
	without, _, _ := strings.Cut(claimedProgram, "contests:")
	refused(without, "the contest spring is gone")
	more := strings.Replace(claimedProgram, "winners: 3", "winners: 2", 1)
	d.servers[0].publish(more)
	d.clock.Advance(40 * 24 * time.Hour)
	p := d.due()
	refused(claimedProgram, "the contest spring is being drawn")
	for _, w := range d.states(p, contest.Waits) {
		d.claim(0, d.holder(w), engine.Applied)
	}
	d.due()
	d.servers[0].publish(without)
	if p, err := d.servers[0].Contest(t.Context(), "spring"); err != nil || p.State != contest.Finished || won(p) != 3 {
		t.Errorf("afterwards the contest is %+v (%v)", p, err)
	}
	wantHealthy(t, d.servers[0].Store)
}
