package tier

import (
	"math"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

// walk goes through the periods of one member in the order of time and knows at
// each instant which level was earned: in each period the one whose threshold is
// met by what counts in it, all that is known of it by now; and until when it is
// kept. Where the program lets members fall one level at a time, a level that is
// lost leaves the one below it for as long again.
type walk struct {
	ladder *Ladder
	calendarOf
	sums []ledger.Sum
	// start and end are the bounds of the period at hand.
	start, end calendar.Instant
	// level is the earned level's place; until has for each level the first instant
	// at which it is over.
	level int
	until [mostLevels]calendar.Instant
}

// mostLevels is how many levels a ladder can have.
const mostLevels = 20

// begin stands at the beginning of the oldest period that is judged.
func (l *Ladder) begin(t *ledger.Tier, c calendarOf) walk {
	w := walk{ladder: l, calendarOf: c, sums: t.Sums}
	w.until[0] = calendar.Never
	for i := 1; i < len(l.Levels); i++ {
		w.until[i] = calendar.Beginning
	}
	for _, h := range t.Held {
		if i := l.place(h.Level); i > 0 {
			w.until[i] = max(w.until[i], h.Until)
		}
	}
	start, end := w.around(t.Base)
	w.highest(before(start))
	w.enter(start, end)
	return w
}

// before gives the last instant before another.
func before(at calendar.Instant) calendar.Instant {
	if at == calendar.Beginning {
		return at
	}
	return at - 1
}

// highest moves to the highest level that is not over at the instant.
func (w *walk) highest(at calendar.Instant) {
	w.level = 0
	for i := range w.ladder.Levels {
		if w.until[i] > at {
			w.level = i
		}
	}
}

// enter begins a period, in which the member has a level at least that what
// counts in it earns.
func (w *walk) enter(start, end calendar.Instant) {
	w.start, w.end = start, end
	earned := w.ladder.earned(w.counted(start))
	if earned == 0 {
		return
	}
	kept := w.kept(start, end)
	for i := 1; i <= earned; i++ {
		w.until[i] = max(w.until[i], kept)
	}
	w.level = max(w.level, earned)
}

// counted adds up what counts in the period that begins at the instant: of a
// rolling one, in the months or days that end with it.
func (w *walk) counted(start calendar.Instant) int64 {
	from := start
	if w.period.Kind == Rolling {
		from = w.back(start, w.period.Count-1)
	}
	sum := int64(0)
	for _, s := range w.sums {
		if s.Since >= from && s.Since <= start {
			sum = added(sum, s.Value)
		}
	}
	return sum
}

// ends gives the first instant at which what counts now counts no more, if nothing is added:
// the end of the period, and of a rolling one the instant at which the oldest part that has
// something rolls out of it; calendar.Never if it counts for ever, or there is nothing.
func (w *walk) ends() calendar.Instant {
	if w.period.Kind != Rolling {
		return w.end
	}
	from, oldest := w.back(w.start, w.period.Count-1), calendar.Never
	for _, s := range w.sums {
		if s.Since >= from && s.Since <= w.start && s.Value > 0 {
			oldest = min(oldest, s.Since)
		}
	}
	if oldest == calendar.Never {
		return oldest
	}
	return w.back(oldest, -w.period.Count)
}

// added adds two sums that are zero or more, and stops at the largest number.
func added(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// kept gives the first instant at which a level is over that was earned in the
// period with these bounds.
func (w *walk) kept(start, end calendar.Instant) calendar.Instant {
	if end == calendar.Never {
		return end
	}
	if i, ok := w.table.find(start); ok {
		return w.table.kept[i]
	}
	l := w.ladder
	if l.keepNext {
		_, end = w.around(end)
	}
	return w.later(w.plus(end, l.keep))
}

// later adds the grace to the end of a level.
func (w *walk) later(end calendar.Instant) calendar.Instant {
	return w.plus(end, w.ladder.grace)
}

// falls gives the instant at which the level at hand is over as things stand.
func (w *walk) falls() calendar.Instant {
	if w.level == 0 {
		return calendar.Never
	}
	return w.until[w.level]
}

// fall loses the level at hand at an instant.
func (w *walk) fall(at calendar.Instant) {
	lost := w.level
	w.highest(at)
	if !w.ladder.oneLevel || w.level >= lost-1 {
		return
	}
	w.level = lost - 1
	w.until[w.level] = w.again(at)
}

// again gives until when a level is held that is left of a higher one.
func (w *walk) again(at calendar.Instant) calendar.Instant {
	end := w.end
	if !w.ladder.keepNext && !w.ladder.keep.IsZero() {
		end = w.plus(at, w.ladder.keep)
	}
	return w.later(end)
}

// to goes on to an instant, which is included.
func (w *walk) to(at calendar.Instant) {
	for {
		falls := w.falls()
		switch {
		case w.end <= at && w.end <= falls:
			w.enter(w.around(w.end))
		case falls <= at:
			w.fall(falls)
		default:
			return
		}
	}
}

// before goes on to the end of the last period before the one that begins at the
// instant, what happens at that end left out.
func (w *walk) before(start calendar.Instant) {
	for {
		falls := w.falls()
		switch {
		case w.end < start && w.end <= falls:
			w.enter(w.around(w.end))
		case falls < start:
			w.fall(falls)
		default:
			return
		}
	}
}

// next gives the first instant after the one that the walk stands at, at which
// the earned level changes if nothing more is counted; calendar.Never if it
// never does. The walk then stands there.
func (w *walk) next() calendar.Instant {
	for {
		falls := w.falls()
		if falls == calendar.Never {
			return falls
		}
		if w.end <= falls && (w.period.Kind == Rolling || w.ladder.oneLevel) {
			w.enter(w.around(w.end))
			continue
		}
		w.fall(falls)
		return falls
	}
}

// held lists the levels that are not over at the instant, the lowest first.
func (w *walk) held(at calendar.Instant) (all []ledger.HeldLevel) {
	for i := 1; i < len(w.ladder.Levels); i++ {
		if w.until[i] > at {
			all = append(all, ledger.HeldLevel{Level: w.ladder.Levels[i].Name, Until: w.until[i]})
		}
	}
	return all
}
