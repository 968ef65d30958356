package journal

import (
	"context"
	"slices"

	"premia/internal/store"
)

// keepPersonal forgets and adds personal values. What an item forgets it forgets
// of the items before it in the batch, too: the database forgets first, for the
// whole batch, and then adds.
func (b *batch) keepPersonal(it *item, personal []store.Personal) {
	all := erases(it)
	for _, key := range it.Forget {
		key.Member = it.member
		b.writes.ForgetPersonal = append(b.writes.ForgetPersonal, key)
		b.writes.Personal = slices.DeleteFunc(b.writes.Personal, func(p store.Personal) bool {
			covered := key.Covers(&p)
			if covered && all {
				b.loosen(&p)
			}
			return covered
		})
	}
	b.writes.Personal = append(b.writes.Personal, personal...)
}

// loosen lets a personal value's identity stop being anybody's.
func (b *batch) loosen(p *store.Personal) {
	if p.Kind == store.Identity {
		b.unbound = append(b.unbound, b.j.keys.identity(Identity{Kind: p.Name, Value: p.Value}))
	}
}

// unbind forgets the keys of identities that stop being anybody's: those that the
// items name, and all of a member who is erased, also of those that came since
// the erasure was asked for.
func (b *batch) unbind(ctx context.Context) error {
	for _, it := range b.items {
		for _, id := range it.Unbind {
			b.unbound = append(b.unbound, b.j.keys.identity(id))
		}
		if !erases(it) {
			continue
		}
		known, err := b.tx.PersonalOf(ctx, it.member)
		if err != nil {
			return err
		}
		for i := range known {
			b.loosen(&known[i])
		}
	}
	if len(b.unbound) == 0 {
		return nil
	}
	return b.tx.Unbind(ctx, b.unbound)
}
