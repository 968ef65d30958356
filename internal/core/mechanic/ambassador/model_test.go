package ambassador_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/ambassador"
	"premia/internal/core/mechanic/merge"
	"premia/internal/core/program"
)

// june is the first of June 2026: no history here reaches the end of summer time.
const june = 20_605 * calendar.Day

const modelled = `
program: Modelled
currency: PLN
timezone: Europe/Warsaw
languages: [en]
wallets:
  commission: {name: commission, scale: 2, debt: carry}
returns: {}
ambassadors:
  window: 5d
  to: https://shop.example/?c={click}
  commissions:
    - {id: sale, give: {commission: 10%}, limits: {commission: {each member: 1000000.00}}}
`

// most is the most that an ambassador gets, as the program says and where a test caps it.
const (
	uncapped = "1000000.00"
	capped   = "20.00"
	most     = 20_00
)

// window is how long clicks count, in the naive account.
const window = 5 * calendar.Day

// bought is a purchase, as the naive account keeps it.
type bought struct {
	price, left int64
	by          ledger.MemberID
	at          calendar.Instant
	// to is the member to whom it is credited; 0 for none.
	to ledger.MemberID
	// told is the least that is to remain by what was told of returns; none where nothing
	// was. given is what the ambassador has of it, once it arrived.
	told     int64
	accepted bool
	given    int64
}

// none stands for nothing that was told.
const none = 1 << 40

// worth is a tenth of what is left, rounded down.
func (b *bought) worth() int64 { return b.price * b.left / 10 }

// model is members under the program, and the naive account of what they are due.
type model struct {
	t        *rapid.T
	program  *engine.Program
	timeline *engine.Timeline
	capped   bool
	states   map[ledger.MemberID]*ledger.State
	past     merge.Memory
	late     []engine.FollowUp // on their way to ambassadors
	now      calendar.Instant
	events   int

	purchases map[string]*bought
	clicked   map[ledger.MemberID]ledger.Click
	since     map[ledger.MemberID]calendar.Instant // since when somebody is an ambassador
	used      map[ledger.MemberID]int64
}

func newModel(t *rapid.T, isCapped bool) *model {
	src := modelled
	if isCapped {
		src = strings.Replace(src, uncapped, capped, 1)
	}
	d, err := program.Load("program.yaml", []byte(src), engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	d.Program.Version = 1
	return &model{
		t: t, program: d.Program, timeline: engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: d.Program}), capped: isCapped,
		states: map[ledger.MemberID]*ledger.State{}, past: merge.Memory{}, now: june,
		purchases: map[string]*bought{}, clicked: map[ledger.MemberID]ledger.Click{}, since: map[ledger.MemberID]calendar.Instant{}, used: map[ledger.MemberID]int64{},
	}
}

// current follows merges.
func (m *model) current(id ledger.MemberID) ledger.MemberID {
	for m.states[id].Status == ledger.Merged {
		id = m.states[id].MergedInto
	}
	return id
}

// standing lists the members who were not merged, in order.
func (m *model) standing() []ledger.MemberID {
	var out []ledger.MemberID
	for _, id := range slices.Sorted(maps.Keys(m.states)) {
		if m.states[id].Status == ledger.Active {
			out = append(out, id)
		}
	}
	return out
}

// decide decides an event. What merges send arrives at once, commissions stay on their
// way.
func (m *model) decide(id ledger.MemberID, e event.Event) *engine.Decision {
	m.events++
	if e.ID == "" {
		e.ID = fmt.Sprint("e", m.events)
	}
	e.At = m.now
	if err := e.Check("PLN", 2); err != nil {
		m.t.Fatal(err)
	}
	in := engine.Inputs{Clock: m.now, Member: id}
	if engine.NeedsHistory(&e) {
		in.History = m.past.Of(id)
	}
	before, out := m.states[id].Clone(), &engine.Decision{}
	new(engine.Decider).Decide(m.timeline, m.states[id], &e, in, out)
	m.sameAgain(id, before, &e, in, out)
	m.past.Keep(id, &e, nil, out)
	for _, f := range out.FollowUps {
		if f.Type == event.Commission || f.Type == event.CommissionBack {
			m.late = append(m.late, f)
			continue
		}
		m.decide(f.Member, event.Event{Type: f.Type, Carried: f.Carried})
	}
	return out
}

// sameAgain finds the same bytes when the event is decided again, from a state that was
// written and read.
func (m *model) sameAgain(id ledger.MemberID, before *ledger.State, e *event.Event, in engine.Inputs, out *engine.Decision) {
	var read ledger.State
	if err := ledger.DecodeState(before.Append(nil), &read); err != nil {
		m.t.Fatal(err)
	}
	var again engine.Decision
	in.Quotas = engine.Stored(out.Grants)
	new(engine.Decider).Decide(m.timeline, &read, e, in, &again)
	if string(again.Append(nil)) != string(out.Append(nil)) || string(read.Append(nil)) != string(m.states[id].Append(nil)) {
		m.t.Fatalf("%s of %d decided again is another decision", e.Type, id)
	}
}

// join lets somebody join; some are ambassadors from then on.
func (m *model) join() {
	id := ledger.MemberID(len(m.states) + 1)
	m.states[id] = &ledger.State{}
	m.decide(id, event.Event{Type: event.Enrolment})
	if rapid.Bool().Draw(m.t, "ambassador") {
		m.since[id] = m.now
		m.decide(id, event.Event{Type: event.Profile, Data: []event.Datum{{Name: ambassador.Active, Kind: event.Truth, Whole: 1}}})
	}
}

// buy has somebody buy, perhaps by a click of now or of some days ago.
func (m *model) buy() {
	all := m.standing()
	id := rapid.SampledFrom(all).Draw(m.t, "buyer")
	key := fmt.Sprint("p", m.events)
	b := &bought{price: rapid.SampledFrom([]int64{705, 2519, 6000}).Draw(m.t, "price"), left: rapid.Int64Range(1, 3).Draw(m.t, "pieces"), by: id, at: m.now, told: none}
	m.purchases[key] = b
	e := event.Event{ID: key, Type: event.Purchase, Order: key, Items: []event.Item{{SKU: "a", Quantity: b.left * 1000, UnitPrice: b.price * 10_000, GivenUnitPrice: true}}}
	if rapid.Bool().Draw(m.t, "by a click") {
		by := rapid.SampledFrom(slices.Sorted(maps.Keys(m.states))).Draw(m.t, "link")
		c := ledger.Click{ID: ledger.ClickID(m.events + 1), By: m.current(by), At: m.now - calendar.Instant(rapid.IntRange(0, 150).Draw(m.t, "hours ago"))*calendar.Hour}
		e.Data = ambassador.DataOf(&c, "")
		if last, any := m.clicked[id]; c.By != id && (!any || last.At <= c.At) {
			m.clicked[id] = c
		}
	}
	m.decide(id, e)
	if c, any := m.clicked[id]; any && c.By != id && m.now < c.At+window {
		b.to = c.By
	}
}

func (m *model) giveBack() {
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(m.purchases)) {
		if m.purchases[key].left > 0 {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return
	}
	key := rapid.SampledFrom(keys).Draw(m.t, "returned")
	b := m.purchases[key]
	pieces := rapid.Int64Range(1, b.left).Draw(m.t, "pieces")
	out := m.decide(m.current(b.by), event.Event{Type: event.Return, Order: key, Items: []event.Item{{SKU: "a", Quantity: pieces * 1000}}})
	if out.Outcome != engine.Applied {
		m.t.Fatalf("the return is %s", out.Outcome)
	}
	b.left -= pieces
}

// merge joins two members: the later click is kept, and who was an ambassador is one.
func (m *model) merge() {
	all := m.standing()
	from, into := rapid.SampledFrom(all).Draw(m.t, "merged"), rapid.SampledFrom(all).Draw(m.t, "into")
	if from == into || m.capped {
		return // what a limit leaves of two members is the ledger's matter
	}
	m.decide(from, event.Event{Type: event.Merge, Data: []event.Datum{{Name: merge.Into, Kind: event.Whole, Whole: int64(into)}}})
	if c, any := m.clicked[from]; any {
		if last, has := m.clicked[into]; !has || last.At <= c.At {
			m.clicked[into] = c
		}
	}
	if since, is := m.since[from]; is {
		if own, was := m.since[into]; !was || since < own {
			m.since[into] = since
		}
	}
}

// was tells whether a member was an ambassador at an instant.
func (m *model) was(id ledger.MemberID, at calendar.Instant) bool {
	since, is := m.since[id]
	return is && since <= at
}

// deliver brings something that is on its way, in any order.
func (m *model) deliver() {
	if len(m.late) == 0 {
		return
	}
	i := rapid.IntRange(0, len(m.late)-1).Draw(m.t, "delivered")
	f := m.late[i]
	m.late = slices.Delete(m.late, i, i+1)
	to := m.current(f.Member)
	p, err := ambassador.Open(f.Carried)
	if err != nil {
		m.t.Fatal(err)
	}
	b := m.purchases[f.Order]
	m.decide(to, event.Event{Type: f.Type, Order: f.Order, Carried: f.Carried})
	left := p.Gifts[0].Amount
	switch {
	case f.Type == event.CommissionBack:
		b.told = min(b.told, left)
		m.used[to] -= max(b.given-left, 0)
		b.given = min(b.given, left)
	case b.by != to && m.was(to, b.at):
		b.accepted = true
		if b.given = min(left, b.told); m.capped {
			b.given = min(b.given, most-m.used[to])
		}
		m.used[to] += b.given
	}
}

// check compares all balances with the naive account.
func (m *model) check() {
	for len(m.late) > 0 {
		m.deliver()
	}
	due := map[ledger.MemberID]int64{}
	for _, b := range m.purchases {
		if b.to != 0 {
			due[m.current(b.to)] += b.given
		}
		if b.accepted && !m.capped && b.given != b.worth() {
			m.t.Fatalf("a commission came to %d, and what is left of the purchase is worth %d", b.given, b.worth())
		}
	}
	name := m.program.WalletByID("commission").Name
	for _, id := range m.standing() {
		if got := m.states[id].BalanceOf(name).Net(); got != due[id] || len(m.states[id].Withheld) > 0 {
			m.t.Fatalf("member %d has %d, and by the naive account %d; %v waits for a purchase", id, got, due[id], m.states[id].Withheld)
		}
	}
}

// Random histories of buyers and ambassadors, with clicks within their window and after
// it, returns, merges, and commissions that are late and overtake one another, come to
// what a naive account of kept purchases says; so do those where a limit cuts them.
func TestCommissionsAgainstANaiveAccount(t *testing.T) {
	for name, isCapped := range map[string]bool{"merged": false, "capped": true} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				m := newModel(t, isCapped)
				m.join()
				for range rapid.IntRange(5, 60).Draw(t, "steps") {
					m.now += calendar.Instant(rapid.IntRange(0, 50).Draw(t, "hours")) * calendar.Hour
					switch rapid.IntRange(0, 12).Draw(t, "what") {
					case 0, 1:
						m.join()
					case 2, 3, 4, 5, 6:
						m.buy()
					case 7, 8, 9:
						m.giveBack()
					case 10:
						m.merge()
					default:
						m.deliver()
					}
				}
				m.check()
			})
		})
	}
}
