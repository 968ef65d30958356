package rule

import (
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
)

// Describe tells members what one of the extras gives, when and how much at most.
func (s *Extras) Describe(d *engine.Description, x *CompiledExtra) {
	p, from := d.Program, x.source
	kind := p.Names.Name(x.Kind)[len("event."):]
	on := On(p, kind)
	if gives := from.GivesWords(p); len(gives.Items) > 0 {
		d.SayInShort(text.New("rule.gives", "On", on, "Gives", gives))
	}
	for i := range from.Thresholds {
		th := &from.Thresholds[i]
		d.SayInShort(text.New("extra.threshold", "On", on, "Money", Money(p, th.From), "Gives", GiveWords(p, &th.Bonus)))
	}
	if len(from.Thresholds) > 1 {
		d.SayInShort(text.New("extra.highest"))
	}
	x.DescribeConditions(d)
	DescribeOccasion(d, kind)
	givings := p.Rules[x.Name].Givings
	DescribeCounting(d, givings, x.without, x.rounding, len(from.Thresholds) > 0)
	DescribeLimits(d, givings)
	s.describeGroup(d, x)
	DescribeTerms(d, from.Pending, from.Expires)
}

// GivesWords say what the factors and the bonus give.
func (x *Extra) GivesWords(p *engine.Program) text.List {
	var gives text.List
	if x.Multiply != nil {
		gives = MultiplyWords(p, x.Multiply)
	}
	if x.Bonus != nil {
		gives.Items = append(gives.Items, GiveWords(p, x.Bonus).Items...)
	}
	return gives
}

// describeGroup says which extras exclude one another; they stand in the order in
// which the engine asks them.
func (s *Extras) describeGroup(d *engine.Description, x *CompiledExtra) {
	var names []ledger.Name
	for _, other := range s.list {
		if x.Group != "" && other.Group == x.Group {
			names = append(names, other.Name)
		}
	}
	if len(names) > 1 {
		d.Say(GroupWords(d.Program, names, x.Best))
	}
}

// GroupWords say that of several rules only one applies.
func GroupWords(p *engine.Program, names []ledger.Name, best bool) text.Message {
	var order text.List
	for _, name := range names {
		order.Items = append(order.Items, text.New("extra.name", "Title", p.Rules[name].Title))
	}
	if best {
		return text.New("extra.best", "Campaigns", order)
	}
	return text.New("extra.first", "Campaigns", order)
}
