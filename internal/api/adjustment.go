package api

import (
	"context"
	"net/http"

	"premia/internal/auth"
	"premia/internal/core/event"
)

// WaitingAdjustments are the adjustments that a second person is to approve.
type WaitingAdjustments struct {
	Adjustments []EventRecord `json:"adjustments" doc:"the latest first"`
}

// SecondStep is a second person's answer.
type SecondStep struct {
	ID     string `json:"id,omitempty" maxLength:"128" doc:"makes the answer happen once; the Idempotency-Key is as good"`
	Reason string `json:"reason,omitempty" maxLength:"500" doc:"why"`
}

func (s *Server) adjustmentRoutes() {
	list := operation(http.MethodGet, "/v1/adjustments/waiting", "list-waiting-adjustments", "Wallets", "List the adjustments that wait for a second person", auth.AdjustmentsWrite)
	register(s, list, auth.AdjustmentsWrite, s.listWaiting)
	for _, step := range [...]struct{ word, kind, id, summary string }{
		{"approve", event.Approval, "approve-adjustment", "Let an adjustment happen that waits for a second person"},
		{"reject", event.Rejection, "reject-adjustment", "Refuse an adjustment that waits for a second person"},
	} {
		op := operation(http.MethodPost, "/v1/adjustments/{id}/"+step.word, step.id, "Wallets", step.summary, auth.AdjustmentsWrite)
		op.Description += " The key must be another than the one that adjusted. What the rules refuse is an error with status 409, a code and why."
		op.DefaultStatus = http.StatusCreated
		register(s, withExample(op, exampleStep), auth.AdjustmentsWrite, func(ctx context.Context, in *struct {
			ID string `path:"id" maxLength:"128" doc:"the id of the event that adjusted"`
			KeyHeader
			AcceptLanguage string `header:"Accept-Language"`
			Body           SecondStep
		}) (*eventAnswerOutput, error) {
			return s.decided(ctx, &event.Event{ID: firstOf(in.Body.ID, in.Key), Type: step.kind, About: in.ID, Reason: in.Body.Reason}, in.AcceptLanguage)
		})
	}
}

func (s *Server) listWaiting(ctx context.Context, in *struct {
	Lang           string `query:"lang" enum:"en,pl,cs,ru" doc:"the language of the explanations; that of Accept-Language if not said"`
	AcceptLanguage string `header:"Accept-Language"`
}) (*struct{ Body WaitingAdjustments }, error) {
	waiting, err := s.app.WaitingAdjustments(ctx)
	if err != nil {
		return nil, err
	}
	out := WaitingAdjustments{Adjustments: []EventRecord{}}
	for i := range waiting {
		out.Adjustments = append(out.Adjustments, s.recordOf(&waiting[i], languageOf(in.Lang, in.AcceptLanguage)))
	}
	return &struct{ Body WaitingAdjustments }{out}, nil
}
