package simulate

import (
	"context"
	"errors"
	"fmt"
	"io"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/ambassador"
	"premia/internal/core/mechanic/family"
	"premia/internal/core/mechanic/merge"
	"premia/internal/core/mechanic/referral"
	"premia/internal/core/mechanic/transfer"
)

// Source gives a history event by event, in the order in which it is to be
// decided.
type Source interface {
	// Next gives the next entry; io.EOF after the last one.
	Next(ctx context.Context) (Entry, error)
}

// Entry is one event of a history.
type Entry struct {
	// Event must have passed its checks. Its Member text names whose it is, where
	// Member is zero; the text is compared as it stands.
	Event *event.Event
	// Member is the member's number, where the history comes from a journal.
	Member ledger.MemberID
	// Guest tells that the event was recorded without a member, and stays so
	// whatever the program says of unknown buyers.
	Guest bool
	// Clock is the instant to which time passes before the event; calendar.None
	// stands for the event's own time, as in an import.
	Clock calendar.Instant
	// Codes are what was known of the event's codes, in their order.
	Codes []Code
	// Draw is the seed of what the event decided by chance; empty where it decided
	// nothing so.
	Draw []byte
}

// Code is what was known of a code, with the name of its reward, such as
// "reward.spring": another program has other numbers.
type Code struct {
	engine.Code
	RewardName string
}

// nobody is the place of events that name no member.
const nobody = -1

// entry is an event in memory.
type entry struct {
	event  *event.Event
	clock  calendar.Instant
	member int32 // place in History.members
	guest  bool
	// claimed is, for a claim, the place of the purchase that it claims, from 1; 0
	// if there is none.
	claimed int32
	// purchase is, for a return that names an order, the place of its purchase,
	// from 1; 0 if that did not come before it. waiting is, for a purchase, the
	// place of the first return that came before it; later ones have late set.
	purchase, waiting int32
	late              bool
	// receipt tells that a return names its order alone.
	receipt bool
	// returned are, for a purchase, the places of its returns.
	returned []int32
}

// group is the members that events join: almost always one. Only members of one
// group can change one another.
type group struct {
	members []int32
	entries []int32 // places in History.entries, in order
}

// History is a history in memory, ready to be decided under any program. It is
// immutable and may be used by several goroutines.
type History struct {
	entries []entry
	members []ledger.MemberID
	groups  []group
	groupOf []int32 // of each member
	guests  []int32 // entries that name nobody
	// first and last are the moments of the earliest and the latest event.
	first, last calendar.Instant
	scales      event.Scales
	// codes are those of the few events that name any.
	codes map[*event.Event][]Code
	// draws are the seeds of those that decided something by chance.
	draws map[*event.Event][]byte
	// withdrawn has what was known of vouchers that a rule gave and that were taken back,
	// by redemption.
	withdrawn map[string][]Code

	// Repeated are events whose id came before with the same event, Refused those
	// that can not be decided after what came before: an id used for another
	// event, an order bought or claimed twice, an event without a time.
	Repeated, Refused int64
}

// Events is how many events will be decided.
func (h *History) Events() int { return len(h.entries) }

// Last is the moment of the latest event; calendar.None without events.
func (h *History) Last() calendar.Instant { return h.last }

// First is the moment of the earliest event; calendar.None without events.
func (h *History) First() calendar.Instant { return h.first }

// Bought gives the moments of the earliest and the latest purchase; calendar.None of both
// where there are none. Members may have enrolled long before.
func (h *History) Bought() (first, last calendar.Instant) {
	first, last = calendar.None, calendar.None
	for i := range h.entries {
		x := &h.entries[i]
		if x.event.Type != event.Purchase {
			continue
		}
		at := at(x.event, x.clock)
		if first == calendar.None || at < first {
			first = at
		}
		if last == calendar.None || at > last {
			last = at
		}
	}
	return first, last
}

// Within counts the events from a moment until before another.
func (h *History) Within(from, until calendar.Instant) (n int64) {
	for i := range h.entries {
		if at := at(h.entries[i].event, h.entries[i].clock); from <= at && at < until {
			n++
		}
	}
	return n
}

// loader builds a history.
type loader struct {
	h      *History
	ids    map[string]int32 // event id → entry
	orders map[string]int32 // purchases
	claims map[string]int32
	// returns are those that came before their purchase, by order.
	returns map[string]int32
	byText  map[string]int32
	byNo    map[ledger.MemberID]int32
	joined  []int32 // union-find over members
	scales  event.Scales
}

// Load reads a whole history into memory. The scales are those of the programs
// that it is for.
func Load(ctx context.Context, source Source, scales event.Scales) (*History, error) {
	l := &loader{
		h: &History{scales: scales}, ids: map[string]int32{}, orders: map[string]int32{}, claims: map[string]int32{}, returns: map[string]int32{},
		byText: map[string]int32{}, byNo: map[ledger.MemberID]int32{}, scales: scales,
	}
	for {
		e, err := source.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read the history: %w", err)
		}
		l.add(e)
	}
	l.group()
	return l.h, nil
}

// withdraw keeps what was known of vouchers that were taken back with goods.
func (l *loader) withdraw(from Entry) {
	if from.Event.Type != event.GiftWithdrawal || len(from.Codes) == 0 {
		return
	}
	if l.h.withdrawn == nil {
		l.h.withdrawn = make(map[string][]Code)
	}
	l.h.withdrawn[from.Event.Redemption] = from.Codes
}

// add takes an event in, unless the journal would not decide it.
func (l *loader) add(from Entry) {
	e := from.Event
	switch e.Type {
	case event.Absorb, event.Absorbed, event.TransferIn, event.TransferBack,
		event.FamilyOpen, event.FamilyWord, event.FamilyReturn, event.Referral, event.ReferralBack, event.Commission, event.CommissionBack, event.GiftWithdrawal, event.LeaderboardPrize, event.Settle, event.Publish, event.Withdrawn:
		l.withdraw(from) // they follow from the others, and are decided there
		return
	}
	x := entry{event: e, clock: from.Clock, member: nobody, guest: from.Guest}
	if x.clock == calendar.None {
		x.clock = e.At
	}
	if x.clock == calendar.None {
		l.h.Refused++
		return
	}
	no := int32(len(l.h.entries))
	if e.ID != "" {
		if first, twice := l.ids[e.ID]; twice {
			l.again(l.h.entries[first].event, e)
			return
		}
	}
	if !l.order(&x, no) {
		l.h.Refused++
		return
	}
	if e.ID != "" {
		l.ids[e.ID] = no
	}
	if x.member = l.member(from); x.member == nobody && x.purchase > 0 {
		x.member, x.receipt = l.buyer(&x), true
	}
	if x.member == nobody {
		l.h.guests = append(l.h.guests, no)
	}
	if len(from.Codes) > 0 {
		if l.h.codes == nil {
			l.h.codes = make(map[*event.Event][]Code)
		}
		l.h.codes[e] = from.Codes
	}
	if len(from.Draw) > 0 {
		if l.h.draws == nil {
			l.h.draws = make(map[*event.Event][]byte)
		}
		l.h.draws[e] = from.Draw
	}
	l.reach(at(e, x.clock))
	l.h.entries = append(l.h.entries, x)
	switch e.Type {
	case event.Merge:
		l.join(x.member, l.numbered(mergedInto(e)))
	case event.Family:
		if _, account, who := family.Act(e); account != 0 {
			// A family's members are decided together with its account.
			l.join(x.member, l.numbered(account))
		} else if who != 0 {
			l.join(x.member, l.numbered(who))
		}
	case event.Enrolment, event.Profile, event.Purchase, event.Claim:
		l.brought(&x)
	case event.Transfer:
		if to := transfer.Receiver(e); to != 0 {
			l.join(x.member, l.numbered(to))
		}
	}
}

// reach makes the history reach a moment.
func (l *loader) reach(at calendar.Instant) {
	if l.h.first == calendar.None || at < l.h.first {
		l.h.first = at
	}
	l.h.last = max(l.h.last, at)
}

func mergedInto(e *event.Event) ledger.MemberID {
	for i := range e.Data {
		if e.Data[i].Name == merge.Into {
			return ledger.MemberID(e.Data[i].Whole)
		}
	}
	return 0
}

// at gives when an event counts.
func at(e *event.Event, clock calendar.Instant) calendar.Instant {
	if e.At == calendar.None {
		return clock
	}
	return min(e.At, clock)
}

// again counts an event whose id came before.
func (l *loader) again(first, e *event.Event) {
	if first.Member == e.Member && first.Digest(l.scales) == e.Digest(l.scales) {
		l.h.Repeated++
	} else {
		l.h.Refused++
	}
}

// order binds the event's order and answers whether that was possible.
func (l *loader) order(x *entry, no int32) bool {
	e := x.event
	if e.Order == "" {
		return true
	}
	switch e.Type {
	case event.Purchase:
		if _, twice := l.orders[e.Order]; twice {
			return false
		}
		l.orders[e.Order] = no
		x.waiting = l.returns[e.Order]
	case event.Claim:
		first, known := l.orders[e.Order]
		if _, twice := l.claims[e.Order]; !known || twice {
			return false
		}
		l.claims[e.Order] = no
		x.claimed = first + 1
	case event.Return:
		if first, known := l.orders[e.Order]; known {
			x.purchase = first + 1
			l.h.entries[first].returned = append(l.h.entries[first].returned, no)
		} else if x.late = l.returns[e.Order] != 0; !x.late {
			l.returns[e.Order] = no + 1
		}
	}
	return true
}

// member gives the place of the event's member, a new one if it is the first
// event.
func (l *loader) member(from Entry) int32 {
	if from.Member != 0 {
		return l.numbered(from.Member)
	}
	text := from.Event.Member
	if text == "" || from.Guest {
		return nobody
	}
	place, known := l.byText[text]
	if !known {
		place = l.place(0)
		l.byText[text] = place
	}
	return place
}

// buyer gives whose the purchase of a return is.
func (l *loader) buyer(x *entry) int32 {
	if claim, claimed := l.claims[x.event.Order]; claimed {
		return l.h.entries[claim].member
	}
	return l.h.entries[x.purchase-1].member
}

// brought joins a member with whoever brought them, and with the ambassador by whose
// link they came; of a claim, with that of the purchase that it claims.
func (l *loader) brought(x *entry) {
	e := x.event
	if e.Type == event.Claim && x.claimed > 0 {
		e = l.h.entries[x.claimed-1].event
	}
	for _, by := range [...]ledger.MemberID{referral.Referrer(e), ambassador.Ambassador(e)} {
		if by != 0 && x.member != nobody {
			l.join(x.member, l.numbered(by))
		}
	}
}

func (l *loader) numbered(id ledger.MemberID) int32 {
	place, known := l.byNo[id]
	if !known {
		place = l.place(id)
		l.byNo[id] = place
	}
	return place
}

func (l *loader) place(id ledger.MemberID) int32 {
	place := int32(len(l.h.members))
	if id == 0 {
		// Rules see a member's number only as different from others'.
		id = ledger.MemberID(place) + 1
	}
	l.h.members = append(l.h.members, id)
	l.joined = append(l.joined, place)
	return place
}

func (l *loader) root(m int32) int32 {
	for l.joined[m] != m {
		l.joined[m] = l.joined[l.joined[m]]
		m = l.joined[m]
	}
	return m
}

func (l *loader) join(a, b int32) {
	if a == nobody || b == nobody {
		return
	}
	a, b = l.root(a), l.root(b)
	l.joined[max(a, b)] = min(a, b)
}

// group puts members and their events into groups, in the order of their first
// appearance.
func (l *loader) group() {
	h := l.h
	h.groupOf = make([]int32, len(h.members))
	for m := range h.members {
		if root := l.root(int32(m)); root == int32(m) {
			h.groupOf[m] = int32(len(h.groups))
			h.groups = append(h.groups, group{})
		} else {
			h.groupOf[m] = h.groupOf[root]
		}
		g := &h.groups[h.groupOf[m]]
		g.members = append(g.members, int32(m))
	}
	sizes := make([]int32, len(h.groups))
	for i := range h.entries {
		if m := h.entries[i].member; m != nobody {
			sizes[h.groupOf[m]]++
		}
	}
	all := make([]int32, len(h.entries))
	start := int32(0)
	for i := range h.groups {
		h.groups[i].entries = all[start : start : start+sizes[i]]
		start += sizes[i]
	}
	for i := range h.entries {
		if m := h.entries[i].member; m != nobody {
			g := &h.groups[h.groupOf[m]]
			g.entries = append(g.entries, int32(i))
		}
	}
}
