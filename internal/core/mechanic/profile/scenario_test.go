package profile_test

import (
	"testing"

	"premia/internal/testkit/mechanics"
)

// TestScenarios tells the fine points of what comes by itself, each in a scenario.
func TestScenarios(t *testing.T) { mechanics.Stories(t, "testdata/occasions.yaml", 1) }

// TestBadDocuments has every mistake reported at its place, with a hint.
func TestBadDocuments(t *testing.T) { mechanics.Mistakes(t, "testdata/bad.yaml") }

// TestWhatComesByItselfIsNotSent sends a birthday, which brings nothing; where the
// program declares birthdays as its own events, they are sent like others.
func TestWhatComesByItselfIsNotSent(t *testing.T) {
	const rules, sent = `
earn: [{id: a, on: birthday, give: {points: 5}}]`, `{"type": "birthday", "time": "2026-05-04T12:00:00Z"}`
	if got := mechanics.Given(t, rules, sent); got[0] != "" {
		t.Errorf("a birthday that was sent brought %q", got[0])
	}
	if got := mechanics.Given(t, "\nevents: {birthday: {name: birthday}}"+rules, sent); got[0] != "a points 5" {
		t.Errorf("the program's own event brought %q", got[0])
	}
}
