// Package mechanics is the workbench on which the mechanics of the core are
// tested: programs of a few lines, members whose events are decided one after
// another, and examples of what rules give. It owns the head of those programs
// and the words in which it says what was decided; everything else is the
// product's own: what it loads, decides and renders goes the way of a real
// program. Only tests import it, and it keeps no state between them.
package mechanics

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

// Began is when an event happens that says no time of its own.
var Began = calendar.Of(time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC))

// Load is version 1 of the program of these sections, in złotys, Warsaw's time
// and all languages.
func Load(t testing.TB, sections string) *engine.Program {
	t.Helper()
	d, err := program.Load("program.yaml", []byte(head+sections), engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	d.Program.Version = 1
	return d.Program
}

// RefusedAs fails the test unless a program of these sections is refused with a
// problem of this code at this path.
func RefusedAs(t testing.TB, sections, path, code string) {
	t.Helper()
	_, err := program.Load("program.yaml", []byte(head+sections), engine.NewNames())
	var problems document.Problems
	if !errors.As(err, &problems) || !slices.ContainsFunc(problems, func(p document.Problem) bool { return p.Path == path && p.Code == code }) {
		t.Errorf("%s\ngives %v, want %s at %s", sections, err, code, path)
	}
}

// Described renders the description of a program in a language, a line for each
// heading and sentence, with plain spaces.
func Described(t testing.TB, p *engine.Program, lang string) string {
	t.Helper()
	c := catalogs(t)
	var lines []string
	for _, s := range program.Describe(p) {
		lines = append(lines, c.Render(lang, s.Heading))
		for _, line := range s.Lines {
			lines = append(lines, c.Render(lang, line))
		}
	}
	return plain(lines)
}

// Member is one whose events are decided one after another.
type Member struct {
	T       testing.TB
	Program *engine.Program
	State   ledger.State
	ID      ledger.MemberID
}

// Decide applies an event to the member's state, known when it happened: Began
// if it says no time.
func (m *Member) Decide(e event.Event) engine.Decision {
	m.T.Helper()
	if e.At == 0 {
		e.At = Began
	}
	if err := e.Check("PLN", 2); err != nil {
		m.T.Fatal(err)
	}
	var out engine.Decision
	timeline := engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: m.Program})
	new(engine.Decider).Decide(timeline, &m.State, &e, engine.Inputs{Clock: e.At, Member: m.ID}, &out)
	return out
}

// Balance is what the member has in the program's wallet of this id, in the
// wallet's smallest units; nothing if the wallet was never used.
func (m *Member) Balance(id string) ledger.Balance {
	if w := m.State.Wallet(m.Program.WalletByID(id).Name); w != nil {
		return w.Balance()
	}
	return ledger.Balance{}
}

// Said renders every message of a decision in a language, a line for each, with
// plain spaces.
func (m *Member) Said(lang string, d *engine.Decision, e event.Event) string {
	m.T.Helper()
	c := catalogs(m.T)
	x := program.Explain(m.Program, m.Program.Names, d, &e)
	lines := []string{c.Render(lang, x.Outcome)}
	for _, r := range x.Reasons {
		lines = append(lines, c.Render(lang, r.Words))
	}
	for _, moved := range x.Movements {
		lines = append(lines, c.Render(lang, moved))
	}
	return plain(lines)
}

func catalogs(t testing.TB) *i18n.Catalog {
	t.Helper()
	c, err := i18n.Load(program.Catalogs()...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func plain(lines []string) string {
	return strings.ReplaceAll(strings.Join(lines, "\n"), "\u00a0", " ")
}
