package tier_test

import (
	"testing"

	"premia/internal/testkit/mechanics"
)

// TestScenarios tells the fine points of ladders, each in a scenario.
func TestScenarios(t *testing.T) {
	for file, least := range map[string]int{"calendar": 1, "granted": 1, "rolling": 1, "benefits": 3, "again": 3} {
		mechanics.Stories(t, "testdata/"+file+".yaml", least)
	}
}

// TestBadLadders has every mistake reported at its place, with a hint.
func TestBadLadders(t *testing.T) { mechanics.Mistakes(t, "testdata/bad.yaml") }

// TestBenefitsAreTold has members told in every language what levels bring.
func TestBenefitsAreTold(t *testing.T) {
	mechanics.Told(t, mechanics.Read(t, "testdata/benefits.yaml").Program, "benefits")
}
