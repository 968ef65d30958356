package challenge

import (
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
)

// mostValues is the highest goal of what counts different values: a window
// remembers some more, so that a return does not undo what others support.
const mostValues = 100

// checkReachable reports goals that can never be reached.
func (x *tracker) checkReachable(c *engine.Compiler, path string) {
	last := x.goals[len(x.goals)-1].at
	if x.measure.distinct() {
		if last > mostValues {
			c.Problem(path, "out_of_range", text.Say("the goal is {Last} different values, and at most {Most} are counted exactly", last, mostValues), text.Say("write a goal of at most {Most}", mostValues))
		}
		if x.repeat != 1 {
			c.Problem(path+".repeat", "not_allowed", "different values are counted once in a window", "remove repeat; each begins anew with each period")
		}
	}
	most, known := x.mostPeriods(c.Program)
	if known && last > most {
		c.Problem(path, "never_reached", text.Say("the goal needs {Last} different periods, and there are at most {Most}", last, most), "write a lower goal, or a longer window")
	}
}

// mostPeriods gives how many days, or periods of a streak, can count in a window
// at most, where that is bounded.
func (x *tracker) mostPeriods(p *engine.Program) (most int64, known bool) {
	unit := calendar.ByDay
	switch x.measure {
	case days:
	case periods:
		unit = x.unit
	default:
		return 0, false
	}
	most, known = ledger.MarksKept*1000, false
	if x.window.From != calendar.Beginning && x.window.Until != calendar.Never {
		most, known = ordinal(x.window.Until-1, unit, p.Zone)-ordinal(x.window.From, unit, p.Zone)+1, true
	}
	switch x.frame {
	case eachPeriod:
		most, known = min(most, map[calendar.Unit]int64{calendar.ByDay: 1, calendar.ByWeek: 7, calendar.ByMonth: 31, calendar.ByQuarter: 92, calendar.ByYear: 366}[x.unit]), true
	case fromJoining:
		length := int64(x.span.Years)*366 + int64(x.span.Months)*31 + int64(x.span.Days) + int64(x.span.Minutes)/(24*60) + 2
		most, known = min(most, length), true
	}
	return most, known
}
