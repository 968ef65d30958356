package simulate

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/fit"
	"premia/internal/core/program"
)

func document(t testing.TB, src string) *program.Document {
	t.Helper()
	doc, err := program.Load("program.yaml", []byte(src), engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// issued gives what a history's members are given under two programs.
func issued(t testing.TB, h *History, tried *fit.Tried) (before, after int64) {
	t.Helper()
	options := Options{AsOf: h.Last()}
	return simulated(t, tried.Before, h, options).Report.Wallets[0].Issued.Minor, simulated(t, tried.After, h, options).Report.Wallets[0].Issued.Minor
}

// TestAWeekendToCome costs double points on days to come over drawn histories: the
// difference is what the purchases of the latest such days that are over gave, which the
// test finds by walking back through the calendar.
func TestAWeekendToCome(t *testing.T) {
	zone, _ := calendar.Zone("Europe/Warsaw")
	tried, untried := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		start := time.Date(2026, time.Month(rapid.IntRange(1, 12).Draw(r, "month")), rapid.IntRange(1, 28).Draw(r, "day"), 0, 0, 0, 0, zone)
		days := rapid.IntRange(1, 40).Draw(r, "days")
		var events []*event.Event
		for i := range rapid.IntRange(1, 60).Draw(r, "purchases") {
			minutes := rapid.IntRange(0, days*24*60-1).Draw(r, "minutes")
			events = append(events, &event.Event{
				ID: fmt.Sprint("e", i), Type: event.Purchase, Member: fmt.Sprint("card:", i%7), Given: event.GivenTotal,
				At: calendar.Of(start.Add(time.Duration(minutes) * time.Minute)), Total: rapid.Int64Range(0, 90_00).Draw(r, "total"),
			})
		}
		h := load(t, compile(t, plainProgram), events...)
		length := rapid.IntRange(1, 9).Draw(r, "length")
		last := h.Last().In(zone)
		from := time.Date(last.Year(), last.Month(), last.Day()+rapid.IntRange(1, 60).Draw(r, "ahead"), 0, 0, 0, 0, zone)
		until := from.AddDate(0, 0, length)
		draft := plainProgram + fmt.Sprintf("campaigns: [{id: double, name: {en: Double}, from: %s, until: %s, multiply: {points: 2}}]\n",
			from.Format(time.DateOnly), until.AddDate(0, 0, -1).Format(time.DateOnly))

		begin, end := from, until
		today := time.Date(last.Year(), last.Month(), last.Day(), 0, 0, 0, 0, zone)
		for end.After(today) {
			begin, end = begin.AddDate(0, 0, -7), end.AddDate(0, 0, -7)
		}
		want, within := int64(0), int64(0)
		for _, e := range events {
			if at := e.At.In(zone); !at.Before(begin) && at.Before(end) {
				want += e.Total / 100
				within++
			}
		}
		out, err := fit.OntoPast(h, document(t, plainProgram), document(t, draft))
		if err != nil || len(out.Trials) != 1 || out.Trials[0].Names["en"] != "Double" {
			r.Fatalf("%+v, %v", out, err)
		}
		before, after := issued(t, h, out)
		if got := after - before; got != want {
			r.Fatalf("double points cost %d, but the purchases of %s–%s gave %d", got, begin, end, want)
		}
		if out.Trials[0].Events != within {
			r.Fatalf("%d events are said to be in the days, want %d", out.Trials[0].Events, within)
		}
		if within > 0 {
			tried++
		} else {
			untried++
		}
	})
	if tried == 0 || untried == 0 {
		t.Errorf("%d were tried and %d not, so the test shows nothing", tried, untried)
	}
}

// fiveWeeks is a history of a purchase of 10.00 on each day of five weeks that end on
// Thursday, 26 November 2026.
func fiveWeeks(t *testing.T) *History {
	var events []*event.Event
	zone, _ := calendar.Zone("Europe/Warsaw")
	for i := range 35 {
		at := time.Date(2026, time.October, 23+i, 12, 0, 0, 0, zone)
		events = append(events, &event.Event{
			ID: fmt.Sprint("e", i), Type: event.Purchase, Member: "card:1", Given: event.GivenTotal, At: calendar.Of(at), Total: 10_00,
		})
	}
	return load(t, compile(t, plainProgram), events...)
}

// TestOntoPast compares documents by what their differences give on a purchase of ten
// points a day.
func TestOntoPast(t *testing.T) {
	h := fiveWeeks(t)
	zone, _ := calendar.Zone("Europe/Warsaw")
	day := func(at calendar.Instant) string { return at.In(zone).Format(time.DateOnly) }
	const (
		weekend  = "{id: weekend, from: 2026-12-05, until: 2026-12-06, multiply: {points: 2}}"
		next     = "{id: next, from: 2026-12-12, until: 2026-12-13, multiply: {points: 3}}"
		past     = "{id: past, from: 2026-11-21, until: 2026-11-22, multiply: {points: 2}}"
		december = "{id: december, from: 2026-12-01, until: 2026-12-14, multiply: {points: 3}, stacking: {group: g}}"
		grouped  = "{id: weekend, from: 2026-12-05, until: 2026-12-06, multiply: {points: 2}, stacking: {group: g}}"
	)
	rules := func(earn, campaigns string) string {
		return plainProgram[:len(plainProgram)-len("earn: [{id: spend, give: {points: 1, per: 1.00}}]\n")] + "earn: [" + earn + "]\ncampaigns: [" + campaigns + "]\n"
	}
	const spend = "{id: spend, give: {points: 1, per: 1.00}}"
	for name, c := range map[string]struct {
		before, after string
		want          int64
		past          string // the first day on which the first trial was
		events        int64
	}{
		"a weekend":                  {rules(spend, ""), rules(spend, weekend), 20, "2026-11-21", 2},
		"a weekend that was planned": {rules(spend, weekend), rules(spend, weekend), 0, "", 0},
		"a weekend that is dropped":  {rules(spend, weekend), rules(spend, ""), -20, "2026-11-21", 2},
		"a weekend with a higher factor": {
			rules(spend, weekend), rules(spend, "{id: weekend, from: 2026-12-05, until: 2026-12-06, multiply: {points: 4}}"), 40, "2026-11-21", 2,
		},
		"two weekends do not meet": {rules(spend, ""), rules(spend, weekend+", "+next), 20 + 40, "2026-11-21", 2},
		"a weekend after one of its group": {
			rules(spend, "{id: past, from: 2026-11-21, until: 2026-11-22, multiply: {points: 3}, stacking: {group: g}}"),
			rules(spend, "{id: past, from: 2026-11-21, until: 2026-11-22, multiply: {points: 3}, stacking: {group: g}}, "+grouped), 20, "2026-11-14", 2,
		},
		"a weekend after another":        {rules(spend, past), rules(spend, past+", "+weekend), 20, "2026-11-21", 2},
		"a weekend that another outdoes": {rules(spend, december), rules(spend, december+", "+grouped), 0, "2026-11-21", 2},
		"a paused weekend":               {rules(spend, ""), rules(spend, "{id: weekend, paused: true, from: 2026-12-05, until: 2026-12-06, multiply: {points: 2}}"), 0, "", 0},
		"more days than the past has":    {rules(spend, ""), rules(spend, "{id: long, from: 2026-12-01, until: 2027-03-31, multiply: {points: 2}}"), 340, "2026-10-23", 34},
		"a campaign goes on for longer": {
			rules(spend, "{id: november, from: 2026-11-23, until: 2026-11-29, multiply: {points: 2}}"),
			rules(spend, "{id: november, from: 2026-11-23, until: 2026-12-06, multiply: {points: 2}}"), 70, "2026-11-09", 14,
		},
		"a rule for good": {
			rules(spend, ""), rules(spend+", {id: more, from: 2026-12-01, give: {points: 5}}", ""), 35 * 5, "2026-10-23", 35,
		},
		"a rule instead of another": {
			rules(spend, ""),
			rules("{id: spend, until: 2026-11-30, give: {points: 1, per: 1.00}}, {id: more, from: 2026-12-01, give: {points: 3, per: 1.00}}", ""), 35 * 20, "2026-10-23", 35,
		},
		"a later end": {
			rules("{id: spend, until: 2026-11-30, give: {points: 1, per: 1.00}}", ""), rules("{id: spend, until: 2026-12-07, give: {points: 1, per: 1.00}}", ""), 70, "2026-11-17", 7,
		},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := fit.OntoPast(h, document(t, c.before), document(t, c.after))
			if err != nil {
				t.Fatal(err)
			}
			before, after := issued(t, h, out)
			if after-before != c.want {
				t.Errorf("it costs %d, want %d", after-before, c.want)
			}
			if c.past == "" {
				if len(out.Trials) > 0 {
					t.Errorf("nothing was to be tried: %+v", out.Trials)
				}
				return
			}
			if len(out.Trials) == 0 || day(out.Trials[0].PastFrom) != c.past || out.Trials[0].Events != c.events {
				t.Errorf("it was tried so: %+v", out.Trials)
			}
		})
	}
}
