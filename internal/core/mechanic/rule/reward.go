package rule

import (
	"github.com/govalues/decimal"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

// mostRewards is how many of a reward a rule gives at once.
const mostRewards = 100

// counted is so many of a reward.
type counted struct {
	id, path string
	rate     Rate
}

// rewards lists the rewards that are given, in the order of the document.
func (g *Give) rewards() []counted {
	var out []counted
	if g.Reward != "" {
		out = append(out, counted{g.Reward, ".reward", Rate{Number: decimal.One}})
	}
	for id, n := range g.Rewards.All() {
		out = append(out, counted{id, document.Join(".rewards", id), Rate{Number: whole(n)}})
	}
	return out
}

// whole gives a number as a decimal.
func whole(n int64) decimal.Decimal {
	d, _ := decimal.New(n, 0) // which has room for all of them
	return d
}

// compileRewards adds the rewards that a rule gives to out, and what is given where
// none of them is left.
func compileRewards(c *engine.Compiler, path string, rule ledger.Name, g *Give, out []*engine.Giving, rounding money.Rounding, without engine.Without) []*engine.Giving {
	first := len(out)
	for _, r := range g.rewards() {
		if !r.rate.Number.IsPos() || r.rate.Number.Cmp(decimal.MustNew(mostRewards, 0)) > 0 {
			c.Problem(path+r.path, document.CodeOutOfRange, text.Say("{Number} is out of range", r.rate.Number.String()), text.Say("write a number from 1 to {Most}", mostRewards))
			continue
		}
		w := c.Gift(path+r.path, r.id)
		if w == nil {
			continue
		}
		for _, other := range out[first:] {
			if other.Wallet == w {
				c.Problem(path+r.path, "duplicate", text.Say("the reward {ID} is named twice", r.id), "write it once, with how many there are")
			}
		}
		giving := &engine.Giving{Rule: rule, Wallet: w, Rounding: rounding, Without: without}
		if compileRate(c, path+r.path, giving, r.rate, g.Per) {
			out = append(out, giving)
		}
	}
	if g.Instead != nil {
		instead := compileInstead(c, path+".instead", rule, g.Instead)
		if first == len(out) {
			c.Problem(path+".instead", "never_applies", "no reward is given of which nothing could be left", "remove it, or name a reward")
		}
		for _, giving := range out[first:] {
			giving.Instead = instead
		}
	}
	return out
}

func compileInstead(c *engine.Compiler, path string, rule ledger.Name, from *Instead) []*engine.Giving {
	var out []*engine.Giving
	for id, amount := range from.Wallets.All() {
		w := c.Wallet(path+"."+id, id)
		if w == nil {
			continue
		}
		if minor, ok := WalletMinor(c, path+"."+id, amount, w); ok {
			out = append(out, &engine.Giving{Rule: rule, Wallet: w, Terms: w.Terms, Fixed: minor})
		}
	}
	if from.Wallets.Len() == 0 {
		c.Problem(path, "missing", "this gives nothing", "name a wallet and how much, such as {beans: 50}")
	}
	return out
}

// WithInstead lists givings and what is given in their place where none of a reward
// is left: terms and limits are for all of them.
func WithInstead(givings []*engine.Giving) []*engine.Giving {
	out := givings[:len(givings):len(givings)]
	var last []*engine.Giving
	for _, g := range givings {
		if len(g.Instead) > 0 && (last == nil || last[0] != g.Instead[0]) {
			out = append(out, g.Instead...)
			last = g.Instead
		}
	}
	return out
}
