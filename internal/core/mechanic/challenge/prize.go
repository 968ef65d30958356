package challenge

import (
	"math"
	"regexp"
	"strconv"

	"github.com/govalues/decimal"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

// BadgeRef names a badge and its level.
type BadgeRef struct {
	ID    string `doc:"id,required" help:"the badge's id"`
	Level int    `doc:"level" min:"1" max:"20" help:"the level; 1 if not said"`
}

// Shorthand reads the badge's id alone.
func (b *BadgeRef) Shorthand(text string) error {
	b.ID = text
	return nil
}

// Repeat is how often something can be reached: a number of times, or 0 for any
// number.
type Repeat struct{ Times int64 }

var timesForm = regexp.MustCompile(`^[1-9][0-9]{0,5}$`)

// UnmarshalText reads "any number", or a number of times.
func (r *Repeat) UnmarshalText(src []byte) error {
	s := string(src)
	if s == "any number" {
		r.Times = 0
		return nil
	}
	if !timesForm.MatchString(s) {
		return text.Advise(text.Say("{Text} is no number of times", strconv.Quote(s)), "write any number, or a whole number from 1 to 999999")
	}
	r.Times, _ = strconv.ParseInt(s, 10, 64)
	return nil
}

// JSONSchema describes a number of times to editors.
func (Repeat) JSONSchema() map[string]any {
	return map[string]any{
		"description": "a number of times, or any number",
		"anyOf": []any{
			map[string]any{"type": "integer", "minimum": 1, "maximum": 999999},
			map[string]any{"const": "any number"},
		},
	}
}

// Percent is a share above zero, such as 10%.
type Percent struct {
	Number decimal.Decimal
	rate   money.Rate // one and the share
}

var percentForm = regexp.MustCompile(`^([0-9]{1,4}(?:\.[0-9]{1,4})?) ?%$`)

// UnmarshalText reads "10%".
func (p *Percent) UnmarshalText(src []byte) error {
	wrong := text.Advise(text.Say("{Text} is no percentage", strconv.Quote(string(src))), "write it as 10%")
	m := percentForm.FindStringSubmatch(string(src))
	if m == nil {
		return wrong
	}
	number, err := decimal.Parse(m[1])
	if err != nil {
		return wrong
	}
	sum, err := number.Add(decimal.Hundred)
	if err != nil {
		return wrong
	}
	rate, err := money.RateOf(sum)
	if err != nil {
		return wrong
	}
	hundredth, err := money.NewRate(1, 100)
	if err != nil {
		return wrong
	}
	if rate, err = rate.Mul(hundredth); err != nil {
		return wrong
	}
	p.Number, p.rate = number, rate
	return nil
}

// JSONSchema describes a percentage to editors.
func (Percent) JSONSchema() map[string]any {
	return map[string]any{"type": "string", "pattern": percentForm.String(), "description": "a percentage such as 10%"}
}

// goal is one goal that is ready to be reached.
type goal struct {
	at    int64 // in the smallest units of what counts
	gives []*engine.Giving
	badge ledger.Name // zero for none
	prize *Prize
}

// addGoal checks a goal, which must be higher than the one before.
func (x *tracker) addGoal(c *engine.Compiler, path, key string, number decimal.Decimal, p *Prize) {
	switch wallet, inMoney := x.counts(); {
	case wallet != nil:
		c.Counted(path+key, wallet)
	case inMoney:
		c.Money(path + key)
	}
	at, ok := rule.Minor(c, path+key, number, x.scale())
	if n := len(x.goals); ok && n > 0 && at <= x.goals[n-1].at {
		c.Problem(path+key, "not_rising", text.Say("the goals do not rise: {Number} comes after one that is as high", number.String()), "write them from the lowest to the highest")
	}
	g := goal{at: max(at, 1), prize: p}
	if p.Give != nil {
		g.gives = rule.CompileGive(c, path+".give", x.Name, p.Give, money.Floor, 0)
	}
	for _, giving := range g.gives {
		if giving.Measure != engine.ByEvent {
			c.Problem(path+".give", "never_applies", "what a goal gives is a plain amount", "write a wallet and an amount, such as {beans: 120}")
		}
		if x.measure == earned && giving.Wallet == x.wallet {
			c.Problem(path+".give."+giving.Wallet.ID, "feeds_itself", "what this gives would count towards its own goal", "give another wallet, or count something else")
		}
	}
	if p.Badge != nil {
		g.badge = findBadge(c, path+".badge", p.Badge)
	}
	if p.Give == nil && p.Badge == nil {
		c.Problem(path, "missing", "the goal gives nothing", "write give or badge")
	}
	x.goals = append(x.goals, g)
}

// finish compiles the terms and limits of all that the goals give.
func (x *tracker) finish(c *engine.Compiler, path string, limits document.Map[rule.Limits]) {
	var all []*engine.Giving
	for i := range x.goals {
		all = append(all, rule.WithInstead(x.goals[i].gives)...)
	}
	for _, g := range all {
		g.Terms = rule.CompileTerms(c, path, x.pending, x.expires, g.Wallet.Terms)
		c.Program.Slide(g)
	}
	rule.CompileLimits(c, path, limits, all)
	c.Givings(x.Name, all)
	wallet, inMoney := x.counts()
	c.Goal(x.Name, &engine.GoalWords{Say: x.say, Prize: func(i int) any { return x.prizeWords(c.Program, i) }, Scale: x.scale(), Distinct: x.measure.distinct(), Wallet: wallet, Money: inMoney})
	x.total = c.Program.Names.Number("counter." + c.Program.Names.Name(x.Name))
	if len(x.goals) == 0 {
		x.goals = []goal{{at: math.MaxInt64}} // refused anyway
	}
}

// achieve gives a goal's prize so many times.
func (x *tracker) achieve(t *engine.Turn, p *ledger.Progress, i int, times int64) {
	g := &x.goals[i]
	p.Reach(i, times)
	if x.frame == fromFirst && i == len(x.goals)-1 {
		t.State.AddCount(x.total, 0, calendar.None, times)
	}
	t.Note(engine.Step{Rule: x.Name, Result: engine.Achieved, Amount: x.goalOf(p, i), Wanted: x.goalOf(p, i), Base: times, Part: uint8(i)})
	t.Count(engine.Counted{Rule: x.Name, Since: p.Since, Goal: i + 1, Amount: times})
	for _, giving := range g.gives {
		t.AwardAmount(giving, nil, timesAmount(giving.Fixed, times), 0, false)
	}
	if g.badge != 0 {
		t.State.AddCount(g.badge, 0, calendar.None, times)
		t.Note(engine.Step{Rule: g.badge, Result: engine.Decorated})
	}
}

// timesAmount multiplies, and stops at the largest number.
func timesAmount(amount, times int64) int64 {
	if amount > math.MaxInt64/max(times, 1) {
		return math.MaxInt64
	}
	return amount * times
}

// unitForms spreads the words for what counts over the languages.
func unitForms(c *engine.Compiler, path string, name document.UnitName) *text.UnitForms {
	if name == nil {
		return nil
	}
	out := &text.UnitForms{Fallback: c.Program.Languages[0], Forms: map[string]map[string]string{}}
	for _, lang := range document.Languages() {
		if words, ok := name.In(lang); ok {
			out.Forms[lang] = words
		}
	}
	for _, lang := range c.Program.Languages {
		if _, ok := name.In(lang); !ok && lang != "" {
			c.Problem(path, "missing_language", text.Say("the name is missing in {Lang}", lang), text.Say("members read the program in {Lang} too", lang))
		}
	}
	return out
}
