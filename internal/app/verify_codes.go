package app

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"premia/internal/core/engine"
	"premia/internal/store"
)

// vouchers are those that decisions issued and took back, and those among the codes.
// A decision of one member can issue what another's takes back, after a merge, so they
// are compared when all shards are read.
type vouchers struct {
	issued, takenBack map[voucher]bool
	kept              map[voucher]store.Code
}

// voucher names a voucher by its redemption and its number there.
type voucher struct {
	redemption string
	number     int64
}

func newVouchers() vouchers {
	return vouchers{issued: map[voucher]bool{}, takenBack: map[voucher]bool{}, kept: map[voucher]store.Code{}}
}

func (v *vouchers) note(d *engine.Decision) {
	for i := range d.Vouchers {
		one := &d.Vouchers[i]
		set := v.issued
		if one.TakenBack {
			set = v.takenBack
		}
		set[voucher{one.Redemption, int64(one.Number)}] = true
	}
}

func (v *vouchers) add(o *vouchers) {
	maps.Copy(v.issued, o.issued)
	maps.Copy(v.takenBack, o.takenBack)
	maps.Copy(v.kept, o.kept)
}

// compareCodes checks that each code of the shard is found by what people write.
func (c *shardCheck) compareCodes(ctx context.Context) error {
	return eachPageOfCodes(ctx, c.snap, c.shard, func(page []store.Code) error {
		c.out.Codes += int64(len(page))
		for i := range page {
			one := &page[i]
			if key := c.keys.Code(one.Code); key != one.Key || c.store.ShardOfKey(key) != c.shard {
				return c.differ(0, one.Member, "code "+one.Code, fmt.Sprintf("the key %x in shard %d", key, c.store.ShardOfKey(key)), fmt.Sprintf("the key %x in shard %d", one.Key, c.shard))
			}
			if one.Redemption != "" {
				c.vouchers.kept[voucher{one.Redemption, one.Number}] = *one
			}
		}
		return nil
	})
}

// compareVouchers checks that every voucher that was issued has a code, which is
// blocked if the voucher was taken back, and that no other code is a voucher's.
func (v *verifier) compareVouchers(context.Context, *store.Snapshot) error {
	for _, one := range sortedVouchers(v.vouchers.issued) {
		code, there := v.vouchers.kept[one]
		what := fmt.Sprintf("code of the voucher %d of the redemption %s", one.number, one.redemption)
		switch {
		case !there:
			return everywhere(what, "one", "none")
		case v.vouchers.takenBack[one] && code.Blocked == 0:
			return everywhere(what, "blocked, since the voucher was taken back", "not blocked")
		}
	}
	for _, one := range sortedVouchers(v.vouchers.kept) {
		if !v.vouchers.issued[one] {
			return everywhere("code "+v.vouchers.kept[one].Code, "a decision that issued it", "none")
		}
	}
	return nil
}

func sortedVouchers[T any](of map[voucher]T) []voucher {
	return slices.SortedFunc(maps.Keys(of), func(a, b voucher) int {
		if a.redemption != b.redemption {
			return strings.Compare(a.redemption, b.redemption)
		}
		return int(a.number - b.number)
	})
}
