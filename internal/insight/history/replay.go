package history

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/journal"
	"premia/internal/store"
)

// stateAt gives the member's state after the shard's entry with the number, by
// making the decisions up to there again; nil if the member had none by then.
func (r *reader) stateAt(ctx context.Context, m *store.Member, cut int64) (*ledger.State, error) {
	places, err := r.placesOf(ctx, m, cut)
	if err != nil || len(places) == 0 {
		return nil, err
	}
	state := &ledger.State{}
	for part := range slices.Chunk(places, pageOfEntries) {
		entries, err := r.store.Entries(ctx, part)
		if err != nil {
			return nil, err
		}
		slices.SortFunc(entries, func(a, b store.Entry) int { return cmp.Compare(a.Seq, b.Seq) })
		for i := range entries {
			if err := r.decideAgain(ctx, &entries[i], state); err != nil {
				return nil, fmt.Errorf("entry %d of shard %d: %w", entries[i].Seq, entries[i].Shard, err)
			}
		}
	}
	return state, nil
}

// placesOf gives the places of the member's entries up to the cut, the oldest
// first.
func (r *reader) placesOf(ctx context.Context, m *store.Member, cut int64) ([]store.Position, error) {
	var places []store.Position
	for before := cut + 1; ; {
		page, err := r.store.EntriesOf(ctx, m.ID, before, pageOfEntries)
		if err != nil {
			return nil, err
		}
		for i := range page {
			places = append(places, page[i].Position)
			before = page[i].Seq
		}
		if len(page) < pageOfEntries {
			slices.Reverse(places)
			return places, nil
		}
	}
}

var timePassed = &event.Event{Type: event.Settle}

// decideAgain makes a stored decision again on the state.
func (r *reader) decideAgain(ctx context.Context, stored *store.Entry, state *ledger.State) error {
	if err := engine.DecodeDecision(stored.Decision, &r.decision); err != nil {
		return err
	}
	e := timePassed
	if len(stored.Event) > 0 {
		var err error
		if e, err = event.DecodeStored(stored.Event, r.scales); err != nil {
			return err
		}
	}
	in := engine.Inputs{Clock: r.decision.Clock, Quotas: engine.Stored(r.decision.Grants), Member: stored.Member, Codes: r.decision.Codes, Draw: r.decision.Draw}
	past := journal.Past{Store: r.store, Keys: r.keys, Scales: r.scales}
	if e.Type == event.Claim {
		var err error
		if in.Claimed, in.ClaimedGuest, err = past.Claimed(ctx, e); err != nil {
			return err
		}
	}
	var unread error
	in.Waiting = r.decision.Waiting()
	if engine.NeedsHistory(e) {
		in.History = past.Before(ctx, stored.Member, stored.Seq, &unread)
	}
	r.decider.Decide(r.rules.Timeline, state, e, in, &r.again)
	return unread
}
