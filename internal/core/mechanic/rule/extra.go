package rule

import (
	"strconv"

	"github.com/govalues/decimal"

	"premia/internal/core/calendar"
	"premia/internal/core/condition"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

// Extra is what a rule gives beside what earning rules give: campaigns and offers.
type Extra struct {
	Multiply   *document.Map[decimal.Decimal] `doc:"multiply" help:"wallet: factor on what earning rules gave; 2 is double"`
	Bonus      *Give                          `doc:"bonus" help:"what it gives on top"`
	Thresholds []Threshold                    `doc:"thresholds" help:"bonuses by what is spent; the highest threshold that is reached counts"`
	Without    []string                       `doc:"without" enum:"tax|shipping|gift cards|points" help:"parts of the total that do not count; gift cards and points if not said"`
	Rounding   string                         `doc:"rounding" enum:"floor|ceiling|half up|half even|toward zero" help:"floor if not said"`
	Limits     document.Map[Limits]           `doc:"limits" help:"wallet (or times): the most it gives"`
	Pending    *Pending                       `doc:"pending" help:"how long the award waits; as the wallet if not said"`
	Expires    *Expires                       `doc:"expires" help:"when the award is gone; as the wallet if not said"`
}

// Threshold is a bonus for spending at least so much.
type Threshold struct {
	From  decimal.Decimal `doc:"from,required" help:"the money that the event's matching items must reach"`
	Bonus Give            `doc:"bonus,required" help:"what it gives"`
}

// Gives tells whether it gives anything.
func (x *Extra) Gives() bool { return x.Multiply != nil || x.Bonus != nil || len(x.Thresholds) > 0 }

type threshold struct {
	from    int64
	givings []*engine.Giving
}

// CompiledExtra is an extra that is ready to run.
type CompiledExtra struct {
	Compiled
	Window CompiledWindow
	// Gate says on which items the member can have it, or why the member can't; nil
	// where whoever can, on Items.
	Gate func(t *engine.Turn) (items *condition.Expression, why engine.Result)
	// Extras of one Group and event type exclude one another: the Best for the member
	// gives, or the first of highest Priority.
	Group    string
	Best     bool
	Priority int

	multiply   []Multiplier
	bonus      []*engine.Giving
	thresholds []threshold // rising
	without    engine.Without
	rounding   money.Rounding
	source     *Extra
}

// CompileExtra checks what a rule gives, and registers its givings.
func CompileExtra(c *engine.Compiler, path string, common Compiled, from *Extra) *CompiledExtra {
	out := &CompiledExtra{Compiled: common, without: CompileWithout(from.Without), source: from}
	out.Window = CompiledWindow{From: calendar.Beginning, Until: calendar.Never}
	out.rounding = money.Floor
	if from.Rounding != "" {
		out.rounding, _ = money.ParseRounding(from.Rounding)
	}
	if from.Multiply != nil {
		out.multiply = CompileMultiply(c, path+".multiply", out.Name, *from.Multiply, out.rounding)
	}
	if from.Bonus != nil {
		out.bonus = CompileGive(c, path+".bonus", out.Name, from.Bonus, out.rounding, out.without)
	}
	out.compileThresholds(c, path, out.rounding)
	out.CheckOccasion(c, path+".bonus", out.bonus)
	if !out.Itself {
		CheckMultiply(c, path+".multiply", common, out.multiply)
	}
	if out.Itself && (from.Multiply != nil || len(from.Thresholds) > 0) {
		c.Problem(path, "never_applies", "nothing is bought on this day by itself that could be multiplied or counted", "write a fixed amount under bonus")
	}
	givings := out.givings()
	for _, g := range givings {
		g.Terms = CompileTerms(c, path, from.Pending, from.Expires, g.Wallet.Terms)
		c.Program.Slide(g)
	}
	CompileLimits(c, path, from.Limits, givings)
	c.Givings(out.Name, givings)
	return out
}

func (x *CompiledExtra) compileThresholds(c *engine.Compiler, path string, rounding money.Rounding) {
	last := int64(0)
	for i, th := range x.source.Thresholds {
		here := path + ".thresholds[" + strconv.Itoa(i) + "]"
		minor, ok := MoneyMinor(c, here+".from", th.From)
		if ok && minor <= last {
			c.Problem(here+".from", "not_rising", text.Say("the thresholds do not rise: {From} comes after a higher one", th.From.String()), "write them from the lowest to the highest")
		}
		last = minor
		x.thresholds = append(x.thresholds, threshold{minor, CompileGive(c, here+".bonus", x.Name, &x.source.Thresholds[i].Bonus, rounding, x.without)})
	}
}

// givings are all that the extra can give.
func (x *CompiledExtra) givings() []*engine.Giving {
	var all []*engine.Giving
	for i := range x.multiply {
		all = append(all, x.multiply[i].Giving)
	}
	all = append(all, x.bonus...)
	for i := range x.thresholds {
		all = append(all, x.thresholds[i].givings...)
	}
	return WithInstead(all)
}
