// Package adjustment lets an operator add or take value, with a reason. What is
// taken beyond the balance follows the wallet's rule for debt. Above an amount that
// the program says, an adjustment moves nothing until a second person approves it,
// once; whoever adjusts can't approve.
package adjustment

import (
	"embed"
	"io/fs"

	"github.com/govalues/decimal"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

//go:embed words
var words embed.FS

// Section is the key adjustments of the document.
type Section struct {
	Alone document.Map[decimal.Decimal] `doc:"alone,required" help:"wallet: how much one person may add or take at once; more waits for a second person"`
}

// Mechanic is the door of adjustments.
type Mechanic struct{}

// Section gives the key adjustments.
func (Mechanic) Section() document.Section {
	return document.Section{Key: "adjustments", Into: &Section{}, Help: "from which amount an operator's adjustment needs a second person"}
}

// Words are the catalogues of adjustments.
func (Mechanic) Words() fs.FS { return words }

// alone is what one person may adjust in a wallet.
type alone struct {
	giving *engine.Giving
	most   int64 // in the wallet's minor units; -1 for any amount
}

type stage struct{ wallets []alone }

// Compile prepares an adjustment of each wallet.
func (Mechanic) Compile(c *engine.Compiler, section any) engine.Stage {
	s := &stage{}
	name := c.Rule("", "operator", "adjustment", text.Localized{})
	for i := range c.Program.Wallets {
		w := &c.Program.Wallets[i]
		// An operator's gift can be spent at once.
		terms := engine.Terms{Expires: w.Terms.Expires}
		g := &engine.Giving{Rule: name, Wallet: w, Terms: terms}
		c.Program.Slide(g)
		s.wallets = append(s.wallets, alone{g, -1})
	}
	for id, amount := range section.(*Section).Alone.All() {
		path := "adjustments.alone." + id
		if w := c.Wallet(path, id); w != nil {
			if most, ok := rule.WalletMinor(c, path, amount, w); ok {
				s.find(id).most = most
			}
		}
	}
	return s
}

// Alone gives how much one person may add to a wallet or take from it at once, in its
// minor units; limited is false where a program says nothing of it, so that one person
// may any amount.
func Alone(p *engine.Program, wallet string) (most int64, limited bool) {
	for _, s := range p.Stages() {
		if mine, ok := s.(*stage); ok {
			if w := mine.find(wallet); w != nil && w.most >= 0 {
				return w.most, true
			}
		}
	}
	return 0, false
}

func (s *stage) find(wallet string) *alone {
	for i := range s.wallets {
		if s.wallets[i].giving.Wallet.ID == wallet {
			return &s.wallets[i]
		}
	}
	return nil
}

// Apply adjusts, or lets the adjustment wait, and decides upon those that wait.
func (s *stage) Apply(t *engine.Turn) {
	switch t.Event.Type {
	case event.Adjustment:
		s.adjust(t)
	case event.Approval, event.Rejection:
		s.answer(t)
	}
}

func (s *stage) adjust(t *engine.Turn) {
	w := s.find(t.Event.Wallet)
	switch {
	case w == nil:
		t.Finish(engine.NoSuchWallet)
	case w.most >= 0 && max(t.Event.Amount, -t.Event.Amount) > w.most:
		t.Note(engine.Step{Rule: w.giving.Rule, Result: engine.AboveAlone, Wallet: w.giving.Wallet.Name, Amount: t.Event.Amount, Wanted: w.most})
		t.Finish(engine.WaitsForApproval)
	default:
		w.move(t, t.Event.Amount)
	}
}

func (w *alone) move(t *engine.Turn, amount int64) {
	if amount > 0 {
		t.AwardAmount(w.giving, nil, amount, 0, false)
		return
	}
	w.take(t, -amount)
}

func (w *alone) take(t *engine.Turn, amount int64) {
	g := w.giving
	taken := t.Book.Take(g.Wallet.Name, amount, ledger.Withdrawn, ledger.TakeBack, g.Wallet.Short, t.Clock)
	t.Note(engine.Step{Rule: g.Rule, Result: engine.Took, Wallet: g.Wallet.Name, Amount: taken, Wanted: amount})
	if taken < amount && g.Wallet.Short == ledger.Refuse {
		t.Finish(engine.Insufficient)
	}
}

// answer lets the adjustment that waits happen, or not.
func (s *stage) answer(t *engine.Turn) {
	waiting, why := find(t)
	if why != 0 {
		t.Finish(why)
		return
	}
	w := s.find(waiting.Event.Wallet)
	switch {
	case t.Event.By == "" || t.Event.By == waiting.Event.By:
		t.Finish(engine.SecondPersonNeeded)
	case w == nil:
		t.Finish(engine.NoSuchWallet)
	case t.Event.Type == event.Rejection:
		t.Note(engine.Step{Rule: w.giving.Rule, Result: engine.Refrained, Wallet: w.giving.Wallet.Name, Amount: waiting.Event.Amount, Wanted: waiting.Event.Amount})
		t.Finish(engine.Applied)
	default:
		w.move(t, waiting.Event.Amount)
	}
}

// find gives the adjustment that the event is about, or why there is none that
// waits. One that was to take more than there was waits on: it may fit later.
func find(t *engine.Turn) (waiting *engine.Past, why engine.Outcome) {
	why = engine.NoSuchAdjustment
	if t.In.History == nil {
		return nil, why
	}
	answered := false
	t.In.History(func(p *engine.Past) bool {
		answered = answered || (p.Event.About == t.Event.About && p.Decision.Outcome == engine.Applied)
		if p.Event.Type != event.Adjustment || p.Event.ID != t.Event.About {
			return true
		}
		switch {
		case p.Decision.Outcome != engine.WaitsForApproval:
			why = engine.NotWaiting
		case answered:
			why = engine.NotWaiting
		default:
			waiting, why = p, 0
		}
		return false
	})
	return waiting, why
}
