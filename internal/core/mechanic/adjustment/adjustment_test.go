package adjustment_test

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
wallets:
  strict: {name: {en: {one: point, other: points}, pl: {one: punkt, few: punkty, many: punktów, other: punktu}, cs: {one: bod, few: body, other: bodů}, ru: {one: балл, few: балла, many: баллов, other: балла}}, pending: 3d}
  debt: {name: points, debt: carry}
  loss: {name: points, debt: write off}
`

func adjust(wallet string, amount int64) event.Event {
	return event.Event{ID: "a", Type: event.Adjustment, Wallet: wallet, Amount: amount, Given: event.GivenAmount, Reason: "test"}
}

// A program can't set how adjustments are made.
func TestNoSection(t *testing.T) {
	refusedAs(t, wallets+"adjustment: {}", "adjustment", document.CodeUnknownKey)
}

func TestAdjustments(t *testing.T) {
	for name, c := range map[string]struct {
		events  []event.Event
		outcome engine.Outcome // of the last
		want    ledger.Balance
	}{
		"given at once, whatever the wallet waits for": {[]event.Event{adjust("strict", 20)}, engine.Applied, ledger.Balance{Available: 20}},
		"taken":                     {[]event.Event{adjust("strict", 20), adjust("strict", -5)}, engine.Applied, ledger.Balance{Available: 15}},
		"not taken from too little": {[]event.Event{adjust("strict", 20), adjust("strict", -21)}, engine.Insufficient, ledger.Balance{Available: 20}},
		"taken into debt":           {[]event.Event{adjust("debt", 20), adjust("debt", -25)}, engine.Applied, ledger.Balance{Debt: 5}},
		"debt levelled first":       {[]event.Event{adjust("debt", -5), adjust("debt", 20)}, engine.Applied, ledger.Balance{Available: 15}},
		"written off":               {[]event.Event{adjust("loss", 20), adjust("loss", -25)}, engine.Applied, ledger.Balance{}},
		"of no wallet":              {[]event.Event{adjust("beans", 20)}, engine.NoSuchWallet, ledger.Balance{}},
	} {
		m := &member{t: t, program: load(t, wallets), state: ledger.State{Status: ledger.Active}, id: 7}
		var out engine.Decision
		for _, e := range c.events {
			out = m.decide(e)
		}
		got := ledger.Balance{}
		if w := m.program.WalletByID(c.events[0].Wallet); w != nil {
			got = m.balance(w.ID)
		}
		if out.Outcome != c.outcome || got != c.want {
			t.Errorf("%s: %s with %+v, want %s with %+v", name, out.Outcome, got, c.outcome, c.want)
		}
	}
}

func TestWords(t *testing.T) {
	m := &member{t: t, program: load(t, wallets), state: ledger.State{Status: ledger.Active}, id: 7}
	e := adjust("strict", 5)
	out := m.decide(e)
	for lang, want := range map[string]string{"en": "Adjustment by our staff: +5 points.", "pl": "+5 punktów.", "cs": "+5 bodů.", "ru": "+5 баллов."} {
		if said := m.said(lang, &out, e); !strings.Contains(said, want) || strings.Contains(said, "⟦") {
			t.Errorf("in %s: %s, want %q", lang, said, want)
		}
	}
}
