package engine

import (
	"slices"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

// Renewing is a stage that lets things happen to members by themselves. Where a
// program comes into force that does so otherwise than the one before, each member
// passes that instant: what the new rules come to for somebody who is silent does not
// wait until something else happens to them.
type Renewing interface {
	Stage
	// Same tells whether the stage of the program before lets the same happen.
	Same(before Stage) bool
}

// renews tells whether what happens to members by itself is another under a program
// than under the one before.
func renews(p, before *Program) bool {
	if p.lasting == nil && p.converting == nil && before.lasting == nil && before.converting == nil {
		return false
	}
	return p.Zone.String() != before.Zone.String() || !sameStage(p.lasting, before.lasting) || !sameStage(p.converting, before.converting)
}

func sameStage(now, before Stage) bool {
	if now == nil || before == nil {
		return now == nil && before == nil
	}
	x, ok := now.(Renewing)
	return ok && x.Same(before)
}

// renewal gives the first instant of renewal that the member has not passed, and the
// version that came into force then; calendar.Never if there is none.
func (t *Timeline) renewal(s *ledger.State) (at calendar.Instant, version uint32) {
	if !t.renews || (s.Status != ledger.Active && s.Status != ledger.Blocked) {
		return calendar.Never, 0
	}
	i := 0
	if s.Renewed != 0 {
		i = slices.IndexFunc(t.lives, func(l Live) bool { return l.Program.Version == s.Renewed })
	}
	for i++; i < len(t.lives); i++ {
		if t.lives[i].renews {
			return t.lives[i].From, t.lives[i].Program.Version
		}
	}
	return calendar.Never, 0
}

// Renewal gives the first instant that the member has not passed at which other things
// begin to happen by themselves; calendar.Never if there is none.
func (t *Timeline) Renewal(s *ledger.State) calendar.Instant {
	at, _ := t.renewal(s)
	return at
}

// Due gives the earliest instant at which something happens to the member by itself,
// or may happen because other rules come into force; calendar.Never if nothing does.
func (t *Timeline) Due(s *ledger.State) calendar.Instant {
	return min(s.Due(), t.Renewal(s))
}

// Renews tells whether the program with the version lets other things happen to
// members by themselves than the one in force before it.
func (t *Timeline) Renews(version uint32) bool {
	return slices.ContainsFunc(t.lives, func(l Live) bool { return l.renews && l.Program.Version == version })
}

// joined notes that a member who is new has no renewals before the clock to pass.
func (t *Turn) joined() {
	for i := range t.rules.lives {
		if l := &t.rules.lives[i]; l.renews && l.From <= t.Clock {
			t.State.Renewed = l.Program.Version
		}
	}
}

// renew lets the rules count that came into force at an instant, whenever somebody
// looks.
func (t *Turn) renew(at calendar.Instant, version uint32) {
	p := t.rules.At(at)
	t.standAt(p, at, func(t *Turn) {
		if p.lasting != nil {
			p.lasting.Renew(t)
		} else {
			for i := len(t.State.Tiers) - 1; i >= 0; i-- {
				t.EndTier(i)
			}
		}
		t.State.Conversions = nil
		t.addConversions(p)
	})
	t.State.Renewed = version
}
