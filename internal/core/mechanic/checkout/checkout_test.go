package checkout_test

import (
	"os"
	"strings"
	"testing"

	"premia/internal/core/engine"
	"premia/internal/core/program"
	"premia/internal/i18n"
	"premia/internal/testkit"
)

// load reads the program of the stories.
func load(t testing.TB) *program.Document {
	t.Helper()
	src, err := os.ReadFile("testdata/shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d, err := program.Load("shop.yaml", src, engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The stories are told by the scenarios of the program.
func TestStories(t *testing.T) {
	d := load(t)
	for _, f := range program.RunScenarios(d) {
		t.Errorf("%s, step %d: %+v", f.Scenario, f.Step, f.Differences)
	}
}

// Members are told of every promotion, voucher and way to pay, in every language.
func TestDescribed(t *testing.T) {
	d := load(t)
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
		testkit.Golden(t, "shop."+lang+".txt", []byte(b.String()))
	}
}
