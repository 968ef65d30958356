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
	case event.GiftCardAnswer:
		s.answer(t)
	case event.GiftWithdrawal:
		s.withdraw(t)
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
	if !r.oneCard(t) {
		t.Finish(engine.NotAvailable)
		return
	}
	if !r.Bookable(t) {
		t.Finish(engine.NoSuchSlot)
		return
	}
	if !r.payable(t) {
		return
	}
	// Money goes to a member for value of their own.
	if r.cashback == nil && t.AskFamily(r.missing(t)) {
		return
	}
	if !r.Affordable(t) {
		t.Finish(engine.Insufficient)
		return
	}
	uses, ok := r.fromStock(t)
	if !ok {
		t.Finish(engine.OutOfStock)
		return
	}
	for i := range r.Limits {
		t.Use(&r.Limits[i], t.Event.Taken())
	}
	s.take(t, r, uses)
}

// fromStock takes what is wanted of the reward from all stocks and places that it
// draws on; if one has not enough a step says so, nothing is taken of the others,
// and ok is false.
func (r *Compiled) fromStock(t *engine.Turn) (uses []ledger.Use, ok bool) {
	before, taken := len(t.Out.Grants), t.Event.Taken()
	take := func(quota ledger.Quota, limit, n int64, short engine.Step) bool {
		if t.Grant(quota, limit, n, true) == 0 {
			// What was granted of others goes back; what was refused stays, so that the
			// decision can be made again.
			last := len(t.Out.Grants) - 1
			t.Out.Grants[before] = t.Out.Grants[last]
			t.Out.Grants = t.Out.Grants[:before+1]
			t.Note(short)
			return false
		}
		uses = append(uses, ledger.Use{Quota: quota, Amount: n})
		return true
	}
	for _, s := range r.Stocks {
		if !take(ledger.Quota{Name: s.Quota}, s.Cap, s.Each*taken, engine.Step{Rule: s.Rule, Result: engine.SoldOut}) {
			return nil, false
		}
	}
	if b := r.booking; b != nil {
		slot := t.Event.Slot
		if !take(r.Places(slot), b.places(slot), taken, engine.Step{Rule: r.Name, Result: engine.SlotFull, Base: int64(slot)}) {
			return nil, false
		}
	}
	return uses, true
}

// take moves the price and opens the redemption.
func (s *stage) take(t *engine.Turn, r *Compiled, uses []ledger.Use) {
	open := ledger.Redemption{ID: t.Event.ID, Reward: r.Name, Quantity: t.Event.Taken(), Status: ledger.Ordered, At: t.At, Uses: uses}
	to, kind, result := ledger.Spent, ledger.Spend, engine.Redeemed
	if t.Event.Hold {
		to, kind, result = ledger.Held, ledger.Hold, engine.HeldFor
		open.Status, open.Until = ledger.HeldRedemption, calendar.Add(t.Clock, r.Hold, t.Program.Zone)
	}
	pay := r.Money * open.Quantity
	for _, p := range r.Prices {
		price := r.price(t.Event, p)
		parts, _ := t.Book.TakeParts(p.Wallet.Name, price, to, kind, t.Clock)
		open.Parts = append(open.Parts, parts...)
		t.Note(engine.Step{Rule: r.Name, Result: result, Wallet: p.Wallet.Name, Amount: price, Wanted: price, Base: pay, Times: t.Event.Quantity})
		pay = 0
	}
	if len(r.Prices) == 0 {
		t.Note(engine.Step{Rule: r.Name, Result: result, Base: pay, Times: t.Event.Quantity})
	}
	if !t.Event.Hold {
		r.finish(t, &open)
	}
	if open.Until != calendar.None {
		t.State.Redemptions = append(t.State.Redemptions, open)
	}
	t.Finish(engine.Applied)
}

// finish gives the reward of a redemption that is final, and says how long it is
// remembered; its Until stays none if there is nothing left to happen to it.
func (r *Compiled) finish(t *engine.Turn, open *ledger.Redemption) {
	for _, g := range r.Gives {
		t.AwardAmount(g, nil, g.Fixed*open.Quantity, 0, false)
	}
	r.issue(t, open)
	r.issueCard(t, open)
	r.orderPayout(t, open)
	t.DrawFor(r.surprise, open.Quantity)
	open.Status = ledger.Ordered
	if !handsOver(r.Source) {
		open.Status = ledger.HandedOver
	}
	open.Until = r.remembered(t, open)
}

// remembered gives how long a redemption stays open: until it is handed over or
// sent, and as long as it can be refunded.
func (r *Compiled) remembered(t *engine.Turn, open *ledger.Redemption) calendar.Instant {
	if open.Status != ledger.HandedOver && open.Status != ledger.Sent {
		return calendar.Never
	}
	until := r.refundUntil(t, open)
	if until == calendar.Never || until <= t.Clock {
		return calendar.None
	}
	return until
}

// refundUntil gives the first instant at which a redemption can't be refunded any
// more; calendar.Never if that depends on its state alone.
func (r *Compiled) refundUntil(t *engine.Turn, open *ledger.Redemption) calendar.Instant {
	until := calendar.Never
	if !r.refund.allowed {
		return until
	}
	if !r.refund.within.IsZero() {
		until = calendar.Add(open.At, r.refund.within, t.Program.Zone)
	}
	if slot, booked := r.slotOf(open); booked && r.refund.before != nil {
		until = min(until, calendar.Add(slot, *r.refund.before, t.Program.Zone))
	}
	return until
}

// missing gives what the member lacks of the price of all that is taken.
func (r *Compiled) missing(t *engine.Turn) (wants []ledger.Amount) {
	for _, p := range r.Prices {
		wants = t.Missing(wants, p.Wallet.Name, r.price(t.Event, p))
	}
	return wants
}

// Affordable tells whether the member has the price of all that is taken; if not,
// a step says what is missing: Amount of the wallet is there, Wanted is needed.
func (r *Compiled) Affordable(t *engine.Turn) bool {
	for _, p := range r.Prices {
		price := r.price(t.Event, p)
		if b := t.State.BalanceOf(p.Wallet.Name); b.Available < price {
			t.Note(engine.Step{Rule: r.Name, Result: engine.TooDear, Wallet: p.Wallet.Name, Amount: b.Net(), Wanted: price, Times: t.Event.Quantity})
			return false
		}
	}
	return true
}

// Available tells whether the member can have the reward now, its price and its
// stock aside; if not, a step says why.
func (r *Compiled) Available(t *engine.Turn) bool {
	if r.onlyGiven() {
		t.Note(engine.Step{Rule: r.Name, Result: engine.OnlyGiven})
		return false
	}
	if why := r.Window.Check(t); why != 0 {
		t.Note(engine.Step{Rule: r.Name, Result: why})
		return false
	}
	if !t.Met(r.When, r.Name) {
		return false
	}
	for i := range r.Limits {
		if l := &r.Limits[i]; t.Used(l) > l.Cap-t.Event.Taken() {
			t.Note(engine.Step{Rule: r.Name, Result: engine.TakenOften, Limit: l.Limit, Base: l.Cap})
			return false
		}
	}
	return true
}

// giveBack gives the limits of a redemption back that came to nothing.
func (s *stage) giveBack(t *engine.Turn, open *ledger.Redemption) {
	r := s.byName(open.Reward)
	if r == nil {
		return
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

// became says why an event comes too late for a redemption, by what the member's
// history has of it.
func became(t *engine.Turn) engine.Outcome {
	if t.In.History == nil {
		return engine.NoSuchRedemption
	}
	outcome, last := engine.NoSuchRedemption, ""
	t.In.History(func(p *engine.Past) bool {
		switch {
		case p.Decision.Outcome != engine.Applied:
		case (p.Event.Type == event.Redemption || p.Event.Type == event.Checkout) && p.Event.ID == t.Event.Redemption:
			outcome = tooLate(t.Event.Type, last, p.Event.Hold || p.Event.Type == event.Checkout)
			return false
		case (p.Event.Redemption == t.Event.Redemption || p.Event.Checkout == t.Event.Redemption) && last == "":
			last = p.Event.Type
		}
		return true
	})
	if _, given := engine.GiftOwner(t.Event.Redemption); given && last != "" {
		return tooLate(t.Event.Type, last, false)
	}
	return outcome
}

// tooLate says why a redemption that is not open takes no event of the type,
// where last is what happened to it last, empty if nothing did after it was taken
// or held.
func tooLate(eventType, last string, held bool) engine.Outcome {
	switch {
	case last == event.Cancellation:
		return engine.AlreadyCancelled
	case last == event.Refund, last == event.GiftCardAnswer:
		return engine.AlreadyRefunded
	case last == "" && held:
		return engine.HoldTimedOut
	case eventType == event.Refund:
		return engine.NotRefundable
	case eventType == event.Fulfilment:
		return engine.NoSuchStatus
	}
	return engine.AlreadyConfirmed
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
	if x.Reward == t.Program.Checkout.Rule {
		// A purchase confirms a checkout.
		t.Finish(engine.NoSuchRedemption)
		return
	}
	t.Book.SpendHeld(x.Parts, t.Clock)
	s.notePrice(t, engine.Redeemed, x)
	if r := s.byName(x.Reward); r != nil {
		r.finish(t, x)
	} else {
		// The program has no such reward any more; people must see to it.
		x.Status, x.Until = ledger.Ordered, calendar.Never
	}
	if x.Until == calendar.None {
		t.State.Forget(x.ID)
	}
	t.Finish(engine.Applied)
}

// notePrice says for each wallet what was moved of it.
func (s *stage) notePrice(t *engine.Turn, result engine.Result, x *ledger.Redemption) {
	for i, p := range x.Parts {
		if i > 0 && x.Parts[i-1].Wallet == p.Wallet {
			continue // the parts of a wallet stand together
		}
		sum := int64(0)
		for _, other := range x.Parts {
			if other.Wallet == p.Wallet {
				sum += other.Lot.Remaining
			}
		}
		t.Note(engine.Step{Rule: x.Reward, Result: result, Wallet: p.Wallet, Amount: sum, Wanted: sum, Times: several(x.Quantity)})
	}
}

// several gives a number of rewards as steps keep it: zero for one.
func several(n int64) int64 {
	if n == 1 {
		return 0
	}
	return n
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
	t.Released(x)
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
		t.Finish(engine.NotConfirmed)
		return
	case x.Status == ledger.Returning, !r.refundable(t, x), !unused(t):
		t.Finish(engine.NotRefundable)
		return
	case r.askCard(t, x):
		t.Finish(engine.WaitsForGiftCard)
		return
	case !s.takeBack(t, r, x):
		t.Finish(engine.Insufficient)
		return
	}
	s.restore(t, r, x)
}

// restore gives back what was paid for a redemption, with its stock and limits. r
// is nil if the program does not have the reward any more.
func (s *stage) restore(t *engine.Turn, r *Compiled, x *ledger.Redemption) {
	if isGift(x) {
		t.Note(engine.Step{Rule: x.Reward, Result: engine.GiftTaken, Wallet: x.Reward, Amount: x.Quantity, Wanted: x.Quantity})
		end(t, x)
		r.end(t, x, x.Quantity)
		t.Finish(engine.Applied)
		return
	}
	t.Book.Restore(x.Parts, ledger.Spent, ledger.Refund, t.Clock, r.grace(t))
	s.notePrice(t, engine.Restored, x)
	end(t, x)
	t.Released(x)
	t.State.Forget(x.ID)
	t.Finish(engine.Applied)
}

// refundable tells whether a final redemption can be undone: always if the
// reward could not be given, and otherwise as the reward says. r is nil if the
// program does not have it any more.
func (r *Compiled) refundable(t *engine.Turn, x *ledger.Redemption) bool {
	switch {
	case x.Status == ledger.Failed:
		return true
	case r == nil || !r.refund.allowed || (isGift(x) && len(x.Parts) == 1):
		return false
	case r.PaysOut() && x.Status != ledger.Ordered:
		return false // the money is on its way, or there
	}
	return t.Clock < r.refundUntil(t, x)
}

// takeBack takes back what a reward of points gave, first what is left of that
// itself; false, with nothing taken, if it was spent meanwhile.
func (s *stage) takeBack(t *engine.Turn, r *Compiled, x *ledger.Redemption) bool {
	if r == nil {
		return true
	}
	for _, g := range r.Gives {
		_, pending := given(t.State, g.Wallet.Name, r.Name)
		if t.State.BalanceOf(g.Wallet.Name).Available+pending < g.Fixed*x.Quantity {
			return false
		}
	}
	for _, g := range r.Gives {
		wallet, amount := g.Wallet.Name, g.Fixed*x.Quantity
		lots, _ := given(t.State, wallet, r.Name)
		taken := t.Book.Withdraw(wallet, lots, amount, t.Clock)
		t.Book.Take(wallet, amount-taken, ledger.Withdrawn, ledger.TakeBack, ledger.Refuse, t.Clock)
		t.State.Open(wallet).Issued -= amount
		t.Note(engine.Step{Rule: r.Name, Result: engine.Took, Wallet: wallet, Amount: amount, Wanted: amount})
	}
	return true
}

// given lists the lots that a rule gave in a wallet, with what of them is still
// pending.
func given(s *ledger.State, wallet, rule ledger.Name) (lots []uint32, pending int64) {
	w := s.Open(wallet)
	for i := range w.Lots {
		l := &w.Lots[i]
		if l.Rule != rule {
			continue
		}
		lots = append(lots, l.No)
		if l.Pending {
			pending += l.Remaining
		}
	}
	return lots, pending
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
	switch x.Status {
	case ledger.HeldRedemption:
		t.Finish(engine.NotConfirmed)
		return
	case ledger.HandedOver, ledger.Sent, ledger.Returning:
		t.Finish(engine.NoSuchStatus)
		return
	}
	x.Status = to
	t.Note(engine.Step{Rule: x.Reward, Result: engine.Reached, Read: to.String()})
	if r := s.byName(x.Reward); r != nil {
		x.Until = r.remembered(t, x)
	} else if to == ledger.HandedOver || to == ledger.Sent {
		x.Until = calendar.None
	}
	if x.Until == calendar.None {
		t.State.Forget(x.ID)
	}
	t.Finish(engine.Applied)
}
