package tier_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/merge"
	"premia/internal/core/mechanic/tier"
	"premia/internal/core/program"
)

func spend(f *modelFact) int64 {
	switch f.kind {
	case "purchase":
		return f.total
	case "return":
		return -f.total
	}
	return 0
}

func earned(f *modelFact) int64 {
	switch f.kind {
	case "purchase":
		return points(f.total)
	case "return":
		return points(f.rest-f.total) - points(f.rest)
	}
	return 0
}

func purchases(f *modelFact) int64 {
	switch {
	case f.kind == "purchase":
		return 1
	case f.kind == "return" && f.whole:
		return -1
	}
	return 0
}

func nights(f *modelFact) int64 {
	if f.kind == "visit" {
		return f.nights
	}
	return 0
}

func visits(f *modelFact) int64 {
	if f.kind == "visit" {
		return 1
	}
	return 0
}

// modelLadders are the ladders of testdata/model.txt as the model reads them.
func modelLadders() []*modelLadder {
	return []*modelLadder{
		{id: "yearly", period: "year", rolls: 1, from: []int64{0, 300_00, 900_00, 2000_00}, next: true, graceDays: 30, late: 3, counts: spend, paid: 2, gift: 2, yearly: -1},
		{id: "falling", period: "year", rolls: 1, from: []int64{0, 100, 400, 1200}, next: true, oneLevel: true, late: 2, counts: earned, gift: -1, yearly: 2},
		{id: "quarters", period: "quarter", rolls: 1, from: []int64{0, 100, 300, 700}, months: 2, graceDays: 10, oneLevel: true, late: 4, counts: earned, gift: 1, again: "each time", yearly: -1},
		{id: "months", period: "month", rolls: 1, from: []int64{0, 1, 2, 3}, oneLevel: true, late: 12, counts: purchases, gift: 1, again: "each period", yearly: -1},
		{id: "rolling", period: "month", rolls: 3, from: []int64{0, 200_00, 600_00, 1000_00}, months: 1, late: 2, counts: spend, gift: -1, yearly: -1},
		{id: "plain", period: "month", rolls: 4, from: []int64{0, 200_00, 600_00, 1000_00}, late: 3, counts: spend, paid: 3, gift: -1, yearly: -1},
		{id: "days", period: "day", rolls: 10, from: []int64{0, 2, 4, 7}, days: 3, oneLevel: true, late: 31, counts: nights, gift: -1, yearly: -1},
		{id: "member", period: "membership", rolls: 1, from: []int64{0, 300_00, 900_00, 2000_00}, next: true, graceDays: 5, late: 2, counts: spend, gift: 0, yearly: 1},
		{id: "ever", period: "ever", rolls: 1, from: []int64{0, 2, 4, 7}, counts: visits, gift: -1, yearly: -1},
		{id: "middle", period: "month", rolls: 1, from: []int64{0, 1, 2, 3}, days: 20, late: 12, counts: purchases, gift: -1, yearly: -1},
	}
}

// drawn is a random history.
func drawn(t *rapid.T, zone *time.Location) *modelMember {
	m := &modelMember{zone: zone, joined: time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC).AddDate(0, 0, -rapid.IntRange(0, 700).Draw(t, "days of membership"))}
	clock := m.joined
	m.facts = append(m.facts, &modelFact{kind: "enrolment", known: clock, at: clock})
	var bought []*modelFact
	for n := rapid.IntRange(1, 25).Draw(t, "facts"); n > 0; n-- {
		clock = clock.Add(rapid.SampledFrom([]time.Duration{time.Minute, time.Hour, 20 * time.Hour, 3 * 24 * time.Hour, 25 * 24 * time.Hour, 70 * 24 * time.Hour, 300 * 24 * time.Hour}).Draw(t, "pause"))
		if rapid.IntRange(0, 3).Draw(t, "to the turn of a day") == 0 {
			local := clock.In(zone)
			clock = dayStart(local.Year(), local.Month()+1, 1, zone).Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "beside")) * time.Microsecond)
		}
		f := &modelFact{known: clock, at: clock, order: len(m.facts)}
		if rapid.IntRange(0, 3).Draw(t, "late") == 0 {
			f.at = clock.Add(-time.Duration(rapid.SampledFrom([]int{1, 30, 24 * 8, 24 * 45, 24 * 200, 24 * 500}).Draw(t, "hours late")) * time.Hour)
		}
		switch kind := rapid.IntRange(0, 9).Draw(t, "kind"); {
		case kind <= 3 || (kind <= 5 && len(bought) == 0):
			f.kind, f.total = "purchase", int64(rapid.SampledFrom([]int{99_99, 150_00, 320_50, 700_00, 1300_00}).Draw(t, "total"))
			f.rest = f.total
			bought = append(bought, f)
		case kind <= 5:
			of := rapid.SampledFrom(bought).Draw(t, "bought")
			if of.rest == 0 {
				continue
			}
			f.kind, f.of, f.rest, f.total = "return", of, of.rest, of.rest
			if rapid.Bool().Draw(t, "a part") && of.rest > 50_00 {
				f.total = 50_00
			}
			of.rest -= f.total
			f.whole = of.rest == 0
		case kind <= 7:
			f.kind, f.nights = "visit", int64(rapid.IntRange(1, 3).Draw(t, "nights"))
		case kind == 8:
			f.kind = "fee"
		default:
			f.kind = "ended"
		}
		m.facts = append(m.facts, f)
	}
	return m
}

// engineRun plays a history to the engine.
type engineRun struct {
	program  *engine.Program
	timeline *engine.Timeline
	state    ledger.State
	past     merge.Memory
	told     map[string][]string
	postings []ledger.Posting
}

func newRun(p *engine.Program) *engineRun {
	r := &engineRun{program: p, past: merge.Memory{}, told: map[string][]string{}}
	r.timeline = engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: p})
	return r
}

func (r *engineRun) decide(e event.Event, clock time.Time) {
	var d engine.Decision
	in := engine.Inputs{Clock: calendar.Of(clock), Member: 1, History: r.past.Of(1)}
	new(engine.Decider).Decide(r.timeline, &r.state, &e, in, &d)
	r.past.Keep(1, &e, nil, &d)
	r.postings = append(r.postings, d.Postings...)
	for i := range d.Steps {
		r.hear(&d.Steps[i], d.Postings)
	}
}

// hear keeps what a step tells of a ladder.
func (r *engineRun) hear(s *engine.Step, postings []ledger.Posting) {
	name := strings.Split(r.program.Names.Name(s.Rule), ".")
	at := calendar.Instant(s.Base)
	switch {
	case s.Result == engine.LevelReached || s.Result == engine.LevelLost:
		level := strings.Split(r.program.Names.Name(s.By), ".")
		r.tell(name[1], at, "level", level[2])
	case s.Result == engine.TookBack && name[0] == "welcome":
		r.tell(name[1], 0, "back", name[2])
	case s.Result == engine.Gave && (name[0] == "welcome" || name[0] == "anniversary"):
		for i := range postings {
			if p := &postings[i]; p.Rule == s.Rule && p.Kind == ledger.Issue {
				at = p.At
			}
		}
		what := "gift"
		if name[0] == "anniversary" {
			// Several may be in one decision.
			what, at = "yearly", 0
		}
		r.tell(name[1], at, what, name[2])
	}
}

func (r *engineRun) tell(ladder string, at calendar.Instant, what, level string) {
	r.told[ladder] = append(r.told[ladder], said(at, what, level))
}

func said(at calendar.Instant, what, level string) string {
	when := ""
	if at != 0 {
		when = at.String() + " "
	}
	return when + what + " " + level
}

// eventOf makes the event of a fact.
func eventOf(f *modelFact) event.Event {
	e := event.Event{Type: f.kind, At: calendar.Of(f.at), ID: fmt.Sprint("e", f.order)}
	switch f.kind {
	case "purchase":
		e.Order, e.Total, e.Given = fmt.Sprint("o", f.order), f.total, event.GivenTotal
	case "return":
		e.Order, e.Total, e.Given = fmt.Sprint("o", f.of.order), f.total, event.GivenTotal
	case "visit":
		e.Data = []event.Datum{{Name: "nights", Kind: event.Whole, Whole: f.nights}}
	}
	return e
}

// play plays the history, with the sweeper coming every so often in silent time;
// zero is never.
func (r *engineRun) play(m *modelMember, until time.Time, every time.Duration) {
	swept := m.joined
	for _, f := range m.facts {
		for every > 0 && swept.Add(every).Before(f.known) {
			swept = swept.Add(every)
			r.decide(event.Event{Type: event.Settle}, swept)
		}
		r.decide(eventOf(f), f.known)
	}
	for every > 0 && swept.Add(every).Before(until) {
		swept = swept.Add(every)
		r.decide(event.Event{Type: event.Settle}, swept)
	}
	r.decide(event.Event{Type: event.Settle}, until)
}

// thorough raises the number of random histories in the long mode.
func thorough(t *testing.T) {
	if os.Getenv("PREMIA_LONG") == "" {
		return
	}
	checks := flag.Lookup("rapid.checks")
	before := checks.Value.String()
	if err := flag.Set("rapid.checks", "20000"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set("rapid.checks", before) })
}

// TestLevelsFollowFromTheWholeHistory compares all that members are told with the
// model, and the states at the end with one another, whether the sweeper came
// daily, weekly or never.
func TestLevelsFollowFromTheWholeHistory(t *testing.T) {
	thorough(t)
	src, err := os.ReadFile("testdata/model.txt")
	if err != nil {
		t.Fatal(err)
	}
	programs := map[string]*engine.Program{}
	for _, zone := range []string{"Europe/Warsaw", "Asia/Beirut", "America/New_York"} {
		d, err := program.Load("model.yaml", fmt.Appendf(nil, string(src), zone), engine.NewNames())
		if err != nil {
			t.Fatal(err)
		}
		programs[zone] = d.Program
	}
	rapid.Check(t, func(t *rapid.T) {
		p := programs[rapid.SampledFrom([]string{"Europe/Warsaw", "Asia/Beirut", "America/New_York"}).Draw(t, "zone")]
		m := drawn(t, p.Zone)
		until := m.facts[len(m.facts)-1].known.AddDate(0, rapid.IntRange(0, 40).Draw(t, "silent months"), 0)
		run := newRun(p)
		run.play(m, until, 0)
		for _, l := range modelLadders() {
			var want []string
			for _, c := range m.tell(l, until) {
				at := calendar.Of(c.at)
				if c.what == "back" || c.what == "yearly" {
					at = 0
				}
				want = append(want, said(at, c.what, fmt.Sprint("l", c.level)))
			}
			if diff := cmp.Diff(want, run.told[l.id]); diff != "" {
				t.Fatalf("%s (-model +engine):\n%s", l.id, diff)
			}
		}
		ends := map[string]calendar.Instant{}
		for _, x := range tier.Standings(p, &run.state, calendar.Of(until)) {
			ends[x.Ladder.ID] = x.Ends
		}
		for _, l := range modelLadders() {
			if want := m.stays(l, until); ends[l.id] != want {
				t.Fatalf("%s: what counts at %v is said to count until %v, not %v", l.id, until, ends[l.id], want)
			}
		}
		end := run.state.Append(nil)
		for _, every := range []time.Duration{24 * time.Hour, 7 * 24 * time.Hour} {
			swept := newRun(p)
			swept.play(m, until, every)
			if !bytes.Equal(end, swept.state.Append(nil)) {
				t.Fatalf("swept every %v: %s", every, cmp.Diff(run.state, swept.state))
			}
			if diff := cmp.Diff(run.postings, swept.postings); diff != "" {
				t.Fatalf("swept every %v, the postings differ:\n%s", every, diff)
			}
			if diff := cmp.Diff(run.told, swept.told); diff != "" {
				t.Fatalf("swept every %v, another thing is told:\n%s", every, diff)
			}
		}
	})
}
