package rule

import (
	"math"
	"strings"

	"github.com/govalues/decimal"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

// Limits are the most that a rule gives: in a wallet, in times, in money, or of
// what is outstanding.
type Limits struct {
	EachEvent      *decimal.Decimal `doc:"each event" help:"for one event"`
	EachDay        *decimal.Decimal `doc:"each day" help:"for one member in a day"`
	EachWeek       *decimal.Decimal `doc:"each week" help:"for one member in a week, from Monday"`
	EachMonth      *decimal.Decimal `doc:"each month" help:"for one member in a calendar month"`
	EachYear       *decimal.Decimal `doc:"each year" help:"for one member in a calendar year"`
	EachMember     *decimal.Decimal `doc:"each member" help:"for one member, ever"`
	InTotal        *decimal.Decimal `doc:"in total" help:"for all members together: a hard budget"`
	InTotalDay     *decimal.Decimal `doc:"in total each day" help:"for all members together in a day"`
	InTotalWeek    *decimal.Decimal `doc:"in total each week" help:"for all members together in a week, from Monday"`
	InTotalMonth   *decimal.Decimal `doc:"in total each month" help:"for all members together in a calendar month"`
	InTotalYear    *decimal.Decimal `doc:"in total each year" help:"for all members together in a calendar year"`
	EachStore      *decimal.Decimal `doc:"each store" help:"in each store, for all members together"`
	EachStoreDay   *decimal.Decimal `doc:"each store each day" help:"in each store in a day"`
	EachStoreWeek  *decimal.Decimal `doc:"each store each week" help:"in each store in a week, from Monday"`
	EachStoreMonth *decimal.Decimal `doc:"each store each month" help:"in each store in a calendar month"`
	EachStoreYear  *decimal.Decimal `doc:"each store each year" help:"in each store in a calendar year"`
	Whole          bool             `doc:"whole" help:"give nothing rather than a part when not everything fits"`
}

// all lists the limits in their order.
func (l *Limits) all() []*decimal.Decimal {
	return []*decimal.Decimal{
		engine.EachEvent: l.EachEvent, engine.EachDay: l.EachDay, engine.EachWeek: l.EachWeek,
		engine.EachMonth: l.EachMonth, engine.EachYear: l.EachYear, engine.EachMember: l.EachMember,
		engine.InTotal: l.InTotal, engine.InTotalDay: l.InTotalDay, engine.InTotalWeek: l.InTotalWeek,
		engine.InTotalMonth: l.InTotalMonth, engine.InTotalYear: l.InTotalYear,
		engine.EachStore: l.EachStore, engine.EachStoreDay: l.EachStoreDay, engine.EachStoreWeek: l.EachStoreWeek,
		engine.EachStoreMonth: l.EachStoreMonth, engine.EachStoreYear: l.EachStoreYear,
	}
}

// The keys under limits that are no wallets: how often a rule gives, what all it
// gives is worth in money, and what of it is outstanding.
const (
	times     = "times"
	inMoney   = "money"
	liability = "liability"
)

// CompileLimits checks a rule's limits and spreads them over its givings.
func CompileLimits(c *engine.Compiler, path string, limits document.Map[Limits], givings []*engine.Giving) {
	for key, l := range limits.All() {
		here := path + ".limits." + key
		x := limiter{c: c, path: here, key: key, limits: &l}
		switch key {
		case times:
			for _, g := range givings {
				x.add(g)
			}
		case inMoney:
			x.money(givings)
		case liability:
			x.outstanding(givings)
		default:
			x.wallet(givings)
		}
	}
}

// limiter adds the limits under one key to givings.
type limiter struct {
	c         *engine.Compiler
	path, key string
	limits    *Limits
}

func (x *limiter) wallet(givings []*engine.Giving) {
	if w := x.c.Wallet(x.path, x.key); w == nil {
		return
	}
	found := false
	for _, g := range givings {
		if g.Wallet.ID == x.key {
			x.add(g)
			found = true
		}
	}
	if !found {
		x.c.Problem(x.path, "never_applies", text.Say("the rule gives nothing in {Key}, so this limit never applies", x.key), "remove it, or give in that wallet")
	}
}

// money adds limits on what all that the rule gives is worth.
func (x *limiter) money(givings []*engine.Giving) {
	for _, g := range givings {
		if x.worth(g) > 0 {
			x.add(g)
		}
	}
}

// outstanding adds a limit on what members could still spend of what the rule
// gave. It counts in the wallet's units, so that what leaves a member frees
// exactly what it had taken, whatever the wallet is worth by then.
func (x *limiter) outstanding(givings []*engine.Giving) {
	for l, value := range x.limits.all() {
		if value != nil && engine.Limit(l) != engine.InTotal {
			x.c.Problem(x.path+"."+engine.Limit(l).String(), "never_applies", "what is outstanding is limited for all members together", "write in total")
			return
		}
	}
	if len(givings) != 1 {
		x.c.Problem(x.path, "never_applies", "what is outstanding can be limited where a rule gives in one wallet", "give in one wallet, or limit the money")
		return
	}
	if givings[0].Wallet.Gift != nil {
		x.c.Problem(x.path, "never_applies", "a reward that is given is no value that is outstanding", "limit the money")
		return
	}
	if x.worth(givings[0]) > 0 {
		x.add(givings[0])
	}
}

// worth gives what a minor unit of the wallet is worth, in millionths of the
// currency's minor unit; zero, with a problem, if that is not known or not exact.
func (x *limiter) worth(g *engine.Giving) int64 {
	w := g.Wallet
	if w.Worth.IsZero() && w.Gift != nil {
		x.c.Problem(x.path, "missing", text.Say("the reward {Code} has no cost, so nobody knows what giving it costs", w.Unit.Code), "write cost in the reward")
		return 0
	}
	if w.Worth.IsZero() {
		x.c.Problem(x.path, "missing", text.Say("the wallet {ID} has no worth, so nobody knows what it costs", w.ID), "write worth in the wallet")
		return 0
	}
	currency := x.c.Program.Currency.Scale
	whole, err := w.Worth.Apply(engine.Power10(currency+engine.WorthScale), money.Floor)
	each, rest := whole/engine.Power10(w.Unit.Scale), whole%engine.Power10(w.Unit.Scale)
	exact, exactErr := money.NewRate(whole, engine.Power10(currency+engine.WorthScale))
	if err != nil || exactErr != nil || rest != 0 || each == 0 || exact != w.Worth {
		x.c.Problem(x.path, "out_of_range", text.Say("the worth of the wallet {ID} is too fine to be counted exactly", w.ID), "write its worth with fewer decimals")
		return 0
	}
	return each
}

// add adds the limits to a giving.
func (x *limiter) add(g *engine.Giving) {
	said := 0
	for i, value := range x.limits.all() {
		if value == nil {
			continue
		}
		said++
		limit := engine.Limit(i)
		lr, ok := x.rule(g, limit, *value)
		if !ok {
			continue
		}
		if limit.Shared() {
			x.budget(g, &lr)
		}
		g.Limits = append(g.Limits, lr)
	}
	if said == 0 {
		x.c.Problem(x.path, "missing", "this limits nothing", "write at least one of each event, each day, each week, each month, each year, each member, in total, each store")
	}
}

func (x *limiter) rule(g *engine.Giving, limit engine.Limit, value decimal.Decimal) (engine.LimitRule, bool) {
	lr := engine.LimitRule{Limit: limit, Times: x.key == times, Outstanding: x.key == liability, Whole: x.limits.Whole}
	lr.Counter = x.c.Program.Names.Number("limit." + x.limited(g))
	here := x.path + "." + limit.String()
	minor, ok := x.minor(g, here, value)
	if !ok {
		return lr, false
	}
	lr.Cap = minor
	if x.key == inMoney || x.key == liability {
		worth := x.worth(g)
		if minor > math.MaxInt64/engine.Power10(engine.WorthScale) {
			x.c.Problem(here, "out_of_range", text.Say("{Value} is too much to be counted exactly", value.String()), "write a smaller amount")
			return lr, false
		}
		lr.Cap, lr.Worth = minor*engine.Power10(engine.WorthScale), worth
		if lr.Outstanding {
			lr.Cap, lr.Worth, lr.Money = lr.Cap/worth, 0, minor
		}
		if lr.Cap < max(lr.Worth, 1) {
			x.c.Problem(here, "out_of_range", text.Say("{Value} is less than the smallest amount of {ID} is worth", value.String(), g.Wallet.ID), "write a larger amount")
			return lr, false
		}
	}
	return lr, true
}

// minor gives a limit in the smallest of what it counts in.
func (x *limiter) minor(g *engine.Giving, here string, value decimal.Decimal) (int64, bool) {
	switch x.key {
	case times:
		return Minor(x.c, here, value, 0)
	case inMoney, liability:
		return MoneyMinor(x.c, here, value)
	}
	return WalletMinor(x.c, here, value, g.Wallet)
}

// limited names what the key limits: the rule's uses, its money, or a wallet.
func (x *limiter) limited(g *engine.Giving) string {
	rule := x.c.Program.Names.Name(g.Rule)
	switch x.key {
	case times, inMoney:
		return rule + "." + x.key
	}
	return rule + "." + g.Wallet.ID
}

// budget registers the quota of a limit that members share: one for each wallet,
// one for the rule's uses, one for its money.
func (x *limiter) budget(g *engine.Giving, lr *engine.LimitRule) {
	name := "budget." + x.limited(g)
	switch {
	case lr.Outstanding:
		name = engine.OutstandingBudget(x.c.Program.Names.Name(g.Rule), g.Wallet.ID)
	case lr.Limit != engine.InTotal:
		name += "." + strings.ReplaceAll(lr.Limit.String(), " ", "-")
	}
	lr.Quota = x.c.Program.Names.Number(name)
	for _, known := range x.c.Program.Budgets {
		if known.Quota == lr.Quota {
			return
		}
	}
	b := engine.Budget{Quota: lr.Quota, Rule: g.Rule, Cap: lr.Cap, Limit: lr.Limit, Money: lr.Worth != 0}
	if !lr.Times && !b.Money {
		b.Wallet = g.Wallet.Name
	}
	x.c.Program.Budgets = append(x.c.Program.Budgets, b)
}

// Minor gives a decimal of the document in minor units; one that is not above
// zero, or finer than the scale, is a problem.
func Minor(c *engine.Compiler, path string, d decimal.Decimal, scale int) (int64, bool) {
	if !d.IsPos() {
		c.Problem(path, "out_of_range", text.Say("{Number} is not above zero", d.String()), "write a number above zero")
		return 0, false
	}
	minor, err := money.Parse(d.Trim(0).String(), scale)
	if err != nil {
		c.Problem(path, "out_of_range", text.Of(err), "")
		return 0, false
	}
	return minor, true
}

// MoneyMinor gives an amount of the program's currency, as [Minor] does.
func MoneyMinor(c *engine.Compiler, path string, d decimal.Decimal) (int64, bool) {
	c.Money(path)
	return Minor(c, path, d, c.Program.Currency.Scale)
}

// WalletMinor gives an amount of a wallet's unit, as [Minor] does.
func WalletMinor(c *engine.Compiler, path string, d decimal.Decimal, w *engine.Wallet) (int64, bool) {
	c.Counted(path, w)
	return Minor(c, path, d, w.Unit.Scale)
}

// Title gives a rule's words, or its id.
func Title(c *engine.Compiler, name document.Text, id string) text.Localized {
	return c.Localized(name, id)
}
