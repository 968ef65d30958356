// Package surprise is prizes by chance: surprises, wheels and scratch cards, drawn
// when something happens or when a reward of the kind surprise is taken.
//
// The odds are exact decimals that sum to one, and each draw follows from the
// event's own seed by the algorithm of the package chance, so that whoever has the
// workspace's secret can draw again. A prize whose stock or budget is used up gives
// way to what the document says, and what was given never exceeds either. A quote
// tells that something may be won, and draws nothing.
//
// When goods go back, the purchase is decided again with the prize that was drawn
// then: what the rest of it would not have played for is taken back as anything
// else, with the prize's stock and its voucher unless that was used. The play itself
// stays used, so that nobody plays again by buying and returning.
package surprise

import (
	"embed"
	"io/fs"
	"strconv"

	"github.com/govalues/decimal"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
)

//go:embed words
var words embed.FS

// Surprise is one surprise of the document.
type Surprise struct {
	ID          string        `doc:"id,required" pattern:"^[a-z0-9][a-z0-9-]*$" max_len:"60" help:"the surprise's own name: small letters, digits, hyphens"`
	Name        document.Text `doc:"name" help:"the surprise's name for members"`
	Kind        string        `doc:"kind" enum:"surprise|wheel|scratch card" help:"how members see it; surprise if not said"`
	On          string        `doc:"on" help:"the event type with which members draw; without it, a reward of the kind surprise sells draws"`
	When        string        `doc:"when" max_len:"4096" help:"a condition on the event, the member, the wallets and the time"`
	Items       string        `doc:"items" max_len:"4096" help:"a condition on each item, of which one must match"`
	rule.Window `doc:",inline"`
	Paused      bool             `doc:"paused" help:"keep the surprise and let nobody draw"`
	Limits      *Limits          `doc:"limits" help:"how often a member draws"`
	Prizes      []Prize          `doc:"prizes,required" min_len:"1" max_len:"64" help:"what can be won, each with its odds"`
	Nothing     *decimal.Decimal `doc:"nothing" help:"the odds of winning nothing"`
	UsedUp      string           `doc:"used up" enum:"nothing|next prize" help:"what is won instead of a prize that is used up: nothing (if not said), or the next prize in the list that is not"`
	Pending     *rule.Pending    `doc:"pending" help:"how long the award waits; as the wallet if not said"`
	Expires     *rule.Expires    `doc:"expires" help:"when the award is gone; as the wallet if not said"`
}

// Prize is one of the prizes of a surprise.
type Prize struct {
	ID     string                    `doc:"id,required" pattern:"^[a-z0-9][a-z0-9-]*$" max_len:"60" help:"the prize's own name: small letters, digits, hyphens"`
	Name   document.Text             `doc:"name" help:"the prize's name for members"`
	Odds   decimal.Decimal           `doc:"odds,required" help:"how likely it is: 0.05 is one draw in twenty"`
	Give   *rule.Give                `doc:"give" help:"a wallet and an amount"`
	Reward string                    `doc:"reward" max_len:"60" help:"instead of give: a reward of the kind discount, whose voucher is won"`
	Stock  int64                     `doc:"stock" min:"1" max:"1000000000" help:"how often it can be won in all; without it, always"`
	Limits document.Map[rule.Limits] `doc:"limits" help:"wallet (or times): the most it gives; what does not fit as a whole counts as used up"`
}

// Limits are how often a member draws.
type Limits struct {
	EachDay    *int64 `doc:"each day" min:"1"`
	EachWeek   *int64 `doc:"each week" min:"1"`
	EachMonth  *int64 `doc:"each month" min:"1"`
	EachYear   *int64 `doc:"each year" min:"1"`
	EachMember *int64 `doc:"each member" min:"1" help:"ever"`
}

// Mechanic is the door of surprises.
type Mechanic struct{}

// Section gives the key surprises.
func (Mechanic) Section() document.Section {
	return document.Section{Key: "surprises", Into: &[]Surprise{}, Help: "prizes by chance: surprises, wheels and scratch cards"}
}

// Words are the catalogues of surprises.
func (Mechanic) Words() fs.FS { return words }

// Kind and PrizeKind begin the names of surprises and of their prizes among rules.
const (
	Kind      = "surprise"
	PrizeKind = "prize"
)

// prize is a prize that is ready to be won.
type prize struct {
	name   ledger.Name
	below  uint64 // the first number beyond those that win it
	give   *engine.Giving
	reward ledger.Name
	stock  int64
	quota  ledger.Name
	source *Prize
}

// compiled is a surprise that is ready to be drawn.
type compiled struct {
	rule.Compiled
	window  rule.CompiledWindow
	limits  []engine.LimitRule
	numbers uint64 // as many numbers as are drawn from
	prizes  []prize
	next    bool // the next prize stands in for one that is used up
	label   string
	source  *Surprise
}

type stage struct{ surprises []compiled }

// Compile checks the surprises.
func (Mechanic) Compile(c *engine.Compiler, section any) engine.Stage {
	surprises := *section.(*[]Surprise)
	s := &stage{surprises: make([]compiled, len(surprises))}
	for i := range surprises {
		path := "surprises[" + strconv.Itoa(i) + "]"
		x := &s.surprises[i]
		compile(c, path, x, &surprises[i])
		c.OnDraw(x.Name, x.draw)
	}
	checkSold(c, s)
	if len(s.surprises) == 0 {
		return nil
	}
	return s
}

func compile(c *engine.Compiler, path string, x *compiled, from *Surprise) {
	common := rule.Common{ID: from.ID, Name: from.Name, On: from.On, When: from.When, Items: from.Items}
	x.Compiled = rule.CompileCommon(c, path, Kind, &common)
	x.window = rule.CompileWindow(c, path, x.Name, &from.Window)
	x.source, x.label, x.next = from, Kind+"."+from.ID, from.UsedUp == "next prize"
	if from.On == "" {
		x.Kind = 0
		if from.When != "" || from.Items != "" || from.Limits != nil || !x.window.Always() {
			c.Problem(path, "never_applies", "the surprise says when members draw, but not with which event", "write on, or write when and limits for the reward that sells it")
		}
	}
	x.compileLimits(c, path+".limits")
	for i := range from.Prizes {
		x.compilePrize(c, document.Index(path+".prizes", i), &from.Prizes[i])
	}
	x.compileOdds(c, path)
}

func (x *compiled) compileLimits(c *engine.Compiler, path string) {
	l := x.source.Limits
	if l == nil {
		return
	}
	counter := c.Program.Names.Number("counter." + x.label)
	for _, one := range []struct {
		limit engine.Limit
		value *int64
	}{
		{engine.EachDay, l.EachDay}, {engine.EachWeek, l.EachWeek}, {engine.EachMonth, l.EachMonth},
		{engine.EachYear, l.EachYear}, {engine.EachMember, l.EachMember},
	} {
		if one.value != nil {
			x.limits = append(x.limits, engine.LimitRule{Limit: one.limit, Cap: *one.value, Times: true, Counter: counter})
		}
	}
	if len(x.limits) == 0 {
		c.Problem(path, "missing", "this limits nothing", "write at least one of each day, each week, each month, each year, each member")
	}
}
