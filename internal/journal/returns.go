package journal

import (
	"context"
	"errors"
	"slices"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
	"premia/internal/store"
)

// ErrNotYourOrder and ErrReturnWaits refuse a return before a decision.
var (
	ErrNotYourOrder error = text.Sentence("the order is another customer's")
	ErrReturnWaits  error = text.Sentence("a return of this order waits for its purchase already; send this one when the purchase is known")
)

// returning tells whether the item is a return that takes something back.
func (b *batch) returning(it *item) bool {
	if it.Event.Type != event.Return {
		return false
	}
	p := b.rules.Timeline.Version(b.rules.Newest)
	return p != nil && p.Returns == engine.ReturnsByOrder
}

// loadReturns finds the purchases of returns. A return whose purchase is not
// known yet binds the order's number to itself, and waits there. One that names
// its order alone goes to whose that turns out to be by now.
func (b *batch) loadReturns(ctx context.Context) error {
	kept, again := make([]*item, 0, len(b.items)), false
	for _, it := range b.items {
		if it.Event == nil || it.Event.Order == "" || !b.returning(it) {
			kept = append(kept, it)
			continue
		}
		buyer, err := b.loadReturn(ctx, it)
		switch {
		case errors.Is(err, ErrNotYourOrder), errors.Is(err, ErrReturnWaits):
			b.drop(it, err)
			continue
		case err != nil:
			return err
		case buyer != it.member:
			it.guest, again = false, true
			if !b.follow(it, buyer) {
				continue
			}
		}
		kept = append(kept, it)
	}
	b.items = kept
	if again {
		return errSmaller
	}
	return nil
}

// byReceipt tells whether the item is a return that names its order alone.
func (it *item) byReceipt() bool {
	return it.Event.Type == event.Return && it.Event.Order != "" && it.Member == 0 && it.Identity == (Identity{})
}

// loadReturn finds the purchase of a return, and gives whose return it is.
func (b *batch) loadReturn(ctx context.Context, it *item) (ledger.MemberID, error) {
	it.waits, it.ahead = false, 0
	order, claim := b.j.keys.order(it.Event.Order), b.j.keys.claim(it.Event.Order)
	found, err := b.tx.Existing(ctx, []store.Key{order, claim})
	if err != nil {
		return 0, err
	}
	var purchase, claimed *store.Binding
	for i := range found {
		if found[i].Key == order {
			purchase = &found[i]
		} else {
			claimed = &found[i]
		}
	}
	switch {
	case purchase == nil:
		it.waits = true
		return it.member, nil
	case claimed != nil:
		purchase = claimed
	}
	if it.guest && purchase.Member != 0 {
		if buyer, err := b.buyer(ctx, it, purchase); err != nil || buyer != 0 {
			return buyer, err
		}
	}
	return it.member, b.checkPurchase(ctx, it, purchase)
}

// buyer gives whose a return is that came when nobody was known by its order or
// identity: the purchase may have made them known since; 0 if it is nobody's
// still.
func (b *batch) buyer(ctx context.Context, it *item, purchase *store.Binding) (ledger.MemberID, error) {
	if !it.byReceipt() {
		found, err := b.tx.Existing(ctx, []store.Key{b.j.keys.identity(it.Identity)})
		if err != nil || len(found) == 0 {
			return 0, err
		}
		return found[0].Member, nil
	}
	entries, err := b.tx.Entries(ctx, []store.Position{purchase.At})
	if err != nil || len(entries) != 1 || entries[0].Kind == KindReturn {
		return 0, err
	}
	return purchase.Member, nil
}

// checkPurchase checks that a return's purchase is its member's, or was a
// guest's as the return is.
func (b *batch) checkPurchase(ctx context.Context, it *item, purchase *store.Binding) error {
	entries, err := b.tx.Entries(ctx, []store.Position{purchase.At})
	if err != nil {
		return err
	}
	if len(entries) == 0 {
		return store.ErrNotFound
	}
	if entries[0].Kind == KindReturn {
		waiting, err := b.j.Read(&entries[0])
		if err == nil && waiting.Event.ID != it.Event.ID {
			err = ErrReturnWaits
		}
		return err
	}
	if purchase.Member == 0 {
		earlier, err := b.unclaimedReturns(ctx, it.Event.Order)
		it.ahead = len(earlier) + 1
		return err
	}
	mine, err := b.j.same(ctx, purchase.Member, it.member)
	if err == nil && !mine {
		err = ErrNotYourOrder
	}
	return err
}

// same tells whether one member is another, or was merged into it.
func (j *Journal) same(ctx context.Context, one, other ledger.MemberID) (bool, error) {
	if one == other || one == 0 || other == 0 {
		return one == other, nil
	}
	now, err := j.Current(ctx, one)
	return now == other, err
}

// unclaimedReturns reads the returns of a guest's order: they take nothing back
// unless the purchase is claimed, and wait for that.
func (b *batch) unclaimedReturns(ctx context.Context, order string) ([]store.Entry, error) {
	var all []store.Entry
	for {
		found, err := b.tx.Existing(ctx, []store.Key{b.j.keys.returned(order, len(all)+1)})
		if err != nil || len(found) == 0 {
			return all, err
		}
		entries, err := b.tx.Entries(ctx, []store.Position{found[0].At})
		if err != nil {
			return nil, err
		}
		if len(entries) == 0 {
			return nil, store.ErrNotFound
		}
		all = append(all, entries[0])
	}
}

// claimedReturns lets the returns of a claimed purchase follow it.
func (b *batch) claimedReturns(ctx context.Context, it *item) error {
	entries, err := b.unclaimedReturns(ctx, it.Event.Order)
	it.waiting = nil
	for i := range entries {
		it.waiting = append(it.waiting, entries[i].Event)
	}
	return err
}

// waitingReturns looks among order numbers that are bound already for those that
// only a return has bound, which waits there for the purchase. The purchase then
// takes the number over.
func (b *batch) waitingReturns(ctx context.Context, existing []store.Binding, owners map[store.Key]*item) (again bool, err error) {
	for _, known := range existing {
		it := owners[known.Key]
		if it == nil || it.Event.Type != event.Purchase || known.Key != b.orderKey(it) || it.awaited != nil || it.again {
			continue
		}
		entries, err := b.tx.Entries(ctx, []store.Position{known.At})
		if err != nil {
			return false, err
		}
		if len(entries) == 1 && entries[0].Kind == KindPurchase && entries[0].Mask&MaskRefused != 0 {
			// The same order again, after it was refused.
			it.again, again = true, true
		}
		if len(entries) == 1 && entries[0].Kind == KindReturn {
			if err := b.wait(ctx, it, &entries[0]); err != nil {
				return false, err
			}
			again = true
		}
	}
	return again, nil
}

// wait lets a purchase take over its order's number from a return that waits
// there. The return follows the purchase, unless it is another customer's; that
// of a guest's purchase waits on, for the claim.
func (b *batch) wait(ctx context.Context, it *item, entry *store.Entry) error {
	it.awaited = &store.Binding{Key: b.j.keys.returned(it.Event.Order, 1), Member: entry.Member, At: entry.Position}
	mine := entry.Member == 0
	if !mine {
		var err error
		if mine, err = b.j.same(ctx, entry.Member, it.member); err != nil {
			return err
		}
	}
	if mine && !it.guest {
		it.waiting = [][]byte{slices.Clone(entry.Event)}
	}
	return nil
}

// takeOver frees the order numbers that waiting returns, and purchases that were
// refused, had bound.
func (b *batch) takeOver(ctx context.Context) error {
	var keys []store.Key
	for _, it := range b.items {
		if it.awaited != nil || it.again {
			keys = append(keys, b.orderKey(it))
		}
	}
	if len(keys) == 0 {
		return nil
	}
	return b.tx.Unbind(ctx, keys)
}

// resolveByReceipt finds the member of a return that names only the order; 0 if
// the order is unknown or a guest's.
func (j *Journal) resolveByReceipt(ctx context.Context, order string) (ledger.MemberID, error) {
	found, err := j.store.Lookup(ctx, []store.Key{j.keys.order(order), j.keys.claim(order)})
	if err != nil {
		return 0, err
	}
	if claim, ok := found[j.keys.claim(order)]; ok {
		return claim.Member, nil
	}
	return found[j.keys.order(order)].Member, nil
}
