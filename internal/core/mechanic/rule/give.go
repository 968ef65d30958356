package rule

import (
	"github.com/govalues/decimal"

	"premia/internal/core/condition"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

// Give is what a rule gives: wallets with rates, and what the rates are counted
// by.
type Give struct {
	Per     *Per                `doc:"per" help:"for each so much money, or for each item; without it, for the event"`
	Reward  string              `doc:"reward" max_len:"60" help:"a reward of the catalogue, without its price"`
	Rewards document.Map[int64] `doc:"rewards" help:"reward: how many, where it is several: {cake: 1, coffee: 2}"`
	Instead *Instead            `doc:"instead" help:"what is given where none of a reward is left: {beans: 50}"`
	Rates   document.Map[Rate]  `doc:",rest" help:"wallet: how much"`
}

// Instead is what is given where none of a reward is left.
type Instead struct {
	Wallets document.Map[decimal.Decimal] `doc:",rest" help:"wallet: amount"`
}

// Common are the keys that every rule has.
type Common struct {
	ID    string        `doc:"id,required" pattern:"^[a-z0-9][a-z0-9-]*$" max_len:"60" help:"the rule's own name: small letters, digits, hyphens"`
	Name  document.Text `doc:"name" help:"the rule's name for members"`
	On    string        `doc:"on" help:"the event type that the rule is about; purchase if not said"`
	When  string        `doc:"when" max_len:"4096" help:"a condition on the event, the member, the wallets and the time"`
	Items string        `doc:"items" max_len:"4096" help:"a condition on each item; only matching items count"`
}

// Compiled is a rule's common part.
type Compiled struct {
	Name        ledger.Name
	Kind        ledger.Name // the event type
	Itself      bool        // the event comes by itself
	When, Items *condition.Expression
}

// CompileCommon registers the rule and compiles its conditions.
func CompileCommon(c *engine.Compiler, path, kind string, r *Common) Compiled {
	out := Compiled{Name: c.Rule(path, kind, r.ID, Title(c, r.Name, r.ID))}
	r.On = c.TypeID(r.On)
	on := r.On
	if on == "" {
		on = "purchase"
	}
	if out.Kind, out.Itself = compileOccasion(c, path, kind, on, out.Name, r); !out.Itself {
		out.Kind, _ = c.EventType(path+".on", on)
	}
	out.When = c.Condition(path+".when", r.When, false)
	out.Items = c.Condition(path+".items", r.Items, true)
	c.Conditions(out.Name, out.When, out.Items)
	return out
}

// CompileGive checks what a rule gives. base is the rule's terms by wallet.
func CompileGive(c *engine.Compiler, path string, rule ledger.Name, g *Give, rounding money.Rounding, without engine.Without) []*engine.Giving {
	out := make([]*engine.Giving, 0, g.Rates.Len())
	if g.Per != nil && !g.Per.Items {
		c.Money(path + ".per")
	}
	for id, rate := range g.Rates.All() {
		here := path + "." + id
		w := c.Wallet(here, id)
		if w == nil {
			continue
		}
		giving := &engine.Giving{Rule: rule, Wallet: w, Rounding: rounding, Without: without, Terms: w.Terms}
		if compileRate(c, here, giving, rate, g.Per) {
			out = append(out, giving)
		}
	}
	out = compileRewards(c, path, rule, g, out, rounding, without)
	if g.Rates.Len() == 0 && g.Reward == "" && g.Rewards.Len() == 0 {
		c.Problem(path, "missing", "this gives nothing", "name a wallet and how much, such as {beans: 1, per: 1.00}")
	}
	return out
}

// CompileWithout reads which parts of a total do not count.
func CompileWithout(parts []string) engine.Without {
	if parts == nil {
		return engine.WithoutGiftCards | engine.WithoutPoints
	}
	out := engine.Without(0)
	for _, part := range parts {
		switch part {
		case "tax":
			out |= engine.WithoutTax
		case "shipping":
			out |= engine.WithoutShipping
		case "gift cards":
			out |= engine.WithoutGiftCards
		case "points":
			out |= engine.WithoutPoints
		}
	}
	return out
}

// compileRate sets how a giving is measured.
func compileRate(c *engine.Compiler, path string, g *engine.Giving, rate Rate, per *Per) bool {
	scale := g.Wallet.Unit.Scale
	switch {
	case rate.Formula != "":
		if per != nil {
			c.Problem(path, "ambiguous", "a formula says by itself what it counts", "leave out per")
		}
		g.Measure = engine.ByFormula
		g.Formula = c.Formula(path, rate.Formula)
		return g.Formula != nil
	case !rate.Number.IsPos():
		c.Problem(path, "out_of_range", "a rule must give more than zero", "write a number above zero")
		return false
	case rate.Percent:
		if per != nil {
			c.Problem(path, "ambiguous", "a percentage is of the money spent", "leave out per")
		}
		g.Measure = engine.ByAmount
		return setRate(c, path, g, rate.Number, decimal.One, scale, c.Program.Currency.Scale)
	case per == nil:
		minor, ok := WalletMinor(c, path, rate.Number, g.Wallet)
		g.Measure, g.Fixed = engine.ByEvent, minor
		return ok
	case per.Items:
		c.Counted(path, g.Wallet)
		g.Measure = engine.ByItems
		return setRate(c, path, g, rate.Number, decimal.One, scale, 3)
	case !per.Money.IsPos():
		return false // reading has said so
	}
	c.Counted(path, g.Wallet)
	g.Measure = engine.ByAmount
	return setRate(c, path, g, rate.Number, per.Money, scale, c.Program.Currency.Scale)
}

// setRate gives units of the wallet for each per of what is counted, both in
// minor units.
func setRate(c *engine.Compiler, path string, g *engine.Giving, units, per decimal.Decimal, unitScale, perScale int) bool {
	rate, err := exactRate(units, per, unitScale, perScale)
	if err != nil {
		c.Problem(path, "out_of_range", "this rate has too many digits to be exact", "write fewer digits")
		return false
	}
	g.Rate = rate
	return true
}

func exactRate(units, per decimal.Decimal, unitScale, perScale int) (money.Rate, error) {
	u, err := money.RateOf(units)
	if err != nil {
		return money.Rate{}, err
	}
	p, err := money.RateOf(per)
	if err != nil {
		return money.Rate{}, err
	}
	q, err := u.Quo(p)
	if err != nil {
		return money.Rate{}, err
	}
	scales, err := money.NewRate(engine.Power10(unitScale), engine.Power10(perScale))
	if err != nil {
		return money.Rate{}, err
	}
	return q.Mul(scales)
}

// Multiplier adds to what base rules gave in a wallet: a factor of 2 adds as
// much again.
type Multiplier struct {
	Giving *engine.Giving
	Factor decimal.Decimal
	extra  money.Rate // the factor less one
}

// CompileMultiply checks the factors of a rule.
func CompileMultiply(c *engine.Compiler, path string, rule ledger.Name, factors document.Map[decimal.Decimal], rounding money.Rounding) []Multiplier {
	out := make([]Multiplier, 0, factors.Len())
	for id, factor := range factors.All() {
		here := path + "." + id
		w := c.Wallet(here, id)
		if w == nil {
			continue
		}
		more, err := factor.Sub(decimal.One)
		if err != nil || !more.IsPos() {
			c.Problem(here, "out_of_range", text.Say("a factor of {Factor} adds nothing", factor.String()), "write a factor above 1, such as 2 for double")
			continue
		}
		extra, err := money.RateOf(more)
		if err != nil {
			c.Problem(here, "out_of_range", "this factor has too many digits to be exact", "write fewer digits")
			continue
		}
		out = append(out, Multiplier{
			Giving: &engine.Giving{Rule: rule, Wallet: w, Rounding: rounding, Terms: w.Terms},
			Factor: factor, extra: extra,
		})
	}
	return out
}

// CheckMultiply checks that other rules give what a rule multiplies.
func CheckMultiply(c *engine.Compiler, path string, of Compiled, multiply []Multiplier) {
	for i := range multiply {
		w := multiply[i].Giving.Wallet
		c.Multiplies(document.Join(path, w.ID), of.Kind, of.Name, w)
	}
}

// Extra reckons what the multiplier adds for the marked items (nil: the whole
// event): the factor less one, of what base awards of other rules gave for them.
func (m *Multiplier) Extra(t *engine.Turn, marks []bool) int64 {
	base := int64(0)
	for i := range t.Awards {
		a := &t.Awards[i]
		if a.Base && a.Giving.Wallet == m.Giving.Wallet && a.Giving.Rule != m.Giving.Rule {
			base += restricted(t, a, marks)
		}
	}
	extra, err := m.extra.Apply(base, m.Giving.Rounding)
	if err != nil {
		return 0
	}
	return extra
}

// restricted gives the part of an award that comes from the marked items: the
// award reckoned again for these alone, never more than it was.
func restricted(t *engine.Turn, a *engine.Award, marks []bool) int64 {
	if marks == nil {
		return a.Amount
	}
	both := make([]bool, len(marks))
	any := len(marks) == 0 // an event without items
	for i := range marks {
		both[i] = marks[i] && (a.Marks == nil || a.Marks[i])
		any = any || both[i]
	}
	if !any {
		return 0
	}
	amount, _, ok := t.Value(a.Giving, both)
	if !ok {
		return 0
	}
	return min(amount, a.Amount)
}
