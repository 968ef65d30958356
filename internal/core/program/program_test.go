package program_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"premia/internal/core/engine"
	"premia/internal/core/program"
	"premia/internal/i18n"
	"premia/internal/testkit"
)

func catalogue(t testing.TB) *i18n.Catalog {
	t.Helper()
	c, err := i18n.Load(program.Catalogs()...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func load(t testing.TB, src string) *program.Document {
	t.Helper()
	d, err := program.Load("program.yaml", []byte(src), engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// shipped are the programs that come with Premia, by folder.
func shipped(t testing.TB) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(testkit.RepoRoot(t), "programs", "*", "program.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	all := map[string]string{}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(filepath.Dir(file))] = string(src)
	}
	return all
}

// TestCatalogsAreComplete also finds an entry that two catalogues have.
func TestCatalogsAreComplete(t *testing.T) {
	for _, line := range catalogue(t).Missing() {
		t.Error(line)
	}
}

func TestShippedProgramsPassTheirScenarios(t *testing.T) {
	for name, src := range shipped(t) {
		d := load(t, src)
		if d.Scenarios() == 0 {
			t.Errorf("%s has no scenarios", name)
		}
		for _, f := range program.RunScenarios(d) {
			t.Errorf("%s, %s, step %d: %+v", name, f.Scenario, f.Step, f.Differences)
		}
	}
}

// TestShippedProgramsAreDescribed looks for messages and arguments without
// words, which show between ⟦ and ⟧.
func TestShippedProgramsAreDescribed(t *testing.T) {
	c := catalogue(t)
	for name, src := range shipped(t) {
		for _, lang := range c.Languages() {
			said := described(c, lang, load(t, src).Program)
			if strings.Contains(said, "⟦") {
				t.Errorf("%s in %s has no words for something:\n%s", name, lang, said)
			}
			testkit.Golden(t, "describe/"+name+"."+lang+".txt", []byte(said))
		}
	}
}

// described renders a program's description as plain text.
func described(c *i18n.Catalog, lang string, p *engine.Program) string {
	var b strings.Builder
	for i, s := range program.Describe(p) {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(c.Render(lang, s.Heading) + "\n")
		for _, line := range s.Lines {
			b.WriteString("- " + c.Render(lang, line) + "\n")
		}
	}
	return b.String()
}
