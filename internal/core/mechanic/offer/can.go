package offer

import (
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/condition"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// can gives zero where the member can have the offer at the event's moment, and
// otherwise why not. A purchase that is decided again had it as it had it then.
func (x *Compiled) can(t *engine.Turn) engine.Result {
	if why := x.window.Check(t); why != 0 {
		return why
	}
	if x.rotation != nil && !x.rotation.mine(t.At) {
		return engine.NotInRotation
	}
	if x.whom != nil {
		if met, err := x.whom.Bool(t); err != nil || !met {
			return engine.NotForMember
		}
	}
	if past, _ := t.Replayed(); past != nil {
		return x.then(past.Decision)
	}
	switch {
	case x.activate && t.State.OfferAt(x.Name, false, t.At) == nil:
		return engine.NotActivated
	case !x.activate && x.Source.Personal && t.State.OfferAt(x.Name, true, t.At) == nil:
		return engine.NotGiven
	}
	return 0
}

// then gives what a decision says of the offer's not being active: a step says so, or,
// of one that was not given, there is none.
func (x *Compiled) then(d *engine.Decision) engine.Result {
	for i := range d.Steps {
		switch s := &d.Steps[i]; {
		case s.Rule != x.Name:
		case s.Result == engine.NotActivated:
			return engine.NotActivated
		default:
			return 0
		}
	}
	return engine.NotGiven
}

// can gives the items that the member chose, or why there are none.
func (x *choosing) can(t *engine.Turn) (*condition.Expression, engine.Result) {
	if x.whom != nil {
		if met, err := x.whom.Bool(t); err != nil || !met {
			return nil, engine.NotForMember
		}
	}
	v := t.Recall(x.field, func() condition.Value {
		return chosen(t.Program, t.State.OfferAt(x.name, false, t.At), x.prefix())
	})
	for i := range x.options {
		if !v.Absent() && x.options[i].id == v.Text() {
			return x.options[i].items, 0
		}
	}
	return nil, engine.NotChosen
}

func (x *choosing) prefix() string { return "choice." + x.source.ID + "." }

// turn numbers the days, weeks or months in the order of time.
func (r *rotation) turn(at calendar.Instant) int {
	year, month, day := calendar.Start(at, r.each, r.zone).In(r.zone).Date()
	if r.each == calendar.ByMonth {
		return year*12 + int(month) - 1
	}
	days := int(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60))
	if r.each == calendar.ByWeek {
		return (days + 3) / 7 // weeks begin on Mondays, and 1970 on a Thursday
	}
	return days
}

func (r *rotation) mine(at calendar.Instant) bool { return (r.turn(at)-r.first)%r.of == 0 }

// meets tells whether one of the turns is between two instants.
func (r *rotation) meets(from, until calendar.Instant) bool {
	if from == calendar.Beginning {
		return true
	}
	at := from
	for range r.of {
		if at >= until {
			return false
		}
		if r.mine(at) {
			return true
		}
		at = calendar.End(at, r.each, r.zone)
	}
	return true
}

// ends gives the first instant at which an activation at an instant is over.
func (x *Compiled) ends(t *engine.Turn, at calendar.Instant) calendar.Instant {
	ends := x.window.Until
	if x.rotation != nil {
		ends = min(ends, calendar.End(at, x.rotation.each, t.Program.Zone))
	}
	switch {
	case !x.lasts.IsZero():
		ends = min(ends, calendar.Add(at, x.lasts, t.Program.Zone))
	case x.group != nil && x.group.each != 0:
		_, end := t.Period(at, x.group.each)
		ends = min(ends, end)
	}
	if gift := t.State.OfferAt(x.Name, true, at); x.Source.Personal && gift != nil {
		ends = min(ends, gift.Ends)
	}
	return ends
}

// usedUp tells whether the member has had the offer as often as may be.
func (x *Compiled) usedUp(t *engine.Turn) bool {
	for i := range x.limits {
		if t.Used(&x.limits[i]) >= x.limits[i].Cap {
			return true
		}
	}
	return false
}

// chosenOf gives how many of a group the member has activated that count at the
// event's moment.
func (g *group) chosenOf(t *engine.Turn) int64 {
	start, end := calendar.Beginning, calendar.Never
	if g.each != 0 {
		start, end = t.Period(t.At, g.each)
	}
	return g.chosenIn(t.State, start, end, t.At)
}

// chosenIn counts those activated from start and before end, or where the group has
// no periods those active at an instant.
func (g *group) chosenIn(s *ledger.State, start, end, at calendar.Instant) (n int64) {
	for i := range s.Offers {
		o := &s.Offers[i]
		switch {
		case o.Group != g.name:
		case g.each == 0 && o.Ends > at, g.each != 0 && start <= o.At && o.At < end:
			n++
		}
	}
	return n
}

// ForOccasions lets offers give for what comes by itself.
func (*stage) ForOccasions() {}

// Apply does what the event is about, gives what offers give, and counts who used
// them.
func (s *stage) Apply(t *engine.Turn) {
	if t.State != nil && len(t.State.Offers) > 0 && !t.Replaying() {
		s.forget(t)
	}
	switch t.Event.Type {
	case event.Activation:
		s.activation(t)
		return
	case event.Deactivation:
		s.deactivation(t)
		return
	case event.Choice:
		s.choice(t)
		return
	case event.PersonalOffer:
		s.gift(t)
		return
	}
	s.extras.Apply(t)
	if len(t.State.Offers) > 0 && !t.Replaying() {
		eachUse(t.Out, func(rule ledger.Name) { s.use(t.State, rule, t.At, 1) })
	}
}

// eachUse does something once for each rule that gave something or took it off.
func eachUse(d *engine.Decision, do func(rule ledger.Name)) {
	for i := range d.Steps {
		if !gave(&d.Steps[i]) {
			continue
		}
		first := true
		for j := range d.Steps[:i] {
			first = first && (d.Steps[j].Rule != d.Steps[i].Rule || !gave(&d.Steps[j]))
		}
		if first {
			do(d.Steps[i].Rule)
		}
	}
}

func gave(s *engine.Step) bool { return s.Result == engine.Gave || s.Result == engine.Reduced }

// use counts uses of what the member had at an instant.
func (s *stage) use(state *ledger.State, rule ledger.Name, at calendar.Instant, n int64) {
	for _, gift := range [...]bool{false, true} {
		if o := state.OfferAt(rule, gift, at); o != nil {
			o.Uses = max(o.Uses+n, 0)
		}
	}
}

// Undo counts uses no more of which nothing remains.
func (s *stage) Undo(t *engine.Turn, u *engine.Undone) {
	if u.Whole && t.Program == s.program && len(t.State.Offers) > 0 {
		eachUse(u.Decision, func(rule ledger.Name) { s.use(t.State, rule, u.Decision.At, -1) })
	}
}
