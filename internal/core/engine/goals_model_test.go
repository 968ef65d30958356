package engine_test

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/challenge"
	"premia/internal/core/mechanic/merge"
)

// goals is a program of goals, each of which gives one of a wallet of its own, so
// that balances say how often each is reached.
const goals = `
program: Goals
currency: PLN
timezone: Europe/Warsaw
languages: [en]
wallets:
  ten: {name: ten, debt: carry}
  low: {name: low, debt: carry}
  high: {name: high, debt: carry}
  small: {name: small, debt: carry}
  tastes: {name: tastes, debt: carry}
  soon: {name: soon, debt: carry}
  cups: {name: cups, debt: carry}
  daily: {name: daily, debt: carry}
  longer: {name: longer, debt: carry}
  more: {name: more, debt: carry}
returns: {}
badges: {reached: {name: Reached}}
challenges:
  - {id: ten, count: items, items: item.category == "a", goal: 4, repeat: any number, give: {ten: 1}}
  - {id: monthly, count: spend, each: month, milestones: [{goal: 30, give: {low: 1}}, {goal: 70, give: {high: 1}, badge: reached}], repeat: 2}
  - {id: small, when: event.total < 12.0, goal: 2, repeat: any number, give: {small: 1}}
  - {id: tastes, count: products, each: week, goal: 3, give: {tastes: 1}}
  - {id: soon, count: items, within: 4d, goal: 5, repeat: any number, give: {soon: 1}}
  - {id: more, count: spend, each: week, target: {more: 20%, at least: 20}, give: {more: 1}}
stamp cards:
  - {id: cups, items: item.category == "b", full: 3, valid: 6d, cards: 3, give: {cups: 1}}
streaks:
  - {id: daily, every: day, may miss: 1, milestones: [{length: 2, give: {daily: 1}}, {length: 4, give: {longer: 1}}], repeat: 2}
`

// bought is a purchase as the model remembers it.
type bought struct {
	order string
	at    calendar.Instant
	items []event.Item // what is left
	units []int64      // the price of one piece
	// kept is what each goal still counts of it: a sum, or values.
	small  int64
	values map[string]bool
	placed map[string][]placed // of goals whose windows begin with an event
}

// placed is so much that counts in a window.
type placed struct {
	window int
	amount int64
}

// opened is a window that began with an event.
type opened struct {
	since, until calendar.Instant
	count        int64
	// forgotten tells that there were too many since: nothing changes any more.
	forgotten bool
}

// goalModel recomputes all that counts from the purchases as they are now; only
// what depends on the order of decisions is remembered: windows that began with
// an event, and targets.
type goalModel struct {
	zone      *time.Location
	purchases []*bought
	windows   map[string][]*opened
	targets   map[calendar.Instant]int64
	// given is how often each wallet's goal was given.
	given map[string]int64
}

func pieces(b *bought, category string) int64 {
	sum := int64(0)
	for i := range b.items {
		if category == "" || b.items[i].Category == category {
			sum += b.items[i].Quantity / 1000
		}
	}
	return sum
}

func (b *bought) total() int64 {
	sum := int64(0)
	for i := range b.items {
		sum += b.units[i] * b.items[i].Quantity / 1000
	}
	return sum
}

func (m *goalModel) spent(u calendar.Unit, start calendar.Instant) int64 {
	sum := int64(0)
	for _, b := range m.purchases {
		if calendar.Start(b.at, u, m.zone) == start {
			sum += b.total()
		}
	}
	return sum
}

// fix sets the target of the week around the instant if none is set.
func (m *goalModel) fix(at calendar.Instant) {
	start := calendar.Start(at, calendar.ByWeek, m.zone)
	if m.targets[start] == 0 {
		before := m.spent(calendar.ByWeek, calendar.Start(start-1, calendar.ByWeek, m.zone))
		m.targets[start] = max(20_00, (before*12+9)/10)
	}
}

func (m *goalModel) buy(b *bought, clock calendar.Instant) {
	m.fix(clock)
	m.fix(b.at)
	b.values = map[string]bool{}
	for i := range b.items {
		b.values[b.items[i].SKU] = true
	}
	if b.total() < 12_00 {
		b.small = 1
	}
	b.placed = map[string][]placed{}
	m.place(b, "soon", pieces(b, ""), 5, calendar.Span{Days: 4}, -1)
	m.place(b, "cups", pieces(b, "b"), 3, calendar.Span{Days: 6}, 3)
	m.purchases = append(m.purchases, b)
	// What was given stays when a late purchase makes one streak of two.
	for goal, times := range m.reached() {
		m.given[goal] = max(m.given[goal], times)
	}
}

// place puts pieces into the oldest window that is open, and what is left when it
// is full, beyond more full ones, into a new one.
func (m *goalModel) place(b *bought, goal string, amount, full int64, span calendar.Span, most int64) {
	put := func(i int, n int64) {
		m.windows[goal][i].count += n
		b.placed[goal] = append(b.placed[goal], placed{i, n})
	}
	begin := func() int {
		if !m.room(goal, b.at) {
			return -1
		}
		m.windows[goal] = append(m.windows[goal], &opened{since: b.at, until: calendar.Add(b.at, span, m.zone)})
		return len(m.windows[goal]) - 1
	}
	if amount == 0 || (most >= 0 && m.full(goal, full) == most) {
		return
	}
	oldest := -1
	for i, w := range m.windows[goal] {
		open := w.count == 0 || w.count%full != 0
		if open && !w.forgotten && w.since <= b.at && b.at < w.until && (oldest < 0 || w.since < m.windows[goal][oldest].since) {
			oldest = i
		}
	}
	if oldest < 0 {
		oldest = m.same(goal, b.at)
	}
	if oldest < 0 {
		oldest = begin()
	}
	if oldest < 0 {
		return
	}
	now := m.windows[goal][oldest].count
	if most >= 0 {
		amount = min(amount, (most-m.full(goal, full))*full-now%full)
	}
	first := amount
	if now%full+amount >= full {
		first = (now%full+amount)/full*full - now%full
	}
	put(oldest, first)
	if rest := amount - first; rest > 0 {
		next := m.same(goal, b.at)
		if next < 0 || next == oldest {
			next = oldest
			if m.windows[goal][oldest].since != b.at {
				next = begin()
			}
		}
		if next >= 0 {
			put(next, rest)
		}
	}
}

// room forgets the oldest of too many windows; false if the new one is older than
// all that are remembered.
func (m *goalModel) room(goal string, at calendar.Instant) bool {
	var kept []*opened
	for _, w := range m.windows[goal] {
		if !w.forgotten {
			kept = append(kept, w)
		}
	}
	if len(kept) < ledger.WindowsKept {
		return true
	}
	oldest := slices.MinFunc(kept, func(a, b *opened) int { return int(a.since - b.since) })
	if at < oldest.since {
		return false
	}
	oldest.forgotten = true
	return true
}

// same finds a window that began at the instant.
func (m *goalModel) same(goal string, at calendar.Instant) int {
	return slices.IndexFunc(m.windows[goal], func(w *opened) bool { return w.since == at && !w.forgotten })
}

func (m *goalModel) full(goal string, full int64) int64 {
	sum := int64(0)
	for _, w := range m.windows[goal] {
		sum += w.count / full
	}
	return sum
}

// giveBack takes pieces of a line out of a purchase.
func (m *goalModel) giveBack(b *bought, line int, n int64, clock calendar.Instant) {
	m.fix(clock)
	before := m.reached()
	b.items[line].Quantity -= n * 1000
	left := map[string]bool{}
	for i := range b.items {
		if b.items[i].Quantity > 0 && b.values[b.items[i].SKU] {
			left[b.items[i].SKU] = true
		}
	}
	b.values = left
	if pieces(b, "") == 0 {
		b.small = 0
	}
	m.displace(b, "soon", pieces(b, ""))
	m.displace(b, "cups", pieces(b, "b"))
	// A return gives nothing: where it makes two streaks of one, what they come to
	// together is given with the next purchase.
	now := m.reached()
	for goal, times := range m.given {
		m.given[goal] -= max(min(before[goal]-now[goal], times-now[goal]), 0)
	}
}

// displace takes back what is placed beyond the rest, the newest first.
func (m *goalModel) displace(b *bought, goal string, rest int64) {
	sum := int64(0)
	for _, p := range b.placed[goal] {
		sum += p.amount
	}
	for i := len(b.placed[goal]) - 1; i >= 0 && sum > rest; i-- {
		p := &b.placed[goal][i]
		take := min(p.amount, sum-rest)
		p.amount -= take
		if w := m.windows[goal][p.window]; !w.forgotten {
			w.count -= take
		}
		sum -= take
	}
}

// reached says how often each wallet's goal is reached.
func (m *goalModel) reached() map[string]int64 {
	out := map[string]int64{"soon": m.full("soon", 5), "cups": m.full("cups", 3)}
	a, small := int64(0), int64(0)
	months, weeks := map[calendar.Instant]int64{}, map[calendar.Instant]int64{}
	tastes, days := map[calendar.Instant]map[string]bool{}, map[int]bool{}
	for _, b := range m.purchases {
		a += pieces(b, "a")
		small += b.small
		months[calendar.Start(b.at, calendar.ByMonth, m.zone)] += b.total()
		week := calendar.Start(b.at, calendar.ByWeek, m.zone)
		weeks[week] += b.total()
		if tastes[week] == nil {
			tastes[week] = map[string]bool{}
		}
		for v := range b.values {
			tastes[week][v] = true
		}
		if pieces(b, "") > 0 {
			year, month, day := b.at.In(m.zone).Date()
			days[int(time.Date(year, month, day, 12, 0, 0, 0, time.UTC).Unix()/86400)] = true
		}
	}
	out["ten"], out["small"] = a/4, small/2
	for _, sum := range months {
		out["low"] += twice(sum, 30_00, 70_00)
		out["high"] += twice(sum, 70_00, 70_00)
	}
	for start, sum := range weeks {
		if sum >= m.targets[start] {
			out["more"]++
		}
		if len(tastes[start]) >= 3 {
			out["tastes"]++
		}
	}
	for day := range days {
		if days[day-1] || days[day-2] {
			continue // not the first of its streak
		}
		length := int64(0)
		for d := day; days[d] || days[d+1]; d++ {
			if days[d] {
				length++
			}
		}
		out["daily"] += twice(length, 2, 4)
		out["longer"] += twice(length, 4, 4)
	}
	return out
}

// twice counts how often a goal is reached, at most in two rounds.
func twice(sum, goal, last int64) int64 {
	n := int64(0)
	for _, at := range []int64{goal, goal + last} {
		if sum >= at {
			n++
		}
	}
	return n
}

// goalWorld decides what the model models, keeping the state as bytes.
type goalWorld struct {
	t       failer
	program *engine.Program
	rules   *engine.Timeline
	past    merge.Memory
	state   []byte
	// often is the same member to whom time passes much more often.
	often []byte
}

func newGoalWorld(t failer) *goalWorld {
	p := load(t, goals)
	began := &ledger.State{Status: ledger.Active, EnrolledAt: 1}
	return &goalWorld{t: t, program: p, rules: engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: p}), past: merge.Memory{}, state: began.Append(nil), often: began.Append(nil)}
}

func (w *goalWorld) decide(e event.Event, clock calendar.Instant) {
	w.t.Helper()
	if err := e.Check("PLN", 2); err != nil {
		w.t.Fatal(err)
	}
	in := engine.Inputs{Clock: clock, Member: 1, History: w.past.Of(1)}
	once := func(src []byte, e *event.Event) ([]byte, *engine.Decision) {
		var s ledger.State
		if err := ledger.DecodeState(src, &s); err != nil {
			w.t.Fatal(err)
		}
		var d engine.Decision
		new(engine.Decider).Decide(w.rules, &s, e, in, &d)
		return s.Append(nil), &d
	}
	settled, _ := once(w.often, &event.Event{Type: event.Settle})
	w.often, _ = once(settled, &e)
	var d *engine.Decision
	w.state, d = once(w.state, &e)
	if !bytes.Equal(w.state, w.often) {
		w.t.Fatalf("it makes a difference that time passed more often")
	}
	if d.Outcome.Refused() {
		w.t.Fatalf("%s of %s is refused: %s", e.Type, e.Order, d.Outcome)
	}
	var stored engine.Decision
	if err := engine.DecodeDecision(d.Append(nil), &stored); err != nil {
		w.t.Fatal(err)
	}
	w.past.Keep(1, &e, nil, &stored)
}

// compare holds the member against the model.
func (w *goalWorld) compare(m *goalModel) {
	w.t.Helper()
	var s ledger.State
	if err := ledger.DecodeState(w.state, &s); err != nil {
		w.t.Fatal(err)
	}
	want := m.given
	for i := range w.program.Wallets {
		id := w.program.Wallets[i].ID
		if got := s.BalanceOf(w.program.Wallets[i].Name).Net(); got != want[id] {
			w.t.Fatalf("the wallet %s has %d, and the history gives %d", id, got, want[id])
		}
	}
	if has := len(challenge.BadgesOf(w.program, &s)) > 0; has != (want["high"] > 0) {
		w.t.Fatalf("the badge is there: %v; the goal is reached %d times", has, want["high"])
	}
}

// numbers gives numbers from 0 to below n.
type numbers func(label string, n int) int

// randomGoals plays a random history of purchases, late ones too, and returns.
func randomGoals(t failer, pick numbers, steps int) {
	w := newGoalWorld(t)
	m := &goalModel{zone: w.program.Zone, windows: map[string][]*opened{}, targets: map[calendar.Instant]int64{}, given: map[string]int64{}}
	now := calendar.Of(time.Date(2026, 3, 20, 8, 0, 0, 0, time.UTC))
	for i := range steps {
		now += calendar.Instant(pick("hours", 20)) * calendar.Hour
		if len(m.purchases) > 0 && pick("what", 3) == 0 {
			b := m.purchases[pick("purchase", len(m.purchases))]
			line := pick("line", len(b.items))
			if left := b.items[line].Quantity / 1000; left > 0 {
				n := int64(pick("pieces", int(left))) + 1
				w.decide(event.Event{Type: event.Return, Order: b.order, Items: []event.Item{{SKU: b.items[line].SKU, Quantity: n * 1000}}}, now)
				m.giveBack(b, line, n, now)
				w.compare(m)
			}
			continue
		}
		b := &bought{order: fmt.Sprint("o", i), at: now - calendar.Instant(pick("late", 4)/3*pick("days", 5))*calendar.Day}
		first := pick("sku", 4)
		for j := range pick("lines", 3) + 1 {
			sku := first + j
			b.units = append(b.units, int64(pick("price", 12)+1)*100)
			quantity := int64(pick("quantity", 4)+1) * 1000
			b.items = append(b.items, event.Item{SKU: fmt.Sprint("s", sku), Category: []string{"a", "b"}[sku%2], Quantity: quantity, Total: b.units[j] * quantity / 1000, GivenTotal: true})
		}
		e := event.Event{ID: b.order, Type: event.Purchase, Order: b.order, At: b.at, Items: slices.Clone(b.items)}
		w.decide(e, now)
		m.buy(b, now)
		w.compare(m)
	}
}
