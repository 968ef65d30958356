package journal

import (
	"context"
	"math"
	"slices"

	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/store"
)

// quotas is what a batch, or a quote, knows of the limits that span members: what
// others used before it, read when it is first asked for, after the lock, and
// what it takes itself. Others may take from a quota until the batch commits; the
// statement that writes the use notices.
type quotas struct {
	read  func(ledger.Quota) (int64, error)
	used  map[ledger.Quota]int64
	taken map[ledger.Quota]*taking
	// failure is the first error of reading; what was decided after it is worth
	// nothing.
	failure error
}

// taking is what a batch takes of a quota.
type taking struct {
	amount int64
	// most is what others may have used at most when the batch commits. The
	// versions of a program may limit one quota differently, and each decision
	// fits into the limit of its own.
	most int64
}

func newQuotas(read func(ledger.Quota) (int64, error)) *quotas {
	return &quotas{read: read, used: map[ledger.Quota]int64{}, taken: map[ledger.Quota]*taking{}}
}

// quotasOf gives what is left at this moment, for what is only tried.
func (j *Journal) quotasOf(ctx context.Context) *quotas {
	return newQuotas(func(q ledger.Quota) (int64, error) { return j.store.Used(ctx, q) })
}

// Left gives what is left of a quota for the next decision.
func (q *quotas) Left(quota ledger.Quota, limit int64) int64 {
	used, known := q.used[quota]
	if !known {
		var err error
		if used, err = q.read(quota); err != nil {
			if q.failure == nil {
				q.failure = err
			}
			return 0
		}
		q.used[quota] = used
	}
	if t := q.taken[quota]; t != nil {
		used += t.amount
	}
	return limit - used
}

// take remembers what a decision was granted.
func (q *quotas) take(d *engine.Decision) {
	for _, g := range d.Grants {
		if g.Amount == 0 {
			continue
		}
		t := q.taken[g.Quota]
		if t == nil {
			t = &taking{most: math.MaxInt64}
			q.taken[g.Quota] = t
		}
		t.amount += g.Amount
		if g.Amount > 0 {
			t.most = min(t.most, g.Limit-t.amount)
		}
	}
}

// uses lists what the batch takes, in the order in which all batches take.
func (q *quotas) uses() []store.QuotaUse {
	out := make([]store.QuotaUse, 0, len(q.taken))
	for quota, t := range q.taken {
		switch {
		case t.amount > 0:
			out = append(out, store.QuotaUse{Quota: quota, Amount: t.amount, Cap: t.most + t.amount})
		case t.amount < 0:
			out = append(out, store.QuotaUse{Quota: quota, Amount: t.amount})
		}
	}
	slices.SortFunc(out, func(a, b store.QuotaUse) int { return a.Quota.Compare(b.Quota) })
	return out
}
