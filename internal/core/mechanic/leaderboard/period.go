package leaderboard

import (
	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/engine"
)

// Period gives the bounds of the period around an instant: its first instant, and the
// first one after it; ok is false where the board is held once, at another time.
func (b *Board) Period(at calendar.Instant) (since, ends calendar.Instant, ok bool) {
	if b.unit == 0 {
		return b.from, b.until, b.from <= at && at < b.until
	}
	return calendar.Start(at, b.unit, b.zone), calendar.End(at, b.unit, b.zone), true
}

// Before gives the bounds of the period before the one that began at since; ok is
// false where there is none.
func (b *Board) Before(since calendar.Instant) (before, ends calendar.Instant, ok bool) {
	if b.unit == 0 {
		return 0, 0, false
	}
	return b.Period(since - 1)
}

// Last gives the bounds of the newest period that has begun by an instant; ok is false
// where none has.
func (b *Board) Last(at calendar.Instant) (since, ends calendar.Instant, ok bool) {
	if b.unit == 0 {
		return b.from, b.until, b.from <= at
	}
	return b.Period(at)
}

// Fixed gives the first instant at which the ranking of a period is fixed that ends
// at the instant: nothing counts from then on.
func (b *Board) Fixed(ends calendar.Instant) calendar.Instant {
	if b.wait.IsZero() {
		return ends
	}
	return calendar.Add(ends, b.wait, b.zone)
}

// Named gives the name of the period that began at since, for people and callers: the
// day on which it begins, such as 2026-05-01.
func (b *Board) Named(since calendar.Instant) string { return since.In(b.zone).Format("2006-01-02") }

// Called finds the period that a day lies in, as [Board.Named] writes it; ok is false
// for what is no day, and where the board is held at another time.
func (b *Board) Called(day string) (since, ends calendar.Instant, ok bool) {
	d, err := document.ParseMoment(day)
	if err != nil || d.HasTime {
		return 0, 0, false
	}
	at := calendar.Of(d.In(b.zone))
	if b.unit == 0 {
		at = max(at, min(b.from, calendar.End(at, calendar.ByDay, b.zone)-1))
	}
	return b.Period(at)
}

// HasPrize tells whether a place of a group has a prize.
func (b *Board) HasPrize(place int64) bool { return b.prizeOf(place) != nil }

func (b *Board) prizeOf(place int64) *prize {
	for i := range b.prizes {
		if p := &b.prizes[i]; p.First <= place && place <= p.Last {
			return p
		}
	}
	return nil
}

// Depth is how many places of each group are kept when a ranking is fixed: those that
// are shown, and those that have prizes.
func (b *Board) Depth() int64 {
	depth := b.Top
	for i := range b.prizes {
		depth = max(depth, b.prizes[i].Last)
	}
	return depth
}

// Decimals is how many decimals scores have.
func (b *Board) Decimals(p *engine.Program) int { return b.By.Scale(p) }

// Grouped tells whether members are ranked within groups.
func (b *Board) Grouped() bool { return b.group != nil }
