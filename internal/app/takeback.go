package app

import (
	"context"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// takingBack is the event that takes a redemption back: what is held is given up, and
// what is final undone.
func takingBack(r *Redemption) event.Event {
	if r.Status == ledger.HeldRedemption.String() {
		return event.Event{Type: event.Cancellation, Redemption: r.ID}
	}
	return event.Event{Type: event.Refund, Redemption: r.ID}
}

// CanTakeBack tells of each redemption of one member whether the rules would let it be
// taken back now.
func (a *App) CanTakeBack(ctx context.Context, member ledger.MemberID, all []Redemption) ([]bool, error) {
	out := make([]bool, len(all))
	if len(all) == 0 {
		return out, nil
	}
	events := make([]event.Event, len(all))
	for i := range all {
		events[i] = takingBack(&all[i])
	}
	tries, _, err := a.Journal.Try(ctx, member, events)
	if err != nil {
		return nil, err
	}
	for i, d := range tries {
		out[i] = d.Outcome == engine.Applied || d.Outcome == engine.WaitsForGiftCard
	}
	return out, nil
}

// TakingBack is the event, without an id, that takes a redemption back.
func (a *App) TakingBack(ctx context.Context, redemption string) (*event.Event, error) {
	r, err := a.Redemption(ctx, redemption)
	if err != nil {
		return nil, err
	}
	e := takingBack(&r)
	return &e, nil
}
