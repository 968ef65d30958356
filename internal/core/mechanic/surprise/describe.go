package surprise

import (
	"strings"

	"github.com/govalues/decimal"

	"premia/internal/core/engine"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

// Describe tells members what they can win and how likely that is, a section for each
// surprise that is not paused.
func (s *stage) Describe(d *engine.Description) {
	for i := range s.surprises {
		if x := &s.surprises[i]; !x.source.Paused {
			x.describe(d)
		}
	}
}

func (x *compiled) describe(d *engine.Description) {
	p, from := d.Program, x.source
	kind := "surprise"
	if from.Kind != "" {
		kind = strings.ReplaceAll(from.Kind, " ", "_")
	}
	d.Section(text.New("surprise.heading."+kind, "Title", p.Rules[x.Name].Title))
	if from.On != "" {
		d.Say(text.New("surprise.on", "On", rule.On(p, from.On)))
	}
	for _, sale := range p.Sales {
		if sale.Surprise == from.ID {
			d.Say(text.New("surprise.sold", "Title", p.Rules[sale.Reward].Title))
		}
	}
	x.DescribeConditions(d)
	for i := range x.limits {
		d.Say(text.New("rule.limit", "Limit", rule.LimitWords(p, nil, &x.limits[i])))
	}
	limited := false
	for i := range x.prizes {
		limited = x.prizes[i].describe(d) || limited
	}
	if from.Nothing != nil {
		d.Say(text.New("surprise.nothing", "Odds", percent(*from.Nothing)))
	}
	switch {
	case limited && x.next:
		d.Say(text.New("surprise.used_up.next"))
	case limited:
		d.Say(text.New("surprise.used_up.nothing"))
	}
	rule.DescribeTerms(d, from.Pending, from.Expires)
	if from.On != "" && p.Returns != engine.NoReturns {
		d.Say(text.New("surprise.returns"))
	}
}

// describe says a prize with its odds, and tells whether it can be used up.
func (p *prize) describe(d *engine.Description) bool {
	var gives any
	if p.give != nil {
		gives = text.New("give.fixed", "Points", p.give.Wallet.Points(p.give.Fixed))
	} else {
		gives = text.New("surprise.voucher", "Title", d.Program.Rules[p.reward].Title)
	}
	d.Say(text.New("surprise.prize", "Title", d.Program.Rules[p.name].Title, "Gives", gives, "Odds", percent(p.source.Odds)))
	if p.stock > 0 {
		d.Say(text.New("surprise.stock", "Count", p.stock))
	}
	if p.give == nil {
		return p.stock > 0
	}
	for i := range p.give.Limits {
		d.Say(text.New("rule.limit", "Limit", rule.LimitWords(d.Program, p.give.Wallet, &p.give.Limits[i])))
	}
	return p.stock > 0 || len(p.give.Limits) > 0
}

// percent shows odds as a percentage.
func percent(odds decimal.Decimal) text.Percent {
	hundredfold, err := odds.Mul(decimal.Hundred)
	if err != nil {
		hundredfold = odds
	}
	return text.Percent(hundredfold.Trim(0).String())
}
