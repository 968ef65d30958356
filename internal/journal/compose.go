package journal

import (
	"slices"

	"premia/internal/core/event"
	"premia/internal/store"
)

// newBatch takes the items, at most so many, up to the first that must wait for
// what one before it comes to. All that a batch reads it reads before it decides anything, so the
// items of one batch
//   - have no event id, no order number and no redemption in common;
//   - name nobody by an identity that another of them gives to a member;
//   - come, if one of them may change who answers for a member, before that one.
func newBatch(w *writer, items []*item, most int) *batch {
	b := &batch{writer: w, j: w.journal}
	seen := make(map[store.Key]bool, 2*len(items)) // whether others may have the key, too
	for i, it := range items {
		switch {
		case i >= most, !it.settle && b.waits(it, seen):
			b.items, b.left = items[:i:i], items[i:]
			return b
		case i > 0 && it.Unchanged != 0: // nothing of the batch may come before it
			b.items, b.left = items[:i:i], items[i:]
			return b
		case !it.settle && unsettles(it):
			b.items, b.left = items[:i+1:i+1], items[i+1:]
			return b
		}
	}
	b.items = items
	return b
}

// waits tells whether the item has a key in common with one before it, and
// otherwise adds its keys. Only purchases and the like of one new person, who
// name the same identity, have that in common without harm.
func (b *batch) waits(it *item, seen map[store.Key]bool) bool {
	var few [4]store.Key
	own := append(few[:0], it.eventKey)
	if key := b.orderKey(it); key != (store.Key{}) {
		own = append(own, key)
	}
	if order := it.Event.Order; order != "" && (it.Event.Type == event.Return || it.Event.Type == event.Claim) {
		// It reads the purchase, and returns of it.
		own = append(own, b.j.keys.order(order))
	}
	if about := it.about(); about != "" {
		// It reads what became of that.
		own = append(own, b.j.keys.event(about))
	}
	for _, id := range it.Bind {
		own = append(own, b.j.keys.identity(id))
	}
	if it.isHeld && it.Event.Type == event.Enrolment {
		own = append(own, it.held)
	}
	for _, key := range own {
		if _, before := seen[key]; before {
			return true
		}
	}
	if it.isHeld {
		if shared, before := seen[it.held]; before && !shared {
			return true
		}
		seen[it.held] = true
	}
	for _, key := range own {
		seen[key] = false
	}
	return false
}

// unsettles tells whether the event may change who answers for its member.
func unsettles(it *item) bool {
	switch it.Event.Type {
	case event.Merge, event.Absorb, event.Absorbed:
		return true
	}
	return erases(it) || len(it.Unbind) > 0
}

// erases tells whether the event forgets all that is known of its member.
func erases(it *item) bool { return slices.Contains(it.Forget, store.PersonalKey{}) }
