// Package challenge is goals over several events: challenges that count, sum or
// count different values, stamp cards, streaks, and the badges that they give.
//
// What counts is kept in the member's state, window by window; a goal that is
// reached gives its prize in the decision that reached it. When goods go back,
// exactly what they had counted counts no longer, and a goal that the rest does
// not reach is taken back from the very lots that it gave; it may be reached
// again. What always holds: each goal was given as often as it is marked as
// reached in its window, and no window counts what a return undid.
//
// Nothing here happens by the mere passing of time: windows end, cards expire and
// streaks break when somebody looks, so it makes no difference when time was
// settled.
package challenge

import (
	"embed"
	"io/fs"
	"strconv"

	"github.com/govalues/decimal"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

//go:embed words
var words embed.FS

// Challenge is one challenge of the document.
type Challenge struct {
	rule.Common `doc:",inline"`
	rule.Window `doc:",inline"`
	Paused      bool              `doc:"paused" help:"keep the challenge and let nothing count"`
	Count       string            `doc:"count" enum:"events|items|spend|earned|products|categories|brands|stores|days" help:"what counts: events (if not said), items, money spent, what rules earn in the wallet, or different products, categories, brands, stores or days"`
	Wallet      string            `doc:"wallet" help:"the wallet, of count: earned"`
	Without     []string          `doc:"without" enum:"tax|shipping|gift cards|points" help:"parts of the total that do not count as spend; gift cards and points if not said"`
	Unit        document.UnitName `doc:"unit" help:"what members call what counts: {en: {one: coffee, other: coffees}}"`
	Each        string            `doc:"each" enum:"day|week|month|quarter|year" help:"begins anew with each calendar period"`
	Within      *document.Span    `doc:"within" help:"counts for so long from the first event that counts, and then begins anew"`
	AfterJoin   *document.Span    `doc:"after joining" help:"counts for so long after the member joined"`
	Goal        *decimal.Decimal  `doc:"goal" help:"what is to be reached"`
	Target      *Target           `doc:"target" help:"instead of goal: each member's own, from what the period before came to"`
	Prize       `doc:",inline"`
	Milestones  []Milestone               `doc:"milestones" max_len:"32" help:"several goals, rising, each with what it gives"`
	Repeat      *Repeat                   `doc:"repeat" help:"how often it can be reached in one window: a number, or any number; once if not said"`
	Limits      document.Map[rule.Limits] `doc:"limits" help:"wallet (or times): the most it gives"`
	Pending     *rule.Pending             `doc:"pending" help:"how long the award waits; as the wallet if not said"`
	Expires     *rule.Expires             `doc:"expires" help:"when the award is gone; as the wallet if not said"`
}

// Target is a goal of each member's own.
type Target struct {
	More    Percent         `doc:"more,required" help:"so much more than in the period before, such as 10%"`
	AtLeast decimal.Decimal `doc:"at least,required" help:"the lowest goal, also for whoever had nothing in the period before"`
}

// Prize is what a goal gives.
type Prize struct {
	Give  *rule.Give `doc:"give" help:"wallet: amount, when the goal is reached"`
	Badge *BadgeRef  `doc:"badge" help:"the badge that it gives"`
}

// Milestone is one of several goals.
type Milestone struct {
	Goal  decimal.Decimal `doc:"goal,required" help:"what is to be reached"`
	Prize `doc:",inline"`
}

// Challenges is the door of challenges.
type Challenges struct{}

// Section gives the key challenges.
func (Challenges) Section() document.Section {
	return document.Section{Key: "challenges", Into: &[]Challenge{}, Help: "goals over several events"}
}

// Words are the catalogues of challenges, stamp cards, streaks and badges.
func (Challenges) Words() fs.FS { return words }

// Compile checks the challenges.
func (Challenges) Compile(c *engine.Compiler, section any) engine.Stage {
	s := &stage{}
	for i := range *section.(*[]Challenge) {
		x := &(*section.(*[]Challenge))[i]
		path := "challenges[" + strconv.Itoa(i) + "]"
		t := compileChallenge(c, path, x)
		t.paused = x.Paused
		s.trackers = append(s.trackers, t)
	}
	return s.orNil()
}

func compileChallenge(c *engine.Compiler, path string, x *Challenge) *tracker {
	t := &tracker{
		Compiled: rule.CompileCommon(c, path, "challenge", &x.Common), kind: aChallenge,
		without: rule.CompileWithout(x.Without), measure: measures[x.Count], repeat: 1,
	}
	t.on, t.pending, t.expires = x.On, x.Pending, x.Expires
	t.window = rule.CompileWindow(c, path, t.Name, &x.Window)
	t.compileMeasure(c, path, x)
	t.compileFrame(c, path, x)
	if x.Repeat != nil {
		t.repeat = x.Repeat.Times
	}
	t.compileGoals(c, path, x)
	t.finish(c, path, x.Limits)
	t.checkReachable(c, path)
	return t
}

// compileMeasure checks what counts.
func (x *tracker) compileMeasure(c *engine.Compiler, path string, from *Challenge) {
	x.forms = unitForms(c, path+".unit", from.Unit)
	x.currency = c.Program.Currency
	switch {
	case x.measure == earned && from.Wallet == "":
		c.Problem(path, "missing", "count: earned does not say in which wallet", "name it under wallet")
	case x.measure == earned:
		x.wallet = c.Wallet(path+".wallet", from.Wallet)
	case from.Wallet != "":
		c.Problem(path+".wallet", "never_applies", "a wallet goes with count: earned alone", "remove it, or write count: earned")
	}
	if from.Without != nil && x.measure != spend {
		c.Problem(path+".without", "never_applies", "only spend has parts that may be left out", "remove it, or write count: spend")
	}
	if from.Unit != nil && (x.measure == spend || x.measure == earned) {
		c.Problem(path+".unit", "never_applies", "money and wallets have names of their own", "remove it")
	}
}

// compileFrame checks which windows the challenge has.
func (x *tracker) compileFrame(c *engine.Compiler, path string, from *Challenge) {
	said := 0
	if from.Each != "" {
		said++
		x.frame, x.unit = eachPeriod, units[from.Each]
	}
	if from.Within != nil {
		said++
		x.frame, x.span = fromFirst, engine.Span(*from.Within)
	}
	if from.AfterJoin != nil {
		said++
		x.frame, x.span = fromJoining, engine.Span(*from.AfterJoin)
	}
	if said > 1 {
		c.Problem(path, "ambiguous", "the challenge has several windows", "choose one of each, within and after joining")
	}
	if said > 0 && x.frame != eachPeriod && x.span.IsZero() {
		c.Problem(path, "never_applies", "a window of no length is over at once", "write a length of time such as 30d")
	}
	if x.frame == fromFirst && x.measure.distinct() {
		c.Problem(path+".within", "not_allowed", text.Say("what counts different {Count} can't begin anew with its first event", from.Count), "write each or after joining, or count something else")
	}
}

// compileGoals checks the goals, or the target.
func (x *tracker) compileGoals(c *engine.Compiler, path string, from *Challenge) {
	given := 0
	for _, said := range [...]bool{from.Goal != nil, from.Target != nil, len(from.Milestones) > 0} {
		if said {
			given++
		}
	}
	if given != 1 {
		c.Problem(path, "ambiguous", text.Say("the challenge says {Given} kinds of goals", given), "choose one of goal, target and milestones")
	}
	switch {
	case from.Goal != nil:
		x.addGoal(c, path, ".goal", *from.Goal, &from.Prize)
	case from.Target != nil:
		x.compileTarget(c, path, from)
	default:
		if from.Give != nil || from.Badge != nil {
			c.Problem(path, "never_applies", "each milestone gives its own", "move give and badge into milestones")
		}
		for i := range from.Milestones {
			m := &from.Milestones[i]
			x.addGoal(c, path+".milestones["+strconv.Itoa(i)+"]", ".goal", m.Goal, &m.Prize)
		}
	}
}

func (x *tracker) compileTarget(c *engine.Compiler, path string, from *Challenge) {
	x.target = &target{more: from.Target.More.rate}
	x.addGoal(c, path, ".target.at least", from.Target.AtLeast, &from.Prize)
	if x.frame != eachPeriod {
		c.Problem(path+".target", "never_applies", "a target is set by the period before, and there are no periods", "write each, such as each: month")
	}
	if x.measure != spend && x.measure != items && x.measure != events && x.measure != earned {
		c.Problem(path+".target", "not_allowed", "a target is for what can be summed", "count events, items, spend or earned")
	}
	if from.Repeat != nil {
		c.Problem(path+".repeat", "never_applies", "a target is reached once in its period", "remove repeat")
	}
}
