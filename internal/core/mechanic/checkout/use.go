package checkout

import (
	"math"

	"premia/internal/core/engine"
	"premia/internal/core/ledger"
)

// shared does something for each quota that limits, which are counted by name, draw
// on: what is limited by member only is counted over all, too, so that holds know of
// it.
func shared(t *engine.Turn, limits []engine.LimitRule, name ledger.Name, do func(q ledger.Quota, most int64)) {
	if name == 0 {
		return
	}
	all := int64(math.MaxInt64)
	for i := range limits {
		switch l := &limits[i]; {
		case l.Limit == engine.InTotal:
			all = l.Cap
		case l.Limit.Shared():
			do(t.Quota(l), l.Cap)
		}
	}
	do(ledger.Quota{Name: name}, all)
}

// draw takes what the reductions use of quotas, and gives what it took.
func (b *basket) draw() (uses []ledger.Use) {
	now := b.t.At
	b.t.At = b.at
	defer func() { b.t.At = now }()
	take := func(q ledger.Quota, most, amount int64, cut bool) {
		if amount == 0 && !cut {
			return
		}
		b.t.Record(q, most, amount, cut)
		if amount > 0 {
			uses = append(uses, ledger.Use{Quota: q, Amount: amount})
		}
	}
	for i := range b.offers {
		o, total := &b.offers[i], b.priced[i].Total
		shared(b.t, o.Money, o.MoneyQuota, func(q ledger.Quota, most int64) { take(q, most, total, o.bounds(q)) })
		if total == 0 {
			continue
		}
		shared(b.t, o.Uses, o.UsesQuota, func(q ledger.Quota, most int64) { take(q, most, 1, false) })
		if o.code > 0 && o.known.Uses > 0 {
			take(ledger.Quota{Name: codeQuota(b.t.Program, o.Discount), Window: o.known.Window}, o.known.Uses, 1, false)
		}
	}
	return uses
}

// count counts what a purchase used towards the member's limits.
func (b *basket) count() {
	if stranger(b.t) {
		return
	}
	for i := range b.offers {
		o, total := &b.offers[i], b.priced[i].Total
		if total == 0 {
			continue
		}
		ofMember(o.Uses, func(l *engine.LimitRule) { b.t.Use(l, 1) })
		ofMember(o.Money, func(l *engine.LimitRule) { b.t.Use(l, total) })
	}
}

// ofMember does something for each limit of the member.
func ofMember(limits []engine.LimitRule, do func(l *engine.LimitRule)) {
	for i := range limits {
		if !limits[i].Limit.Shared() {
			do(&limits[i])
		}
	}
}

// drawn gives how much a decision took of quotas of a name; it may have given back
// before what a checkout had held.
func drawn(d *engine.Decision, do func(q ledger.Quota, amount int64)) {
	for _, g := range d.Grants {
		if g.Amount > 0 {
			do(g.Quota, g.Amount)
		}
	}
}

// names tells whether limits that are counted by name draw on quotas of the name.
func names(limits []engine.LimitRule, name, of ledger.Name) bool {
	if name != 0 && name == of {
		return true
	}
	for i := range limits {
		if limits[i].Quota != 0 && limits[i].Quota == of {
			return true
		}
	}
	return false
}
