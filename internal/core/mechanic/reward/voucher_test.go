package reward_test

import (
	"os"
	"testing"

	"premia/internal/core/engine"
	"premia/internal/core/program"
)

// The life of vouchers is told by the scenarios of a program.
func TestVouchers(t *testing.T) {
	src, err := os.ReadFile("testdata/vouchers.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d, err := program.Load("vouchers.yaml", src, engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range program.RunScenarios(d) {
		t.Errorf("%s, step %d: %+v", f.Scenario, f.Step, f.Differences)
	}
}
