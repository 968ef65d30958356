package merge

import (
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// Chain yields what was decided of one member, the newest first, until yield
// gives false.
type Chain func(member ledger.MemberID, yield func(*engine.Past) bool)

// History gives a member's history together with that of the members who were
// merged into this one: theirs stands where their value arrived. own yields the
// member's decisions before the one at hand, and others those of another member.
func History(own func(yield func(*engine.Past) bool), others Chain) engine.History {
	return func(yield func(*engine.Past) bool) {
		walk(own, others, nil, yield)
	}
}

// walk yields a member's decisions; lots gives today's numbers of the lots that
// the member had in the end. It answers whether to go on.
func walk(own func(yield func(*engine.Past) bool), others Chain, lots map[uint32]uint32, yield func(*engine.Past) bool) bool {
	more := true
	own(func(p *engine.Past) bool {
		p.Lots = lots
		if more = yield(p); !more || p.Decision.Outcome != engine.Applied {
			return more
		}
		switch p.Event.Type {
		case event.Absorb:
			if parcel, err := openParcel(p.Event.Carried); err == nil {
				of := func(yield func(*engine.Past) bool) { others(parcel.path[0], yield) }
				more = walk(of, others, renumbered(p), yield)
			}
		case event.Absorbed:
			// The member's own value came back, in lots of new numbers.
			lots = renumbered(p)
		}
		return more
	})
	return more
}

// renumbered gives today's numbers of the lots that an event carried: each has a
// posting of its own, in order.
func renumbered(p *engine.Past) map[uint32]uint32 {
	numbers := map[uint32]uint32{}
	carried, err := Value(p.Event.Carried)
	if err != nil {
		return numbers
	}
	postings := p.Decision.Postings
	for i := range carried.Wallets {
		for j := range carried.Wallets[i].Lots {
			for len(postings) > 0 && !arrives(&postings[0]) {
				postings = postings[1:]
			}
			if len(postings) == 0 {
				return numbers
			}
			numbers[carried.Wallets[i].Lots[j].No] = p.Lot(postings[0].Lot)
			postings = postings[1:]
		}
	}
	return numbers
}

func arrives(p *ledger.Posting) bool {
	return p.Kind == ledger.CarryIn && p.From == ledger.Transit && p.Lot != 0
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
