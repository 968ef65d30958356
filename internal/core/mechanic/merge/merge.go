// Package merge joins two memberships of one person. The member who is merged
// decides first: all value leaves for transit in a follow-up event, and from
// then on the other member answers for this one. The other takes it in, passes
// it on if it was itself merged meanwhile, or, where that would go in a circle,
// refuses; the first then gets everything back and stands on its own again.
//
// Two members that are merged into each other at the same time meet so: the one
// with the lower number stays.
package merge

import (
	"embed"
	"io/fs"
	"slices"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

//go:embed words
var words embed.FS

// Into is the datum of a merge event that holds the other member's number.
const Into = "into"

// Mechanic is the door of merges. It has no section of the document.
type Mechanic struct{}

// Section gives no key.
func (Mechanic) Section() document.Section { return document.Section{} }

// Words are the catalogues of merges.
func (Mechanic) Words() fs.FS { return words }

// Compile gives the stage.
func (Mechanic) Compile(*engine.Compiler, any) engine.Stage { return stage{} }

type stage struct{}

// parcel is what travels between members: whose it was, through whom it went,
// and the value.
type parcel struct {
	// path are the owner, the members who passed it on, and whoever refused it:
	// the second is the one that the owner was merged into.
	path  []ledger.MemberID
	state []byte
}

func (p *parcel) append() []byte {
	var w ledger.Writer
	w.Uint(uint64(len(p.path)))
	for _, m := range p.path {
		w.Uint(uint64(m))
	}
	w.Text(string(p.state))
	return w.Bytes
}

func openParcel(src []byte) (*parcel, error) {
	r := ledger.Reader{Bytes: src}
	p := &parcel{}
	for n := r.Count(); n > 0; n-- {
		p.path = append(p.path, ledger.MemberID(r.Uint()))
	}
	p.state = []byte(r.Text())
	if err := r.Done(); err != nil {
		return nil, err
	}
	if len(p.path) == 0 {
		return nil, ledger.ErrMalformed
	}
	return p, nil
}

// Origin gives the member whose value an absorbing event carries.
func Origin(carried []byte) (ledger.MemberID, bool) {
	p, err := openParcel(carried)
	if err != nil {
		return 0, false
	}
	return p.path[0], true
}

// Value gives the value that an event of a merge carries, as the state of which
// only wallets, counters and figures count.
func Value(carried []byte) (*ledger.State, error) {
	p, err := openParcel(carried)
	if err != nil {
		return nil, err
	}
	s := &ledger.State{}
	return s, ledger.DecodeState(p.state, s)
}

// ForAccounts lets what is sent to a gift card go back: it is nobody who could be
// merged.
func (stage) ForAccounts() {}

// Apply does this member's part of a merge.
func (stage) Apply(t *engine.Turn) {
	switch t.Event.Type {
	case event.Merge:
		leave(t)
	case event.Absorb:
		arrive(t)
	case event.Absorbed:
		comeBack(t)
	}
}

// leave sends all value to the other member.
func leave(t *engine.Turn) {
	into := target(t.Event)
	if into == 0 || into == t.In.Member || t.State.Status == ledger.Merged || t.State.Status.Account() {
		t.Finish(engine.MergeRefused)
		return
	}
	p := parcel{path: []ledger.MemberID{t.In.Member}, state: t.Book.CarryOut(t.Clock)}
	t.State.Status, t.State.MergedInto = ledger.Merged, into
	t.FollowUp(engine.FollowUp{Type: event.Absorb, Member: into, Carried: p.append()})
	t.Finish(engine.Applied)
}

func target(e *event.Event) ledger.MemberID {
	for i := range e.Data {
		if e.Data[i].Name == Into {
			return ledger.MemberID(e.Data[i].Whole)
		}
	}
	return 0
}

// arrive takes in what another member sent.
func arrive(t *engine.Turn) {
	p, err := openParcel(t.Event.Carried)
	if err != nil {
		t.Finish(engine.MergeRefused)
		return
	}
	s := t.State
	if s.Status.Account() {
		p.path = append(p.path, t.In.Member)
		t.FollowUp(engine.FollowUp{Type: event.Absorbed, Member: p.path[0], Carried: p.append()})
		t.Finish(engine.MergeRefused)
		return
	}
	if s.Status == ledger.Merged {
		mutual := s.MergedInto == p.path[0]
		switch {
		case mutual && t.In.Member < p.path[0]:
			// Both were merged into each other: this one stays.
			s.Status, s.MergedInto = ledger.Active, 0
		case slices.Contains(p.path, s.MergedInto):
			p.path = append(p.path, t.In.Member)
			t.FollowUp(engine.FollowUp{Type: event.Absorbed, Member: p.path[0], Carried: p.append()})
			t.Finish(engine.MergeRefused)
			return
		default:
			p.path = append(p.path, t.In.Member)
			t.FollowUp(engine.FollowUp{Type: event.Absorb, Member: s.MergedInto, Carried: p.append()})
			t.Finish(engine.ForwardedOn)
			return
		}
	}
	if err := t.Book.CarryIn(p.state, t.Clock); err != nil {
		t.Finish(engine.MergeRefused)
		return
	}
	t.State.EndReferrals(append(p.path, t.In.Member))
	t.Finish(engine.Applied)
}

// comeBack takes in what the member itself had sent and was refused. A member
// who was merged into another one since stays so, and what comes back follows.
func comeBack(t *engine.Turn) {
	p, err := openParcel(t.Event.Carried)
	if err != nil {
		t.Finish(engine.MergeRefused)
		return
	}
	s := t.State
	if s.Status == ledger.Merged && len(p.path) > 1 && s.MergedInto != p.path[1] {
		p.path = p.path[:1]
		t.FollowUp(engine.FollowUp{Type: event.Absorb, Member: s.MergedInto, Carried: p.append()})
		t.Finish(engine.ForwardedOn)
		return
	}
	if t.Book.CarryIn(p.state, t.Clock) != nil {
		t.Finish(engine.MergeRefused)
		return
	}
	if s.Status == ledger.Merged {
		s.Status, s.MergedInto = ledger.Active, 0
	}
	t.Finish(engine.Applied)
}
