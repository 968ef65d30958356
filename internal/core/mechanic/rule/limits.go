package rule

import (
	"github.com/govalues/decimal"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

// Limits are the most that a rule gives, in a wallet or in times.
type Limits struct {
	EachEvent  *decimal.Decimal `doc:"each event" help:"for one event"`
	EachDay    *decimal.Decimal `doc:"each day" help:"for one member in a day"`
	EachWeek   *decimal.Decimal `doc:"each week" help:"for one member in a week, from Monday"`
	EachMonth  *decimal.Decimal `doc:"each month" help:"for one member in a calendar month"`
	EachYear   *decimal.Decimal `doc:"each year" help:"for one member in a calendar year"`
	EachMember *decimal.Decimal `doc:"each member" help:"for one member, ever"`
	InTotal    *decimal.Decimal `doc:"in total" help:"for all members together: a hard budget"`
	Whole      bool             `doc:"whole" help:"give nothing rather than a part when not everything fits"`
}

// times is the key under limits that limits how often a rule gives.
const times = "times"

// CompileLimits checks a rule's limits and spreads them over its givings.
func CompileLimits(c *engine.Compiler, path string, limits document.Map[Limits], givings []*engine.Giving) {
	for key, l := range limits.All() {
		here := path + ".limits." + key
		if key == times {
			for _, g := range givings {
				addLimits(c, here, g, l, true)
			}
			continue
		}
		if w := c.Wallet(here, key); w == nil {
			continue
		}
		found := false
		for _, g := range givings {
			if g.Wallet.ID == key {
				addLimits(c, here, g, l, false)
				found = true
			}
		}
		if !found {
			c.Problem(here, "never_applies", "the rule gives nothing in "+key+", so this limit never applies", "remove it, or give in that wallet")
		}
	}
}

func addLimits(c *engine.Compiler, path string, g *engine.Giving, l Limits, inTimes bool) {
	scale := g.Wallet.Unit.Scale
	if inTimes {
		scale = 0
	}
	said := 0
	for _, one := range []struct {
		key   string
		limit engine.Limit
		value *decimal.Decimal
	}{
		{"each event", engine.EachEvent, l.EachEvent}, {"each day", engine.EachDay, l.EachDay},
		{"each week", engine.EachWeek, l.EachWeek}, {"each month", engine.EachMonth, l.EachMonth},
		{"each year", engine.EachYear, l.EachYear}, {"each member", engine.EachMember, l.EachMember},
		{"in total", engine.InTotal, l.InTotal},
	} {
		if one.value == nil {
			continue
		}
		said++
		limit, ok := Minor(c, path+"."+one.key, *one.value, scale)
		if !ok {
			continue
		}
		lr := engine.LimitRule{Limit: one.limit, Cap: limit, Times: inTimes, Whole: l.Whole, Counter: counter(c, g, inTimes)}
		if one.limit == engine.InTotal {
			lr.Quota = budget(c, g, inTimes, limit)
		}
		g.Limits = append(g.Limits, lr)
	}
	if said == 0 {
		c.Problem(path, "missing", "this limits nothing", "write at least one of each event, each day, each week, each month, each year, each member, in total")
	}
}

// counter names the running sum of a rule: one for each wallet, and one for its
// uses.
func counter(c *engine.Compiler, g *engine.Giving, inTimes bool) ledger.Name {
	return c.Program.Names.Number("limit." + limited(c, g, inTimes))
}

func limited(c *engine.Compiler, g *engine.Giving, inTimes bool) string {
	rule := c.Program.Names.Name(g.Rule)
	if inTimes {
		return rule + "." + times
	}
	return rule + "." + g.Wallet.ID
}

// budget registers the quota of a rule: one for each wallet, and one for its
// uses.
func budget(c *engine.Compiler, g *engine.Giving, inTimes bool, limit int64) (quota ledger.Name) {
	quota = c.Program.Names.Number("budget." + limited(c, g, inTimes))
	b := engine.Budget{Quota: quota, Rule: g.Rule, Cap: limit}
	if !inTimes {
		b.Wallet = g.Wallet.Name
	}
	for _, known := range c.Program.Budgets {
		if known.Quota == quota {
			return quota
		}
	}
	c.Program.Budgets = append(c.Program.Budgets, b)
	return quota
}

// Minor gives a decimal of the document in minor units; one that is not above
// zero, or finer than the scale, is a problem.
func Minor(c *engine.Compiler, path string, d decimal.Decimal, scale int) (int64, bool) {
	if !d.IsPos() {
		c.Problem(path, "out_of_range", d.String()+" is not above zero", "write a number above zero")
		return 0, false
	}
	minor, err := money.Parse(d.Trim(0).String(), scale)
	if err != nil {
		c.Problem(path, "out_of_range", err.Error(), "")
		return 0, false
	}
	return minor, true
}

// Title gives a rule's words, or its id.
func Title(c *engine.Compiler, name document.Text, id string) text.Localized {
	return c.Localized(name, id)
}
