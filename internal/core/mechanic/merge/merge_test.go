package merge_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/merge"
	"premia/internal/core/program"
	"premia/internal/i18n"
)

const head = `
program: Doors
currency: PLN
timezone: Europe/Warsaw
languages: [en, pl, cs, ru]
`

func load(t *testing.T, src string) *engine.Program {
	t.Helper()
	d, err := program.Load("program.yaml", []byte(head+src), engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	d.Program.Version = 1
	return d.Program
}

// member is one whose events are decided one after another.
type member struct {
	t       *testing.T
	program *engine.Program
	state   ledger.State
	id      ledger.MemberID
}

var began = calendar.Of(time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC))

func (m *member) decide(e event.Event) engine.Decision {
	m.t.Helper()
	if e.At == 0 {
		e.At = began
	}
	if err := e.Check("PLN", 2); err != nil {
		m.t.Fatal(err)
	}
	var out engine.Decision
	timeline := engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: m.program})
	new(engine.Decider).Decide(timeline, &m.state, &e, engine.Inputs{Clock: e.At, Member: m.id}, &out)
	return out
}

func (m *member) balance(id string) ledger.Balance {
	if w := m.state.Wallet(m.program.WalletByID(id).Name); w != nil {
		return w.Balance()
	}
	return ledger.Balance{}
}

// said renders every message of a decision in a language.
func (m *member) said(lang string, d *engine.Decision, e event.Event) string {
	m.t.Helper()
	c, err := i18n.Load(program.Catalogs()...)
	if err != nil {
		m.t.Fatal(err)
	}
	x := program.Explain(m.program, m.program.Names, d, &e)
	lines := []string{c.Render(lang, x.Outcome)}
	for _, r := range x.Reasons {
		lines = append(lines, c.Render(lang, r.Words))
	}
	for _, moved := range x.Movements {
		lines = append(lines, c.Render(lang, moved))
	}
	return strings.ReplaceAll(strings.Join(lines, "\n"), "\u00a0", " ")
}

func refusedAs(t *testing.T, src, path, code string) {
	t.Helper()
	_, err := program.Load("program.yaml", []byte(head+src), engine.NewNames())
	var problems document.Problems
	if !errors.As(err, &problems) || !slices.ContainsFunc(problems, func(p document.Problem) bool { return p.Path == path && p.Code == code }) {
		t.Errorf("%s\ngives %v, want %s at %s", src, err, code, path)
	}
}

const wallets = `
wallets: {points: {name: points, debt: carry}}
earn: [{id: spend, give: {points: 1, per: 1.00}}]
`

// No program has a say in merges.
func TestNoSection(t *testing.T) {
	refusedAs(t, wallets+"merge: {}", "merge", document.CodeUnknownKey)
}

func into(id ledger.MemberID) event.Event {
	return event.Event{ID: "m", Type: event.Merge, Data: []event.Datum{{Name: merge.Into, Kind: event.Whole, Whole: int64(id)}}}
}

func purchase(total int64) event.Event {
	return event.Event{ID: "b", Type: event.Purchase, Total: total, Given: event.GivenTotal}
}

func pair(t *testing.T) (a, b *member) {
	p := load(t, wallets)
	a = &member{t: t, program: p, state: ledger.State{Status: ledger.Active}, id: 7}
	b = &member{t: t, program: p, state: ledger.State{Status: ledger.Active}, id: 9}
	a.decide(purchase(30_00))
	b.decide(purchase(5_00))
	return a, b
}

// deliver decides a follow-up at the member whom it is for.
func deliver(d engine.Decision, to *member) engine.Decision {
	f := d.FollowUps[0]
	return to.decide(event.Event{ID: "f", Type: f.Type, Carried: f.Carried})
}

// All value goes over, none stays, and the figures with it.
func TestMergeCarriesAll(t *testing.T) {
	a, b := pair(t)
	left := a.decide(into(b.id))
	if left.Outcome != engine.Applied || len(left.FollowUps) != 1 || left.FollowUps[0].Member != b.id {
		t.Fatalf("the merge is %s and leaves %+v", left.Outcome, left.FollowUps)
	}
	if a.state.Status != ledger.Merged || a.state.MergedInto != b.id || a.balance("points") != (ledger.Balance{}) {
		t.Errorf("the one who left is %d into %s with %+v", a.state.Status, a.state.MergedInto, a.balance("points"))
	}
	if origin, ok := merge.Origin(left.FollowUps[0].Carried); !ok || origin != a.id {
		t.Errorf("the value is of %s", origin)
	}
	arrived := deliver(left, b)
	if arrived.Outcome != engine.Applied || b.balance("points").Available != 35 || b.state.Purchases != 2 || b.state.Spend != 35_00 {
		t.Errorf("it arrives %s: %+v, %d purchases of %d", arrived.Outcome, b.balance("points"), b.state.Purchases, b.state.Spend)
	}
}

func TestMergesRefused(t *testing.T) {
	for name, target := range map[string]ledger.MemberID{"into oneself": 7, "into nobody": 0} {
		a, _ := pair(t)
		if out := a.decide(into(target)); out.Outcome != engine.MergeRefused || a.balance("points").Available != 30 {
			t.Errorf("%s: %s with %+v", name, out.Outcome, a.balance("points"))
		}
	}
	a, b := pair(t)
	a.decide(into(b.id))
	if out := a.decide(into(b.id)); out.Outcome != engine.MergeRefused || len(out.FollowUps) != 0 {
		t.Errorf("again: %s with %+v", out.Outcome, out.FollowUps)
	}
}

// Two who are merged into each other at once: the one with the lower id stays
// with all value, and nothing is lost or doubled.
func TestMergedIntoEachOther(t *testing.T) {
	a, b := pair(t)
	fromA, fromB := a.decide(into(b.id)), b.decide(into(a.id))
	deliver(fromB, a)
	back := deliver(fromA, b)
	if len(back.FollowUps) != 1 || back.FollowUps[0].Type != event.Absorbed || back.FollowUps[0].Member != a.id {
		t.Fatalf("what a sent is %s and leaves %+v", back.Outcome, back.FollowUps)
	}
	deliver(back, a)
	if a.state.Status != ledger.Active || b.state.Status != ledger.Merged || a.balance("points").Available != 35 || b.balance("points") != (ledger.Balance{}) {
		t.Errorf("%d with %+v and %d with %+v", a.state.Status, a.balance("points"), b.state.Status, b.balance("points"))
	}
}

func TestWords(t *testing.T) {
	a, b := pair(t)
	left := a.decide(into(b.id))
	arrived := deliver(left, b)
	for _, lang := range []string{"en", "pl", "cs", "ru"} {
		for _, d := range []*engine.Decision{&left, &arrived} {
			if said := a.said(lang, d, into(b.id)); !strings.Contains(said, "30") || strings.Contains(said, "⟦") {
				t.Errorf("in %s: %s, want how much moves", lang, said)
			}
		}
	}
}
