package custom_test

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
	"premia/internal/core/mechanic/custom"
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

func described(t *testing.T, p *engine.Program, lang string) string {
	t.Helper()
	c, err := i18n.Load(program.Catalogs()...)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, s := range program.Describe(p) {
		lines = append(lines, c.Render(lang, s.Heading))
		for _, line := range s.Lines {
			lines = append(lines, c.Render(lang, line))
		}
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

const rules = `
events:
  review:
    name: {en: coffee review, pl: opinia o kawie, cs: recenze kávy, ru: отзыв о кофе}
    fields:
      stars: {type: whole, required: true, name: {en: stars, pl: gwiazdki, cs: hvězdičky, ru: звёзды}}
      text: text
      score: decimal
      photo: truth
wallets: {points: {name: points}}
earn:
  - {id: r, on: review, when: event.data.stars >= 4, give: {points: 5}}
`

func TestBadTypes(t *testing.T) {
	const wallets = "wallets: {points: {name: points}}\n"
	refusedAs(t, wallets+`events: {Review: {}}`, "events.Review", "invalid")
	refusedAs(t, wallets+`events: {review: {fields: {a-b: text}}}`, "events.review.fields.a-b", "invalid")
	refusedAs(t, wallets+`events: {review: {fields: {a: text}}, visit: {fields: {a: whole}}}`, "events.visit.fields.a", "ambiguous")
	refusedAs(t, wallets+`events: {review: {fields: {a: {}}}}`, "events.review.fields.a.type", document.CodeMissing)
}

func datum(name string, kind event.Kind, whole int64) event.Datum {
	return event.Datum{Name: name, Kind: kind, Whole: whole}
}

// Conditions read the fields, and nothing else decides by them.
func TestFieldsInConditions(t *testing.T) {
	for stars, want := range map[int64]int64{3: 0, 4: 5} {
		m := &member{t: t, program: load(t, rules), state: ledger.State{Status: ledger.Active}, id: 7}
		out := m.decide(event.Event{ID: "r", Type: "review", Data: []event.Datum{datum("stars", event.Whole, stars)}})
		if got := m.balance("points").Available; out.Outcome != engine.Applied || got != want {
			t.Errorf("%d stars: %s with %d points, want %d", stars, out.Outcome, got, want)
		}
	}
}

func TestCheckData(t *testing.T) {
	p := load(t, rules)
	stars := datum("stars", event.Whole, 5)
	for name, c := range map[string]struct {
		data  []event.Datum
		field string // that is wrong; empty if none is
	}{
		"all fields":         {[]event.Datum{datum("photo", event.Truth, 1), datum("score", event.Whole, 2), stars, {Name: "text", Kind: event.Text, Text: "x"}}, ""},
		"only what it needs": {[]event.Datum{stars}, ""},
		"a field too few":    {nil, "stars"},
		"a field too many":   {[]event.Datum{datum("color", event.Whole, 1), stars}, "color"},
		"another type":       {[]event.Datum{{Name: "stars", Kind: event.Text, Text: "5"}}, "stars"},
	} {
		field, why, ok := custom.CheckData(p.EventType("review"), &event.Event{Type: "review", Data: c.data})
		if field != c.field || ok != (c.field == "") || ok != (why == "") {
			t.Errorf("%s: %q is wrong (%s), want %q", name, field, why, c.field)
		}
	}
	if _, _, ok := custom.CheckData(nil, &event.Event{Type: "visit", Data: []event.Datum{stars}}); ok {
		t.Error("data of a type without fields are accepted")
	}
}

func TestWords(t *testing.T) {
	p := load(t, rules)
	for lang, want := range map[string][2]string{
		"en": {"For every event “coffee review”", "stars: at least 4."}, "pl": {"opinia o kawie", "gwiazdki: co najmniej 4."},
		"cs": {"recenze kávy", "hvězdičky: alespoň 4."}, "ru": {"отзыв о кофе", "звёзды: не меньше 4."},
	} {
		if said := described(t, p, lang); !strings.Contains(said, want[0]) || !strings.Contains(said, want[1]) || strings.Contains(said, "⟦") {
			t.Errorf("in %s: %s, want %q", lang, said, want)
		}
	}
}
