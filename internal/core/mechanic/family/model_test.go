package family_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/family"
	"premia/internal/core/mechanic/merge"
	"premia/internal/core/program"
)

// coin is what is left of a purchase's points in a purse.
type coin struct {
	purchase int
	left     int64
	expires  calendar.Instant
}

// purse is an account as somebody would keep it who knows nothing of lots: coins
// of purchases, in the order in which they came, and a debt.
type purse struct {
	coins []coin
	debt  int64
	// expired, undone and due are, by purchase, what has expired here, what returns
	// undid, and what was taken for that.
	expired, undone, due map[int]int64
}

func newPurse() *purse {
	return &purse{expired: map[int]int64{}, undone: map[int]int64{}, due: map[int]int64{}}
}

func (p *purse) sum() int64 {
	sum := -p.debt
	for _, c := range p.coins {
		sum += c.left
	}
	return sum
}

func (p *purse) pass(now calendar.Instant) {
	kept := p.coins[:0:0]
	for _, c := range p.coins {
		if c.expires <= now {
			p.expired[c.purchase] += c.left
			continue
		}
		kept = append(kept, c)
	}
	p.coins = kept
}

// put adds coins, which pay the debt first; those of one purchase become one.
func (p *purse) put(all []coin, now calendar.Instant) {
	for _, c := range all {
		if c.expires <= now {
			p.expired[c.purchase] += c.left
			continue
		}
		pays := min(p.debt, c.left)
		p.debt -= pays
		if c.left -= pays; c.left == 0 {
			continue
		}
		p.coins = append(p.coins, c)
	}
	slices.SortStableFunc(p.coins, func(a, b coin) int {
		return cmp.Or(cmp.Compare(a.expires, b.expires), cmp.Compare(a.purchase, b.purchase))
	})
}

// take takes from the coins that are meant, the first first.
func (p *purse) take(amount int64, meant func(coin) bool) (taken []coin, rest int64) {
	for i := range p.coins {
		c := &p.coins[i]
		part := min(amount, c.left)
		if part == 0 || !meant(*c) {
			continue
		}
		taken = append(taken, coin{c.purchase, part, c.expires})
		c.left -= part
		amount -= part
	}
	p.coins = slices.DeleteFunc(p.coins, func(c coin) bool { return c.left == 0 })
	return taken, amount
}

// undo takes back for a purchase: its own coins, then others, then as debt. What
// expired of it here counts first.
func (p *purse) undo(purchase int, amount int64) {
	p.undone[purchase] += amount
	due := max(p.undone[purchase]-p.expired[purchase]-p.due[purchase], 0)
	p.due[purchase] += due
	p.takeBack(purchase, due)
}

func (p *purse) takeBack(purchase int, due int64) {
	_, rest := p.take(due, func(c coin) bool { return c.purchase == purchase })
	_, rest = p.take(rest, func(coin) bool { return true })
	p.debt += rest
}

func anyCoin(coin) bool { return true }

// bought is a purchase, and what of it went to which family.
type bought struct {
	member        ledger.MemberID
	order         string
	total, gone   int64
	sentTo        []ledger.MemberID
	sent          map[ledger.MemberID]int64
	asked         int64
	undone, taken int64
}

// took is a redemption, and where its price came from.
type took struct {
	id     string
	member ledger.MemberID
	from   ledger.MemberID
	coins  []coin
	held   bool
	over   bool
}

const (
	price   = 20
	members = 5
)

const modelled = `
program: Model
currency: PLN
timezone: UTC
languages: [en]
wallets:
  points: {name: {en: {one: p, other: p}}, debt: carry%s}
earn:
  - {id: spend, on: purchase, give: {points: 1, per: 1.00}}
returns: {}
families: {wallets: [points], members: 4, cool down: 1h}
rewards:
  - {id: cup, name: {en: cup}, kind: free product, sku: C, price: {points: 20}, refund: {within: 5000d}, hold: 3d}
`

// world is members and families, decided by the engine, and beside it the purses.
type world struct {
	t        *rapid.T
	program  *engine.Program
	timeline *engine.Timeline
	states   map[ledger.MemberID]*ledger.State
	postings []ledger.Posting
	past     merge.Memory
	waiting  []engine.FollowUp
	clock    calendar.Instant
	number   int
	delayed  bool

	purses    map[ledger.MemberID]*purse
	purchases []*bought
	taken     []*took
	families  []ledger.MemberID
}

func newWorld(t *rapid.T, expires string, delayed bool) *world {
	d, err := program.Load("model.yaml", fmt.Appendf(nil, modelled, expires), engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	d.Program.Version = 1
	w := &world{
		t: t, program: d.Program, timeline: engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: d.Program}),
		states: map[ledger.MemberID]*ledger.State{}, past: merge.Memory{}, clock: calendar.Day * 365 * 50, delayed: delayed,
		purses: map[ledger.MemberID]*purse{},
	}
	for m := ledger.MemberID(1); m <= members; m++ {
		w.states[m] = &ledger.State{Status: ledger.Active, EnrolledAt: w.clock}
		w.purses[m] = newPurse()
	}
	return w
}

// decide lets the engine decide, twice, and keeps what follows.
func (w *world) decide(m ledger.MemberID, e event.Event) *engine.Decision {
	if e.Type != event.Settle {
		w.number++
		e.ID = cmp.Or(e.ID, fmt.Sprint("e", w.number))
	}
	if err := e.Check("PLN", 2); err != nil {
		w.t.Fatal(err)
	}
	if w.states[m] == nil {
		w.states[m] = &ledger.State{}
	}
	again := w.states[m].Clone()
	d := &engine.Decision{}
	in := engine.Inputs{Clock: w.clock, Member: m, History: w.past.Of(m)}
	new(engine.Decider).Decide(w.timeline, w.states[m], &e, in, d)
	twice := &engine.Decision{}
	new(engine.Decider).Decide(w.timeline, again, &e, in, twice)
	var back ledger.State
	if err := ledger.DecodeState(w.states[m].Append(nil), &back); err != nil || string(back.Append(nil)) != string(again.Append(nil)) || string(d.Append(nil)) != string(twice.Append(nil)) {
		w.t.Fatalf("member %d, %s: decided again, or read again, it differs (%v)", m, e.Type, err)
	}
	w.past.Keep(m, engine.Stands(&e, d, w.program.Scales()), nil, d)
	w.postings = append(w.postings, d.Postings...)
	w.waiting = append(w.waiting, d.FollowUps...)
	w.transit()
	return d
}

// transit holds that what is on its way is what has left and not arrived.
func (w *world) transit() {
	stands, waits := int64(0), int64(0)
	for _, p := range w.postings {
		if p.From == ledger.Transit {
			stands -= p.Amount
		}
		if p.To == ledger.Transit {
			stands += p.Amount
		}
	}
	for _, f := range w.waiting {
		if f.Type == event.Absorb || f.Type == event.Absorbed {
			s, err := merge.Value(f.Carried)
			if err != nil {
				w.t.Fatal(err)
			}
			b := s.BalanceOf(w.program.WalletByID("points").Name)
			waits += b.Pending + b.Net() + b.Held
			continue
		}
		told, err := engine.OpenTelling(f.Carried)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, sum := range told.Value.Sums() {
			waits += sum.Minor
		}
	}
	if stands != waits {
		w.t.Fatalf("%d are in transit, and %d on their way", stands, waits)
	}
}

// deliver brings one follow-up, and keeps the purses to what it decides.
func (w *world) deliver(n int) {
	f := w.waiting[n]
	w.waiting = slices.Delete(w.waiting, n, n+1)
	told, _ := engine.OpenTelling(f.Carried)
	d := w.decide(f.Member, event.Event{Type: f.Type, Carried: f.Carried})
	w.sweep(f.Member)
	if told.Matter != engine.FamilyDrawn {
		return
	}
	e, err := event.DecodeStored(told.Event, w.program.Scales())
	if err != nil {
		w.t.Fatal(err)
	}
	w.redeemed(f.Member, told.Account, e, d)
}

func (w *world) deliverAll() {
	for len(w.waiting) > 0 {
		w.deliver(0)
	}
}

func (w *world) settle() {
	if !w.delayed {
		w.deliverAll()
	}
}

// sweep moves what a member has to the family, if there is one.
func (w *world) sweep(m ledger.MemberID) {
	f := &w.states[m].Family
	if w.purses == nil || !f.In() || w.states[m].Status.Account() {
		return
	}
	from, to := w.purses[m], w.purses[f.Account]
	for _, c := range from.coins {
		b := w.purchases[c.purchase]
		if b.sent[f.Account] == 0 {
			b.sentTo = append(b.sentTo, f.Account)
		}
		b.sent[f.Account] += c.left
	}
	to.put(from.coins, w.clock)
	debt := from.debt
	from.coins, from.debt = nil, 0
	_, rest := to.take(debt, anyCoin)
	to.debt += rest
}

func (w *world) buy(m ledger.MemberID, total int64) {
	b := &bought{member: m, order: fmt.Sprint("o", len(w.purchases)), total: total, sent: map[ledger.MemberID]int64{}}
	w.purchases = append(w.purchases, b)
	w.decide(m, event.Event{Type: event.Purchase, Order: b.order, Total: total * 100, Given: event.GivenTotal})
	expires := calendar.Never
	if !w.delayed {
		expires = w.clock + 10*calendar.Day
	}
	w.purses[m].put([]coin{{len(w.purchases) - 1, total, expires}}, w.clock)
	w.sweep(m)
	w.settle()
}

func (w *world) giveBack(no int, amount int64) {
	b := w.purchases[no]
	d := w.decide(b.member, event.Event{Type: event.Return, Order: b.order, Total: amount * 100, Given: event.GivenTotal})
	if d.Outcome != engine.Applied {
		w.t.Fatalf("a return came to %s", d.Outcome)
	}
	b.gone += amount
	own := w.purses[b.member]
	b.undone += amount
	due := max(b.undone-own.expired[no]-b.taken, 0)
	b.taken += due
	before := b.asked
	for _, account := range b.sentTo {
		earlier := min(before, b.sent[account])
		before -= earlier
		ask := min(b.sent[account]-earlier, due)
		if ask > 0 {
			w.purses[account].undo(no, ask)
			b.asked += ask
			due -= ask
		}
	}
	own.takeBack(no, due)
	w.sweep(b.member)
	w.settle()
}

func (w *world) redeem(m ledger.MemberID, hold bool) {
	e := event.Event{ID: fmt.Sprint("r", w.number), Type: event.Redemption, Reward: "cup", Hold: hold}
	d := w.decide(m, e)
	if d.Outcome != engine.WaitsForFamily {
		w.redeemed(m, m, &e, d)
		return
	}
	w.settle()
}

// redeemed keeps the purses to a redemption, and holds it to what the purse had.
func (w *world) redeemed(m, from ledger.MemberID, e *event.Event, d *engine.Decision) {
	p := w.purses[from]
	if enough := p.sum() >= price; !w.delayed && enough != (d.Outcome == engine.Applied) {
		w.t.Fatalf("a redemption at %d of %+v came to %s", from, p, d.Outcome)
	}
	if d.Outcome != engine.Applied {
		return
	}
	coins, rest := p.take(price, anyCoin)
	p.debt += rest
	if rest > 0 && !w.delayed {
		w.t.Fatalf("%d was spent that was not there", rest)
	}
	if rest > 0 {
		coins = append(coins, coin{0, rest, calendar.Never})
	}
	w.taken = append(w.taken, &took{id: e.ID, member: m, from: from, coins: coins, held: e.Hold})
}

// undone lets a redemption's price come back.
func (w *world) cameBack(x *took, at calendar.Instant) {
	x.over = true
	w.purses[x.from].put(x.coins, at)
	w.sweep(x.member)
	w.settle()
}

func (w *world) lead(x *took, kind string) {
	if d := w.decide(x.member, event.Event{Type: kind, Redemption: x.id}); d.Outcome != engine.Applied {
		w.t.Fatalf("%s came to %s", kind, d.Outcome)
	}
	if kind == event.Confirmation {
		x.held = false
		return
	}
	w.cameBack(x, w.clock)
}

func (w *world) act(m ledger.MemberID, do string, account, who ledger.MemberID) *engine.Decision {
	data := []event.Datum{{Name: family.Do, Kind: event.Text, Text: do}}
	to := m
	if who != 0 {
		to = account
		data = append([]event.Datum{{Name: family.By, Kind: event.Whole, Whole: int64(m)}}, data...)
		data = append(data, event.Datum{Name: family.Who, Kind: event.Whole, Whole: int64(who)})
	} else {
		data = append(data, event.Datum{Name: family.Account, Kind: event.Whole, Whole: int64(account)})
	}
	d := w.decide(to, event.Event{Type: event.Family, Data: data})
	w.sweep(m)
	w.settle()
	return d
}

func (w *world) found(m ledger.MemberID) {
	account := ledger.MemberID(100 + len(w.families))
	w.purses[account] = newPurse()
	if w.act(m, family.Found, account, 0).Outcome == engine.Applied {
		w.families = append(w.families, account)
	}
	// The account begins before anybody else hears of it.
	for i := 0; i < len(w.waiting); i++ {
		if w.waiting[i].Type == event.FamilyOpen {
			w.deliver(i)
		}
	}
}

// step draws what happens next.
func (w *world) step() {
	t := w.t
	m := ledger.MemberID(rapid.IntRange(1, members).Draw(t, "member"))
	f := w.states[m].Family
	switch rapid.IntRange(0, 11).Draw(t, "what") {
	case 0, 1, 2:
		w.buy(m, int64(rapid.IntRange(1, 60).Draw(t, "total")))
	case 3:
		if len(w.purchases) > 0 {
			no := rapid.IntRange(0, len(w.purchases)-1).Draw(t, "purchase")
			if b := w.purchases[no]; b.gone < b.total {
				w.giveBack(no, int64(rapid.IntRange(1, int(b.total-b.gone)).Draw(t, "amount")))
			}
		}
	case 4, 5:
		w.redeem(m, rapid.Bool().Draw(t, "hold"))
	case 6:
		if len(w.taken) > 0 {
			x := w.taken[rapid.IntRange(0, len(w.taken)-1).Draw(t, "redemption")]
			switch {
			case x.over:
			case !x.held:
				w.lead(x, event.Refund)
			case rapid.Bool().Draw(t, "confirmed"):
				w.lead(x, event.Confirmation)
			default:
				w.lead(x, event.Cancellation)
			}
		}
	case 7:
		if f.Account == 0 && len(w.families) < 3 {
			w.found(m)
		}
	case 8, 9:
		w.relate(m)
	case 10:
		if f.In() && f.Standing != ledger.Head {
			w.act(m, family.Leave, f.Account, 0)
		}
	case 11:
		if !w.delayed {
			w.pass(calendar.Instant(rapid.IntRange(0, 4).Draw(t, "days")) * calendar.Day)
		}
	}
	for w.delayed && len(w.waiting) > 0 && rapid.IntRange(0, 2).Draw(t, "delivered") > 0 {
		w.deliver(rapid.IntRange(0, len(w.waiting)-1).Draw(t, "which"))
	}
	if w.delayed {
		w.clock += 2 * calendar.Hour
		w.freeHolds()
	}
}

// relate lets somebody be invited, join, or be removed.
func (w *world) relate(m ledger.MemberID) {
	if len(w.families) == 0 {
		return
	}
	account := w.families[rapid.IntRange(0, len(w.families)-1).Draw(w.t, "family")]
	head := ledger.MemberID(0)
	for _, k := range w.states[account].Family.Kin {
		if k.Standing == ledger.Head {
			head = k.Member
		}
	}
	switch rapid.IntRange(0, 5).Draw(w.t, "how") {
	case 0:
		if head != m {
			w.act(head, family.Remove, account, m)
		}
	case 1, 2:
		w.act(head, family.Invite, account, m)
	default:
		if w.states[m].Family.Account == 0 {
			w.act(m, family.Join, account, 0)
		}
	}
}

// pass lets time pass, in which coins expire and holds end, one after another.
func (w *world) pass(by calendar.Instant) {
	for end := w.clock + by; w.clock < end; {
		w.clock += calendar.Day
		for _, p := range w.purses {
			p.pass(w.clock)
		}
		w.freeHolds()
	}
}

// freeHolds settles everybody; what was held too long comes back.
func (w *world) freeHolds() {
	for m := ledger.MemberID(1); m <= members; m++ {
		w.decide(m, event.Event{Type: event.Settle})
		for _, x := range w.taken {
			if x.member == m && x.held && !x.over && w.states[m].Redemption(x.id) == nil {
				w.cameBack(x, w.clock)
			}
		}
	}
	for _, account := range w.families {
		w.decide(account, event.Event{Type: event.Settle})
	}
	w.settle()
}

// compare holds the accounts to the purses.
func (w *world) compare() {
	for m, p := range w.purses {
		s := w.states[m]
		if s == nil {
			continue
		}
		b := s.BalanceOf(w.program.WalletByID("points").Name)
		if b.Net()+b.Pending != p.sum() {
			w.t.Fatalf("account %d has %+v, the purse %d: %+v", m, b, p.sum(), p)
		}
	}
}

// TestAgainstNaivePurses holds families to purses that somebody keeps by hand,
// after each step: what is earned, spent, held, returned and expires while members
// come and go.
func TestAgainstNaivePurses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, ", expires: 10d", false)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			w.step()
			w.compare()
		}
	})
}

// TestSumsWithDelays lets what sides tell each other arrive late and in any order:
// in the end each family has what its purse has.
func TestSumsWithDelays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, "", true)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			w.step()
		}
		w.deliverAll()
		w.compare()
	})
}
