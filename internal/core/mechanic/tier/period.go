package tier

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
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

type hinted struct{ message, hint string }

func (e hinted) Error() string { return e.message }

// Hint says what to write instead.
func (e hinted) Hint() string { return e.hint }

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
		return hinted{fmt.Sprintf("%q is no period to count in", s), "write calendar year, calendar quarter, calendar month, anniversary year, rolling 12 months, rolling 90 days, or ever"}
	}
	n, _ := strconv.Atoi(m[1])
	*p = Period{Kind: Rolling, Unit: calendar.ByMonth, Count: n}
	most := mostMonths
	if m[2] == "days" {
		p.Unit, most = calendar.ByDay, mostDays
	}
	if n < 1 || n > most {
		return hinted{fmt.Sprintf("%d %s can't be counted", n, m[2]), fmt.Sprintf("write 1 to %d months, or 1 to %d days", mostMonths, mostDays)}
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
		return hinted{fmt.Sprintf("%q does not say how long a level is kept", s), "write until the end of the next year (or quarter, month, period), or a length of time such as 6mo"}
	}
	*k = Keep{For: span}
	return nil
}

// JSONSchema describes the keeping of a level to editors.
func (Keep) JSONSchema() map[string]any {
	return map[string]any{"type": "string", "description": "until the end of the next year (or quarter, month, period), or a length of time such as 6mo"}
}

// calendarOf reckons with a ladder's periods. moments, if it is there, remembers
// what the calendar said.
type calendarOf struct {
	period  Period
	zone    *time.Location
	anchor  calendar.Instant
	moments func(at calendar.Instant, u calendar.Unit) (start, end calendar.Instant)
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
	if c.moments != nil {
		return c.moments(at, c.period.Unit)
	}
	return calendar.Start(at, c.period.Unit, c.zone), calendar.End(at, c.period.Unit, c.zone)
}

// back gives the beginning of the period that is so many before the one that
// begins at start.
func (c *calendarOf) back(start calendar.Instant, n int) calendar.Instant {
	if n == 0 || c.period.Kind == Ever {
		return start
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
