package tier_test

import (
	"slices"
	"time"

	"premia/internal/core/calendar"
)

// The model finds a member's levels by reading the whole history anew whenever
// something becomes known, day by day from the beginning, as a careful person with
// a list and a wall calendar would. It keeps no sums, forgets nothing, and shares
// nothing with the mechanic.

// modelLadder is a ladder as the model reads it.
type modelLadder struct {
	id string
	// period is year, quarter, month, day, membership or ever, and rolls how many of
	// them count together.
	period string
	rolls  int
	from   []int64 // thresholds; 0 for the lowest and for levels that are only given
	// next keeps until the end of the next period; else months and days more.
	next         bool
	months, days int
	graceDays    int
	oneLevel     bool
	// late is how many periods back an event still counts.
	late int
	// measure of a fact.
	counts func(f *modelFact) int64
	// paid is the place of the level that a fee gives for a month; 0 if none.
	paid int
	// gift is the place of the level with a welcome gift, or -1, and again when it is
	// given again.
	gift  int
	again string
	// yearly is the place of the level with an anniversary gift, or -1.
	yearly int
}

// modelFact is something that became known at an instant and counts at another.
type modelFact struct {
	kind      string // purchase, return, visit, fee or ended
	known, at time.Time
	order     int
	total     int64 // of a purchase or what goes back, in minor units
	rest      int64 // of the purchase, before what goes back
	whole     bool
	nights    int64
	// of is the purchase that a return is about.
	of *modelFact
}

// points is what a purchase of so much earns.
func points(minor int64) int64 { return minor / 100 }

// modelChange is a change of level, or a gift, that members are told.
type modelChange struct {
	at    time.Time
	what  string // level, gift, back or yearly
	level int
}

type modelMember struct {
	zone   *time.Location
	joined time.Time
	facts  []*modelFact
	days   map[[3]int]time.Time // what dayStart said before
}

// day gives the first instant of a day, whose number may be beyond the month's.
func (m *modelMember) day(y int, month time.Month, d int) time.Time {
	key := [3]int{y, int(month), d}
	at, known := m.days[key]
	if !known {
		if m.days == nil {
			m.days = map[[3]int]time.Time{}
		}
		at = dayStart(y, month, d, m.zone)
		m.days[key] = at
	}
	return at
}

// dayStart gives the first instant of a day, found from its noon.
func dayStart(y int, m time.Month, d int, zone *time.Location) time.Time {
	noon := time.Date(y, m, d, 12, 0, 0, 0, zone)
	t := noon
	for t.Day() == noon.Day() {
		t = t.Add(-15 * time.Minute)
	}
	return t.Add(15 * time.Minute)
}

// index numbers the periods.
func (m *modelMember) index(l *modelLadder, at time.Time) int {
	t := at.In(m.zone)
	switch l.period {
	case "year":
		return t.Year()
	case "quarter":
		return t.Year()*4 + (int(t.Month())-1)/3
	case "month":
		return t.Year()*12 + int(t.Month()) - 1
	case "day":
		return int(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86400)
	case "membership":
		n := t.Year()
		if t.Before(m.start(l, n)) {
			n--
		}
		return n
	}
	return 0
}

// start gives the first instant of a period by its number.
func (m *modelMember) start(l *modelLadder, n int) time.Time {
	switch l.period {
	case "year":
		return m.day(n, 1, 1)
	case "quarter":
		return m.day(n/4, time.Month(n%4*3+1), 1)
	case "month":
		return m.day(n/12, time.Month(n%12+1), 1)
	case "day":
		t := time.Unix(int64(n)*86400, 0).UTC()
		return m.day(t.Year(), t.Month(), t.Day())
	case "membership":
		j := m.joined.In(m.zone)
		last := time.Date(n, j.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
		return m.day(n, j.Month(), min(j.Day(), last))
	}
	return time.Time{}
}

// more adds months and days to the beginning of a day.
func (m *modelMember) more(t time.Time, months, days int) time.Time {
	t = t.In(m.zone)
	first := time.Date(t.Year(), t.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return m.day(first.Year(), first.Month(), min(t.Day(), last)+days)
}

// judge reads the list as it is known after n facts and gives the level that was
// earned on each day from the first to the last, by the days' numbers.
func (m *modelMember) judge(l *modelLadder, n int, first, last int) map[int]int {
	day := &modelLadder{period: "day"}
	sums := m.sums(l, n)
	ends := make([]time.Time, len(l.from)) // of the levels, as earned so far
	extra := make([]time.Time, len(l.from))
	out := map[int]int{}
	level, entered := 0, -1<<60
	for d := first; d <= last; d++ {
		today := m.start(day, d)
		if k := m.index(l, today); k != entered {
			entered = k
			sum := int64(0)
			for j := k - l.rolls + 1; j <= k; j++ {
				sum += sums[j]
			}
			for i, from := range l.from {
				if from > 0 && sum >= from {
					for below := 1; below <= i; below++ {
						ends[below] = latest(ends[below], m.end(l, k))
					}
				}
			}
		}
		was := level
		level = 0
		for i := range l.from {
			if ends[i].After(today) || extra[i].After(today) {
				level = i
			}
		}
		if l.oneLevel && level < was-1 {
			level = was - 1
			extra[level] = m.again(l, today)
		}
		out[d] = level
	}
	return out
}

// sums adds up what counts in each period, as it is known after n facts.
func (m *modelMember) sums(l *modelLadder, n int) map[int]int64 {
	sums := map[int]int64{}
	for _, f := range m.facts[:n] {
		amount, at := l.counts(f), f.at
		if f.kind == "return" {
			at = f.of.at
		}
		k := m.index(l, at)
		if amount != 0 && k >= m.index(l, f.known)-l.late {
			sums[k] += amount
		}
	}
	return sums
}

// stays gives the first instant at which the sum that counts on a day is another, if nothing
// more happens: it looks at one period after the other.
func (m *modelMember) stays(l *modelLadder, today time.Time) calendar.Instant {
	now := m.index(l, today)
	switch {
	case l.period == "ever":
		return calendar.Never
	case l.rolls == 1:
		return calendar.Of(m.start(l, now+1)) // all begins anew
	}
	sums := m.sums(l, len(m.facts))
	in := func(k int) (sum int64) {
		for j := k - l.rolls + 1; j <= min(k, now); j++ {
			sum += sums[j]
		}
		return sum
	}
	for k := now + 1; k <= now+l.rolls; k++ {
		if in(k) != in(now) {
			return calendar.Of(m.start(l, k))
		}
	}
	return calendar.Never
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// end gives until when a level is kept that was earned in a period.
func (m *modelMember) end(l *modelLadder, k int) time.Time {
	switch {
	case l.period == "ever":
		return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	case l.next:
		return m.more(m.start(l, k+2), 0, l.graceDays)
	}
	return m.more(m.more(m.start(l, k+1), l.months, l.days), 0, l.graceDays)
}

// again gives until when the level below is kept that is left on a day.
func (m *modelMember) again(l *modelLadder, today time.Time) time.Time {
	end := m.start(l, m.index(l, today)+1)
	if !l.next && l.months+l.days > 0 {
		end = m.more(today, l.months, l.days)
	}
	return m.more(end, 0, l.graceDays)
}

// tell gives all that the member is told about a ladder up to an instant.
func (m *modelMember) tell(l *modelLadder, until time.Time) []modelChange {
	teller := &modelTeller{m: m, l: l, level: 0}
	day := &modelLadder{period: "day"}
	first := m.index(day, m.joined)
	for _, f := range m.facts {
		first = min(first, m.index(day, f.at))
	}
	first -= 40
	for n := range m.facts {
		known := m.facts[n].known
		to, last := until, m.index(day, until)
		if n+1 < len(m.facts) {
			to = m.facts[n+1].known
			last = m.index(day, to)
		}
		levels := m.judge(l, n+1, first, last)
		teller.grant(m.facts[n])
		teller.stand(known, levels[m.index(day, known)], m.facts[n])
		teller.pass(known, to, levels)
	}
	return teller.told
}

// modelTeller goes through the days and tells what changes.
type modelTeller struct {
	m     *modelMember
	l     *modelLadder
	level int
	paid  time.Time // until when the level for a fee lasts
	gifts []time.Time
	told  []modelChange
	began bool
}

func (x *modelTeller) grant(f *modelFact) {
	switch {
	case x.l.paid == 0:
	case f.kind == "fee":
		from := f.at
		if x.paid.After(f.known) {
			from = latest(from, x.paid)
		}
		x.paid = addMonth(from, x.m.zone)
	case f.kind == "ended":
		x.paid = time.Time{}
	}
}

// addMonth keeps the time of day, and the day where the month has it.
func addMonth(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone)
	last := time.Date(t.Year(), t.Month()+2, 0, 0, 0, 0, 0, time.UTC).Day()
	return time.Date(t.Year(), t.Month()+1, min(t.Day(), last), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), zone)
}

// stand puts the member on the higher of the level that is earned and the one that
// is given; f is the fact that did it, nil if time did.
func (x *modelTeller) stand(at time.Time, earned int, f *modelFact) {
	now := earned
	if x.paid.After(at) {
		now = max(now, x.l.paid)
	}
	was := x.level
	if !x.began {
		was = -1
	}
	if now != x.level {
		x.told = append(x.told, modelChange{at, "level", now})
	}
	x.level = now
	switch gift := x.l.gift; {
	case gift < 0:
	case now < gift && was >= gift:
		x.forget(at, f)
	case now >= gift && was < gift && len(x.gifts) == 0:
		x.told = append(x.told, modelChange{at, "gift", gift})
		x.gifts = append(x.gifts, at)
	}
	x.began = true
}

// forget takes the gift back with the goods that brought it, or makes room for
// another.
func (x *modelTeller) forget(at time.Time, f *modelFact) {
	x.gifts = slices.DeleteFunc(x.gifts, func(given time.Time) bool {
		if f != nil && f.kind == "return" && !given.Before(f.of.known) {
			x.told = append(x.told, modelChange{at, "back", x.l.gift})
			return true
		}
		period := x.m.start(x.l, x.m.index(x.l, at))
		return x.l.again == "each time" || (x.l.again == "each period" && given.Before(period))
	})
}

// pass goes on from day to day, and to the end of what was paid for.
func (x *modelTeller) pass(from, to time.Time, levels map[int]int) {
	day := &modelLadder{period: "day"}
	for d := x.m.index(day, from); ; d++ {
		begins := x.m.start(day, d)
		if over := x.paid; over.After(begins) && over.After(from) && !over.After(to) && over.Before(x.m.start(day, d+1)) {
			x.stand(over, levels[d], nil)
		}
		next := x.m.start(day, d+1)
		if next.After(to) {
			return
		}
		x.stand(next, levels[d+1], nil)
		j, t := x.m.joined.In(x.m.zone), next.In(x.m.zone)
		last := time.Date(t.Year(), j.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
		if x.l.yearly == x.level && t.Month() == j.Month() && t.Day() == min(j.Day(), last) {
			x.told = append(x.told, modelChange{next, "yearly", x.level})
		}
	}
}
