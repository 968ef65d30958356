package simulate

import (
	"hash/fnv"

	"premia/internal/core/calendar"
	"premia/internal/core/chance"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/giftcard"
	"premia/internal/core/mechanic/merge"
	"premia/internal/insight/report"
)

// tally is what became of events beyond the report.
type tally struct {
	refused, unenrolled int64
}

func (t *tally) add(o tally) {
	t.refused += o.refused
	t.unenrolled += o.unenrolled
}

// actor decides the events of groups, one after the other. Each goroutine has
// its own.
type actor struct {
	h       *History
	rules   *engine.Timeline
	decider engine.Decider
	out     engine.Decision
	builder *report.Builder
	quotas  engine.Quotas // nil grants everything
	// returns are how returns find their purchases under the newest program.
	returns engine.Returns
	// granted hears of each decision that asked a quota.
	granted func(d *engine.Decision)
	tally   tally
	// boards have prizes; scores are what counts on them, by the member's place.
	boards boards
	scores map[int32][]ledger.Score
}

// cast is the members of one group while their events are decided.
type cast struct {
	group  *group
	states []ledger.State // of each of the group's members
	asked  []bool         // who has had an event without becoming a member
	// past is what was decided of them, where returns need it; owners are the
	// places of the members whose purchases, by entry, were decided.
	past   merge.Memory
	owners map[int32]int
}

func (c *cast) begin(g *group) {
	c.group, c.past, c.owners = g, merge.Memory{}, map[int32]int{}
	if len(c.states) < len(g.members) {
		c.states = make([]ledger.State, len(g.members))
		c.asked = make([]bool, len(g.members))
	}
	for i := range g.members {
		clearState(&c.states[i])
		c.asked[i] = false
	}
}

// clearState makes a state a new one and keeps its memory.
func clearState(s *ledger.State) {
	*s = ledger.State{Wallets: s.Wallets[:0], Counters: s.Counters[:0], Facts: s.Facts[:0]}
}

// place finds a member in the group; -1 if it is not there.
func (c *cast) place(member int32) int {
	for i, m := range c.group.members {
		if m == member {
			return i
		}
	}
	return nobody
}

// maxHops bounds how often an event follows members who were merged, as in the
// journal.
const maxHops = 16

// current follows a member to the one who answers now.
func (a *actor) current(c *cast, at int) int {
	for hop := 0; hop < maxHops && c.states[at].Status == ledger.Merged; hop++ {
		next := a.find(c, c.states[at].MergedInto)
		if next == nobody {
			break
		}
		at = next
	}
	return at
}

func (a *actor) find(c *cast, id ledger.MemberID) int {
	for i, m := range c.group.members {
		if a.h.members[m] == id {
			return i
		}
	}
	return nobody
}

// one decides one event of the cast, with the enrolment before it where it makes
// a member.
func (a *actor) one(c *cast, no int32) {
	x := &a.h.entries[no]
	at := 0
	if len(c.group.members) > 1 {
		at = c.place(x.member)
		if x.event.Type != event.Merge { // which is about the very member
			at = a.current(c, at)
		}
	}
	if !a.accepts(c, at, x) {
		a.tally.refused++
		return
	}
	s := &c.states[at]
	if _, mine := c.owners[x.purchase-1]; x.receipt && !mine {
		a.stranger(x, a.policy(x))
		return
	}
	if s.Status == 0 && x.event.Type != event.Enrolment && !aboutCard(x.event) {
		if policy := a.policy(x); policy != engine.EnrolUnknown {
			c.asked[at] = true
			a.stranger(x, policy)
			return
		}
		a.enrol(c, at, x)
	}
	in := a.inputs(x, x.clock)
	a.follow(c, at, no, &in)
	a.decide(c, at, x.event, in)
}

// accepts tells whether the journal decides upon a return: one of another
// customer's order it refuses, and a second one that would wait for the purchase.
func (a *actor) accepts(c *cast, at int, x *entry) bool {
	if x.event.Type != event.Return || a.returns != engine.ReturnsByOrder || x.event.Order == "" {
		return true
	}
	if x.purchase == 0 {
		return !x.late
	}
	if owner, known := c.owners[x.purchase-1]; known {
		return a.current(c, owner) == at
	}
	return a.wasGuest(&a.h.entries[x.purchase-1])
}

// follow keeps whose an order is, and lets the returns follow that came before
// the purchase or its claim.
func (a *actor) follow(c *cast, at int, no int32, in *engine.Inputs) {
	x := &a.h.entries[no]
	switch {
	case x.event.Type == event.Purchase && x.event.Order != "":
		c.owners[no] = at
		a.await(c, at, x.waiting, in)
	case x.event.Type == event.Claim && in.ClaimedGuest:
		c.owners[x.claimed-1] = at
		first := &a.h.entries[x.claimed-1]
		a.await(c, at, first.waiting, in)
		for _, back := range first.returned {
			if back < no {
				in.Waiting = append(in.Waiting, a.carried(back))
			}
		}
	}
	if a.returns != engine.ReturnsByOrder {
		in.Waiting = nil
	}
}

// await lets a return that came before its purchase follow it, unless it is
// another customer's.
func (a *actor) await(c *cast, at int, waiting int32, in *engine.Inputs) {
	if waiting == 0 {
		return
	}
	x := &a.h.entries[waiting-1]
	if x.member == nobody {
		in.Waiting = append(in.Waiting, a.carried(waiting-1))
		return
	}
	if place := c.place(x.member); place != nobody && (a.current(c, place) == at || c.states[place].Status == 0) {
		in.Waiting = append(in.Waiting, a.carried(waiting-1))
	}
}

// carried gives a return as a follow-up carries it.
func (a *actor) carried(no int32) []byte {
	return a.h.entries[no].event.Append(nil, a.h.scales)
}

func atOf(x *entry) calendar.Instant { return at(x.event, x.clock) }

// policy says what becomes of an event whose member nobody is, as an import has
// it: a return makes no member, but is a part of the history all the same.
func (a *actor) policy(x *entry) engine.UnknownPolicy {
	if x.guest {
		return engine.GuestUnknown
	}
	p := a.rules.At(atOf(x))
	policy, named := p.ForUnknown(x.event.Type), x.member != nobody
	receipt := x.event.Order != "" && (x.receipt || !named)
	switch {
	case x.event.Type == event.Return && (receipt || named && p.Enrolment.Unknown == engine.EnrolUnknown):
		return engine.GuestUnknown
	case policy == engine.GuestUnknown && (x.event.Type == event.Claim || x.event.Type == event.Adjustment),
		policy == engine.EnrolUnknown && !named:
		return engine.RefuseUnknown
	}
	return policy
}

// stranger records an event without a member, or refuses it.
func (a *actor) stranger(x *entry, policy engine.UnknownPolicy) {
	if policy != engine.GuestUnknown {
		a.tally.refused++
		return
	}
	var nobodys ledger.State
	a.decider.Decide(a.rules, &nobodys, x.event, engine.Inputs{Clock: x.clock, Quotas: a.quotas, Codes: a.codes(x)}, &a.out)
	a.keep(x.event)
}

// enrol decides the enrolment that comes before a new member's first event, as
// the journal does.
func (a *actor) enrol(c *cast, at int, x *entry) {
	e := x.event
	enrolment := event.Event{ID: e.ID + "/enrolment", Type: event.Enrolment, At: e.At, Currency: e.Currency, Channel: e.Channel, Store: e.Store, Filled: e.Filled}
	a.decide(c, at, &enrolment, engine.Inputs{Clock: x.clock})
}

func (a *actor) inputs(x *entry, clock calendar.Instant) engine.Inputs {
	in := engine.Inputs{Clock: clock, Codes: a.codes(x)}
	if x.claimed > 0 {
		first := &a.h.entries[x.claimed-1]
		in.Claimed = a.priced(first)
		in.ClaimedGuest = a.wasGuest(first)
	}
	return in
}

// priced gives a guest's purchase at the prices that reductions left.
func (a *actor) priced(x *entry) *event.Event {
	if x.event.Prices == "" {
		return x.event
	}
	var nobodys ledger.State
	var d engine.Decision
	a.decider.Decide(a.rules, &nobodys, x.event, engine.Inputs{Clock: x.clock, Codes: a.codes(x)}, &d)
	return engine.Bought(x.event, &d)
}

// codes gives what was known of an event's codes, with the numbers that the program
// has for what they stand for; one whose reward it does not have stands for nothing.
func (a *actor) codes(x *entry) []engine.Code {
	return a.known(a.h.codes[x.event], atOf(x))
}

// withdrawn gives the redemption whose vouchers are to be taken back, with what the
// history knows of these. One that it does not have was not used in it.
func (a *actor) withdrawn(f *engine.FollowUp, at calendar.Instant) (redemption string, codes []engine.Code) {
	ask, err := engine.OpenGiftWithdrawal(f.Carried)
	if err != nil {
		return "", nil // what an event's own Append wrote can be read
	}
	if known := a.known(a.h.withdrawn[ask.Redemption], at); known != nil {
		return ask.Redemption, known
	}
	h := fnv.New64a()
	h.Write([]byte(ask.Redemption))
	for i := range ask.Quantity {
		codes = append(codes, engine.Code{Found: true, Reward: ask.Reward, Window: int64(h.Sum64()>>1) ^ i, Uses: 1, Until: calendar.Never})
	}
	return ask.Redemption, codes
}

// known gives what was known of codes, in the names of the program in force.
func (a *actor) known(known []Code, at calendar.Instant) []engine.Code {
	if len(known) == 0 {
		return nil
	}
	names := a.rules.At(at).Names
	out := make([]engine.Code, len(known))
	for i := range known {
		out[i] = known[i].Code
		out[i].Reward, _ = names.Find(known[i].RewardName)
		out[i].Found = out[i].Found && out[i].Reward != 0
	}
	return out
}

// wasGuest tells whether a purchase was recorded without a member. Under the
// policy that keeps guests, only an enrolment of its own makes a member.
func (a *actor) wasGuest(x *entry) bool {
	if a.policy(x) != engine.GuestUnknown {
		return false
	}
	if x.member == nobody {
		return true
	}
	for _, no := range a.h.groups[a.h.groupOf[x.member]].entries {
		other := &a.h.entries[no]
		if other == x {
			return true
		}
		if other.member == x.member && other.event.Type == event.Enrolment {
			return false
		}
	}
	return true
}

// aboutCard tells whether the event is about a gift card, which nobody enrols. What
// members' redemptions do to cards is a part of the history as it was: a card that
// was issued is there for the payments that follow.
func aboutCard(e *event.Event) bool {
	switch e.Type {
	case event.GiftCardIssue, event.GiftCardTopUp, event.GiftCardPayment, event.GiftCardBlock, event.GiftCardTakeBack:
		return true
	case event.Transfer:
		return giftcard.IsWallet(e.Wallet)
	}
	return false
}

// remembered tells whether later events about redemptions read this one.
func remembered(e *event.Event) bool {
	switch e.Type {
	case event.Redemption, event.Absorb, event.Absorbed, event.GiftCardPayment, event.FamilyWord, event.FamilyReturn:
		return true
	}
	return e.Redemption != ""
}

// decide decides an event and at once the events that follow from it for others
// of the group.
func (a *actor) decide(c *cast, at int, e *event.Event, in engine.Inputs) {
	in.Member, in.Quotas = a.h.members[c.group.members[at]], a.quotas
	if engine.NeedsHistory(e) {
		in.History = c.past.Of(in.Member)
	}
	in.Draw = a.draw(e)
	a.decider.Decide(a.rules, &c.states[at], e, in, &a.out)
	if a.returns != engine.NoReturns || remembered(e) {
		c.past.Keep(in.Member, engine.Stands(e, &a.out, a.h.scales), in.Claimed, &a.out)
	}
	a.keep(e)
	a.scored(c, at, in.Clock)
	if len(a.out.FollowUps) == 0 {
		return
	}
	follow := append([]engine.FollowUp(nil), a.out.FollowUps...)
	for i := range follow {
		f := &follow[i]
		if f.Type == event.GiftCardAnswer {
			continue // a part of the history, as all that happens to cards
		}
		to := a.find(c, f.Member)
		if to == nobody {
			continue // as long as nobody takes it, it stays in transit
		}
		switch f.Type {
		case event.TransferIn, event.TransferBack, event.FamilyWord, event.FamilyReturn, event.Referral, event.ReferralBack, event.Commission, event.CommissionBack:
			to = a.current(c, to)
		}
		next := event.Event{Type: f.Type, At: in.Clock, Order: f.Order, Carried: f.Carried}
		if f.Type == event.Return {
			back, err := event.DecodeStored(f.Carried, a.h.scales)
			if err != nil {
				continue // what an event's own Append wrote can be read
			}
			next = *back
		}
		inputs := engine.Inputs{Clock: in.Clock}
		if f.Type == event.GiftWithdrawal {
			next.Redemption, inputs.Codes = a.withdrawn(f, in.Clock)
		}
		a.decide(c, to, &next, inputs)
	}
}

// draw gives the seed of what an event decides by chance: that of the decision which
// the history has or, where that drew nothing, one that the event's id alone gives.
// The workspace's secret has no part in it, so that nobody can find out by simulating
// what an event to come would draw.
func (a *actor) draw(e *event.Event) []byte {
	if e.ID == "" || !a.rules.Draws() {
		return nil
	}
	if seed := a.h.draws[e]; len(seed) > 0 {
		return seed
	}
	seed := chance.Seed(nil, "simulation", e.ID)
	return seed[:]
}

// keep puts the decision at hand into the report.
func (a *actor) keep(e *event.Event) {
	if len(a.out.Grants) > 0 && a.granted != nil {
		a.granted(&a.out)
	}
	a.builder.Decision(e.Type, e.Total, &a.out)
	if a.out.Outcome == engine.WaitsForPurchase {
		a.builder.Waits(e.Order, &a.out)
	}
}

// end lets time pass to the report's moment for the cast.
func (a *actor) end(c *cast) {
	for i := range c.group.members {
		s := &c.states[i]
		if s.Status == 0 {
			if c.asked[i] {
				a.tally.unenrolled++
			}
			continue
		}
		a.builder.Member(s)
	}
}
