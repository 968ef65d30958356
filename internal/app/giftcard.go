package app

import (
	"context"
	"errors"
	"strconv"

	"premia/internal/core/calendar"
	"premia/internal/core/code"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/giftcard"
	"premia/internal/core/mechanic/transfer"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/store"
)

// The codes of problems with gift cards. Those of cards that are there, and can't
// be used, are the names of the engine's outcomes.
const (
	CodeUnknownGiftCard   = "unknown_gift_card"
	CodeMalformedGiftCard = "malformed_gift_card"
	CodeGiftCardExists    = "gift_card_exists"
	CodeGiftCardCurrency  = "gift_card_currency"
	CodeUnknownCardKind   = "unknown_gift_card_kind"
	CodeAmountNotOffered  = "amount_not_offered"
	CodeUnknownPayment    = "unknown_payment"
)

// GiftCard is a gift card as it is now.
type GiftCard struct {
	// Code is as it was given or made; empty where only its keyed hash is known.
	Code string
	Kind string
	// Status is active, blocked, expired or empty.
	Status string
	// Into is the wallet of members that what is on it can be moved into, and Times how
	// many of its minor units one of the card's becomes; nil and 0 where it can only be
	// paid with.
	Into  *engine.Wallet
	Times int64
	WalletOf
}

// NewGiftCard is a gift card that is to be issued.
type NewGiftCard struct {
	EventID, Kind string
	// Amount is in minor units of the kind's currency.
	Amount int64
	// Code is empty for one that Premia makes.
	Code                     string
	Order, Reference, Reason string
}

// GiftCardKind gives a kind of gift cards of the live program. The error is a
// *Problem if there is none.
func (a *App) GiftCardKind(id string) (*engine.GiftCardKind, error) {
	p := a.program()
	if p == nil {
		return nil, refused(journal.ErrNoProgram, &event.Event{})
	}
	if k := p.GiftCardKind(id); k != nil {
		return k, nil
	}
	return nil, problem(CodeUnknownCardKind, "kind", text.Say("the program has no gift cards of the kind {ID}", strconv.Quote(id)))
}

// IssueGiftCard issues a gift card and gives its code. With the same event id again
// it gives the first answer, and the code again.
func (a *App) IssueGiftCard(ctx context.Context, n *NewGiftCard) (GiftCard, journal.Answer, error) {
	k, err := a.GiftCardKind(n.Kind)
	if err != nil {
		return GiftCard{}, journal.Answer{}, err
	}
	if !giftcard.Offered(k.Least, k.Most, n.Amount) {
		return GiftCard{}, journal.Answer{}, problem(CodeAmountNotOffered, "amount", "gift cards of this kind are issued with another amount")
	}
	normal := ""
	if n.Code != "" {
		if normal, err = giftcard.NormalCode(n.Code); err != nil {
			return GiftCard{}, journal.Answer{}, problem(CodeMalformedGiftCard, "code", text.Of(err))
		}
	}
	e := &event.Event{
		ID: n.EventID, Type: event.GiftCardIssue, Wallet: k.Wallet.ID, Amount: n.Amount, Given: event.GivenAmount,
		Order: n.Order, Reference: n.Reference, Reason: n.Reason,
		Data: []event.Datum{{Name: giftcard.KindDatum, Kind: event.Text, Text: n.Kind}},
	}
	if err := a.completeCard(e); err != nil {
		return GiftCard{}, journal.Answer{}, err
	}
	r := journal.Request{Event: e}
	a.withAudit(ctx, &r)
	answer, code, err := a.Journal.IssueGiftCard(ctx, r, normal)
	if errors.Is(err, journal.ErrIdentityTaken) {
		return GiftCard{}, answer, problem(CodeGiftCardExists, "code", "a gift card with this code was issued before")
	}
	if err != nil {
		return GiftCard{}, answer, refused(err, e)
	}
	if n.Code != "" {
		code = n.Code
	}
	card, err := a.card(ctx, answer.Member, code)
	return card, answer, err
}

// completeCard checks an event about a gift card, and gives it an id if it has
// none.
func (a *App) completeCard(e *event.Event) error {
	p := a.program()
	if p == nil {
		return refused(journal.ErrNoProgram, e)
	}
	if err := e.Check(p.Currency.Code, p.Currency.Scale); err != nil {
		return err
	}
	if e.ID == "" {
		e.ID = NewEventID()
	}
	return nil
}

// findCard gives the account of the gift card with a code. The error is a *Problem
// if there is none, and says so of a code that was mistyped.
func (a *App) findCard(ctx context.Context, written string) (ledger.MemberID, error) {
	normal, err := giftcard.NormalCode(written)
	if err != nil {
		return 0, problem(CodeMalformedGiftCard, "code", text.Of(err))
	}
	id, err := a.Journal.Find(ctx, journal.Identity{Kind: journal.GiftCardKind, Value: normal})
	if !errors.Is(err, journal.ErrUnknownMember) {
		return id, err
	}
	for i := range a.program().GiftCards {
		if a.program().GiftCards[i].Codes.Fit(normal) == code.Mistyped {
			return 0, problem(CodeMalformedGiftCard, "code", "a character of the code is wrong: its check character does not fit")
		}
	}
	return 0, problem(CodeUnknownGiftCard, "code", "there is no gift card with this code")
}

// GiftCard reads a gift card by its code. The error is a *Problem if there is none.
func (a *App) GiftCard(ctx context.Context, code string) (GiftCard, error) {
	if a.program() == nil {
		return GiftCard{}, refused(journal.ErrNoProgram, &event.Event{})
	}
	id, err := a.findCard(ctx, code)
	if err != nil {
		return GiftCard{}, err
	}
	return a.card(ctx, id, code)
}

// card reads the gift card of an account.
func (a *App) card(ctx context.Context, id ledger.MemberID, code string) (GiftCard, error) {
	stored, _, err := a.Journal.StateOf(ctx, id)
	if err != nil && !errors.Is(err, journal.ErrUnknownMember) {
		return GiftCard{}, err
	}
	if err != nil || stored.Status != ledger.GiftCard || len(stored.Wallets) == 0 {
		return GiftCard{}, problem(CodeUnknownGiftCard, "code", "there is no gift card with this code")
	}
	state, _ := engine.Settled(a.Journal.Rules().Timeline, id, stored, a.Journal.Now())
	card := GiftCard{Code: code, Kind: giftcard.KindOf(state), Status: "active"}
	if w := a.program().Wallet(state.Wallets[0].Name); w != nil {
		card.WalletOf = walletOf(state, w)
	}
	if k := a.program().GiftCardKind(card.Kind); k != nil {
		card.Into, card.Times = k.Into, k.Times
	}
	switch {
	case giftcard.Blocked(state):
		card.Status = "blocked"
	case card.Available+card.Held > 0:
	case giftcard.Spent(state):
		card.Status = "empty"
	default:
		card.Status = "expired"
	}
	return card, nil
}

// CardWallet gives the wallet of gift cards in a currency; an empty one stands for
// the program's. The error is a *Problem where the program has no gift cards in it.
func (a *App) CardWallet(currency string) (*engine.Wallet, error) {
	p := a.program()
	if p == nil {
		return nil, refused(journal.ErrNoProgram, &event.Event{})
	}
	if currency == "" {
		currency = p.Currency.Code
	}
	if w := p.WalletByID(giftcard.WalletID(currency)); w != nil && w.Currency != "" {
		return w, nil
	}
	return nil, problem(CodeGiftCardCurrency, "currency", text.Say("the program has no gift cards in {Currency}", currency))
}

// RecordCard decides an event about the gift card with a code, and gives the card
// after it.
func (a *App) RecordCard(ctx context.Context, code string, e *event.Event) (GiftCard, journal.Answer, error) {
	if err := a.completeCard(e); err != nil {
		return GiftCard{}, journal.Answer{}, err
	}
	id, err := a.findCard(ctx, code)
	if err != nil {
		return GiftCard{}, journal.Answer{}, err
	}
	answer, err := a.append(ctx, journal.Request{Event: e, Member: id})
	if err != nil {
		return GiftCard{}, answer, refused(err, e)
	}
	card, err := a.card(ctx, id, code)
	return card, answer, err
}

// NewMove is what is to be moved off a gift card to a member.
type NewMove struct {
	// EventID makes it happen once; one is made where there is none.
	EventID string
	// Currency is that of the card; empty for the program's.
	Currency string
	// Amount is in minor units of the currency.
	Amount int64
	// To names the member.
	To string
}

// MoveCard moves what is on the gift card with a code into a wallet of a member, as the
// card's kind says. With the same event id again it gives the first answer.
func (a *App) MoveCard(ctx context.Context, code string, m *NewMove) (GiftCard, journal.Answer, error) {
	w, err := a.CardWallet(m.Currency)
	if err != nil {
		return GiftCard{}, journal.Answer{}, err
	}
	to, err := a.takes(ctx, m.To)
	if err != nil {
		return GiftCard{}, journal.Answer{}, err
	}
	card, answer, err := a.RecordCard(ctx, code, &event.Event{
		ID: m.EventID, Type: event.Transfer, Wallet: w.ID, Amount: m.Amount, Given: event.GivenAmount,
		Data: []event.Datum{{Name: transfer.To, Kind: event.Whole, Whole: int64(to)}},
	})
	if err == nil && len(answer.Decision.FollowUps) > 0 {
		a.bringNow(ctx, &answer)
	}
	return card, answer, err
}

// Payment is what became of a payment with a gift card.
type Payment struct {
	ID string
	// Status is held, paid, cancelled, refunded or timed_out.
	Status string
	At     calendar.Instant
	// Until is when a hold ends by itself; none for others.
	Until calendar.Instant
	// Amount was paid, and Refunded came back of it, in minor units of the wallet.
	Wallet           *engine.Wallet
	Amount, Refunded int64
	Order            string
}

// Payment gives what became of a payment, by its id. The error is a *Problem if
// there is none.
func (a *App) Payment(ctx context.Context, id string) (Payment, error) {
	answer, err := a.Event(ctx, id)
	if AsProblem(err).Code == CodeUnknownEvent || (err == nil && (answer.Event.Type != event.GiftCardPayment || answer.Decision.Outcome != engine.Applied)) {
		return Payment{}, problem(CodeUnknownPayment, "id", text.Say("there is no payment {ID} with a gift card", strconv.Quote(id)), "Key", text.Quoted(id))
	}
	if err != nil {
		return Payment{}, err
	}
	e := answer.Event
	out := Payment{ID: id, Status: "paid", At: answer.Decision.At, Wallet: a.program().WalletByID(e.Wallet), Amount: e.Amount, Order: e.Order}
	last, err := a.afterPayment(ctx, answer.Member, &out)
	if err != nil {
		return out, err
	}
	stored, _, err := a.Journal.StateOf(ctx, answer.Member)
	if err != nil {
		return out, err
	}
	state, _ := engine.Settled(a.Journal.Rules().Timeline, answer.Member, stored, a.Journal.Now())
	open := state.Redemption(id)
	switch {
	case open != nil && open.Status == ledger.HeldRedemption:
		out.Status, out.Until = "held", open.Until
	case last == event.Cancellation:
		out.Status = "cancelled"
	case last == "" && e.Hold:
		out.Status = "timed_out"
	case out.Refunded == out.Amount:
		out.Status = "refunded"
	}
	return out, nil
}

// afterPayment adds up what came back of a payment, and gives the type of the last
// event about it; empty if there was none.
func (a *App) afterPayment(ctx context.Context, card ledger.MemberID, p *Payment) (last string, err error) {
	var unread error
	a.Journal.Past().Before(ctx, card, 0, &unread)(func(past *engine.Past) bool {
		if past.Event.Redemption == p.ID && past.Decision.Outcome == engine.Applied {
			if last == "" {
				last = past.Event.Type
			}
			for i := range past.Decision.Steps {
				if s := &past.Decision.Steps[i]; s.Result == engine.Restored {
					p.Refunded += s.Amount
				}
			}
		}
		return past.Event.ID != p.ID
	})
	if errors.Is(unread, store.ErrNotFound) {
		unread = nil
	}
	return last, unread
}

// RewardCard gives the gift card that a member took as a reward, with its code.
// The error is a *Problem if the redemption issued none, or has not yet.
func (a *App) RewardCard(ctx context.Context, redemption string) (GiftCard, error) {
	answer, err := a.Event(ctx, redemption)
	if AsProblem(err).Code == CodeUnknownEvent || (err == nil && !took(answer.Event, answer.Decision)) {
		return GiftCard{}, problem(CodeUnknownRedemption, "id", text.Say("there is no redemption {Redemption}", strconv.Quote(redemption)), "Key", text.Quoted(redemption))
	}
	if err != nil {
		return GiftCard{}, err
	}
	if answer.Event.Hold {
		if answer, err = a.confirmationOf(ctx, &answer); err != nil {
			return GiftCard{}, err
		}
	}
	for n := range answer.Decision.FollowUps {
		if answer.Decision.FollowUps[n].Type != event.GiftCardIssue {
			continue
		}
		issue, err := a.Journal.FollowUpEvent(&answer, n)
		if err != nil {
			return GiftCard{}, err
		}
		code, err := a.Journal.GiftCardCode(ctx, issue)
		if errors.Is(err, journal.ErrUnknownMember) {
			break
		}
		if err != nil {
			return GiftCard{}, err
		}
		return a.GiftCard(ctx, code)
	}
	return GiftCard{}, problem(CodeUnknownGiftCard, "id", "no gift card was issued for this redemption")
}

// confirmationOf gives the answer to the event that made a held redemption final,
// or the redemption's own if none did.
func (a *App) confirmationOf(ctx context.Context, held *journal.Answer) (journal.Answer, error) {
	_, member, err := a.Journal.StateOf(ctx, held.Member)
	if err != nil {
		return *held, err
	}
	final, unread := *held, error(nil)
	a.Journal.Past().Before(ctx, member, 0, &unread)(func(p *engine.Past) bool {
		if p.Event.Redemption == held.Event.ID && p.Event.Type == event.Confirmation && p.Decision.Outcome == engine.Applied {
			final.Event, final.Decision = p.Event, p.Decision
		}
		return p.Event.ID != held.Event.ID
	})
	return final, unread
}
