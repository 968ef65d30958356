package member_test

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

// person is one whose events are decided one after another.
type person struct {
	t       *testing.T
	program *engine.Program
	state   ledger.State
	id      ledger.MemberID
}

var began = calendar.Of(time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC))

func (m *person) decide(e event.Event) engine.Decision {
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

// said renders every message of a decision in a language.
func (m *person) said(lang string, d *engine.Decision, e event.Event) string {
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
wallets: {points: {name: points}}
earn: [{id: spend, give: {points: 1, per: 1.00}}]
`

// Membership has no rules of a program.
func TestNoSection(t *testing.T) {
	refusedAs(t, wallets+"member: {}", "member", document.CodeUnknownKey)
}

func word(name, text string) event.Datum {
	return event.Datum{Name: name, Kind: event.Text, Text: text}
}

func truth(name string, yes bool) event.Datum {
	return event.Datum{Name: name, Kind: event.Truth, Whole: map[bool]int64{true: 1}[yes]}
}

func profile(data ...event.Datum) event.Event {
	return event.Event{ID: "p", Type: event.Profile, Data: data}
}

func TestStandingAndFacts(t *testing.T) {
	enrolment := event.Event{ID: "e", Type: event.Enrolment, Data: []event.Datum{word("city", "Brno"), word("digest_profile_email", "00")}}
	earlier := enrolment
	earlier.At = began - 1000
	for name, c := range map[string]struct {
		events []event.Event
		status ledger.Status
		city   string
	}{
		"enrolled":                {[]event.Event{enrolment}, ledger.Active, "Brno"},
		"enrolled again, earlier": {[]event.Event{enrolment, earlier}, ledger.Active, "Brno"},
		"a fact changed":          {[]event.Event{enrolment, profile(word("city", "Praha"))}, ledger.Active, "Praha"},
		"a fact removed":          {[]event.Event{enrolment, profile(word("city", ""))}, ledger.Active, ""},
		"blocked":                 {[]event.Event{enrolment, profile(truth("blocked", true))}, ledger.Blocked, "Brno"},
		"blocked and back":        {[]event.Event{enrolment, profile(truth("blocked", true)), profile(truth("blocked", false))}, ledger.Active, "Brno"},
		"erased":                  {[]event.Event{enrolment, profile(truth("erased", true))}, ledger.Erased, ""},
		"erased for good":         {[]event.Event{enrolment, profile(truth("erased", true)), profile(truth("blocked", true))}, ledger.Erased, ""},
	} {
		m := &person{t: t, program: load(t, wallets), id: 7}
		for _, e := range c.events {
			m.decide(e)
		}
		city, _ := m.state.Fact("city")
		if _, personal := m.state.Fact("digest_profile_email"); m.state.Status != c.status || city != c.city || personal {
			t.Errorf("%s: %d of %q (a digest is a fact: %t), want %d of %q", name, m.state.Status, city, personal, c.status, c.city)
		}
		if first := c.events[len(c.events)-1].At; first != 0 && m.state.EnrolledAt != first {
			t.Errorf("%s: enrolled at %s, want %s", name, m.state.EnrolledAt, first)
		}
	}
}

func TestWordsForTheBlocked(t *testing.T) {
	m := &person{t: t, program: load(t, wallets), state: ledger.State{Status: ledger.Blocked}, id: 7}
	e := event.Event{ID: "b", Type: event.Purchase, Total: 10_00, Given: event.GivenTotal}
	out := m.decide(e)
	if out.Outcome != engine.MemberBlocked || len(out.Postings) != 0 {
		t.Errorf("%s with %v", out.Outcome, out.Postings)
	}
	for lang, want := range map[string]string{"en": "blocked", "pl": "zablokowan", "cs": "zablokován", "ru": "заблокирован"} {
		if said := m.said(lang, &out, e); !strings.Contains(said, want) || strings.Contains(said, "⟦") {
			t.Errorf("in %s: %s, want %q", lang, said, want)
		}
	}
}
