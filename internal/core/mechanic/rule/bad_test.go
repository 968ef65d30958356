package rule_test

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

// Each bad document is reported with all its mistakes at once, each with its
// place and, where there is one, a hint.
func TestBadDocuments(t *testing.T) {
	files, err := filepath.Glob("testdata/bad*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		_, err = program.Load(name, src, engine.NewNames())
		var problems document.Problems
		if !errors.As(err, &problems) {
			t.Fatalf("%s: %v", file, err)
		}
		var report bytes.Buffer
		for _, p := range problems {
			fmt.Fprintf(&report, "%s\n", p)
		}
		testkit.Golden(t, name+".golden", report.Bytes())
	}
}
