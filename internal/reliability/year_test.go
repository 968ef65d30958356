package reliability_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/insight/history"
	"premia/internal/journal"
	"premia/internal/testkit"
)

// yearDocument has everything that time alone does: value that matures and
// expires in several ways, limits by day, week, month and year, a campaign with
// a window and one with a budget, and debt.
const yearDocument = `
program: A year
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
events:
  review: {fields: {stars: {type: whole, required: true}}}
wallets:
  points: {name: {en: points}, pending: 14d, expires: {after: 3mo, at: end of month}, debt: carry}
  stars: {name: {en: stars}, expires: 30d, debt: forbid}
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
  - {id: star, on: purchase, when: event.total >= 20.00, give: {stars: 1}, limits: {stars: {each day: 1, each week: 3}}}
  - {id: welcome, on: enrolment, give: {points: 10}, pending: 0d, expires: 90d}
  - {id: review, on: review, give: {points: 20}, limits: {points: {each month: 40, each year: 200}}}
campaigns:
  - {id: may, from: 2026-05-01, until: 2026-05-31, multiply: {points: 2}}
  - {id: app, when: event.channel == "app", multiply: {points: 2}, limits: {points: {each member: 400, in total: 20000}}}
`

var newYear = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// arrival is what arrives at once.
type arrival struct {
	at     time.Time
	events []string
}

const (
	daysOfYear    = 365
	membersOfYear = 300
)

// year makes up what arrives in a year. A third of the events happened before
// they arrive, up to seven weeks.
func year(random *rand.Rand) []arrival {
	var all []arrival
	n := 0
	members := make(map[int]bool) // by earlier arrivals
	for day := range daysOfYear {
		for range 1 + random.IntN(2) {
			a := arrival{at: newYear.AddDate(0, 0, day).Add(time.Duration(random.IntN(24*60)) * time.Minute)}
			if k := len(all); k > 0 && a.at.Before(all[k-1].at) {
				a.at = all[k-1].at
			}
			var buyers []int
			for range random.IntN(12) {
				n++
				who := random.IntN(membersOfYear)
				a.events = append(a.events, eventOfYear(random, n, who, members[who], a.at))
				buyers = append(buyers, who)
			}
			for _, who := range buyers {
				members[who] = true
			}
			all = append(all, a)
		}
	}
	return all
}

// eventOfYear makes up an event of somebody. Only members can be taken from.
func eventOfYear(random *rand.Rand, n, who int, member bool, arrives time.Time) string {
	at := arrives
	if random.IntN(3) == 0 {
		at = at.Add(-time.Duration(random.IntN(7*7*24*60)) * time.Minute)
	}
	head := fmt.Sprintf(`{"id":"e%d","member":"card:%d","time":%q,`, n, who, at.Format(time.RFC3339))
	switch k := random.IntN(20); {
	case k < 3:
		return head + `"type":"review","data":{"stars":4}}`
	case k < 5 && member:
		return head + fmt.Sprintf(`"type":"adjustment","wallet":"points","amount":"%d","reason":"test"}`, -1-random.IntN(150))
	case k < 10:
		return head + fmt.Sprintf(`"type":"purchase","channel":"app","total":"%d.50"}`, random.IntN(90))
	}
	return head + fmt.Sprintf(`"type":"purchase","total":"%d.99"}`, random.IntN(90))
}

// lived is a database that lived through the year.
type lived struct {
	name      string
	ws        *workspace
	app       *app.App
	clock     *testkit.Clock
	every     int // days between sweeps; 0 is only at the end
	nextSweep int
}

func live(t *testing.T, name string, every int) *lived {
	t.Helper()
	l := &lived{name: name, clock: testkit.NewClock(newYear), every: every, nextSweep: every}
	l.ws = &workspace{url: sqliteURL(t)}
	var err error
	l.app, err = app.Open(context.Background(), app.Config{DB: l.ws.url, Migrate: true, Clock: l.clock.Now, OneWriter: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.app.Close() })
	if _, err := l.app.Publish(context.Background(), []byte(yearDocument), calendar.None, ""); err != nil {
		t.Fatal(err)
	}
	return l
}

// moveTo moves the clock, and sweeps at midnights on the way.
func (l *lived) moveTo(t *testing.T, to time.Time) {
	t.Helper()
	for l.every > 0 {
		midnight := newYear.AddDate(0, 0, l.nextSweep)
		if midnight.After(to) {
			break
		}
		l.clock.Advance(midnight.Sub(l.clock.Now()))
		l.sweep(t)
		l.nextSweep += l.every
	}
	l.clock.Advance(to.Sub(l.clock.Now()))
}

func (l *lived) sweep(t *testing.T) {
	t.Helper()
	if _, err := l.app.Journal.Sweep(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func (l *lived) take(t *testing.T, a arrival) {
	t.Helper()
	l.moveTo(t, a.at)
	ctx := context.Background()
	scales, err := l.app.Scales()
	if err != nil {
		t.Fatal(err)
	}
	var tickets []*journal.Ticket
	for _, src := range a.events {
		e, err := event.Decode([]byte(src), scales)
		if err != nil {
			t.Fatal(err)
		}
		ticket, err := l.app.Send(ctx, e)
		if err != nil {
			t.Fatal(err)
		}
		tickets = append(tickets, ticket)
	}
	for _, ticket := range tickets {
		if _, err := ticket.Wait(ctx); err != nil {
			t.Fatal(err)
		}
	}
}

// states gives the state of each card's owner, as it is kept or, where settled,
// as a reader sees it now.
func (l *lived) states(t *testing.T, settled bool) map[string][]byte {
	t.Helper()
	ctx := context.Background()
	cards := make(map[ledger.MemberID]string)
	for n := range membersOfYear {
		name := fmt.Sprint("card:", n)
		if id, err := l.app.Find(ctx, name); err == nil {
			cards[id] = name
		}
	}
	all := make(map[string][]byte)
	if settled {
		eachState(t, l.app, l.app.Journal.Now(), func(id ledger.MemberID, s *ledger.State) { all[cards[id]] = s.Append(nil) })
		return all
	}
	for id, name := range cards {
		row, err := l.app.Store.Member(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = row.State
	}
	return all
}

func (l *lived) entries(t *testing.T) int64 {
	t.Helper()
	counts, err := l.app.Store.Counts(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return counts.Entries
}

func (l *lived) report(t *testing.T) string {
	t.Helper()
	r, err := history.Report(context.Background(), l.app.Store, history.Options{AsOf: l.app.Journal.Now(), KnownAt: calendar.Never})
	if err != nil {
		t.Fatal(err)
	}
	out, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestSweepingMakesNoDifference lets three databases live through the same year:
// one is swept every day, one every week, one at the end alone.
func TestSweepingMakesNoDifference(t *testing.T) {
	t.Parallel()
	_, random := seeded(t)
	arrivals := year(random)
	all := []*lived{live(t, "daily", 1), live(t, "weekly", 7), live(t, "at the end", 0)}
	month := time.January
	for _, a := range arrivals {
		for _, l := range all {
			l.take(t, a)
		}
		if a.at.Month() != month {
			month = a.at.Month()
			compareLives(t, all, true)
		}
	}
	for _, l := range all {
		l.moveTo(t, newYear.AddDate(0, 0, daysOfYear+60))
		l.sweep(t)
	}
	compareLives(t, all, false)
	if daily, atTheEnd := all[0].entries(t), all[2].entries(t); daily <= atTheEnd {
		t.Errorf("the journals have %d and %d entries: the daily sweeps had nothing to do", daily, atTheEnd)
	}
	for _, l := range all {
		if difference := cmp.Diff(all[0].report(t), l.report(t)); difference != "" {
			t.Errorf("the reports differ (-%s +%s):\n%s", all[0].name, l.name, difference)
		}
		v, err := app.Verify(context.Background(), l.app.Store, app.VerifyOptions{})
		if err != nil || v.Difference != nil {
			t.Errorf("%s: verify says %v (%v)", l.name, v, err)
		}
	}
}

func compareLives(t *testing.T, all []*lived, settled bool) {
	t.Helper()
	first := all[0].states(t, settled)
	if len(first) < 10 {
		t.Fatalf("there are %d members only", len(first))
	}
	for _, l := range all[1:] {
		other := l.states(t, settled)
		if len(other) != len(first) {
			t.Errorf("%s has %d members, %s has %d", all[0].name, len(first), l.name, len(other))
		}
		for card, state := range first {
			if bytes.Equal(state, other[card]) {
				continue
			}
			var x, y ledger.State
			if err := ledger.DecodeState(state, &x); err != nil {
				t.Fatal(err)
			}
			if err := ledger.DecodeState(other[card], &y); err != nil {
				t.Fatal(err)
			}
			t.Fatalf("at %s the owner of %s differs (-%s +%s):\n%s", all[0].clock.Now(), card, all[0].name, l.name, cmp.Diff(x, y))
		}
	}
}
