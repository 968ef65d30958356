package merge_test

import (
	"testing"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/merge"
	"premia/internal/testkit/mechanics"
)

// TestRefusalThatComesLate: two members were merged into each other, and the one
// who stayed has left for a third before the refusal of its own merge is back.
// It stays where it went, and what comes back follows it.
func TestRefusalThatComesLate(t *testing.T) {
	p := mechanics.Load(t, "wallets: {points: {name: points}}\n")
	rules := engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: p})
	states := map[ledger.MemberID]*ledger.State{}
	for id := ledger.MemberID(1); id <= 3; id++ {
		states[id] = &ledger.State{Status: ledger.Active, EnrolledAt: 1}
	}
	decide := func(id ledger.MemberID, e event.Event) engine.Decision {
		e.At = mechanics.Began
		var out engine.Decision
		new(engine.Decider).Decide(rules, states[id], &e, engine.Inputs{Clock: e.At, Member: id}, &out)
		return out
	}
	into := func(id ledger.MemberID) event.Event {
		return event.Event{ID: "m", Type: event.Merge, Data: []event.Datum{{Name: merge.Into, Kind: event.Whole, Whole: int64(id)}}}
	}
	follow := func(d engine.Decision) engine.Decision {
		t.Helper()
		if len(d.FollowUps) != 1 {
			t.Fatalf("%d follow-ups left, want one", len(d.FollowUps))
		}
		f := d.FollowUps[0]
		return decide(f.Member, event.Event{ID: "f", Type: f.Type, Carried: f.Carried})
	}
	first, second := decide(1, into(2)), decide(2, into(1))
	refused := follow(first)
	if follow(second).Outcome != engine.Applied {
		t.Fatal("the first did not take the second in")
	}
	third := decide(1, into(3))
	late := follow(refused)
	if late.Outcome != engine.ForwardedOn || states[1].Status != ledger.Merged || states[1].MergedInto != 3 {
		t.Errorf("the late refusal gave %v, and the member is %v in %d, want it to stay in 3", late.Outcome, states[1].Status, states[1].MergedInto)
	}
	if follow(third).Outcome != engine.Applied || follow(late).Outcome != engine.Applied {
		t.Error("the third did not take in what came")
	}
}
