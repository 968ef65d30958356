package tier

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/text"
)

// Period is what a ladder counts in: a calendar period, a membership year, the
// last months or days, or for ever.
type Period struct {
	Kind PeriodKind
	// Unit is the calendar period: of a rolling period, ByMonth or ByDay.
	Unit calendar.Unit
	// Count is how many months or days roll, the present one among them.
	Count int
}

// PeriodKind is how a ladder counts.
type PeriodKind uint8

// The kinds of periods.
const (
	Calendar    PeriodKind = iota + 1 // from the beginning of each calendar period
	Anniversary                       // from each anniversary of the enrolment
	Rolling                           // over the last months or days
	Ever                              // since counting began
)

// The most that a rolling period may have: as many sums a member may have, twice.
const (
	mostMonths = 36
	mostDays   = 92
)

var rollingForm = regexp.MustCompile(`^rolling ([0-9]{1,3}) (months|days)$`)

// UnmarshalText reads "calendar year", "calendar quarter", "calendar month",
// "anniversary year", "rolling 12 months", "rolling 90 days" or "ever".
func (p *Period) UnmarshalText(src []byte) error {
	s := string(src)
	switch s {
	case "calendar year":
		*p = Period{Kind: Calendar, Unit: calendar.ByYear}
	case "calendar quarter":
		*p = Period{Kind: Calendar, Unit: calendar.ByQuarter}
	case "calendar month":
		*p = Period{Kind: Calendar, Unit: calendar.ByMonth}
	case "anniversary year":
		*p = Period{Kind: Anniversary}
	case "ever":
		*p = Period{Kind: Ever}
	default:
		return p.rolling(s)
	}
	return nil
}

func (p *Period) rolling(s string) error {
	m := rollingForm.FindStringSubmatch(s)
	if m == nil {
		return text.Advise(text.Say("{Text} is no period to count in", strconv.Quote(s)), "write calendar year, calendar quarter, calendar month, anniversary year, rolling 12 months, rolling 90 days, or ever")
	}
	n, _ := strconv.Atoi(m[1])
	*p = Period{Kind: Rolling, Unit: calendar.ByMonth, Count: n}
	most := mostMonths
	if m[2] == "days" {
		p.Unit, most = calendar.ByDay, mostDays
	}
	if n < 1 || n > most {
		return text.Advise(text.Say("{Number} {M} can't be counted", n, m[2]), text.Say("write 1 to {Months} months, or 1 to {Days} days", mostMonths, mostDays))
	}
	return nil
}

// String writes the period as the document does.
func (p Period) String() string {
	switch p.Kind {
	case Anniversary:
		return "anniversary year"
	case Rolling:
		return fmt.Sprintf("rolling %d %ss", p.Count, p.Unit)
	case Ever:
		return "ever"
	}
	return "calendar " + p.Unit.String()
}

// JSONSchema describes a period to editors.
func (Period) JSONSchema() map[string]any {
	return map[string]any{
		"type": "string", "description": "calendar year, calendar quarter, calendar month, anniversary year, rolling 12 months, rolling 90 days, or ever",
		"pattern": `^(calendar (year|quarter|month)|anniversary year|rolling [0-9]{1,3} (months|days)|ever)$`,
	}
}

// Keep is how long a level is kept after the period in which it was earned.
type Keep struct {
	// Next keeps it until the end of the period after that.
	Next bool
	// Period is the word for it that the document uses, if any: year, quarter or
	// month.
	Period string
	For    document.Span
}

var keepForm = regexp.MustCompile(`^until the end of the next (period|year|quarter|month)$`)

// UnmarshalText reads "until the end of the next year" or a length of time.
func (k *Keep) UnmarshalText(src []byte) error {
	s := string(src)
	if m := keepForm.FindStringSubmatch(s); m != nil {
		*k = Keep{Next: true, Period: m[1]}
		return nil
	}
	span, err := document.ParseSpan(s)
	if err != nil {
		return text.Advise(text.Say("{Text} does not say how long a level is kept", strconv.Quote(s)), "write until the end of the next year (or quarter, month, period), or a length of time such as 6mo")
	}
	*k = Keep{For: span}
	return nil
}

// JSONSchema describes the keeping of a level to editors.
func (Keep) JSONSchema() map[string]any {
	return map[string]any{"type": "string", "description": "until the end of the next year (or quarter, month, period), or a length of time such as 6mo"}
}

// calendarOf reckons with a ladder's periods.
type calendarOf struct {
	period Period
	zone   *time.Location
	anchor calendar.Instant
	table  *table
}

// table has what the calendar says of the periods of a hundred years, each after
// the one before it: reckoning with dates costs more than the rest of a decision.
type table struct {
	starts []calendar.Instant
	kept   []calendar.Instant // until when a level is kept that was earned in the period
}

// The years of a table, the last not among them.
const firstYear, endYear = 2000, 2100

// tabled writes the table of a ladder; nil for one whose periods are not the same
// for all members, or too many.
func (l *Ladder) tabled(zone *time.Location) *table {
	if l.Period.Kind == Anniversary || l.Period.Kind == Ever || l.Period.Unit == calendar.ByDay {
		return nil
	}
	t := &table{}
	w := walk{ladder: l, calendarOf: calendarOf{period: l.Period, zone: zone}}
	end := calendar.Of(time.Date(endYear, 1, 1, 12, 0, 0, 0, zone))
	for at := calendar.Of(time.Date(firstYear, 1, 1, 12, 0, 0, 0, zone)); at < end; {
		start, next := w.around(at)
		t.starts = append(t.starts, start)
		t.kept = append(t.kept, w.kept(start, next))
		at = next
	}
	return t
}

// find gives the number of the period around an instant, and whether the table has
// it and the one after it.
func (t *table) find(at calendar.Instant) (int, bool) {
	if t == nil || at < t.starts[0] || at >= t.starts[len(t.starts)-1] {
		return 0, false
	}
	low, high := 0, len(t.starts)-1 // starts[low] <= at < starts[high]
	for high-low > 1 {
		if middle := (low + high) / 2; t.starts[middle] <= at {
			low = middle
		} else {
			high = middle
		}
	}
	return low, true
}

// around gives the bounds of the period, or of the part of a rolling one, around
// an instant.
func (c *calendarOf) around(at calendar.Instant) (start, end calendar.Instant) {
	switch c.period.Kind {
	case Anniversary:
		return calendar.LastAnniversary(c.anchor, at, c.zone), calendar.NextAnniversary(c.anchor, at, c.zone)
	case Ever:
		return calendar.Beginning, calendar.Never
	}
	if i, ok := c.table.find(at); ok {
		return c.table.starts[i], c.table.starts[i+1]
	}
	return calendar.Start(at, c.period.Unit, c.zone), calendar.End(at, c.period.Unit, c.zone)
}

// back gives the beginning of the period that is so many before the one that
// begins at start; with less than zero, so many after it.
func (c *calendarOf) back(start calendar.Instant, n int) calendar.Instant {
	if n == 0 || c.period.Kind == Ever {
		return start
	}
	if i, ok := c.table.find(start); ok && i >= n && i-n < len(c.table.starts) {
		return c.table.starts[i-n]
	}
	var s calendar.Span
	switch {
	case c.period.Kind == Anniversary:
		// A day more, for years that begin on 29 February.
		return calendar.LastAnniversary(c.anchor, calendar.Add(start, calendar.Span{Years: -n, Days: 1}, c.zone), c.zone)
	case c.period.Unit == calendar.ByYear:
		s.Years = -n
	case c.period.Unit == calendar.ByQuarter:
		s.Months = -3 * n
	case c.period.Unit == calendar.ByMonth:
		s.Months = -n
	default:
		s.Days = -n
	}
	// Midnight may be missing on the other day; noon never is.
	start, _ = c.around(calendar.Add(calendar.Add(start, noon, c.zone), s, c.zone))
	return start
}

// noon is a length that leads from a day's beginning to its middle.
var noon = calendar.Span{Minutes: 12 * 60}

// plus adds a length to an instant. From the beginning of a day, whole days lead to
// the beginning of another, even where that is not midnight.
func (c *calendarOf) plus(at calendar.Instant, s calendar.Span) calendar.Instant {
	switch {
	case s.IsZero():
		return at
	case s.Minutes != 0 || calendar.Start(at, calendar.ByDay, c.zone) != at:
		return calendar.Add(at, s, c.zone)
	}
	return calendar.Start(calendar.Add(calendar.Add(at, noon, c.zone), s, c.zone), calendar.ByDay, c.zone)
}
