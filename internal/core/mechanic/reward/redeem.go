package reward

import (
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// Apply takes rewards and leads redemptions on.
func (s *stage) Apply(t *engine.Turn) {
	switch t.Event.Type {
	case event.Redemption:
		s.redeem(t)
	case event.Confirmation:
		s.confirm(t)
	case event.Cancellation:
		s.cancel(t)
	case event.Refund:
		s.refund(t)
	case event.Fulfilment:
		s.fulfil(t)
	}
}

// redeem takes a reward, or holds it.
func (s *stage) redeem(t *engine.Turn) {
	r := s.find(t.Event.Reward)
	if r == nil {
		t.Finish(engine.NoSuchReward)
		return
	}
	if !r.Available(t) {
		t.Finish(engine.NotAvailable)
		return
	}
	for _, p := range r.Prices {
		if t.State.BalanceOf(p.Wallet.Name).Available < p.Minor {
			t.Note(engine.Step{Rule: r.Name, Result: engine.TooLittle, Wallet: p.Wallet.Name, Amount: t.State.BalanceOf(p.Wallet.Name).Net(), Wanted: p.Minor})
			t.Finish(engine.Insufficient)
			return
		}
	}
	if r.Stock > 0 && t.Grant(r.Quota, r.Stock, 1, true) == 0 {
		t.Note(engine.Step{Rule: r.Name, Result: engine.BudgetSpent, Limit: engine.InTotal})
		t.Finish(engine.OutOfStock)
		return
	}
	for i := range r.Limits {
		t.Use(&r.Limits[i], 1)
	}
	s.take(t, r)
}

// take moves the price and opens the redemption.
func (s *stage) take(t *engine.Turn, r *Compiled) {
	open := ledger.Redemption{ID: t.Event.ID, Reward: r.Name, Quantity: 1, Status: ledger.Ordered, At: t.Clock}
	to, kind, result := ledger.Spent, ledger.Spend, engine.Redeemed
	if t.Event.Hold {
		to, kind, result = ledger.Held, ledger.Hold, engine.HeldFor
		open.Status, open.Until = ledger.HeldRedemption, calendar.Add(t.Clock, r.Hold, t.Program.Zone)
	}
	for _, p := range r.Prices {
		parts, _ := t.Book.TakeParts(p.Wallet.Name, p.Minor, to, kind, t.Clock)
		open.Parts = append(open.Parts, parts...)
		t.Note(engine.Step{Rule: r.Name, Result: result, Wallet: p.Wallet.Name, Amount: p.Minor, Wanted: p.Minor, Base: r.Money})
	}
	if !t.Event.Hold {
		s.finish(t, r, &open)
	}
	if open.Until != calendar.None {
		t.State.Redemptions = append(t.State.Redemptions, open)
	}
	t.Finish(engine.Applied)
}

// finish gives the reward of a redemption that is final, and says how long it is
// remembered; its Until stays none if there is nothing left to happen to it.
func (s *stage) finish(t *engine.Turn, r *Compiled, open *ledger.Redemption) {
	for _, g := range r.Gives {
		t.AwardAmount(g, nil, g.Fixed, 0, false)
	}
	open.Status = ledger.Ordered
	if r.Source.Fulfilment == "" || r.Source.Fulfilment == "none" {
		open.Status = ledger.HandedOver
	}
	open.Until = r.remembered(t, open)
}

// remembered gives how long a redemption stays open: until it is handed over or
// sent, and as long as it can be refunded.
func (r *Compiled) remembered(t *engine.Turn, open *ledger.Redemption) calendar.Instant {
	done := open.Status == ledger.HandedOver || open.Status == ledger.Sent
	if r.refund.allowed && !r.refund.within.IsZero() {
		until := calendar.Add(open.At, r.refund.within, t.Program.Zone)
		if !done {
			return calendar.Never
		}
		if until > t.Clock {
			return until
		}
		return calendar.None
	}
	if done {
		return calendar.None
	}
	return calendar.Never
}

// Available tells whether the member can have the reward now, its price and its
// stock aside; if not, a step says why.
func (r *Compiled) Available(t *engine.Turn) bool {
	if why := r.Window.Check(t); why != 0 {
		t.Note(engine.Step{Rule: r.Name, Result: why})
		return false
	}
	if !t.Met(r.When, r.Name) {
		return false
	}
	for i := range r.Limits {
		if l := &r.Limits[i]; t.Used(l) >= l.Cap {
			t.Note(engine.Step{Rule: r.Name, Result: engine.LimitReached, Limit: l.Limit, Wanted: l.Cap})
			return false
		}
	}
	return true
}

// giveBack gives the stock and the limits of a redemption back that came to
// nothing.
func (s *stage) giveBack(t *engine.Turn, open *ledger.Redemption) {
	r := s.byName(open.Reward)
	if r == nil {
		return
	}
	if r.Stock > 0 {
		t.Out.Grants = append(t.Out.Grants, engine.Grant{Quota: r.Quota, Amount: -open.Quantity})
	}
	for i := range r.Limits {
		t.Unuse(&r.Limits[i], open.At, open.Quantity)
	}
}

// open finds the redemption that the event is about; if it is not open any more
// the event is refused with what became of it.
func open(t *engine.Turn) *ledger.Redemption {
	if r := t.State.Redemption(t.Event.Redemption); r != nil {
		return r
	}
	t.Finish(became(t))
	return nil
}

// became looks in the member's history for what ended a redemption.
func became(t *engine.Turn) engine.Outcome {
	outcome := engine.NoSuchRedemption
	if t.In.History == nil {
		return outcome
	}
	ended := engine.HoldTimedOut
	t.In.History(func(p *engine.Past) bool {
		if p.Event.ID == t.Event.Redemption && p.Event.Type == event.Redemption {
			if !p.Decision.Outcome.Refused() {
				outcome = ended
				if ended == engine.HoldTimedOut && !p.Event.Hold {
					outcome = engine.NotRefundable
				}
			}
			return false
		}
		if p.Event.Redemption == t.Event.Redemption && !p.Decision.Outcome.Refused() && ended == engine.HoldTimedOut {
			switch p.Event.Type {
			case event.Confirmation, event.Fulfilment:
				ended = engine.AlreadyConfirmed
			case event.Cancellation:
				ended = engine.AlreadyCancelled
			case event.Refund:
				ended = engine.AlreadyRefunded
			}
		}
		return true
	})
	return outcome
}

// confirm makes a held redemption final.
func (s *stage) confirm(t *engine.Turn) {
	x := open(t)
	if x == nil {
		return
	}
	if x.Status != ledger.HeldRedemption {
		t.Finish(engine.AlreadyConfirmed)
		return
	}
	t.Book.SpendHeld(x.Parts, t.Clock)
	for _, p := range x.Parts {
		t.Note(engine.Step{Rule: x.Reward, Result: engine.Redeemed, Wallet: p.Wallet, Amount: p.Lot.Remaining, Wanted: p.Lot.Remaining})
	}
	x.At, x.Until = t.Clock, calendar.None
	if r := s.byName(x.Reward); r != nil {
		s.finish(t, r, x)
	}
	if x.Until == calendar.None {
		t.State.Forget(x.ID)
	}
	t.Finish(engine.Applied)
}

// cancel gives up a held redemption.
func (s *stage) cancel(t *engine.Turn) {
	x := open(t)
	if x == nil {
		return
	}
	if x.Status != ledger.HeldRedemption {
		t.Finish(engine.AlreadyConfirmed)
		return
	}
	t.Book.Restore(x.Parts, ledger.Held, ledger.Release, t.Clock, 0)
	t.Note(engine.Step{Rule: x.Reward, Result: engine.Freed})
	s.giveBack(t, x)
	t.State.Forget(x.ID)
	t.Finish(engine.Applied)
}

// refund undoes a redemption that is final.
func (s *stage) refund(t *engine.Turn) {
	x := open(t)
	if x == nil {
		return
	}
	r := s.byName(x.Reward)
	switch {
	case x.Status == ledger.HeldRedemption:
		t.Finish(engine.NotRefundable)
		return
	case r == nil || !(r.refund.allowed || x.Status == ledger.Failed):
		t.Finish(engine.NotRefundable)
		return
	case !s.takeBack(t, r, x):
		t.Finish(engine.Insufficient)
		return
	}
	grace := calendar.Instant(0)
	if !r.refund.grace.IsZero() {
		grace = calendar.Add(t.Clock, r.refund.grace, t.Program.Zone) - t.Clock
	}
	t.Book.Restore(x.Parts, ledger.Spent, ledger.Refund, t.Clock, grace)
	for _, p := range x.Parts {
		t.Note(engine.Step{Rule: x.Reward, Result: engine.Restored, Wallet: p.Wallet, Amount: p.Lot.Remaining, Wanted: p.Lot.Remaining})
	}
	s.giveBack(t, x)
	t.State.Forget(x.ID)
	t.Finish(engine.Applied)
}

// takeBack takes back what a reward of points gave; false, with nothing taken,
// if that was spent meanwhile.
func (s *stage) takeBack(t *engine.Turn, r *Compiled, x *ledger.Redemption) bool {
	for _, g := range r.Gives {
		if t.State.BalanceOf(g.Wallet.Name).Available < g.Fixed*x.Quantity {
			return false
		}
	}
	for _, g := range r.Gives {
		t.Book.TakeParts(g.Wallet.Name, g.Fixed*x.Quantity, ledger.Withdrawn, ledger.TakeBack, t.Clock)
		t.State.Open(g.Wallet.Name).Issued -= g.Fixed * x.Quantity
		t.Note(engine.Step{Rule: r.Name, Result: engine.TookBack, Wallet: g.Wallet.Name, Amount: g.Fixed * x.Quantity, Wanted: g.Fixed * x.Quantity})
	}
	return true
}

// fulfil leads a redemption to another state. What is handed over or sent stays
// so.
func (s *stage) fulfil(t *engine.Turn) {
	to, known := ledger.ParseRedemptionStatus(t.Event.Status)
	if !known {
		t.Finish(engine.NoSuchStatus)
		return
	}
	x := open(t)
	if x == nil {
		return
	}
	switch {
	case x.Status == ledger.HeldRedemption:
		t.Finish(engine.NotHeld)
		return
	case x.Status == ledger.HandedOver || x.Status == ledger.Sent:
		t.Finish(engine.NoSuchStatus)
		return
	}
	x.Status = to
	t.Note(engine.Step{Rule: x.Reward, Result: engine.Reached, Read: to.String()})
	if r := s.byName(x.Reward); r != nil {
		x.Until = r.remembered(t, x)
	}
	if x.Until == calendar.None {
		t.State.Forget(x.ID)
	}
	t.Finish(engine.Applied)
}
