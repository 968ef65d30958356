package tier_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/program"
	"premia/internal/testkit"
)

// load reads one of the programs in testdata.
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

// TestScenarios tells the fine points of ladders, each in a scenario.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		if file == "testdata/bad.yaml" {
			continue
		}
		for _, f := range program.RunScenarios(load(t, file)) {
			t.Errorf("%s:%d: %s, step %d: %+v", f.File, f.Pos.Line, f.Scenario, f.Step, f.Differences)
		}
	}
}

// TestBadLadders has every mistake reported at its place, with a hint.
func TestBadLadders(t *testing.T) {
	src, err := os.ReadFile("testdata/bad.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, err = program.Load("bad.yaml", src, engine.NewNames())
	var problems document.Problems
	if !errors.As(err, &problems) {
		t.Fatal(err)
	}
	var report bytes.Buffer
	for _, p := range problems {
		fmt.Fprintf(&report, "%s\n", p)
	}
	testkit.Golden(t, "bad.yaml.golden", report.Bytes())
}
