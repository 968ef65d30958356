package rule

import (
	"strconv"
	"strings"

	"github.com/govalues/decimal"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/money"
	"premia/internal/core/price"
	"premia/internal/core/text"
)

// Discount is what a promotion or a reward takes off a basket at list prices.
type Discount struct {
	Percent *decimal.Decimal `doc:"percent" above:"0" max:"100" help:"so many percent off"`
	Amount  *decimal.Decimal `doc:"amount" above:"0" help:"so much money off: the order, each piece, or the shipping"`
	Price   *decimal.Decimal `doc:"price" min:"0" help:"each piece, or the order, or the bundle costs this at most"`
	Buy     int64            `doc:"buy" min:"1" max:"1000" help:"buy so many pieces, and get some of them reduced"`
	Get     int64            `doc:"get" min:"1" max:"1000" help:"the number of pieces, the cheapest, that are free, or reduced by percent"`
	Gifts   string           `doc:"gifts" max_len:"4096" help:"a condition on the pieces that are free, where they are others than those bought"`
	Bundle  []BundlePart     `doc:"bundle" max_len:"10" help:"pieces that together cost price"`
	Steps   []DiscountStep   `doc:"steps" max_len:"20" help:"more off for larger baskets: the highest step that is reached counts"`
	On      string           `doc:"on" enum:"order|items|cheapest|shipping" help:"what it is taken off: the matching goods as one sum (if not said), each of their pieces, the cheapest pieces, or the shipping"`
	Times   int64            `doc:"times" min:"1" max:"1000000" help:"how often it applies in one basket; as often as it fits if not said, and once for the cheapest"`
	Most    *decimal.Decimal `doc:"most" above:"0" help:"the most money that it takes off one basket"`
	Least   *decimal.Decimal `doc:"least" above:"0" help:"the matching goods must cost at least this at list prices"`
}

// BundlePart is one kind of pieces in a bundle.
type BundlePart struct {
	Items  string `doc:"items,required" max_len:"4096" help:"a condition on each item"`
	Pieces int64  `doc:"pieces" min:"1" max:"1000" help:"how many; 1 if not said"`
}

// DiscountStep is what is taken off from a sum on.
type DiscountStep struct {
	From    decimal.Decimal  `doc:"from,required" above:"0" help:"the matching goods cost at least this at list prices"`
	Percent *decimal.Decimal `doc:"percent" above:"0" max:"100" help:"so many percent off"`
	Amount  *decimal.Decimal `doc:"amount" above:"0" help:"so much money off"`
}

// DiscountStacking says which reductions go together.
type DiscountStacking struct {
	Group    string `doc:"group" pattern:"^[a-z0-9][a-z0-9-]*$" help:"of one group only one reduction applies"`
	Take     string `doc:"take" enum:"best|first" help:"best: the one of the group that takes most off (if not said); first: the one of highest priority"`
	Priority int    `doc:"priority" min:"0" max:"1000" help:"the higher is taken off first; 0 if not said"`
	Alone    bool   `doc:"alone" help:"it goes with no other reduction: the one or the others apply, whichever takes more off"`
}

// DiscountLimits are how often a reduction is had, and how much it takes off.
type DiscountLimits struct {
	Uses  *Limits `doc:"uses" help:"how many baskets it reduces"`
	Money *Limits `doc:"money" help:"how much money it takes off"`
}

var discountOn = map[string]price.On{"": price.Order, "order": price.Order, "items": price.Items, "cheapest": price.Cheapest, "shipping": price.Shipping}

// discountCompiler checks one discount.
type discountCompiler struct {
	*engine.Compiler
	path string
	from *Discount
	out  *engine.Discount
}

// CompileDiscount checks what a rule takes off.
func CompileDiscount(c *engine.Compiler, path string, rule ledger.Name, d *Discount) *engine.Discount {
	k := discountCompiler{c, path, d, &engine.Discount{Rule: rule}}
	r := &k.out.Reduction
	r.On, r.Times, r.Best = discountOn[d.On], d.Times, true
	k.what()
	if d.Gifts != "" {
		k.out.Gifts = c.Condition(path+".gifts", d.Gifts, true)
	}
	r.Most, r.Least = k.money("most", d.Most), k.money("least", d.Least)
	k.steps()
	return k.out
}

// money gives an amount of the currency; 0 where none is written.
func (k *discountCompiler) money(key string, d *decimal.Decimal) int64 {
	if d == nil || d.IsZero() {
		return 0
	}
	minor, _ := MoneyMinor(k.Compiler, k.path+"."+key, *d)
	return minor
}

func (k *discountCompiler) percent(key string, d *decimal.Decimal) money.Rate {
	rate, err := PercentRate(*d)
	if err != nil {
		k.Problem(k.path+"."+key, "out_of_range", "this percentage has too many digits to be exact", "write fewer digits")
	}
	return rate
}

// PercentRate gives so many percent as a rate.
func PercentRate(d decimal.Decimal) (money.Rate, error) {
	rate, err := money.RateOf(d)
	if err != nil {
		return rate, err
	}
	hundredth, err := money.NewRate(1, 100)
	if err != nil {
		return rate, err
	}
	return rate.Mul(hundredth)
}

// what finds out how the discount is reckoned.
func (k *discountCompiler) what() {
	d, r := k.from, &k.out.Reduction
	said := 0
	for _, one := range [...]bool{d.Percent != nil && d.Buy == 0, d.Amount != nil, d.Price != nil, d.Buy > 0, len(d.Steps) > 0} {
		if one {
			said++
		}
	}
	if said != 1 {
		k.Problem(k.path, "ambiguous", text.Say("this says {Count} different discounts", said), "write one of percent, amount, price, buy with get, and steps")
	}
	switch {
	case d.Buy > 0:
		r.What, r.Buy, r.Get = price.BuyGet, d.Buy, d.Get
		hundred := decimal.Hundred
		if r.Rate = k.percent("percent", &hundred); d.Percent != nil {
			r.Rate = k.percent("percent", d.Percent)
		}
	case len(d.Bundle) > 0:
		r.What = price.Bundle
		k.bundle()
	case d.Percent != nil:
		r.What, r.Rate = price.Percent, k.percent("percent", d.Percent)
	case d.Amount != nil:
		r.What, r.Money = price.Off, k.money("amount", d.Amount)
	default:
		r.What, r.Money = price.Fixed, k.money("price", d.Price)
	}
	k.fits()
}

// fits reports what does not go with the kind of discount.
func (k *discountCompiler) fits() {
	d, r := k.from, &k.out.Reduction
	switch {
	case (d.Buy > 0) != (d.Get > 0):
		k.Problem(k.path, "missing", "buy and get go together", "write {buy: 2, get: 1}")
	case d.Gifts != "" && d.Buy == 0:
		k.Problem(k.path+".gifts", "never_applies", "nothing is given here", "write buy and get, or remove gifts")
	case r.What == price.Bundle && d.Price == nil:
		k.Problem(k.path+".bundle", "missing", "a bundle needs the price of all its pieces together", "write price")
	case (r.What == price.Bundle || r.What == price.BuyGet) && d.On != "":
		k.Problem(k.path+".on", "never_applies", "what this is taken off follows from the pieces", "remove on")
	case r.On == price.Shipping && r.What == price.Fixed:
		k.Problem(k.path+".price", "never_applies", "the shipping has no price of pieces", "write percent or amount")
	case d.Times > 0 && r.What != price.Bundle && r.What != price.BuyGet && r.On != price.Cheapest:
		k.Problem(k.path+".times", "never_applies", "this applies once in a basket anyway", "remove times, or write each member and in total under limits")
	}
}

func (k *discountCompiler) bundle() {
	k.out.Reduction.Money = k.money("price", k.from.Price)
	for i := range k.from.Bundle {
		part := &k.from.Bundle[i]
		k.out.Parts = append(k.out.Parts, engine.DiscountPart{
			Items: k.ItemCondition(k.path+".bundle["+strconv.Itoa(i)+"].items", part.Items), Pieces: max(part.Pieces, 1),
		})
	}
}

// steps checks that steps rise, and are all of one kind.
func (k *discountCompiler) steps() {
	r := &k.out.Reduction
	for i := range k.from.Steps {
		s := &k.from.Steps[i]
		key := "steps[" + strconv.Itoa(i) + "]"
		if (s.Percent == nil) == (s.Amount == nil) {
			k.Problem(k.path+"."+key, "ambiguous", "a step is either a percentage or an amount", "write percent or amount")
			continue
		}
		step := price.Step{From: k.money(key+".from", &s.From)}
		what := price.Off
		if s.Percent != nil {
			what, step.Rate = price.Percent, k.percent(key+".percent", s.Percent)
		} else {
			step.Money = k.money(key+".amount", s.Amount)
		}
		switch n := len(r.Steps); {
		case n == 0:
			r.What = what
		case r.What != what:
			k.Problem(k.path+"."+key, "ambiguous", "the steps are of different kinds", "write percent in all of them, or amount")
		case r.Steps[n-1].From >= step.From:
			k.Problem(k.path+"."+key+".from", "never_applies", "the steps do not rise, so this one is never the highest that is reached", "write a larger sum than in the step before")
		}
		r.Steps = append(r.Steps, step)
	}
}

// CompileStacking sets which reductions go together. takes remembers what other
// members of the groups say.
func CompileStacking(c *engine.Compiler, path string, s *DiscountStacking, d *engine.Discount) {
	if s == nil {
		return
	}
	r := &d.Reduction
	r.Group, r.Best, r.Priority, r.Alone = s.Group, s.Take != "first", s.Priority, s.Alone
	switch {
	case s.Take != "" && s.Group == "":
		c.Problem(path+".take", "never_applies", "take chooses within a group", "name the group")
	case s.Alone && s.Group != "":
		c.Problem(path+".alone", "never_applies", "what goes with no other reduction needs no group", "remove one of the two")
	}
}

// CompileDiscountLimits checks how often and how much the discount may take off;
// id names it among the program's quotas.
func CompileDiscountLimits(c *engine.Compiler, path, id string, l *DiscountLimits, d *engine.Discount) {
	if l == nil {
		return
	}
	if l.Uses != nil {
		limitUses(c, path+".uses", id, l.Uses, d)
	}
	if l.Money != nil {
		limitMoney(c, path+".money", id, l.Money, d)
	}
}

// CompileLimitsOff checks how often and how much a discount may take off, where that
// is written as limits of what rules give: under times and money.
func CompileLimitsOff(c *engine.Compiler, path, id string, limits document.Map[Limits], d *engine.Discount) {
	for key, l := range limits.All() {
		switch key {
		case times:
			limitUses(c, path+".times", id, &l, d)
		case inMoney:
			limitMoney(c, path+".money", id, &l, d)
		default:
			c.Problem(path+"."+key, "never_applies", "what is taken off a price is limited in times and in money", "write times or money")
		}
	}
}

func limitUses(c *engine.Compiler, path, id string, l *Limits, d *engine.Discount) {
	k := discountLimiter{c, path, id + ".uses", d.Rule, true}
	d.Uses, d.UsesQuota = k.limits(l), c.Program.Names.Number("budget."+id+".uses")
}

func limitMoney(c *engine.Compiler, path, id string, l *Limits, d *engine.Discount) {
	k := discountLimiter{c, path, id + ".money", d.Rule, false}
	d.Money, d.MoneyQuota = k.limits(l), c.Program.Names.Number("budget."+id+".money")
}

type discountLimiter struct {
	*engine.Compiler
	path, id string
	rule     ledger.Name
	times    bool
}

func (k *discountLimiter) limits(l *Limits) (out []engine.LimitRule) {
	if l.EachEvent != nil {
		k.Problem(k.path+".each event", "never_applies", "one basket is reduced once, and by most at most", "write most or times under discount")
	}
	if l.Whole {
		k.Problem(k.path+".whole", "never_applies", "what is left of a budget is always taken off", "remove whole")
	}
	for i, value := range l.all() {
		limit := engine.Limit(i)
		if value == nil || limit == engine.EachEvent {
			continue
		}
		most, ok := k.minor(k.path+"."+limit.String(), *value)
		if !ok {
			continue
		}
		lr := engine.LimitRule{Limit: limit, Cap: most, Times: k.times, Counter: k.Program.Names.Number("limit." + k.id)}
		if limit.Shared() {
			k.budget(&lr)
		}
		out = append(out, lr)
	}
	if len(out) == 0 && l.EachEvent == nil {
		k.Problem(k.path, "missing", "this limits nothing", "write at least one of each day, each week, each month, each year, each member, in total, each store")
	}
	return out
}

func (k *discountLimiter) minor(path string, value decimal.Decimal) (int64, bool) {
	if k.times {
		return Minor(k.Compiler, path, value, 0)
	}
	return MoneyMinor(k.Compiler, path, value)
}

func (k *discountLimiter) budget(lr *engine.LimitRule) {
	name := "budget." + k.id
	if lr.Limit != engine.InTotal {
		name += "." + strings.ReplaceAll(lr.Limit.String(), " ", "-")
	}
	lr.Quota = k.Program.Names.Number(name)
	k.Program.Budgets = append(k.Program.Budgets, engine.Budget{Quota: lr.Quota, Rule: k.rule, Cap: lr.Cap, Limit: lr.Limit, Off: !k.times})
}
