package challenge

import (
	"math"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

// kind is what members call a goal over several events.
type kind string

const (
	aChallenge kind = "challenge"
	aCard      kind = "card"
	aStreak    kind = "streak"
)

// frame is how the windows of a goal lie in time.
type frame uint8

const (
	always      frame = iota // one window, within from and until
	eachPeriod               // each calendar period
	fromFirst                // a length of time from the first event, and when it is full the next
	fromJoining              // a length of time from joining
	inARow                   // periods one after another
)

var units = map[string]calendar.Unit{
	"day": calendar.ByDay, "week": calendar.ByWeek, "month": calendar.ByMonth,
	"quarter": calendar.ByQuarter, "year": calendar.ByYear,
}

// target is a goal of each member's own: the period before, times more.
type target struct{ more money.Rate }

// tracker is a goal over several events that is ready to count.
type tracker struct {
	rule.Compiled
	kind     kind
	paused   bool // nothing counts, but returns still undo what counted before
	window   rule.CompiledWindow
	measure  measure
	wallet   *engine.Wallet // of earned
	without  engine.Without
	currency money.Unit
	forms    *text.UnitForms
	on       string // the event type, as the document says it
	pending  *rule.Pending
	expires  *rule.Expires
	frame    frame
	unit     calendar.Unit
	span     calendar.Span
	gap      int64  // how many periods in a row a streak may miss
	goals    []goal // rising
	target   *target
	// repeat is how often the last goal can be reached in one window, or with
	// fromFirst at all; 0 is any number.
	repeat int64
	// total names the counter of how often the last goal fromFirst was reached.
	total ledger.Name
}

type stage struct{ trackers []*tracker }

func (s *stage) orNil() engine.Stage {
	if len(s.trackers) == 0 {
		return nil
	}
	return s
}

// Apply counts the event towards each goal.
func (s *stage) Apply(t *engine.Turn) {
	for _, x := range s.trackers {
		if x.paused {
			continue
		}
		if x.target != nil && !t.Replaying() {
			x.fix(t, t.Clock)
		}
		if x.Kind == t.Kind {
			x.apply(t)
		}
	}
}

func (x *tracker) apply(t *engine.Turn) {
	if why := x.window.Check(t); why != 0 {
		t.Note(engine.Step{Rule: x.Name, Result: why})
		return
	}
	if !t.Met(x.When, x.Name) {
		return
	}
	marks, _, any := t.Matching(x.Items)
	if !any {
		t.Note(engine.Step{Rule: x.Name, Result: engine.NoItems})
		return
	}
	var few [8]engine.Counted // spares memory in the heap
	counts := x.measured(t, marks, few[:0])
	switch {
	case t.Replaying():
		for _, c := range counts {
			t.Count(c)
		}
	case len(counts) == 0:
		t.Note(engine.Step{Rule: x.Name, Result: engine.TooLittle})
	case x.frame == fromFirst:
		x.fill(t, counts[0].Amount)
	default:
		x.count(t, counts)
	}
}

// since gives the beginning of the window around the event; ok is false where
// there is none.
func (x *tracker) since(t *engine.Turn) (since calendar.Instant, ok bool) {
	switch x.frame {
	case eachPeriod:
		since, _ = t.Period(t.At, x.unit)
		return since, true
	case fromJoining:
		return calendar.None, t.At < calendar.Add(t.State.EnrolledAt, x.span, t.Program.Zone)
	case always:
		return x.origin(), true
	}
	return calendar.None, true
}

// origin names the one window of a goal that has no other: by its first day, so
// that the goal can be held again on other days.
func (x *tracker) origin() calendar.Instant { return max(x.window.From, calendar.None) }

// count adds to the window around the event, and gives what it reached.
func (x *tracker) count(t *engine.Turn, counts []engine.Counted) {
	since, ok := x.since(t)
	var p *ledger.Progress
	if ok {
		if x.target != nil {
			x.fix(t, t.At)
		}
		p = t.State.OpenProgress(x.Name, since)
	}
	if p == nil {
		t.Note(engine.Step{Rule: x.Name, Result: engine.Over})
		return
	}
	added := int64(0)
	for _, c := range counts {
		if !x.add(p, c) {
			continue
		}
		added += c.Amount
		c.Since = since
		t.Count(c)
	}
	x.progressed(t, p, added)
	x.reach(t, p)
}

// add counts one thing in a window; false if the window can hold no more values.
func (x *tracker) add(p *ledger.Progress, c engine.Counted) bool {
	if c.Value == 0 {
		p.Count += c.Amount
		return true
	}
	if x.frame == inARow {
		x.room(p, c.Value)
	}
	return p.Mark(c.Value, c.Amount)
}

// fill adds to the oldest window that is open at the event, and what is left when
// it is full to a new one that begins with the event.
func (x *tracker) fill(t *engine.Turn, amount int64) {
	full := x.goals[len(x.goals)-1].at
	p := x.openAt(t)
	if p == nil {
		t.Note(engine.Step{Rule: x.Name, Result: engine.Over})
		return
	}
	amount = min(amount, x.left(t.State)*full-p.Count%full)
	into := amount
	if room := full - p.Count%full; amount >= room {
		into = room + (amount-room)/full*full
	}
	x.put(t, p, into)
	if rest := amount - into; rest > 0 {
		if p = t.State.OpenProgress(x.Name, t.At); p != nil {
			x.put(t, p, rest)
		}
	}
}

func (x *tracker) put(t *engine.Turn, p *ledger.Progress, amount int64) {
	p.Count += amount
	p.Closed = x.isFull(p)
	t.Count(engine.Counted{Rule: x.Name, Since: p.Since, Amount: amount})
	x.progressed(t, p, amount)
	x.reach(t, p)
}

// isFull tells whether a window fromFirst is full: all its goals are reached,
// and the next event begins another one.
func (x *tracker) isFull(p *ledger.Progress) bool {
	return p.Count > 0 && p.Count%x.goals[len(x.goals)-1].at == 0
}

// openAt gives the oldest open window at the event's time, a new one if there is
// none; nil if there can be no more.
func (x *tracker) openAt(t *engine.Turn) *ledger.Progress {
	if x.left(t.State) == 0 {
		return nil
	}
	windows := t.State.Windows(x.Name)
	for i := range windows {
		p := &windows[i]
		if !p.Closed && p.Since <= t.At && t.At < x.end(p, t.Program) {
			return p
		}
	}
	return t.State.OpenProgress(x.Name, t.At)
}

// end gives the first instant after a window.
func (x *tracker) end(p *ledger.Progress, program *engine.Program) calendar.Instant {
	switch {
	case x.frame == fromFirst:
		return calendar.Add(p.Since, x.span, program.Zone)
	case x.frame == eachPeriod:
		return calendar.End(p.Since, x.unit, program.Zone)
	}
	return x.window.Until
}

// left says how often the last goal fromFirst can still be reached.
func (x *tracker) left(s *ledger.State) int64 {
	if x.repeat == 0 {
		return math.MaxInt64 / max(x.goals[len(x.goals)-1].at, 1) / 2
	}
	return max(x.repeat-s.Count(x.total, 0, calendar.None), 0)
}

// goalOf gives what the goal with the number needs in a window.
func (x *tracker) goalOf(p *ledger.Progress, i int) int64 {
	if x.target != nil && p.Goal > 0 {
		return p.Goal
	}
	return x.goals[i].at
}

// supports says how often what counts in a window reaches the goal.
func (x *tracker) supports(p *ledger.Progress, i int) int64 {
	if x.frame != inARow {
		return x.rounds(x.value(p), x.goalOf(p, i), x.goalOf(p, len(x.goals)-1))
	}
	sum := int64(0)
	for r := range x.runs(p) {
		sum += x.rounds(r.length, x.goals[i].at, x.goals[len(x.goals)-1].at)
	}
	return sum
}

// rounds says how often a count reaches a goal, when it begins anew after the
// last one.
func (x *tracker) rounds(count, goal, last int64) int64 {
	if count < goal {
		return 0
	}
	times := (count-goal)/last + 1
	if x.repeat > 0 && x.frame != fromFirst {
		times = min(times, x.repeat)
	}
	return times
}

// value gives what counts in a window.
func (x *tracker) value(p *ledger.Progress) int64 {
	if x.measure.distinct() {
		return int64(len(p.Marks))
	}
	return p.Count
}

// reach gives what is reached and was not given yet.
func (x *tracker) reach(t *engine.Turn, p *ledger.Progress) {
	for i := range x.goals {
		if due := x.supports(p, i) - p.Times(i); due > 0 {
			x.achieve(t, p, i, due)
		}
	}
}

// toward gives how far a window is on the way to its next goal: have of want. At
// the end of the last round both are the same.
func (x *tracker) toward(p *ledger.Progress) (have, want int64, next int) {
	have = x.value(p)
	if x.frame == inARow {
		have = x.current(p).length
	}
	last := x.goalOf(p, len(x.goals)-1)
	if x.repeat > 0 && x.frame != fromFirst && have >= last && (have-last)/last+1 >= x.repeat {
		return last, last, len(x.goals) - 1
	}
	have %= last
	for next = range x.goals {
		if want = x.goalOf(p, next); have < want {
			break
		}
	}
	return have, want, next
}

// progressed explains what counted.
func (x *tracker) progressed(t *engine.Turn, p *ledger.Progress, added int64) {
	have, want, next := x.toward(p)
	t.Note(engine.Step{Rule: x.Name, Result: engine.Progressed, Amount: have, Wanted: want, Base: added, Part: uint8(next)})
}

// fix sets the target of the period around the instant, if it is not set: what
// the period before came to by then, and so much more, rounded up. Later events
// and returns of that period change it no more.
func (x *tracker) fix(t *engine.Turn, at calendar.Instant) {
	since, _ := t.Period(at, x.unit)
	if p := t.State.ProgressOf(x.Name, since); p != nil && p.Goal > 0 {
		return
	}
	goal := x.targetAt(t.State, since, t.Program)
	if p := t.State.OpenProgress(x.Name, since); p != nil {
		p.Goal = goal
	}
}

// targetAt gives the target of the period that begins at since, by what the
// period before came to so far.
func (x *tracker) targetAt(s *ledger.State, since calendar.Instant, p *engine.Program) int64 {
	goal := x.goals[0].at
	if before := s.ProgressOf(x.Name, calendar.Start(since-1, x.unit, p.Zone)); before != nil {
		if more, err := x.target.more.Apply(before.Count, money.Ceiling); err == nil {
			goal = max(goal, more)
		}
	}
	return goal
}

// say puts an amount of what counts into words: bare as a number, else with the
// name of what counts.
func (x *tracker) say(amount int64, bare bool) any {
	switch {
	case x.measure == spend:
		return text.Money{Minor: amount, Scale: x.currency.Scale, Currency: x.currency.Code}
	case x.measure == earned && x.wallet != nil && !bare:
		return x.wallet.Points(amount)
	case bare:
		return text.Points{Minor: amount, Scale: x.scale()}
	case x.forms != nil:
		return text.Points{Minor: amount, Scale: x.scale(), Forms: *x.forms}
	case amount%engine.Power10(x.scale()) != 0:
		return text.Points{Minor: amount, Scale: x.scale()}
	}
	return text.New("challenge.count."+x.noun(), "Count", amount/engine.Power10(x.scale()))
}

// noun is the word in the catalogue for what counts.
func (x *tracker) noun() string {
	switch x.kind {
	case aCard:
		return "stamps"
	case aStreak:
		return x.unit.String() + "s_in_a_row"
	}
	return measureNames[x.measure]
}

// hash gives a text as a value that counts: FNV-1a of 64 bits. Of the 128 values
// that a window holds two have the same hash with a probability of less than
// 5 in 10¹⁶, and would then count as one.
func hash(s string) int64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	if int64(h) == 0 {
		return math.MaxInt64 // zero is no value
	}
	return int64(h)
}
