package journal

import (
	"context"
	"errors"
	"fmt"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/store"
)

// AnswerAt reads the entry at a place as the answer that was given. The error is
// store.ErrNotFound if there is none.
func (j *Journal) AnswerAt(ctx context.Context, at store.Position) (Answer, error) {
	entry, err := j.store.Entry(ctx, at)
	if err != nil {
		return Answer{}, err
	}
	return j.Read(&entry)
}

// Read decodes an entry.
func (j *Journal) Read(entry *store.Entry) (Answer, error) {
	a := Answer{Position: entry.Position, Member: entry.Member, Recorded: entry.Recorded, Decision: &engine.Decision{}}
	if err := engine.DecodeDecision(entry.Decision, a.Decision); err != nil {
		return Answer{}, fmt.Errorf("entry %d of shard %d: %w", entry.Seq, entry.Shard, err)
	}
	if len(entry.Event) == 0 {
		a.Event = &event.Event{Type: event.Settle}
		return a, nil
	}
	e, err := event.DecodeStored(entry.Event, j.Rules().Scales())
	if err != nil {
		return Answer{}, fmt.Errorf("entry %d of shard %d: %w", entry.Seq, entry.Shard, err)
	}
	a.Event = e
	return a, nil
}

// loadClaims reads the purchases that claims of the batch are about.
func (b *batch) loadClaims(ctx context.Context) error {
	var keys []store.Key
	var claims []*item
	for _, it := range b.items {
		if it.Event.Type == event.Claim {
			claims = append(claims, it)
			keys = append(keys, b.j.keys.order(it.Event.Order))
		}
	}
	if len(claims) == 0 {
		return nil
	}
	gone := make(map[*item]bool)
	for i, it := range claims {
		err := b.loadClaim(ctx, it, keys[i])
		if err != nil && !errors.Is(err, ErrOrderUnknown) {
			return err
		}
		gone[it] = err != nil
	}
	// Nothing can fail any more, so that nobody is answered twice.
	kept := make([]*item, 0, len(b.items))
	for _, it := range b.items {
		if gone[it] {
			b.drop(it, ErrOrderUnknown)
			continue
		}
		kept = append(kept, it)
	}
	b.items = kept
	return nil
}

func (b *batch) loadClaim(ctx context.Context, it *item, key store.Key) error {
	found, err := b.tx.Existing(ctx, []store.Key{key})
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return ErrOrderUnknown
	}
	entries, err := b.tx.Entries(ctx, []store.Position{found[0].At})
	if err != nil {
		return err
	}
	if len(entries) == 0 {
		return ErrOrderUnknown
	}
	a, err := b.j.Read(&entries[0])
	if err != nil {
		return err
	}
	it.claimed, it.claimedGuest = engine.Bought(a.Event, a.Decision), a.Member == 0 && !a.Decision.Outcome.Refused()
	if it.claimed.At == 0 {
		it.claimed.At = a.Decision.At
	}
	return b.claimedReturns(ctx, it)
}
