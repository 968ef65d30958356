// Package leaderboard is leaderboards: members are compared by what counts for them
// in a period, within groups if the program says so, and the first of each group get
// prizes when the period is over.
//
// It owns what counts: each member's state has the member's own scores, and the steps
// of decisions say what they became, so that a return takes back from the very board,
// period and group in which its purchase counted. Comparing members is not the
// engine's, since it concerns all of them: whoever does it ranks by [Compare] and lets
// an event follow for each place that has a prize, which gives it here.
//
// A score counts until the ranking is fixed, by the clock of the decision. What comes
// later changes no ranking, and no score either.
package leaderboard

import (
	"cmp"
	"embed"
	"io/fs"
	"regexp"
	"strconv"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

//go:embed words
var words embed.FS

// Leaderboard is one leaderboard of the document.
type Leaderboard struct {
	ID        string           `doc:"id,required" pattern:"^[a-z0-9][a-z0-9-]*$" max_len:"60" help:"the leaderboard's own name: small letters, digits, hyphens"`
	Name      document.Text    `doc:"name" help:"the leaderboard's name for members"`
	By        string           `doc:"by,required" help:"what counts: spend, purchases, earned.<wallet>, events.<type>, events.<type>.<field> for the sum of a whole number, or challenge.<id> for what counts towards a challenge"`
	Period    string           `doc:"period" enum:"calendar day|calendar week|calendar month|calendar quarter|calendar year" help:"how often it begins anew; or write from and until"`
	From      *document.Moment `doc:"from" help:"the first day, or moment, of a leaderboard that is held once"`
	Until     *document.Moment `doc:"until" help:"its last day, included, or the moment at which it ends"`
	Group     string           `doc:"group" max_len:"200" help:"members are ranked within groups: an expression that gives the group's name, such as member.city, event.store or tier.status"`
	GroupedBy document.Text    `doc:"grouped by" help:"what the groups are, for members: town, shop"`
	Wait      *document.Span   `doc:"wait" help:"how long after the end late events and returns still count before the ranking is fixed; not at all if not said"`
	Top       int64            `doc:"top" min:"1" max:"100" help:"how many places the list shows; 10 if not said"`
	Prizes    []Prize          `doc:"prizes" max_len:"100" help:"what the first of each group get"`
	Pending   *rule.Pending    `doc:"pending" help:"how long the prize waits; as the wallet if not said"`
	Expires   *rule.Expires    `doc:"expires" help:"when the prize is gone; as the wallet if not said"`
}

// Prize is what a place brings, or each of several.
type Prize struct {
	Places Places    `doc:"places,required" help:"a place, such as 1, or several, such as 2-5"`
	Give   rule.Give `doc:"give,required" help:"a wallet and an amount, or a reward"`
}

// Places are places of a ranking, both included.
type Places struct{ First, Last int64 }

// mostPlaces is how many places of a group can have prizes.
const mostPlaces = 100

var placesForm = regexp.MustCompile(`^([0-9]{1,3})(?:-([0-9]{1,3}))?$`)

// UnmarshalText reads "1" or "2-5".
func (p *Places) UnmarshalText(src []byte) error {
	m := placesForm.FindStringSubmatch(string(src))
	if m == nil {
		return text.Advise(text.Say("{Text} is no place of a ranking", strconv.Quote(string(src))), "write 1, or 2-5 for several")
	}
	p.First, _ = strconv.ParseInt(m[1], 10, 64)
	if p.Last = p.First; m[2] != "" {
		p.Last, _ = strconv.ParseInt(m[2], 10, 64)
	}
	if p.First < 1 || p.Last < p.First || p.Last > mostPlaces {
		return text.Advise(text.Say("there are no such places of a ranking: {Text}", string(src)), text.Say("write 1 to {Most}, the better place first", mostPlaces))
	}
	return nil
}

// JSONSchema describes places to editors.
func (Places) JSONSchema() map[string]any {
	return map[string]any{
		"type": []string{"integer", "string"}, "pattern": placesForm.String(), "minimum": 1, "maximum": mostPlaces,
		"description": "a place, such as 1, or several, such as 2-5",
	}
}

// Mechanic is the door of leaderboards.
type Mechanic struct{}

// Section gives the key leaderboards.
func (Mechanic) Section() document.Section {
	return document.Section{Key: "leaderboards", Into: &[]Leaderboard{}, Help: "rankings of members in a period, with prizes for the first"}
}

// Words are the catalogues of leaderboards.
func (Mechanic) Words() fs.FS { return words }

// Kind begins the names of leaderboards among rules.
const Kind = "leaderboard"

type stage struct{ boards []*Board }

// Boards lists the leaderboards of a compiled program.
func Boards(p *engine.Program) []*Board {
	for _, s := range p.Stages() {
		if mine, ok := s.(*stage); ok {
			return mine.boards
		}
	}
	return nil
}

// ByID finds a leaderboard of a compiled program; nil if it has none of that id.
func ByID(p *engine.Program, id string) *Board {
	for _, b := range Boards(p) {
		if b.ID == id {
			return b
		}
	}
	return nil
}

// ByCounts finds the leaderboard of a compiled program that counts under a name; nil
// if none does.
func ByCounts(p *engine.Program, counts ledger.Name) *Board {
	for _, b := range Boards(p) {
		if b.Counts == counts {
			return b
		}
	}
	return nil
}

// Ranked is a member's score among others of one board, period and group.
type Ranked struct {
	Member ledger.MemberID
	ledger.Score
}

// Compare orders a ranking, the best first: by value, then by who reached it first,
// and last by the members' random numbers, so that no two share a place.
func Compare(a, b *Ranked) int {
	return cmp.Or(cmp.Compare(b.Value, a.Value), cmp.Compare(a.Reached, b.Reached), cmp.Compare(a.Member, b.Member))
}
