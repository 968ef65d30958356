package journal

import (
	"cmp"
	"context"
	"errors"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/merge"
	"premia/internal/core/text"
	"premia/internal/store"
)

// ErrNoRedemption refuses an event about a redemption that there is not, and
// ErrNoAdjustment one about an adjustment.
var (
	ErrNoRedemption error = text.Sentence("there is no such redemption")
	ErrNoAdjustment error = text.Sentence("there is no such adjustment")
)

// about gives the id of the earlier event that the item's event leads on: a
// redemption or an adjustment; empty if it leads on none.
func (it *item) about() string { return cmp.Or(it.Event.Redemption, it.Event.About, it.Event.Checkout) }

// resolveByEarlier finds the member of the event that an event leads on.
func (j *Journal) resolveByEarlier(ctx context.Context, e *event.Event) (ledger.MemberID, error) {
	if owner, given := engine.GiftOwner(e.Redemption); given {
		return owner, nil
	}
	none := ErrNoRedemption
	if e.About != "" {
		none = ErrNoAdjustment
	}
	at, err := j.EventAt(ctx, cmp.Or(e.Redemption, e.About, e.Checkout))
	if errors.Is(err, store.ErrNotFound) {
		return 0, none
	}
	if err != nil {
		return 0, err
	}
	entry, err := j.store.Entry(ctx, at)
	switch {
	case err != nil:
		return 0, err
	case !leadsOn(e, entry.Kind) || entry.Mask&MaskRefused != 0 || entry.Member == 0:
		return 0, none
	}
	return entry.Member, nil
}

// leadsOn tells whether an event can be about an entry of the kind.
func leadsOn(e *event.Event, kind uint8) bool {
	switch {
	case e.Checkout != "":
		return kind == KindCheckout
	case e.Redemption != "":
		return kind == KindRedemption || kind == KindCheckout || kind == KindGiftCardPayment
	}
	return kind == KindAdjustment
}

// loadEarlier sends away the events about redemptions and adjustments of
// a merged member whose history has not arrived yet: what they are about is on its
// way.
func (b *batch) loadEarlier(ctx context.Context) error {
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
	about := it.about()
	if about == "" || it.guest {
		return false, nil
	}
	m := b.members[it.member]
	if m == nil || m.state.Redemption(about) != nil {
		return false, nil
	}
	owner, err := b.j.resolveByEarlier(ctx, it.Event)
	if errors.Is(err, ErrNoRedemption) || errors.Is(err, ErrNoAdjustment) || (err == nil && owner == it.member) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	now, err := b.j.Current(ctx, owner)
	if err != nil || now != it.member {
		return false, err
	}
	_, given := engine.GiftOwner(it.Event.Redemption)
	arrived, failure := false, error(nil)
	b.j.Past().Before(ctx, it.member, 0, &failure)(func(p *engine.Past) bool {
		arrived = p.Event.ID == about && leadsOn(it.Event, KindOf(p.Event.Type))
		if from, ok := merge.Origin(p.Event.Carried); given && ok && p.Event.Type == event.Absorb {
			arrived = from == owner // which brought all that rules had given there
		}
		return !arrived
	})
	return !arrived, failure
}
