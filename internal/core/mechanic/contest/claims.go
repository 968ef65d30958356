package contest

import (
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
)

// Won is what the events carry that tell a winner, and that end a prize which was not
// claimed.
type Won struct{ Contest, Prize, Ticket string }

// Append writes what the event carries.
func (w *Won) Append() []byte {
	var out ledger.Writer
	out.Text(w.Contest)
	out.Text(w.Prize)
	out.Text(w.Ticket)
	return out.Bytes
}

// OpenWon reads what Append wrote. The error is ledger.ErrMalformed for anything else.
func OpenWon(carried []byte) (Won, error) {
	r := ledger.Reader{Bytes: carried}
	w := Won{Contest: r.Text(), Prize: r.Text(), Ticket: r.Text()}
	return w, r.Done()
}

// won finds the contest with the prize that was won. Programs keep their contests until
// all prizes are given.
func (s *stage) won(t *engine.Turn) (Won, *compiled, *prize) {
	won, err := OpenWon(t.Event.Carried)
	if x := s.find(won.Contest); err == nil && x != nil {
		for i := range x.prizes {
			if x.prizes[i].source.ID == won.Prize {
				return won, x, &x.prizes[i]
			}
		}
	}
	return won, nil, nil
}

// award gives a winner the prize, or tells that it can be claimed. Whoever is no member
// any more, or has won before where one wins once, gives way to the next ticket.
func (s *stage) award(t *engine.Turn) {
	won, x, p := s.won(t)
	switch {
	case x == nil || t.State.Status != ledger.Active:
		t.Finish(engine.GaveWay)
	case x.source.OneEach && len(x.decided(t)) > 0:
		t.Note(engine.Step{Rule: x.Name, Result: engine.WonBefore, Read: won.Ticket})
		t.Finish(engine.GaveWay)
	case x.claim.IsZero():
		x.give(t, p, won.Ticket)
		t.Finish(engine.Applied)
	default:
		until := calendar.End(calendar.Add(t.Clock, x.claim, t.Program.Zone), calendar.ByDay, t.Program.Zone)
		t.Note(engine.Step{Rule: x.Name, Result: engine.ToClaim, By: p.name, Read: won.Ticket, Base: int64(until)})
		t.Finish(engine.Applied)
	}
}

// give gives the prize for a ticket.
func (x *compiled) give(t *engine.Turn, p *prize, ticket string) {
	t.Note(engine.Step{Rule: x.Name, Result: engine.WonContest, By: p.name, Read: ticket})
	for _, g := range p.gives {
		t.AwardAmount(g, nil, g.Fixed, 0, false)
	}
}

// decided gives the last step about each ticket of the member's that has won something,
// the newest ticket first.
func (x *compiled) decided(t *engine.Turn) (steps []engine.Step) {
	if t.In.History == nil {
		return nil
	}
	known := map[string]bool{}
	t.In.History(func(past *engine.Past) bool {
		for i := range past.Decision.Steps {
			s := past.Decision.Steps[i]
			if s.Rule != x.Name || known[s.Read] {
				continue
			}
			switch s.Result {
			case engine.WonContest, engine.ToClaim, engine.PrizeLapsed:
				known[s.Read] = true
				steps = append(steps, s)
			}
		}
		return true
	})
	return steps
}

// claimed gives the member all prizes of the contest that can be claimed.
func (s *stage) claimed(t *engine.Turn) {
	x := s.find(t.Event.Contest)
	if x == nil {
		t.Finish(engine.NoSuchContest)
		return
	}
	outcome := engine.NothingToClaim
	for _, won := range x.decided(t) {
		switch {
		case won.Result != engine.ToClaim:
			continue
		case calendar.Instant(won.Base) <= t.Clock:
			if outcome == engine.NothingToClaim {
				outcome = engine.ClaimedTooLate
			}
			continue
		}
		for i := range x.prizes {
			if p := &x.prizes[i]; p.name == won.By {
				x.give(t, p, won.Read)
				outcome = engine.Applied
			}
		}
	}
	t.Finish(outcome)
}

// lapse ends a prize that was not claimed, so that it goes to the next ticket. One that
// was claimed stays.
func (s *stage) lapse(t *engine.Turn) {
	won, x, p := s.won(t)
	if x == nil {
		t.Finish(engine.NothingToClaim)
		return
	}
	for _, last := range x.decided(t) {
		if last.Read == won.Ticket && last.Result == engine.ToClaim {
			t.Note(engine.Step{Rule: x.Name, Result: engine.PrizeLapsed, By: p.name, Read: won.Ticket})
			t.Finish(engine.Applied)
			return
		}
	}
	t.Finish(engine.NothingToClaim)
}
