package engine

import (
	"slices"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// ForOccasions is a stage that has rules about what comes by itself: birthdays,
// anniversaries, a profile that is complete. No other stage is asked then.
type ForOccasions interface {
	Stage
	ForOccasions()
}

// occasionApart is how long after a day of the member's came it does not come
// again, whatever it is moved to; nor does it come twice in one calendar year.
const occasionApart = 180 * calendar.Day

// occasion gives where the program keeps the number of what comes by itself; nil
// for event types that do not.
func (p *Program) occasion(eventType string) *ledger.Name {
	switch eventType {
	case event.Birthday:
		return &p.Birthday
	case event.Anniversary:
		return &p.Anniversary
	case event.ProfileCompleted:
		return &p.ProfileCompleted
	}
	return nil
}

// ComesByItself tells whether nobody sends events of the type, unless a program
// declares it as its own.
func ComesByItself(eventType string) bool { return (&Program{}).occasion(eventType) != nil }

// BirthdayFact is the fact that holds day and month of the birthday, such as
// 05-14, while the program has a rule about it.
const BirthdayFact = "birthday"

// KnowsBirthdays tells whether the program needs to know members' birthdays.
func (p *Program) KnowsBirthdays() bool {
	return p.Birthday != 0 || slices.Contains(p.ProfileFacts, BirthdayFact)
}

// BirthdayOf reads a day and month such as 05-14; ok is false for what is none.
func BirthdayOf(s string) (of calendar.Instant, ok bool) {
	// 2000 has every day that a year can have.
	at, err := time.Parse(time.DateOnly, "2000-"+s)
	return calendar.Of(at), err == nil
}

// plan works out when the member's days come next, and lets a profile be complete.
// It costs nothing under programs without rules about them.
func (t *Turn) plan() {
	s := t.State
	p := t.rules.At(t.Clock)
	if p == nil {
		p = t.Program
	}
	switch {
	case s.Status == ledger.Erased || s.Status == ledger.Merged:
		s.Occasions = nil
		return
	case s.Status == 0 || s.Status.Account():
		return
	}
	if p.Birthday != 0 {
		born, _ := s.Fact(BirthdayFact)
		of, ok := BirthdayOf(born)
		if !ok {
			of = calendar.None
		}
		t.expect(p, p.Birthday, of)
	}
	if p.Anniversary != 0 {
		t.expect(p, p.Anniversary, s.EnrolledAt)
	}
	if t.completes(p) {
		s.Occasions = append(s.Occasions, ledger.Occasion{Kind: p.ProfileCompleted, Next: t.Clock})
		t.come(t.Clock)
		if t.Out.Outcome == Recorded {
			t.Out.Outcome = Applied
		}
	}
}

// expect works out when a day comes next if that is not known, or if it is the day
// of something else now. What has not begun by the clock comes: who joins on their
// birthday, or on any day, waits a year.
func (t *Turn) expect(p *Program, kind ledger.Name, of calendar.Instant) {
	o := t.State.Occasion(kind)
	switch {
	case o == nil && of == calendar.None:
		return
	case o == nil:
		t.State.Occasions = append(t.State.Occasions, ledger.Occasion{Kind: kind, Next: calendar.Never})
		o = &t.State.Occasions[len(t.State.Occasions)-1]
	case o.Of == of && (o.Next != calendar.Never || of == calendar.None):
		return
	}
	o.Of = of
	o.Next = p.nextOccasion(o, t.Clock)
}

// nextOccasion gives the first instant after another at which a day of a member's
// comes: the day's start in the program's zone; 29 February comes on 28 February in
// common years.
func (p *Program) nextOccasion(o *ledger.Occasion, after calendar.Instant) calendar.Instant {
	of := o.Of
	if of == calendar.None {
		return calendar.Never
	}
	if o.Kind == p.Birthday {
		_, month, day := of.In(time.UTC).Date()
		of = calendar.Of(time.Date(2000, month, day, 12, 0, 0, 0, p.Zone))
	}
	at := calendar.NextAnniversary(of, max(after, of), p.Zone)
	for o.Last != calendar.None && (at < o.Last+occasionApart || at.In(p.Zone).Year() == o.Last.In(p.Zone).Year()) {
		at = calendar.NextAnniversary(of, at, p.Zone)
	}
	return at
}

// completes tells whether the event made the member's profile complete, for the
// first time.
func (t *Turn) completes(p *Program) bool {
	switch t.Event.Type {
	case event.Enrolment, event.Profile, event.Absorb:
	default:
		return false
	}
	return p.Complete(t.State)
}

// Complete tells whether all is known of a member that the program asks for, and
// nothing was given for that yet.
func (p *Program) Complete(s *ledger.State) bool {
	if p.ProfileCompleted == 0 || s.Status != ledger.Active || s.Occasion(p.ProfileCompleted) != nil || len(p.ProfileFacts) == 0 {
		return false
	}
	for _, name := range p.ProfileFacts {
		if _, known := s.Fact(name); !known {
			return false
		}
	}
	return true
}

// come lets the days come that are due at an instant.
func (t *Turn) come(at calendar.Instant) {
	p := t.rules.At(at)
	if p == nil {
		p = t.Program
	}
	for i := range t.State.Occasions {
		if o := &t.State.Occasions[i]; o.Next <= at {
			t.standAt(p, at, func(t *Turn) { t.occur(o) })
		}
	}
}

// occur lets one day come: what rules give for it counts from its start, whenever
// somebody looks. Blocked members get nothing for it.
func (t *Turn) occur(o *ledger.Occasion) {
	p, s := t.Program, t.State
	o.Last, o.Next = t.At, calendar.Never
	t.Note(Step{Rule: o.Kind, Result: Came, Base: int64(t.At)})
	switch o.Kind {
	case p.Birthday, p.Anniversary:
		o.Next = p.nextOccasion(o, t.At)
	case p.ProfileCompleted:
	default:
		return // the program has no rule about it any more
	}
	if s.Status != ledger.Active {
		return
	}
	e, kind, clock, outcome := t.Event, t.Kind, t.Clock, t.Out.Outcome
	awards, before, undone, mattered := t.Awards, t.TiersBefore, t.Undone, t.Mattered
	t.Event, t.Kind, t.Clock, t.Out.Outcome = &event.Event{Type: p.occasionType(o.Kind), At: t.At}, o.Kind, t.At, 0
	t.Awards, t.TiersBefore, t.Undone = nil, s.Tiers, nil
	for _, stage := range p.stages {
		if _, has := stage.(ForOccasions); has {
			stage.Apply(t)
		}
	}
	t.issue()
	t.conclude()
	t.Event, t.Kind, t.Clock, t.Out.Outcome = e, kind, clock, outcome
	t.Awards, t.TiersBefore, t.Undone, t.Mattered = awards, before, undone, mattered
}

// occasionType gives the event type of what comes by itself.
func (p *Program) occasionType(kind ledger.Name) string {
	switch kind {
	case p.Birthday:
		return event.Birthday
	case p.Anniversary:
		return event.Anniversary
	}
	return event.ProfileCompleted
}
