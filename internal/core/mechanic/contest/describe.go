package contest

import (
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

// CheckMessage tells members that anyone can check the draw. Who knows the digest of the
// seed says it behind that: there is one such line for each contest, in their order.
const CheckMessage = "contest.check"

// Describe tells members how they take part, what is drawn and when, a section for each
// contest.
func (s *stage) Describe(d *engine.Description) {
	for i := range s.contests {
		s.contests[i].describe(d)
	}
}

func (x *compiled) describe(d *engine.Description) {
	p, from := d.Program, x.source
	d.Section(text.New("contest.heading", "Title", p.Rules[x.Name].Title))
	on := rule.On(p, from.On)
	if x.per > 0 {
		d.Say(text.New("contest.per", "On", on, "Money", p.Money(x.per)))
		rule.DescribeCounting(d, nil, x.without, 0, true)
	} else {
		d.Say(text.New("contest.each", "On", on))
	}
	x.DescribeConditions(d)
	if from.Most > 0 {
		d.Say(text.New("contest.most", "Count", from.Most))
	}
	for i := range x.prizes {
		prize := &x.prizes[i]
		d.Say(text.New("contest.prize", "Title", p.Rules[prize.name].Title, "Gives", rule.GiveWords(p, &prize.source.Give), "Count", prize.winners()))
	}
	if from.OneEach {
		d.Say(text.New("contest.one_each"))
	}
	d.Say(text.New("contest.draw", "At", rule.MomentWords(from.Draw, p.Zone)))
	if from.Claim != nil {
		d.Say(text.New("contest.claim", "Span", rule.SpanWords(from.Claim.Within)))
	}
	d.Say(text.New(CheckMessage))
	rule.DescribeTerms(d, from.Pending, from.Expires)
	if p.Returns != engine.NoReturns {
		d.Say(text.New("contest.returns"))
	}
}
