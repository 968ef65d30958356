package rule

import (
	"strings"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
)

// compileOccasion finds what comes by itself, which only earning rules and
// campaigns can be about; ok is false for what does not. What such a rule gives is
// for no goods, so that returns leave it alone.
func compileOccasion(c *engine.Compiler, path, kind, on string, rule ledger.Name, r *Common) (no ledger.Name, ok bool) {
	if kind != "earn" && kind != "campaign" {
		return 0, false
	}
	if no, ok = c.Occasion(on); !ok {
		return 0, false
	}
	c.Apart(rule)
	if r.Items != "" {
		c.Problem(path+".items", "never_applies", "nothing is bought on this day by itself", "leave out items")
	}
	if on == event.ProfileCompleted && len(c.Program.ProfileFacts) == 0 {
		c.Problem(path+".on", "never_applies", "the program does not say when a profile is complete", "list what you ask of members, such as profile: {complete: [language, city]}")
	}
	return no, true
}

// CheckOccasion refuses to give for money or goods what comes by itself, without
// either.
func (x *Compiled) CheckOccasion(c *engine.Compiler, path string, givings []*engine.Giving) {
	for _, g := range givings {
		if x.Itself && (g.Measure == engine.ByAmount || g.Measure == engine.ByItems) {
			c.Problem(path+"."+g.Wallet.ID, "never_applies", "nothing is bought on this day by itself, so this is a part of nothing", "write a fixed amount, without per")
		}
	}
}

// DescribeOccasion says when something comes that comes by itself.
func DescribeOccasion(d *engine.Description, on string) {
	p := d.Program
	switch {
	case p.EventType(on) != nil:
	case on == event.Birthday:
		d.Say(text.New("occasion.birthday"))
	case on == event.Anniversary:
		d.Say(text.New("occasion.membership_anniversary"))
	case on == event.ProfileCompleted:
		var facts text.List
		for _, name := range p.ProfileFacts {
			facts.Items = append(facts.Items, FactName(name))
		}
		d.Say(text.New("occasion.profile_completed", "Facts", facts))
	}
}

// FactName is what members call a fact of theirs that every program knows; one
// that the business declares goes by its name.
func FactName(name string) text.Message {
	for _, known := range engine.MemberFacts {
		if known.Name == name {
			return text.New("condition.field.member." + name)
		}
	}
	if name == engine.BirthdayFact {
		return text.New("fact.birthday")
	}
	return text.New("fact.own", "Name", strings.ReplaceAll(name, "_", " "))
}
