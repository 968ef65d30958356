package tier

import (
	"slices"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// grantedBy tells whether the event gives or ends a level without counting.
// Blocked members are given none.
func (l *Ladder) grantedBy(t *engine.Turn) bool {
	for i := range l.Levels {
		for _, g := range l.Levels[i].grants {
			if (t.Kind == g.on && t.State.Status != ledger.Blocked) || (g.endedBy != 0 && t.Kind == g.endedBy) {
				return true
			}
		}
	}
	return false
}

// grant gives the levels that the event gives without counting, and ends those
// that it ends.
func (l *Ladder) grant(t *engine.Turn, own *ledger.Tier) {
	for i := range l.Levels {
		v := &l.Levels[i]
		for _, g := range v.grants {
			at := slices.IndexFunc(own.Grants, func(h ledger.HeldLevel) bool { return h.Level == v.Name })
			switch {
			case g.endedBy != 0 && t.Kind == g.endedBy:
				if at >= 0 {
					own.Grants = slices.Delete(own.Grants, at, at+1)
				}
			case t.Kind == g.on && t.State.Status != ledger.Blocked:
				if at < 0 {
					own.Grants = append(own.Grants, ledger.HeldLevel{Level: v.Name})
					at = len(own.Grants) - 1
				}
				h := &own.Grants[at]
				if h.Until <= own.Seen {
					h.Until = t.Happened // what is over is not added to
				}
				h.Until = g.end(t, h.Until)
			}
		}
	}
}

// end gives the first instant at which a given level is over that was to be over
// at another one before the event. A day that the event should carry and does not
// leaves the end where it was.
func (g *grant) end(t *engine.Turn, before calendar.Instant) calendar.Instant {
	switch {
	case g.until != "":
		for i := range t.Event.Data {
			d := &t.Event.Data[i]
			if d.Name != g.until || d.Kind != event.Text {
				continue
			}
			if day, err := time.ParseInLocation(time.DateOnly, d.Text, t.Program.Zone); err == nil {
				return calendar.End(calendar.Of(day), calendar.ByDay, t.Program.Zone)
			}
		}
		return before
	case g.length.IsZero():
		return calendar.Never
	}
	return calendar.Add(max(before, t.Happened), g.length, t.Program.Zone)
}

// welcome gives the welcome gifts of the levels that are reached now, as far as
// they are not given already.
func (l *Ladder) welcome(t *engine.Turn, own *ledger.Tier, was, now int) {
	if t.State.Status == ledger.Blocked {
		return
	}
	for i := was + 1; i <= now; i++ {
		v := &l.Levels[i]
		given := slices.ContainsFunc(own.Gifts, func(g ledger.LevelGift) bool { return g.Level == v.Name })
		if len(v.welcome) == 0 || given {
			continue
		}
		for _, g := range v.welcome {
			t.Present(g)
		}
		own.Gifts = append(own.Gifts, ledger.LevelGift{Level: v.Name, At: own.Seen})
	}
}

// forget forgets the gifts of the levels that are lost now and that are given again
// when these are reached again, and takes back those that goods which went back
// had brought.
func (l *Ladder) forget(t *engine.Turn, own *ledger.Tier, was, now int) {
	c := l.calendarOf(t, own)
	period, _ := c.around(own.Seen)
	since := calendar.Never
	for i := range t.Undone {
		since = min(since, t.Undone[i].Decision.Clock)
	}
	for _, f := range t.Friends {
		if f.Undone != nil {
			since = min(since, f.Undone.Decision.Clock)
		}
	}
	own.Gifts = slices.DeleteFunc(own.Gifts, func(g ledger.LevelGift) bool {
		place := l.place(g.Level)
		switch {
		case place <= now || place > was:
			return false
		case g.At >= since:
			l.takeBack(t, g)
			return true
		}
		b := l.Levels[place].source.Benefits
		return b != nil && (b.WelcomeAgain == "each time" || (b.WelcomeAgain == "each period" && g.At < period))
	})
}

// takeBack takes a welcome gift back: from what is left of it, then from what else
// there is, and then by the wallet's rule for debt; what of it had expired is owed
// by nobody.
func (l *Ladder) takeBack(t *engine.Turn, gift ledger.LevelGift) {
	then := t.InForce(gift.At)
	if then == nil {
		return
	}
	rule, _ := t.Program.Names.Find(welcomeKind + "." + l.ID + "." + l.Levels[l.place(gift.Level)].ID)
	for _, g := range then.Rules[rule].Givings {
		became := t.Became(g.Rule, g.Wallet.Name, gift.At)
		due := max(g.Fixed-became.Expired, 0)
		taken := t.TakeBack(g.Rule, g.Wallet.Name, gift.At, became.Lots, due)
		t.State.Open(g.Wallet.Name).Issued -= g.Fixed
		t.Note(engine.Step{Rule: rule, Result: engine.TookBack, Wallet: g.Wallet.Name, Amount: taken, Wanted: g.Fixed, Base: due})
	}
}

// celebrate gives the anniversary gift of the level in force, if Turn.At is the
// anniversary of the enrolment.
func (l *Ladder) celebrate(t *engine.Turn, own *ledger.Tier) {
	v := &l.Levels[l.place(own.Level)]
	if len(v.anniversary) == 0 || t.State.Status == ledger.Blocked || !anniversary(t) {
		return
	}
	for _, g := range v.anniversary {
		t.Present(g)
	}
}

func anniversary(t *engine.Turn) bool {
	joined := t.State.EnrolledAt
	return joined != calendar.None && t.At > joined && calendar.NextAnniversary(joined, t.At-1, t.Program.Zone) == t.At
}

// nextAnniversary gives when the level in force brings its next anniversary gift.
func (l *Ladder) nextAnniversary(t *engine.Turn, own *ledger.Tier) calendar.Instant {
	v := &l.Levels[l.place(own.Level)]
	if len(v.anniversary) == 0 || t.State.Status == ledger.Blocked || t.State.EnrolledAt == calendar.None {
		return calendar.Never
	}
	return calendar.NextAnniversary(t.State.EnrolledAt, max(own.Seen, t.State.EnrolledAt), t.Program.Zone)
}

// merge joins the places of two members who became one: what counted adds up, and
// the higher level stays. Membership years are joined year by year, counted back
// from the present one.
func (l *Ladder) merge(t *engine.Turn, own, other *ledger.Tier) {
	own.Seen = max(own.Seen, other.Seen, t.At)
	own.Began = min(own.Began, other.Began)
	own.Gifts = append(own.Gifts, other.Gifts...)
	for _, g := range other.Grants {
		own.Grants = longer(own.Grants, g)
	}
	if own.Counts != l.counts || other.Counts != l.counts {
		l.renew(t, own)
		if other.Counts != l.counts {
			return
		}
	}
	mine, theirs := l.calendarOf(t, own), l.calendarOf(t, other)
	other.Seen = own.Seen
	l.judge(own, mine)
	l.judge(other, theirs)
	for _, h := range other.Held {
		own.Held = longer(own.Held, h)
	}
	slices.SortFunc(own.Held, func(a, b ledger.HeldLevel) int { return l.place(a.Level) - l.place(b.Level) })
	for _, s := range other.Sums {
		own.Add(l.aligned(s.Since, own.Seen, &mine, &theirs), s.Value)
	}
}

// longer adds a level to a list, which has each once, with its later end.
func longer(all []ledger.HeldLevel, h ledger.HeldLevel) []ledger.HeldLevel {
	for i := range all {
		if all[i].Level == h.Level {
			all[i].Until = max(all[i].Until, h.Until)
			return all
		}
	}
	return append(all, h)
}

// aligned gives the beginning of the period of one calendar that is as long ago as
// the one that begins at since is in another.
func (l *Ladder) aligned(since, now calendar.Instant, mine, theirs *calendarOf) calendar.Instant {
	if l.Period.Kind != Anniversary {
		return since
	}
	to, _ := mine.around(now)
	from, _ := theirs.around(now)
	for back := 0; back <= l.late; back++ {
		if theirs.back(from, back) <= since {
			return mine.back(to, back)
		}
	}
	return mine.back(to, l.late)
}
