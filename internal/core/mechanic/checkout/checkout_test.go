package checkout_test

import (
	"os"
	"testing"

	"premia/internal/core/engine"
	"premia/internal/core/program"
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
