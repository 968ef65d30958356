package engine

import (
	"slices"

	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// Here is what mechanics share whose value follows what another member does: it
// leaves in a follow-up, arrives at whoever answers for the receiver by then, is given
// as it was promised, and is taken back from the very lots that it became.

// KeyOf tells an event from the member's others, as [Past.Key].
func KeyOf(e *event.Event) string {
	p := Past{Event: e}
	return p.Key()
}

// Arrives tells whether the event's member is there to take what it carries. The event
// of one who was merged goes on to the other, and where nobody is there any more it
// ends with the outcome.
func (t *Turn) Arrives(gone Outcome) bool {
	switch t.State.Status {
	case 0, ledger.Erased:
		t.Finish(gone)
		return false
	case ledger.Merged:
		t.FollowUp(FollowUp{Type: t.Event.Type, Member: t.State.MergedInto, Order: t.Event.Order, Carried: t.Event.Carried})
		t.Finish(ForwardedOn)
		return false
	}
	return true
}

// Promised finds what a version of the program gives by a rule in a wallet; nil if
// that is not there.
func (t *Turn) Promised(version uint32, rule, wallet ledger.Name) *Giving {
	p := t.Version(version)
	if p == nil {
		return nil
	}
	for _, g := range p.Rules[rule].Givings {
		if g.Wallet.Name == wallet {
			return g
		}
	}
	return nil
}

// Now gives the decision at hand, as far as it is made, as one of the past.
func (t *Turn) Now() *Past {
	return &Past{Decision: &Decision{Postings: t.Book.Postings, Steps: t.Out.Steps}}
}

// Expired adds up what of the lots expired with the decision.
func (p *Past) Expired(wallet ledger.Name, lots []Trace) int64 {
	sum := int64(0)
	for i := range p.Decision.Postings {
		if x := &p.Decision.Postings[i]; x.Kind == ledger.Expire && x.Wallet == wallet && slices.Contains(lots, p.Trace(x.Lot)) {
			sum += x.Amount
		}
	}
	return sum
}

// Became is what became of what a rule gave in a wallet at an instant.
type Became struct {
	// Lots are today's numbers of its lots, as far as they are here.
	Lots []uint32
	// Expired is what of them has expired, at whichever member they were then.
	Expired int64

	since []*Past // the newest first
}

// Became finds what became of what a rule gave in a wallet at an instant.
func (t *Turn) Became(rule, wallet ledger.Name, at calendar.Instant) (b Became) {
	var traces []Trace
	look := func(p *Past) bool {
		b.since = append(b.since, p)
		for i := range p.Decision.Postings {
			x := &p.Decision.Postings[i]
			if x.Kind != ledger.Issue || x.Rule != rule || x.Wallet != wallet || x.At != at {
				continue
			}
			traces = append(traces, p.Trace(x.Lot))
			if lot := p.Lot(x.Lot); lot != 0 {
				b.Lots = append(b.Lots, lot)
			}
		}
		return len(traces) == 0
	}
	if look(t.Now()) && t.In.History != nil {
		t.In.History(look)
	}
	for _, p := range b.since {
		b.Expired += p.Expired(wallet, traces)
	}
	return b
}

// Took adds up what steps say that was taken back of it since: the steps of the rule
// and wallet that read the mark. undone is what was no more deserved, and due what of
// that was owed.
func (b *Became) Took(rule, wallet ledger.Name, mark string) (undone, due int64) {
	for _, p := range b.since {
		for i := range p.Decision.Steps {
			if s := &p.Decision.Steps[i]; s.Result == Took && s.Rule == rule && s.Wallet == wallet && s.Read == mark {
				undone += s.Wanted
				due += s.Base
			}
		}
	}
	return undone, due
}
