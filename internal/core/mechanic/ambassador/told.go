package ambassador

import (
	"slices"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// The states of a conversion, as an ambassador's postback is told them.
const (
	Credited  = "credited"   // the purchase was credited
	Changed   = "changed"    // some of what it brought went back
	TakenBack = "taken_back" // all of it did
)

// Telling is what an event of a commission came to for the ambassador.
type Telling struct {
	Status string
	Click  ledger.Click
	// Total is what the purchase counted, or, negative, what of it went back, in minor
	// units of the currency.
	Total int64
	// Changes are what the ambassador got, or, negative, what was taken back: the sums
	// over all tellings of a purchase are what is left of it.
	Changes []Change
}

// Change is so much of a wallet, in its minor units.
type Change struct {
	Wallet ledger.Name
	Amount int64
}

// Told gives what an ambassador is told of a decided event; ok is false where it
// credited nothing and took nothing back.
func Told(e *event.Event, d *engine.Decision) (t Telling, ok bool) {
	if d.Outcome != engine.Applied || (e.Type != event.Commission && e.Type != event.CommissionBack) {
		return t, false
	}
	p, err := Open(e.Carried)
	if err != nil {
		return t, false
	}
	t = Telling{Status: Credited, Click: p.Click, Total: p.Total}
	if e.Type == event.CommissionBack {
		t.Status, t.Total = TakenBack, -p.Total
		if slices.ContainsFunc(p.Gifts, func(g Gift) bool { return g.Amount > 0 }) {
			t.Status = Changed
		}
	}
	for i := range d.Steps {
		switch s := &d.Steps[i]; {
		case s.Result == engine.CommissionFor, s.Result == engine.CommissionLess:
			ok = true
		case s.Result == engine.Gave && p.gives(s.Rule):
			t.add(s.Wallet, s.Amount)
		case s.Result == engine.TookBack && p.gives(s.Rule):
			t.add(s.Wallet, -s.Wanted)
		}
	}
	// What had not arrived yet can't go back.
	return t, ok && (e.Type == event.Commission || len(t.Changes) > 0)
}

func (t *Telling) add(wallet ledger.Name, amount int64) {
	if i := slices.IndexFunc(t.Changes, func(c Change) bool { return c.Wallet == wallet }); i >= 0 {
		t.Changes[i].Amount += amount
		return
	}
	t.Changes = append(t.Changes, Change{wallet, amount})
}
