package offer

import (
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

// Describe tells members about groups, offers and choices, a section for each.
func (s *stage) Describe(d *engine.Description) {
	for _, g := range s.groups {
		s.describeGroup(d, g)
	}
	for _, x := range s.offers {
		d.Section(text.New("offer.heading", "Title", d.Program.Rules[x.Name].Title))
		s.describe(d, x)
	}
	for _, x := range s.choices {
		s.describeChoice(d, x)
	}
}

func (s *stage) describeGroup(d *engine.Description, g *group) {
	d.Section(text.New("offers.heading", "Title", d.Program.Rules[g.name].Title))
	var list text.List
	for _, x := range s.offers {
		if x.group == g {
			list.Items = append(list.Items, text.New("offers.name", "Title", d.Program.Rules[x.Name].Title))
		}
	}
	d.Say(text.New("offers.list", "Offers", list))
	each := g.source.Each
	if each == "" {
		each = "once"
	}
	d.Say(text.New("offers.choose."+each, "Count", int64(g.choose)))
}

// describe says what one offer brings, for whom, and how it is had.
func (s *stage) describe(d *engine.Description, x *Compiled) {
	from := x.Source
	if x.discount != nil {
		rule.DescribeDiscount(d, from.Discount, x.discount)
		(&rule.Compiled{Name: x.Name, When: x.discount.When, Items: x.discount.Items}).DescribeConditions(d)
		rule.DescribeDiscountTerms(d, from.Stacking, x.discount)
	} else {
		s.extras.Describe(d, x.extra)
	}
	if x.whom != nil {
		d.Say(text.New("offer.for", "Condition", x.whom.Words()))
	}
	if from.Personal {
		d.Say(text.New("offer.personal"))
	}
	switch {
	case x.group != nil:
		d.Say(text.New("offer.grouped", "Group", d.Program.Rules[x.group.name].Title))
	case x.activate:
		d.Say(text.New("offer.activate"))
	}
	if from.Lasts != nil {
		d.Say(text.New("offer.lasts", "Span", rule.SpanWords(*from.Lasts)))
	}
	if from.GiveUp {
		d.Say(text.New("offer.give_up"))
	}
	if from.AfterReturn == "gone" {
		d.Say(text.New("offer.gone"))
	}
}

func (s *stage) describeChoice(d *engine.Description, x *choosing) {
	d.Section(text.New("choice.heading", "Title", d.Program.Rules[x.name].Title))
	d.Say(text.New("choice.each." + x.source.Each))
	for i := range x.options {
		o := &x.options[i]
		d.Say(text.New("choice.option", "Title", d.Program.Rules[o.name].Title, "Condition", o.items.Words()))
	}
	s.extras.Describe(d, x.extra)
	if x.whom != nil {
		d.Say(text.New("offer.for", "Condition", x.whom.Words()))
	}
	d.Say(text.New("choice.from_then"))
	if x.source.Change == "until used" {
		d.Say(text.New("choice.until_used"))
	} else {
		d.Say(text.New("choice.never"))
	}
}

// Terms says what the offer brings and how it is had, as the description of the
// program does.
func Terms(p *engine.Program, offer ledger.Name) []text.Message {
	s := stageOf(p)
	d := &engine.Description{Program: p}
	d.Section(text.Message{})
	for _, x := range s.offers {
		if x.Name == offer {
			s.describe(d, x)
		}
	}
	return d.Sections[0].Lines
}
