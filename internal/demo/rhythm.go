package demo

import (
	"time"

	"premia/internal/core/calendar"
)

// busyDay is how busy a weekday is, in thousandths, from Sunday on.
var busyDay = [7]int{780, 940, 980, 1000, 1060, 1220, 1040}

// busyMonth is how busy a month is, in thousandths, from January on.
var busyMonth = [12]int{900, 940, 1000, 1000, 1060, 1000, 830, 820, 1000, 1090, 1100, 1160}

// The bars are open from 7 to 21 o'clock.
const (
	opening = 7
	closing = 21
)

// The hours of opening by how busy they are: on working days people come before
// work, at lunch and after it, and at the weekend late.
var (
	workingHours = []int{80, 150, 112, 68, 55, 92, 88, 58, 66, 80, 68, 44, 26, 10}
	weekendHours = []int{4, 16, 44, 92, 122, 120, 100, 108, 120, 106, 80, 48, 28, 12}
)

// day is one day of the year that is made up.
type day struct {
	year  int
	month time.Month
	day   int
	zone  *time.Location
	week  time.Weekday
}

func dayOf(t time.Time, zone *time.Location) day {
	t = t.In(zone)
	return day{t.Year(), t.Month(), t.Day(), zone, t.Weekday()}
}

// plus gives the day so many days later.
func (d day) plus(days int) day {
	return dayOf(time.Date(d.year, d.month, d.day+days, 12, 0, 0, 0, d.zone), d.zone)
}

// date writes the day as 2006-01-02.
func (d day) date() string {
	return time.Date(d.year, d.month, d.day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

// at gives an instant of the day by the clock on the wall.
func (d day) at(hour, minute, second int) calendar.Instant {
	return calendar.Of(time.Date(d.year, d.month, d.day, hour, minute, second, 0, d.zone))
}

// busy is how many visits the day brings, in thousandths of an ordinary one; the
// bars are closed on three days of the year.
func (d day) busy() int {
	switch {
	case d.month == time.December && (d.day == 25 || d.day == 26), d.month == time.January && d.day == 1:
		return 0
	}
	return busyDay[d.week] * busyMonth[d.month-1] / 1000
}

// moment gives an instant within the hours of opening, and its hour.
func (d day) moment(c chance) (at calendar.Instant, hour int) {
	hours := workingHours
	if d.week == time.Saturday || d.week == time.Sunday {
		hours = weekendHours
	}
	hour = opening + c.weighted(hours)
	return d.at(hour, c.IntN(60), c.IntN(60)), hour
}
