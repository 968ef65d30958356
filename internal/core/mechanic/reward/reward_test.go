package reward_test

import (
	"os"
	"strings"
	"testing"

	"premia/internal/core/engine"
	"premia/internal/core/program"
	"premia/internal/i18n"
	"premia/internal/testkit"
)

// Each kind of reward has a scenario, and tells members in every language what
// they get.
func TestKinds(t *testing.T) {
	for _, name := range []string{"kinds", "together"} {
		t.Run(name, func(t *testing.T) { checkKinds(t, name) })
	}
}

func checkKinds(t *testing.T, name string) {
	src, err := os.ReadFile("testdata/" + name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	d, err := program.Load(name+".yaml", src, engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range program.RunScenarios(d) {
		t.Errorf("%s, step %d: %+v", f.Scenario, f.Step, f.Differences)
	}
	c, err := i18n.Load(program.Catalogs()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range c.Languages() {
		var b strings.Builder
		for _, section := range program.Describe(d.Program) {
			b.WriteString(c.Render(lang, section.Heading) + "\n")
			for _, line := range section.Lines {
				b.WriteString("- " + c.Render(lang, line) + "\n")
			}
			b.WriteByte('\n')
		}
		if strings.Contains(b.String(), "⟦") {
			t.Errorf("something has no words in %s", lang)
		}
		testkit.Golden(t, name+"."+lang+".txt", []byte(b.String()))
	}
}
