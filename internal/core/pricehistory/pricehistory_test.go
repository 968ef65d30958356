package pricehistory_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"premia/internal/core/calendar"
	"premia/internal/core/pricehistory"
	"premia/internal/core/text"
	"premia/internal/i18n"
)

// hour is the model's smallest step; it counts in whole hours of UTC.
const hour = calendar.Hour

// model is what a product cost in each hour; nothing before it was offered. It knows
// no entries, and looks at hour after hour.
type model struct {
	offered        []bool
	regular, price []int64
}

func (m *model) reduced(h int) bool { return m.offered[h] && m.price[h] < m.regular[h] }

// answer says of an hour since when the price is reduced, the lowest price of the
// 720 hours before, and how many of them the product was offered.
func (m *model) answer(h int) (since int, lowest int64, hours int) {
	if !m.reduced(h) {
		return -1, 0, 0
	}
	since = h
	for since > 0 && m.reduced(since-1) && m.price[since-1] >= m.price[since] {
		since--
	}
	for before := since - 1; before >= max(since-30*24, 0) && m.offered[before]; before-- {
		if hours == 0 || m.price[before] < lowest {
			lowest = m.price[before]
		}
		hours++
	}
	return since, lowest, hours
}

// history draws entries at whole hours, and what they come to in each hour.
func history(t *rapid.T, hours int) ([]pricehistory.Entry, *model) {
	at := rapid.SliceOfNDistinct(rapid.IntRange(0, hours-1), 0, 12, rapid.ID[int]).Draw(t, "hours")
	slices.Sort(at)
	var entries []pricehistory.Entry
	m := &model{make([]bool, hours), make([]int64, hours), make([]int64, hours)}
	for i, h := range at {
		e := pricehistory.Entry{At: calendar.Instant(h) * hour, Regular: rapid.Int64Range(1, 6).Draw(t, "regular")}
		e.Price = rapid.Int64Range(0, e.Regular).Draw(t, "price")
		if rapid.Bool().Draw(t, "whole") {
			e.Price = e.Regular
		}
		entries = append(entries, e)
		end := hours
		if i+1 < len(at) {
			end = at[i+1]
		}
		for ; h < end; h++ {
			m.offered[h], m.regular[h], m.price[h] = true, e.Regular, e.Price
		}
	}
	return entries, m
}

func compare(t *rapid.T, entries []pricehistory.Entry, m *model, h int) {
	a, ok := pricehistory.At(entries, calendar.Instant(h)*hour+rapid.SampledFrom([]calendar.Instant{0, 1, hour - 1}).Draw(t, "within"), time.UTC)
	if ok != m.offered[h] {
		t.Fatalf("offered: %v, the model says %v", ok, m.offered[h])
	}
	if !ok {
		return
	}
	since, lowest, hours := m.answer(h)
	switch {
	case a.Price != m.price[h] || a.Regular != m.regular[h]:
		t.Fatalf("%d of %d, the model says %d of %d", a.Price, a.Regular, m.price[h], m.regular[h])
	case since < 0 && a.Since != calendar.None:
		t.Fatalf("reduced since %v, the model says that it is not", a.Since)
	case since < 0:
		return
	}
	// An entry that says again what was in force begins nothing in the model.
	if a.Since != calendar.Instant(since)*hour || a.New != (hours == 0) || (hours > 0 && (a.Lowest != lowest || a.Short != (hours < 30*24))) {
		t.Fatalf("%+v; the model says since hour %d, lowest %d of %d hours", a, since, lowest, hours)
	}
}

// TestAgainstHours compares every answer with a model that looks at hour after hour.
func TestAgainstHours(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hours := rapid.IntRange(1, 100*24).Draw(t, "length")
		entries, m := history(t, hours)
		compare(t, entries, m, rapid.IntRange(0, hours-1).Draw(t, "hour"))
	})
}

func on(day string) calendar.Instant {
	at, err := time.Parse("2006-01-02 15:04", day+" 00:00")
	if err != nil {
		panic(err)
	}
	return calendar.Of(at)
}

// TestSteps is how the guidance and shops tell it, in złote.
func TestSteps(t *testing.T) {
	stepwise := []pricehistory.Entry{
		{on("2026-01-01"), 100, 100}, {on("2026-03-01"), 90, 90}, {on("2026-03-11"), 100, 100},
		{on("2026-04-01"), 100, 80}, {on("2026-04-05"), 100, 70}, {on("2026-04-20"), 100, 50},
		{on("2026-04-25"), 100, 100}, {on("2026-04-26"), 100, 95}, {on("2026-05-02"), 100, 98},
		{on("2026-05-30"), 100, 60},
	}
	for _, c := range []struct {
		about, at, since, from string
		lowest                 int64
		short, isNew           bool
		history                []pricehistory.Entry
	}{
		{about: "the first step", at: "2026-04-01", since: "2026-04-01", from: "2026-03-02", lowest: 90},
		{about: "a deeper step counts from the first", at: "2026-04-06", since: "2026-04-01", from: "2026-03-02", lowest: 90},
		{about: "the last step", at: "2026-04-24", since: "2026-04-01", from: "2026-03-02", lowest: 90},
		{about: "an interruption of a day starts anew", at: "2026-04-26", since: "2026-04-26", from: "2026-03-27", lowest: 50},
		{about: "a smaller reduction is a new one", at: "2026-05-02", since: "2026-05-02", from: "2026-04-02", lowest: 50},
		{about: "a step from there", at: "2026-05-30", since: "2026-05-02", from: "2026-04-02", lowest: 50},
		{about: "on sale for ten days", at: "2026-01-11", since: "2026-01-11", from: "2026-01-01", lowest: 40, short: true,
			history: []pricehistory.Entry{{on("2026-01-01"), 40, 40}, {on("2026-01-05"), 50, 50}, {on("2026-01-11"), 50, 30}}},
		{about: "on sale for thirty days", at: "2026-01-31", since: "2026-01-31", from: "2026-01-01", lowest: 40,
			history: []pricehistory.Entry{{on("2026-01-01"), 40, 40}, {on("2026-01-31"), 40, 30}}},
		{about: "reduced from the first day", at: "2026-01-11", since: "2026-01-01", isNew: true,
			history: []pricehistory.Entry{{on("2026-01-01"), 50, 30}}},
	} {
		h := c.history
		if h == nil {
			h = stepwise
		}
		a, ok := pricehistory.At(h, on(c.at), time.UTC)
		if !ok || a.Since != on(c.since) || a.Lowest != c.lowest || a.Short != c.short || a.New != c.isNew || (!c.isNew && a.From != on(c.from)) {
			t.Errorf("%s: %+v", c.about, a)
		}
	}
}

// TestDaysOfTheZone counts thirty days of the calendar also where the clock changes.
func TestDaysOfTheZone(t *testing.T) {
	zone, err := calendar.Zone("Europe/Warsaw")
	if err != nil {
		t.Fatal(err)
	}
	began := func(month time.Month, day int) calendar.Instant {
		return calendar.Of(time.Date(2026, month, day, 0, 0, 0, 0, zone))
	}
	h := []pricehistory.Entry{{began(1, 1), 10, 10}, {began(3, 10), 20, 20}, {began(4, 9), 20, 15}}
	if a, _ := pricehistory.At(h, began(4, 9), zone); a.From != began(3, 10) || a.Lowest != 20 {
		t.Errorf("%+v: the day on which the price rose is the first of the thirty", a)
	}
}

// TestSays is what a shop shows, in each language.
func TestSays(t *testing.T) {
	c, err := i18n.Load(pricehistory.Words())
	if err != nil {
		t.Fatal(err)
	}
	zloty := func(minor int64) text.Money { return text.Money{Minor: minor, Scale: 2, Currency: "PLN"} }
	reduced := pricehistory.Answer{Entry: pricehistory.Entry{Regular: 12_900, Price: 8_900}, Since: on("2026-04-01"), Lowest: 9_900, From: on("2026-03-02")}
	short, first := reduced, reduced
	short.Short, first.New = true, true
	for lang, want := range map[string]string{
		"en": "Lowest price in the 30 days before the reduction: PLN\u00a099.00",
		"pl": "Najniższa cena z 30 dni przed obniżką: 99,00\u00a0zł",
		"cs": "Nejnižší cena za 30 dní před slevou: 99,00\u00a0PLN",
		"ru": "Самая низкая цена за 30 дней до снижения: 99,00\u00a0PLN",
	} {
		said := reduced.Says(zloty, time.UTC)
		if got := c.Render(lang, said[1]); got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
		for _, a := range []pricehistory.Answer{reduced, short, first} {
			for _, m := range a.Says(zloty, time.UTC) {
				t.Log(c.Render(lang, m))
			}
		}
	}
}
