package member_test

import (
	"strings"
	"testing"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/testkit/mechanics"
)

const wallets = `
wallets: {points: {name: points}}
earn: [{id: spend, give: {points: 1, per: 1.00}}]
`

// Membership has no rules of a program.
func TestNoSection(t *testing.T) {
	mechanics.RefusedAs(t, wallets+"member: {}", "member", document.CodeUnknownKey)
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
	earlier.At = mechanics.Began - 1000
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
		m := &mechanics.Member{T: t, Program: mechanics.Load(t, wallets), ID: 7}
		for _, e := range c.events {
			m.Decide(e)
		}
		city, _ := m.State.Fact("city")
		if _, personal := m.State.Fact("digest_profile_email"); m.State.Status != c.status || city != c.city || personal {
			t.Errorf("%s: %d of %q (a digest is a fact: %t), want %d of %q", name, m.State.Status, city, personal, c.status, c.city)
		}
		if first := c.events[len(c.events)-1].At; first != 0 && m.State.EnrolledAt != first {
			t.Errorf("%s: enrolled at %s, want %s", name, m.State.EnrolledAt, first)
		}
	}
}

func TestWordsForTheBlocked(t *testing.T) {
	m := &mechanics.Member{T: t, Program: mechanics.Load(t, wallets), State: ledger.State{Status: ledger.Blocked}, ID: 7}
	e := event.Event{ID: "b", Type: event.Purchase, Total: 10_00, Given: event.GivenTotal}
	out := m.Decide(e)
	if out.Outcome != engine.MemberBlocked || len(out.Postings) != 0 {
		t.Errorf("%s with %v", out.Outcome, out.Postings)
	}
	for lang, want := range map[string]string{"en": "blocked", "pl": "zablokowan", "cs": "zablokován", "ru": "заблокирован"} {
		if said := m.Said(lang, &out, e); !strings.Contains(said, want) || strings.Contains(said, "⟦") {
			t.Errorf("in %s: %s, want %q", lang, said, want)
		}
	}
}
