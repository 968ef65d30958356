package engine

import (
	"hash/fnv"
	"math"
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

// Limit names one of a rule's limits.
type Limit uint8

// The limits of a rule.
const (
	NoLimit Limit = iota
	EachEvent
	EachDay
	EachWeek
	EachMonth
	EachYear
	EachMember
	InTotal // a budget over all members
	InTotalDay
	InTotalWeek
	InTotalMonth
	InTotalYear
	EachStore // a budget of each store over all members
	EachStoreDay
	EachStoreWeek
	EachStoreMonth
	EachStoreYear
)

var limitNames = [...]string{"", "each event", "each day", "each week", "each month", "each year", "each member",
	"in total", "in total each day", "in total each week", "in total each month", "in total each year",
	"each store", "each store each day", "each store each week", "each store each month", "each store each year",
}

// String gives the limit's name as in documents.
func (l Limit) String() string {
	if int(l) < len(limitNames) {
		return limitNames[l]
	}
	return "unknown"
}

// Shared tells whether the limit is a budget that members share.
func (l Limit) Shared() bool { return l >= InTotal }

// period gives the length of a limit's periods, as the limit of one member with
// the same; NoLimit where it holds for ever.
func (l Limit) period() Limit {
	switch l {
	case InTotalDay, EachStoreDay:
		return EachDay
	case InTotalWeek, EachStoreWeek:
		return EachWeek
	case InTotalMonth, EachStoreMonth:
		return EachMonth
	case InTotalYear, EachStoreYear:
		return EachYear
	case InTotal, EachStore:
		return NoLimit
	}
	return l
}

// LimitRule is one limit of a rule.
type LimitRule struct {
	Limit Limit
	// Cap is in the wallet's minor units, in units of Worth, or a number of times.
	Cap   int64
	Times bool
	// Worth is set where the limit is in money: what one minor unit of the wallet
	// counts of Cap, both in millionths of the currency's minor unit. It is zero
	// where the limit is in the wallet's units.
	Worth int64
	// Outstanding tells that it limits what members could still spend of what the
	// rule gave, so that what is spent or expires may be given again.
	Outstanding bool
	// Money is what the document says of a limit on what is outstanding, in the
	// currency's minor units.
	Money int64
	// Counter names the running sum: a rule has one for each wallet, one for its
	// uses and one for money.
	Counter ledger.Name
	// Quota is the budget's number where members share the limit.
	Quota ledger.Name
	// Whole gives nothing at all where not everything fits.
	Whole bool
	// Gone keeps a use used when nothing of the purchase remains.
	Gone bool
}

// WorthScale is how many decimals of the currency's minor unit limits in money
// count.
const WorthScale = 6

// units gives what an amount of the wallet counts of the limit.
func (l *LimitRule) units(amount int64) int64 {
	switch {
	case l.Worth == 0:
		return amount
	case amount > math.MaxInt64/l.Worth:
		return math.MaxInt64
	}
	return amount * l.Worth
}

// fits gives how much of the wallet fits into what is left of the limit.
func (l *LimitRule) fits(left int64) int64 {
	if l.Worth != 0 {
		left /= l.Worth
	}
	return max(left, 0)
}

// slot keeps a counter's periods apart.
func (l *LimitRule) slot() uint8 { return uint8(l.Limit)<<1 | uint8(bit(l.Times)) }

// caps tells whether what the giving gave counts as long as it is outstanding.
func (g *Giving) caps() bool {
	for i := range g.Limits {
		if g.Limits[i].Outstanding {
			return true
		}
	}
	return false
}

// quota gives the budget that a shared limit draws on in this event: that of its
// period and its store.
func (t *Turn) quota(l *LimitRule) ledger.Quota {
	q := ledger.Quota{Name: l.Quota}
	if period := l.Limit.period(); period != NoLimit {
		q.Window = int64(t.since(period))
	}
	if l.Limit >= EachStore {
		q.Window = windowOf(t.Event.Store, q.Window)
	}
	return q
}

// windowOf numbers a store and a period, by the 64-bit FNV-1a hash (Fowler, Noll
// and Vo) of both. Two stores of one number would share a budget, which among a
// million happens with a chance of one to forty million.
func windowOf(store string, period int64) int64 {
	h := fnv.New64a()
	h.Write([]byte(store))
	for shift := 0; shift < 64; shift += 8 {
		h.Write([]byte{byte(period >> shift)})
	}
	return max(int64(h.Sum64()>>1), 1)
}

// Allowed gives what the limits that concern this member alone leave of an
// amount, beside what the rule gave in this event already; nothing is counted.
func (t *Turn) Allowed(g *Giving, wanted int64) (int64, Limit) {
	if t.replay != nil {
		return t.replay.allowed(t, g, wanted), NoLimit
	}
	amount, by := wanted, NoLimit
	for i := range g.Limits {
		l := &g.Limits[i]
		if l.Limit.Shared() || (l.Times && t.used(g)) {
			continue
		}
		left := l.Cap - t.counted(g, l)
		if l.Times {
			if left <= 0 {
				return 0, l.Limit
			}
			continue
		}
		if fits := l.fits(left); fits < amount {
			amount, by = fits, l.Limit
			if l.Whole {
				return 0, l.Limit
			}
		}
	}
	return amount, by
}

// used tells whether the giving's rule has given something in this event
// already, in any wallet: an event is one use.
func (t *Turn) used(g *Giving) bool {
	for i := range t.Awards {
		if t.Awards[i].Giving.Rule == g.Rule {
			return true
		}
	}
	return false
}

// counted gives how much of a limit was used up before.
func (t *Turn) counted(g *Giving, l *LimitRule) int64 {
	if l.Limit != EachEvent {
		return t.State.Count(l.Counter, l.slot(), t.since(l.Limit))
	}
	sum := int64(0)
	for i := range t.Awards {
		a := &t.Awards[i]
		if l.Times || a.Giving.Rule != g.Rule {
			continue
		}
		if own := a.Giving.like(l); own != nil {
			sum += own.units(a.Amount)
		}
	}
	return sum
}

// like finds the giving's own part of a limit; nil if that does not concern it.
func (g *Giving) like(l *LimitRule) *LimitRule {
	for i := range g.Limits {
		if own := &g.Limits[i]; own.Limit == l.Limit && own.Counter == l.Counter {
			return own
		}
	}
	return nil
}

// limit applies the giving's limits to an amount above zero and counts what is
// left of it. No budget is drawn on unless something is given; where one leaves
// too little, the decision keeps how much that was.
func (t *Turn) limit(g *Giving, wanted int64) (int64, Limit) {
	if len(g.Limits) == 0 {
		return wanted, NoLimit
	}
	amount, by := t.Allowed(g, wanted)
	if amount == 0 {
		return 0, by
	}
	used := t.used(g)
	amount, cut := t.share(g, amount, used)
	if cut != nil {
		by = cut.Limit
	}
	for i := range g.Limits {
		l := &g.Limits[i]
		switch {
		case !l.Limit.Shared() || (l.Times && used):
		case amount > 0 || l == cut:
			t.Out.Grants = append(t.Out.Grants, Grant{Quota: t.quota(l), Amount: l.take(amount), Cut: l == cut, Limit: l.Cap})
		}
	}
	if amount > 0 {
		t.count(g, amount, used)
	}
	return amount, by
}

// share gives what the budgets leave of an amount, and the one that leaves least,
// if it cuts it.
func (t *Turn) share(g *Giving, amount int64, used bool) (int64, *LimitRule) {
	var cut *LimitRule
	for i := range g.Limits {
		l := &g.Limits[i]
		if !l.Limit.Shared() || (l.Times && used) {
			continue
		}
		left := t.left(t.quota(l), l.Cap)
		fits := l.fits(left)
		switch {
		case l.Times && left >= 1:
			continue
		case l.Times:
			fits = 0
		case fits < amount && l.Whole:
			fits = 0
		}
		if fits < amount {
			amount, cut = fits, l
		}
	}
	return amount, cut
}

// take gives what a shared limit counts of an amount that was given.
func (l *LimitRule) take(amount int64) int64 {
	if l.Times {
		return min(amount, 1)
	}
	return l.units(amount)
}

func (t *Turn) count(g *Giving, amount int64, used bool) {
	for i := range g.Limits {
		l := &g.Limits[i]
		switch {
		case l.Limit.Shared() || l.Limit == EachEvent:
		case !l.Times:
			t.State.AddCount(l.Counter, l.slot(), t.since(l.Limit), l.units(amount))
		case !used:
			t.State.AddCount(l.Counter, l.slot(), t.since(l.Limit), 1)
		}
	}
}

// Used gives how much of a limit was used up before, in the period around the
// event.
func (t *Turn) Used(l *LimitRule) int64 {
	return t.State.Count(l.Counter, l.slot(), t.since(l.Limit))
}

// Use counts n towards a limit of the member.
func (t *Turn) Use(l *LimitRule, n int64) {
	t.State.AddCount(l.Counter, l.slot(), t.since(l.Limit), n)
}

// Unuse takes n back from a limit, in the period around the instant.
func (t *Turn) Unuse(l *LimitRule, at calendar.Instant, n int64) {
	now := t.At
	t.At = at
	t.State.LessCount(l.Counter, l.slot(), t.since(l.Limit), n)
	t.At = now
}

// since gives the beginning of the limit's period around the event.
func (t *Turn) since(l Limit) calendar.Instant {
	switch l {
	case EachDay:
		return t.moments.period(t.At, calendar.ByDay).start
	case EachWeek:
		return t.moments.period(t.At, calendar.ByWeek).start
	case EachMonth:
		return t.moments.period(t.At, calendar.ByMonth).start
	case EachYear:
		return t.moments.period(t.At, calendar.ByYear).start
	}
	return calendar.None
}

// free gives back to the budgets for what is outstanding what the decision's
// postings made of it. What comes back to a member, such as a refund, counts even
// where the budget is used up: it can't be refused.
func (t *Turn) free(postings []ledger.Posting) {
	for i := range postings {
		p := &postings[i]
		change := p.Outstanding()
		if !p.Capped || change == 0 || p.Kind == ledger.Issue {
			continue
		}
		rule, wallet := t.Program.Names.Name(p.Rule), t.Program.Names.Name(p.Wallet)
		quota, ok := t.Program.Names.Find(OutstandingBudget(rule, strings.TrimPrefix(wallet, "wallet.")))
		if !ok {
			continue
		}
		grant := Grant{Quota: ledger.Quota{Name: quota}, Amount: change}
		if change > 0 {
			grant.Limit = math.MaxInt64
		}
		t.Out.Grants = append(t.Out.Grants, grant)
	}
}

// OutstandingBudget gives the name of a rule's budget for what is outstanding of
// it in a wallet, from the rule's name and the wallet's id.
func OutstandingBudget(rule, wallet string) string {
	return "budget." + rule + "." + wallet + ".liability"
}
