package app

import (
	"cmp"
	"context"
	"slices"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/store"
)

// MemberName gives what a member is called; empty where that is not known.
func (a *App) MemberName(ctx context.Context, id ledger.MemberID) (string, error) {
	values, err := a.Store.PersonalOf(ctx, id)
	f := foundOf(&store.Member{}, values)
	return f.Name(), err
}

// recentEntries is how many of each shard's last entries are looked at for members to
// whom something happened.
const recentEntries = 20

// RecentMembers gives members to whom something happened lately, the latest first, at
// most limit: those of the last entries of the journal, so that it costs the same
// however many members there are.
func (a *App) RecentMembers(ctx context.Context, limit int) ([]Found, error) {
	type seen struct {
		member ledger.MemberID
		at     calendar.Instant
	}
	var all []seen
	for _, shard := range a.Store.Shards() {
		head, err := a.Store.Head(ctx, shard)
		if err != nil {
			return nil, err
		}
		entries, err := a.Store.Scan(ctx, shard, max(head.Seq-recentEntries, 0), recentEntries, 0)
		if err != nil {
			return nil, err
		}
		for i := range entries {
			if entries[i].Member != 0 {
				all = append(all, seen{entries[i].Member, entries[i].Recorded})
			}
		}
	}
	slices.SortStableFunc(all, func(x, y seen) int {
		return cmp.Or(cmp.Compare(y.at, x.at), cmp.Compare(x.member, y.member))
	})
	var found []Found
	known := make(map[ledger.MemberID]bool)
	for _, x := range all {
		if known[x.member] || len(found) == limit {
			continue
		}
		known[x.member] = true
		row, err := a.Store.Member(ctx, x.member)
		if err != nil {
			return nil, err
		}
		if s := ledger.Status(row.Status); s != ledger.Active && s != ledger.Blocked {
			continue
		}
		values, err := a.Store.PersonalOf(ctx, x.member)
		if err != nil {
			return nil, err
		}
		found = append(found, foundOf(&row, values))
	}
	return found, nil
}
