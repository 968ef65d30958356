package engine

import (
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// Decider makes decisions; it holds nothing but memory to work in. It is not
// safe for concurrent use: give each goroutine its own.
type Decider struct {
	turn  Turn
	kinds kindCache
}

// kindCache remembers the number of event types under one program, which spares
// a look-up for each event.
type kindCache struct {
	program *Program
	numbers map[string]ledger.Name
}

func (k *kindCache) number(p *Program, eventType string) ledger.Name {
	if k.program != p {
		k.program, k.numbers = p, make(map[string]ledger.Name)
	}
	no, ok := k.numbers[eventType]
	if !ok {
		no, _ = p.Names.Find("event." + eventType)
		if p.occasion(eventType) != nil && p.EventType(eventType) == nil {
			no = 0 // it comes by itself, and to send it brings nothing
		}
		k.numbers[eventType] = no
	}
	return no
}

// Decide decides upon one event of one member. It changes s into the member's
// state after the event and fills out, whose memory it reuses. The timeline must
// have a program at the event's time. The state of a guest is a fresh one that
// the caller throws away.
func (d *Decider) Decide(rules *Timeline, s *ledger.State, e *event.Event, in Inputs, out *Decision) {
	out.Reset()
	t := &d.turn
	at := in.Clock
	if e.At != calendar.None {
		at = min(e.At, in.Clock)
	}
	p := rules.At(at)
	if e.Type == event.Claim && in.ClaimedGuest && in.Claimed != nil {
		at = min(at, in.Claimed.At)
		if then := rules.At(at); then != nil {
			p = then
		}
	}
	t.in, t.rules, t.replay, t.drawn = in, rules, nil, false
	t.begin(p, s, e, &t.in, out)
	t.At, t.Clock = at, in.Clock
	t.Kind = d.kinds.number(p, e.Type)
	out.Revision, out.Program, out.Clock, out.At = Revision, p.Version, in.Clock, at
	out.Codes = append(out.Codes, in.Codes...)

	t.settle(calendar.Beginning)
	t.free(t.Book.Postings)
	settled := len(t.Book.Postings)
	if e.Type != event.Settle {
		fresh := s.Status == 0
		t.run()
		if fresh && s.Status != 0 {
			t.joined()
		}
	} else {
		out.Outcome = Applied
	}
	t.plan()
	gone := s.Gone()
	if gone {
		t.Book.EndHolds(t.Clock)
	}
	t.settle(t.Clock)
	t.toFamily()
	if gone {
		t.Book.Forfeit(t.Clock)
	}
	t.planConversions()
	t.free(t.Book.Postings[settled:])
	out.Postings = t.Book.Postings
}

// settleValue lets time pass for value, and gives back what the holds that ended
// meanwhile had used of stock and limits. Holds end in the second settling where
// they came with another member's value after their time.
func (t *Turn) settleValue(to, paidFrom calendar.Instant) {
	t.Book.Settle(to, paidFrom)
	for i := range t.Book.Freed {
		t.Note(Step{Rule: t.Book.Freed[i].Reward, Result: Freed})
		t.Released(&t.Book.Freed[i])
	}
	t.Book.Freed = nil
}

func (t *Turn) begin(p *Program, s *ledger.State, e *event.Event, in *Inputs, out *Decision) {
	t.Program, t.State, t.Event, t.In, t.Out = p, s, e, in, out
	t.Awards, t.Undone, t.marks = t.Awards[:0], t.Undone[:0], t.marks[:0]
	t.LostPrizes, t.Friends = t.LostPrizes[:0], t.Friends[:0]
	t.Mattered = false
	t.moments.begin(p.Zone)
	t.Book = ledger.Book{State: s, Postings: out.Postings}
}

// run lets each mechanic do its part, in the order of the pipeline.
func (t *Turn) run() {
	before := len(t.Out.Steps)
	t.TiersBefore = t.State.Tiers
	if t.In.Member == 0 && t.Event.Type != event.TransferIn {
		// What nobody is there to receive must go back all the same.
		if t.forGuests(); !t.Finished() {
			t.Finish(RecordedAsGuest)
		}
		return
	}
	t.stages()
	t.issue()
	if t.Event.Type == event.Purchase && !t.State.Status.Account() && !t.Out.Outcome.Refused() {
		t.countPurchase()
	}
	t.conclude()
	if !t.Finished() {
		t.Finish(Recorded)
		if len(t.Out.Steps) > before || t.Mattered {
			t.Finish(Applied)
		}
	}
}

// stages asks each stage that serves the member, until one ends the event.
func (t *Turn) stages() {
	blocked, account := t.State.Status == ledger.Blocked && t.earns(), t.State.Status.Account()
	for _, stage := range t.Program.stages {
		if t.Finished() {
			break
		}
		if _, always := stage.(Unblockable); blocked && !always {
			continue
		}
		if account {
			if _, serves := stage.(ForAccounts); !serves {
				continue
			}
		}
		stage.Apply(t)
	}
	switch {
	case t.Finished():
	case blocked:
		t.Finish(MemberBlocked)
	case account:
		t.Finish(NoPerson)
	}
}

// forGuests asks the stages that do something for guests, too.
func (t *Turn) forGuests() {
	for _, stage := range t.Program.stages {
		if s, ok := stage.(ForGuests); ok && !t.Finished() {
			s.Apply(t)
		}
	}
}

// Released gives back what a redemption used of stock and limits that came to
// nothing.
func (t *Turn) Released(r *ledger.Redemption) {
	for _, u := range r.Uses {
		t.Out.Grants = append(t.Out.Grants, Grant{Quota: u.Quota, Amount: -u.Amount})
	}
	for _, f := range t.Program.released {
		f(t, r)
	}
}

// earns tells whether the event could give the member anything by rules.
func (t *Turn) earns() bool {
	switch t.Event.Type {
	case event.Adjustment, event.Profile, event.Merge, event.Absorb, event.Absorbed,
		event.Cancellation, event.Refund, event.Fulfilment, event.Return,
		event.Transfer, event.TransferIn, event.TransferBack, event.ContestLapse,
		event.GiftCardIssue, event.GiftCardTopUp, event.GiftCardPayment, event.GiftCardBlock, event.GiftCardTakeBack, event.GiftCardAnswer,
		event.Approval, event.Rejection,
		event.Family, event.FamilyOpen, event.FamilyWord, event.FamilyReturn, event.ReferralBack, event.GiftWithdrawal, event.CommissionBack:
		return false
	}
	return true
}

func (t *Turn) countPurchase() {
	s := t.State
	s.Purchases++
	s.Spend += t.Event.Total
	if s.FirstPurchaseAt == calendar.None || t.At < s.FirstPurchaseAt {
		s.FirstPurchaseAt = t.At
	}
	s.LastPurchaseAt = max(s.LastPurchaseAt, t.At)
}
