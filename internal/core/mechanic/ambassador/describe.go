package ambassador

import (
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

// Describe tells ambassadors how their links work and what they get.
func (s *stage) Describe(d *engine.Description) {
	if !s.on {
		return
	}
	d.Section(text.New("ambassador.heading"))
	d.Say(text.New("ambassador.who"))
	if s.when != nil {
		d.Say(text.New("ambassador.when", "Condition", s.when.Words()))
	}
	d.Say(text.New("ambassador.link", "To", s.source.To))
	d.Say(text.New("ambassador.window", "Span", rule.SpanWords(s.source.Window)))
	if s.source.KeepClicks != nil {
		d.Say(text.New("ambassador.keep", "Span", rule.SpanWords(*s.source.KeepClicks)))
	}
	d.Say(text.New("ambassador.own"))
	if d.Program.Returns != engine.NoReturns {
		d.Say(text.New("ambassador.returned"))
	}
	for i := range s.commissions {
		s.commissions[i].describe(d)
	}
}

func (c *commission) describe(d *engine.Description) {
	from := c.source
	d.Section(text.New("ambassador.commission", "Title", d.Program.Rules[c.Name].Title))
	d.Say(text.New("ambassador.gives", "Gives", rule.GiveWords(d.Program, &from.Give)))
	c.DescribeConditions(d)
	rule.DescribeCounting(d, c.givings, rule.CompileWithout(from.Without), money.Floor, false)
	rule.DescribeLimits(d, c.givings)
	rule.DescribeTerms(d, from.Pending, from.Expires)
}
