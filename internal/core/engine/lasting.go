package engine

import (
	"slices"

	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// Lasting is a stage that keeps something of members from event to event, to
// which things also happen by time: the ladders of levels. In both its methods
// Turn.Program is the program in force at Turn.At, and what is given counts from
// then.
type Lasting interface {
	Renewing
	// Conclude draws the conclusions from the decision upon an event that was not
	// refused, after all stages have done their part, as of the clock.
	Conclude(t *Turn)
	// Pass does what happens by itself at Turn.At, an instant that ladders of the
	// member have as Next, and sets these to a later one.
	Pass(t *Turn)
	// Renew does what follows from the program's coming into force at Turn.At.
	Renew(t *Turn)
}

// Scoring is a stage that compares members with one another. In both its methods
// Turn.Program is the program that the stage is of.
type Scoring interface {
	Stage
	// Score counts an event that was not refused, after all stages have done their
	// part.
	Score(t *Turn)
	// Unscore takes back what goods that went back had counted.
	Unscore(t *Turn, u *Undone)
	// Lose takes back what the prize of a goal had counted that is taken back.
	Lose(t *Turn, lost *LostPrize)
}

// Undone is what a return undid of a purchase.
type Undone struct {
	*Past
	// Money is the total of the goods that went back, in minor units.
	Money int64
	// Whole tells that nothing of the purchase is left.
	Whole bool
	// Counted is what its remaining goods would count towards goals; the windows
	// are left open.
	Counted []Counted
	// Owed is what would be owed to others than the member for what is left.
	Owed []Given
	// Later is what was decided after the purchase, the newest first.
	Later []*Past
	// Mine tells whether a rule is to be undone by the stage that is asked.
	Mine func(rule ledger.Name) bool
}

// LostPrize tells that of the prize of a goal over several events so much was taken back.
type LostPrize struct {
	Wallet ledger.Name
	Amount int64
	// Past is the decision that gave it: not that of the goods which went back.
	Past *Past
}

// The rules by which members are told that a friend has bought, and by what begins
// the name of a rule that rewards them for what a friend reaches.
const (
	FriendBought  = "friend.bought"
	ReferrerRules = "referral."
)

// FriendReach is that a friend whom the member brought reached something for which
// there is a reward.
type FriendReach struct {
	Rule ledger.Name
	// At is when the friend reached it.
	At calendar.Instant
	// Undone is the decision in which the member was told so, where the friend has
	// not reached it after all; nil otherwise.
	Undone *Past
}

// Undo takes what went back of a purchase from the member's figures, and lets the
// stages that keep more of it undo that.
func (t *Turn) Undo(u Undone) {
	t.State.Spend -= u.Money
	if u.Whole {
		t.State.Purchases--
	}
	t.Undone = append(t.Undone, u)
	t.undoApart(u)
}

// Version gives the program with the version, and nil if it is not there.
func (t *Turn) Version(v uint32) *Program { return t.rules.Version(v) }

// InForce gives the program in force at the instant.
func (t *Turn) InForce(at calendar.Instant) *Program { return t.rules.At(at) }

// conclude lets the stage that keeps something draw its conclusions.
func (t *Turn) conclude() {
	s := t.State
	switch {
	case t.Out.Outcome.Refused() || s.Status.Account():
		return
	case s.Status == ledger.Merged || s.Status == ledger.Erased:
		t.leaveTiers()
		return
	}
	t.score()
	p := t.Program
	if now := t.rules.At(t.Clock); now != nil {
		p = now
	}
	if p.lasting == nil {
		return
	}
	t.Decided, t.Happened = t.Program, t.At
	t.standAt(p, t.Clock, p.lasting.Conclude)
}

// score counts the event where members are compared, and takes back what returned
// goods had counted there under the program of their purchase.
func (t *Turn) score() {
	for _, s := range t.Program.scoring {
		s.Score(t)
	}
	for i := range t.Undone {
		u := &t.Undone[i]
		t.scoringOf(u.Past, func(s Scoring) { s.Unscore(t, u) })
	}
	for i := range t.LostPrizes {
		lost := &t.LostPrizes[i]
		t.scoringOf(lost.Past, func(s Scoring) { s.Lose(t, lost) })
	}
}

// scoringOf asks the stages that compared members when a decision was made, under the
// program of that.
func (t *Turn) scoringOf(past *Past, do func(Scoring)) {
	then := t.Version(past.Decision.Program)
	if then == nil {
		return
	}
	now := t.Program
	t.Program = then
	for _, s := range then.scoring {
		do(s)
	}
	t.Program = now
}

// leaveTiers says that a member who is one no more has no levels either.
func (t *Turn) leaveTiers() {
	for i := range t.TiersBefore {
		own := &t.TiersBefore[i]
		t.Note(Step{Rule: own.Ladder, Result: LevelLost, Base: int64(t.Clock), Read: t.Program.Names.Name(own.Level)})
	}
	t.State.Tiers = nil
}

// pass does what happens on ladders at an instant by itself.
func (t *Turn) pass(at calendar.Instant) {
	p := t.rules.At(at)
	if p == nil {
		p = t.Program
	}
	t.standAt(p, at, func(t *Turn) {
		if p.lasting != nil {
			p.lasting.Pass(t)
			return
		}
		for i := len(t.State.Tiers) - 1; i >= 0; i-- {
			if t.State.Tiers[i].Next <= at {
				t.EndTier(i)
			}
		}
	})
}

// standAt lets f stand at an instant under a program.
func (t *Turn) standAt(p *Program, at calendar.Instant, f func(*Turn)) {
	program, then := t.Program, t.At
	t.Program, t.At = p, at
	t.moments.begin(p.Zone)
	f(t)
	t.Program, t.At = program, then
	t.moments.begin(program.Zone)
}

// EndTier removes the member's place on a ladder that the program does not have
// any more, with all that was kept there.
func (t *Turn) EndTier(i int) {
	t.Note(Step{Rule: t.State.Tiers[i].Ladder, Result: LevelLost, Base: int64(t.At), Read: t.Program.Names.Name(t.State.Tiers[i].Level)})
	t.State.Tiers = slices.Delete(t.State.Tiers, i, i+1)
}

// Period gives the bounds of the calendar period around an instant in the
// program's zone: the first instant in it, and the first one after it.
func (t *Turn) Period(at calendar.Instant, u calendar.Unit) (start, end calendar.Instant) {
	p := t.moments.period(at, u)
	return p.start, p.end
}

// Present gives a fixed amount at Turn.At, beside what the rules gave, and
// explains it.
func (t *Turn) Present(g *Giving) {
	if g.Wallet.Gift != nil {
		before, clock := len(t.Awards), t.Clock
		t.Clock = t.At // whenever somebody looks, it was given then
		t.AwardAmount(g, nil, g.Fixed, 0, false)
		for i := before; i < len(t.Awards); i++ {
			t.issueOne(&t.Awards[i], "", t.At)
		}
		t.Awards, t.Clock = t.Awards[:before], clock
		return
	}
	t.Note(Step{Rule: g.Rule, Wallet: g.Wallet.Name, Amount: g.Fixed, Wanted: g.Fixed, Result: Gave})
	t.issueOne(&Award{Giving: g, Amount: g.Fixed}, "", t.At)
}

// settle lets time pass up to the clock, moment by moment: value first, then
// what happens on ladders, then the member's days and conversions, and last what other
// rules come to that come into force. Debts that matured lots pay count from their
// moment, and not before paidFrom.
func (t *Turn) settle(paidFrom calendar.Instant) {
	for {
		renewal, version := t.rules.renewal(t.State)
		due := min(t.State.TierDue(), t.State.OccasionDue(), t.State.ConversionDue(), renewal)
		if due > t.Clock {
			break
		}
		t.settleValue(due, paidFrom)
		switch {
		case t.State.TierDue() <= due:
			t.pass(due)
		case t.State.OccasionDue() <= due:
			t.come(due)
		case t.State.ConversionDue() <= due:
			t.convert(due)
		default:
			t.renew(due, version)
		}
	}
	t.settleValue(t.Clock, paidFrom)
}

// Settled gives a copy of the state of the member to which time has passed up to the instant,
// and the decision that this came to; the state itself stays. Before the first
// program only value moves.
func Settled(rules *Timeline, member ledger.MemberID, s *ledger.State, to calendar.Instant) (*ledger.State, *Decision) {
	t, d := &Turn{rules: rules}, &Decision{}
	p := rules.At(to)
	if p == nil {
		book := ledger.Book{State: s.Clone()}
		book.Settle(to, calendar.Beginning)
		d.Postings = book.Postings
		return book.State, d
	}
	t.in.Member = member
	t.begin(p, s.Clone(), &event.Event{Type: event.Settle}, &t.in, d)
	t.At, t.Clock = to, to
	t.settle(calendar.Beginning)
	d.Postings = t.Book.Postings
	return t.State, d
}
