package earn

import (
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

// Describe tells members what they earn, a section for each rule.
func (s *stage) Describe(d *engine.Description) {
	for i := range s.rules {
		s.rules[i].describe(d)
	}
}

func (r *compiled) describe(d *engine.Description) {
	p, x := d.Program, r.source
	d.Section(text.New("earn.heading", "Title", p.Rules[r.Name].Title))
	gives := text.List{}
	if x.Give != nil {
		gives = rule.GiveWords(p, x.Give)
	}
	if x.Multiply != nil {
		gives.Items = append(gives.Items, rule.MultiplyWords(p, x.Multiply).Items...)
	}
	on := rule.On(p, x.On)
	if on.ID == "on.purchase" && r.When != nil && r.When.FirstPurchase() {
		on = text.New("on.first_purchase")
	}
	d.SayInShort(text.New("rule.gives", "On", on, "Gives", gives))
	r.DescribeConditions(d)
	rule.DescribeOccasion(d, x.On)
	givings := p.Rules[r.Name].Givings
	rule.DescribeCounting(d, givings, rule.CompileWithout(x.Without), r.rounding, false)
	rule.DescribeLimits(d, givings)
	rule.DescribeTerms(d, x.Pending, x.Expires)
}
