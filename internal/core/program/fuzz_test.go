package program_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/program"
)

// FuzzLoad reads any bytes as a program. What is refused is refused with
// mistakes that have places; what is accepted can be described in every language
// and run.
func FuzzLoad(f *testing.F) {
	for _, src := range shipped(f) {
		f.Add([]byte(src))
	}
	for _, name := range []string{"every-value", "explain"} {
		src, err := os.ReadFile("testdata/" + name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	c := catalogue(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		d, err := program.Load("fuzz.yaml", src, engine.NewNames())
		if err != nil {
			var problems document.Problems
			if !errors.As(err, &problems) || len(problems) == 0 {
				t.Fatalf("refused without a mistake: %v", err)
			}
			return
		}
		program.RunScenarios(d)
		if said := strings.Join(inAllLanguages(c, d.Program), ""); strings.Contains(said, "⟦") && !strings.Contains(string(src), "⟦") {
			t.Fatalf("something has no words:\n%s", said)
		}
	})
}
