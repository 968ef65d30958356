package family_test

import (
	"os"
	"testing"

	"premia/internal/core/engine"
	"premia/internal/core/program"
	"premia/internal/testkit/mechanics"
)

func TestScenarios(t *testing.T) {
	for _, file := range []string{"family.yaml", "share.yaml"} {
		src, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		d, err := program.Load(file, src, engine.NewNames())
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range program.RunScenarios(d) {
			t.Errorf("%s, step %d: %+v", f.Scenario, f.Step, f.Differences)
		}
	}
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	const wallets = "wallets:\n  points: {name: {en: {one: p, other: p}}}\n"
	for _, x := range []struct{ families, path, code string }{
		{"{members: 3}", "families", "missing"},
		{"{wallets: [points, points]}", "families.wallets[1]", "duplicate_id"},
		{"{wallets: [pionts]}", "families.wallets[0]", "unknown_wallet"},
		{"{wallets: [points], members: 1}", "families.members", "out_of_range"},
		{"{wallets: [points], spend: nobody}", "families.spend", "not_allowed"},
	} {
		mechanics.RefusedAs(t, wallets+"families: "+x.families+"\n", x.path, x.code)
	}
}
