package journal

import (
	"context"
	"errors"

	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/store"
)

// bind writes the keys of all items into the directory. Where a key is bound
// already the item leaves, and the batch is done again without it, since places
// in the journal were given to keys already.
func (b *batch) bind(ctx context.Context) error {
	owners := make(map[store.Key]*item, 2*len(b.items))
	bindings := make([]store.Binding, 0, 2*len(b.items))
	next := make(map[store.Shard]int64, len(b.heads))
	for shard, head := range b.heads {
		next[shard] = head.Seq
	}
	fresh := make(map[ledger.MemberID]bool)
	for _, it := range b.items {
		if it.settle {
			// Its entry may turn out to be needless; it stands behind all others.
			continue
		}
		next[it.shard] += b.entriesOf(it, fresh)
		at := store.Position{Shard: it.shard, Seq: next[it.shard]}
		it.at = at
		for _, one := range b.bindingsOf(it, at) {
			if owner := owners[one.Key]; owner != nil {
				continue // the same new identity, earlier in this batch
			}
			owners[one.Key] = it
			bindings = append(bindings, one)
		}
	}
	if len(bindings) == 0 {
		return nil
	}
	if err := b.takeOver(ctx); err != nil {
		return err
	}
	existing, err := b.tx.Bind(ctx, bindings)
	if err != nil {
		return err
	}
	if len(existing) > 0 {
		again, err := b.waitingReturns(ctx, existing, owners)
		switch {
		case err != nil:
			return err
		case again:
			return errSmaller
		}
	}
	return b.conflicts(existing, owners)
}

// entriesOf gives how many entries the item will write.
func (b *batch) entriesOf(it *item, fresh map[ledger.MemberID]bool) int64 {
	if it.enrol && !makesAccount(it.Event.Type) && b.members[it.member].isNew && !fresh[it.member] {
		fresh[it.member] = true
		return 2
	}
	if it.enrol {
		fresh[it.member] = true
	}
	return 1
}

func (b *batch) bindingsOf(it *item, at store.Position) []store.Binding {
	all := make([]store.Binding, 0, 3)
	all = append(all, store.Binding{Key: it.eventKey, Member: it.member, At: at, Digest: it.digest, HasDigest: true})
	if key := b.orderKey(it); key != (store.Key{}) {
		all = append(all, store.Binding{Key: key, Member: it.member, At: at})
	}
	if it.guest && it.awaited != nil {
		all = append(all, *it.awaited)
	}
	if it.enrol && it.isHeld {
		all = append(all, store.Binding{Key: it.held, Member: it.member, At: at})
	}
	for _, id := range it.Bind {
		all = append(all, store.Binding{Key: b.j.keys.identity(id), Member: it.member, At: at})
	}
	return all
}

// conflicts sends away the items whose keys were bound before.
func (b *batch) conflicts(existing []store.Binding, owners map[store.Key]*item) error {
	bad := make(map[*item]bool)
	found := make(map[store.Key]store.Binding, len(existing))
	for _, known := range existing {
		found[known.Key] = known
	}
	for _, it := range b.items {
		// A person enrols once, unless this is that very enrolment again.
		if _, again := found[it.eventKey]; !again && makesAccount(it.Event.Type) && b.members[it.member].exists {
			b.drop(it, ErrIdentityTaken)
			bad[it] = true
		}
	}
	for _, known := range existing {
		it := owners[known.Key]
		if it == nil || bad[it] {
			continue
		}
		// An event that was decided before is a repetition, whatever else it has
		// in common with itself.
		if mine, ok := found[it.eventKey]; ok {
			known = mine
		}
		bad[it] = b.conflict(it, known)
	}
	kept := make([]*item, 0, len(b.items))
	for _, it := range b.items {
		if !bad[it] {
			kept = append(kept, it)
		}
	}
	if len(kept) == len(b.items) && !b.moved {
		return nil
	}
	b.items = kept
	return errSmaller
}

// conflict tells whether the item must leave because of what a key of its is
// bound to, and sends it on its way.
func (b *batch) conflict(it *item, known store.Binding) (leaves bool) {
	switch {
	case known.Key == it.eventKey:
		b.repeated = append(b.repeated, repetition{it, known})
	case known.Key == b.orderKey(it) && it.Event.Type == event.Claim:
		b.drop(it, ErrAlreadyClaimed)
	case known.Key == b.orderKey(it) && it.Event.Type == event.Return:
		// The purchase came between reading and binding, or another return did:
		// look again.
		b.moved = true
		return false
	case known.Key == b.orderKey(it):
		b.drop(it, ErrOrderExists)
	case known.Member == it.member:
		return false
	case it.isHeld && known.Key == it.held:
		// Somebody else enrolled the same person in the meantime.
		b.j.known.bind(known.Key, known.Member)
		b.moved = true
		return !b.follow(it, known.Member)
	default:
		b.drop(it, ErrIdentityTaken)
	}
	return true
}

// repeat answers items that were decided before with the stored decisions, or
// with ErrIDReused where it was another event.
func (b *batch) repeat(ctx context.Context) {
	for _, r := range b.repeated {
		answer, err := b.j.stored(ctx, r.item, r.at)
		b.j.finish(r.item, answer, err)
	}
	b.repeated = nil
}

func (j *Journal) stored(ctx context.Context, it *item, at store.Binding) (Answer, error) {
	if at.Digest != it.digest {
		return Answer{}, ErrIDReused
	}
	answer, err := j.AnswerAt(ctx, at.At)
	answer.Repeated = true
	return answer, err
}

// Current gives the member who answers for the given one now: the member
// itself, or the one into whom it was merged.
func (j *Journal) Current(ctx context.Context, id ledger.MemberID) (ledger.MemberID, error) {
	row, err := j.current(ctx, id)
	return row.ID, err
}

func (j *Journal) current(ctx context.Context, id ledger.MemberID) (store.Member, error) {
	for hop := 0; hop <= maxHops; hop++ {
		row, err := j.store.Member(ctx, id)
		switch {
		case errors.Is(err, store.ErrNotFound):
			return store.Member{}, ErrUnknownMember
		case err != nil:
			return store.Member{}, err
		case ledger.Status(row.Status).Account():
			// It is no member, and answers for none.
			return store.Member{}, ErrUnknownMember
		case row.MergedInto == 0:
			return row, nil
		}
		id = row.MergedInto
	}
	return store.Member{}, ErrMergeInProgress
}

// FindCurrent gives the member who answers for an identity now. The error is
// ErrUnknownMember if there is none, and ErrMergeInProgress for a moment.
func (j *Journal) FindCurrent(ctx context.Context, id Identity) (ledger.MemberID, error) {
	for again := true; ; again = false {
		m, err := j.Find(ctx, id)
		if err != nil {
			return 0, err
		}
		row, err := j.current(ctx, m)
		if err != nil || ledger.Status(row.Status) != ledger.Erased || !again {
			return row.ID, err
		}
		// What is remembered may be from before the erasure.
		j.known.forget(j.keys.identity(id))
	}
}
