package document

import (
	"fmt"
	"regexp"
	"time"

	"premia/internal/core/text"
)

// The years that dates in documents may have.
const (
	minYear = 1900
	maxYear = 2999
)

const datePattern = `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`

var dateForm = regexp.MustCompile(datePattern)

// Date is a day of the calendar, without a time zone. The zero Date is no date.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads a date written 2026-05-01, from the year 1900 to 2999, that
// exists in the calendar.
func ParseDate(written string) (Date, error) {
	if !dateForm.MatchString(written) {
		return Date{}, text.Advise(text.Say("{Text} is not a date", quoteShort(written)), "write year-month-day, such as 2026-05-01")
	}
	t, err := time.Parse(time.DateOnly, written)
	if err != nil {
		return Date{}, text.Advise(text.Say("there is no day {Text}", written), "check the month and the day")
	}
	if err := checkYear(t); err != nil {
		return Date{}, err
	}
	return Date{Year: t.Year(), Month: t.Month(), Day: t.Day()}, nil
}

func checkYear(t time.Time) error {
	if t.Year() < minYear || t.Year() > maxYear {
		return text.Advise(text.Say("the year {Year} is out of range", t.Year()), text.Say("write a year from {MinYear} to {Most}", minYear, maxYear))
	}
	return nil
}

// String writes the date as 2026-05-01.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// IsZero tells whether it is no date.
func (d Date) IsZero() bool { return d == Date{} }

// In is the first instant of the day in a time zone. Where clocks skip midnight
// that day it is the instant after the gap.
func (d Date) In(zone *time.Location) time.Time {
	t := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone)
	if t.Day() == d.Day {
		return t
	}
	// Midnight does not exist and time.Date chose an instant of the day before;
	// the zone's next transition is where this day begins.
	_, end := t.ZoneBounds()
	return end
}

// Before tells whether d comes before e.
func (d Date) Before(e Date) bool { return d.String() < e.String() }

// UnmarshalText reads a date as [ParseDate] does.
func (d *Date) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDate(string(text))
	return err
}

// MarshalText writes the date as 2026-05-01.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// JSONSchema describes a date to editors.
func (Date) JSONSchema() map[string]any {
	return map[string]any{"type": "string", "format": "date", "pattern": datePattern, "examples": []any{"2026-05-01"}}
}

// Moment is a date, perhaps with a time of day, perhaps with a time zone's
// offset. Without an offset it is meant in the program's time zone. The zero
// Moment is none.
type Moment struct {
	Date                 Date
	Hour, Minute, Second int
	HasTime              bool // false when only the date was written
	HasZone              bool // true when the offset was written, or Z
	Offset               int  // seconds east of UTC
}

const momentPattern = `^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?$`

var momentForm = regexp.MustCompile(momentPattern)

// ParseMoment reads 2026-05-01, 2026-05-01 08:00, 2026-05-01 08:00:30, or these
// with a T between date and time and with an offset, as RFC 3339 has it:
// 2026-05-01T08:00:00+02:00. Fractions of a second are refused.
func ParseMoment(written string) (Moment, error) {
	parts := momentForm.FindStringSubmatch(written)
	if parts == nil {
		return Moment{}, text.Advise(text.Say("{Text} is not a date or a time", quoteShort(written)),
			"write 2026-05-01, 2026-05-01 08:00 or 2026-05-01T08:00:00+02:00")
	}
	date, err := ParseDate(written[:len(time.DateOnly)])
	if err != nil || parts[1] == "" {
		return Moment{Date: date}, err
	}
	layout := "15:04"
	if parts[2] != "" {
		layout = "15:04:05"
	}
	if parts[3] != "" {
		layout += "Z07:00"
	}
	clock := written[len(time.DateOnly)+1:]
	t, err := time.Parse(layout, clock)
	if err != nil {
		return Moment{}, text.Advise(text.Say("there is no time {Clock}", clock), "write hours from 00 to 23, and an offset such as +02:00")
	}
	m := Moment{Date: date, Hour: t.Hour(), Minute: t.Minute(), Second: t.Second(), HasTime: true, HasZone: parts[3] != ""}
	if m.HasZone {
		_, m.Offset = t.Zone()
	}
	return m, nil
}

// In is the instant meant; zone is the program's time zone and counts when the
// moment has no offset of its own. A date alone is its first instant. A time
// that the clocks skip is the instant as far after the gap's beginning; of one
// that comes twice, the first.
func (m Moment) In(zone *time.Location) time.Time {
	if !m.HasTime {
		return m.Date.In(zone)
	}
	if m.HasZone {
		zone = time.FixedZone("", m.Offset)
	}
	return time.Date(m.Date.Year, m.Date.Month, m.Date.Day, m.Hour, m.Minute, m.Second, 0, zone)
}

// IsZero tells whether there is no moment.
func (m Moment) IsZero() bool { return m == Moment{} }

// String writes what [ParseMoment] reads back.
func (m Moment) String() string {
	if !m.HasTime {
		return m.Date.String()
	}
	clock := fmt.Sprintf("%02d:%02d", m.Hour, m.Minute)
	if m.Second != 0 || m.HasZone {
		clock += fmt.Sprintf(":%02d", m.Second)
	}
	if !m.HasZone {
		return m.Date.String() + " " + clock
	}
	return m.Date.String() + "T" + clock + time.Unix(0, 0).In(time.FixedZone("", m.Offset)).Format("Z07:00")
}

// UnmarshalText reads a moment as [ParseMoment] does.
func (m *Moment) UnmarshalText(text []byte) (err error) {
	*m, err = ParseMoment(string(text))
	return err
}

// MarshalText writes the moment as String does.
func (m Moment) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// JSONSchema describes a moment to editors.
func (Moment) JSONSchema() map[string]any {
	return map[string]any{"type": "string", "pattern": momentPattern, "examples": []any{"2026-05-01", "2026-05-01 08:00", "2026-05-01T08:00:00+02:00"}}
}
