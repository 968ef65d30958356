package family_test

import (
	"testing"

	"premia/internal/testkit/mechanics"
)

func TestScenarios(t *testing.T) {
	mechanics.Stories(t, "testdata/family.yaml", 1)
	mechanics.Stories(t, "testdata/share.yaml", 1)
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
