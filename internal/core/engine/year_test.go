package engine_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// yearly has all that happens by itself: value that matures and expires, holds
// that end, levels that are lost, birthdays, anniversaries, cards that run out and
// streaks that break, whose prizes count for levels.
const yearly = `
program: A year
currency: PLN
timezone: Europe/Warsaw
languages: [en]
wallets:
  points: {name: {en: points}, pending: 14d, expires: {after: 3mo, at: end of month}, debt: carry}
  stars: {name: {en: stars}, expires: {after activity: 2mo}}
tiers:
  status:
    by: earned.points
    period: calendar quarter
    levels: [{id: bronze}, {id: silver, from: 150, benefits: {welcome: {stars: 5}}}, {id: gold, from: 400, benefits: {multiply: {points: 2}, anniversary: {stars: 9}}}]
    keep: until the end of the next quarter
    grace: 10d
    downgrade: one level
  spending:
    by: spend
    period: rolling 3 months
    levels: [{id: small}, {id: large, from: 300.00}]
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
  - {id: silver, when: tier.status >= "silver", give: {stars: 1}}
  - {id: birthday, on: birthday, give: {points: 50}}
  - {id: years, on: membership anniversary, give: {stars: 20}}
campaigns:
  - {id: gold-days, when: tier.status == "gold", days: [sat, sun], bonus: {points: 5}}
challenges:
  - {id: three, count: events, each: month, goal: 3, give: {stars: 3}, repeat: 2}
stamp cards:
  - {id: card, stamps: events, full: 6, valid: 2mo, give: {stars: 2}}
streaks:
  - {id: daily, every: day, may miss: 3, length: 2, give: {points: 4}, repeat: any number}
  - {id: monthly, every: month, length: 4, give: {points: 40}, repeat: any number}
  - {id: weekly, every: week, may miss: 1, length: 3, give: {points: 30}, repeat: any number}
rewards:
  - {id: cup, name: cup, kind: free product, sku: CUP, price: {points: 60}, hold: 5d, fulfilment: collect, refund: {within: 20d}}
`

// TestAYearSweptDailyWeeklyOrNever passes a year for many members, and finds each
// of them the same at the end, whether the sweeper came every day, every week or
// not at all until the last day.
func TestAYearSweptDailyWeeklyOrNever(t *testing.T) {
	p := load(t, yearly)
	members := 600
	if os.Getenv("PREMIA_LONG") != "" {
		members = 100_000
	}
	seed := uint64(time.Now().UnixNano())
	next := make(chan int)
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			for m := range next {
				y := passing{program: p, timeline: engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: p})}
				if difference := y.compare(rand.New(rand.NewPCG(seed, uint64(m)))); difference != "" {
					t.Errorf("seed %d, member %d: %s", seed, m, difference)
				}
			}
		})
	}
	for m := range members {
		next <- m
	}
	close(next)
	all.Wait()
}

// passing lets a year pass for one member after another.
type passing struct {
	program  *engine.Program
	timeline *engine.Timeline
	decider  engine.Decider
	decision engine.Decision
}

// compare lives one member's year three times.
func (y *passing) compare(chance *rand.Rand) string {
	start := calendar.Of(time.Date(2026, 1, 1, 0, 0, 0, 0, y.program.Zone))
	end := calendar.Add(start, calendar.Span{Years: 1, Days: 40}, y.program.Zone)
	events := y.events(chance, start, end)
	never, looked := y.live(events, start, end, 0)
	for _, every := range []int{1, 7} {
		swept, looks := y.live(events, start, end, every)
		if looks <= looked {
			return fmt.Sprintf("the sweeper that comes every %d days came %d times", every, looks)
		}
		if !bytes.Equal(never.Append(nil), swept.Append(nil)) {
			return fmt.Sprintf("swept every %d days it is another (-never +swept):\n%s", every, cmp.Diff(never, swept))
		}
	}
	return ""
}

// events makes what a member does in the year: joining, and then buying, holding
// rewards and leading them on.
func (y *passing) events(chance *rand.Rand, start, end calendar.Instant) []event.Event {
	at := start + calendar.Instant(chance.Int64N(int64(60*calendar.Day)))
	birthday := fmt.Sprintf("%02d-%02d", 1+chance.IntN(12), 1+chance.IntN(28))
	all := []event.Event{{ID: "join", Type: event.Enrolment, At: at, Data: []event.Datum{{Name: engine.BirthdayFact, Kind: event.Text, Text: birthday}}}}
	pace := calendar.Instant(1 + chance.Int64N(30))
	for n := 0; ; n++ {
		at += calendar.Hour + calendar.Instant(chance.Int64N(int64(pace*2*calendar.Day)))
		if at >= end {
			return all
		}
		e := event.Event{ID: fmt.Sprint("e", n), At: at, Type: event.Purchase, Given: event.GivenTotal, Total: 100 * (1 + chance.Int64N(120))}
		if chance.IntN(5) == 0 {
			e = event.Event{ID: e.ID, At: at, Type: event.Redemption, Reward: "cup", Hold: chance.IntN(2) == 0}
		}
		all = append(all, e)
	}
}

// live decides the events, with the sweeper coming every so many days, or only on
// the last if that is 0, and tells how often it had something to do.
func (y *passing) live(events []event.Event, start, end calendar.Instant, every int) (*ledger.State, int) {
	s, looks := &ledger.State{}, 0
	sweep := func(at calendar.Instant) {
		if s.Status != ledger.Active || s.Due() > at {
			return
		}
		looks++
		y.decide(s, &event.Event{Type: event.Settle}, at)
	}
	day := start
	for i := range events {
		for every > 0 && day <= events[i].At {
			sweep(day)
			day = calendar.Add(day, calendar.Span{Days: every}, y.program.Zone)
		}
		y.decide(s, &events[i], events[i].At)
	}
	for every > 0 && day < end {
		sweep(day)
		day = calendar.Add(day, calendar.Span{Days: every}, y.program.Zone)
	}
	sweep(end)
	return s, looks
}

func (y *passing) decide(s *ledger.State, e *event.Event, clock calendar.Instant) {
	y.decider.Decide(y.timeline, s, e, engine.Inputs{Clock: clock, Member: 1}, &y.decision)
}
