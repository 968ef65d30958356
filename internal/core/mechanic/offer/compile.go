package offer

import (
	"cmp"
	"strconv"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/condition"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

// Compiled is an offer that is ready to run.
type Compiled struct {
	Source   *Offer
	Name     ledger.Name
	whom     *condition.Expression
	window   rule.CompiledWindow
	rotation *rotation
	group    *group
	lasts    calendar.Span
	// activate tells that it must be activated.
	activate bool
	// limits are those on how often this member has it.
	limits []engine.LimitRule
	// extra is what it gives and discount what it takes off: one of the two.
	extra    *rule.CompiledExtra
	discount *engine.Discount
}

// group is offers of which a member activates a few.
type group struct {
	id     string
	name   ledger.Name
	choose int
	each   calendar.Unit // zero for at one time
	size   int
	source Group
}

// rotation is which turns are an offer's.
type rotation struct {
	each  calendar.Unit
	of    int
	first int // the number of its first turn
	zone  *time.Location
}

// choosing is a choice that is ready to run.
type choosing struct {
	source  *Choice
	name    ledger.Name
	each    calendar.Unit
	whom    *condition.Expression
	field   ledger.Name // under which purchases keep what was chosen
	options []option
	extra   *rule.CompiledExtra
}

type option struct {
	id    string
	name  ledger.Name
	items *condition.Expression
}

// stage is offers and choices.
type stage struct {
	program *engine.Program
	offers  []*Compiled // in the order of the document
	groups  []*group
	choices []*choosing
	extras  rule.Extras
}

var units = map[string]calendar.Unit{
	"": 0, "day": calendar.ByDay, "week": calendar.ByWeek, "month": calendar.ByMonth, "quarter": calendar.ByQuarter, "year": calendar.ByYear,
}

// Compile checks offers, groups and choices.
func (Rules) Compile(c *engine.Compiler, _ any) engine.Stage {
	s := &stage{program: c.Program}
	var offers []Offer
	var choices []Choice
	for _, one := range c.Program.Stages() {
		switch d := one.(type) {
		case *declaredOffers:
			offers = d.list
		case *declaredGroups:
			s.compileGroups(c, d.groups)
		case *declaredChoices:
			choices = d.list
		}
	}
	var extras []*rule.CompiledExtra
	takes := map[string]string{}
	for i := range offers {
		x := s.compile(c, document.Index("offers", i), &offers[i])
		if offers[i].Paused {
			continue
		}
		s.offers = append(s.offers, x)
		switch {
		case x.discount != nil:
			c.Program.Promotions = append(c.Program.Promotions, x.discount)
		case x.extra != nil:
			checkTake(c, document.Index("offers", i), offers[i].Stacking, takes)
			extras = append(extras, x.extra)
		}
	}
	for i := range choices {
		x := compileChoice(c, document.Index("choices", i), &choices[i])
		s.choices = append(s.choices, x)
		extras = append(extras, x.extra)
	}
	s.extras = rule.NewExtras(extras)
	s.checkGroups(c)
	return s
}

// checkTake reports groups of which not all say the same about what is taken.
func checkTake(c *engine.Compiler, path string, st *rule.DiscountStacking, takes map[string]string) {
	if st == nil || st.Group == "" {
		return
	}
	take := cmp.Or(st.Take, "best")
	if known, ok := takes[st.Group]; ok && known != take {
		c.Problem(path+".stacking.take", "ambiguous", text.Say("another offer of the group {Group} says take: {Known}", st.Group, known), "write the same for all offers of a group")
	}
	takes[st.Group] = take
}

func (s *stage) compileGroups(c *engine.Compiler, groups *document.Map[Group]) {
	for id, from := range groups.All() {
		name := c.Rule("offer groups."+id, "offers", id, rule.Title(c, from.Name, id))
		s.groups = append(s.groups, &group{id: id, name: name, choose: from.Choose, each: units[from.Each], source: from})
	}
}

// checkGroups reports groups that choose among nothing.
func (s *stage) checkGroups(c *engine.Compiler) {
	for _, g := range s.groups {
		path := "offer groups." + g.id
		switch {
		case g.size == 0:
			c.Problem(path, "never_applies", text.Say("no offer is in the group {ID}", g.id), text.Say("write group: {ID} in offers, or remove it", g.id))
		case g.choose >= g.size:
			c.Problem(path+".choose", "never_applies", text.Say("of {Size} offers {Choose} can be chosen, so the group limits nothing", g.size, g.choose), "write a smaller number, or remove the group and write activate: true")
		}
	}
}

func (s *stage) compile(c *engine.Compiler, path string, from *Offer) *Compiled {
	common := rule.CompileCommon(c, path, "offer", &from.Common)
	x := &Compiled{Source: from, Name: common.Name, activate: from.Activate || from.Group != ""}
	x.window = rule.CompileWindow(c, path, x.Name, &from.Window)
	x.whom = c.Condition(path+".for", from.For, false)
	c.For(x.Name, x.whom)
	if from.Rotation != nil {
		x.compileRotation(c, path)
	}
	if from.Group != "" {
		x.group = s.groupOf(c, path, from)
	}
	if from.Lasts != nil {
		x.lasts = engine.Span(*from.Lasts)
	}
	x.what(c, path, common)
	x.check(c, path)
	return x
}

func (s *stage) groupOf(c *engine.Compiler, path string, from *Offer) *group {
	var ids []string
	for _, g := range s.groups {
		if ids = append(ids, g.id); g.id == from.Group {
			if !from.Paused {
				g.size++
			}
			return g
		}
	}
	hint := text.Sentence("declare it under offer groups")
	if near, ok := document.Closest(from.Group, ids); ok {
		hint = text.Say("did you mean {Near}?", near)
	}
	c.Problem(path+".group", "unknown_group", text.Say("there is no group {Group}", strconv.Quote(from.Group)), hint)
	return nil
}

func (x *Compiled) compileRotation(c *engine.Compiler, path string) {
	from := x.Source.Rotation
	r := &rotation{each: units[from.Each], of: from.Of, zone: c.Program.Zone}
	first := calendar.Of(from.First.In(r.zone))
	r.first = r.turn(first)
	x.rotation = r
	c.Window(x.Name, append(c.Program.Rules[x.Name].Window, text.New("offer.rotation."+from.Each, "Count", int64(from.Of), "Date", rule.MomentWords(&from.First, r.zone))))
	if len(x.Source.Days)+hoursOf(x.Source) == 0 && x.window.Until != calendar.Never && !r.meets(x.window.From, x.window.Until) {
		c.Problem(path+".rotation", "never_applies", "none of its turns is within from and until, so it can never apply", "write a day within them under first")
	}
}

func hoursOf(o *Offer) int {
	if o.Hours != nil {
		return 1
	}
	return 0
}

// what compiles what the offer gives or takes off.
func (x *Compiled) what(c *engine.Compiler, path string, common rule.Compiled) {
	from := x.Source
	switch {
	case from.Discount != nil && from.Gives():
		c.Problem(path, "ambiguous", "the offer both gives and takes off", "write two offers")
	case from.Discount != nil:
		x.compileDiscount(c, path, common)
	case from.Gives():
		x.compileExtra(c, path, common)
	default:
		c.Problem(path, "missing", "the offer gives nothing", "write multiply, bonus, thresholds or discount")
	}
}

func (x *Compiled) compileExtra(c *engine.Compiler, path string, common rule.Compiled) {
	e := rule.CompileExtra(c, path, common, &x.Source.Extra)
	e.Gate = func(t *engine.Turn) (*condition.Expression, engine.Result) { return common.Items, x.can(t) }
	if st := x.Source.Stacking; st != nil {
		e.Group, e.Best, e.Priority = st.Group, st.Take != "first", st.Priority
		if st.Alone {
			c.Problem(path+".stacking.alone", "never_applies", "only what takes off prices can go with no other", "name a group instead")
		}
	}
	for _, g := range c.Program.Rules[x.Name].Givings {
		for i := range g.Limits {
			l := &g.Limits[i]
			l.Gone = x.Source.AfterReturn == "gone"
			if l.Times && !l.Limit.Shared() && len(x.limits) == 0 {
				x.limits = append(x.limits, *l)
			}
		}
	}
	x.extra = e
}

func (x *Compiled) compileDiscount(c *engine.Compiler, path string, common rule.Compiled) {
	d := rule.CompileDiscount(c, path+".discount", x.Name, x.Source.Discount)
	d.When, d.Items, d.Available, d.Gone = common.When, common.Items, x.can, x.Source.AfterReturn == "gone"
	rule.CompileStacking(c, path+".stacking", x.Source.Stacking, d)
	rule.CompileLimitsOff(c, path+".limits", "offer."+x.Source.ID, x.Source.Limits, d)
	for _, l := range d.Uses {
		if !l.Limit.Shared() {
			x.limits = append(x.limits, l)
		}
	}
	for _, one := range [...]struct {
		key  string
		said bool
	}{
		{"on", x.Source.On != "" && x.Source.On != event.Purchase},
		{"pending", x.Source.Pending != nil}, {"expires", x.Source.Expires != nil},
		{"without", x.Source.Without != nil}, {"rounding", x.Source.Rounding != ""},
	} {
		if one.said {
			c.Problem(path+"."+one.key, "never_applies", "a discount is taken off purchases, and nothing is earned", "remove it")
		}
	}
	x.discount = d
}

// check reports what can never apply.
func (x *Compiled) check(c *engine.Compiler, path string) {
	from := x.Source
	switch {
	case from.GiveUp && !x.activate:
		c.Problem(path+".give up", "never_applies", "what is not activated can't be given up", "write activate: true, or remove it")
	case from.Lasts != nil && !x.activate:
		c.Problem(path+".lasts", "never_applies", "what is not activated does not begin to last", "write activate: true, or until")
	case from.Lasts != nil && from.Lasts.IsZero():
		c.Problem(path+".lasts", document.CodeOutOfRange, "what lasts no time can't be used", "write a length of time such as 7d")
	}
	if from.AfterReturn != "" && !c.Source.Has("returns") {
		c.Problem(path+".after return", "never_applies", "the program takes nothing back for returned goods", "add the section returns: {}, or remove this")
	}
	if from.AfterReturn != "" && len(x.limits) == 0 {
		c.Problem(path+".after return", "never_applies", "the offer can be used as often as one likes", "write how often under limits.times")
	}
}

func compileChoice(c *engine.Compiler, path string, from *Choice) *choosing {
	common := rule.CompileCommon(c, path, "choice", &rule.Common{ID: from.ID, Name: from.Name, On: from.On, When: from.When})
	x := &choosing{source: from, name: common.Name, each: units[from.Each]}
	x.field = c.Program.Names.Number("field.choice." + from.ID)
	x.whom = c.Condition(path+".for", from.For, false)
	c.For(x.name, x.whom)
	if from.Options != nil {
		for id, o := range from.Options.All() {
			here := document.Join(path+".options", id)
			name := c.Rule(here, "choice", from.ID+"."+id, rule.Title(c, o.Name, id))
			x.options = append(x.options, option{id, name, c.ItemCondition(here+".items", o.Items)})
		}
	}
	if len(x.options) < 2 {
		c.Problem(path+".options", "never_applies", "there is nothing to choose among", "write at least two options")
	}
	if !from.Gives() {
		c.Problem(path, "missing", "the choice gives nothing", "write multiply, bonus or thresholds")
	}
	x.extra = rule.CompileExtra(c, path, common, &from.Extra)
	x.extra.Gate = x.can
	return x
}
