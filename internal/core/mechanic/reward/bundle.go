package reward

import (
	"strconv"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

// maxOfPart is how many of one reward a bundle may have.
const maxOfPart = 100

// Stock is a quota that a reward draws on.
type Stock struct {
	Rule  ledger.Name // the reward whose stock it is: a bundle draws on those of its parts
	Quota ledger.Name
	Cap   int64
	// Each is how many one reward takes.
	Each int64
}

// Part is one of the rewards of a bundle.
type Part struct {
	*Compiled
	Quantity int64
}

// compileBundles gives bundles the stocks and the gifts of their parts, once all
// rewards are compiled.
func (s *stage) compileBundles(c *engine.Compiler) {
	for i := range s.rewards {
		if x := &s.rewards[i]; x.Source.Kind == "bundle" && x.Source.Rewards.Len() > 0 {
			s.compileBundle(c, "rewards["+strconv.Itoa(i)+"].rewards", x)
		}
	}
}

func (s *stage) compileBundle(c *engine.Compiler, path string, x *Compiled) {
	count, cost, worth := int64(0), int64(0), int64(0)
	for id, n := range x.Source.Rewards.All() {
		here := document.Join(path, id)
		part := s.find(id)
		switch {
		case part == nil:
			c.Problem(here, "unknown_reward", text.Say("there is no reward {ID}", strconv.Quote(id)), s.nearest(id))
			continue
		case part.Source.Kind == "bundle":
			c.Problem(here, "invalid", "a bundle can't be part of a bundle", "name the rewards of that bundle")
			continue
		case part.Source.Kind == "gift card" || part.Source.Kind == kindCashback:
			c.Problem(here, "invalid", "a gift card or cashback can't be part of a bundle", "let members take it by itself")
			continue
		case part.surprise != 0:
			c.Problem(here, "invalid", "a draw can't be part of a bundle", "let members take it by itself")
			continue
		case part.booking != nil:
			c.Problem(here, "invalid", "what is booked for a time can't be part of a bundle", "let members take it by itself")
			continue
		case n < 1 || n > maxOfPart:
			c.Problem(here, document.CodeOutOfRange, text.Say("{Number} is out of range", n), text.Say("write a number from 1 to {Most}", maxOfPart))
			continue
		case handsOver(part.Source) && !handsOver(x.Source):
			c.Problem(here, "missing", text.Say("{ID} is collected or sent, so the bundle is, too", id), "write fulfilment: collect or send for the bundle")
		}
		count += n
		x.Parts = append(x.Parts, Part{part, n})
		x.add(c, here, part, n)
		cost, worth = sum(cost, part.Cost, n), sum(worth, part.Worth, n)
	}
	if count == 1 {
		c.Problem(path, "never_applies", "a bundle of one reward is that reward", "add another one, or remove the bundle")
	}
	if x.Source.Cost == nil {
		x.Cost = max(cost, 0)
	}
	if x.Source.Worth == nil {
		x.Worth = max(worth, 0)
	}
}

// unknown is the sum of amounts of which one is not known.
const unknown = -1

func sum(so, one, n int64) int64 {
	if so == unknown || one == 0 {
		return unknown
	}
	return so + one*n
}

// add gives a bundle what n of a part draw on and give. A part's conditions,
// times, limits and price are those of the part alone.
func (x *Compiled) add(c *engine.Compiler, path string, part *Compiled, n int64) {
	for _, stock := range part.Stocks {
		stock.Each *= n
		x.Stocks = append(x.Stocks, stock)
	}
	for _, g := range part.Gives {
		if g.Fixed > money.MaxAmount/n {
			c.Problem(path, document.CodeOutOfRange, "so much can't be given at once", "write a smaller number")
			continue
		}
		x.give(g.Wallet, g.Terms, g.Fixed*n)
	}
}

// give adds an amount to what the reward gives in a wallet.
func (x *Compiled) give(w *engine.Wallet, terms engine.Terms, amount int64) {
	for _, g := range x.Gives {
		if g.Wallet == w {
			g.Fixed = min(g.Fixed+amount, money.MaxAmount)
			return
		}
	}
	x.Gives = append(x.Gives, &engine.Giving{Rule: x.Name, Wallet: w, Terms: terms, Fixed: amount})
}

// nearest advises whoever named a reward that there is not.
func (s *stage) nearest(id string) text.Sentence {
	var ids []string
	for i := range s.rewards {
		if s.rewards[i].Source.Kind != "bundle" {
			ids = append(ids, s.rewards[i].Source.ID)
		}
	}
	if near, ok := document.Closest(id, ids); ok {
		return text.Say("did you mean {Near}?", strconv.Quote(near))
	}
	return "declare it under rewards"
}

// partsWords lists what a bundle has.
func (x *Compiled) partsWords(p *engine.Program) text.List {
	var list text.List
	for _, part := range x.Parts {
		m := text.New("reward.part", "Title", p.Rules[part.Name].Title)
		if part.Quantity > 1 {
			m.Args = append(m.Args, text.Arg{Name: "Count", Value: part.Quantity})
		}
		list.Items = append(list.Items, m)
	}
	return list
}
