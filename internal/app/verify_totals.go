package app

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/merge"
	"premia/internal/core/mechanic/transfer"
	"premia/internal/store"
)

// totals compares what spans the shards.
func (v *verifier) totals(ctx context.Context, snap *store.Snapshot) error {
	for _, check := range []func(context.Context, *store.Snapshot) error{
		v.compareQuotas, v.compareTransit, v.compareEventKeys, v.compareCounts, v.compareVouchers, v.compareContests, v.compareAudit,
	} {
		err := check(ctx, snap)
		if isDifference(err) {
			v.first = err.(*Difference)
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func everywhere(what string, expected, found any) error {
	return &Difference{What: what, Expected: fmt.Sprint(expected), Found: fmt.Sprint(found), anywhere: true}
}

// comparePrograms checks the documents and the register of names.
func (v *verifier) comparePrograms(ctx context.Context, snap *store.Snapshot) error {
	for _, version := range slices.Sorted(maps.Keys(v.programs)) {
		p := v.programs[version]
		if sum := sha256.Sum256(p.Document); !bytes.Equal(sum[:], p.Digest) {
			return everywhere(fmt.Sprintf("document of program version %d", version), "the SHA-256 "+hex.EncodeToString(p.Digest), hex.EncodeToString(sum[:]))
		}
	}
	names, err := snap.Names(ctx)
	if err != nil {
		return err
	}
	for i := range names {
		if names[i].No != ledger.Name(i+1) {
			return everywhere("register of names", fmt.Sprintf("number %d", i+1), fmt.Sprintf("number %d next", names[i].No))
		}
	}
	return nil
}

// compareQuotas checks that what is used of a quota is what decisions granted.
func (v *verifier) compareQuotas(ctx context.Context, snap *store.Snapshot) error {
	rows, err := snap.Quotas(ctx)
	if err != nil {
		return err
	}
	used := make(map[ledger.Quota]int64)
	for i := range rows {
		q := &rows[i]
		used[q.Quota] += q.Used
		if q.Used > q.Cap || q.Used < 0 {
			return everywhere("use of the quota "+v.quotaName(q.Quota), fmt.Sprintf("0 to %d", q.Cap), q.Used)
		}
	}
	v.out.Quotas = int64(len(rows))
	for quota := range v.grants {
		used[quota] += 0
	}
	for _, quota := range slices.SortedFunc(maps.Keys(used), ledger.Quota.Compare) {
		if used[quota] != v.grants[quota] {
			return everywhere("use of the quota "+v.quotaName(quota), v.grants[quota], used[quota])
		}
	}
	return nil
}

func (v *verifier) quotaName(q ledger.Quota) string {
	if q.Window == 0 {
		return v.rules.Names.Name(q.Name)
	}
	return fmt.Sprintf("%s (window %d)", v.rules.Names.Name(q.Name), q.Window)
}

// compareTransit checks that the value on its way between members is that of
// the follow-ups which were not decided yet, and that nothing arrived that had
// not left.
func (v *verifier) compareTransit(context.Context, *store.Snapshot) error {
	for _, key := range inOrder(v.delivered, func(at arrival) store.Position { return at.Position }) {
		at := v.delivered[key]
		c, left := v.causes[key]
		switch {
		case !left && between(at.kind):
			return &Difference{Shard: at.Shard, Seq: at.Seq, What: "event from another member", Expected: "a decision that it left", Found: "none"}
		case left && c.kind != at.kind:
			return &Difference{Shard: at.Shard, Seq: at.Seq, What: "event from another member", Expected: c.kind, Found: at.kind}
		}
	}
	waiting := make(map[ledger.Name]int64)
	for _, key := range inOrder(v.causes, func(c cause) store.Position { return c.at }) {
		if _, done := v.delivered[key]; done {
			continue
		}
		v.out.Undelivered++
		c := v.causes[key]
		if !carries(c.kind) {
			continue
		}
		err := addCarried(waiting, c)
		if err != nil {
			return &Difference{Shard: c.at.Shard, Seq: c.at.Seq, Member: c.member.String(), What: "value that left", Expected: "one that can be read", Found: err.Error()}
		}
	}
	for wallet := range v.transit {
		waiting[wallet] += 0
	}
	for _, wallet := range slices.Sorted(maps.Keys(waiting)) {
		if waiting[wallet] != v.transit[wallet] {
			return everywhere("value in transit of "+v.rules.Names.Name(wallet), fmt.Sprintf("%d, the value of %d follow-ups on their way", waiting[wallet], v.out.Undelivered), v.transit[wallet])
		}
	}
	return nil
}

// between tells whether events of the type come of another member's decisions.
func between(eventType string) bool {
	switch eventType {
	case event.Referral, event.ReferralBack, event.Commission, event.CommissionBack:
		return true
	}
	return carries(eventType)
}

// carries tells whether events of the type bring value from another member.
func carries(eventType string) bool {
	switch eventType {
	case event.Absorb, event.Absorbed, event.TransferIn, event.TransferBack, event.FamilyOpen, event.FamilyWord, event.FamilyReturn:
		return true
	}
	return false
}

// addCarried adds the value that a follow-up carries, by wallet.
func addCarried(sums map[ledger.Name]int64, c cause) error {
	switch c.kind {
	case event.FamilyOpen, event.FamilyWord, event.FamilyReturn:
		told, err := engine.OpenTelling(c.carried)
		if err == nil {
			for _, sum := range told.Value.Sums() {
				sums[sum.Wallet] += sum.Minor
			}
		}
		return err
	}
	if c.kind == event.TransferIn || c.kind == event.TransferBack {
		p, err := transfer.Open(c.carried)
		if err == nil {
			sums[p.Wallet()] += p.Amount()
		}
		return err
	}
	state, err := merge.Value(c.carried)
	if err != nil {
		return err
	}
	for i := range state.Wallets {
		b := state.BalanceOf(state.Wallets[i].Name)
		sums[state.Wallets[i].Name] += b.Pending + b.Available + b.Held - b.Debt
	}
	return nil
}

// inOrder lists the keys in the order of their places, so that the first
// difference is the same one each time.
func inOrder[T any](all map[store.Key]T, place func(T) store.Position) []store.Key {
	return slices.SortedFunc(maps.Keys(all), func(x, y store.Key) int {
		a, b := place(all[x]), place(all[y])
		return cmp.Or(cmp.Compare(a.Shard, b.Shard), cmp.Compare(a.Seq, b.Seq), bytes.Compare(x[:], y[:]))
	})
}

// compareEventKeys finds keys of event ids that no entry has: every entry's own
// was found before, so that there are such only if there are more of them.
func (v *verifier) compareEventKeys(ctx context.Context, snap *store.Snapshot) error {
	if v.bound == v.digests {
		return nil
	}
	for _, shard := range v.store.Shards() {
		c := newShardCheck(v, snap, shard)
		err := c.eachPageOfKeys(ctx, func(rows []store.Binding) error {
			rows = slices.DeleteFunc(rows, func(b store.Binding) bool { return !b.HasDigest })
			places := make([]store.Position, len(rows))
			for i := range rows {
				places[i] = rows[i].At
			}
			entries, err := snap.Entries(ctx, places)
			if err != nil {
				return err
			}
			for i := range rows {
				if err := v.compareEventKey(c, &rows[i], entries); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return everywhere("keys of event ids in the directory", v.bound, v.digests)
}

func (v *verifier) compareEventKey(c *shardCheck, b *store.Binding, entries map[store.Position]store.Entry) error {
	if err := c.compareBinding(b, entries); err != nil {
		return err
	}
	entry := entries[b.At]
	e, err := event.DecodeStored(entry.Event, v.scales)
	if err == nil && v.keys.Event(e.ID) == b.Key {
		return nil
	}
	return c.differ(b.At.Seq, b.Member, "directory key "+hex.EncodeToString(b.Key[:]), "the entry of an event with that key", "another event")
}

// compareCounts finds rows in shards that do not exist.
func (v *verifier) compareCounts(ctx context.Context, snap *store.Snapshot) error {
	counts, err := snap.Counts(ctx)
	if err != nil {
		return err
	}
	for _, one := range [...]struct {
		table           string
		expected, found int64
	}{
		{"journal", v.out.Entries, counts.Entries}, {"postings", v.out.Postings, counts.Postings}, {"members", v.out.Members, counts.Members},
		{"directory", v.out.Keys, counts.Keys}, {"personal", v.out.Personal, counts.Personal},
	} {
		if one.expected != one.found {
			return everywhere("rows of the table "+one.table, fmt.Sprintf("%d in all shards", one.expected), one.found)
		}
	}
	return nil
}
