package engine

import (
	"time"

	"premia/internal/core/calendar"
)

// moments remembers what the calendar said. Reckoning with dates costs more than
// the rest of a decision, and the awards of one event mostly share their terms,
// while the events of a day share its bounds.
type moments struct {
	zone    *time.Location
	periods [calendar.ByYear + 1][periodsKept]period
	dated   []dated // of the event at hand
}

// periodsKept is how many periods of a unit are remembered, each at a place that
// follows from the instant: the days of a month, the months of two years.
const periodsKept = 32

// places are the lengths after which instants have the next place: about half a
// period, so that few periods share one.
var places = [...]calendar.Instant{
	calendar.ByDay: calendar.Day / 2, calendar.ByWeek: 4 * calendar.Day, calendar.ByMonth: 16 * calendar.Day,
	calendar.ByQuarter: 46 * calendar.Day, calendar.ByYear: 183 * calendar.Day,
}

// period is a calendar period: the instants from start, before end.
type period struct{ start, end calendar.Instant }

// dated is when an award of the event at hand matures and expires under terms.
type dated struct {
	terms              Terms
	activates, expires calendar.Instant
}

// begin forgets what the event before had, and everything in another zone.
func (m *moments) begin(zone *time.Location) {
	m.dated = m.dated[:0]
	if m.zone != zone {
		m.zone, m.periods = zone, [calendar.ByYear + 1][periodsKept]period{}
	}
}

// period gives the period around the instant.
func (m *moments) period(at calendar.Instant, u calendar.Unit) period {
	p := &m.periods[u][uint64(at/places[u])%periodsKept]
	if at < p.start || at >= p.end {
		*p = period{calendar.Start(at, u, m.zone), calendar.End(at, u, m.zone)}
	}
	return *p
}

// dates gives when an award of this event matures, the event's order set aside,
// and when it expires.
func (t *Turn) dates(terms *Terms) (activates, expires calendar.Instant) {
	m := &t.moments
	for i := range m.dated {
		if m.dated[i].terms == *terms {
			return m.dated[i].activates, m.dated[i].expires
		}
	}
	d := dated{terms: *terms, activates: t.At, expires: t.expiry(terms.Expires)}
	if !terms.Pending.IsZero() {
		d.activates = calendar.Add(t.At, terms.Pending, t.Program.Zone)
	}
	m.dated = append(m.dated, d)
	return d.activates, d.expires
}
