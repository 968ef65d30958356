// Package pricehistory is what a product cost when, and what may be said of a
// reduced price: since when it is reduced, and the lowest price of the 30 days
// before. It is pure: a history comes in, an answer goes out.
//
// The source is Directive 98/6/EC, Article 6a, as amended by Directive (EU)
// 2019/2161, with the Commission's guidance 2021/C 526/02, section 3. An
// announcement of a price reduction names the lowest price that was applied in the
// 30 days before the reduction. Where a reduction grows step by step without
// interruption, these are the days before its first step (Article 6a, paragraph 5).
// Goods that are on the market for less than 30 days go by the time that they are
// on it (paragraph 4).
//
// What always holds: an entry is in force from its instant until the next one's; a
// price is reduced if it is below the regular one; the lowest price is one that was
// in force before the reduction began.
package pricehistory

import (
	"embed"
	"io/fs"
	"slices"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/text"
)

//go:embed words
var words embed.FS

// Words are the catalogues of what is said of prices.
func Words() fs.FS { return words }

// Days is how many days before a reduction its lowest price is looked for.
const Days = 30

// Entry is what a product costs from an instant on, until the next entry. Amounts
// are minor units of one currency; Price is at most Regular.
type Entry struct {
	At             calendar.Instant
	Regular, Price int64
}

// Reduced tells whether the price is below the regular one.
func (e *Entry) Reduced() bool { return e.Price < e.Regular }

// Answer is what may be said of a product's price at an instant.
type Answer struct {
	// Entry is the one in force.
	Entry
	// Since is when the reduction was first applied, in its first step; calendar.None
	// where the price is not reduced, and the rest is zero then.
	Since calendar.Instant
	// Lowest is the lowest price in force from From until Since. From is Since less
	// 30 days, or when the product was first offered if that was later.
	Lowest int64
	From   calendar.Instant
	// Short tells that the product was offered for less than 30 days before Since.
	Short bool
	// New tells that it was reduced from its first day, so that there is no earlier
	// price: Lowest and From mean nothing.
	New bool
}

// At answers for an instant. The history is in the order of time, one entry for an
// instant; days are those of the zone. ok is false if the product was not offered
// yet.
func At(history []Entry, at calendar.Instant, zone *time.Location) (a Answer, ok bool) {
	now := upTo(history, at) - 1
	if now < 0 {
		return Answer{}, false
	}
	a.Entry = history[now]
	if !a.Reduced() {
		return a, true
	}
	first := firstStep(history, now)
	a.Since = history[first].At
	if first == 0 {
		a.New = true
		return a, true
	}
	a.From = calendar.Add(a.Since, calendar.Span{Days: -Days}, zone)
	if begun := history[0].At; begun > a.From {
		a.From, a.Short = begun, true
	}
	a.Lowest = history[first-1].Price
	for i := first - 1; i >= 0; i-- {
		a.Lowest = min(a.Lowest, history[i].Price)
		if history[i].At <= a.From {
			break // it was in force when the days began, and those before it were not
		}
	}
	return a, true
}

// upTo counts the entries that have begun at an instant.
func upTo(history []Entry, at calendar.Instant) int {
	n, _ := slices.BinarySearchFunc(history, at+1, func(e Entry, t calendar.Instant) int {
		return int(max(min(e.At-t, 1), -1))
	})
	return n
}

// firstStep finds where the reduction began that is in force: as long as the price
// stays reduced and never rises, each entry is a step of the one before.
func firstStep(history []Entry, now int) int {
	for now > 0 && history[now-1].Reduced() && history[now-1].Price >= history[now].Price {
		now--
	}
	return now
}

// Says gives what a shop must show with the price, as messages: nothing where it is
// not reduced. money writes an amount.
func (a *Answer) Says(money func(int64) text.Money, zone *time.Location) []text.Message {
	if a.Since == calendar.None {
		return nil
	}
	since := a.Since.In(zone)
	out := []text.Message{text.New("price.reduced", "Price", money(a.Price), "Regular", money(a.Regular), "Since", day(since))}
	switch {
	case a.New:
		return append(out, text.New("price.new"))
	case a.Short:
		return append(out, text.New("price.lowest_short", "Price", money(a.Lowest), "From", day(a.From.In(zone))))
	}
	return append(out, text.New("price.lowest", "Price", money(a.Lowest)))
}

func day(t time.Time) text.Date {
	year, month, day := t.Date()
	return text.Date{Year: year, Month: month, Day: day}
}
