// Package campaign is time-limited rules with budgets: factors on what earning
// rules gave, fixed bonuses and bonuses from a threshold on. Campaigns of one
// group exclude one another.
package campaign

import (
	"cmp"
	"embed"
	"io/fs"
	"math"
	"slices"
	"sort"
	"strconv"

	"github.com/govalues/decimal"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/money"
)

//go:embed words
var words embed.FS

// Campaign is one campaign of the document.
type Campaign struct {
	rule.Common `doc:",inline"`
	rule.Window `doc:",inline"`
	Paused      bool                           `doc:"paused" help:"keep the campaign and let it give nothing"`
	Multiply    *document.Map[decimal.Decimal] `doc:"multiply" help:"wallet: factor on what earning rules gave; 2 is double"`
	Bonus       *rule.Give                     `doc:"bonus" help:"what it gives on top"`
	Thresholds  []Threshold                    `doc:"thresholds" help:"bonuses by what is spent; the highest threshold that is reached counts"`
	Without     []string                       `doc:"without" enum:"tax|shipping|gift cards|points" help:"parts of the total that do not count; gift cards and points if not said"`
	Rounding    string                         `doc:"rounding" enum:"floor|ceiling|half up|half even|toward zero" help:"floor if not said"`
	Limits      document.Map[rule.Limits]      `doc:"limits" help:"wallet (or times): the most it gives"`
	Stacking    *Stacking                      `doc:"stacking" help:"how it goes together with other campaigns"`
	Pending     *rule.Pending                  `doc:"pending" help:"how long the award waits; as the wallet if not said"`
	Expires     *rule.Expires                  `doc:"expires" help:"when the award is gone; as the wallet if not said"`
}

// Threshold is a bonus for spending at least so much.
type Threshold struct {
	From  decimal.Decimal `doc:"from,required" help:"the money that the event's matching items must reach"`
	Bonus rule.Give       `doc:"bonus,required" help:"what it gives"`
}

// Stacking says which campaigns exclude one another.
type Stacking struct {
	Group    string `doc:"group,required" pattern:"^[a-z0-9][a-z0-9-]*$" help:"campaigns of one group exclude one another"`
	Take     string `doc:"take" enum:"best|first" help:"best: the one that gives this member most (if not said); first: the one of highest priority"`
	Priority int    `doc:"priority" min:"0" max:"1000" help:"the higher comes first; 0 if not said"`
}

// Mechanic is the door of campaigns.
type Mechanic struct{}

// Section gives the key campaigns.
func (Mechanic) Section() document.Section {
	return document.Section{Key: "campaigns", Into: &[]Campaign{}, Help: "time-limited rules with budgets"}
}

// Words are the catalogues of campaigns.
func (Mechanic) Words() fs.FS { return words }

type threshold struct {
	from    int64
	givings []*engine.Giving
}

// compiled is a campaign that is ready to run.
type compiled struct {
	rule.Compiled
	window     rule.CompiledWindow
	multiply   []rule.Multiplier
	bonus      []*engine.Giving
	thresholds []threshold // rising
	without    engine.Without
	rounding   money.Rounding
	group      string
	best       bool
	priority   int
	source     *Campaign
}

type stage struct {
	campaigns []compiled // of highest priority first
	// groups are the places of campaigns that exclude one another: of one group
	// and about one event type.
	groups [][]int
}

// Compile checks the campaigns.
func (Mechanic) Compile(c *engine.Compiler, section any) engine.Stage {
	campaigns := *section.(*[]Campaign)
	s := &stage{}
	takes := map[string]string{}
	for i := range campaigns {
		path := "campaigns[" + strconv.Itoa(i) + "]"
		x := compile(c, path, &campaigns[i])
		if g := campaigns[i].Stacking; g != nil {
			checkGroup(c, path, g, takes)
		}
		if !campaigns[i].Paused {
			s.campaigns = append(s.campaigns, x)
		}
	}
	sort.SliceStable(s.campaigns, func(a, b int) bool { return s.campaigns[a].priority > s.campaigns[b].priority })
	s.group()
	return s
}

// group finds the campaigns that exclude one another.
func (s *stage) group() {
	type key struct {
		group string
		kind  ledger.Name
	}
	places := map[key]int{}
	for i := range s.campaigns {
		x := &s.campaigns[i]
		if x.group == "" {
			continue
		}
		at, known := places[key{x.group, x.Kind}]
		if !known {
			at = len(s.groups)
			places[key{x.group, x.Kind}] = at
			s.groups = append(s.groups, nil)
		}
		s.groups[at] = append(s.groups[at], i)
	}
}

func checkGroup(c *engine.Compiler, path string, g *Stacking, takes map[string]string) {
	take := g.Take
	if take == "" {
		take = "best"
	}
	if known, ok := takes[g.Group]; ok && known != take {
		c.Problem(path+".stacking.take", "ambiguous", "another campaign of the group "+g.Group+" says take: "+known, "write the same for all campaigns of a group")
	}
	takes[g.Group] = take
}

func compile(c *engine.Compiler, path string, x *Campaign) compiled {
	out := compiled{
		Compiled: rule.CompileCommon(c, path, "campaign", &x.Common),
		without:  rule.CompileWithout(x.Without),
		source:   x,
	}
	out.window = rule.CompileWindow(c, path, out.Name, &x.Window)
	rounding := money.Floor
	if x.Rounding != "" {
		rounding, _ = money.ParseRounding(x.Rounding)
	}
	if x.Multiply != nil {
		out.multiply = rule.CompileMultiply(c, path+".multiply", out.Name, *x.Multiply, rounding)
	}
	if x.Bonus != nil {
		out.bonus = rule.CompileGive(c, path+".bonus", out.Name, x.Bonus, rounding, out.without)
	}
	out.compileThresholds(c, path, x, rounding)
	if x.Multiply == nil && x.Bonus == nil && len(x.Thresholds) == 0 {
		c.Problem(path, "missing", "the campaign gives nothing", "write multiply, bonus or thresholds")
	}
	if x.Stacking != nil {
		out.group, out.best, out.priority = x.Stacking.Group, x.Stacking.Take != "first", x.Stacking.Priority
	}
	out.CheckOccasion(c, path+".bonus", out.bonus)
	if out.Itself && (x.Multiply != nil || len(x.Thresholds) > 0) {
		c.Problem(path, "never_applies", "nothing is bought on this day by itself that could be multiplied or counted", "write a fixed amount under bonus")
	}
	givings := out.givings()
	for _, g := range givings {
		g.Terms = rule.CompileTerms(c, path, x.Pending, x.Expires, g.Wallet.Terms)
		c.Program.Slide(g)
	}
	rule.CompileLimits(c, path, x.Limits, givings)
	c.Givings(out.Name, givings)
	out.rounding = rounding
	return out
}

func (x *compiled) compileThresholds(c *engine.Compiler, path string, from *Campaign, rounding money.Rounding) {
	last := int64(0)
	for i, th := range from.Thresholds {
		here := path + ".thresholds[" + strconv.Itoa(i) + "]"
		minor, ok := rule.Minor(c, here+".from", th.From, c.Program.Currency.Scale)
		if ok && minor <= last {
			c.Problem(here+".from", "not_rising", "the thresholds do not rise: "+th.From.String()+" comes after a higher one", "write them from the lowest to the highest")
		}
		last = minor
		x.thresholds = append(x.thresholds, threshold{minor, rule.CompileGive(c, here+".bonus", x.Name, &from.Thresholds[i].Bonus, rounding, x.without)})
	}
}

// givings are all that the campaign can give.
func (x *compiled) givings() []*engine.Giving {
	var all []*engine.Giving
	for i := range x.multiply {
		all = append(all, x.multiply[i].Giving)
	}
	all = append(all, x.bonus...)
	for i := range x.thresholds {
		all = append(all, x.thresholds[i].givings...)
	}
	return all
}

// proposal is what a campaign would give.
type proposal struct {
	giving       *engine.Giving
	marks        []bool
	amount, base int64
}

// ForOccasions lets campaigns give for what comes by itself.
func (*stage) ForOccasions() {}

// Apply proposes first, lets the groups choose, and then gives.
func (s *stage) Apply(t *engine.Turn) {
	var few [4]proposal // spares memory in the heap
	for i := range s.campaigns {
		x := &s.campaigns[i]
		if x.Kind != t.Kind || x.group != "" {
			continue
		}
		for _, p := range x.propose(t, few[:0]) {
			t.AwardAmount(p.giving, p.marks, p.amount, p.base, false)
		}
	}
	for _, group := range s.groups {
		if s.campaigns[group[0]].Kind == t.Kind {
			s.choose(t, group)
		}
	}
}

// candidate is a campaign of a group that applies.
type candidate struct {
	campaign  *compiled
	proposals []proposal
	worth     int64
}

// choose lets the group's best campaign for this member give, or its first.
// Where that one's budget turns out to be spent, the next may give. The steps of
// the others name by whom they were outdone.
func (s *stage) choose(t *engine.Turn, group []int) {
	// Room for what most groups come to, which spares memory in the heap.
	var few [8]candidate
	var parts [12]proposal
	candidates, used := few[:0], 0
	for _, i := range group {
		x := &s.campaigns[i]
		proposals := x.propose(t, parts[min(used, len(parts)):][:0])
		if proposals != nil {
			candidates = append(candidates, candidate{x, proposals, worthOf(t, proposals)})
			used += len(proposals)
		}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int {
		if !a.campaign.best {
			return 0
		}
		return cmp.Compare(b.worth, a.worth)
	})
	given, by := int64(0), ledger.Name(0)
	for _, c := range candidates {
		if given > 0 {
			t.Note(engine.Step{Rule: c.campaign.Name, Result: engine.Outdone, By: by})
			continue
		}
		for _, p := range c.proposals {
			given += t.AwardAmount(p.giving, p.marks, p.amount, p.base, false)
		}
		by = c.campaign.Name
	}
}

// worthOf adds up what proposals are worth to the member under the member's own
// limits: in money where wallets have a worth, and otherwise in whole units. It
// counts in millionths, so that small amounts compare too, and stops at the
// largest number.
func worthOf(t *engine.Turn, proposals []proposal) int64 {
	sum := int64(0)
	for i, p := range proposals {
		// A limit is for all that the campaign gives in the wallet.
		before := int64(0)
		for _, earlier := range proposals[:i] {
			if earlier.giving.Wallet == p.giving.Wallet {
				before += earlier.amount
			}
		}
		with, _ := t.Allowed(p.giving, before+p.amount)
		without, _ := t.Allowed(p.giving, before)
		worth, err := p.giving.Wallet.Weight.Apply(with-without, money.Floor)
		if err != nil {
			return math.MaxInt64
		}
		sum += worth
	}
	return sum
}

// propose adds what the campaign would give to out, which is not nil; it gives
// nil, with a step that says why, if the campaign does not apply.
func (x *compiled) propose(t *engine.Turn, out []proposal) []proposal {
	if why := x.window.Check(t); why != 0 {
		t.Note(engine.Step{Rule: x.Name, Result: why})
		return nil
	}
	if !t.Met(x.When, x.Name) {
		return nil
	}
	marks, _, any := t.Matching(x.Items)
	if !any {
		t.Note(engine.Step{Rule: x.Name, Result: engine.NoItems})
		return nil
	}
	for i := range x.multiply {
		out = append(out, proposal{x.multiply[i].Giving, marks, x.multiply[i].Extra(t, marks), 0})
	}
	out = appendGivings(t, out, x.bonus, marks)
	if len(x.thresholds) > 0 {
		reached := x.reached(t, marks)
		if reached == nil && len(out) == 0 {
			t.Note(engine.Step{Rule: x.Name, Result: engine.TooLittle, Base: t.Counted(x.without, marks), Wallet: x.thresholds[0].wallet()})
			return nil
		}
		if reached != nil {
			out = appendGivings(t, out, reached.givings, marks)
		}
	}
	return out
}

func (th *threshold) wallet() ledger.Name {
	if len(th.givings) == 0 {
		return 0
	}
	return th.givings[0].Wallet.Name
}

// reached gives the highest threshold that the matching items reach.
func (x *compiled) reached(t *engine.Turn, marks []bool) *threshold {
	counted := t.Counted(x.without, marks)
	var reached *threshold
	for i := range x.thresholds {
		if counted >= x.thresholds[i].from {
			reached = &x.thresholds[i]
		}
	}
	return reached
}

func appendGivings(t *engine.Turn, out []proposal, givings []*engine.Giving, marks []bool) []proposal {
	for _, g := range givings {
		amount, base, ok := t.Value(g, marks)
		if !ok {
			t.Note(engine.Step{Rule: g.Rule, Result: engine.Failed, Wallet: g.Wallet.Name})
			continue
		}
		out = append(out, proposal{g, marks, amount, base})
	}
	return out
}
