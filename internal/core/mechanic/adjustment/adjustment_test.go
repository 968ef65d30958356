package adjustment_test

import (
	"strings"
	"testing"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/testkit/mechanics"
)

const wallets = `
wallets:
  strict: {name: {en: {one: point, other: points}, pl: {one: punkt, few: punkty, many: punktów, other: punktu}, cs: {one: bod, few: body, other: bodů}, ru: {one: балл, few: балла, many: баллов, other: балла}}, pending: 3d}
  debt: {name: points, debt: carry}
  loss: {name: points, debt: write off}
`

func adjust(wallet string, amount int64) event.Event {
	return event.Event{ID: "a", Type: event.Adjustment, Wallet: wallet, Amount: amount, Given: event.GivenAmount, Reason: "test"}
}

// The section has the name of what it is about.
func TestSectionIsNamedInThePlural(t *testing.T) {
	mechanics.RefusedAs(t, wallets+"adjustment: {}", "adjustment", document.CodeUnknownKey)
}

func TestAdjustments(t *testing.T) {
	for name, c := range map[string]struct {
		events  []event.Event
		outcome engine.Outcome // of the last
		want    ledger.Balance
	}{
		"given at once, whatever the wallet waits for": {[]event.Event{adjust("strict", 20)}, engine.Applied, ledger.Balance{Available: 20}},
		"taken":                     {[]event.Event{adjust("strict", 20), adjust("strict", -5)}, engine.Applied, ledger.Balance{Available: 15}},
		"not taken from too little": {[]event.Event{adjust("strict", 20), adjust("strict", -21)}, engine.Insufficient, ledger.Balance{Available: 20}},
		"taken into debt":           {[]event.Event{adjust("debt", 20), adjust("debt", -25)}, engine.Applied, ledger.Balance{Debt: 5}},
		"debt levelled first":       {[]event.Event{adjust("debt", -5), adjust("debt", 20)}, engine.Applied, ledger.Balance{Available: 15}},
		"written off":               {[]event.Event{adjust("loss", 20), adjust("loss", -25)}, engine.Applied, ledger.Balance{}},
		"of no wallet":              {[]event.Event{adjust("beans", 20)}, engine.NoSuchWallet, ledger.Balance{}},
	} {
		m := &mechanics.Member{T: t, Program: mechanics.Load(t, wallets), State: ledger.State{Status: ledger.Active}, ID: 7}
		var out engine.Decision
		for _, e := range c.events {
			out = m.Decide(e)
		}
		got := ledger.Balance{}
		if w := m.Program.WalletByID(c.events[0].Wallet); w != nil {
			got = m.Balance(w.ID)
		}
		if out.Outcome != c.outcome || got != c.want {
			t.Errorf("%s: %s with %+v, want %s with %+v", name, out.Outcome, got, c.outcome, c.want)
		}
	}
}

func TestWords(t *testing.T) {
	m := &mechanics.Member{T: t, Program: mechanics.Load(t, wallets), State: ledger.State{Status: ledger.Active}, ID: 7}
	e := adjust("strict", 5)
	out := m.Decide(e)
	for lang, want := range map[string]string{"en": "Adjustment by our staff: +5 points.", "pl": "+5 punktów.", "cs": "+5 bodů.", "ru": "+5 баллов."} {
		if said := m.Said(lang, &out, e); !strings.Contains(said, want) || strings.Contains(said, "⟦") {
			t.Errorf("in %s: %s, want %q", lang, said, want)
		}
	}
}
