package reward_test

import (
	"testing"

	"premia/internal/testkit/mechanics"
)

// Each kind of reward has a scenario, what rules give of the catalogue and what becomes
// of that when goods go back has others, and members are told all of it in every
// language.
func TestKinds(t *testing.T) {
	for _, name := range []string{"kinds", "together", "gifts"} {
		t.Run(name, func(t *testing.T) {
			mechanics.Told(t, mechanics.Stories(t, "testdata/"+name+".yaml", 1).Program, name)
		})
	}
}

// The life of vouchers is told by the scenarios of a program.
func TestVouchers(t *testing.T) { mechanics.Stories(t, "testdata/vouchers.yaml", 1) }

// A catalogue with mistakes is reported with all of them at once.
func TestBadRewards(t *testing.T) {
	mechanics.Mistakes(t, "testdata/bad.yaml")
	mechanics.Mistakes(t, "testdata/bad_together.yaml")
}
