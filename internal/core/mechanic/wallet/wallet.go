// Package wallet declares the program's wallets: units in which members hold
// value, when awards in them mature and expire, and what happens in debt. In the
// pipeline it does what events do to value that is already there: it makes
// pending value spendable when the event comes that it waits for, and renews
// expiry on activity.
package wallet

import (
	"embed"
	"io/fs"

	"github.com/govalues/decimal"

	"premia/internal/core/condition"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

//go:embed words
var words embed.FS

// Wallet is one wallet of the document.
type Wallet struct {
	Name    document.UnitName `doc:"name,required" help:"the unit's name in each language, with plural forms: {en: {one: bean, other: beans}}"`
	Scale   int               `doc:"scale" min:"0" max:"6" help:"decimals of the unit; 0 if not said"`
	Pending *rule.Pending     `doc:"pending" help:"how long an award waits before it can be spent"`
	Expires *rule.Expires     `doc:"expires" help:"when an award is gone; never if not said"`
	Debt    string            `doc:"debt" enum:"carry|forbid|write off" help:"when more is taken than is there: carry it as a negative balance, forbid it, or write the rest off; forbid if not said"`
	Worth   *decimal.Decimal  `doc:"worth" help:"the money value of one unit, for liability"`
	Burn    int               `doc:"burn" min:"0" max:"100" help:"wallets with lower numbers are used up first"`
}

// Mechanic is the door of wallets.
type Mechanic struct{}

// Section gives the key wallets.
func (Mechanic) Section() document.Section {
	return document.Section{Key: "wallets", Into: &document.Map[Wallet]{}, Required: true, Help: "the units in which members hold value"}
}

// Words are the catalogues of wallets.
func (Mechanic) Words() fs.FS { return words }

type stage struct {
	wallets  []*engine.Wallet
	sections []Wallet
}

var debts = map[string]ledger.Shortfall{
	"": ledger.Refuse, "forbid": ledger.Refuse, "carry": ledger.CarryNeg, "write off": ledger.StopAt,
}

// Compile declares the wallets.
func (Mechanic) Compile(c *engine.Compiler, section any) engine.Stage {
	s := &stage{}
	declared := section.(*document.Map[Wallet])
	if declared.Len() == 0 {
		c.Problem("wallets", "missing", "a program needs at least one wallet", "write one, such as: points: {name: {en: points}}")
	}
	// The program's wallets must not move once rules point at them.
	c.Program.Wallets = make([]engine.Wallet, 0, declared.Len()+engine.MostStored)
	for id, w := range declared.All() {
		c.Program.Wallets = append(c.Program.Wallets, compile(c, id, w))
		s.wallets = append(s.wallets, &c.Program.Wallets[len(c.Program.Wallets)-1])
		s.sections = append(s.sections, w)
	}
	declareBalances(c)
	return s
}

func compile(c *engine.Compiler, id string, w Wallet) engine.Wallet {
	path := "wallets." + id
	if !identifier(id) {
		c.Problem(path, "invalid", text.Say("a wallet's id is small letters, digits and _, and begins with a letter: {ID}", id), "the wallet's name, for people, may be anything")
	}
	out := engine.Wallet{
		ID:    id,
		Name:  c.Rule(path, "wallet", id, text.Localized{}),
		Unit:  money.Unit{Code: id, Scale: w.Scale},
		Forms: text.UnitForms{Fallback: c.Program.Languages[0], Forms: forms(w.Name)},
		Terms: rule.CompileTerms(c, path, w.Pending, w.Expires, engine.Terms{}),
		Short: debts[w.Debt],
		Burn:  w.Burn,
	}
	if w.Worth != nil {
		c.Worth(path+".worth", id)
		rate, err := money.RateOf(*w.Worth)
		if err != nil || rate.Sign() < 0 {
			c.Problem(path+".worth", "out_of_range", "this is no worth", "write an amount of money such as 0.05")
		}
		out.Worth = rate
	}
	out.Weight = weight(c, path, &out)
	for _, lang := range c.Program.Languages {
		if _, ok := w.Name.In(lang); !ok && lang != "" { // a language that could not be read is empty
			c.Problem(path+".name", "missing_language", text.Say("the name is missing in {Lang}", lang), text.Say("members read the program in {Lang} too", lang))
		}
	}
	return out
}

// forms spreads a name that is the same in every language over all of them.
func forms(name document.UnitName) map[string]map[string]string {
	out := make(map[string]map[string]string, len(name))
	for _, lang := range document.Languages() {
		if words, ok := name.In(lang); ok {
			out[lang] = words
		}
	}
	return out
}

// weight gives what a minor unit counts when awards are compared.
func weight(c *engine.Compiler, path string, w *engine.Wallet) money.Rate {
	worth, scale := w.Worth, engine.Power10(6-w.Unit.Scale)
	if worth.IsZero() {
		worth, _ = money.NewRate(1, 1)
	}
	millionths, err := money.NewRate(scale, 1)
	if err == nil {
		millionths, err = worth.Mul(millionths)
	}
	if err != nil {
		c.Problem(path+".worth", "out_of_range", "this worth has too many digits to be exact", "write fewer digits")
	}
	return millionths
}

func identifier(s string) bool {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z'
		if !letter && (i == 0 || (r != '_' && (r < '0' || r > '9'))) {
			return false
		}
	}
	return s != ""
}

// declareBalances lets conditions read wallet.<id>.available and so on.
func declareBalances(c *engine.Compiler) {
	var nested []engine.Field
	for i := range c.Program.Wallets {
		w := &c.Program.Wallets[i]
		if !identifier(w.ID) {
			continue
		}
		object := "wallet." + w.ID
		read := func(f func(b ledger.Balance, w *ledger.Wallet) int64) func(t *engine.Turn) condition.Value {
			return func(t *engine.Turn) condition.Value {
				own := t.State.Wallet(w.Name)
				if own == nil {
					own = &ledger.Wallet{}
				}
				return engine.Exact(f(own.Balance(), own), w.Unit.Scale)
			}
		}
		c.Object(object, false,
			engine.Field{Name: "available", Kind: condition.Decimal, Doc: "what can be spent, negative in debt", Read: read(func(b ledger.Balance, _ *ledger.Wallet) int64 { return b.Net() }), Say: w.SayPoints},
			engine.Field{Name: "pending", Kind: condition.Decimal, Doc: "what waits to be spendable", Read: read(func(b ledger.Balance, _ *ledger.Wallet) int64 { return b.Pending }), Say: w.SayPoints},
			engine.Field{Name: "earned", Kind: condition.Decimal, Doc: "all that was ever earned", Read: read(func(_ ledger.Balance, w *ledger.Wallet) int64 { return w.Issued }), Say: w.SayPoints},
		)
		value := c.ObjectValue(object)
		nested = append(nested, engine.Field{Name: w.ID, Kind: condition.ObjectOf(object), Doc: "the wallet " + w.ID, Label: rule.Subject(w), Read: func(*engine.Turn) condition.Value { return value }})
	}
	c.Object("wallet", true, nested...)
}

// Apply matures what waits for this event and renews sliding expiry.
func (s *stage) Apply(t *engine.Turn) {
	if t.Event.Order != "" && t.Kind != 0 {
		if n := t.Book.Deliver(t.Kind, t.Event.Order, t.Clock); n > 0 {
			t.Note(engine.Step{Rule: t.Kind, Result: engine.Delivered, Amount: int64(n)})
		}
	}
	if t.Event.Type == event.Purchase {
		t.Renew()
	}
}
