package journal

import (
	"context"

	"premia/internal/store"
)

// FindAll asks at once to whom identities are bound, where that is not known yet,
// remembers it, and gives those that nobody has.
func (j *Journal) FindAll(ctx context.Context, ids []Identity) (unbound map[Identity]bool, err error) {
	if err := j.lookUnbound(ctx); err != nil {
		return nil, err
	}
	asked, state := make(map[store.Key]Identity, len(ids)), j.known.state()
	keys := make([]store.Key, 0, len(ids))
	for _, id := range ids {
		key := j.keys.identity(id)
		if _, twice := asked[key]; twice || j.known.bound(key) != 0 {
			continue
		}
		asked[key] = id
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, nil
	}
	found, err := j.store.Lookup(ctx, keys)
	if err != nil {
		return nil, err
	}
	unbound = make(map[Identity]bool, len(keys))
	for key, id := range asked {
		if binding, ok := found[key]; ok {
			j.known.learn(state, key, binding.Member)
		} else {
			unbound[id] = true
		}
	}
	return unbound, nil
}

// Remembers tells whether the journal knows without asking to whom the identity
// is bound.
func (j *Journal) Remembers(id Identity) bool { return j.known.bound(j.keys.identity(id)) != 0 }
