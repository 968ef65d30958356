// Package adjustment lets an operator add or take value, with a reason. What is
// taken beyond the balance follows the wallet's rule for debt.
package adjustment

import (
	"embed"
	"io/fs"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
)

//go:embed words
var words embed.FS

// Mechanic is the door of adjustments. It has no section of the document.
type Mechanic struct{}

// Section gives no key.
func (Mechanic) Section() document.Section { return document.Section{} }

// Words are the catalogues of adjustments.
func (Mechanic) Words() fs.FS { return words }

type stage struct{ givings []*engine.Giving }

// Compile prepares an adjustment of each wallet.
func (Mechanic) Compile(c *engine.Compiler, _ any) engine.Stage {
	s := &stage{}
	name := c.Rule("", "operator", "adjustment", text.Localized{})
	for i := range c.Program.Wallets {
		w := &c.Program.Wallets[i]
		// An operator's gift can be spent at once.
		terms := engine.Terms{Expires: w.Terms.Expires}
		g := &engine.Giving{Rule: name, Wallet: w, Terms: terms}
		c.Program.Slide(g)
		s.givings = append(s.givings, g)
	}
	return s
}

// Apply adds or takes the amount.
func (s *stage) Apply(t *engine.Turn) {
	if t.Event.Type != event.Adjustment {
		return
	}
	for _, g := range s.givings {
		if g.Wallet.ID != t.Event.Wallet {
			continue
		}
		if t.Event.Amount > 0 {
			t.AwardAmount(g, nil, t.Event.Amount, 0, false)
			return
		}
		s.take(t, g, -t.Event.Amount)
		return
	}
	t.Finish(engine.NoSuchWallet)
}

func (s *stage) take(t *engine.Turn, g *engine.Giving, amount int64) {
	taken := t.Book.Take(g.Wallet.Name, amount, ledger.Withdrawn, ledger.TakeBack, g.Wallet.Short, t.Clock)
	t.Note(engine.Step{Rule: g.Rule, Result: engine.Took, Wallet: g.Wallet.Name, Amount: taken, Wanted: amount})
	if taken < amount && g.Wallet.Short == ledger.Refuse {
		t.Finish(engine.Insufficient)
	}
}
