package report

import (
	"fmt"
	"slices"
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/tier"
	"premia/internal/core/money"
)

// Builder adds up decisions and states. It is not safe for concurrent use: give
// each goroutine its own and merge them.
type Builder struct {
	rules   *engine.Timeline
	names   *engine.Names
	asOf    calendar.Instant
	wallets []*engine.Wallet // of all programs, the newest first
	column  []int8           // of each name: the wallet's place from 1, 0 if it is none
	book    ledger.Book
	ladders []*tier.Ladder // of the program at the report's moment
	// windowed are the budgets that there are for each store or period.
	windowed map[ledger.Name]bool

	sums sums
	// serial counts decisions, so that a rule with several steps in one counts
	// once.
	serial int64
}

// sums are the figures of a report. Rows are rules by number; columns are
// wallets.
type sums struct {
	members, purchases, returns int64
	guests, guestReturns        int64
	total, guestTotal           int64
	accounts                    []accounts // row × columns
	cut                         []int64    // row × columns
	levels                      []int64    // by row: members who have the level, but for the lowest
	times, counted              []int64    // by row; counted is the last decision that did
	used                        []int64    // by quota, all its windows together
	windows                     map[ledger.Quota]int64
	transferred                 []int64 // by column
	// takenBack and undone are what returned goods took back of awards, and what
	// these had been: row × columns.
	takenBack, undone []int64
	goods             goods
	redeemed          redeemed
	brought           brought
	cards             []int64 // gift cards issued, by column
	attained          attained
	ranked            ranked
	happened          happened
	discounts         discounts
}

// accounts are balances by ledger.Account.
type accounts [ledger.Transit + 1]int64

// NewBuilder begins a report as of the moment on the programs of a workspace, of
// which there must be one at least. The names that the programs use must be
// complete.
func NewBuilder(rules *engine.Timeline, asOf calendar.Instant) *Builder {
	all := rules.All()
	b := &Builder{rules: rules, names: all[0].Program.Names, asOf: asOf}
	b.column = make([]int8, b.names.Len()+1)
	for _, live := range slices.Backward(all) {
		for i := range live.Program.Wallets {
			w := &live.Program.Wallets[i]
			if b.column[w.Name] == 0 {
				b.wallets = append(b.wallets, w)
				b.column[w.Name] = int8(len(b.wallets))
			}
		}
	}
	b.windowed = windowed(rules)
	rows := b.names.Len() + 1
	b.sums = sums{
		accounts: make([]accounts, rows*len(b.wallets)), cut: make([]int64, rows*len(b.wallets)),
		redeemed: redeemed{times: make([]int64, rows), given: make([]int64, rows), takenBack: make([]int64, rows), refunded: make([]int64, rows), paid: make([]int64, rows*len(b.wallets))},
		levels:   make([]int64, rows),
		times:    make([]int64, rows), counted: make([]int64, rows), used: make([]int64, rows), windows: map[ledger.Quota]int64{},
		transferred: make([]int64, len(b.wallets)), cards: make([]int64, len(b.wallets)), attained: attained{}, ranked: ranked{}, happened: happened{},
		takenBack: make([]int64, rows*len(b.wallets)), undone: make([]int64, rows*len(b.wallets)),
	}
	b.ladders = tier.Ladders(b.program())
	return b
}

// Fresh gives an empty builder of the same report, for another goroutine.
func (b *Builder) Fresh() *Builder { return NewBuilder(b.rules, b.asOf) }

// Decision adds a decision upon an event of the type; total is the event's
// total in minor units of the currency.
func (b *Builder) Decision(eventType string, total int64, d *engine.Decision) {
	b.serial++
	b.postings(d.Postings)
	for i := range d.Steps {
		b.level(&d.Steps[i])
	}
	if d.At > b.asOf {
		return
	}
	guest := d.Outcome == engine.RecordedAsGuest
	total -= reducedBy(d)
	switch {
	case eventType == event.Purchase && d.Outcome.Refused():
		// Nothing was bought.
	case eventType == event.Purchase && guest:
		b.sums.guests++
		b.sums.guestTotal += total
	case eventType == event.Purchase:
		b.sums.purchases++
		b.sums.total += total
	case eventType == event.Return && guest:
		b.sums.guestReturns++
	case eventType == event.Return && d.Outcome != engine.WaitsForPurchase && !d.Outcome.Refused():
		b.sums.returns++
	}
	b.sums.goods.decision(d)
	for i := range d.Steps {
		b.step(&d.Steps[i])
		b.sums.attained.step(&d.Steps[i])
		b.sums.ranked.step(&d.Steps[i])
	}
	b.sums.happened.decision(d.Steps)
	b.rewards(d)
	b.sums.discounts.decision(eventType, d)
	b.issued(eventType, d)
	for _, g := range d.Grants {
		b.use(g.Quota, g.Amount)
	}
}

func (b *Builder) step(s *engine.Step) {
	b.sums.brought.step(b.names, s)
	if s.Wallet != 0 && b.column[s.Wallet] == 0 {
		b.given(s)
		return
	}
	if s.Limit.Shared() && s.Wallet != 0 {
		b.sums.cut[b.cell(s.Rule, s.Wallet)] += s.Wanted - s.Amount
	}
	switch s.Result {
	case engine.GivenAway:
		b.sums.transferred[b.column[s.Wallet]-1] += s.Amount
	case engine.CameBack:
		b.sums.transferred[b.column[s.Wallet]-1] -= s.Amount
	}
	if s.Result == engine.TookFromFamily {
		b.sums.takenBack[b.cell(s.Rule, s.Wallet)] += s.Amount
	}
	if s.Result == engine.TookBack {
		cell := b.cell(s.Rule, s.Wallet)
		b.sums.takenBack[cell] += s.Amount
		b.sums.undone[cell] += s.Wanted
	}
	if s.Result == engine.Gave && b.sums.counted[s.Rule] != b.serial {
		b.sums.counted[s.Rule] = b.serial
		b.sums.times[s.Rule]++
	}
}

func (b *Builder) cell(rule, wallet ledger.Name) int {
	return int(rule)*len(b.wallets) + int(b.column[wallet]) - 1
}

func (b *Builder) postings(all []ledger.Posting) {
	for i := range all {
		p := &all[i]
		if p.At > b.asOf || b.column[p.Wallet] == 0 {
			continue // nothing, or a reward that is given
		}
		a := &b.sums.accounts[b.cell(p.Rule, p.Wallet)]
		a[p.From] -= p.Amount
		a[p.To] += p.Amount
	}
}

// Member adds a member's newest state, once, and lets time pass in it up to the
// report's moment.
func (b *Builder) Member(s *ledger.State) {
	if b.enrolled(s) {
		b.sums.members++
	}
	b.settle(s)
}

// Merge adds another builder of the same report.
func (b *Builder) Merge(o *Builder) {
	x, y := &b.sums, &o.sums
	x.members += y.members
	x.purchases += y.purchases
	x.returns += y.returns
	x.guests += y.guests
	x.guestReturns += y.guestReturns
	x.total += y.total
	x.guestTotal += y.guestTotal
	for i := range y.accounts {
		for account, amount := range y.accounts[i] {
			x.accounts[i][account] += amount
		}
		x.cut[i] += y.cut[i]
		x.takenBack[i] += y.takenBack[i]
		x.undone[i] += y.undone[i]
	}
	x.goods.merge(&y.goods)
	x.redeemed.merge(&y.redeemed)
	x.brought.merge(&y.brought)
	x.discounts.merge(&y.discounts)
	x.attained.merge(y.attained)
	x.ranked.merge(y.ranked)
	x.happened.merge(y.happened)
	for i := range y.transferred {
		x.transferred[i] += y.transferred[i]
		x.cards[i] += y.cards[i]
	}
	for i := range y.times {
		x.times[i] += y.times[i]
		x.levels[i] += y.levels[i]
		x.used[i] += y.used[i]
	}
	for quota, amount := range y.windows {
		x.windows[quota] += amount
	}
}

// Report gives the report of what was added so far. It fails only where a
// liability is beyond what money counts.
func (b *Builder) Report() (*Report, error) {
	all := b.rules.All()
	p := b.program()
	currency := all[len(all)-1].Program.Currency
	r := &Report{
		AsOf: b.asOf.String(), Currency: currency.Code,
		Members: b.sums.members, Purchases: b.sums.purchases, PurchaseTotal: Amount{b.sums.total, currency.Scale},
		Returns: b.sums.returns, GuestPurchases: b.sums.guests, GuestTotal: Amount{b.sums.guestTotal, currency.Scale},
		GuestReturns: b.sums.guestReturns,
		Wallets:      []Wallet{}, Rules: []Rule{}, Campaigns: []Rule{}, Others: []Rule{}, Budgets: []Budget{}, Rewards: []Reward{},
		ReturnedGoods: b.sums.goods.report(p, b.asOf),
	}
	for column, w := range b.wallets {
		if w.Currency != "" {
			r.GiftCards = append(r.GiftCards, b.giftCards(column, w))
			continue
		}
		one, err := b.wallet(p, column, w)
		if err != nil {
			return nil, err
		}
		r.Wallets = append(r.Wallets, one)
	}
	for no := 1; no < len(b.column); no++ {
		if b.has(ledger.Name(no)) {
			b.rule(r, ledger.Name(no))
		}
	}
	b.rule(r, 0)
	for _, rules := range [...][]Rule{r.Rules, r.Campaigns, r.Others} {
		slices.SortFunc(rules, func(x, y Rule) int { return strings.Compare(x.Rule, y.Rule) })
	}
	b.budgets(r)
	b.listTiers(r)
	var err error
	if r.Referrals, err = b.referrals(); err != nil {
		return nil, fmt.Errorf("the cost of referrals: %w", err)
	}
	if err := b.listRewards(r); err != nil {
		return nil, err
	}
	r.Discounts = b.sums.discounts.list(b.names, b.program().Currency.Scale)
	if err := b.listGoals(r); err != nil {
		return nil, err
	}
	if err := b.listLeaderboards(r); err != nil {
		return nil, err
	}
	if err := b.listOffers(r); err != nil {
		return nil, err
	}
	return r, nil
}

// program gives the program that was live at the report's moment, or the first.
func (b *Builder) program() *engine.Program {
	if p := b.rules.At(b.asOf); p != nil {
		return p
	}
	return b.rules.All()[0].Program
}

// has tells whether one of the programs has the rule; the register may know
// others.
func (b *Builder) has(rule ledger.Name) bool {
	for _, live := range b.rules.All() {
		if _, ok := live.Program.Rules[rule]; ok {
			return true
		}
	}
	return false
}

func valueOf(a *accounts, scale int) Value {
	of := func(minor int64) Amount { return Amount{minor, scale} }
	return Value{
		Issued: of(-a[ledger.Issuer]), Pending: of(a[ledger.Pending]), Available: of(a[ledger.Available]), Held: of(a[ledger.Held]),
		Expired: of(a[ledger.Expired]), Spent: of(a[ledger.Spent]), Withdrawn: of(a[ledger.Withdrawn]),
	}
}

func (b *Builder) wallet(p *engine.Program, column int, w *engine.Wallet) (Wallet, error) {
	var sum accounts
	takenBack, undone := int64(0), int64(0)
	for i := column; i < len(b.sums.accounts); i += len(b.wallets) {
		for account, amount := range b.sums.accounts[i] {
			sum[account] += amount
		}
		takenBack += b.sums.takenBack[i]
		undone += b.sums.undone[i]
	}
	scale := w.Unit.Scale
	outstanding := sum[ledger.Pending] + sum[ledger.Available] + sum[ledger.Held]
	out := Wallet{
		Wallet: w.ID, Value: valueOf(&sum, scale),
		Debt: Amount{-sum[ledger.Debt], scale}, Transit: Amount{sum[ledger.Transit], scale}, Transferred: Amount{b.sums.transferred[column], scale},
		Outstanding: Amount{outstanding, scale},
		TakenBack:   Amount{takenBack, scale}, Undone: Amount{undone, scale},
	}
	if now := p.Wallet(w.Name); now != nil {
		w = now
	}
	if w.Worth.IsZero() {
		return out, nil
	}
	liability, err := worthOf(outstanding, w, p.Currency.Scale)
	if err != nil {
		return out, fmt.Errorf("the liability of the wallet %s: %w", w.ID, err)
	}
	out.Liability = &Amount{liability, p.Currency.Scale}
	return out, nil
}

// worthOf gives the worth of minor units of a wallet in minor units of money.
func worthOf(minor int64, w *engine.Wallet, scale int) (int64, error) {
	units, err := money.NewRate(engine.Power10(scale), engine.Power10(w.Unit.Scale))
	if err != nil {
		return 0, err
	}
	rate, err := w.Worth.Mul(units)
	if err != nil {
		return 0, err
	}
	return rate.Apply(minor, money.HalfEven)
}

// rule adds a rule's figures to the list that it belongs to.
func (b *Builder) rule(r *Report, no ledger.Name) {
	name := "debt"
	if no != 0 {
		name = b.names.Name(no)
	}
	out := Rule{Rule: name, Times: b.sums.times[no], Wallets: []RuleValue{}}
	for column, w := range b.wallets {
		cell := int(no)*len(b.wallets) + column
		a, scale := &b.sums.accounts[cell], w.Unit.Scale
		if *a == (accounts{}) && b.sums.cut[cell] == 0 && b.sums.undone[cell] == 0 {
			continue
		}
		paid := Amount{a[ledger.Debt], scale}
		out.Wallets = append(out.Wallets, RuleValue{
			Wallet: w.ID, Value: valueOf(a, scale), PaidDebts: paid,
			Transit: Amount{a[ledger.Transit], scale}, CutByBudgets: Amount{b.sums.cut[cell], scale},
			TakenBack: Amount{b.sums.takenBack[cell], scale}, Undone: Amount{b.sums.undone[cell], scale},
		})
	}
	switch {
	case strings.HasPrefix(name, "earn."):
		r.Rules = append(r.Rules, out)
	case strings.HasPrefix(name, "campaign."):
		r.Campaigns = append(r.Campaigns, out)
	case len(out.Wallets) > 0:
		r.Others = append(r.Others, out)
	}
}
