package merge_test

import (
	"strings"
	"testing"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/merge"
	"premia/internal/testkit/mechanics"
)

const wallets = `
wallets: {points: {name: points, debt: carry}}
earn: [{id: spend, give: {points: 1, per: 1.00}}]
`

// No program has a say in merges.
func TestNoSection(t *testing.T) {
	mechanics.RefusedAs(t, wallets+"merge: {}", "merge", document.CodeUnknownKey)
}

func into(id ledger.MemberID) event.Event {
	return event.Event{ID: "m", Type: event.Merge, Data: []event.Datum{{Name: merge.Into, Kind: event.Whole, Whole: int64(id)}}}
}

func purchase(total int64) event.Event {
	return event.Event{ID: "b", Type: event.Purchase, Total: total, Given: event.GivenTotal}
}

func pair(t *testing.T) (a, b *mechanics.Member) {
	p := mechanics.Load(t, wallets)
	a = &mechanics.Member{T: t, Program: p, State: ledger.State{Status: ledger.Active}, ID: 7}
	b = &mechanics.Member{T: t, Program: p, State: ledger.State{Status: ledger.Active}, ID: 9}
	a.Decide(purchase(30_00))
	b.Decide(purchase(5_00))
	return a, b
}

// deliver decides a follow-up at the member whom it is for.
func deliver(d engine.Decision, to *mechanics.Member) engine.Decision {
	f := d.FollowUps[0]
	return to.Decide(event.Event{ID: "f", Type: f.Type, Carried: f.Carried})
}

// All value goes over, none stays, and the figures with it.
func TestMergeCarriesAll(t *testing.T) {
	a, b := pair(t)
	left := a.Decide(into(b.ID))
	if left.Outcome != engine.Applied || len(left.FollowUps) != 1 || left.FollowUps[0].Member != b.ID {
		t.Fatalf("the merge is %s and leaves %+v", left.Outcome, left.FollowUps)
	}
	if a.State.Status != ledger.Merged || a.State.MergedInto != b.ID || a.Balance("points") != (ledger.Balance{}) {
		t.Errorf("the one who left is %d into %s with %+v", a.State.Status, a.State.MergedInto, a.Balance("points"))
	}
	if origin, ok := merge.Origin(left.FollowUps[0].Carried); !ok || origin != a.ID {
		t.Errorf("the value is of %s", origin)
	}
	arrived := deliver(left, b)
	if arrived.Outcome != engine.Applied || b.Balance("points").Available != 35 || b.State.Purchases != 2 || b.State.Spend != 35_00 {
		t.Errorf("it arrives %s: %+v, %d purchases of %d", arrived.Outcome, b.Balance("points"), b.State.Purchases, b.State.Spend)
	}
}

func TestMergesRefused(t *testing.T) {
	for name, target := range map[string]ledger.MemberID{"into oneself": 7, "into nobody": 0} {
		a, _ := pair(t)
		if out := a.Decide(into(target)); out.Outcome != engine.MergeRefused || a.Balance("points").Available != 30 {
			t.Errorf("%s: %s with %+v", name, out.Outcome, a.Balance("points"))
		}
	}
	a, b := pair(t)
	a.Decide(into(b.ID))
	if out := a.Decide(into(b.ID)); out.Outcome != engine.MergeRefused || len(out.FollowUps) != 0 {
		t.Errorf("again: %s with %+v", out.Outcome, out.FollowUps)
	}
}

// Two who are merged into each other at once: the one with the lower id stays
// with all value, and nothing is lost or doubled.
func TestMergedIntoEachOther(t *testing.T) {
	a, b := pair(t)
	fromA, fromB := a.Decide(into(b.ID)), b.Decide(into(a.ID))
	deliver(fromB, a)
	back := deliver(fromA, b)
	if len(back.FollowUps) != 1 || back.FollowUps[0].Type != event.Absorbed || back.FollowUps[0].Member != a.ID {
		t.Fatalf("what a sent is %s and leaves %+v", back.Outcome, back.FollowUps)
	}
	deliver(back, a)
	if a.State.Status != ledger.Active || b.State.Status != ledger.Merged || a.Balance("points").Available != 35 || b.Balance("points") != (ledger.Balance{}) {
		t.Errorf("%d with %+v and %d with %+v", a.State.Status, a.Balance("points"), b.State.Status, b.Balance("points"))
	}
}

func TestWords(t *testing.T) {
	a, b := pair(t)
	left := a.Decide(into(b.ID))
	arrived := deliver(left, b)
	for _, lang := range []string{"en", "pl", "cs", "ru"} {
		for _, d := range []*engine.Decision{&left, &arrived} {
			if said := a.Said(lang, d, into(b.ID)); !strings.Contains(said, "30") || strings.Contains(said, "⟦") {
				t.Errorf("in %s: %s, want how much moves", lang, said)
			}
		}
	}
}
