package referral

import (
	"slices"

	"premia/internal/core/engine"
	"premia/internal/core/ledger"
)

// given is what a rule gave in a wallet, and what of it expired.
type given struct {
	wallet          ledger.Name
	amount, expired int64
	lots            []uint32 // in today's numbers
	// traces are those of all its lots, those that are no more included.
	traces []engine.Trace
}

// undo takes back all that a rule gave in the decision that is told, with the
// version of the program whose limits hold for it, and answers whether there was
// one. What had expired is owed by nobody.
func undo(t *engine.Turn, rule ledger.Name, is func(*engine.Past) (version uint32, found bool)) bool {
	var later []*engine.Past
	var then *engine.Past
	version := uint32(0)
	t.In.History(func(p *engine.Past) bool {
		v, found := is(p)
		if found {
			then, version = p, v
			return false
		}
		later = append(later, p)
		return true
	})
	if then == nil {
		return false
	}
	promise := *then.Decision
	promise.Program = version
	by := &engine.Past{Event: then.Event, Decision: &promise}
	all := issued(then, rule)
	for i := range all {
		one := &all[i]
		one.follow(then)
		one.follow(&engine.Past{Decision: &engine.Decision{Postings: t.Book.Postings}})
		for _, p := range later {
			one.follow(p)
		}
		due := max(one.amount-one.expired, 0)
		taken := t.TakeBack(rule, one.wallet, then.Decision.At, one.lots, due)
		t.State.Open(one.wallet).Issued -= one.amount
		t.Note(engine.Step{Rule: rule, Result: engine.TookBack, Wallet: one.wallet, Amount: taken, Wanted: one.amount, Base: due, Read: then.Key()})
		t.GiveBack(by, rule, one.wallet, one.amount, i == 0)
	}
	return true
}

// issued lists what a rule gave in a decision.
func issued(p *engine.Past, rule ledger.Name) []given {
	var all []given
	for i := range p.Decision.Postings {
		posting := &p.Decision.Postings[i]
		if posting.Kind != ledger.Issue || posting.Rule != rule {
			continue
		}
		at := slices.IndexFunc(all, func(g given) bool { return g.wallet == posting.Wallet })
		if at < 0 {
			at = len(all)
			all = append(all, given{wallet: posting.Wallet})
		}
		all[at].amount += posting.Amount
		all[at].traces = append(all[at].traces, p.Trace(posting.Lot))
		if lot := p.Lot(posting.Lot); lot != 0 {
			all[at].lots = append(all[at].lots, lot)
		}
	}
	return all
}

// follow counts what of the lots expired in a decision.
func (g *given) follow(p *engine.Past) {
	for i := range p.Decision.Postings {
		posting := &p.Decision.Postings[i]
		if posting.Kind == ledger.Expire && posting.Wallet == g.wallet && slices.Contains(g.traces, p.Trace(posting.Lot)) {
			g.expired += posting.Amount
		}
	}
}
