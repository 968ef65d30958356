package till

import (
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
)

// shortfall is what a return took back of a wallet, and what it did not find there.
type shortfall struct {
	wallet *engine.Wallet
	// Expired had expired unspent and is owed by nobody; debt levels what comes next;
	// forgiven was used and is asked back from nobody; family is asked of the family.
	expired, debt, forgiven, family int64
}

// shortfalls reads out of a return's decision what became of value that had gone already.
func shortfalls(p *engine.Program, d *engine.Decision) []shortfall {
	var out []shortfall
	for i := range p.Wallets {
		w := &p.Wallets[i]
		if w.Gift != nil || w.Currency != "" {
			continue
		}
		x := shortfall{wallet: w}
		for j := range d.Steps {
			s := &d.Steps[j]
			switch {
			case s.Wallet != w.Name:
			case s.Result == engine.TookBack:
				x.expired += s.Wanted - s.Base
				x.forgiven += s.Base - s.Amount
			case s.Result == engine.AskedBack:
				x.family += s.Amount
			}
		}
		x.forgiven -= x.family
		for j := range d.Postings {
			if one := &d.Postings[j]; one.Wallet == w.Name && one.Kind == ledger.TakeBack && one.From == ledger.Debt {
				x.debt += one.Amount
			}
		}
		if x.expired > 0 || x.debt > 0 || x.forgiven > 0 || x.family > 0 {
			out = append(out, x)
		}
	}
	return out
}

// backSays tells in plain words what a return found gone already, and which rewards stay
// with the member or go: those that the goods brought, by the reasons of the decision's
// steps, and those that were got with value which went back.
func (t *Till) backSays(r *request, p *engine.Program, d *engine.Decision, reasons []string, member string) ([]string, error) {
	var out []string
	used, owed := false, false
	for _, x := range shortfalls(p, d) {
		for _, one := range [...]struct {
			id     string
			amount int64
		}{{"debt", x.debt}, {"forgiven", x.forgiven}, {"expired", x.expired}, {"family", x.family}} {
			if one.amount > 0 {
				out = append(out, r.Say("till.return."+one.id, "Points", x.wallet.Points(one.amount)))
			}
		}
		used, owed = used || x.debt+x.forgiven > 0, owed || x.debt > 0
	}
	for i := range min(len(d.Steps), len(reasons)) {
		switch d.Steps[i].Result {
		case engine.GiftTaken, engine.GiftAsked, engine.GiftStays:
			out = append(out, reasons[i])
		}
	}
	if !used {
		return out, nil
	}
	held, err := t.takenBy(r, member, func(v *takenView) bool { return v.Held })
	if err != nil {
		return nil, err
	}
	out = append(out, r.Say("till.return.stays"))
	for i := range held {
		id := "till.return.held"
		if owed {
			id = "till.return.held.owed"
		}
		out = append(out, r.Say(id, "Reward", held[i].Reward))
	}
	return out, nil
}
