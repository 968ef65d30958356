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
				b.unbound = append(b.unbound, b.j.IdentityKeys([]store.Personal{p})...)
			}
			return covered
		})
	}
	b.writes.Personal = append(b.writes.Personal, personal...)
}

// unbind forgets the keys of identities that stop being anybody's: those that the
// items name, and all of a member who is erased, also of those that came since
// the erasure was asked for.
func (b *batch) unbind(ctx context.Context) error {
	for _, it := range b.items {
		if !erases(it) && len(it.Unbind) == 0 {
			continue
		}
		known, err := b.tx.PersonalOf(ctx, it.member)
		if err != nil {
			return err
		}
		if !erases(it) {
			if err := b.giveUp(ctx, it, known); err != nil {
				return err
			}
			continue
		}
		for _, id := range it.Unbind {
			b.unbound = append(b.unbound, b.j.keys.identity(id))
		}
		b.unbound = append(b.unbound, b.j.IdentityKeys(known)...)
	}
	if len(b.unbound) == 0 {
		return nil
	}
	return b.tx.Unbind(ctx, b.unbound)
}

// giveUp forgets the keys of identities that a member gives up and has: one that was
// given up before may be somebody else's by now.
func (b *batch) giveUp(ctx context.Context, it *item, known []store.Personal) error {
	for _, id := range it.Unbind {
		if slices.ContainsFunc(known, func(p store.Personal) bool {
			return p.Kind == store.Identity && p.Name == id.Kind && p.Value == id.Value
		}) {
			b.unbound = append(b.unbound, b.j.keys.identity(id))
		}
	}
	return b.tx.SetSetting(ctx, unboundSetting, it.eventKey[:])
}

// PersonalID gives the id of the event that brings the personal values of a
// member who was merged to the other one, by the id of the merge. Nobody can
// guess it who lacks the workspace's secret.
func (j *Journal) PersonalID(merge string) string { return j.keys.personal(merge) }

// IdentityKeys gives the keys of the identities among personal values.
func (j *Journal) IdentityKeys(values []store.Personal) []store.Key {
	var keys []store.Key
	for i := range values {
		if v := &values[i]; v.Kind == store.Identity {
			keys = append(keys, j.keys.identity(Identity{Kind: v.Name, Value: v.Value}))
		}
	}
	return keys
}
