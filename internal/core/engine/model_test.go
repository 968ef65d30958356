package engine_test

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

// The model answers what a member has at an instant by reading the whole
// history from its beginning, as a careful person with a list would. It is slow,
// has no states to keep, and shares nothing with the ledger.

// micro is an instant in microseconds, as in events.
type micro = int64

const endless micro = math.MaxInt64

// fact is one thing that happened, in the order in which it became known.
type fact struct {
	// kind is enrolment, purchase, return, visit, delivered, adjustment, redemption,
	// confirmation, cancellation, refund, transfer, erase, merge, arrive, settle, or
	// what happens to gift cards.
	kind      string
	member    int
	clock, at micro

	order, channel     string
	total, tax, points int64 // minor units
	pieces             int64
	wallet             string
	amount             int64
	into               int

	reward, redemption string
	hold               bool
	taken              int // how many of the reward
}

type modelAward struct {
	no                 int // in the order of issue
	wallet, rule       string
	left               int64
	earned             micro
	activates, expires micro
	pending            bool
	until, order       string
	slides             *modelExpiry
	expired            int64 // of it, unspent
}

// gift is an award that a limit counts.
type gift struct {
	rule   string
	at     time.Time
	amount int64
}

type modelMember struct {
	enrolled micro
	active   micro         // the last purchase
	awards   []*modelAward // as they were earned
	debt     map[string]int64
	gifts    []gift
	redeemed []*modelRedemption
	bought   []*modelPurchase
	visits   []modelVisit
	prizes   []*modelPrize
	reached  map[reaching]int64
	levels   map[string]int // before the fact at hand
	mergedTo *modelMember
	erased   bool
}

type modelWorld struct {
	program *modelProgram
	zone    *time.Location
	members map[int]*modelMember
	parcels []parcelled
	spent   map[string]int64 // of budgets and stock
	awards  int              // how many there were
}

// parcelled is a merged member's list on its way, or what was given.
type parcelled struct {
	what  *modelMember
	given *given
	to    *modelMember
}

// remember reads a history.
func remember(p *modelProgram, zone *time.Location, history []fact) *modelWorld {
	w := &modelWorld{program: p, zone: zone, members: map[int]*modelMember{}, spent: map[string]int64{}}
	for i := range history {
		w.happen(&history[i])
	}
	return w
}

func (w *modelWorld) member(no int) *modelMember {
	if w.members[no] == nil {
		w.members[no] = &modelMember{debt: map[string]int64{}, reached: map[reaching]int64{}}
	}
	m := w.members[no]
	for m.mergedTo != nil {
		m = m.mergedTo
	}
	return m
}

func (w *modelWorld) wallet(id string) *modelWallet {
	if id == cardValue {
		return &modelWallet{id: id, scale: 2}
	}
	i := slices.IndexFunc(w.program.wallets, func(x modelWallet) bool { return x.id == id })
	return &w.program.wallets[i]
}

func (w *modelWorld) happen(f *fact) {
	m := w.member(f.member)
	if f.kind == "arrive" {
		w.arrive(f)
		return
	}
	w.pass(m, f.clock)
	m.levels = map[string]int{}
	for i := range w.program.ladders {
		l := &w.program.ladders[i]
		m.levels[l.id], _ = w.standing(m, l, f.clock)
	}
	var earned []*modelAward
	switch f.kind {
	case "enrolment":
		if m.enrolled == 0 || f.at < m.enrolled {
			m.enrolled = f.at
		}
	case "delivered":
		m.deliver(f)
	case "adjustment":
		earned = w.adjust(m, f)
	case "redemption":
		w.redeem(m, f)
	case "gift_card_issue", "gift_card_top_up", "gift_card_payment":
		earned = w.cardFact(m, f)
	case "return":
		w.takeGoodsBack(m, f)
	case "confirmation", "cancellation", "refund":
		w.lead(m, f)
	case "merge":
		w.leave(m, f)
		return
	case "transfer":
		w.give(m, f)
	case "erase":
		m.erased = true
	case "purchase", "visit":
		if f.kind == "purchase" {
			w.renew(m, f.at)
			m.bought = append(m.bought, &modelPurchase{fact: *f, left: f.pieces})
		}
		for i := range w.program.earn {
			earned = w.earn(m, &w.program.earn[i], "earn.", f, earned)
		}
		for i := range w.program.campaigns {
			earned = w.earn(m, &w.program.campaigns[i], "campaign.", f, earned)
		}
		if f.kind == "purchase" {
			earned = w.reach(m, f, earned)
			m.active = max(m.active, f.at)
		}
	}
	for _, a := range earned {
		a.pending = a.activates > f.at
		if !a.pending {
			m.pay(a)
		}
		w.awards++
		a.no = w.awards
		m.awards = append(m.awards, a)
	}
	w.pass(m, f.clock)
	w.forfeit(m, f.clock)
}

// forfeit lets a member who was erased keep nothing: what is set aside is free again, and
// all is gone.
func (w *modelWorld) forfeit(m *modelMember, at micro) {
	if !m.erased {
		return
	}
	for _, x := range m.redeemed {
		if x.held {
			w.giveBack(m, x, at, modelSpan{})
		}
	}
	m.redeemed = slices.DeleteFunc(m.redeemed, func(x *modelRedemption) bool { return x.held })
	w.pass(m, at)
	for _, a := range m.awards {
		a.expired += a.left
		a.left, a.pending = 0, false
	}
	w.pass(m, at)
}

// pass lets time go on to the instant, wallet by wallet, moment by moment.
func (w *modelWorld) pass(m *modelMember, to micro) {
	for {
		next := endless
		for _, a := range m.awards {
			if a.left == 0 {
				continue
			}
			next = min(next, a.expires)
			if a.pending {
				next = min(next, a.activates)
			}
		}
		for _, x := range m.redeemed {
			if x.held {
				next = min(next, x.until)
			}
		}
		if next > to {
			break
		}
		w.freeHolds(m, next)
		for _, a := range m.awards {
			if a.pending && a.activates <= next {
				a.pending = false
				m.pay(a)
			}
		}
		for _, a := range m.awards {
			if a.expires <= next {
				a.expired += a.left
				a.left, a.pending = 0, false
			}
		}
	}
	m.awards = slices.DeleteFunc(m.awards, func(a *modelAward) bool { return a.left == 0 })
	m.redeemed = slices.DeleteFunc(m.redeemed, func(x *modelRedemption) bool { return !x.held && x.until <= to })
}

func (m *modelMember) pay(a *modelAward) {
	part := min(m.debt[a.wallet], a.left)
	m.debt[a.wallet] -= part
	a.left -= part
}

func (m *modelMember) deliver(f *fact) {
	for _, a := range m.awards {
		if a.pending && a.until == f.kind && a.order == f.order && f.order != "" {
			a.pending = false
			m.pay(a)
		}
	}
}

func (w *modelWorld) renew(m *modelMember, at micro) {
	for _, a := range m.awards {
		if a.slides != nil {
			a.expires = max(a.expires, w.expiry(m, a.slides, at))
		}
	}
	for _, x := range m.redeemed {
		for i := range x.pieces {
			if a := &x.pieces[i].took; x.held && a.slides != nil {
				a.expires = max(a.expires, w.expiry(m, a.slides, at))
			}
		}
	}
}

// balance adds up a wallet's list.
func (m *modelMember) balance(wallet string) (b ledger.Balance) {
	for _, a := range m.awards {
		switch {
		case a.wallet != wallet:
		case a.pending:
			b.Pending += a.left
		default:
			b.Available += a.left
		}
	}
	b.Debt, b.Held = m.debt[wallet], m.held(wallet)
	return b
}

// next finds the award that is used up first.
func (m *modelMember) next(wallet string) *modelAward {
	var first *modelAward
	for _, a := range m.awards {
		if a.wallet != wallet || a.pending || a.left == 0 {
			continue
		}
		if first == nil || a.expires < first.expires || (a.expires == first.expires && a.earned < first.earned) {
			first = a
		}
	}
	return first
}

func (w *modelWorld) adjust(m *modelMember, f *fact) []*modelAward {
	wallet := w.wallet(f.wallet)
	if f.amount > 0 {
		return []*modelAward{w.award(m, wallet, "operator", f, f.amount, &modelPending{}, &wallet.expires)}
	}
	left := -f.amount
	if m.balance(f.wallet).Available < left && wallet.debt == "forbid" {
		return nil
	}
	for left > 0 {
		a := m.next(f.wallet)
		if a == nil {
			break
		}
		part := min(left, a.left)
		a.left -= part
		left -= part
	}
	if wallet.debt == "carry" {
		m.debt[f.wallet] += left
	}
	return nil
}

func (w *modelWorld) leave(m *modelMember, f *fact) {
	into := w.member(f.into)
	what := &modelMember{enrolled: m.enrolled, active: m.active, awards: m.awards, debt: m.debt, gifts: m.gifts, redeemed: m.redeemed, bought: m.bought, visits: m.visits, prizes: m.prizes, reached: m.reached}
	*m = modelMember{mergedTo: into, debt: map[string]int64{}, reached: map[reaching]int64{}}
	w.parcels = append(w.parcels, parcelled{what: what, to: into})
}

// arrive lets the first parcel arrive, or go on if its member has left too.
func (w *modelWorld) arrive(f *fact) {
	p := w.parcels[0]
	w.parcels = w.parcels[1:]
	if next := p.to.mergedTo; next != nil {
		p.to = next
		w.parcels = append(w.parcels, p)
		return
	}
	m := p.to
	if p.given != nil {
		w.receive(m, p.given, f.clock)
		return
	}
	w.pass(m, f.clock)
	w.renumber(p.what, f.clock)
	for _, a := range p.what.awards {
		a.expires = max(a.expires, f.clock)
		if a.pending {
			a.activates = max(a.activates, f.clock)
		}
	}
	m.awards = append(m.awards, p.what.awards...)
	m.gifts = append(m.gifts, p.what.gifts...)
	m.redeemed = append(m.redeemed, p.what.redeemed...)
	m.bought = append(m.bought, p.what.bought...)
	m.visits = append(m.visits, p.what.visits...)
	m.prizes = append(m.prizes, p.what.prizes...)
	for in, times := range p.what.reached {
		m.reached[in] += times
	}
	m.active = max(m.active, p.what.active)
	if p.what.enrolled != 0 && (m.enrolled == 0 || p.what.enrolled < m.enrolled) {
		m.enrolled = p.what.enrolled
	}
	for id, debt := range p.what.debt {
		m.debt[id] += debt
		for a := m.next(id); a != nil && m.debt[id] > 0; a = m.next(id) {
			m.pay(a)
		}
	}
	w.pass(m, f.clock)
	w.forfeit(m, f.clock)
}

// earn adds what one rule gives for the fact.
func (w *modelWorld) earn(m *modelMember, r *modelRule, kind string, f *fact, earned []*modelAward) []*modelAward {
	if r.on != f.kind || !w.applies(m, r, f) {
		return earned
	}
	wallet := w.wallet(r.wallet)
	amount := w.limited(m, r, kind, f, w.worth(r, wallet, f))
	if amount == 0 {
		return earned
	}
	pending, expires := &wallet.pending, &wallet.expires
	if r.pending != nil {
		pending, expires = r.pending, r.expires
	}
	given := gift{rule: kind + r.id, at: w.local(f.at), amount: amount}
	m.gifts = append(m.gifts, given)
	a := w.award(m, wallet, kind+r.id, f, amount, pending, expires)
	if f.kind == "purchase" {
		p := m.bought[len(m.bought)-1]
		p.issues = append(p.issues, &modelIssue{rule: r, name: kind + r.id, award: a, gift: given, given: amount})
	}
	if f.kind == "visit" {
		m.visits = append(m.visits, modelVisit{wallet.id, f.at, amount})
	}
	return append(earned, a)
}

func (w *modelWorld) applies(m *modelMember, r *modelRule, f *fact) bool {
	if r.from != "" {
		day := w.local(f.at).Format(time.DateOnly)
		if day < r.from || day > r.until {
			return false
		}
	}
	if r.ladder != "" && m.levels[r.ladder] == 0 {
		return false
	}
	if r.channel != "" && r.channel != f.channel {
		return false
	}
	if r.above != "" {
		b := m.balance(r.wallet)
		limit := units(r.above, w.wallet(r.wallet).scale)
		return b.Available-b.Debt > limit
	}
	return true
}

func units(whole string, scale int) int64 {
	r, _ := new(big.Rat).SetString(whole)
	r.Mul(r, power(scale))
	return r.Num().Int64()
}

func power(scale int) *big.Rat {
	return new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil))
}

// worth gives what the rule gives without limits, in minor units.
func (w *modelWorld) worth(r *modelRule, wallet *modelWallet, f *fact) int64 {
	money := f.total - f.points
	if slices.Contains(r.without, "tax") {
		money -= f.tax
	}
	return w.worthOf(r, wallet, money, f.pieces)
}

// worthOf gives what the rule gives for so much money and so many pieces.
func (w *modelWorld) worthOf(r *modelRule, wallet *modelWallet, money, pieces int64) int64 {
	number, percent := strings.CutSuffix(r.rate, "%")
	value, _ := new(big.Rat).SetString(number)
	counted := new(big.Rat).Quo(new(big.Rat).SetInt64(max(money, 0)), big.NewRat(100, 1))
	switch {
	case percent:
		value.Mul(value, counted).Quo(value, big.NewRat(100, 1))
	case r.per == "item":
		value.Mul(value, new(big.Rat).SetInt64(pieces))
	case r.per != "":
		per, _ := new(big.Rat).SetString(r.per)
		value.Mul(value, counted).Quo(value, per)
	}
	return rounded(value.Mul(value, power(wallet.scale)), r.rounding)
}

// rounded rounds a number that is zero or more.
func rounded(r *big.Rat, how string) int64 {
	whole := new(big.Int).Quo(r.Num(), r.Denom()).Int64()
	rest := new(big.Rat).Sub(r, new(big.Rat).SetInt64(whole))
	half := rest.Cmp(big.NewRat(1, 2))
	up := false
	switch how {
	case "ceiling":
		up = rest.Sign() > 0
	case "half up":
		up = half >= 0
	case "half even":
		up = half > 0 || (half == 0 && whole%2 == 1)
	}
	if up {
		whole++
	}
	return whole
}

// limited cuts an amount to what the rule's limits leave.
func (w *modelWorld) limited(m *modelMember, r *modelRule, kind string, f *fact, amount int64) int64 {
	if amount == 0 {
		return 0
	}
	name, scale := kind+r.id, w.wallet(r.wallet).scale
	left := amount
	for key, limit := range r.limits {
		period, times := strings.CutPrefix(key, "times ")
		if period == "in total" {
			continue
		}
		sum, uses := m.counted(name, period, w.local(f.at))
		if times && uses >= int64(limit) {
			return 0
		}
		if !times {
			left = min(left, max(units(fmt.Sprint(limit), scale)-sum, 0))
		}
	}
	if left < amount && r.whole {
		return 0
	}
	uses, limitedUses := r.limits["times in total"]
	if limitedUses && w.spent[name+" uses"] >= int64(uses) {
		return 0
	}
	if budget, ok := r.limits["in total"]; ok {
		room := units(fmt.Sprint(budget), scale) - w.spent[name]
		if room < left && r.whole {
			return 0
		}
		left = min(left, room)
		w.spent[name] += left
	}
	if left > 0 && limitedUses {
		w.spent[name+" uses"]++
	}
	return left
}

// counted adds up what the rule gave the member in the period around the moment.
func (m *modelMember) counted(rule, period string, at time.Time) (sum, uses int64) {
	if period == "each event" {
		return 0, 0
	}
	for _, g := range m.gifts {
		if g.rule == rule && periodOf(g.at, period) == periodOf(at, period) {
			sum += g.amount
			uses++
		}
	}
	return sum, uses
}

func periodOf(at time.Time, period string) string {
	switch period {
	case "each day":
		return at.Format(time.DateOnly)
	case "each week":
		year, week := at.ISOWeek()
		return fmt.Sprint(year, week)
	case "each month":
		return at.Format("2006-01")
	case "each year":
		return at.Format("2006")
	}
	return ""
}

func (w *modelWorld) local(at micro) time.Time { return time.UnixMicro(at).In(w.zone) }

func (w *modelWorld) award(m *modelMember, wallet *modelWallet, rule string, f *fact, amount int64, pending *modelPending, expires *modelExpiry) *modelAward {
	a := &modelAward{wallet: wallet.id, rule: rule, left: amount, earned: f.at, activates: f.at, expires: w.expiry(m, expires, f.at)}
	if expires.kind == "after activity" {
		a.slides = expires
	}
	waits := pending.until != "" && f.order != ""
	if waits {
		a.until, a.order, a.activates = pending.until, f.order, endless
	}
	if (pending.length != modelSpan{}) {
		a.activates = w.later(f.at, pending.length).UnixMicro()
	}
	return a
}

// later adds a length of time on the calendar.
func (w *modelWorld) later(at micro, s modelSpan) time.Time {
	t := w.local(at)
	month := t.Year()*12 + int(t.Month()) - 1 + s.years*12 + s.months
	year, of := month/12, time.Month(month%12+1)
	day := min(t.Day(), daysIn(year, of))
	if (s.years | s.months | s.days) != 0 { // the clocks may show an hour twice
		t = time.Date(year, of, day+s.days, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), w.zone)
	}
	return t.Add(time.Duration(s.minutes) * time.Minute)
}

func daysIn(year int, month time.Month) int {
	switch month {
	case time.April, time.June, time.September, time.November:
		return 30
	case time.February:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

func (w *modelWorld) day(year int, month time.Month, day int) micro {
	return time.Date(year, month, day, 0, 0, 0, 0, w.zone).UnixMicro()
}

// expiry gives the first instant at which an award is gone.
func (w *modelWorld) expiry(m *modelMember, x *modelExpiry, at micro) micro {
	year := w.local(at).Year()
	switch x.kind {
	case "never":
		return endless
	case "on":
		for y := year - 1; ; y++ {
			if end := w.day(y, time.Month(x.month), min(x.day, daysIn(y, time.Month(x.month)))+1); end > at {
				return end
			}
		}
	case "anniversary":
		joined := w.local(m.enrolled)
		for y := year - 1; ; y++ {
			if again := w.day(y, joined.Month(), min(joined.Day(), daysIn(y, joined.Month()))); again > at {
				return again
			}
		}
	}
	if x.kind == "after activity" {
		at = max(at, m.active)
	}
	t := w.later(at, x.length)
	switch x.at {
	case "month":
		return w.day(t.Year(), t.Month()+1, 1)
	case "quarter":
		for _, month := range []time.Month{4, 7, 10} {
			if t.Month() < month {
				return w.day(t.Year(), month, 1)
			}
		}
		return w.day(t.Year()+1, 1, 1)
	case "year":
		return w.day(t.Year()+1, 1, 1)
	}
	return t.UnixMicro()
}

// due gives the instants at which something of the member's happens by itself.
func (m *modelMember) due() []micro {
	var all []micro
	for _, a := range m.awards {
		if a.pending && a.activates != endless {
			all = append(all, a.activates)
		}
		if a.expires != endless {
			all = append(all, a.expires)
		}
	}
	for _, x := range m.redeemed {
		if x.until != endless {
			all = append(all, x.until)
		}
	}
	return all
}

func instant(at micro) calendar.Instant { return calendar.Instant(at) }
