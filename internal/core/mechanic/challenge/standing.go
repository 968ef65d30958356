package challenge

import (
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
)

// Standing is how far a member is towards a goal over several events.
type Standing struct {
	Rule ledger.Name
	// Kind is challenge, card or streak, and ID the goal's own name.
	Kind, ID string
	// Counted is what counts in the window at hand, in the smallest units of the
	// scale: of a card the stamps on it, of a streak its length.
	Counted int64
	// Have of Want is the way to the next goal, whose number is Next, from 0; both
	// are the same when nothing more can be reached in the window.
	Have, Want int64
	Next       int
	Scale      int
	// Money tells that what counts is money; Wallet is the one whose unit counts, or nil.
	Money  bool
	Wallet *engine.Wallet
	// Since and Until bound the window: the first instant, and the first after it;
	// none where there is no bound.
	Since, Until calendar.Instant
	// Times has for each goal how often it was reached in the window.
	Times []int64
}

// Standings says how far a member is towards each goal of the program at the
// instant. The state is settled to it.
func Standings(p *engine.Program, s *ledger.State, at calendar.Instant) []Standing {
	var out []Standing
	for _, st := range p.Stages() {
		mine, ok := st.(*stage)
		if !ok {
			continue
		}
		for _, x := range mine.trackers {
			if !x.paused {
				out = append(out, x.standing(p, s, at))
			}
		}
	}
	return out
}

func (x *tracker) standing(p *engine.Program, s *ledger.State, at calendar.Instant) Standing {
	_, id, _ := strings.Cut(p.Names.Name(x.Name), ".")
	out := Standing{Rule: x.Name, Kind: string(x.kind), ID: id, Scale: x.scale()}
	out.Wallet, out.Money = x.counts()
	w := x.windowAt(p, s, at)
	out.Have, out.Want, out.Next = x.toward(w)
	out.Counted = x.value(w)
	if x.kind != aChallenge {
		out.Counted = out.Have
	}
	if x.frame == inARow {
		out.Counted = x.current(w).length
	}
	out.Since, out.Until = w.Since, x.end(w, p)
	if x.frame == always || x.frame == inARow {
		out.Since = x.origin()
	}
	if x.frame == fromJoining {
		out.Since, out.Until = s.EnrolledAt, calendar.Add(s.EnrolledAt, x.span, p.Zone)
	}
	if x.frame == fromFirst && w.Since == calendar.None {
		out.Until = calendar.Never // nothing counts yet
	}
	if out.Until == calendar.Never {
		out.Until = calendar.None
	}
	for i := range x.goals {
		out.Times = append(out.Times, w.Times(i))
	}
	return out
}

// windowAt gives the window around the instant, an empty one if nothing counts in
// it yet. It shares nothing that is changed.
func (x *tracker) windowAt(p *engine.Program, s *ledger.State, at calendar.Instant) *ledger.Progress {
	empty := &ledger.Progress{Rule: x.Name}
	switch x.frame {
	case eachPeriod:
		empty.Since = calendar.Start(at, x.unit, p.Zone)
	case always:
		empty.Since = x.origin()
	case fromFirst:
		windows := s.Windows(x.Name)
		for i := range windows {
			if w := &windows[i]; !w.Closed && w.Since <= at && at < x.end(w, p) {
				return w
			}
		}
		return empty
	}
	w := s.ProgressOf(x.Name, empty.Since)
	if w == nil {
		w = empty
	}
	switch {
	case x.target != nil && w.Goal == 0:
		fixed := *w
		fixed.Goal = x.targetAt(s, w.Since, p)
		return &fixed
	case x.frame == inARow && ordinal(at, x.unit, p.Zone)-x.current(w).last > x.gap+1:
		return empty // it ended
	}
	return w
}

// Words says how far it is, as explanations do.
func (s *Standing) Words(p *engine.Program) text.Message {
	r := p.Rules[s.Rule]
	m := text.New("explain.progressed", "Title", r.Title, "Have", r.Goal.Say(s.Have, true), "Want", r.Goal.Say(s.Want, true))
	if s.Have < s.Want {
		m.Args = append(m.Args, text.Arg{Name: "Left", Value: r.Goal.Say(s.Want-s.Have, false)}, text.Arg{Name: "Prize", Value: r.Goal.Prize(s.Next)})
	}
	return m
}
