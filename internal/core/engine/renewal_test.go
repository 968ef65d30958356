package engine_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/program"
)

// renewed are programs that may follow one another: silver from 100, from 50, with
// conversions each quarter, each month, without ladders, and without anything.
var renewed = []string{
	"tiers: {status: {by: spend, period: calendar year, levels: [{id: bronze}, {id: silver, from: 100, benefits: {welcome: {miles: 3}}}]}}",
	"tiers: {status: {by: spend, period: calendar year, levels: [{id: bronze}, {id: silver, from: 50, benefits: {welcome: {miles: 3}}}]}}",
	"tiers: {status: {by: spend, period: calendar year, levels: [{id: bronze}, {id: silver, from: 50}]}}\nconversions: [{id: turn, from: points, each: quarter, every: 10, gives: {miles: 1}}]",
	"conversions: [{id: turn, from: points, each: month, every: 10, gives: {miles: 1}}]",
	"",
}

func renewedPrograms(t *testing.T) []*engine.Program {
	t.Helper()
	names, out := engine.NewNames(), []*engine.Program{}
	for i, more := range renewed {
		src := "program: P\ncurrency: PLN\ntimezone: Europe/Warsaw\nlanguages: [en]\nwallets: {points: {name: points}, miles: {name: miles}}\nearn: [{id: e, give: {points: 1, per: 1.00}}]\n" + more + "\n"
		d, err := program.Load("p.yaml", []byte(src), names)
		if err != nil {
			t.Fatal(i, err)
		}
		d.Program.Version = uint32(i + 1)
		out = append(out, d.Program)
	}
	return out
}

// A member who is silent meets new thresholds and conversions when they come into
// force, whenever somebody looks.
func TestSilentMembersMeetNewRules(t *testing.T) {
	programs := renewedPrograms(t)
	at := func(s string) calendar.Instant {
		day, err := time.ParseInLocation(time.DateOnly, s, programs[0].Zone)
		if err != nil {
			t.Fatal(err)
		}
		return calendar.Of(day)
	}
	rules := engine.NewTimeline(
		engine.Live{From: calendar.Beginning, Program: programs[0]},
		engine.Live{From: at("2026-03-01"), Program: programs[1]},
		engine.Live{From: at("2026-05-01"), Program: programs[2]},
	)
	s := &ledger.State{}
	var d engine.Decision
	var decider engine.Decider
	decide := func(day string, e event.Event) {
		e.At = at(day)
		decider.Decide(rules, s, &e, engine.Inputs{Clock: e.At, Member: 7}, &d)
	}
	decide("2026-01-10", event.Event{Type: event.Enrolment})
	decide("2026-01-10", event.Event{ID: "a", Type: event.Purchase, Total: 6000, Given: event.GivenTotal})
	if due := rules.Due(s); due != at("2026-03-01") {
		t.Errorf("the member is due at %v, want when the thresholds are lowered", due)
	}
	miles := programs[0].WalletByID("miles").Name
	for _, x := range []struct {
		day, level string
		miles      int64
	}{
		{"2026-02-28", "level.status.bronze", 0},
		{"2026-03-01", "level.status.silver", 3},
		{"2026-06-30", "level.status.silver", 3},
		{"2026-07-01", "level.status.silver", 9}, // six times ten points at the quarter's end
	} {
		then, _ := engine.Settled(rules, 7, s, at(x.day))
		own := then.Tiers[0]
		if got := programs[0].Names.Name(own.Level); got != x.level || then.BalanceOf(miles).Available != x.miles {
			t.Errorf("on %s %s and %d miles, want %s and %d", x.day, got, then.BalanceOf(miles).Available, x.level, x.miles)
		}
	}
	then, _ := engine.Settled(rules, 7, s, at("2026-12-31"))
	if own := then.Tiers[0]; own.Since != at("2026-03-01") {
		t.Errorf("silver since %v, want the day of the new thresholds", own.Since)
	}
}

// It makes no difference who looks how often while programs come and go: the state at
// the end is the same, byte for byte, and so is all that was told.
func TestProgramsComeByThemselves(t *testing.T) {
	programs := renewedPrograms(t)
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, programs[0].Zone)
	rapid.Check(t, func(t *rapid.T) {
		const days = 500
		lives := []engine.Live{{From: calendar.Beginning, Program: programs[0]}}
		for _, i := range rapid.Permutation([]int{1, 2, 3, 4}).Draw(t, "programs") {
			from := start.AddDate(0, 0, rapid.IntRange(1, days).Draw(t, "from")).Add(time.Duration(rapid.SampledFrom([]int{0, 0, -1, 3_600_000_000}).Draw(t, "micros")) * time.Microsecond)
			lives = append(lives, engine.Live{From: calendar.Of(from), Program: programs[i]})
		}
		rules := engine.NewTimeline(lives...)
		bought := map[int]int64{}
		for range rapid.IntRange(0, 6).Draw(t, "purchases") {
			bought[rapid.IntRange(1, days-1).Draw(t, "day")] = rapid.Int64Range(1, 90).Draw(t, "total")
		}
		var want []byte
		var wantTold string
		for _, every := range []int{days + 1, 1, 7} {
			s, told := renewedLife(rules, start, days, every, bought)
			got := s.Append(nil)
			if want == nil {
				want, wantTold = got, told
			}
			if !bytes.Equal(got, want) {
				t.Fatalf("swept every %d days the state is another one: %+v", every, s)
			}
			if told != wantTold {
				t.Fatalf("swept every %d days another thing is told:\n%s\nthan\n%s", every, told, wantTold)
			}
		}
	})
}

// renewedLife lets a member buy at noon and be swept at three o'clock every so many
// days, where nothing is kept of a sweep that did nothing.
func renewedLife(rules *engine.Timeline, start time.Time, days, every int, bought map[int]int64) (*ledger.State, string) {
	s := &ledger.State{}
	var told strings.Builder
	var decider engine.Decider
	decide := func(at time.Time, e event.Event) {
		var d engine.Decision
		e.At = calendar.Of(at)
		then := s.Clone()
		decider.Decide(rules, then, &e, engine.Inputs{Clock: e.At, Member: 7}, &d)
		if e.Type == event.Settle && len(d.Steps)+len(d.Postings) == 0 {
			return
		}
		s = then
		for i := range d.Steps {
			if x := &d.Steps[i]; x.Result == engine.LevelReached || x.Result == engine.LevelLost || x.Result == engine.Converted {
				fmt.Fprintln(&told, x.Rule, x.Result, x.Base, x.Amount)
			}
		}
	}
	decide(start, event.Event{Type: event.Enrolment})
	for day := 1; day < days; day++ {
		if day%every == every-1 {
			decide(start.AddDate(0, 0, day).Add(3*time.Hour), event.Event{Type: event.Settle})
		}
		if total := bought[day]; total > 0 {
			decide(start.AddDate(0, 0, day).Add(12*time.Hour), event.Event{ID: fmt.Sprint(day), Type: event.Purchase, Total: total * 100, Given: event.GivenTotal})
		}
	}
	decide(start.AddDate(0, 0, days), event.Event{ID: "end", Type: event.Purchase, Total: 100, Given: event.GivenTotal})
	return s, told.String()
}
