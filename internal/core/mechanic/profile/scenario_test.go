package profile_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/program"
	"premia/internal/testkit"
	"premia/internal/testkit/mechanics"
)

func load(t *testing.T, file string) *program.Document {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	d, err := program.Load(file, src, engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestScenarios tells the fine points of what comes by itself, each in a scenario.
func TestScenarios(t *testing.T) {
	for _, f := range program.RunScenarios(load(t, "testdata/occasions.yaml")) {
		t.Errorf("%s:%d: %s, step %d: %+v", f.File, f.Pos.Line, f.Scenario, f.Step, f.Differences)
	}
}

// TestBadDocuments has every mistake reported at its place, with a hint.
func TestBadDocuments(t *testing.T) {
	src, err := os.ReadFile("testdata/bad.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, err = program.Load("bad.yaml", src, engine.NewNames())
	var problems document.Problems
	if !errors.As(err, &problems) {
		t.Fatal(err)
	}
	var report strings.Builder
	for _, p := range problems {
		fmt.Fprintf(&report, "%s\n", p)
		if p.Hint == "" {
			t.Errorf("no hint: %s", p)
		}
	}
	testkit.Golden(t, "bad.yaml.golden", []byte(report.String()))
}

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
