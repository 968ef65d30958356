package mechanics

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/program"
	"premia/internal/testkit"
)

// Read is the program in the file, with names of its own.
func Read(t testing.TB, file string) *program.Document {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, file, src)
}

func read(t testing.TB, file string, src []byte) *program.Document {
	t.Helper()
	d, err := program.Load(file, src, engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Stories reads the program in the file and plays its scenarios, of which there are
// at least so many.
func Stories(t *testing.T, file string, least int) *program.Document {
	t.Helper()
	d := Read(t, file)
	if d.Scenarios() < least {
		t.Errorf("%s has only %d scenarios, want %d", file, d.Scenarios(), least)
	}
	play(t, d)
	return d
}

// Play plays the scenarios of a program.
func Play(t *testing.T, src string) {
	t.Helper()
	play(t, read(t, "program.yaml", []byte(src)))
}

// play reports each difference from what scenarios expect as an error at its place.
func play(t *testing.T, d *program.Document) {
	t.Helper()
	for _, f := range program.RunScenarios(d) {
		for _, x := range f.Differences {
			t.Errorf("%s:%d: %s, step %d: %s is %s, want %s", f.File, x.Pos.Line, f.Scenario, f.Step, x.What, x.Got, x.Want)
		}
	}
}

// Mistakes finds each mistake of the document in the file reported at its place, as
// the golden file of its name says.
func Mistakes(t *testing.T, file string) {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Base(file)
	_, err = program.Load(name, src, engine.NewNames())
	var problems document.Problems
	if !errors.As(err, &problems) {
		t.Fatalf("%s is refused with %v, want its problems", file, err)
	}
	var report bytes.Buffer
	for _, p := range problems {
		fmt.Fprintf(&report, "%s\n", p)
	}
	testkit.Golden(t, name+".golden", report.Bytes())
}

// Told finds the program described in every language as the golden files say:
// name.en.txt and so on, a paragraph for each section.
func Told(t *testing.T, p *engine.Program, name string) {
	t.Helper()
	c := catalogs(t)
	for _, lang := range c.Languages() {
		var b strings.Builder
		for _, section := range program.Describe(p) {
			b.WriteString(c.Render(lang, section.Heading) + "\n")
			for _, line := range section.Lines {
				b.WriteString("- " + c.Render(lang, line) + "\n")
			}
			b.WriteByte('\n')
		}
		if strings.Contains(b.String(), "⟦") {
			t.Errorf("something of %s has no words in %s", name, lang)
		}
		testkit.Golden(t, name+"."+lang+".txt", []byte(b.String()))
	}
}
