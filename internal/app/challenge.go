package app

import (
	"context"

	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/challenge"
)

// Challenges says how far a member is now towards each goal over several events
// of the live program, and which badges the member has.
func (a *App) Challenges(ctx context.Context, ref string) ([]challenge.Standing, []challenge.MemberBadge, ledger.MemberID, error) {
	state, id, err := a.stateNow(ctx, ref)
	if err != nil {
		return nil, nil, 0, err
	}
	p := a.program()
	if p == nil {
		return nil, nil, id, nil
	}
	return challenge.Standings(p, state, a.Journal.Now()), challenge.BadgesOf(p, state), id, nil
}
