package api

import (
	"context"
	"net/http"
	"time"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/money"
)

// Conversion is a purchase that a partner reports by the click that brought the buyer.
type Conversion struct {
	ID       string     `json:"id,omitempty" maxLength:"128" doc:"makes it count once; the Idempotency-Key is as good" example:"partner-1001"`
	Click    string     `json:"click" minLength:"1" maxLength:"128" doc:"the click's id, as it stood in the address to which the link led" example:"clk_1A2B3C4D5E6F7"`
	Member   string     `json:"member,omitempty" maxLength:"200" doc:"the buyer: mem_… or an identity, such as the partner's number of the customer; absent for a guest, whom the program's policy for unknown buyers must let buy" example:"customer:P-77"`
	Order    string     `json:"order" minLength:"1" maxLength:"128" doc:"the number of the purchase, by which a return is told later"`
	Total    string     `json:"total" doc:"what was paid" example:"120.00"`
	Currency string     `json:"currency,omitempty" doc:"the program's if not said" example:"PLN"`
	Time     *time.Time `json:"time,omitempty" doc:"when it was bought; now if not said"`
}

type conversionOutput struct {
	Status int
	Body   EventAnswer
}

func (s *Server) conversionRoutes() {
	op := operation(http.MethodPost, "/v1/conversions", "report-conversion", "Events", "Report a purchase by the click on an ambassador's link that brought it", auth.ConversionsWriteScope)
	op.DefaultStatus = http.StatusCreated
	register(s, withExample(op, exampleConversion), auth.ConversionsWriteScope, s.reportConversion)
}

var exampleConversion = map[string]any{"id": "partner-1001", "click": "clk_1A2B3C4D5E6F7", "member": "card:2900000000001", "order": "P-1001", "total": "120.00"}

func (s *Server) reportConversion(ctx context.Context, in *struct {
	KeyHeader
	Body Conversion
}) (*conversionOutput, error) {
	p := s.app.Program()
	if p == nil {
		return nil, newProblem("program_missing", "", "no program is published yet")
	}
	total, err := money.Parse(in.Body.Total, p.Currency.Scale)
	if err != nil {
		return nil, amountProblem(err)
	}
	e := &event.Event{
		ID: firstOf(in.Body.ID, in.Key), Type: event.Purchase, Member: in.Body.Member, Order: in.Body.Order, Click: in.Body.Click,
		Total: total, Given: event.GivenTotal, Currency: in.Body.Currency,
	}
	if in.Body.Time != nil {
		e.At = calendar.Of(*in.Body.Time)
	}
	answer, err := s.app.RecordConversion(ctx, e)
	if err != nil {
		return nil, err
	}
	return &conversionOutput{statusOfAnswer(&answer), s.answerOf(&answer)}, nil
}
