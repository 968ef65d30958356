package app

import (
	"context"

	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/tier"
)

// Tiers gives where a member stands on the ladders of the program in force now,
// which comes with it; it is nil before there is one.
func (a *App) Tiers(ctx context.Context, ref string) ([]tier.Standing, *engine.Program, ledger.MemberID, error) {
	state, id, err := a.stateNow(ctx, ref)
	if err != nil {
		return nil, nil, 0, err
	}
	now := a.Journal.Now()
	p := a.Journal.Rules().Timeline.At(now)
	if p == nil {
		return nil, nil, id, nil
	}
	return tier.Standings(p, state, now), p, id, nil
}
