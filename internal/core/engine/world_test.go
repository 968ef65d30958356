package engine_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"github.com/google/go-cmp/cmp"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/merge"
	"premia/internal/core/program"
)

// failer is what rapid.T and testing.T have in common.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
	Fatal(args ...any)
}

// world is some members under one program: what a journal does, without one. It
// checks each decision that is made in it.
type world struct {
	t        failer
	program  *engine.Program
	timeline *engine.Timeline
	decider  engine.Decider
	states   map[ledger.MemberID]*ledger.State
	postings map[ledger.MemberID][]ledger.Posting
	used     map[ledger.Quota]int64
	waiting  []engine.FollowUp
	past     merge.Memory
}

func load(t failer, src string) *engine.Program {
	t.Helper()
	d, err := program.Load("program.yaml", []byte(src), engine.NewNames())
	if err != nil {
		t.Fatalf("%v\n%s", err, src)
	}
	return d.Program
}

func newWorld(t failer, p *engine.Program) *world {
	return &world{
		t: t, program: p, timeline: engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: p}),
		states: map[ledger.MemberID]*ledger.State{}, postings: map[ledger.MemberID][]ledger.Posting{},
		used: map[ledger.Quota]int64{}, past: merge.Memory{},
	}
}

// Left tells what is left of a budget.
func (w *world) Left(quota ledger.Quota, limit int64) int64 { return limit - w.used[quota] }

func (w *world) state(m ledger.MemberID) *ledger.State {
	if w.states[m] == nil {
		w.states[m] = &ledger.State{}
	}
	return w.states[m]
}

// resolve follows merges, as the journal does for events of members.
func (w *world) resolve(m ledger.MemberID) ledger.MemberID {
	for range len(w.states) {
		s := w.state(m)
		if s.Status != ledger.Merged {
			return m
		}
		m = s.MergedInto
	}
	return m
}

// decide decides upon the event of just this member.
func (w *world) decide(m ledger.MemberID, e event.Event, clock calendar.Instant) *engine.Decision {
	w.t.Helper()
	scale := w.program.Currency.Scale
	if err := e.Check(w.program.Currency.Code, scale); err != nil {
		w.t.Fatalf("the event is wrong: %v", err)
	}
	state := w.state(m)
	before := state.Clone()
	var out engine.Decision
	w.decider.Decide(w.timeline, state, &e, engine.Inputs{Clock: clock, Quotas: w, Member: m, History: w.past.Of(m)}, &out)
	w.sameAgain(m, before, state, &e, &out)
	w.past.Keep(m, &e, nil, &out)
	for _, g := range out.Grants {
		w.used[g.Quota] += g.Amount
		if g.Amount > 0 && w.used[g.Quota] > g.Limit {
			w.t.Fatalf("the budget %s gave %d of %d", w.program.Names.Name(g.Quota.Name), w.used[g.Quota], g.Limit)
		}
	}
	w.postings[m] = append(w.postings[m], out.Postings...)
	w.balanced(m)
	w.waiting = append(w.waiting, out.FollowUps...)
	return &out
}

// sameAgain checks that a decision comes back from its bytes, and that another
// decider, knowing only what the decision was granted, decides the same.
func (w *world) sameAgain(m ledger.MemberID, before, after *ledger.State, e *event.Event, out *engine.Decision) {
	w.t.Helper()
	written := out.Append(nil)
	var back engine.Decision
	if err := engine.DecodeDecision(written, &back); err != nil {
		w.t.Fatal(err)
	}
	if again := back.Append(nil); !bytes.Equal(written, again) {
		w.t.Fatalf("the decision %x was read and written as %x", written, again)
	}
	var replay engine.Decision
	new(engine.Decider).Decide(w.timeline, before, e, engine.Inputs{Clock: out.Clock, Quotas: engine.Stored(out.Grants), Member: m, History: w.past.Of(m)}, &replay)
	if !bytes.Equal(written, replay.Append(nil)) {
		w.t.Fatalf("decided again it differs (-first +again):\n%s", cmp.Diff(*out, replay))
	}
	if !bytes.Equal(before.Append(nil), after.Append(nil)) {
		w.t.Fatalf("decided again the state differs (-first +again):\n%s", cmp.Diff(after, before))
	}
}

// balanced derives the member's balances from all postings.
func (w *world) balanced(m ledger.MemberID) {
	w.t.Helper()
	s := w.state(m)
	derived := map[ledger.Name]ledger.Balance{}
	for _, p := range w.postings[m] {
		b := derived[p.Wallet]
		for account, amount := range map[ledger.Account]int64{p.From: -p.Amount, p.To: p.Amount} {
			switch account {
			case ledger.Pending:
				b.Pending += amount
			case ledger.Available:
				b.Available += amount
			case ledger.Held:
				b.Held += amount
			case ledger.Debt:
				b.Debt -= amount
			}
		}
		derived[p.Wallet] = b
	}
	for i := range s.Wallets {
		own := &s.Wallets[i]
		if b := s.BalanceOf(own.Name); b != derived[own.Name] {
			w.t.Fatalf("member %d, wallet %s: the state says %+v, the postings %+v", m, w.program.Names.Name(own.Name), b, derived[own.Name])
		}
		delete(derived, own.Name)
	}
	for name, b := range derived {
		if b != (ledger.Balance{}) {
			w.t.Fatalf("member %d has no wallet %s, but postings %+v", m, w.program.Names.Name(name), b)
		}
	}
}

// balance gives a wallet's balance at the instant; the state stays.
func (w *world) balance(m ledger.MemberID, wallet string, at calendar.Instant) ledger.Balance {
	return w.settled(m, at).BalanceOf(w.program.WalletByID(wallet).Name)
}

// settled gives the state of a member to whom time has passed up to the instant.
func (w *world) settled(m ledger.MemberID, at calendar.Instant) *ledger.State {
	s, _ := engine.Settled(w.timeline, m, w.state(m), at)
	return s
}

// deliver takes one of the follow-ups that wait and decides upon it.
func (w *world) deliver(which int, clock calendar.Instant) *engine.Decision {
	f := w.waiting[which]
	w.waiting = slices.Delete(w.waiting, which, which+1)
	return w.decide(f.Member, event.Event{Type: f.Type, Order: f.Order, Carried: f.Carried}, clock)
}

// settleAll lets time pass for all members.
func (w *world) settleAll(clock calendar.Instant) {
	for _, m := range slices.Sorted(maps.Keys(w.states)) {
		w.decide(m, event.Event{Type: event.Settle}, clock)
	}
}

// bytes gives the states of all members.
func (w *world) bytes() string {
	var all bytes.Buffer
	for _, m := range slices.Sorted(maps.Keys(w.states)) {
		fmt.Fprintf(&all, "%d %x\n", m, w.states[m].Append(nil))
	}
	return all.String()
}
