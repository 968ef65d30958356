package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/mechanic/giftcard"
	"premia/internal/core/money"
	"premia/internal/core/text"
	"premia/internal/journal"
)

// GiftCard is a gift card.
type GiftCard struct {
	Code      string          `json:"code" example:"GIFT-4KX7-9MTD-HQ3W-C" doc:"as it was given or made; Premia keeps only its keyed hash, so write it down"`
	Kind      string          `json:"kind" example:"birthday"`
	Status    string          `json:"status" enum:"active,blocked,expired,empty"`
	Currency  string          `json:"currency" example:"PLN"`
	Available string          `json:"available" doc:"what can be paid with it now" example:"69.50"`
	Held      string          `json:"held" doc:"what is reserved for payments that are not confirmed yet"`
	Into      string          `json:"into,omitempty" doc:"the wallet of members that what is on it can be moved into; absent if it can only be paid with" example:"cashback"`
	Parts     []GiftCardValue `json:"parts" doc:"what it is made of, by the time at which it expires"`
}

// GiftCardValue is an amount on a gift card with an expiry of its own.
type GiftCardValue struct {
	Amount    string  `json:"amount"`
	ExpiresAt *string `json:"expires_at,omitempty" format:"date-time" doc:"when it is gone; absent if it stays"`
}

// NewGiftCard issues a gift card.
type NewGiftCard struct {
	ID        string `json:"id,omitempty" maxLength:"128" doc:"makes it happen once; the Idempotency-Key is as good. Sent again, the answer has the code again"`
	Kind      string `json:"kind" minLength:"1" maxLength:"60" doc:"the kind's id in the program" example:"birthday"`
	Amount    string `json:"amount" doc:"what is on it, in the kind's currency" example:"100.00"`
	Code      string `json:"code,omitempty" maxLength:"100" doc:"of a card that is printed already: 6 to 64 letters and digits; one is made if there is none"`
	Order     string `json:"order,omitempty" maxLength:"128" doc:"the shop's number of the order that bought it"`
	Reference string `json:"reference,omitempty" maxLength:"500" doc:"whatever the sender wants to find it by"`
	Reason    string `json:"reason,omitempty" maxLength:"500" doc:"why, for the journal"`
}

// GiftCardTopUp puts more on a gift card.
type GiftCardTopUp struct {
	ID       string `json:"id,omitempty" maxLength:"128" doc:"makes it happen once; the Idempotency-Key is as good"`
	Amount   string `json:"amount" example:"50.00"`
	Currency string `json:"currency,omitempty" doc:"the program's if not said" example:"PLN"`
	Order    string `json:"order,omitempty" maxLength:"128"`
}

// NewGiftCardPayment pays with a gift card.
type NewGiftCardPayment struct {
	ID       string `json:"id,omitempty" maxLength:"128" doc:"makes it happen once, and names the payment; the Idempotency-Key is as good"`
	Amount   string `json:"amount" example:"30.50"`
	Currency string `json:"currency,omitempty" doc:"that of the order; the program's if not said" example:"PLN"`
	Order    string `json:"order,omitempty" maxLength:"128" doc:"the shop's number of the order"`
	Hold     bool   `json:"hold,omitempty" doc:"reserve it, to be confirmed or cancelled; if neither happens it is free again after the kind's time to hold"`
}

// GiftCardBlock blocks a gift card, or frees it.
type GiftCardBlock struct {
	ID      string `json:"id,omitempty" maxLength:"128" doc:"makes it happen once; the Idempotency-Key is as good"`
	Blocked bool   `json:"blocked" doc:"whether it is blocked from now on"`
	Reason  string `json:"reason,omitempty" maxLength:"500" doc:"why, for the journal"`
}

// GiftCardRefund gives a payment back to the gift card.
type GiftCardRefund struct {
	RedemptionStep
	Amount string `json:"amount,omitempty" doc:"how much of it; all that is left if not said" example:"10.00"`
}

// GiftCardMove moves what is on a gift card to a member's balance.
type GiftCardMove struct {
	ID       string `json:"id,omitempty" maxLength:"128" doc:"makes it happen once; the Idempotency-Key is as good"`
	To       string `json:"to" minLength:"1" maxLength:"300" doc:"who gets it: mem_… or an identity" example:"card:2900000000018"`
	Amount   string `json:"amount" doc:"how much of what is on the card" example:"30.50"`
	Currency string `json:"currency,omitempty" doc:"the program's if not said" example:"PLN"`
}

// GiftCardPayment is what became of a payment with a gift card.
type GiftCardPayment struct {
	ID        string  `json:"id"`
	Status    string  `json:"status" enum:"held,paid,cancelled,refunded,timed_out"`
	At        string  `json:"at" format:"date-time"`
	HeldUntil *string `json:"held_until,omitempty" format:"date-time" doc:"when the hold ends by itself"`
	Amount    string  `json:"amount"`
	Refunded  string  `json:"refunded" doc:"what of it went back to the card"`
	Currency  string  `json:"currency"`
	Order     string  `json:"order,omitempty"`
}

// GiftCardEvent is a gift card after an event, and the event.
type GiftCardEvent struct {
	GiftCard GiftCard    `json:"gift_card"`
	Event    EventAnswer `json:"event"`
}

// GiftCardPaymentEvent is a payment after an event, and the event.
type GiftCardPaymentEvent struct {
	Payment GiftCardPayment `json:"payment"`
	Event   EventAnswer     `json:"event"`
}

type giftCardEventOutput struct {
	Status int
	Body   GiftCardEvent
}

type paymentEventOutput struct {
	Status int
	Body   GiftCardPaymentEvent
}

// GiftCardPath names a gift card.
type GiftCardPath struct {
	Code string `path:"code" maxLength:"100" doc:"the card's code, however it is written"`
}

const giftCardTag = "Gift cards"

func (s *Server) giftCardRoutes() {
	created := func(path, id, summary string, scope auth.Scope, example any) huma.Operation {
		op := operation(http.MethodPost, path, id, giftCardTag, summary, scope)
		op.Description += " What can't be done with the card is an error with status 409, a code and why."
		op.DefaultStatus = http.StatusCreated
		return withExample(op, example)
	}
	issue := created("/v1/gift-cards", "issue-gift-card", "Issue a gift card, and get its code", auth.GiftCardsWrite, exampleGiftCard)
	register(s, issue, auth.GiftCardsWrite, s.issueGiftCard)
	read := operation(http.MethodGet, "/v1/gift-cards/{code}", "read-gift-card", giftCardTag, "Read what is on a gift card", auth.MembersRead)
	register(s, read, auth.MembersRead, s.readGiftCard)
	topUp := created("/v1/gift-cards/{code}/top-ups", "top-up-gift-card", "Put more on a gift card", auth.GiftCardsWrite, exampleTopUp)
	register(s, topUp, auth.GiftCardsWrite, s.topUpGiftCard)
	move := created("/v1/gift-cards/{code}/moves", "move-gift-card", "Move what is on a gift card to a member's balance", auth.EventsWrite, exampleMove)
	move.Description += " The card's kind says into which wallet (`into` of the card). It keeps its expiry and does not go back onto the card, unless the member is none any more when it arrives."
	register(s, move, auth.EventsWrite, s.moveGiftCard)
	block := created("/v1/gift-cards/{code}/block", "block-gift-card", "Block a gift card, or free it", auth.GiftCardsWrite, exampleBlock)
	register(s, block, auth.GiftCardsWrite, s.blockGiftCard)
	pay := created("/v1/gift-cards/{code}/payments", "pay-with-gift-card", "Pay with a gift card, or hold the amount", auth.EventsWrite, examplePayment)
	register(s, pay, auth.EventsWrite, s.payWithGiftCard)
	s.paymentRoutes(created)
}

func (s *Server) paymentRoutes(created func(path, id, summary string, scope auth.Scope, example any) huma.Operation) {
	one := operation(http.MethodGet, "/v1/gift-card-payments/{id}", "read-gift-card-payment", giftCardTag, "Read what became of a payment", auth.MembersRead)
	register(s, one, auth.MembersRead, s.readPayment)
	for _, step := range [...]struct{ word, kind, id, summary string }{
		{"confirm", event.Confirmation, "confirm-gift-card-payment", "Make a held payment final"},
		{"cancel", event.Cancellation, "cancel-gift-card-payment", "Give up a held payment"},
	} {
		o := created("/v1/gift-card-payments/{id}/"+step.word, step.id, step.summary, auth.EventsWrite, exampleStep)
		register(s, o, auth.EventsWrite, func(ctx context.Context, in *struct {
			RedemptionPath
			KeyHeader
			AcceptLanguage string `header:"Accept-Language"`
			Body           RedemptionStep
		}) (*paymentEventOutput, error) {
			return s.leadPayment(ctx, &event.Event{ID: firstOf(in.Body.ID, in.Key), Type: step.kind, Redemption: in.ID, Reason: in.Body.Reason}, in.AcceptLanguage)
		})
	}
	refund := created("/v1/gift-card-payments/{id}/refund", "refund-gift-card-payment", "Give a payment, or a part of it, back to the card", auth.EventsWrite, exampleRefund)
	register(s, refund, auth.EventsWrite, s.refundPayment)
	mine := operation(http.MethodGet, "/v1/redemptions/{id}/gift-card", "read-gift-card-of-redemption", giftCardTag, "Read the gift card that a member took as a reward, with its code", auth.MembersRead)
	register(s, mine, auth.MembersRead, func(ctx context.Context, in *RedemptionPath) (*struct{ Body GiftCard }, error) {
		card, err := s.app.RewardCard(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return &struct{ Body GiftCard }{giftCardOf(&card)}, nil
	})
}

func giftCardOf(c *app.GiftCard) GiftCard {
	out := GiftCard{Code: c.Code, Kind: c.Kind, Status: c.Status, Parts: []GiftCardValue{}}
	if c.Wallet == nil {
		return out
	}
	scale := c.Wallet.Unit.Scale
	out.Currency = c.Wallet.Currency
	out.Available, out.Held = money.Format(c.Available, scale), money.Format(c.Held, scale)
	if c.Into != nil {
		out.Into = c.Into.ID
	}
	for i := range c.Lots {
		out.Parts = append(out.Parts, GiftCardValue{money.Format(c.Lots[i].Remaining, scale), moment(c.Lots[i].ExpiresAt)})
	}
	return out
}

func (s *Server) issueGiftCard(ctx context.Context, in *struct {
	KeyHeader
	AcceptLanguage string `header:"Accept-Language"`
	Body           NewGiftCard
}) (*giftCardEventOutput, error) {
	b := &in.Body
	kind, err := s.app.GiftCardKind(b.Kind)
	if err != nil {
		return nil, err
	}
	amount, err := money.Parse(b.Amount, kind.Wallet.Unit.Scale)
	if err != nil {
		return nil, amountProblem(err)
	}
	card, answer, err := s.app.IssueGiftCard(ctx, &app.NewGiftCard{
		EventID: firstOf(b.ID, in.Key), Kind: b.Kind, Amount: amount, Code: b.Code, Order: b.Order, Reference: b.Reference, Reason: b.Reason,
	})
	return s.giftCardEvent(&card, &answer, err, in.AcceptLanguage)
}

func (s *Server) readGiftCard(ctx context.Context, in *GiftCardPath) (*struct{ Body GiftCard }, error) {
	card, err := s.app.GiftCard(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	return &struct{ Body GiftCard }{giftCardOf(&card)}, nil
}

// cardAmount makes an event about an amount in a currency.
func (s *Server) cardAmount(eventType, id, amount, currency string) (*event.Event, error) {
	w, err := s.app.CardWallet(currency)
	if err != nil {
		return nil, err
	}
	minor, err := money.Parse(amount, w.Unit.Scale)
	if err != nil {
		return nil, amountProblem(err)
	}
	return &event.Event{ID: id, Type: eventType, Wallet: w.ID, Amount: minor, Given: event.GivenAmount}, nil
}

func (s *Server) topUpGiftCard(ctx context.Context, in *struct {
	GiftCardPath
	KeyHeader
	AcceptLanguage string `header:"Accept-Language"`
	Body           GiftCardTopUp
}) (*giftCardEventOutput, error) {
	e, err := s.cardAmount(event.GiftCardTopUp, firstOf(in.Body.ID, in.Key), in.Body.Amount, in.Body.Currency)
	if err != nil {
		return nil, err
	}
	e.Order = in.Body.Order
	card, answer, err := s.app.RecordCard(ctx, in.Code, e)
	return s.giftCardEvent(&card, &answer, err, in.AcceptLanguage)
}

func (s *Server) blockGiftCard(ctx context.Context, in *struct {
	GiftCardPath
	KeyHeader
	AcceptLanguage string `header:"Accept-Language"`
	Body           GiftCardBlock
}) (*giftCardEventOutput, error) {
	blocked := event.Datum{Name: giftcard.BlockedDatum, Kind: event.Truth}
	if in.Body.Blocked {
		blocked.Whole = 1
	}
	e := &event.Event{ID: firstOf(in.Body.ID, in.Key), Type: event.GiftCardBlock, Reason: in.Body.Reason, Data: []event.Datum{blocked}}
	card, answer, err := s.app.RecordCard(ctx, in.Code, e)
	return s.giftCardEvent(&card, &answer, err, in.AcceptLanguage)
}

func (s *Server) payWithGiftCard(ctx context.Context, in *struct {
	GiftCardPath
	KeyHeader
	AcceptLanguage string `header:"Accept-Language"`
	Body           NewGiftCardPayment
}) (*giftCardEventOutput, error) {
	e, err := s.cardAmount(event.GiftCardPayment, firstOf(in.Body.ID, in.Key), in.Body.Amount, in.Body.Currency)
	if err != nil {
		return nil, err
	}
	e.Order, e.Hold = in.Body.Order, in.Body.Hold
	card, answer, err := s.app.RecordCard(ctx, in.Code, e)
	return s.giftCardEvent(&card, &answer, err, in.AcceptLanguage)
}

func (s *Server) moveGiftCard(ctx context.Context, in *struct {
	GiftCardPath
	KeyHeader
	AcceptLanguage string `header:"Accept-Language"`
	Body           GiftCardMove
}) (*giftCardEventOutput, error) {
	w, err := s.app.CardWallet(in.Body.Currency)
	if err != nil {
		return nil, err
	}
	amount, err := money.Parse(in.Body.Amount, w.Unit.Scale)
	if err != nil {
		return nil, amountProblem(err)
	}
	card, answer, err := s.app.MoveCard(ctx, in.Code, &app.NewMove{EventID: firstOf(in.Body.ID, in.Key), Currency: in.Body.Currency, Amount: amount, To: in.Body.To})
	return s.giftCardEvent(&card, &answer, err, in.AcceptLanguage)
}

// giftCardEvent answers with a card after an event, or why nothing came of it.
func (s *Server) giftCardEvent(card *app.GiftCard, answer *journal.Answer, err error, acceptLanguage string) (*giftCardEventOutput, error) {
	if err != nil {
		s.metrics.refused(problemOf(err).Code)
		return nil, err
	}
	s.metrics.decided(answer)
	if refusedNow(answer) {
		return nil, s.conflict(answer, acceptLanguage)
	}
	return &giftCardEventOutput{statusOfAnswer(answer), GiftCardEvent{giftCardOf(card), s.answerOf(answer)}}, nil
}

// conflict is the problem of an event that the rules refused.
func (s *Server) conflict(answer *journal.Answer, acceptLanguage string) *Problem {
	p := newProblem(answer.Decision.Outcome.String(), "", text.Raw(strings.Join(s.whyNot(answer, languageOf("", acceptLanguage)), " ")))
	p.Status = http.StatusConflict
	if answer.Decision.Outcome == engine.NoSuchRedemption {
		p.Status = http.StatusNotFound
	}
	return p
}

func (s *Server) readPayment(ctx context.Context, in *RedemptionPath) (*struct{ Body GiftCardPayment }, error) {
	p, err := s.app.Payment(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &struct{ Body GiftCardPayment }{paymentOf(&p)}, nil
}

func paymentOf(p *app.Payment) GiftCardPayment {
	scale := p.Wallet.Unit.Scale
	return GiftCardPayment{
		ID: p.ID, Status: p.Status, At: rfc3339(p.At), HeldUntil: moment(p.Until), Order: p.Order,
		Amount: money.Format(p.Amount, scale), Refunded: money.Format(p.Refunded, scale), Currency: p.Wallet.Currency,
	}
}

func (s *Server) refundPayment(ctx context.Context, in *struct {
	RedemptionPath
	KeyHeader
	AcceptLanguage string `header:"Accept-Language"`
	Body           GiftCardRefund
}) (*paymentEventOutput, error) {
	e := &event.Event{ID: firstOf(in.Body.ID, in.Key), Type: event.Refund, Redemption: in.ID, Reason: in.Body.Reason}
	if in.Body.Amount != "" {
		p, err := s.app.Payment(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		e.Wallet, e.Given = p.Wallet.ID, event.GivenAmount
		if e.Amount, err = money.Parse(in.Body.Amount, p.Wallet.Unit.Scale); err != nil {
			return nil, amountProblem(err)
		}
	}
	return s.leadPayment(ctx, e, in.AcceptLanguage)
}

// leadPayment leads a payment on, and shows what became of it.
func (s *Server) leadPayment(ctx context.Context, e *event.Event, acceptLanguage string) (*paymentEventOutput, error) {
	if _, err := s.app.Payment(ctx, e.Redemption); err != nil {
		return nil, err
	}
	answer, err := s.step(ctx, e, acceptLanguage)
	if err != nil {
		return nil, err
	}
	p, err := s.app.Payment(ctx, e.Redemption)
	if err != nil {
		return nil, err
	}
	return &paymentEventOutput{statusOfAnswer(answer), GiftCardPaymentEvent{paymentOf(&p), s.answerOf(answer)}}, nil
}
