package app

import (
	"cmp"
	"context"
	"slices"

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

// NearestGoals gives those goals that can still be reached of which most is done, at
// most so many.
func NearestGoals(standings []challenge.Standing, most int) []challenge.Standing {
	var open []challenge.Standing
	for i := range standings {
		if x := &standings[i]; x.Have < x.Want {
			open = append(open, *x)
		}
	}
	done := func(x *challenge.Standing) int64 { return 1000 * x.Have / x.Want }
	slices.SortStableFunc(open, func(x, y challenge.Standing) int { return cmp.Compare(done(&y), done(&x)) })
	return open[:min(len(open), most)]
}
