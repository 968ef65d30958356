package tier

import (
	"io/fs"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/money"
)

// BenefitsMechanic is the door of what levels add to what members earn. It has no section
// of its own: its factors stand with the levels.
type BenefitsMechanic struct{}

// Section gives no key.
func (BenefitsMechanic) Section() document.Section { return document.Section{} }

// Words gives none: they are with the ladders'.
func (BenefitsMechanic) Words() fs.FS { return nil }

// benefits are the levels that multiply.
type benefits struct{ levels []*Level }

// Compile checks the factors of all levels.
func (BenefitsMechanic) Compile(c *engine.Compiler, _ any) engine.Stage {
	s := &benefits{}
	for _, l := range Ladders(c.Program) {
		for i := range l.Levels {
			v := &l.Levels[i]
			if v.source.Benefits == nil || v.source.Benefits.Multiply == nil {
				continue
			}
			path := document.Index(document.Join("tiers", l.ID)+".levels", i) + ".benefits.multiply"
			v.when = c.Condition(path, "tier."+l.ID+" == \""+v.ID+"\"", false)
			v.multiply = rule.CompileMultiply(c, path, v.Name, *v.source.Benefits.Multiply, money.Floor)
			var all []*engine.Giving
			for _, m := range v.multiply {
				c.Program.Slide(m.Giving)
				all = append(all, m.Giving)
			}
			c.Givings(v.Name, all)
			s.levels = append(s.levels, v)
		}
	}
	if len(s.levels) == 0 {
		return nil
	}
	return s
}

// Apply multiplies what the earning rules gave by the factors of the member's
// levels.
func (s *benefits) Apply(t *engine.Turn) {
	if len(t.Awards) == 0 {
		return
	}
	for _, v := range s.levels {
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
