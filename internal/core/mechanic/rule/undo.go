package rule

import (
	"slices"

	"premia/internal/core/engine"
	"premia/internal/core/ledger"
)

// given is what a rule gave in a wallet, what of it was undone and was due before,
// and what expired.
type given struct {
	wallet        ledger.Name
	amount        int64
	undone, dueBy int64
	expired       int64
	lots          []uint32 // in today's numbers
	// traces are those of all its lots, those that are no more included.
	traces []engine.Trace
}

// Undo takes back what a rule gave in the decision that is told, with the version
// of the program whose limits hold for it, and answers whether there was one. keep
// gives what is to stay in each wallet; what was undone before for the same is not
// undone again. A nil keep lets nothing stay, and is for what is undone once. What
// had expired is owed by nobody, and counts first.
func Undo(t *engine.Turn, rule ledger.Name, keep func(wallet ledger.Name) int64, is func(*engine.Past) (version uint32, found bool)) bool {
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
	use := true
	for i := range all {
		all[i].read(t, then, later, rule, keep != nil)
		use = use && (keep == nil || keep(all[i].wallet) <= 0)
	}
	for i := range all {
		one, stays := &all[i], int64(0)
		if keep != nil {
			stays = max(keep(one.wallet), 0)
		}
		if undone := one.amount - stays - one.undone; undone > 0 {
			one.undo(t, rule, undone, then)
			t.GiveBack(by, rule, one.wallet, undone, use)
			use = false
		}
	}
	return true
}

func (g *given) undo(t *engine.Turn, rule ledger.Name, undone int64, then *engine.Past) {
	due := max(g.undone+undone-g.expired-g.dueBy, 0)
	taken := t.TakeBack(rule, g.wallet, then.Decision.At, g.lots, due)
	t.State.Open(g.wallet).Issued -= undone
	t.Note(engine.Step{Rule: rule, Result: engine.TookBack, Wallet: g.wallet, Amount: taken, Wanted: undone, Base: due, Read: then.Key()})
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

// read counts what became of it since: what expired, and, where a part may stay,
// what was undone before.
func (g *given) read(t *engine.Turn, then *engine.Past, later []*engine.Past, rule ledger.Name, again bool) {
	g.expired = then.Expired(g.wallet, g.traces) + t.Now().Expired(g.wallet, g.traces)
	for _, p := range later {
		g.expired += p.Expired(g.wallet, g.traces)
		if !again {
			continue
		}
		for i := range p.Decision.Steps {
			if s := &p.Decision.Steps[i]; s.Result == engine.TookBack && s.Rule == rule && s.Wallet == g.wallet && s.Read == then.Key() {
				g.undone += s.Wanted
				g.dueBy += s.Base
			}
		}
	}
}
