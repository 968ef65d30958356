package tier

import (
	"io/fs"
	"slices"
	"strings"

	"premia/internal/core/condition"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

// BenefitsMechanic is the door of what levels add to what members earn and take off
// what they pay. It has no section of its own: both stand with the levels.
type BenefitsMechanic struct{}

// Section gives no key.
func (BenefitsMechanic) Section() document.Section { return document.Section{} }

// Words gives none: they are with the ladders'.
func (BenefitsMechanic) Words() fs.FS { return nil }

// benefits are the levels that multiply, and those with prices of their own.
type benefits struct{ multiply, prices []*Level }

// levelPrice is a level's reduction that is ready to apply.
type levelPrice struct {
	*engine.Discount
	source *Price
}

// Compile checks the factors and the prices of all levels.
func (BenefitsMechanic) Compile(c *engine.Compiler, _ any) engine.Stage {
	s := &benefits{}
	for _, l := range Ladders(c.Program) {
		for i := range l.Levels {
			v := &l.Levels[i]
			b := v.source.Benefits
			if b == nil || (b.Multiply == nil && len(b.Prices) == 0) {
				continue
			}
			path := document.Index(document.Join("tiers", l.ID)+".levels", i) + ".benefits"
			v.when = c.Condition(path, l.has(v), false)
			if b.Multiply != nil {
				v.compileMultiply(c, path+".multiply", b)
				s.multiply = append(s.multiply, v)
			}
			if len(b.Prices) > 0 {
				v.compilePrices(c, path+".prices", l, b.Prices)
				s.prices = append(s.prices, v)
			}
		}
	}
	if len(s.multiply)+len(s.prices) == 0 {
		return nil
	}
	return s
}

// has writes the condition that members have one of these levels.
func (l *Ladder) has(levels ...*Level) string {
	if len(levels) == 1 {
		return "tier." + l.ID + ` == "` + levels[0].ID + `"`
	}
	var ids []string
	for _, v := range levels {
		ids = append(ids, `"`+v.ID+`"`)
	}
	return "tier." + l.ID + " in [" + strings.Join(ids, ", ") + "]"
}

func (v *Level) compileMultiply(c *engine.Compiler, path string, b *Benefits) {
	v.multiply = rule.CompileMultiply(c, path, v.Name, *b.Multiply, money.Floor)
	var all []*engine.Giving
	for _, m := range v.multiply {
		c.Program.Slide(m.Giving)
		all = append(all, m.Giving)
	}
	c.Givings(v.Name, all)
}

// compilePrices makes promotions of a level's prices, which only those have who are
// on it.
func (v *Level) compilePrices(c *engine.Compiler, path string, l *Ladder, prices []Price) {
	for i := range prices {
		p, here := &prices[i], document.Index(path, i)
		id := l.ID + "." + v.ID + "." + p.ID
		name := c.Rule(here, priceKind, id, rule.Title(c, p.Name, p.ID))
		d := rule.CompileDiscount(c, here+".discount", name, &p.Discount)
		d.When, d.Items = v.when, c.Condition(here+".items", p.Items, true)
		c.Conditions(name, d.When, d.Items)
		rule.CompileStacking(c, here+".stacking", p.Stacking, d)
		rule.CompileDiscountLimits(c, here+".limits", priceKind+"."+id, p.Limits, d)
		c.Program.Promotions = append(c.Program.Promotions, d)
		v.prices = append(v.prices, levelPrice{d, p})
	}
}

// Apply multiplies what the earning rules gave by the factors of the member's
// levels. Prices apply where a basket is priced.
func (s *benefits) Apply(t *engine.Turn) {
	if len(t.Awards) == 0 {
		return
	}
	for _, v := range s.multiply {
		if met, err := v.when.Bool(t); err != nil || !met {
			continue
		}
		for i := range v.multiply {
			m := &v.multiply[i]
			if extra := m.Extra(t, nil); extra > 0 {
				t.AwardAmount(m.Giving, nil, extra, 0, false)
			}
		}
	}
}

// Describe tells members of the levels' prices, a section for each.
func (s *benefits) Describe(d *engine.Description) {
	for _, v := range s.prices {
		for _, p := range v.prices {
			d.Section(text.New("tier.prices.heading", "Level", v.Title, "Title", d.Program.Rules[p.Rule].Title))
			rule.DescribeDiscount(d, &p.source.Discount, p.Discount)
			(&rule.Compiled{Name: p.Rule, When: p.When, Items: p.Items}).DescribeConditions(d)
			rule.DescribeDiscountTerms(d, p.source.Stacking, p.Discount)
		}
	}
}

// reserve keeps the rewards that levels name for members on those.
func reserve(c *engine.Compiler, ladders []*Ladder) {
	for _, l := range ladders {
		var paths []struct{ reward, path string }
		levels := map[string][]*Level{}
		for i := range l.Levels {
			v := &l.Levels[i]
			if v.source.Benefits == nil {
				continue
			}
			path := document.Index(document.Join("tiers", l.ID)+".levels", i) + ".benefits.rewards"
			for j, reward := range v.source.Benefits.Rewards {
				if levels[reward] == nil {
					paths = append(paths, struct{ reward, path string }{reward, document.Index(path, j)})
				}
				levels[reward] = append(levels[reward], v)
			}
		}
		for _, first := range paths {
			c.Reserve(first.path, first.reward, l.has(slices.Compact(levels[first.reward])...))
		}
	}
}

// Right is what levels give access to.
type Right struct {
	ID    string
	Title text.Localized
}

// declareAccess lets conditions read what the member has access to by any level.
func declareAccess(c *engine.Compiler, ladders []*Ladder) {
	var fields []engine.Field
	for _, l := range ladders {
		for i := range l.Levels {
			v := &l.Levels[i]
			path := document.Index(document.Join("tiers", l.ID)+".levels", i) + ".benefits.access"
			for id, name := range v.source.access().All() {
				if !fieldName(id) {
					c.Problem(document.Join(path, id), document.CodeInvalid, text.Say("what a level gives access to is called by small letters, digits and _: {ID}", id), "its name, for people, may be anything")
					continue
				}
				if slices.ContainsFunc(fields, func(f engine.Field) bool { return f.Name == id }) {
					continue
				}
				fields = append(fields, engine.Field{
					Name: id, Kind: condition.Bool, Label: rule.Title(c, name, id), Doc: "whether the member's levels give access to " + id,
					Read: func(t *engine.Turn) condition.Value { return condition.BoolValue(admitted(ladders, t, id)) },
				})
			}
		}
	}
	if len(fields) > 0 {
		c.Object("access", true, fields...)
	}
}

// admitted tells whether a level in force gives access to something.
func admitted(ladders []*Ladder, t *engine.Turn, id string) bool {
	for _, l := range ladders {
		if l.LevelOf(t.State).source.access().Has(id) {
			return true
		}
	}
	return false
}

// Access lists what the level gives access to, in the order of the document.
func (v *Level) Access(p *engine.Program) (all []Right) {
	for id, name := range v.source.access().All() {
		all = append(all, Right{id, engine.LocalizedIn(p.Languages[0], name, id)})
	}
	return all
}
