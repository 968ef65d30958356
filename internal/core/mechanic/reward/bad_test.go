package reward_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"testing"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/program"
	"premia/internal/testkit"
)

// A catalogue with mistakes is reported with all of them at once.
func TestBadRewards(t *testing.T) {
	for _, file := range []string{"bad.yaml", "bad_together.yaml"} {
		src, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		_, err = program.Load(file, src, engine.NewNames())
		var problems document.Problems
		if !errors.As(err, &problems) {
			t.Fatal(err)
		}
		var report bytes.Buffer
		for _, p := range problems {
			fmt.Fprintf(&report, "%s\n", p)
		}
		testkit.Golden(t, file+".golden", report.Bytes())
	}
}
