// Package calendar is Premia's time: instants with microsecond precision,
// calendar lengths and period boundaries in a program's time zone. It reads no
// clock. Zones come from the data embedded here, never from the machine, so
// that the same decision falls on every machine; [DataVersion] names that data
// and is kept with the workspace.
package calendar

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"io"
	"math"
	"strconv"
	"sync"
	"time"

	"premia/internal/core/text"
)

// DataVersion is the release of the IANA time-zone data embedded here.
const DataVersion = "2025c"

//go:embed zoneinfo.zip
var zoneinfo []byte

// Instant is a moment in microseconds since 1970-01-01T00:00:00Z. The zero
// value doubles as "none" where a field says so; no event happens at it.
type Instant int64

const (
	// None stands for "no such moment" in fields that document it.
	None Instant = 0
	// Beginning is before every event that Premia accepts.
	Beginning Instant = math.MinInt64
	// Never is after every event that Premia accepts.
	Never Instant = math.MaxInt64
)

// Lengths of an Instant difference.
const (
	Second Instant = 1_000_000
	Minute         = 60 * Second
	Hour           = 60 * Minute
	Day            = 24 * Hour
)

// Of converts a time, cutting what is finer than a microsecond.
func Of(t time.Time) Instant { return Instant(t.UnixMicro()) }

// In gives the instant as a time in the zone.
func (i Instant) In(zone *time.Location) time.Time { return time.UnixMicro(int64(i)).In(zone) }

// String writes the instant as RFC 3339 in UTC.
func (i Instant) String() string {
	switch i {
	case Never:
		return "never"
	case Beginning:
		return "the beginning"
	}
	return i.In(time.UTC).Format(time.RFC3339Nano)
}

var (
	zones     sync.Map // name → *time.Location
	zoneFiles = sync.OnceValues(func() (*zip.Reader, error) {
		return zip.NewReader(bytes.NewReader(zoneinfo), int64(len(zoneinfo)))
	})
)

// Zone gives the named IANA zone from the embedded data. The error names the
// zone that does not exist.
func Zone(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, text.Say(`{Name} is no time zone: name one such as "Europe/Warsaw"`, strconv.Quote(name))
	}
	if name == "UTC" {
		return time.UTC, nil
	}
	if known, ok := zones.Load(name); ok {
		return known.(*time.Location), nil
	}
	files, err := zoneFiles()
	if err != nil {
		return nil, text.Say("read the embedded time zones: {Why}", err)
	}
	file, err := files.Open(name)
	if err != nil {
		return nil, text.Say(`{Name} is no time zone: name one such as "Europe/Warsaw"`, strconv.Quote(name))
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	if err != nil {
		return nil, text.Say("read the time zone {Name}: {Why}", strconv.Quote(name), err)
	}
	zone, err := time.LoadLocationFromTZData(name, data)
	if err != nil {
		return nil, text.Say(`{Name} is no time zone: name one such as "Europe/Warsaw"`, strconv.Quote(name))
	}
	if fast, err := time.LoadLocationFromTZData(name, expand(data, zone)); err == nil {
		zone = fast
	}
	zones.Store(name, zone)
	return zone, nil
}

// Span is a calendar length. Its parts are added in the order years and
// months, days, then minutes; days and longer keep the time of day.
type Span struct {
	Years, Months, Days, Minutes int
}

// IsZero tells whether the span has no length.
func (s Span) IsZero() bool { return s == Span{} }

// Add moves the instant by the span in the zone. Months end at the month's
// last day rather than spill into the next one: 31 January plus one month is
// 28 or 29 February.
func Add(at Instant, s Span, zone *time.Location) Instant {
	t := at.In(zone)
	if s.Years != 0 || s.Months != 0 || s.Days != 0 {
		t = addDate(t, s.Years*12+s.Months, s.Days)
	}
	return Of(t.Add(time.Duration(s.Minutes) * time.Minute))
}

// addDate adds months and days at once: that the clocks skip the time of day where the
// months end changes nothing where the days do.
func addDate(t time.Time, months, days int) time.Time {
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	// A month's last day is the day before the first of the next; neither its
	// year nor its month depends on the zone.
	last := time.Date(year, month+time.Month(months)+1, 0, 0, 0, 0, 0, time.UTC)
	year, month, day = last.Year(), last.Month(), min(day, last.Day())
	return time.Date(year, month, day+days, hour, minute, second, t.Nanosecond(), t.Location())
}

// Unit is a calendar period.
type Unit uint8

// The calendar periods that limits, expiry and qualification can name.
const (
	ByDay Unit = iota + 1
	ByWeek
	ByMonth
	ByQuarter
	ByYear
)

var unitNames = map[string]Unit{"day": ByDay, "week": ByWeek, "month": ByMonth, "quarter": ByQuarter, "year": ByYear}

// ParseUnit reads "day", "week", "month", "quarter" or "year".
func ParseUnit(s string) (Unit, bool) {
	u, ok := unitNames[s]
	return u, ok
}

// String gives the period's name as in documents.
func (u Unit) String() string {
	for name, unit := range unitNames {
		if unit == u {
			return name
		}
	}
	return ""
}

// Start gives the first instant of the period around the instant; weeks begin
// on Monday.
func Start(at Instant, u Unit, zone *time.Location) Instant {
	t := at.In(zone)
	year, month, day := t.Date()
	switch u {
	case ByWeek:
		day -= (int(t.Weekday()) + 6) % 7
	case ByMonth:
		day = 1
	case ByQuarter:
		month, day = (month-1)/3*3+1, 1
	case ByYear:
		month, day = time.January, 1
	}
	return Of(midnight(year, month, day, zone))
}

// End gives the first instant after the period around the instant.
func End(at Instant, u Unit, zone *time.Location) Instant {
	t := Start(at, u, zone).In(zone)
	year, month, day := t.Date()
	// A day's first instant may be 01:00 where clocks change at midnight; its
	// date is right all the same.
	switch u {
	case ByDay:
		day++
	case ByWeek:
		day += 7
	case ByMonth:
		month++
	case ByQuarter:
		month += 3
	case ByYear:
		year++
	}
	return Of(midnight(year, month, day, zone))
}

// midnight gives a day's first instant. Where clocks skip midnight, time.Date
// answers with an instant of the day before, and the day begins when they jump.
// Where they go back over it, midnight comes twice, and the day begins with the
// first.
func midnight(year int, month time.Month, day int, zone *time.Location) time.Time {
	t := time.Date(year, month, day, 0, 0, 0, 0, zone)
	start, end := t.ZoneBounds()
	want := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	got := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	switch {
	case got.Before(want):
		return end
	case got.After(want): // of a day that was left out
		return start
	case start.IsZero():
		return t
	}
	_, now := t.Zone()
	_, before := start.Add(-1).Zone()
	if first := t.Add(time.Duration(now-before) * time.Second); now < before && first.Before(start) {
		return first
	}
	return t
}

// NextAnniversary gives the first return of the instant's day and month, at the
// day's start, that is after the other instant. 29 February returns on
// 28 February in common years.
func NextAnniversary(of, after Instant, zone *time.Location) Instant {
	origin := of.In(zone)
	for year := after.In(zone).Year(); ; year++ {
		last := time.Date(year, origin.Month()+1, 0, 0, 0, 0, 0, zone).Day()
		at := Of(midnight(year, origin.Month(), min(origin.Day(), last), zone))
		if at > after {
			return at
		}
	}
}

// LastAnniversary gives the last return of the instant's day and month, at the
// day's start, that is not after the other instant; of itself, the start of its
// own day.
func LastAnniversary(of, at Instant, zone *time.Location) Instant {
	origin := of.In(zone)
	for year := at.In(zone).Year(); ; year-- {
		last := time.Date(year, origin.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
		if back := Of(midnight(year, origin.Month(), min(origin.Day(), last), zone)); back <= at {
			return back
		}
	}
}

// NextDay gives the first instant after the next such day of the year: the end
// of that day, in this year or the next, that is after the instant.
func NextDay(after Instant, month time.Month, day int, zone *time.Location) Instant {
	for year := after.In(zone).Year(); ; year++ {
		last := time.Date(year, month+1, 0, 0, 0, 0, 0, zone).Day()
		if at := Of(midnight(year, month, min(day, last)+1, zone)); at > after {
			return at
		}
	}
}
