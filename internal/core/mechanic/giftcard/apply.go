package giftcard

import (
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/money"
)

// The facts that are kept of a gift card.
const (
	factKind    = engine.CardKindFact
	factBlocked = "blocked"
)

// The data of events.
const (
	KindDatum    = "kind"    // of an issue: the kind's id
	BlockedDatum = "blocked" // of a block: whether it is blocked from now on
)

// Apply leads gift cards on. Members are asked only to refuse what is about gift
// cards.
func (s *stage) Apply(t *engine.Turn) {
	switch {
	case t.Event.Type == event.GiftCardIssue:
		s.issue(t)
	case t.State.Status == ledger.GiftCard:
		s.card(t)
	case concerns(t.Event.Type):
		t.Finish(engine.NoSuchGiftCard)
	}
}

// concerns tells whether only gift cards have events of the type.
func concerns(eventType string) bool {
	switch eventType {
	case event.GiftCardTopUp, event.GiftCardPayment, event.GiftCardBlock, event.GiftCardTakeBack:
		return true
	}
	return false
}

// card does what happens to a gift card that there is.
func (s *stage) card(t *engine.Turn) {
	switch t.Event.Type {
	case event.GiftCardTopUp:
		s.topUp(t)
	case event.GiftCardPayment:
		s.pay(t)
	case event.Transfer:
		s.move(t)
	case event.GiftCardBlock:
		s.block(t)
	case event.GiftCardTakeBack:
		s.takeBack(t)
	case event.Confirmation:
		s.confirm(t)
	case event.Cancellation:
		s.cancel(t)
	case event.Refund:
		s.refund(t)
	}
}

// issue makes the card, with its first amount.
func (s *stage) issue(t *engine.Turn) {
	if t.State.Status != 0 {
		t.Finish(engine.GiftCardExists)
		return
	}
	if len(t.Event.Carried) > 0 {
		s.issueForMember(t)
		return
	}
	k := s.find(textOf(t.Event, KindDatum))
	switch {
	case k == nil:
		t.Finish(engine.NoSuchKind)
	case k.giving.Wallet.ID != t.Event.Wallet:
		t.Finish(engine.OtherCurrency)
	case !Offered(k.least, k.most, t.Event.Amount):
		t.Finish(engine.AmountNotOffered)
	default:
		t.State.Status = ledger.GiftCard
		t.State.SetFact(factKind, k.source.ID)
		s.put(t, k.giving, t.Event.Amount)
	}
}

// Offered tells whether a card can hold the amount; a most of zero is no bound.
func Offered(least, most, amount int64) bool {
	return amount > 0 && amount >= least && (most == 0 || amount <= most)
}

// issueForMember makes the card that a member took as a reward. It is owed, so it
// is made whatever has become of the kind meanwhile.
func (s *stage) issueForMember(t *engine.Turn) {
	c, err := engine.OpenIssueCard(t.Event.Carried)
	if err != nil || t.Program.Wallet(c.Wallet) == nil || c.Amount <= 0 {
		t.Finish(engine.NoSuchKind)
		return
	}
	giving := &engine.Giving{Rule: c.Rule, Wallet: t.Program.Wallet(c.Wallet)}
	t.State.Status = ledger.GiftCard
	for i := range s.kinds {
		if k := &s.kinds[i]; k.rule == c.Rule && k.giving != nil {
			giving = k.giving
			t.State.SetFact(factKind, k.source.ID)
		}
	}
	s.put(t, giving, c.Amount)
}

func textOf(e *event.Event, name string) string {
	for i := range e.Data {
		if e.Data[i].Name == name {
			return e.Data[i].Text
		}
	}
	return ""
}

// put puts an amount on the card.
func (s *stage) put(t *engine.Turn, giving *engine.Giving, amount int64) {
	t.State.Open(giving.Wallet.Name)
	t.AwardAmount(giving, nil, amount, 0, false)
	t.Finish(engine.Applied)
}

// kind gives the kind of the card at hand; nil if the program has it no more.
func (s *stage) kind(state *ledger.State) *compiled {
	id, _ := state.Fact(factKind)
	return s.find(id)
}

// Blocked tells whether a gift card is blocked.
func Blocked(state *ledger.State) bool {
	_, blocked := state.Fact(factBlocked)
	return blocked
}

// KindOf gives the id of a gift card's kind.
func KindOf(state *ledger.State) string {
	id, _ := state.Fact(factKind)
	return id
}

// walletOf gives the one wallet of a card.
func walletOf(t *engine.Turn) *engine.Wallet { return t.Program.Wallet(t.State.Wallets[0].Name) }

// usable finishes the event where the card is blocked or in another currency.
func usable(t *engine.Turn) bool {
	switch {
	case Blocked(t.State):
		t.Finish(engine.GiftCardBlocked)
	case walletOf(t) == nil || walletOf(t).ID != t.Event.Wallet:
		t.Finish(engine.OtherCurrency)
	default:
		return true
	}
	return false
}

func (s *stage) topUp(t *engine.Turn) {
	if !usable(t) {
		return
	}
	k := s.kind(t.State)
	switch {
	case k == nil || !k.source.TopUp:
		t.Finish(engine.NoTopUp)
	case !Offered(0, k.most, t.State.BalanceOf(k.giving.Wallet.Name).Available+t.Event.Amount):
		t.Finish(engine.AmountNotOffered)
	default:
		s.put(t, k.giving, t.Event.Amount)
	}
}

// block lets the card be used no more, or again.
func (s *stage) block(t *engine.Turn) {
	blocked := ""
	for i := range t.Event.Data {
		if d := &t.Event.Data[i]; d.Name == BlockedDatum && d.Whole != 0 {
			blocked = "yes"
		}
	}
	t.State.SetFact(factBlocked, blocked)
	t.Finish(engine.Applied)
}

// Spent tells how an empty card came to be so: by what was paid with it and moved off it
// alone, or by expiry.
func Spent(state *ledger.State) bool {
	return len(state.Wallets) == 0 || state.Wallets[0].Issued <= state.Spend
}

// pay pays with the card, or holds the amount for that.
func (s *stage) pay(t *engine.Turn) {
	if !usable(t) {
		return
	}
	w, amount := walletOf(t), t.Event.Amount
	rule := s.ruleOf(t.State)
	if s.lacks(t, rule, w.Name, amount) {
		return
	}
	open := ledger.Redemption{ID: t.Event.ID, Reward: rule, Quantity: 1, At: t.At}
	if t.Event.Hold {
		hold := calendar.Span{Minutes: 15}
		if k := s.kind(t.State); k != nil {
			hold = k.hold
		}
		open.Status, open.Until = ledger.HeldRedemption, calendar.Add(t.Clock, hold, t.Program.Zone)
		open.Parts, _ = t.Book.TakeParts(w.Name, amount, ledger.Held, ledger.Hold, t.Clock)
		t.State.Redemptions = append(t.State.Redemptions, open)
		t.Note(engine.Step{Rule: rule, Result: engine.HeldFor, Wallet: w.Name, Amount: amount, Wanted: amount})
		t.Finish(engine.Applied)
		return
	}
	open.Parts, _ = t.Book.TakeParts(w.Name, amount, ledger.Spent, ledger.Spend, t.Clock)
	s.final(t, &open)
	if open.Until != calendar.None {
		t.State.Redemptions = append(t.State.Redemptions, open)
	}
	t.Finish(engine.Applied)
}

// lacks finishes the event where the card has less than the amount.
func (s *stage) lacks(t *engine.Turn, rule, wallet ledger.Name, amount int64) bool {
	b := t.State.BalanceOf(wallet)
	if b.Available >= amount {
		return false
	}
	outcome := engine.Insufficient
	switch {
	case b.Available+b.Held > 0:
		t.Note(engine.Step{Rule: rule, Result: engine.NotEnough, Wallet: wallet, Amount: b.Available, Wanted: amount})
	case Spent(t.State):
		outcome = engine.GiftCardEmpty
	default:
		outcome = engine.GiftCardExpired
	}
	t.Finish(outcome)
	return true
}

// move refuses what can't leave for a member's balance. What can, transfers carry.
func (s *stage) move(t *engine.Turn) {
	if !usable(t) {
		return
	}
	k := t.CardKind()
	if k == nil || k.Into == nil || t.Event.Amount > money.MaxAmount/k.Times {
		t.Finish(engine.CardStays)
		return
	}
	s.lacks(t, k.Rule, k.Wallet.Name, t.Event.Amount)
}

// ruleOf gives the number under which what concerns the card is explained: that of
// the lots' rule where the kind is gone.
func (s *stage) ruleOf(state *ledger.State) ledger.Name {
	if k := s.kind(state); k != nil {
		return k.rule
	}
	for i := range state.Wallets {
		for j := range state.Wallets[i].Lots {
			return state.Wallets[i].Lots[j].Rule
		}
	}
	return 0
}
