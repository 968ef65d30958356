// Package earn gives value for events: an amount for each so much spent, for
// each item or for the event, a percentage, or a formula's value; and factors
// on what the other rules gave.
package earn

import (
	"embed"
	"io/fs"
	"strconv"

	"github.com/govalues/decimal"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/money"
)

//go:embed words
var words embed.FS

// Rule is one earning rule of the document.
type Rule struct {
	rule.Common `doc:",inline"`
	rule.Window `doc:",inline"`
	Give        *rule.Give                     `doc:"give" help:"what it gives"`
	Multiply    *document.Map[decimal.Decimal] `doc:"multiply" help:"wallet: factor on what the other earning rules gave"`
	Without     []string                       `doc:"without" enum:"tax|shipping|gift cards|points" help:"parts of the total that do not count; gift cards and points if not said"`
	Rounding    string                         `doc:"rounding" enum:"floor|ceiling|half up|half even|toward zero" help:"floor if not said"`
	Limits      document.Map[rule.Limits]      `doc:"limits" help:"wallet (or times): the most it gives"`
	Pending     *rule.Pending                  `doc:"pending" help:"how long the award waits; as the wallet if not said"`
	Expires     *rule.Expires                  `doc:"expires" help:"when the award is gone; as the wallet if not said"`
}

// Mechanic is the door of earning.
type Mechanic struct{}

// Section gives the key earn: a list of rules.
func (Mechanic) Section() document.Section {
	return document.Section{Key: "earn", Into: &[]Rule{}, Help: "what members earn for what they do"}
}

// Words are the catalogues of earning.
func (Mechanic) Words() fs.FS { return words }

// compiled is a rule that is ready to run.
type compiled struct {
	rule.Compiled
	window   rule.CompiledWindow
	givings  []*engine.Giving
	multiply []rule.Multiplier
	rounding money.Rounding
	source   *Rule
}

type stage struct{ rules []compiled }

// Compile checks the rules.
func (Mechanic) Compile(c *engine.Compiler, section any) engine.Stage {
	rules := *section.(*[]Rule)
	s := &stage{}
	for i := range rules {
		s.rules = append(s.rules, compile(c, "earn["+strconv.Itoa(i)+"]", &rules[i]))
	}
	return s
}

func compile(c *engine.Compiler, path string, r *Rule) compiled {
	out := compiled{
		Compiled: rule.CompileCommon(c, path, "earn", &r.Common),
		source:   r,
	}
	out.window = rule.CompileWindow(c, path, out.Name, &r.Window)
	rounding := money.Floor
	if r.Rounding != "" {
		rounding, _ = money.ParseRounding(r.Rounding)
	}
	if r.Give != nil {
		out.givings = rule.CompileGive(c, path+".give", out.Name, r.Give, rounding, rule.CompileWithout(r.Without))
	}
	var all []*engine.Giving
	all = append(all, rule.WithInstead(out.givings)...)
	if r.Multiply != nil {
		out.multiply = rule.CompileMultiply(c, path+".multiply", out.Name, *r.Multiply, rounding)
		for i := range out.multiply {
			all = append(all, out.multiply[i].Giving)
		}
	}
	if r.Give == nil && r.Multiply == nil {
		c.Problem(path, "missing", "the rule gives nothing", "write give or multiply")
	}
	out.CheckOccasion(c, path+".give", out.givings)
	if out.Itself && r.Multiply != nil {
		c.Problem(path+".multiply", "never_applies", "nothing else is given on this day that could be multiplied", "write a fixed amount under give")
	}
	c.Base(out.Kind, out.Name, rule.WithInstead(out.givings))
	if !out.Itself {
		rule.CheckMultiply(c, path+".multiply", out.Compiled, out.multiply)
	}
	for _, g := range all {
		g.Terms = rule.CompileTerms(c, path, r.Pending, r.Expires, g.Wallet.Terms)
		c.Program.Slide(g)
	}
	rule.CompileLimits(c, path, r.Limits, all)
	c.Givings(out.Name, all)
	out.rounding = rounding
	return out
}

// ForOccasions lets rules give for what comes by itself.
func (*stage) ForOccasions() {}

// Apply lets the rules that give do so first, and then those that multiply.
func (s *stage) Apply(t *engine.Turn) {
	for i := range s.rules {
		if r := &s.rules[i]; len(r.givings) > 0 && r.Kind == t.Kind {
			r.give(t)
		}
	}
	for i := range s.rules {
		if r := &s.rules[i]; len(r.multiply) > 0 && r.Kind == t.Kind {
			r.extra(t)
		}
	}
}

// applies tells whether the rule applies, and for which items; if not, the
// explanation says why.
func (r *compiled) applies(t *engine.Turn) (marks []bool, ok bool) {
	if why := r.window.Check(t); why != 0 {
		t.Note(engine.Step{Rule: r.Name, Result: why})
		return nil, false
	}
	if !t.Met(r.When, r.Name) {
		return nil, false
	}
	marks, _, any := t.Matching(r.Items)
	if !any {
		t.Note(engine.Step{Rule: r.Name, Result: engine.NoItems})
	}
	return marks, any
}

func (r *compiled) give(t *engine.Turn) {
	marks, ok := r.applies(t)
	if !ok {
		return
	}
	for _, g := range r.givings {
		t.Award(g, marks, true)
	}
}

func (r *compiled) extra(t *engine.Turn) {
	marks, ok := r.applies(t)
	if !ok {
		return
	}
	for i := range r.multiply {
		m := &r.multiply[i]
		t.AwardAmount(m.Giving, marks, m.Extra(t, marks), 0, false)
	}
}
