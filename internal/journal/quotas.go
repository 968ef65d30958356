package journal

import (
	"cmp"
	"context"
	"math"
	"slices"

	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/store"
)

// quotas is what a batch knows of the budgets: what others used before it, read
// after the lock, and what it takes itself. Others may take from a budget until
// the batch commits; the statement that writes the use notices.
type quotas struct {
	used  map[ledger.Name]int64
	taken map[ledger.Name]*taking
}

// taking is what a batch takes of a budget.
type taking struct {
	amount int64
	// most is what others may have used at most when the batch commits. The
	// versions of a program may cap one budget differently, and each decision
	// fits into the cap of its own.
	most int64
}

func readQuotas(ctx context.Context, tx *store.Batch, rules *Rules) (*quotas, error) {
	q := &quotas{used: map[ledger.Name]int64{}, taken: map[ledger.Name]*taking{}}
	var uses []store.QuotaUse
	for _, live := range rules.Timeline.All() {
		for _, budget := range live.Program.Budgets {
			if _, known := q.used[budget.Quota]; !known {
				q.used[budget.Quota] = 0
				uses = append(uses, store.QuotaUse{Quota: budget.Quota, Cap: budget.Cap})
			}
		}
	}
	if len(uses) == 0 {
		return q, nil
	}
	used, err := tx.Used(ctx, uses)
	if err != nil {
		return nil, err
	}
	for i := range uses {
		q.used[uses[i].Quota] = used[i]
	}
	return q, nil
}

// Left gives what is left of a budget for the next decision.
func (q *quotas) Left(quota ledger.Name, limit int64) int64 {
	left := limit - q.used[quota]
	if t := q.taken[quota]; t != nil {
		left -= t.amount
	}
	return left
}

// take remembers what a decision was granted.
func (q *quotas) take(d *engine.Decision, rules *Rules) {
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
			t.most = min(t.most, capOf(rules.Timeline.Version(d.Program), g.Quota)-t.amount)
		}
	}
}

func capOf(p *engine.Program, quota ledger.Name) int64 {
	for i := range p.Budgets {
		if p.Budgets[i].Quota == quota {
			return p.Budgets[i].Cap
		}
	}
	return 0
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
	slices.SortFunc(out, func(a, b store.QuotaUse) int { return cmp.Compare(a.Quota, b.Quota) })
	return out
}
