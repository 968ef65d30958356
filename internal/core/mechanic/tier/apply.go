package tier

import (
	"reflect"
	"slices"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// Conclude counts what the event brought, or undid, and moves the member on each
// ladder.
func (s *stage) Conclude(t *engine.Turn) {
	s.endUnknown(t)
	for _, l := range s.ladders {
		l.conclude(t)
	}
}

// Pass moves the member where time alone does.
func (s *stage) Pass(t *engine.Turn) {
	s.endUnknown(t)
	for _, l := range s.ladders {
		own := t.State.Tier(l.Name)
		if own == nil || own.Next > t.At {
			continue
		}
		passed := len(t.Out.Steps)
		own = l.join(t)
		own.Seen = max(own.Seen, t.At)
		l.move(t, own)
		l.celebrate(t, own)
		if len(t.Out.Steps) == passed {
			// Other rules were in force when this moment was fixed.
			t.Note(engine.Step{Rule: l.Name, Result: engine.LevelKept, Base: int64(t.At), By: own.Level})
		}
	}
}

// Same tells whether the stage has the same ladders.
func (s *stage) Same(before engine.Stage) bool {
	other, ok := before.(*stage)
	return ok && slices.EqualFunc(s.ladders, other.ladders, func(a, b *Ladder) bool { return a.ID == b.ID && reflect.DeepEqual(a.source, b.source) })
}

// Renew puts members on the levels that are due by rules which come into force.
func (s *stage) Renew(t *engine.Turn) {
	s.endUnknown(t)
	for _, l := range s.ladders {
		if t.State.Tier(l.Name) == nil && !l.eager {
			continue
		}
		own := l.join(t)
		own.Seen = max(own.Seen, t.At)
		l.move(t, own)
	}
}

// endUnknown ends what is kept on ladders that the program does not have any
// more.
func (s *stage) endUnknown(t *engine.Turn) {
	for i := len(t.State.Tiers) - 1; i >= 0; i-- {
		if !slices.ContainsFunc(s.ladders, func(l *Ladder) bool { return l.Name == t.State.Tiers[i].Ladder }) {
			t.EndTier(i)
		}
	}
}

// conclude counts the event on one ladder. An event that changes nothing there
// costs no more than finding that out.
func (l *Ladder) conclude(t *engine.Turn) {
	gives := l.grantedBy(t)
	amount := l.amountOf(t)
	if amount == 0 && !gives && len(t.Undone) == 0 && len(t.Friends) == 0 && !stands(t.Event.Type) && (!l.eager || t.State.Tier(l.Name) != nil) {
		return
	}
	if t.State.Tier(l.Name) == nil && amount == 0 && !gives && !l.eager {
		return
	}
	before := l.before(t)
	own := l.join(t)
	own.Seen = max(own.Seen, t.At)
	if t.Event.Type == event.Absorb || t.Event.Type == event.Absorbed {
		own.Level = before // what another member brings is reached here now
	}
	if amount > 0 || gives {
		t.Mattered = true
	}
	if amount > 0 {
		l.count(t, own, t.Happened, amount)
	}
	l.uncount(t, own)
	if gives {
		l.grant(t, own)
	}
	l.move(t, own)
}

// uncount takes away what returns have undone.
func (l *Ladder) uncount(t *engine.Turn, own *ledger.Tier) {
	if l.kept {
		return
	}
	for i := range t.Undone {
		if u := &t.Undone[i]; l.didCount(t, own, u.Past) {
			l.count(t, own, u.Decision.At, -l.undone(t, u))
		}
	}
	for _, p := range t.LostPrizes {
		if l.By.Kind == ByEarned && p.Wallet == l.By.Wallet.Name && !l.noPrizes && l.didCount(t, own, p.Past) {
			l.count(t, own, p.Past.Decision.At, -p.Amount)
		}
	}
	for _, f := range t.Friends {
		if f.Undone != nil && l.reaches(&f) && l.didCount(t, own, f.Undone) {
			l.count(t, own, f.At, -1)
		}
	}
}

// reaches tells whether what a friend reached counts on the ladder.
func (l *Ladder) reaches(f *engine.FriendReach) bool {
	return l.By.Kind == ByReferrals && f.Rule == l.By.Rule
}

// before gives the level that the member had before the event.
func (l *Ladder) before(t *engine.Turn) ledger.Name {
	for i := range t.TiersBefore {
		if t.TiersBefore[i].Ladder == l.Name {
			return t.TiersBefore[i].Level
		}
	}
	return l.Levels[0].Name
}

// stands tells whether an event may change where a member stands without
// counting.
func stands(eventType string) bool {
	switch eventType {
	case event.Enrolment, event.Profile, event.Absorb, event.Absorbed:
		return true
	}
	return false
}

// amountOf gives what an event counts on the ladder: nothing for blocked members,
// and nothing where the rules that decided upon it had no such ladder.
func (l *Ladder) amountOf(t *engine.Turn) int64 {
	if t.State.Status == ledger.Blocked || !has(t.Decided, l) {
		return 0
	}
	switch l.By.Kind {
	case BySpend:
		if t.Event.Type == event.Purchase {
			return t.Event.Total
		}
	case ByPurchases:
		if t.Event.Type == event.Purchase {
			return 1
		}
	case ByEarned:
		return l.earnedIn(t)
	case ByReferrals:
		count := int64(0)
		for i := range t.Friends {
			if f := &t.Friends[i]; f.Undone == nil && l.reaches(f) {
				count++
			}
		}
		return count
	case ByEvents:
		if t.Kind == l.By.Event {
			return 1
		}
	case ByField:
		if t.Kind == l.By.Event {
			return whole(t.Event, l.By.Field)
		}
	}
	return 0
}

// earnedIn adds up what rules gave for the event, and what goals over several events
// did, unless the program says otherwise. What a reward gives was paid for, and what an
// operator gives was not earned: neither counts.
func (l *Ladder) earnedIn(t *engine.Turn) int64 {
	switch t.Event.Type {
	case event.Redemption, event.Confirmation, event.Adjustment, event.Approval:
		return 0
	}
	sum := int64(0)
	for i := range t.Awards {
		a := &t.Awards[i]
		prize := l.noPrizes && t.Decided.Rules[a.Giving.Rule].Goal != nil
		if a.Giving.Wallet.Name == l.By.Wallet.Name && !prize {
			sum += a.Amount
		}
	}
	return sum
}

// whole reads a whole number that an event carries; what is below zero does not
// count.
func whole(e *event.Event, field string) int64 {
	for i := range e.Data {
		if d := &e.Data[i]; d.Name == field && d.Kind == event.Whole {
			return max(d.Whole, 0)
		}
	}
	return 0
}

// has tells whether a program has the ladder and lets it count in the same way.
func has(p *engine.Program, l *Ladder) bool {
	if p == nil {
		return false
	}
	return slices.ContainsFunc(Ladders(p), func(other *Ladder) bool { return other.Name == l.Name && other.counts == l.counts })
}

// didCount tells whether an event counted on the ladder when it was decided.
func (l *Ladder) didCount(t *engine.Turn, own *ledger.Tier, past *engine.Past) bool {
	d := past.Decision
	return d.Outcome != engine.MemberBlocked && d.Clock >= own.Began && has(t.Version(d.Program), l)
}

// undone gives what a return takes from what its purchase counted.
func (l *Ladder) undone(t *engine.Turn, u *engine.Undone) int64 {
	switch l.By.Kind {
	case BySpend:
		return u.Money
	case ByPurchases:
		if u.Whole {
			return 1
		}
	case ByEvents:
		if u.Whole && l.By.Type == event.Purchase {
			return 1
		}
	case ByEarned:
		sum, then := int64(0), t.Version(u.Decision.Program)
		for i := range t.Out.Steps {
			s := &t.Out.Steps[i]
			if s.Result == engine.TookBack && s.Wallet == l.By.Wallet.Name && s.Read == u.Key() && then.Rules[s.Rule].Goal == nil {
				sum += s.Wanted
			}
		}
		return sum
	}
	return 0
}

// count adds to the period around an instant, unless that is too long ago.
func (l *Ladder) count(t *engine.Turn, own *ledger.Tier, at calendar.Instant, amount int64) {
	c := l.calendarOf(t, own)
	now, _ := c.around(own.Seen)
	since, _ := c.around(at)
	if since >= c.back(now, l.late) {
		own.Add(since, amount)
	}
}

func (l *Ladder) calendarOf(t *engine.Turn, own *ledger.Tier) calendarOf {
	return l.calendarIn(t.Program, own)
}

// join gives the member's place on the ladder: a fresh one if there is none, one
// for the two that a merge brought together, and one that begins to count anew
// where the program counts otherwise than before.
func (l *Ladder) join(t *engine.Turn) *ledger.Tier {
	s, first := t.State, -1
	for i := 0; i < len(s.Tiers); i++ {
		switch {
		case s.Tiers[i].Ladder != l.Name:
		case first < 0:
			first = i
		default:
			l.merge(t, &s.Tiers[first], &s.Tiers[i])
			s.Tiers = slices.Delete(s.Tiers, i, i+1)
			i--
		}
	}
	if first < 0 {
		s.Tiers = append(s.Tiers, l.fresh(t))
		first = len(s.Tiers) - 1
	}
	own := &s.Tiers[first]
	l.renew(t, own)
	return own
}

// fresh begins to count.
func (l *Ladder) fresh(t *engine.Turn) ledger.Tier {
	own := ledger.Tier{Ladder: l.Name, Counts: l.counts, Since: t.At, Next: calendar.Never, Seen: t.At, Began: t.At}
	if l.Period.Kind == Anniversary {
		own.Anchor = t.State.EnrolledAt
		if own.Anchor == calendar.None {
			own.Anchor = t.At
		}
	}
	c := l.calendarOf(t, &own)
	start, _ := c.around(t.At)
	own.Base = c.back(start, l.judged)
	return own
}

// renew begins to count anew where what was kept was counted otherwise. The level
// stays until the period at hand ends.
func (l *Ladder) renew(t *engine.Turn, own *ledger.Tier) {
	if own.Counts == l.counts {
		return
	}
	again := l.fresh(t)
	again.Level, again.Since, again.Grants, again.Gifts = own.Level, own.Since, own.Grants, own.Gifts
	again.Seen = max(again.Seen, own.Seen)
	c := l.calendarOf(t, &again)
	start, end := c.around(again.Seen)
	again.Base = c.back(start, l.judged)
	if place := l.place(own.Level); place > 0 && l.granted(&again, again.Seen) < place {
		again.Held = []ledger.HeldLevel{{Level: own.Level, Until: end}}
		if end != calendar.Never {
			again.Held[0].Until = c.plus(end, l.grace)
		}
	}
	*own = again
}

// move puts the member on the level that is due at the place's Seen, explains the
// change, gives or takes what goes with it, and finds the next moment.
func (l *Ladder) move(t *engine.Turn, own *ledger.Tier) {
	w := l.judge(own, l.calendarOf(t, own))
	w.to(own.Seen)
	own.Grants = slices.DeleteFunc(own.Grants, func(g ledger.HeldLevel) bool { return g.Until <= own.Seen })
	l.change(t, own, max(w.level, l.granted(own, own.Seen)))
	change, _ := l.nextChange(own, &w)
	own.Next = min(change, l.nextAnniversary(t, own))
}

// oldest gives the beginning of the oldest period of which a sum is kept.
func (l *Ladder) oldest(c *calendarOf, base calendar.Instant) calendar.Instant {
	if l.Period.Kind == Rolling {
		return c.back(base, l.Period.Count-1)
	}
	return base
}

// judge stands at the beginning of the oldest period that can still matter, and
// keeps no more of those before it than which levels they leave.
func (l *Ladder) judge(own *ledger.Tier, c calendarOf) walk {
	w := l.begin(own, c)
	start, _ := c.around(own.Seen)
	base := c.back(start, l.judged)
	if base <= own.Base {
		return w
	}
	w.before(base)
	own.Held, own.Base = w.held(before(base)), base
	oldest := l.oldest(&c, base)
	own.Sums = slices.DeleteFunc(own.Sums, func(s ledger.Sum) bool { return s.Since < oldest })
	return l.begin(own, c)
}

// change puts the member on the level at a place, if another one is in force.
func (l *Ladder) change(t *engine.Turn, own *ledger.Tier, now int) {
	was, fresh := l.place(own.Level), own.Level == 0
	if own.Level != l.Levels[now].Name {
		own.Level, own.Since = l.Levels[now].Name, own.Seen
	}
	step := engine.Step{Rule: l.Name, By: own.Level, Read: l.Levels[was].ID, Base: int64(own.Seen)}
	switch {
	case now > was:
		step.Result = engine.LevelReached
		t.Note(step)
	case now < was:
		step.Result = engine.LevelLost
		t.Note(step)
		l.forget(t, own, was, now)
	case !fresh:
		return
	}
	if fresh {
		was = -1 // the lowest level is reached, too
	}
	l.welcome(t, own, was, now)
}

// granted gives the place of the highest level that is given without counting at
// the instant.
func (l *Ladder) granted(own *ledger.Tier, at calendar.Instant) int {
	place := 0
	for _, g := range own.Grants {
		if g.Until > at {
			place = max(place, l.place(g.Level))
		}
	}
	return place
}

// nextChange gives when the level in force changes if nothing more happens, and to
// which place; calendar.Never if it does not.
func (l *Ladder) nextChange(own *ledger.Tier, w *walk) (calendar.Instant, int) {
	now, ahead := l.place(own.Level), *w
	if len(own.Grants) == 0 {
		at := ahead.next()
		return at, ahead.level
	}
	falls := calendar.None
	for at := own.Seen; now > 0; {
		if falls == calendar.None {
			further := ahead
			falls = further.next()
		}
		at = min(falls, l.grantOver(own, at))
		if at == calendar.Never {
			break
		}
		if at == falls {
			ahead.to(at)
			falls = calendar.None
		}
		if then := max(ahead.level, l.granted(own, at)); then != now {
			return at, then
		}
	}
	return calendar.Never, now
}

// grantOver gives the first instant after another at which a given level is over.
func (l *Ladder) grantOver(own *ledger.Tier, after calendar.Instant) calendar.Instant {
	over := calendar.Never
	for _, g := range own.Grants {
		if g.Until > after {
			over = min(over, g.Until)
		}
	}
	return over
}
