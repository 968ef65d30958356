package wallet_test

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

func TestBadWallets(t *testing.T) {
	refusedAs(t, `wallets: {}`, "wallets", "missing")
	refusedAs(t, `wallets: {Points: {name: points}}`, "wallets.Points", "invalid")
	refusedAs(t, `wallets: {points: {}}`, "wallets.points.name", document.CodeMissing)
	refusedAs(t, `wallets: {points: {name: {en: {one: point}}}}`, "wallets.points.name.en.other", document.CodeMissing)
	refusedAs(t, `wallets: {points: {name: points, pending: {until: parcel}}}`, "wallets.points.pending.until", "unknown_event_type")
}

const rules = `
events: {delivery: {name: {en: delivery, pl: dostawa, cs: doručení, ru: доставка}}}
wallets:
  points:
    name: {en: {one: point, other: points}, pl: {one: punkt, few: punkty, many: punktów, other: punktu}, cs: {one: bod, few: body, other: bodů}, ru: {one: балл, few: балла, many: баллов, other: балла}}
    pending: {until: delivery}
    expires: {after activity: 30d}
    worth: 0.05
earn: [{id: spend, give: {points: 1, per: 1.00}}]
`

func purchase(order string, at calendar.Instant) event.Event {
	return event.Event{ID: order, Type: event.Purchase, Order: order, Total: 10_00, Given: event.GivenTotal, At: at}
}

// What waits for an event becomes spendable by the one of its own order.
func TestDelivery(t *testing.T) {
	m := &member{t: t, program: load(t, rules), state: ledger.State{Status: ledger.Active}, id: 7}
	m.decide(purchase("A", began))
	m.decide(purchase("B", began))
	if got := m.balance("points"); got != (ledger.Balance{Pending: 20}) {
		t.Errorf("before the delivery: %+v", got)
	}
	m.decide(event.Event{ID: "d", Type: "delivery", Order: "A", At: began + 1})
	if got := m.balance("points"); got != (ledger.Balance{Pending: 10, Available: 10}) {
		t.Errorf("after the delivery of one of two orders: %+v", got)
	}
}

// Points live on by activity: a purchase on the last day keeps them, without one
// they are gone.
func TestActivityRenews(t *testing.T) {
	const day = calendar.Instant(24 * time.Hour / time.Microsecond)
	for again, want := range map[calendar.Instant]int64{29: 10, 0: 0} {
		m := &member{t: t, program: load(t, rules), state: ledger.State{Status: ledger.Active}, id: 7}
		m.decide(purchase("A", began))
		m.decide(event.Event{ID: "d", Type: "delivery", Order: "A", At: began})
		if again > 0 {
			m.decide(purchase("B", began+again*day))
		}
		m.decide(event.Event{ID: "late", Type: "delivery", Order: "none", At: began + 40*day})
		if got := m.balance("points").Available; got != want {
			t.Errorf("with a purchase after %d days: %d points after 40, want %d", again, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	p := load(t, rules)
	for lang, want := range map[string][]string{
		"en": {"1 point has a value of PLN 0.05.", "Pending until the event “delivery” for the same order.", "Valid for 30 days after your last purchase."},
		"pl": {"0,05 zł", "dostawa", "30 dni"}, "cs": {"0,05", "doručení", "30 dní"}, "ru": {"0,05", "доставка", "30 дней"},
	} {
		said := described(t, p, lang)
		for _, part := range want {
			if !strings.Contains(said, part) || strings.Contains(said, "⟦") {
				t.Errorf("in %s: %s, want %q", lang, said, part)
			}
		}
	}
}
