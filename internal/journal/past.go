package journal

import (
	"context"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/merge"
	"premia/internal/store"
)

// Past reads what was decided of members, for those who decide returns.
type Past struct {
	Store  *store.Store
	Keys   Keys
	Scales event.Scales
}

// Past reads what this journal has decided.
func (j *Journal) Past() Past { return Past{j.store, Keys{j.keys}, j.Rules().Scales()} }

// Before gives the history of a member before the member's entry with the
// number, or with 0 the whole. What goes wrong while reading is put into
// failure, and ends the history.
func (r Past) Before(ctx context.Context, member ledger.MemberID, seq int64, failure *error) engine.History {
	chain := func(member ledger.MemberID, before int64, yield func(*engine.Past) bool) {
		if *failure == nil {
			*failure = r.walk(ctx, member, before, yield)
		}
	}
	own := func(yield func(*engine.Past) bool) { chain(member, seq, yield) }
	others := func(other ledger.MemberID, yield func(*engine.Past) bool) { chain(other, 0, yield) }
	return merge.History(own, others)
}

// The pages of a history grow: most purchases that are looked for are recent.
const (
	firstPageOfPast = 16
	largestPast     = 512
)

func (r Past) walk(ctx context.Context, member ledger.MemberID, before int64, yield func(*engine.Past) bool) error {
	for limit := firstPageOfPast; ; limit = min(2*limit, largestPast) {
		page, err := r.Store.EntriesOf(ctx, member, before, limit)
		if err != nil {
			return err
		}
		for i := range page {
			p, err := r.read(ctx, &page[i])
			if err != nil {
				return err
			}
			if !yield(p) {
				return nil
			}
			before = page[i].Seq
		}
		if len(page) < limit {
			return nil
		}
	}
}

// read reads an entry; a claim that was granted stands as its purchase.
func (r Past) read(ctx context.Context, entry *store.Entry) (*engine.Past, error) {
	p := &engine.Past{Decision: &engine.Decision{}, Event: &event.Event{Type: event.Settle}}
	if err := engine.DecodeDecision(entry.Decision, p.Decision); err != nil {
		return nil, err
	}
	if len(entry.Event) == 0 {
		return p, nil
	}
	var err error
	if p.Event, err = event.DecodeStored(entry.Event, r.Scales); err != nil {
		return nil, err
	}
	if p.Event.Type == event.Claim && !p.Decision.Outcome.Refused() {
		p.Event, _, err = r.Claimed(ctx, p.Event)
	}
	p.Event = engine.Stands(p.Event, p.Decision, r.Scales)
	return p, err
}

// Claimed gives the purchase that a claim is about, and whether it was a
// guest's. The error is ErrOrderUnknown if there is none.
func (r Past) Claimed(ctx context.Context, claim *event.Event) (purchase *event.Event, guest bool, err error) {
	key := r.Keys.Claimed(claim)
	found, err := r.Store.Lookup(ctx, []store.Key{key})
	if err != nil {
		return nil, false, err
	}
	binding, ok := found[key]
	if !ok {
		return nil, false, ErrOrderUnknown
	}
	entry, err := r.Store.Entry(ctx, binding.At)
	if err != nil {
		return nil, false, err
	}
	purchase, err = event.DecodeStored(entry.Event, r.Scales)
	if err == nil && purchase.At == 0 {
		purchase.At = entry.At
	}
	if err != nil {
		return nil, false, err
	}
	var d engine.Decision
	if err := engine.DecodeDecision(entry.Decision, &d); err != nil {
		return nil, false, err
	}
	return engine.Bought(purchase, &d), entry.Member == 0 && !d.Outcome.Refused(), nil
}
