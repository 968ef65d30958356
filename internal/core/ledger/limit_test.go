package ledger_test

import (
	"math"
	"testing"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

// TestForgottenPeriodIsUsedUp: however far back an event is dated, a limit by
// period is never exceeded.
func TestForgottenPeriodIsUsedUp(t *testing.T) {
	const limit, days = 10, 40
	s := &ledger.State{}
	given := map[calendar.Instant]int64{}
	give := func(day calendar.Instant) {
		if s.Count(1, 2, day) < limit {
			s.AddCount(1, 2, day, limit)
			given[day] += limit
		}
	}
	for day := calendar.Instant(1); day <= days; day++ {
		give(day * calendar.Day)
	}
	for day := calendar.Instant(days); day >= 1; day-- {
		give(day * calendar.Day)
		give(day * calendar.Day)
	}
	for day, sum := range given {
		if sum > limit {
			t.Errorf("day %d gave %d, more than the limit of %d", day/calendar.Day, sum, limit)
		}
	}
	if got := s.Count(1, 2, calendar.Day); got != math.MaxInt64 {
		t.Errorf("a day that is not remembered has %d left of it, want it used up", got)
	}
	if got := s.Count(1, 2, (days+1)*calendar.Day); got != 0 {
		t.Errorf("a new day has used %d, want 0", got)
	}
}
