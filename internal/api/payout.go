package api

import (
	"context"
	"net/http"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/event"
	"premia/internal/core/mechanic/reward"
	"premia/internal/core/money"
	"premia/internal/store"
)

// NewPayoutBatch makes a batch of all pay-outs that are in none.
type NewPayoutBatch struct {
	ID string `json:"id,omitempty" maxLength:"35" doc:"names the batch; the same id again goes on with it and takes no more. One is made if there is none" example:"march-2026"`
}

// SettledPayouts says what became of a batch.
type SettledPayouts struct {
	Failed []string `json:"failed,omitempty" maxItems:"10000" doc:"the pay-outs that failed, by redemption or end-to-end id; all others were sent"`
}

// PayoutBatch is pay-outs that the bank is asked for together.
type PayoutBatch struct {
	ID       string   `json:"id" example:"march-2026"`
	Created  string   `json:"created" format:"date-time"`
	Finished bool     `json:"finished" doc:"whether all its redemptions know that they are in payment; if not, create it again with its id"`
	Count    int64    `json:"count" doc:"how many pay-outs the bank is asked for"`
	Sum      Money    `json:"sum" doc:"their control sum"`
	Payouts  []Payout `json:"payouts"`
}

// Payout is money to a member's bank account.
type Payout struct {
	Redemption string `json:"redemption"`
	EndToEnd   string `json:"end_to_end_id" doc:"what the bank knows it by"`
	Member     string `json:"member"`
	Amount     Money  `json:"amount"`
	Status     string `json:"status" enum:"ordered,taken,ready,sent,failed,dropped" doc:"dropped are those that were given back before, or have no account any more"`
}

// PayoutBatches are all batches, without their pay-outs.
type PayoutBatches struct {
	Batches []PayoutBatch `json:"batches" doc:"the oldest first"`
}

var (
	examplePayoutBatch = map[string]any{"id": "march-2026"}
	exampleSettled     = map[string]any{"failed": []any{}}
)

var payoutStates = [...]string{"", "ordered", "taken", "ready", "sent", "failed", "dropped"}

// PayoutBatchPath names a batch.
type PayoutBatchPath struct {
	ID string `path:"id" maxLength:"35" doc:"the batch's id"`
}

type payoutBatchOutput struct{ Body PayoutBatch }

func (s *Server) payoutRoutes() {
	create := operation(http.MethodPost, "/v1/payout-batches", "create-payout-batch", "Pay-outs", "Make a batch of all ordered pay-outs that are in none", auth.PayoutsWrite)
	register(s, withExample(create, examplePayoutBatch), auth.PayoutsWrite, func(ctx context.Context, in *struct {
		KeyHeader
		Body NewPayoutBatch
	}) (*payoutBatchOutput, error) {
		return s.payoutBatch(s.app.CreatePayoutBatch(ctx, firstOf(in.Body.ID, in.Key)))
	})
	list := operation(http.MethodGet, "/v1/payout-batches", "list-payout-batches", "Pay-outs", "List the batches of pay-outs", auth.PayoutsWrite)
	register(s, list, auth.PayoutsWrite, s.listPayoutBatches)
	read := operation(http.MethodGet, "/v1/payout-batches/{id}", "read-payout-batch", "Pay-outs", "Read a batch with its pay-outs", auth.PayoutsWrite)
	register(s, read, auth.PayoutsWrite, func(ctx context.Context, in *PayoutBatchPath) (*payoutBatchOutput, error) {
		return s.payoutBatch(s.app.PayoutBatch(ctx, in.ID))
	})
	export := operation(http.MethodGet, "/v1/payout-batches/{id}/export", "export-payout-batch", "Pay-outs", "Get a batch as a file for the bank", auth.PayoutsWrite)
	register(s, export, auth.PayoutsWrite, s.exportPayouts)
	settle := operation(http.MethodPost, "/v1/payout-batches/{id}/settle", "settle-payout-batch", "Pay-outs", "Say which pay-outs of a batch were sent and which failed", auth.PayoutsWrite)
	register(s, withExample(settle, exampleSettled), auth.PayoutsWrite, func(ctx context.Context, in *struct {
		PayoutBatchPath
		KeyHeader
		Body SettledPayouts
	}) (*payoutBatchOutput, error) {
		return s.payoutBatch(s.app.SettlePayouts(ctx, in.ID, in.Body.Failed))
	})
}

func (s *Server) payoutBatch(b app.PayoutBatch, err error) (*payoutBatchOutput, error) {
	if err != nil {
		return nil, err
	}
	out := s.payoutBatchOf(&b)
	for i := range b.Payouts {
		p := &b.Payouts[i]
		out.Payouts = append(out.Payouts, Payout{p.Redemption, app.EndToEnd(p), p.Member.String(), s.moneyOf(p.Amount), payoutStates[p.State]})
	}
	return &payoutBatchOutput{out}, nil
}

func (s *Server) moneyOf(minor int64) Money {
	c := s.app.Program().Currency
	return Money{money.Format(minor, c.Scale), c.Code}
}

func (s *Server) payoutBatchOf(b *app.PayoutBatch) PayoutBatch {
	count, sum := b.Sum(store.PayoutReady, store.PayoutSent, store.PayoutFailed)
	open, _ := b.Sum(store.PayoutTaken)
	return PayoutBatch{ID: b.ID, Created: rfc3339(b.Created), Finished: open == 0, Count: count, Sum: s.moneyOf(sum), Payouts: []Payout{}}
}

func (s *Server) listPayoutBatches(ctx context.Context, _ *struct{}) (*struct{ Body PayoutBatches }, error) {
	all, err := s.app.PayoutBatches(ctx)
	if err != nil {
		return nil, err
	}
	out := PayoutBatches{Batches: []PayoutBatch{}}
	for i := range all {
		out.Batches = append(out.Batches, s.payoutBatchOf(&all[i]))
	}
	return &struct{ Body PayoutBatches }{out}, nil
}

type exportOutput struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func (s *Server) exportPayouts(ctx context.Context, in *struct {
	PayoutBatchPath
	Format string `query:"format" enum:"pain.001,csv" default:"pain.001" doc:"pain.001.001.09 of ISO 20022, or a table"`
	Day    string `query:"day" doc:"the date on which the bank is to pay; the batch's if not said" example:"2026-03-02"`
}) (*exportOutput, error) {
	from, err := s.app.PayoutAccount(ctx)
	if err != nil {
		return nil, err
	}
	order, err := s.app.PayoutOrder(ctx, in.ID, from, in.Day)
	if err != nil {
		return nil, err
	}
	if in.Format == "csv" {
		file, err := order.CSV()
		return &exportOutput{"text/csv; charset=utf-8", file}, err
	}
	file, err := order.XML()
	return &exportOutput{"application/xml", file}, err
}

// cashAmount sets the amount of a cashback redemption.
func (s *Server) cashAmount(e *event.Event, amount string) error {
	p := s.app.Program()
	if amount == "" || p == nil {
		return nil
	}
	if r := reward.PayingOut(p, e.Reward); r != nil {
		minor, err := money.Parse(amount, r.Prices[0].Wallet.Unit.Scale)
		if err != nil {
			return amountProblem(err)
		}
		r.TakeFor(e, minor)
		return nil
	}
	return newProblem(event.CodeNotAllowed, "amount", "only rewards of the kind cashback are taken by an amount")
}
