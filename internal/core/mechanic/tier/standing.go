package tier

import (
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
)

// Standing is where a member stands on a ladder at an instant, what is missing for
// more, and what will be lost if nothing more counts. Amounts are in the measure's
// minor units.
type Standing struct {
	Ladder *Ladder
	Level  *Level
	// Since is when the level was reached; none for the lowest level of members of
	// whom nothing was counted yet.
	Since calendar.Instant
	// Counted is what counts now, and Ends the first instant at which it does so no more if
	// nothing is added: the end of the period, or when something rolls out of a rolling one;
	// calendar.Never if that never happens.
	Counted int64
	Ends    calendar.Instant
	// Next is the next level that can be reached by counting, and Missing what is
	// missing for it until Ends; nil if there is none.
	Next    *Level
	Missing int64
	// Until is the first instant at which the level is over if nothing more counts,
	// calendar.Never if it stays, and Falls the level after that.
	Until calendar.Instant
	Falls *Level
	// Grace is when the grace begins that ends at Until; none if there is none.
	Grace calendar.Instant
	// Needed is what must still count before NeededBy for the level to stay longer;
	// zero if nothing is needed now, or counting does not help.
	Needed   int64
	NeededBy calendar.Instant
}

// Standings gives the member's standing on each ladder of the program, with a
// state to which time has passed up to the instant.
func Standings(p *engine.Program, s *ledger.State, now calendar.Instant) []Standing {
	ladders := Ladders(p)
	out := make([]Standing, len(ladders))
	for i, l := range ladders {
		out[i] = l.standing(p, s, now)
	}
	return out
}

func (l *Ladder) standing(p *engine.Program, s *ledger.State, now calendar.Instant) Standing {
	own := l.asCounted(p, s, now)
	since := own.Since
	if own.Level == 0 {
		own.Level, since = l.Levels[0].Name, calendar.None
	}
	w := l.judge(own, l.calendarIn(p, own))
	w.to(own.Seen)
	place := l.place(own.Level)
	out := Standing{
		Ladder: l, Level: &l.Levels[place], Since: since,
		Counted: w.counted(w.start), Ends: w.ends(), Until: calendar.Never,
	}
	for i := place + 1; i < len(l.Levels) && out.Next == nil; i++ {
		if v := &l.Levels[i]; v.From > out.Counted {
			out.Next, out.Missing = v, v.From-out.Counted
		}
	}
	if until, falls := l.nextChange(own, &w); until != calendar.Never {
		out.Until, out.Falls = until, &l.Levels[falls]
		l.risk(&out, &w, l.granted(own, own.Seen) == place)
	}
	return out
}

// asCounted gives a copy of what is kept, counted as the program counts.
func (l *Ladder) asCounted(p *engine.Program, s *ledger.State, now calendar.Instant) *ledger.Tier {
	kept := s.Tier(l.Name)
	if kept == nil || kept.Counts != l.counts {
		fresh := ledger.Tier{Ladder: l.Name, Counts: l.counts, Seen: now, Next: calendar.Never, Anchor: s.EnrolledAt}
		if fresh.Anchor == calendar.None {
			fresh.Anchor = now
		}
		if kept != nil {
			fresh.Level, fresh.Since, fresh.Grants = kept.Level, kept.Since, kept.Grants
		}
		c := l.calendarIn(p, &fresh)
		start, _ := c.around(now)
		fresh.Base = c.back(start, l.judged)
		return &fresh
	}
	own := kept.Clone()
	own.Seen = max(own.Seen, now)
	return &own
}

func (l *Ladder) calendarIn(p *engine.Program, own *ledger.Tier) calendarOf {
	return calendarOf{period: l.Period, zone: p.Zone, anchor: own.Anchor, table: l.table}
}

// risk says what is needed for the level to stay longer; given tells that it is
// there without counting.
func (l *Ladder) risk(out *Standing, w *walk, given bool) {
	if given {
		return
	}
	if !l.grace.IsZero() {
		out.Grace = calendar.Add(out.Until, calendar.Span{Years: -l.grace.Years, Months: -l.grace.Months, Days: -l.grace.Days, Minutes: -l.grace.Minutes}, w.zone)
	}
	if out.Level.From == 0 {
		return
	}
	if l.Period.Kind == Rolling && l.keep.IsZero() && l.grace.IsZero() {
		// The level is lost when what counted rolls out of the period.
		start, _ := w.around(out.Until)
		out.Needed, out.NeededBy = max(out.Level.From-w.counted(start), 0), out.Until
		return
	}
	if w.kept(w.start, w.end) > out.Until && out.Counted < out.Level.From {
		out.Needed, out.NeededBy = out.Level.From-out.Counted, min(out.Ends, out.Until)
	}
}

// Amount says an amount of what the ladder counts.
func (l *Ladder) Amount(p *engine.Program, minor int64) any {
	switch l.By.Kind {
	case BySpend:
		return p.Money(minor)
	case ByEarned:
		return l.By.Wallet.Points(minor)
	case ByPurchases:
		return text.New("tier.purchases", "Count", minor)
	case ByReferrals:
		return text.New("tier.friends", "Count", minor)
	case ByField:
		return text.New("tier.field", "Count", minor, "Field", l.fieldTitle(p))
	}
	return text.New("tier.events", "Count", minor, "Event", eventTitle(p, l.By.Type))
}

// Decimals is how many decimals the amounts of the ladder have.
func (l *Ladder) Decimals(p *engine.Program) int { return l.By.scale(p) }

// Words says a standing to the member, in sentences.
func (x *Standing) Words(p *engine.Program) []text.Message {
	l := x.Ladder
	out := []text.Message{text.New("tier.stands", "Ladder", l.Title, "Level", x.Level.Title)}
	if x.Next != nil {
		m := text.New("tier.missing", "Amount", l.Amount(p, x.Missing), "Level", x.Next.Title)
		if x.Ends != calendar.Never {
			m.Args = append(m.Args, text.Arg{Name: "Date", Value: lastDay(p, x.Ends)})
		}
		out = append(out, m)
	}
	if x.Until == calendar.Never {
		return out
	}
	m := text.New("tier.falls", "Level", x.Level.Title, "Date", lastDay(p, x.Until), "Falls", x.Falls.Title)
	if x.Needed > 0 {
		m = text.New("tier.at_risk", "Level", x.Level.Title, "Date", lastDay(p, x.Until), "Falls", x.Falls.Title,
			"Amount", l.Amount(p, x.Needed), "By", lastDay(p, x.NeededBy))
	}
	return append(out, m)
}

// ChangeWords says to the member what an event would make of a level, where the
// standing is the one after it.
func (x *Standing) ChangeWords(p *engine.Program, before *Level) text.Message {
	l := x.Ladder
	switch was, now := l.place(before.Name), l.place(x.Level.Name); {
	case now > was:
		return text.New("tier.would_reach", "Ladder", l.Title, "Level", x.Level.Title)
	case now < was:
		return text.New("tier.would_lose", "Ladder", l.Title, "Level", x.Level.Title)
	case x.Next != nil:
		return text.New("tier.would_miss", "Ladder", l.Title, "Level", x.Next.Title, "Amount", l.Amount(p, x.Missing))
	}
	return text.New("tier.would_stay", "Ladder", l.Title, "Level", x.Level.Title)
}

// lastDay gives the last day before an instant, in the program's zone.
func lastDay(p *engine.Program, at calendar.Instant) text.Date {
	year, month, day := before(at).In(p.Zone).Date()
	return text.Date{Year: year, Month: month, Day: day}
}
