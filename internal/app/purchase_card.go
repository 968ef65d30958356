package app

import (
	"context"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/journal"
)

// CodeCardCantPay says that a gift card can't pay what it was to pay of a purchase.
const CodeCardCantPay = "gift_card_cant_pay"

// What happens to a gift card with a purchase or a return has an id that follows from
// that one's, so that sending it again goes on where it stopped.
const (
	cardPays  = "-card"
	cardPaid  = "-card-paid"
	cardFreed = "-card-freed"
)

// CardFor gives the gift card with a code, and how much of a price in minor units of the
// program's currency it can pay: all of it, or what it has. The error is a *Problem where
// there is no such card, or one in another currency.
func (a *App) CardFor(ctx context.Context, code string, price int64) (GiftCard, int64, error) {
	card, err := a.GiftCard(ctx, code)
	if err != nil {
		return card, 0, err
	}
	own, err := a.CardWallet("")
	if err != nil || card.Wallet == nil || card.Wallet.ID != own.ID {
		return card, 0, problem(CodeGiftCardCurrency, "card", "the gift card is in another currency")
	}
	if card.Status != "active" {
		return card, 0, nil
	}
	return card, max(min(card.Available, price), 0), nil
}

// BuyWithCard records a purchase of which the gift card with a code pays a part, the
// event's PaidWithGiftCards: the part is set aside on the card, the purchase is recorded,
// and the part is spent. A purchase that is refused sets it free. The error is a *Problem
// with CodeCardCantPay where the card has it no more.
func (a *App) BuyWithCard(ctx context.Context, e *event.Event, code string) (journal.Answer, error) {
	own, err := a.CardWallet("")
	if err != nil {
		return journal.Answer{}, err
	}
	id := e.ID
	_, held, err := a.RecordCard(ctx, code, &event.Event{
		ID: id + cardPays, Type: event.GiftCardPayment, Wallet: own.ID, Amount: e.PaidWithGiftCards, Given: event.GivenAmount, Order: e.Order, Hold: true,
	})
	if err != nil {
		return journal.Answer{}, err
	}
	if err := a.cardHolds(ctx, id, &held); err != nil {
		return journal.Answer{}, err
	}
	bought, err := a.Record(ctx, e)
	if code := AsProblem(err).Code; err != nil && (code == CodeInternal || code == CodeUnavailable) {
		return bought, err // nobody knows: it is sent again, or what is held is free in a while
	}
	if err != nil || bought.Decision.Outcome.Refused() {
		if _, freed := a.Record(ctx, &event.Event{ID: id + cardFreed, Type: event.Cancellation, Redemption: id + cardPays}); err == nil {
			err = freed
		}
		return bought, err
	}
	return bought, a.FinishCard(ctx, &bought)
}

// cardHolds refuses to go on where the card's part is not set aside, unless the purchase
// was recorded before.
func (a *App) cardHolds(ctx context.Context, purchase string, held *journal.Answer) error {
	if !held.Decision.Outcome.Refused() {
		p, err := a.Payment(ctx, purchase+cardPays)
		if err != nil || p.Status == "held" || p.Status == "paid" {
			return err
		}
	}
	if _, err := a.Event(ctx, purchase); err == nil {
		return nil
	}
	return problem(CodeCardCantPay, "card", "the gift card can't pay this: it has less by now, or it is blocked or over; look at the purchase again")
}

// FinishCard spends what is set aside on a gift card for a purchase that was recorded,
// where that was not done yet.
func (a *App) FinishCard(ctx context.Context, bought *journal.Answer) error {
	id := bought.Event.ID
	if bought.Event.Type != event.Purchase || bought.Event.PaidWithGiftCards == 0 || bought.Decision.Outcome.Refused() {
		return nil
	}
	p, err := a.Payment(ctx, id+cardPays)
	switch {
	case AsProblem(err).Code == CodeUnknownPayment && err != nil:
		return nil // it was paid with a card that Premia does not lead
	case err != nil || p.Status != "held":
		return err
	}
	_, err = a.Record(ctx, &event.Event{ID: id + cardPaid, Type: event.Confirmation, Redemption: id + cardPays})
	return err
}

// CardBack gives how much of a purchase's gift card a return gives back to the card, in
// minor units of the currency, where left is what stays of the purchase's pieces after it.
// It is 0 where none paid, or where the card takes nothing back: then that is paid in
// money, too.
func (a *App) CardBack(ctx context.Context, x *PurchaseOf, before, after []int64) (int64, error) {
	bought := engine.Bought(x.Event, x.Decision)
	amount := engine.CardPartOf(bought, before) - engine.CardPartOf(bought, after)
	if amount <= 0 {
		return 0, nil
	}
	payment, err := a.Event(ctx, x.Event.ID+cardPays)
	if AsProblem(err).Code == CodeUnknownEvent && err != nil {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	q, err := a.Journal.Quote(ctx, payment.Member, cardRefund("", x.Event.ID, payment.Event.Wallet, amount))
	if err != nil || q.Decision.Outcome.Refused() {
		return 0, err
	}
	return amount, nil
}

func cardRefund(id, purchase, wallet string, amount int64) *event.Event {
	return &event.Event{ID: id, Type: event.Refund, Redemption: purchase + cardPays, Wallet: wallet, Amount: amount, Given: event.GivenAmount}
}

// FinishReturn gives a gift card back what a return that was recorded owes it, where that
// was not done yet, and gives how much that is, in minor units of the currency.
func (a *App) FinishReturn(ctx context.Context, back *journal.Answer) (int64, error) {
	if back.Event.Type != event.Return || back.Member == 0 || len(back.Decision.Returned) == 0 {
		return 0, nil
	}
	id := back.Event.ID + cardPays
	if done, err := a.Event(ctx, id); err == nil {
		return restoredOf(&done), nil
	} else if AsProblem(err).Code != CodeUnknownEvent {
		return 0, err
	}
	x, err := a.PurchaseOf(ctx, back.Member.String(), back.Decision.Returned[0].Purchase)
	if err != nil {
		return 0, err
	}
	before := x.Before(back)
	amount, err := a.CardBack(ctx, &x, before, x.Left)
	if err != nil || amount == 0 {
		return 0, err
	}
	own, err := a.CardWallet("")
	if err != nil {
		return 0, err
	}
	answer, err := a.Record(ctx, cardRefund(id, x.Event.ID, own.ID, amount))
	return restoredOf(&answer), err
}

func restoredOf(a *journal.Answer) int64 {
	sum := int64(0)
	if a.Decision == nil {
		return 0
	}
	for i := range a.Decision.Steps {
		if s := &a.Decision.Steps[i]; s.Result == engine.Restored {
			sum += s.Amount
		}
	}
	return sum
}

// Before gives what was left of the purchase before a return, which is the latest.
func (p *PurchaseOf) Before(back *journal.Answer) []int64 {
	before := append([]int64(nil), p.Left...)
	for _, one := range back.Decision.Returned {
		if one.Purchase == p.Event.ID {
			before[one.Item] += one.Quantity
		}
	}
	return before
}

// Worth gives the money that was paid for what went back between two states of what was
// left of the purchase, in minor units.
func (p *PurchaseOf) Worth(before, after []int64) int64 {
	bought := engine.Bought(p.Event, p.Decision)
	return engine.TotalOf(bought, before) - engine.TotalOf(bought, after)
}
