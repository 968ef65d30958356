package surprise

import (
	"slices"
	"strconv"
	"strings"

	"github.com/govalues/decimal"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

// finest is how many decimals odds can have.
const finest = 9

func (x *compiled) compilePrize(c *engine.Compiler, path string, from *Prize) {
	id := x.source.ID + "." + from.ID
	p := prize{name: c.Rule(path, PrizeKind, id, rule.Title(c, from.Name, from.ID)), source: from, stock: from.Stock}
	if (from.Give == nil) == (from.Reward == "") {
		c.Problem(path, "ambiguous", "a prize is either an amount or a reward", "write one of give and reward; the odds of winning nothing stand under nothing")
	}
	if from.Give != nil {
		p.compileGive(c, path, x.source)
	}
	if from.Reward != "" {
		p.reward = findReward(c, path+".reward", from.Reward)
		if from.Limits.Len() > 0 {
			c.Problem(path+".limits", "never_applies", "limits are of what is given in a wallet", "write stock")
		}
	}
	if p.stock > 0 {
		p.quota = c.Program.Names.Number("budget.prize." + id + ".stock")
		c.Program.Budgets = append(c.Program.Budgets, engine.Budget{Quota: p.quota, Rule: p.name, Cap: p.stock})
	}
	x.prizes = append(x.prizes, p)
}

// compileGive checks the amount of a prize; what a limit does not leave of it as a
// whole is not given at all.
func (p *prize) compileGive(c *engine.Compiler, path string, from *Surprise) {
	gives := rule.CompileGive(c, path+".give", p.name, p.source.Give, money.Floor, 0)
	for _, g := range gives {
		if g.Measure != engine.ByEvent {
			c.Problem(path+".give", "never_applies", "what a prize gives is a plain amount", "write a wallet and an amount, such as {beans: 120}")
		}
		g.Terms = rule.CompileTerms(c, path, from.Pending, from.Expires, g.Wallet.Terms)
		c.Program.Slide(g)
	}
	if len(gives) > 1 {
		c.Problem(path+".give", "ambiguous", "a prize gives in one wallet", "write a prize for each, or a wallet that is worth both")
	}
	rule.CompileLimits(c, path, p.source.Limits, gives)
	for _, g := range gives {
		for i := range g.Limits {
			g.Limits[i].Whole = true
			if l := &g.Limits[i]; !l.Times && l.Worth == 0 && l.Cap < g.Fixed {
				c.Problem(path+".limits", "never_applies", "a limit is less than the prize gives at once, so that it can never be won", "write a higher limit, or a smaller prize")
			}
		}
	}
	c.Givings(p.name, gives)
	if len(gives) > 0 {
		p.give = gives[0]
	}
}

// findReward gives the discount whose voucher is won.
func findReward(c *engine.Compiler, path, id string) ledger.Name {
	name, _ := c.Program.Names.Find("reward." + id)
	if _, known := c.Program.Rules[name]; known {
		if d := c.Program.Discounts[name]; d == nil || d.Voucher == nil || d.Voucher.Uses == 0 {
			c.Problem(path, "not_allowed", text.Say("the reward {ID} issues no vouchers of members' own", strconv.Quote(id)), "name a reward of the kind discount without a code for everybody")
		}
		return name
	}
	var ids []string
	for rule := range c.Program.Rules {
		if id, ok := strings.CutPrefix(c.Program.Names.Name(rule), "reward."); ok {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	c.Problem(path, "unknown_reward", text.Say("there is no reward {ID}", strconv.Quote(id)), hint(id, ids, "rewards"))
	return 0
}

// hint advises whoever named something that there is not.
func hint(id string, known []string, section string) text.Sentence {
	if near, ok := document.Closest(id, known); ok {
		return text.Say("did you mean {Near}?", strconv.Quote(near))
	}
	return text.Say("declare it under {Section}", section)
}

// compileOdds checks that the odds sum to one and spreads the numbers that are drawn
// over the prizes: as many as the finest odds need.
func (x *compiled) compileOdds(c *engine.Compiler, path string) {
	sum, scale := decimal.Zero, 0
	add := func(path string, odds decimal.Decimal) bool {
		odds = odds.Trim(0)
		switch {
		case !odds.IsPos() || odds.Cmp(decimal.One) > 0:
			c.Problem(path, document.CodeOutOfRange, "odds are above 0 and at most 1", "write 0.05 for one draw in twenty")
			return false
		case odds.Scale() > finest:
			c.Problem(path, document.CodeOutOfRange, text.Say("odds have at most {Count} decimals", finest), "write fewer digits")
			return false
		}
		total, err := sum.Add(odds)
		if err != nil {
			return false // at most 65 numbers of up to 1
		}
		sum, scale = total, max(scale, odds.Scale())
		return true
	}
	valid := true
	for i := range x.source.Prizes {
		valid = add(document.Index(path+".prizes", i)+".odds", x.source.Prizes[i].Odds) && valid
	}
	if x.source.Nothing != nil {
		valid = add(path+".nothing", *x.source.Nothing) && valid
	}
	if !valid {
		return
	}
	if sum.Cmp(decimal.One) != 0 {
		hint := text.Sentence("lower some of them")
		if missing, err := decimal.One.Sub(sum); err == nil && missing.IsPos() && x.source.Nothing == nil {
			hint = text.Say("write nothing: {Missing}, or raise some of them", missing.Trim(0).String())
		} else if missing.IsPos() {
			hint = "raise some of them"
		}
		c.Problem(path+".prizes", "odds_do_not_sum", text.Say("the odds sum to {Sum}, and not to 1", sum.Trim(0).String()), hint)
		return
	}
	x.numbers = uint64(engine.Power10(scale))
	below := uint64(0)
	for i := range x.prizes {
		below += x.source.Prizes[i].Odds.Trim(0).Pad(scale).Coef()
		x.prizes[i].below = below
	}
}

// checkSold checks that rewards of the kind surprise name one, and that each surprise
// can be drawn.
func checkSold(c *engine.Compiler, s *stage) {
	sold := map[string]bool{}
	var ids []string
	for i := range s.surprises {
		ids = append(ids, s.surprises[i].source.ID)
	}
	for _, sale := range c.Program.Sales {
		sold[sale.Surprise] = true
		switch x := s.find(sale.Surprise); {
		case x == nil:
			c.Problem(sale.Path, "unknown_surprise", text.Say("there is no surprise {Surprise}", strconv.Quote(sale.Surprise)), hint(sale.Surprise, ids, "surprises"))
		case x.source.Paused:
			c.Problem(sale.Path, "never_applies", text.Say("the surprise {Surprise} is paused", strconv.Quote(sale.Surprise)), "let nobody take the reward meanwhile: remove it, or end it with until")
		}
	}
	for i := range s.surprises {
		if x := s.surprises[i].source; x.On == "" && !sold[x.ID] {
			c.Problem(document.Index("surprises", i), "never_applies", "nobody can draw: no event lets them, and no reward sells it", "write on, such as on: purchase, or a reward of the kind surprise")
		}
	}
}

func (s *stage) find(id string) *compiled {
	for i := range s.surprises {
		if s.surprises[i].source.ID == id {
			return &s.surprises[i]
		}
	}
	return nil
}
