package store

import (
	"context"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

// PayoutState is where a pay-out stands.
type PayoutState uint8

// The states of a pay-out.
const (
	PayoutOrdered PayoutState = iota + 1 // in no batch
	PayoutTaken                          // in a batch; its redemption has not answered yet
	PayoutReady                          // in a batch, to be paid
	PayoutSent
	PayoutFailed
	PayoutDropped // in a batch that does not pay it: it was given back, or has no account
)

// Payout is money that a redemption ordered.
type Payout struct {
	Redemption string
	// Member took it; a merge since is not followed here.
	Member ledger.MemberID
	// Amount is in minor units of the currency.
	Amount  int64
	Ordered calendar.Instant
	Batch   string // empty for none
	State   PayoutState
}

// PayoutBatch is pay-outs that a bank is asked for together.
type PayoutBatch struct {
	ID      string
	Created calendar.Instant
}

const (
	addPayout = `
INSERT INTO payouts (redemption, member, amount, ordered, batch, state) VALUES ($1, $2, $3, $4, nullif($5, ''), $6) ON CONFLICT (redemption) DO NOTHING`

	addPayoutBatch = `
INSERT INTO payout_batches (id, created) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`

	// Whoever comes second waits for the first, and then finds the batch set.
	takePayouts = `
UPDATE payouts SET batch = $1, state = $2 WHERE batch IS NULL`

	forgetPayoutBatch = `
DELETE FROM payout_batches WHERE id = $1`

	setPayoutState = `
UPDATE payouts SET state = $3 WHERE redemption = $1 AND state = $2`

	listPayoutBatches = `
SELECT id, created FROM payout_batches ORDER BY created, id`

	listPayouts = `
SELECT redemption, member, amount, ordered, coalesce(batch, ''), state FROM payouts WHERE coalesce(batch, '') = $1 ORDER BY ordered, redemption`
)

// AddPayout keeps a pay-out; one that is there already stays as it is.
func (s *Store) AddPayout(ctx context.Context, p Payout) error {
	return wrong("pay-out", s.run(ctx, addPayout, p.Redemption, int64(p.Member), p.Amount, int64(p.Ordered), p.Batch, int64(p.State)))
}

// AddPayoutBatch keeps a batch; one that is there already stays as it is.
func (s *Store) AddPayoutBatch(ctx context.Context, b PayoutBatch) error {
	return wrong("batch of pay-outs", s.run(ctx, addPayoutBatch, b.ID, int64(b.Created)))
}

// TakePayouts makes a batch of all pay-outs that are in none, and gives how many it
// took. A batch that is there already takes no more; where there is nothing to take
// none is made. Rows of the audit trail are kept with a batch.
func (s *Store) TakePayouts(ctx context.Context, b PayoutBatch, audit ...Audit) (taken int64, err error) {
	err = s.writeAudited(ctx, audit, func(l link) (bool, error) {
		taken = 0
		made, err := l.exec(ctx, addPayoutBatch, b.ID, int64(b.Created))
		if err != nil || made == 0 {
			return false, err
		}
		if taken, err = l.exec(ctx, takePayouts, b.ID, int64(PayoutTaken)); err != nil || taken > 0 {
			return taken > 0, err
		}
		_, err = l.exec(ctx, forgetPayoutBatch, b.ID)
		return false, err
	})
	return taken, wrong("batch of pay-outs", err)
}

// SetPayoutState moves a pay-out from one state to another; one in another state
// stays. Rows of the audit trail are kept with one that is moved.
func (s *Store) SetPayoutState(ctx context.Context, redemption string, from, to PayoutState, audit ...Audit) error {
	return wrong("pay-out", s.writeAudited(ctx, audit, func(l link) (bool, error) {
		n, err := l.exec(ctx, setPayoutState, redemption, int64(from), int64(to))
		return n > 0, err
	}))
}

// PayoutBatches lists the batches, the oldest first.
func (s *Store) PayoutBatches(ctx context.Context) ([]PayoutBatch, error) {
	return readAll(ctx, s, listPayoutBatches, nil, func(r row) (PayoutBatch, error) {
		var b PayoutBatch
		var created int64
		err := r.Scan(&b.ID, &created)
		b.Created = calendar.Instant(created)
		return b, err
	})
}

// Payouts lists the pay-outs of a batch, or with an empty name those that are in
// none, in the order in which they were ordered.
func (s *Store) Payouts(ctx context.Context, batch string) ([]Payout, error) {
	return readAll(ctx, s, listPayouts, []any{batch}, func(r row) (Payout, error) {
		var p Payout
		var member, ordered, state int64
		err := r.Scan(&p.Redemption, &member, &p.Amount, &ordered, &p.Batch, &state)
		p.Member, p.Ordered, p.State = ledger.MemberID(member), calendar.Instant(ordered), PayoutState(state)
		return p, err
	})
}
