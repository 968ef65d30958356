package program_test

import (
	"strings"
	"testing"

	"premia/internal/core/engine"
	"premia/internal/core/program"
)

// TestUnknownZoneHidesNothing: a wrong time zone is one mistake among others,
// and all are told at once.
func TestUnknownZoneHidesNothing(t *testing.T) {
	const src = `
program: Test
currency: PLN
timezone: Europe/Warszawa
languages: [en]
wallets: {points: {name: {en: points}}}
earn:
  - {id: spend, when: event.totl > 5, give: {points: 1, per: 1.00}}
`
	_, err := program.Load("test.yaml", []byte(src), engine.NewNames())
	if err == nil {
		t.Fatal("the document was accepted")
	}
	for _, want := range []string{"test.yaml:4:11: timezone", "test.yaml:8:29: earn[0].when"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\ndoes not tell %s", err, want)
		}
	}
}
