package leaderboard

import (
	"slices"
	"strings"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/condition"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

// Board is a leaderboard that is ready to count.
type Board struct {
	// Name is what decisions call it.
	Name ledger.Name
	ID   string
	// Counts names it by what it counts, when and in which groups: scores that were
	// counted otherwise are those of another board.
	Counts ledger.Name
	Title  text.Localized
	By     Measure
	// Top is how many places the list shows.
	Top int64

	unit        calendar.Unit // zero for a board that is held once
	from, until calendar.Instant
	group       *condition.Expression
	wait        calendar.Span
	zone        *time.Location
	prizes      []prize
	source      *Leaderboard
}

type prize struct {
	Places
	gives  []*engine.Giving
	source *Prize
}

// topIfNotSaid is how many places a list shows.
const topIfNotSaid = 10

// Compile checks the leaderboards.
func (Mechanic) Compile(c *engine.Compiler, section any) engine.Stage {
	all := *section.(*[]Leaderboard)
	if len(all) == 0 {
		return nil
	}
	s := &stage{}
	for i := range all {
		s.boards = append(s.boards, compile(c, document.Index("leaderboards", i), &all[i]))
	}
	for i, b := range s.boards {
		if s.feeds(b, b, nil) {
			c.Problem(document.Index("leaderboards", i)+".prizes", "feeds_itself", "what these prizes give counts on the leaderboard itself, or on one whose prizes do", "give a prize in a wallet that no such leaderboard counts, or rank by spend")
		}
	}
	return s
}

func compile(c *engine.Compiler, path string, from *Leaderboard) *Board {
	b := &Board{ID: from.ID, Title: rule.Title(c, from.Name, from.ID), Top: from.Top, zone: c.Program.Zone, source: from}
	b.Name = c.Rule(path, Kind, from.ID, b.Title)
	c.Apart(b.Name)
	if b.Top == 0 {
		b.Top = topIfNotSaid
	}
	b.By = compileMeasure(c, path+".by", from.By)
	b.compilePeriod(c, path)
	b.compileWait(c, path)
	b.group = c.TextOf(path+".group", from.Group)
	if from.Group == "" && len(from.GroupedBy) > 0 {
		c.Problem(path+".grouped by", "never_applies", "all members are in one ranking", "write group, or remove this")
	}
	held := from.Period
	if held == "" {
		held = "once"
	}
	b.Counts = c.Program.Names.Number("scores." + from.ID + "." + from.By + "." + held + "." + from.Group)
	for i := range from.Prizes {
		b.compilePrize(c, document.Index(path+".prizes", i), &from.Prizes[i])
	}
	var gives []*engine.Giving
	for i := range b.prizes {
		gives = append(gives, b.prizes[i].gives...)
	}
	c.Givings(b.Name, gives)
	return b
}

func (b *Board) compilePeriod(c *engine.Compiler, path string) {
	from := b.source
	if from.Period != "" {
		b.unit, _ = calendar.ParseUnit(strings.TrimPrefix(from.Period, "calendar "))
		for key, said := range map[string]bool{"from": from.From != nil, "until": from.Until != nil} {
			if said {
				c.Problem(path+"."+key, "ambiguous", "a leaderboard either begins anew each period or is held once", "write period, or from and until")
			}
		}
		return
	}
	if from.From == nil && from.Until == nil {
		c.Problem(path+".period", document.CodeMissing, "a leaderboard needs an end, at which its ranking is fixed", "write period: calendar month, or from and until")
		return
	}
	for key, said := range map[string]bool{"from": from.From != nil, "until": from.Until != nil} {
		if !said {
			c.Problem(path+"."+key, document.CodeMissing, "a leaderboard that is held once has a first and a last day", "write from and until")
		}
	}
	w := rule.CompileWindow(c, path, b.Name, &rule.Window{From: from.From, Until: from.Until})
	b.from, b.until = w.From, w.Until
}

// longestWaits is how many days a ranking can wait: no longer than its period, so that
// no more than two are ever open.
var longestWaits = map[calendar.Unit]int{calendar.ByDay: 1, calendar.ByWeek: 7}

const longestWait = 28

func (b *Board) compileWait(c *engine.Compiler, path string) {
	if b.source.Wait == nil {
		return
	}
	w := *b.source.Wait
	longest, short := longestWaits[b.unit]
	if !short {
		longest = longestWait
	}
	if w.Years+w.Months > 0 || w.Days*24*60+w.Hours*60+w.Minutes > longest*24*60 {
		c.Problem(path+".wait", document.CodeOutOfRange, text.Say("the ranking can't wait so long: {W} is more than {Longest} days", w, longest), text.Say("write at most {Longest}d", longest))
		return
	}
	b.wait = engine.Span(w)
}

func (b *Board) compilePrize(c *engine.Compiler, path string, from *Prize) {
	p := prize{Places: from.Places, source: from}
	for i := range b.prizes {
		if o := &b.prizes[i]; p.First <= o.Last && o.First <= p.Last && p.First > 0 {
			c.Problem(path+".places", "places_overlap", text.Say("place {First} has two prizes", max(p.First, o.First)), "give each place one prize, which may be of several wallets")
		}
	}
	p.gives = rule.CompileGive(c, path+".give", b.Name, &from.Give, money.Floor, 0)
	for _, g := range p.gives {
		if g.Measure != engine.ByEvent {
			c.Problem(path+".give", "never_applies", "what a prize gives is a plain amount", "write a wallet and an amount, such as {beans: 1200}")
		}
		if g.Wallet.Gift == nil {
			g.Terms = rule.CompileTerms(c, path, b.source.Pending, b.source.Expires, g.Wallet.Terms)
			c.Program.Slide(g)
		}
	}
	b.prizes = append(b.prizes, p)
}

// feeds tells whether what the prizes of one board give comes to count on another, at
// once or by the prizes of boards between the two.
func (s *stage) feeds(from, to *Board, seen []*Board) bool {
	for _, next := range s.boards {
		if !from.gives(next.By.Wallet) || next.By.Kind != ByEarned {
			continue
		}
		if next == to {
			return true
		}
		if !slices.Contains(seen, next) && s.feeds(next, to, append(seen, next)) {
			return true
		}
	}
	return false
}

// gives tells whether a prize of the board gives in a wallet.
func (b *Board) gives(w *engine.Wallet) bool {
	for i := range b.prizes {
		for _, g := range b.prizes[i].gives {
			if w != nil && g.Wallet.Name == w.Name {
				return true
			}
		}
	}
	return false
}
