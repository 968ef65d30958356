// Package contest is contests and giveaways: members get entries for what they do,
// and at a moment that was said before prizes are drawn among them.
//
// The draw follows from a seed that the workspace's secret gives for the contest. Its
// SHA-256 is public from the beginning, and the seed itself once the draw was made, so
// that anyone can draw again from the published tickets; [Order] is the algorithm.
// Entries are counted with the decision that gave them. Goods that go back before the
// draw take the entries with them that the rest would not have had. The draw itself
// concerns all members, so it is not the engine's: whoever makes it lets an event follow
// for each winner, which gives the prize. Where the program lets winners claim their
// prizes, that event only says so; the claim gives the prize, and an event ends what was
// not claimed in time, so that it goes to the next ticket. What was decided on a ticket
// before is read from the member's history, so that nothing of it is in their state.
package contest

import (
	"embed"
	"io/fs"

	"github.com/govalues/decimal"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

//go:embed words
var words embed.FS

// Contest is one contest of the document.
type Contest struct {
	ID      string           `doc:"id,required" pattern:"^[a-z0-9][a-z0-9-]*$" max_len:"60" help:"the contest's own name: small letters, digits, hyphens"`
	Name    document.Text    `doc:"name" help:"the contest's name for members"`
	On      string           `doc:"on" help:"the event type that gives entries; purchase if not said"`
	When    string           `doc:"when" max_len:"4096" help:"who takes part: a condition on the event, the member, the wallets and the time"`
	Items   string           `doc:"items" max_len:"4096" help:"a condition on each item; only matching items count"`
	From    *document.Moment `doc:"from" help:"the first day, or moment, of entries"`
	Until   *document.Moment `doc:"until,required" help:"the last day of entries, included, or the moment at which they end"`
	Draw    *document.Moment `doc:"draw,required" help:"when prizes are drawn, after the end"`
	Per     *decimal.Decimal `doc:"per" help:"an entry for each so much money; one for each event if not said"`
	Without []string         `doc:"without" enum:"tax|shipping|gift cards|points" help:"parts of the total that do not count for per; gift cards and points if not said"`
	Most    int64            `doc:"most" min:"1" max:"1000000" help:"the most entries that one member gets; any number if not said"`
	OneEach bool             `doc:"one prize each" help:"whether one member wins one prize at most; with several tickets several, if not said"`
	Claim   *Claim           `doc:"claim" help:"winners claim their prizes; if not said, they have them at once"`
	Prizes  []Prize          `doc:"prizes,required" min_len:"1" max_len:"64" help:"what is drawn, the first prize first"`
	Pending *rule.Pending    `doc:"pending" help:"how long the prize waits; as the wallet if not said"`
	Expires *rule.Expires    `doc:"expires" help:"when the prize is gone; as the wallet if not said"`
}

// Claim is how winners come to their prizes.
type Claim struct {
	Within document.Span `doc:"within,required" help:"how long a winner can claim the prize, to the end of the last day: 14d; then it goes to the next ticket"`
}

// Prize is one of the prizes of a contest.
type Prize struct {
	ID      string        `doc:"id,required" pattern:"^[a-z0-9][a-z0-9-]*$" max_len:"60" help:"the prize's own name: small letters, digits, hyphens"`
	Name    document.Text `doc:"name" help:"the prize's name for members"`
	Winners int64         `doc:"winners" min:"1" max:"10000" help:"how many win it; 1 if not said"`
	Give    rule.Give     `doc:"give,required" help:"a wallet and an amount, or a reward: {reward: voucher-5}"`
}

// Mechanic is the door of contests.
type Mechanic struct{}

// Section gives the key contests.
func (Mechanic) Section() document.Section {
	return document.Section{Key: "contests", Into: &[]Contest{}, Help: "contests and giveaways whose draw anyone can check"}
}

// Words are the catalogues of contests.
func (Mechanic) Words() fs.FS { return words }

// Kind and PrizeKind begin the names of contests and of their prizes among rules.
const (
	Kind      = "contest"
	PrizeKind = "contest-prize"
)

type prize struct {
	name   ledger.Name
	gives  []*engine.Giving
	source *Prize
}

// compiled is a contest that members can take part in.
type compiled struct {
	rule.Compiled
	window  rule.CompiledWindow
	per     int64 // minor units of money for an entry; 0 for one of each event
	without engine.Without
	most    *engine.LimitRule
	drawAt  calendar.Instant
	claim   calendar.Span // zero where prizes are given at once
	prizes  []prize
	source  *Contest
}

type stage struct{ contests []compiled }

// Compile checks the contests.
func (Mechanic) Compile(c *engine.Compiler, section any) engine.Stage {
	contests := *section.(*[]Contest)
	s := &stage{contests: make([]compiled, len(contests))}
	for i := range contests {
		compile(c, document.Index("contests", i), &s.contests[i], &contests[i])
	}
	if len(contests) == 0 {
		return nil
	}
	return s
}

func compile(c *engine.Compiler, path string, x *compiled, from *Contest) {
	common := rule.Common{ID: from.ID, Name: from.Name, On: from.On, When: from.When, Items: from.Items}
	x.Compiled, x.source = rule.CompileCommon(c, path, Kind, &common), from
	x.window = rule.CompileWindow(c, path, x.Name, &rule.Window{From: from.From, Until: from.Until})
	x.without = rule.CompileWithout(from.Without)
	if from.Per != nil {
		x.per, _ = rule.MoneyMinor(c, path+".per", *from.Per)
	} else if from.Without != nil {
		c.Problem(path+".without", "never_applies", "an entry for each event counts no money", "remove it, or write per")
	}
	if from.Most > 0 {
		x.most = &engine.LimitRule{Limit: engine.EachMember, Cap: from.Most, Counter: c.Program.Names.Number("counter." + Kind + "." + from.ID)}
	}
	if from.Draw != nil && from.Until != nil {
		x.drawAt = calendar.Of(from.Draw.In(c.Program.Zone))
		if x.drawAt < x.window.Until {
			c.Problem(path+".draw", "draw_before_end", "prizes are drawn before the last entries are in", text.Say("write a day after {Until}", from.Until.String()))
		}
	}
	if from.Claim != nil {
		if x.claim = engine.Span(from.Claim.Within); x.claim.IsZero() {
			c.Problem(path+".claim.within", document.CodeOutOfRange, "what can be claimed for no time can't be claimed", "write a length of time such as 14d")
		}
	}
	for i := range from.Prizes {
		x.compilePrize(c, document.Index(path+".prizes", i), &from.Prizes[i])
	}
}

func (x *compiled) compilePrize(c *engine.Compiler, path string, from *Prize) {
	id := x.source.ID + "." + from.ID
	p := prize{name: c.Rule(path, PrizeKind, id, rule.Title(c, from.Name, from.ID)), source: from}
	p.gives = rule.CompileGive(c, path+".give", p.name, &from.Give, money.Floor, 0)
	for _, g := range p.gives {
		if g.Measure != engine.ByEvent {
			c.Problem(path+".give", "never_applies", "what a prize gives is a plain amount", "write a wallet and an amount, such as {beans: 1200}")
		}
		g.Terms = rule.CompileTerms(c, path, x.source.Pending, x.source.Expires, g.Wallet.Terms)
		c.Program.Slide(g)
	}
	c.Givings(p.name, p.gives)
	c.Apart(p.name)
	x.prizes = append(x.prizes, p)
}

// winners is how many win a prize.
func (p *prize) winners() int64 { return max(p.source.Winners, 1) }

// Contested is a contest as those need it who draw.
type Contested struct {
	ID string
	// Rule is what decisions call it.
	Rule ledger.Name
	// DrawAt is the first moment at which prizes may be drawn.
	DrawAt calendar.Instant
	// Prizes are the ids of the prizes in the order in which they are drawn, each as
	// often as there are winners.
	Prizes []string
	// OneEach tells that one member wins one prize at most, and Claimed that winners
	// claim their prizes.
	OneEach, Claimed bool
}

// All lists the contests of a program.
func All(p *engine.Program) (out []Contested) {
	for _, s := range p.Stages() {
		mine, ok := s.(*stage)
		if !ok {
			continue
		}
		for i := range mine.contests {
			x := &mine.contests[i]
			a := Contested{ID: x.source.ID, Rule: x.Name, DrawAt: x.drawAt, OneEach: x.source.OneEach, Claimed: !x.claim.IsZero()}
			for j := range x.prizes {
				for range x.prizes[j].winners() {
					a.Prizes = append(a.Prizes, x.prizes[j].source.ID)
				}
			}
			out = append(out, a)
		}
	}
	return out
}

func (s *stage) find(id string) *compiled {
	for i := range s.contests {
		if s.contests[i].source.ID == id {
			return &s.contests[i]
		}
	}
	return nil
}
