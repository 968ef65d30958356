package app

import (
	"context"
	"errors"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/journal"
	"premia/internal/store"
)

// A merge may be refused by the other side, as when several members are merged
// in a circle; its member then stands alone again. Until the other side has
// decided, nothing that can't come back may follow the value.

// arrivedAt gives the member who took in what left with a merge; 0 where the
// merge was refused. The error is transient while that is not decided.
func (a *App) arrivedAt(ctx context.Context, at journal.Answer) (ledger.MemberID, error) {
	for len(at.Decision.FollowUps) > 0 {
		place, err := a.Journal.FollowUpPosition(ctx, &at, 0)
		if errors.Is(err, store.ErrNotFound) {
			return a.erasedTarget(ctx, at.Decision.FollowUps[0].Member)
		}
		if err != nil {
			return 0, err
		}
		if at, err = a.Journal.AnswerAt(ctx, place); err != nil {
			return 0, err
		}
	}
	if at.Event.Type == event.Absorb && at.Decision.Outcome == engine.Applied {
		return at.Member, nil
	}
	return 0, nil
}

// erasedTarget gives a member who decides nothing any more, because they were
// erased; of others the decision is waited for.
func (a *App) erasedTarget(ctx context.Context, id ledger.MemberID) (ledger.MemberID, error) {
	row, err := a.Store.Member(ctx, id)
	if err != nil {
		return 0, err
	}
	if ledger.Status(row.Status) == ledger.Erased {
		return id, nil
	}
	return 0, &store.TransientError{Err: journal.ErrMergeInProgress}
}

// home gives the member who answers for the given one and won't cease to by a
// refusal. The error is transient while a merge on the way is not decided.
func (a *App) home(ctx context.Context, id ledger.MemberID) (ledger.MemberID, error) {
	for range mostMerges {
		row, err := a.Store.Member(ctx, id)
		if err != nil || row.MergedInto == 0 {
			return id, err
		}
		merged, err := a.newestMerge(ctx, id)
		if err != nil {
			return 0, err
		}
		next, err := a.arrivedAt(ctx, merged)
		if err != nil {
			return 0, err
		}
		if next == 0 {
			break // refused, and just about to come back
		}
		id = next
	}
	return 0, &store.TransientError{Err: journal.ErrMergeInProgress}
}

// newestMerge finds the decision by which a member was merged last.
func (a *App) newestMerge(ctx context.Context, id ledger.MemberID) (journal.Answer, error) {
	const page = 50
	for before := int64(0); ; {
		entries, err := a.Store.EntriesOf(ctx, id, before, page)
		if err != nil {
			return journal.Answer{}, err
		}
		for i := range entries {
			before = entries[i].Seq
			if entries[i].Kind != journal.KindMerge {
				continue
			}
			answer, err := a.Journal.Read(&entries[i])
			if err != nil || answer.Decision.Outcome == engine.Applied {
				return answer, err
			}
		}
		if len(entries) < page {
			return journal.Answer{}, store.ErrNotFound
		}
	}
}
