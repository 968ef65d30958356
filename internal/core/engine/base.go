package engine

import (
	"premia/internal/core/ledger"
	"premia/internal/core/text"
)

// base is what a rule gives of a wallet for events of a kind, which other rules may
// multiply.
type base struct{ kind, rule, wallet ledger.Name }

// Base says that a rule's givings for events of a kind can be multiplied by other rules.
func (c *Compiler) Base(kind, rule ledger.Name, givings []*Giving) {
	for _, g := range givings {
		c.Program.bases = append(c.Program.bases, base{kind, rule, g.Wallet.Name})
	}
}

// Multiplies says that a rule multiplies what others give of a wallet for events of a
// kind, which is a mistake where none does: it would never give anything, and members
// would read that it does.
func (c *Compiler) Multiplies(path string, kind, rule ledger.Name, w *Wallet) {
	if kind == 0 {
		return // the event type has a problem of its own
	}
	c.AtEnd(func() {
		for _, b := range c.Program.bases {
			if b.kind == kind && b.wallet == w.Name && b.rule != rule {
				return
			}
		}
		c.Problem(path, "never_applies", text.Say("no rule under earn gives {Wallet} for this event, so there is nothing to multiply", quote(w.ID)),
			"name a wallet that a rule under earn gives for it; what stamp cards, challenges and campaigns give is not multiplied: write a fixed amount under bonus")
	})
}

// Earned lists the wallets of which earning rules give for an event type, such as
// purchase, and which can therefore be multiplied, in the document's order.
func (p *Program) Earned(on string) []*Wallet {
	kind, known := p.Names.Find("event." + on)
	var out []*Wallet
	for i := range p.Wallets {
		for _, b := range p.bases {
			if known && b.kind == kind && b.wallet == p.Wallets[i].Name {
				out = append(out, &p.Wallets[i])
				break
			}
		}
	}
	return out
}
