package referral_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
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
  points: {name: points, debt: carry}
returns: {}
referrals:
  name within: 5d
  rewards:
    - {id: welcome, on: sign-up, friend: {give: {points: 5}}, referrer: {give: {points: 3}}}
    - {id: first, on: first purchase, least: 50.00, friend: {give: {points: 10}}, referrer: {give: {points: 20}}}
    - {id: loyal, on: threshold, purchases: 2, within: 20d, referrer: {give: {points: 100}}}
    - {id: big, on: threshold, spend: 150.00, least: 20.00, friend: {give: {points: 400}}}
`

// paid is what the program gives for a friend, reckoned anew from nothing but the
// purchases that are kept: the friend's part and the referrer's.
func paid(kept []account) (friend, referrer int64) {
	friend, referrer = 5, 3
	large, any, spend := 0, 0, int64(0)
	for _, a := range kept {
		if a.left >= 5000 {
			large++
		}
		if a.left > 0 && a.age < 20*calendar.Day {
			any++
		}
		if a.left >= 2000 {
			spend += a.left
		}
	}
	if large > 0 {
		friend, referrer = friend+10, referrer+20
	}
	if any >= 2 {
		referrer += 100
	}
	if spend >= 15000 {
		friend += 400
	}
	return friend, referrer
}

// account is a purchase that counted: what is left of it, and how long after the
// invitation it was made.
type account struct {
	left int64
	age  calendar.Instant
}

// brought is who brought whom, as the naive account keeps it.
type brought struct {
	friend, referrer ledger.MemberID
	at               calendar.Instant
	over             bool
	purchases        []string
}

// bought is a purchase of so many pieces of one price.
type bought struct {
	price, left int64
	by          ledger.MemberID
	at          calendar.Instant
}

// model is members under the program, and the naive account of what they are due.
type model struct {
	t        *rapid.T
	program  *engine.Program
	timeline *engine.Timeline
	states   map[ledger.MemberID]*ledger.State
	past     merge.Memory
	late     []engine.FollowUp // on their way to referrers
	now      calendar.Instant
	events   int

	purchases map[string]*bought
	friends   []*brought
	holder    map[ledger.MemberID][]*brought // by whom a friend's account is kept now
}

func newModel(t *rapid.T) *model {
	d, err := program.Load("program.yaml", []byte(modelled), engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	d.Program.Version = 1
	return &model{
		t: t, program: d.Program, timeline: engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: d.Program}),
		states: map[ledger.MemberID]*ledger.State{}, past: merge.Memory{}, now: june,
		purchases: map[string]*bought{}, holder: map[ledger.MemberID][]*brought{},
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

// decide decides an event. What merges send arrives at once, what friends reach
// stays on its way.
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
		if f.Type == event.Referral || f.Type == event.ReferralBack {
			m.late = append(m.late, f)
			continue
		}
		m.decide(f.Member, event.Event{Type: f.Type, Carried: f.Carried})
	}
	return out
}

// sameAgain finds the same bytes when the event is decided again, and when a state
// is written and read.
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

func naming(by, to ledger.MemberID, since calendar.Instant) []event.Datum {
	return []event.Datum{
		{Name: "referral_by", Kind: event.Whole, Whole: int64(by)},
		{Name: "referral_since", Kind: event.Whole, Whole: int64(since)},
		{Name: "referral_to", Kind: event.Whole, Whole: int64(to)},
	}
}

// join lets somebody join, perhaps at an invitation.
func (m *model) join() {
	id := ledger.MemberID(len(m.states) + 1)
	all := slices.Sorted(maps.Keys(m.states))
	m.states[id] = &ledger.State{}
	e := event.Event{Type: event.Enrolment}
	by := ledger.MemberID(0)
	if len(all) > 0 && rapid.IntRange(0, 3).Draw(m.t, "invited") > 0 {
		by = rapid.SampledFrom(all).Draw(m.t, "by")
		e.Data = naming(by, m.current(by), m.states[m.current(by)].JoinedAt())
	}
	m.decide(id, e)
	if by != 0 {
		m.keep(id, m.current(by))
	}
}

func (m *model) keep(friend, referrer ledger.MemberID) {
	b := &brought{friend: friend, referrer: referrer, at: m.now}
	m.friends = append(m.friends, b)
	m.holder[friend] = append(m.holder[friend], b)
}

// name lets a member say later who brought them; the naive account knows when that
// counts.
func (m *model) name() {
	all := m.standing()
	if len(all) < 2 {
		return
	}
	id, to := rapid.SampledFrom(all).Draw(m.t, "who"), rapid.SampledFrom(all).Draw(m.t, "names")
	since, own := m.states[to].JoinedAt(), m.states[id].EnrolledAt
	out := m.decide(id, event.Event{Type: event.Profile, Data: naming(to, to, since)})
	counts := id != to && len(m.holder[id]) == 0 && m.now < own+5*calendar.Day && since < own
	if got := out.Steps[0].Result == engine.Referred; got != counts {
		m.t.Fatalf("%d names %d: counts is %v, want %v", id, to, got, counts)
	}
	if counts {
		m.keep(id, to)
	}
}

func (m *model) active(id ledger.MemberID) *brought {
	for _, b := range m.holder[id] {
		if !b.over {
			return b
		}
	}
	return nil
}

func (m *model) buy() {
	all := m.standing()
	if len(all) == 0 {
		return
	}
	id := rapid.SampledFrom(all).Draw(m.t, "buyer")
	key := fmt.Sprint("p", m.events)
	b := &bought{price: rapid.SampledFrom([]int64{700, 2500, 6000}).Draw(m.t, "price"), left: int64(rapid.IntRange(1, 3).Draw(m.t, "pieces")), by: id, at: m.now}
	m.purchases[key] = b
	m.decide(id, event.Event{ID: key, Type: event.Purchase, Order: key, Items: []event.Item{{SKU: "a", Quantity: b.left * 1000, UnitPrice: b.price * 10_000, GivenUnitPrice: true}}})
	if a := m.active(id); a != nil {
		a.purchases = append(a.purchases, key)
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

// merge joins two members: the accounts of one go to the other, which keeps its
// own referrer if it has one.
func (m *model) merge() {
	all := m.standing()
	if len(all) < 2 {
		return
	}
	from, into := rapid.SampledFrom(all).Draw(m.t, "merged"), rapid.SampledFrom(all).Draw(m.t, "into")
	if from == into {
		return
	}
	m.decide(from, event.Event{Type: event.Merge, Data: []event.Datum{{Name: merge.Into, Kind: event.Whole, Whole: int64(into)}}})
	for _, b := range m.holder[from] {
		b.over = b.over || m.active(into) != nil
		m.holder[into] = append(m.holder[into], b)
	}
	delete(m.holder, from)
	for _, b := range m.holder[into] {
		b.over = b.over || b.referrer == from || b.referrer == into
	}
}

// deliver brings something that is on its way, in any order.
func (m *model) deliver() {
	if len(m.late) == 0 {
		return
	}
	i := rapid.IntRange(0, len(m.late)-1).Draw(m.t, "delivered")
	f := m.late[i]
	m.late = slices.Delete(m.late, i, i+1)
	m.decide(m.current(f.Member), event.Event{Type: f.Type, Carried: f.Carried})
}

// check compares all balances with the naive account.
func (m *model) check() {
	for len(m.late) > 0 {
		m.deliver()
	}
	due := map[ledger.MemberID]int64{}
	for _, b := range m.friends {
		var kept []account
		for _, key := range b.purchases {
			p := m.purchases[key]
			kept = append(kept, account{p.left * p.price, p.at - b.at})
		}
		friend, referrer := paid(kept)
		due[m.current(b.friend)] += friend
		due[m.current(b.referrer)] += referrer
	}
	name := m.program.WalletByID("points").Name
	for _, id := range m.standing() {
		if got := m.states[id].BalanceOf(name); got.Net() != due[id] || len(m.states[id].Undone) > 0 {
			m.t.Fatalf("member %d has %d, and by the naive account %d; %v was undone and never arrived", id, got.Net(), due[id], m.states[id].Undone)
		}
	}
}

// Random histories of friends and referrers, with purchases and returns, merges,
// and follow-ups that are late and overtake one another, come to what a naive
// account of kept purchases says.
func TestReferralsAgainstANaiveAccount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(t)
		m.join()
		for range rapid.IntRange(5, 60).Draw(t, "steps") {
			m.now += calendar.Instant(rapid.IntRange(0, 50).Draw(t, "hours")) * calendar.Hour
			switch rapid.IntRange(0, 14).Draw(t, "what") {
			case 0, 1, 2:
				m.join()
			case 3:
				m.name()
			case 4, 5, 6, 7:
				m.buy()
			case 8, 9, 10:
				m.giveBack()
			case 11:
				m.merge()
			default:
				m.deliver()
			}
		}
		m.check()
	})
}
