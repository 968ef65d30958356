package journal

import (
	"context"
	"errors"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/store"
)

// ErrNoRedemption refuses an event about a redemption that there is not.
var ErrNoRedemption = errors.New("there is no such redemption")

// resolveByRedemption finds the member who took a reward, or began a checkout.
func (j *Journal) resolveByRedemption(ctx context.Context, id string) (ledger.MemberID, error) {
	at, err := j.EventAt(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return 0, ErrNoRedemption
	}
	if err != nil {
		return 0, err
	}
	entry, err := j.store.Entry(ctx, at)
	switch {
	case err != nil:
		return 0, err
	case (entry.Kind != KindRedemption && entry.Kind != KindCheckout && entry.Kind != KindGiftCardPayment) || entry.Mask&MaskRefused != 0 || entry.Member == 0:
		return 0, ErrNoRedemption
	}
	return entry.Member, nil
}

// loadRedemptions sends away the events about redemptions of a merged member
// whose value has not arrived yet: what they are about is on its way.
func (b *batch) loadRedemptions(ctx context.Context) error {
	kept := make([]*item, 0, len(b.items))
	for _, it := range b.items {
		onTheWay, err := b.onTheWay(ctx, it)
		if err != nil {
			return err
		}
		if onTheWay {
			b.drop(it, ErrMergeInProgress)
			continue
		}
		kept = append(kept, it)
	}
	b.items = kept
	return nil
}

func (b *batch) onTheWay(ctx context.Context, it *item) (bool, error) {
	if it.Event.Redemption == "" || it.guest {
		return false, nil
	}
	m := b.members[it.member]
	if m == nil || m.state.Redemption(it.Event.Redemption) != nil {
		return false, nil
	}
	owner, err := b.j.resolveByRedemption(ctx, it.Event.Redemption)
	if errors.Is(err, ErrNoRedemption) || (err == nil && owner == it.member) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	now, err := b.j.Current(ctx, owner)
	if err != nil || now != it.member {
		return false, err
	}
	arrived, failure := false, error(nil)
	b.j.Past().Before(ctx, it.member, 0, &failure)(func(p *engine.Past) bool {
		arrived = (p.Event.Type == event.Redemption || p.Event.Type == event.Checkout) && p.Event.ID == it.Event.Redemption
		return !arrived
	})
	return !arrived, failure
}
