package referral

import (
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

// Describe tells members how to invite friends, and what both get for it.
func (s *stage) Describe(d *engine.Description) {
	if !s.on {
		return
	}
	d.Section(text.New("referral.heading"))
	d.Say(text.New("referral.code"))
	if s.source.Link != "" {
		d.Say(text.New("referral.link", "Link", s.source.Link, "Place", "{code}"))
	}
	if s.source.NameWithin != nil {
		d.Say(text.New("referral.late", "Span", rule.SpanWords(*s.source.NameWithin)))
	}
	d.Say(text.New("referral.once"))
	purchases := false
	for i := range s.rewards {
		r := &s.rewards[i]
		if !r.noticed {
			r.describe(d)
			purchases = purchases || !r.signUp
		}
	}
	if purchases && d.Program.Returns != engine.NoReturns {
		d.Say(text.New("referral.returned"))
	}
}

func (r *reward) describe(d *engine.Description) {
	d.Section(text.New("referral.reward", "Title", d.Program.Rules[r.rule].Title))
	d.SayInShort(r.words(d.Program))
	for _, side := range [...]struct {
		id      string
		from    *Side
		givings []*engine.Giving
	}{{"referral.friend", r.source.Friend, r.friend}, {"referral.referrer", r.source.Referrer, r.referrer}} {
		if side.from == nil {
			continue
		}
		d.SayInShort(text.New(side.id, "Gives", rule.GiveWords(d.Program, &side.from.Give)))
		rule.DescribeCounting(d, side.givings, rule.CompileWithout(nil), money.Floor, false)
		rule.DescribeLimits(d, side.givings)
		rule.DescribeTerms(d, side.from.Pending, side.from.Expires)
	}
}

// words says for what a reward is.
func (r *reward) words(p *engine.Program) text.Message {
	if r.signUp {
		return text.New("referral.on.sign_up")
	}
	m := text.New("referral.on.first")
	switch {
	case r.source.On == "threshold" && r.spend > 0:
		m = text.New("referral.on.spend", "Spend", p.Money(r.spend))
	case r.source.On == "threshold":
		m = text.New("referral.on.purchases", "Count", r.count)
	}
	if r.least > 0 {
		m.Args = append(m.Args, text.Arg{Name: "Least", Value: p.Money(r.least)})
	}
	if r.source.Within != nil {
		m.Args = append(m.Args, text.Arg{Name: "Within", Value: rule.SpanWords(*r.source.Within)})
	}
	return m
}
