package merge

import (
	"bytes"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// Chain yields what was decided of one member, the newest first, until yield
// gives false.
type Chain func(member ledger.MemberID, yield func(*engine.Past) bool)

// History gives a member's history together with that of the members who were
// merged into this one: theirs, up to when their value left, stands where it
// arrived. own yields the member's decisions before the one at hand, and others
// all those of another member.
func History(own func(yield func(*engine.Past) bool), others Chain) engine.History {
	return func(yield func(*engine.Past) bool) {
		w := walker{others: others, yield: yield}
		w.walk(own, nil)
	}
}

// deepest bounds how many members were merged one into the next.
const deepest = 64

type walker struct {
	others Chain
	yield  func(*engine.Past) bool
	depth  int
	// numbering counts the stretches in which lots have numbers of their own.
	numbering uint32
}

// walk yields a member's decisions; lots gives the traces of the lots that
// the member had in the end. It answers whether to go on.
func (w *walker) walk(own func(yield func(*engine.Past) bool), lots map[uint32]engine.Trace) bool {
	more, came, numbering := true, false, w.numbering
	own(func(p *engine.Past) bool {
		p.Lots, p.Numbering = lots, numbering
		if more = w.yield(p); !more || p.Decision.Outcome != engine.Applied {
			return more
		}
		switch p.Event.Type {
		case event.Absorb:
			more = w.other(p)
		case event.Absorbed:
			// The member's own value came back, in lots of new numbers.
			lots, came = renumbered(p), true
			w.numbering++
			numbering = w.numbering
		case event.Merge:
			// What was before left with the value. It stands where that arrived,
			// unless the value came back.
			back := came
			came = false
			return back
		}
		return more
	})
	return more
}

// other yields what was decided of the member whose value an event brought, up to
// when it left.
func (w *walker) other(arrival *engine.Past) bool {
	parcel, err := openParcel(arrival.Event.Carried)
	if err != nil || w.depth == deepest {
		return true
	}
	w.depth++
	w.numbering++
	defer func() { w.depth-- }()
	lots, numbering, more := renumbered(arrival), w.numbering, true
	before := func(yield func(*engine.Past) bool) {
		left := false
		w.others(parcel.path[0], func(p *engine.Past) bool {
			if left {
				return yield(p)
			}
			if left = p.Event.Type == event.Merge && p.Decision.Clock <= arrival.Decision.Clock && sent(p, parcel); left {
				// Before the value left, its time had gone on.
				p.Lots, p.Numbering = lots, numbering
				more = w.yield(p)
			}
			return more
		})
	}
	return w.walk(before, lots) && more
}

// sent tells whether a merge sent what a parcel holds.
func sent(p *engine.Past, arrived *parcel) bool {
	for i := range p.Decision.FollowUps {
		left, err := openParcel(p.Decision.FollowUps[i].Carried)
		if err == nil && left.path[0] == arrived.path[0] && bytes.Equal(left.state, arrived.state) {
			return true
		}
	}
	return false
}

// renumbered gives the traces of the lots that an event carried: each has a
// posting of its own, in order.
func renumbered(p *engine.Past) map[uint32]engine.Trace {
	numbers := map[uint32]engine.Trace{}
	carried, err := Value(p.Event.Carried)
	if err != nil {
		return numbers
	}
	postings := p.Decision.Postings
	arrived := func(lot uint32) {
		for len(postings) > 0 && !postings[0].CameOver() {
			postings = postings[1:]
		}
		if len(postings) > 0 {
			numbers[lot] = p.Trace(postings[0].Lot)
			postings = postings[1:]
		}
	}
	for i := range carried.Wallets {
		for j := range carried.Wallets[i].Lots {
			arrived(carried.Wallets[i].Lots[j].No)
		}
	}
	for i := range carried.Redemptions {
		if r := &carried.Redemptions[i]; r.Status == ledger.HeldRedemption {
			for _, part := range r.Parts {
				arrived(part.Lot.No)
			}
		}
	}
	return numbers
}

// Memory is the histories of members in memory, the oldest first, for whoever
// decides without a journal.
type Memory map[ledger.MemberID][]engine.Past

// Keep adds what was decided of a member. A claim that was granted is kept as
// its purchase, claimed.
func (m Memory) Keep(member ledger.MemberID, e, claimed *event.Event, d *engine.Decision) {
	if e.Type == event.Claim && claimed != nil && !d.Outcome.Refused() {
		e = claimed
	}
	m[member] = append(m[member], engine.Past{Event: e, Decision: d.Clone()})
}

// Of gives the history of a member.
func (m Memory) Of(member ledger.MemberID) engine.History {
	others := func(of ledger.MemberID, yield func(*engine.Past) bool) {
		for i := len(m[of]) - 1; i >= 0; i-- {
			if p := m[of][i]; !yield(&p) {
				return
			}
		}
	}
	return History(func(yield func(*engine.Past) bool) { others(member, yield) }, others)
}
