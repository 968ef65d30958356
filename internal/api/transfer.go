package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

// Transfer is value that a member gives to another.
type Transfer struct {
	ID        string `json:"id,omitempty" maxLength:"128" doc:"makes the transfer happen once; the Idempotency-Key is as good"`
	To        string `json:"to" minLength:"1" maxLength:"300" doc:"who receives it: mem_… or an identity" example:"card:2900000000018"`
	Wallet    string `json:"wallet" doc:"the wallet's id" example:"points"`
	Amount    string `json:"amount" doc:"how much is given, above zero" example:"50"`
	Order     string `json:"order,omitempty" maxLength:"128" doc:"the shop's number of an order that it belongs to"`
	Reference string `json:"reference,omitempty" maxLength:"500" doc:"whatever the sender wants to find it by"`
}

func (s *Server) transferRoutes() {
	give := operation(http.MethodPost, "/v1/members/{member}/transfers", "transfer", "Wallets", "Give a member's value to another member", auth.EventsWrite)
	give.Description += " What may be given, and how much, the program says. What is given keeps its expiry. What the rules refuse is an error with status 409, a code and why. If the receiver is no member any more when it arrives, it comes back."
	give.DefaultStatus = http.StatusCreated
	register(s, withExample(give, exampleTransfer), auth.EventsWrite, s.transfer)
}

func (s *Server) transfer(ctx context.Context, in *struct {
	MemberPath
	KeyHeader
	AcceptLanguage string `header:"Accept-Language"`
	Body           Transfer
}) (*eventAnswerOutput, error) {
	b := &in.Body
	p := s.app.Program()
	if p == nil {
		_, err := s.app.Scales()
		return nil, err
	}
	w := p.WalletByID(b.Wallet)
	if w == nil {
		return nil, newProblem(event.CodeUnknownWallet, "wallet", text.Say("the program has no wallet {Wallet}", strconv.Quote(b.Wallet)))
	}
	amount, err := money.Parse(b.Amount, w.Unit.Scale)
	if err != nil {
		return nil, amountProblem(err)
	}
	answer, err := s.app.Transfer(ctx, &event.Event{
		ID: firstOf(b.ID, in.Key), Type: event.Transfer, Member: in.Member, Wallet: b.Wallet, Amount: amount,
		Given: event.GivenAmount, Order: b.Order, Reference: b.Reference, At: calendar.None,
	}, b.To)
	if err != nil {
		problem := problemOf(err)
		if problem.Path == "to" {
			problem = inBody(problem)
		}
		s.metrics.refused(problem.Code)
		return nil, problem
	}
	s.metrics.decided(&answer)
	if refusedNow(&answer) {
		p := newProblem(answer.Decision.Outcome.String(), "", text.Raw(strings.Join(s.whyNot(&answer, languageOf("", in.AcceptLanguage)), " ")))
		p.Status = http.StatusConflict
		return nil, p
	}
	out := s.answerOf(&answer)
	if answer.Repeated && out.Balances == nil {
		out.Balances = s.balancesNow(ctx, answer.Member)
	}
	return &eventAnswerOutput{statusOfAnswer(&answer), out}, nil
}
