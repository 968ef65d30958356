package campaign

import (
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

// Describe tells members about the promotions that are not paused, a section
// for each.
func (s *stage) Describe(d *engine.Description) {
	for i := range s.campaigns {
		s.describe(d, &s.campaigns[i])
	}
}

func (s *stage) describe(d *engine.Description, x *compiled) {
	p, from := d.Program, x.source
	d.Section(text.New("campaign.heading", "Title", p.Rules[x.Name].Title))
	on := rule.On(p, from.On)
	var gives text.List
	if from.Multiply != nil {
		gives = rule.MultiplyWords(p, from.Multiply)
	}
	if from.Bonus != nil {
		gives.Items = append(gives.Items, rule.GiveWords(p, from.Bonus).Items...)
	}
	if len(gives.Items) > 0 {
		d.Say(text.New("rule.gives", "On", on, "Gives", gives))
	}
	for i := range from.Thresholds {
		th := &from.Thresholds[i]
		d.Say(text.New("campaign.threshold", "On", on, "Money", rule.Money(p, th.From), "Gives", rule.GiveWords(p, &th.Bonus)))
	}
	if len(from.Thresholds) > 1 {
		d.Say(text.New("campaign.highest"))
	}
	x.DescribeConditions(d)
	rule.DescribeOccasion(d, from.On)
	givings := p.Rules[x.Name].Givings
	rule.DescribeCounting(d, givings, x.without, x.rounding, len(from.Thresholds) > 0)
	rule.DescribeLimits(d, givings)
	s.describeGroup(d, x)
	rule.DescribeTerms(d, from.Pending, from.Expires)
}

// describeGroup says which promotions exclude one another; they stand in the
// order in which the engine asks them.
func (s *stage) describeGroup(d *engine.Description, x *compiled) {
	var order text.List
	for i := range s.campaigns {
		if other := &s.campaigns[i]; x.group != "" && other.group == x.group {
			order.Items = append(order.Items, text.New("campaign.name", "Title", d.Program.Rules[other.Name].Title))
		}
	}
	switch {
	case len(order.Items) < 2:
	case x.best:
		d.Say(text.New("campaign.best", "Campaigns", order))
	default:
		d.Say(text.New("campaign.first", "Campaigns", order))
	}
}
