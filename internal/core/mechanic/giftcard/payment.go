package giftcard

import (
	"cmp"
	"slices"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// final makes a payment final, and says how long it is remembered: as long as it
// can be refunded. Its Until stays none if it never can.
func (s *stage) final(t *engine.Turn, x *ledger.Redemption) {
	amount := amountOf(x.Parts)
	t.State.Spend += amount
	t.Note(engine.Step{Rule: x.Reward, Result: engine.Redeemed, Wallet: x.Parts[0].Wallet, Amount: amount, Wanted: amount})
	x.Status, x.Until = ledger.HandedOver, calendar.None
	k := s.kind(t.State)
	if k == nil || k.within.IsZero() {
		return
	}
	if until := calendar.Add(x.At, k.within, t.Program.Zone); until > t.Clock {
		x.Until = until
	}
}

func amountOf(parts []ledger.Part) int64 {
	sum := int64(0)
	for i := range parts {
		sum += parts[i].Lot.Remaining
	}
	return sum
}

// open finds the payment that the event is about; if nothing can happen to it any
// more the event is refused with what became of it.
func open(t *engine.Turn) *ledger.Redemption {
	if x := t.State.Redemption(t.Event.Redemption); x != nil {
		return x
	}
	outcome, last, refunded := engine.NoSuchRedemption, "", int64(0)
	if t.In.History != nil {
		t.In.History(func(p *engine.Past) bool {
			switch {
			case p.Decision.Outcome != engine.Applied:
			case p.Event.Type == event.GiftCardPayment && p.Event.ID == t.Event.Redemption:
				outcome = tooLate(t.Event.Type, last, p.Event.Hold, refunded >= p.Event.Amount)
				return false
			case p.Event.Redemption == t.Event.Redemption:
				last = cmp.Or(last, p.Event.Type)
				refunded += restored(p.Decision)
			}
			return true
		})
	}
	t.Finish(outcome)
	return nil
}

// restored gives how much a decision gave back of a payment.
func restored(d *engine.Decision) int64 {
	sum := int64(0)
	for i := range d.Steps {
		if d.Steps[i].Result == engine.Restored {
			sum += d.Steps[i].Amount
		}
	}
	return sum
}

// tooLate says why a payment that is not open takes no event of the type, where
// last is what happened to it last, and whole tells that all of it was refunded.
func tooLate(eventType, last string, held, whole bool) engine.Outcome {
	switch {
	case last == event.Cancellation:
		return engine.AlreadyCancelled
	case last == "" && held:
		return engine.HoldTimedOut
	case whole:
		return engine.AlreadyRefunded
	case eventType == event.Refund:
		return engine.NotRefundable
	}
	return engine.AlreadyConfirmed
}

// confirm makes a held payment final.
func (s *stage) confirm(t *engine.Turn) {
	x := open(t)
	switch {
	case x == nil:
		return
	case x.Status != ledger.HeldRedemption:
		t.Finish(engine.AlreadyConfirmed)
		return
	}
	t.Book.SpendHeld(x.Parts, t.Clock)
	if s.final(t, x); x.Until == calendar.None {
		t.State.Forget(x.ID)
	}
	t.Finish(engine.Applied)
}

// cancel gives up a held payment.
func (s *stage) cancel(t *engine.Turn) {
	x := open(t)
	switch {
	case x == nil:
		return
	case x.Status != ledger.HeldRedemption:
		t.Finish(engine.AlreadyConfirmed)
		return
	}
	t.Book.Restore(x.Parts, ledger.Held, ledger.Release, t.Clock, 0)
	t.Note(engine.Step{Rule: x.Reward, Result: engine.Freed})
	t.State.Forget(x.ID)
	t.Finish(engine.Applied)
}

// refund gives a final payment back to the lots that it came from: all of it, or
// the amount that the event says.
func (s *stage) refund(t *engine.Turn) {
	x := open(t)
	if x == nil {
		return
	}
	amount := amountOf(x.Parts)
	k := s.kind(t.State)
	switch {
	case x.Status == ledger.HeldRedemption:
		t.Finish(engine.NotConfirmed)
		return
	case k == nil || k.within.IsZero() || t.Clock >= calendar.Add(x.At, k.within, t.Program.Zone):
		t.Finish(engine.NotRefundable)
		return
	case t.Event.Given&event.GivenAmount == 0:
	case t.Event.Wallet != k.giving.Wallet.ID:
		t.Finish(engine.OtherCurrency)
		return
	case t.Event.Amount <= 0 || t.Event.Amount > amount:
		t.Finish(engine.MoreThanPaid)
		return
	default:
		amount = t.Event.Amount
	}
	grace := calendar.Instant(0)
	if !k.grace.IsZero() {
		grace = calendar.Add(t.Clock, k.grace, t.Program.Zone) - t.Clock
	}
	t.Book.Restore(cut(x, amount), ledger.Spent, ledger.Refund, t.Clock, grace)
	t.State.Spend -= amount
	t.Note(engine.Step{Rule: x.Reward, Result: engine.Restored, Wallet: k.giving.Wallet.Name, Amount: amount, Wanted: amount})
	if len(x.Parts) == 0 {
		t.State.Forget(x.ID)
	}
	t.Finish(engine.Applied)
}

// cut takes the amount off a payment's parts, what was spent last first, so that
// what was used up last comes back first.
func cut(x *ledger.Redemption, amount int64) []ledger.Part {
	var back []ledger.Part
	for amount > 0 {
		last := &x.Parts[len(x.Parts)-1]
		part := *last
		part.Lot.Remaining = min(amount, last.Lot.Remaining)
		amount -= part.Lot.Remaining
		if last.Lot.Remaining -= part.Lot.Remaining; last.Lot.Remaining == 0 {
			x.Parts = slices.Clip(x.Parts[:len(x.Parts)-1])
		}
		back = append(back, part)
	}
	return back
}

// takeBack gives all value of a card back that a member took and wants to return,
// if it was never used, and answers whether it did.
func (s *stage) takeBack(t *engine.Turn) {
	b, err := engine.OpenTakeBackCard(t.Event.Carried)
	if err != nil {
		t.Finish(engine.NoSuchGiftCard)
		return
	}
	w := &t.State.Wallets[0]
	available := t.State.BalanceOf(w.Name).Available
	b.Given = available > 0 && available == w.Issued && t.State.Spend == 0 && len(t.State.Redemptions) == 0 && !Blocked(t.State)
	if b.Given {
		lots := make([]uint32, len(w.Lots))
		for i := range w.Lots {
			lots[i] = w.Lots[i].No
		}
		rule := s.ruleOf(t.State)
		t.Book.Withdraw(w.Name, lots, available, t.Clock)
		w.Issued -= available
		t.Note(engine.Step{Rule: rule, Result: engine.Took, Wallet: w.Name, Amount: available, Wanted: available})
		t.Finish(engine.Applied)
	} else {
		t.Finish(engine.GiftCardUsed)
	}
	t.FollowUp(engine.FollowUp{Type: event.GiftCardAnswer, Member: b.From, Carried: b.Append()})
}
