package leaderboard

import (
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

// Describe tells members what counts, in which period, and what the first get: a
// section for each leaderboard.
func (s *stage) Describe(d *engine.Description) {
	for _, b := range s.boards {
		b.describe(d)
	}
}

func (b *Board) describe(d *engine.Description) {
	p, from := d.Program, b.source
	d.Section(text.New("leaderboard.heading", "Title", b.Title))
	d.Say(text.New("leaderboard.by", "What", b.By.Words(p)))
	if b.unit != 0 {
		d.Say(text.New("leaderboard.period." + b.unit.String()))
	} else {
		d.Say(text.New("leaderboard.once", "From", rule.MomentWords(from.From, p.Zone), "Until", rule.MomentWords(from.Until, p.Zone)))
	}
	switch {
	case b.group == nil:
	case len(from.GroupedBy) > 0:
		d.Say(text.New("leaderboard.group", "What", engine.LocalizedIn(p.Languages[0], from.GroupedBy, from.Group)))
	default:
		d.Say(text.New("leaderboard.group", "What", text.Quoted(from.Group)))
	}
	d.Say(text.New("leaderboard.top", "Count", b.Top))
	d.Say(text.New("leaderboard.ties"))
	for i := range b.prizes {
		b.prizes[i].describe(d)
	}
	if len(b.prizes) > 0 {
		if from.Wait != nil {
			d.Say(text.New("leaderboard.wait", "Span", rule.SpanWords(*from.Wait)))
		} else {
			d.Say(text.New("leaderboard.end"))
		}
		rule.DescribeTerms(d, from.Pending, from.Expires)
	}
	if p.Returns != engine.NoReturns {
		d.Say(text.New("leaderboard.returns"))
	}
	d.Say(text.New("leaderboard.names"))
}

func (p *prize) describe(d *engine.Description) {
	gives := rule.GiveWords(d.Program, &p.source.Give)
	if p.First == p.Last {
		d.Say(text.New("leaderboard.prize", "Place", p.First, "Gives", gives))
		return
	}
	d.Say(text.New("leaderboard.prizes", "First", p.First, "Last", p.Last, "Gives", gives))
}
