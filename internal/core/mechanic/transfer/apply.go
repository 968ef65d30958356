package transfer

import (
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// ForAccounts lets what is sent to a gift card go back, as from nobody.
func (s *stage) ForAccounts() {}

// Apply does this member's part of a transfer.
func (s *stage) Apply(t *engine.Turn) {
	switch t.Event.Type {
	case event.Transfer:
		s.give(t)
	case event.TransferIn:
		s.receive(t)
	case event.TransferBack:
		s.takeBack(t)
	}
}

// give lets value leave, or refuses.
func (s *stage) give(t *engine.Turn) {
	to, amount := Receiver(t.Event), t.Event.Amount
	a := s.find(t.Event.Wallet)
	switch {
	case t.State.Status == ledger.GiftCard:
		s.move(t, to)
		return
	case t.State.Status.Account():
		t.Finish(engine.NoPerson)
		return
	case t.State.Status == ledger.Blocked:
		t.Finish(engine.GiverBlocked)
		return
	case to == 0 || to == t.In.Member:
		t.Finish(engine.GivenToOneself)
		return
	case a == nil && t.Program.WalletByID(t.Event.Wallet) == nil:
		t.Finish(engine.NoSuchWallet)
		return
	case a == nil:
		t.Finish(engine.NotTransferable)
		return
	}
	if refused := s.check(t, a, amount); refused != 0 {
		if refused != engine.Insufficient || !t.AskFamily(t.Missing(nil, a.wallet.Name, amount)) {
			t.Finish(refused)
		}
		return
	}
	parts, _ := t.Book.TakeParts(a.wallet.Name, amount, ledger.Transit, ledger.CarryOut, t.Clock)
	for i := range a.limits {
		if l := &a.limits[i]; l.Limit != engine.EachEvent {
			t.Use(l, amount)
		}
	}
	p := Parcel{From: t.In.Member, To: to, At: t.At, Parts: parts}
	t.FollowUp(engine.FollowUp{Type: event.TransferIn, Member: to, Carried: p.append()})
	s.note(t, engine.GivenAway, &p)
	t.Finish(engine.Applied)
}

// move lets what is on a gift card leave for a member's balance. That it can, and is there,
// the stage of gift cards has looked at.
func (s *stage) move(t *engine.Turn, to ledger.MemberID) {
	k, amount := t.CardKind(), t.Event.Amount
	switch {
	case k == nil || k.Into == nil:
		t.Finish(engine.CardStays)
		return
	case to == 0 || to == t.In.Member:
		t.Finish(engine.GivenToOneself)
		return
	}
	parts, _ := t.Book.TakeParts(k.Wallet.Name, amount, ledger.Transit, ledger.CarryOut, t.Clock)
	t.State.Spend += amount
	p := Parcel{From: t.In.Member, To: to, At: t.At, Parts: parts, Into: k.Into.Name, Times: k.Times}
	t.FollowUp(engine.FollowUp{Type: event.TransferIn, Member: to, Carried: p.append()})
	s.note(t, engine.GivenAway, &p)
	t.Finish(engine.Applied)
}

// check gives why so much can't be given, and notes it; 0 if it can.
func (s *stage) check(t *engine.Turn, a *allowed, amount int64) engine.Outcome {
	w := a.wallet.Name
	if amount < a.least {
		t.Note(engine.Step{Rule: s.rule, Result: engine.BelowLeast, Wallet: w, Amount: a.least, Wanted: amount})
		return engine.BelowMinimum
	}
	for i := range a.limits {
		l := &a.limits[i]
		used := int64(0)
		if l.Limit != engine.EachEvent {
			used = t.Used(l)
		}
		if amount > l.Cap-used {
			t.Note(engine.Step{Rule: s.rule, Result: engine.LimitReached, Wallet: w, Wanted: amount, Limit: l.Limit})
			return engine.OverLimit
		}
	}
	if b := t.State.BalanceOf(w); b.Available < amount {
		t.Note(engine.Step{Rule: s.rule, Result: engine.NotEnough, Wallet: w, Amount: b.Net(), Wanted: amount})
		return engine.Insufficient
	}
	return 0
}

func (s *stage) note(t *engine.Turn, result engine.Result, p *Parcel) {
	amount, rule := p.Amount(), s.rule
	if p.Into != 0 {
		rule = p.Parts[0].Lot.Rule // the gift card's kind
	}
	t.Note(engine.Step{Rule: rule, Result: result, Wallet: p.Wallet(), Amount: amount, Wanted: amount})
}

// receive takes in what another member gave. Where there is nobody any more, the
// refusal sends it back; where somebody else answers, it goes there.
func (s *stage) receive(t *engine.Turn) {
	p, err := Open(t.Event.Carried)
	switch {
	case err != nil:
		t.Finish(engine.ReceiverGone)
	case t.State.Status == ledger.Merged:
		t.FollowUp(engine.FollowUp{Type: event.TransferIn, Member: t.State.MergedInto, Carried: t.Event.Carried})
		t.Finish(engine.ForwardedOn)
	case t.In.Member == 0 || t.State.Status == 0 || t.State.Status == ledger.Erased || t.State.Status.Account():
		t.FollowUp(engine.FollowUp{Type: event.TransferBack, Member: p.From, Carried: t.Event.Carried})
		t.Finish(engine.ReceiverGone)
	case p.Into != 0:
		t.Book.TakeInAs(p.Parts, p.Into, p.Times, t.Clock)
		amount := p.Amount() * p.Times
		t.Note(engine.Step{Rule: p.Parts[0].Lot.Rule, Result: engine.Received, Wallet: p.Into, Amount: amount, Wanted: amount})
		t.Finish(engine.Applied)
	default:
		for i := range p.Parts {
			// What a family advanced for a gift is the receiver's own.
			p.Parts[i].Lot.Family, p.Parts[i].Lot.FamilyLot = 0, 0
		}
		t.Book.TakeIn(p.Parts, t.Clock)
		s.note(t, engine.Received, p)
		t.Finish(engine.Applied)
	}
}

// takeBack takes in what could not be given: into the very lots, or where the
// giver was merged meanwhile and lots have other numbers, into lots of their own.
func (s *stage) takeBack(t *engine.Turn) {
	p, err := Open(t.Event.Carried)
	switch {
	case err != nil:
		t.Finish(engine.ReceiverGone)
		return
	case t.State.Status == ledger.Merged:
		t.FollowUp(engine.FollowUp{Type: event.TransferBack, Member: t.State.MergedInto, Carried: t.Event.Carried})
		t.Finish(engine.ForwardedOn)
		return
	case p.From == t.In.Member:
		if t.State.Status == ledger.GiftCard {
			t.State.Spend -= p.Amount()
		}
		t.Book.Restore(p.Parts, ledger.Transit, ledger.CarryIn, t.Clock, 0)
	default:
		t.Book.TakeIn(p.Parts, t.Clock)
	}
	if a := s.byName(p.Wallet()); a != nil {
		for i := range a.limits {
			if l := &a.limits[i]; l.Limit != engine.EachEvent {
				t.Unuse(l, p.At, p.Amount())
			}
		}
	}
	s.note(t, engine.CameBack, p)
	t.Finish(engine.Applied)
}
