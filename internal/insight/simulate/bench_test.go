package simulate

import (
	"context"
	"fmt"
	"syscall"
	"testing"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
)

// tenRules is a program with ten rules of the usual kinds.
const tenRules = `
program: ten rules
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets:
  points: {name: {en: points}, pending: 14d, expires: {after: 12mo, at: end of month}, worth: 0.02}
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
  - {id: coffee, items: 'item.category == "coffee"', give: {points: 1, per: 1.00}}
  - {id: large, when: event.total >= 200.00, give: {points: 20}}
  - {id: app, when: event.channel == "app", give: {points: 5}, limits: {points: {each day: 10}}}
  - {id: first, when: member.purchases == 0, give: {points: 50}}
campaigns:
  - {id: may, from: 2025-05-01, until: 2025-05-31, multiply: {points: 2}}
  - {id: weekend, days: [sat, sun], when: event.store == "krakow", bonus: {points: 3}}
  - {id: morning, when: time.hour < 10, bonus: {points: 2}}
  - {id: loyal, when: 'member.purchases >= 10 && event.total > 50.00', bonus: {points: 4}}
  - {id: sale, when: event.channel == "web", bonus: {points: 10}, limits: {points: {in total: %d}}}
`

// year makes a history of a year: members who buy in turn, in stores and
// elsewhere.
func year(b *testing.B, p *engine.Program, events, members, items int) *History {
	b.Helper()
	channels := []string{"app", "store", "store", "web"}
	stores := []string{"krakow", "gdansk", "praha", "brno"}
	categories := []string{"coffee", "tea", "cake", "gift"}
	start := calendar.Of(calendar.Instant(1_735_689_600_000_000).In(p.Zone))
	step := 365 * calendar.Day / calendar.Instant(events)
	l := &list{}
	for i := range events {
		m := (i * 7919) % members
		e := &event.Event{
			ID: fmt.Sprint("e", i), Type: event.Purchase, Member: fmt.Sprint("card:", m), At: start + calendar.Instant(i)*step,
			Order: fmt.Sprint("o", i), Channel: channels[(i/3)%4], Store: stores[m%4], Currency: "PLN",
		}
		if items == 0 {
			e.Total, e.Given = int64(500+(i*31)%30_000), event.GivenTotal
		}
		for n := range items {
			e.Items = append(e.Items, event.Item{
				SKU: fmt.Sprint("s", (i+n)%500), Category: categories[(i+n)%4], Quantity: 1_000 * int64(1+n%3),
				UnitPrice: int64(1_000_000 * (1 + (i+n)%40)), GivenUnitPrice: true,
			})
		}
		if err := e.Check("PLN", 2); err != nil {
			b.Fatal(err)
		}
		l.entries = append(l.entries, Entry{Event: e})
	}
	h, err := Load(context.Background(), l, scales(p))
	if err != nil {
		b.Fatal(err)
	}
	return h
}

func benchmark(b *testing.B, budget, events, items int) {
	p := compile(b, fmt.Sprintf(tenRules, budget))
	h := year(b, p, events, events/20, items)
	b.ReportAllocs()
	before := processorTime(b)
	b.ResetTimer()
	for b.Loop() {
		simulated(b, p, h, Options{})
	}
	n := float64(events) * float64(b.N)
	b.ReportMetric(n/b.Elapsed().Seconds(), "events/s")
	// What one processor needs for an event, whoever else is at work.
	b.ReportMetric(float64(processorTime(b)-before)/n, "cpu-ns/event")
}

// processorTime is what the process has used of processors, in nanoseconds.
func processorTime(b *testing.B) int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

func BenchmarkSimulateTotals(b *testing.B)  { benchmark(b, 1_000_000_000, 200_000, 0) }
func BenchmarkSimulateBaskets(b *testing.B) { benchmark(b, 1_000_000_000, 50_000, 10) }

// BenchmarkSimulateBudget has a budget that runs out.
func BenchmarkSimulateBudget(b *testing.B) { benchmark(b, 10_000, 200_000, 0) }
