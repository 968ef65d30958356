// Package ambassador pays members who advertise the shop for what their links
// bring: commissions.
//
// An ambassador is a member who is one by an operator's word or by the program's
// condition. Clicks on their links are recorded outside; an event of a buyer names
// the click by which the buyer came. The buyer's state keeps the last click, and the
// buyer's own decisions find which purchases it is to be credited for: those within
// the window after it, at the purchase's own time. What they are worth travels to
// the ambassador as a follow-up event, as of the purchase's moment and by the version
// of the program that promised it; the ambassador's decision gives it under the
// ambassador's own limits and the budgets.
//
// What always holds:
//   - a purchase is credited to one ambassador at most, and once;
//   - nobody earns by their own purchases: who is the same person is found out
//     before, where personal data is, and a decision knows only by what;
//   - returned goods take back what they were worth: a commission comes to what it
//     would have been without them, under the purchase's own version of the program,
//     and together returns never take back more than was given, in whichever order
//     the events arrive.
package ambassador

import (
	"embed"
	"io/fs"
	"strconv"
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/condition"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

//go:embed words
var words embed.FS

// Section is the key ambassadors of the document.
type Section struct {
	Window      document.Span  `doc:"window,required" help:"how long after a click purchases are credited to the ambassador: 30d"`
	To          string         `doc:"to,required" max_len:"500" help:"where links lead: https://shop.example/?click={click}; {click} stands for the click's id, {code} for the ambassador's code"`
	When        string         `doc:"when" max_len:"4096" help:"who is an ambassador beside those whom an operator makes one: a condition on the member, the wallets and the time"`
	KeepClicks  *document.Span `doc:"keep clicks" help:"how long clicks are kept; 400d if not said, and never shorter than the window"`
	Commissions []Commission   `doc:"commissions,required" min_len:"1" max_len:"20" help:"what ambassadors get for purchases"`
}

// Commission is what an ambassador gets for purchases.
type Commission struct {
	ID      string                    `doc:"id,required" pattern:"^[a-z0-9][a-z0-9-]*$" max_len:"60" help:"the commission's own name: small letters, digits, hyphens"`
	Name    document.Text             `doc:"name" help:"the commission's name for ambassadors"`
	When    string                    `doc:"when" max_len:"4096" help:"a condition on the purchase, the buyer and the time"`
	Items   string                    `doc:"items" max_len:"4096" help:"a condition on each item; only matching items count"`
	Give    rule.Give                 `doc:"give,required" help:"what the ambassador gets: {commission: 5%}"`
	Without []string                  `doc:"without" enum:"tax|shipping|gift cards|points" help:"parts of the total that do not count; gift cards and points if not said"`
	Limits  document.Map[rule.Limits] `doc:"limits" help:"wallet (or times): the most that an ambassador gets, and all together"`
	Pending *rule.Pending             `doc:"pending" help:"how long it waits; as the wallet if not said. An event under until is one of the ambassador's, with the purchase's order"`
	Expires *rule.Expires             `doc:"expires" help:"when it is gone; as the wallet if not said"`
}

// Mechanic is the door of ambassadors.
type Mechanic struct{}

// Section gives the key ambassadors.
func (Mechanic) Section() document.Section {
	return document.Section{Key: "ambassadors", Into: &Section{}, Help: "commissions for members who advertise with links of their own"}
}

// Words are the catalogues of ambassadors.
func (Mechanic) Words() fs.FS { return words }

// stage is there in every program: what was promised under an earlier version
// arrives under this one.
type stage struct {
	on          bool // the program has ambassadors
	source      *Section
	window      calendar.Span
	keep        calendar.Span
	when        *condition.Expression
	link        ledger.Name // what is noticed of links
	commissions []commission
}

type commission struct {
	rule.Compiled
	givings []*engine.Giving
	source  *Commission
}

// What is noticed of links has the name Link, and commissions have names that begin
// so.
const (
	Link            = "link.click"
	CommissionRules = "commission."
)

// keepClicks is how long clicks are kept if the program does not say.
var keepClicks = calendar.Span{Days: 400}

// Compile checks the commissions.
func (Mechanic) Compile(c *engine.Compiler, section any) engine.Stage {
	from := section.(*Section)
	s := &stage{on: c.Source.Has("ambassadors"), source: from, keep: keepClicks}
	s.link = c.Rule("ambassadors", "link", "click", text.Localized{})
	if !s.on {
		return s
	}
	s.window = engine.Span(from.Window)
	if from.KeepClicks != nil {
		s.keep = engine.Span(*from.KeepClicks)
	}
	if s.window.IsZero() {
		c.Problem("ambassadors.window", document.CodeOutOfRange, "a window of no time credits nothing", "write how long, such as 30d")
	}
	if calendar.Add(calendar.Day, s.keep, c.Program.Zone) < calendar.Add(calendar.Day, s.window, c.Program.Zone) {
		path := "ambassadors.window"
		if from.KeepClicks != nil {
			path = "ambassadors.keep clicks"
		}
		c.Problem(path, document.CodeOutOfRange, "clicks would be forgotten before their window is over", "keep clicks at least as long as the window")
	}
	if !validTarget(from.To) {
		c.Problem("ambassadors.to", document.CodeInvalid, text.Say("{To} is no address with a place for the click", strconv.Quote(from.To)), "write one with {click} in it, after its host, such as https://shop.example/?click={click}")
	}
	s.when = c.Condition("ambassadors.when", from.When, false)
	for i := range from.Commissions {
		s.commissions = append(s.commissions, compile(c, "ambassadors.commissions["+strconv.Itoa(i)+"]", &from.Commissions[i]))
	}
	return s
}

func compile(c *engine.Compiler, path string, from *Commission) commission {
	out := commission{source: from}
	out.Name = c.Rule(path, strings.TrimSuffix(CommissionRules, "."), from.ID, rule.Title(c, from.Name, from.ID))
	c.Apart(out.Name)
	out.When = c.Condition(path+".when", from.When, false)
	out.Items = c.Condition(path+".items", from.Items, true)
	c.Conditions(out.Name, out.When, out.Items)
	out.givings = rule.CompileGive(c, path+".give", out.Name, &from.Give, money.Floor, rule.CompileWithout(from.Without))
	for _, g := range out.givings {
		g.Terms = rule.CompileTerms(c, path, from.Pending, from.Expires, g.Wallet.Terms)
		c.Program.Slide(g)
	}
	rule.CompileLimits(c, path, from.Limits, out.givings)
	c.Givings(out.Name, out.givings)
	return out
}

// stageOf gives the stage of a program.
func stageOf(p *engine.Program) *stage {
	if p != nil {
		for _, one := range p.Stages() {
			if s, ok := one.(*stage); ok {
				return s
			}
		}
	}
	return &stage{}
}
