// Package tier leads members up and down ladders of levels. A ladder counts what
// members do in periods; a level is earned in each period in which enough counts,
// and kept for a time after it. Everything follows from the sums of the periods,
// so a return or an event that comes late changes what it would have changed in
// time, and it makes no difference when somebody looks. Beside what is earned, a
// level can be given by invitation or for a fee, until a date; the higher of the
// two is in force.
//
// Levels bring benefits: factors on what is earned, gifts, rewards and prices of
// their own, access to what the business has for them, and whatever rules and
// rewards make of the conditions on them.
package tier

import (
	"embed"
	"io/fs"

	"github.com/govalues/decimal"

	"premia/internal/core/calendar"
	"premia/internal/core/condition"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

//go:embed words
var words embed.FS

// The kinds of names among rules: a ladder, one of its levels, and a level's
// gifts and prices.
const (
	Kind            = "tier"
	levelKind       = "level"
	welcomeKind     = "welcome"
	anniversaryKind = "anniversary"
	priceKind       = "price"
)

// LadderSection is one ladder of the document.
type LadderSection struct {
	Name      document.Text  `doc:"name" help:"what members call the ladder"`
	By        string         `doc:"by,required" help:"what counts: spend, purchases, earned.<wallet>, referrals (friends who have bought) or referrals.<reward> (friends who reached it), events.<type>, or events.<type>.<field> for the sum of a whole number"`
	Period    Period         `doc:"period,required" help:"what it is counted in: calendar year, calendar quarter, calendar month, anniversary year, rolling 12 months, rolling 90 days, or ever"`
	Levels    []LevelSection `doc:"levels,required" min_len:"1" max_len:"20" help:"from the lowest, which everybody has, to the highest"`
	Keep      *Keep          `doc:"keep" help:"how long a level is kept after the period in which it was earned: until the end of the next year (or quarter, month, period), or a length of time; no longer than the period if not said"`
	Grace     *document.Span `doc:"grace" help:"how much longer it is kept, for members to earn it again"`
	Downgrade string         `doc:"downgrade" enum:"one level|to the level earned" help:"how far members fall; to the level earned if not said"`
	Prizes    string         `doc:"prizes" enum:"count|do not count" help:"with by: earned.<wallet>, whether what challenges, stamp cards and streaks give counts (if not said)"`
	Returns   string         `doc:"returns" enum:"take back|keep" help:"whether returned goods count less and may cost a level (if not said), or count as bought"`
}

// LevelSection is one level of a ladder.
type LevelSection struct {
	ID         string           `doc:"id,required" pattern:"^[a-z0-9][a-z0-9-]*$" max_len:"60" help:"the level's own name: small letters, digits, hyphens"`
	Name       document.Text    `doc:"name" help:"the level's name for members"`
	From       *decimal.Decimal `doc:"from" help:"how much must count in a period"`
	Invitation *Granted         `doc:"invitation" help:"the level is given by invitation: {on: invited, for: 12mo}"`
	Fee        *Granted         `doc:"fee" help:"the level is given for a fee: {on: fee-paid, for: 12mo}"`
	Benefits   *Benefits        `doc:"benefits" help:"what the level brings; those of lower levels are not among it"`
}

// Granted says which events give a level without counting, and until when.
type Granted struct {
	On      string         `doc:"on,required" help:"the event type that gives the level"`
	For     *document.Span `doc:"for" help:"how long; a further event while it lasts adds to its end"`
	Until   string         `doc:"until" help:"the event's field, a text such as 2027-12-31, with the last day"`
	EndedBy string         `doc:"ended by" help:"the event type that ends it at once"`
}

// Benefits are what a level brings.
type Benefits struct {
	Multiply     *document.Map[decimal.Decimal] `doc:"multiply" help:"wallet: factor on what earning rules give"`
	Welcome      *rule.Give                     `doc:"welcome" help:"wallet: amount, given when the level is reached"`
	WelcomeAgain string                         `doc:"welcome again" enum:"never|each period|each time" help:"whether the welcome gift is given again when the level is reached again; never if not said"`
	Anniversary  *rule.Give                     `doc:"anniversary" help:"wallet: amount, given on each anniversary of joining"`
	Rewards      []string                       `doc:"rewards" max_len:"50" help:"rewards that only members may take whose level names them"`
	Prices       []Price                        `doc:"prices" max_len:"50" help:"what is taken off baskets at list prices, without a code"`
	Access       document.Map[document.Text]    `doc:"access" help:"id: name, of what the level gives access to; conditions and shops ask for it as access.<id>"`
	More         []document.Text                `doc:"more" max_len:"20" help:"what else the level brings, in a few words each"`
}

// Price is a reduction of a level's own.
type Price struct {
	ID       string                 `doc:"id,required" pattern:"^[a-z0-9][a-z0-9-]*$" max_len:"60" help:"the reduction's own name: small letters, digits, hyphens"`
	Name     document.Text          `doc:"name,required" help:"the reduction's name for members"`
	Items    string                 `doc:"items" max_len:"4096" help:"a condition on each item; only matching items are reduced, and count"`
	Discount rule.Discount          `doc:"discount,required" help:"what it takes off"`
	Stacking *rule.DiscountStacking `doc:"stacking" help:"how it goes together with other reductions"`
	Limits   *rule.DiscountLimits   `doc:"limits" help:"how often it is had, and how much it takes off"`
}

// Mechanic is the door of ladders.
type Mechanic struct{}

// Section gives the key tiers.
func (Mechanic) Section() document.Section {
	return document.Section{Key: "tiers", Into: &document.Map[LadderSection]{}, Help: "ladders of levels that members reach and keep"}
}

// Words are the catalogues of ladders.
func (Mechanic) Words() fs.FS { return words }

// Ladder is a ladder that is ready to count.
type Ladder struct {
	Name   ledger.Name
	ID     string
	Title  text.Localized
	Period Period
	Levels []Level
	By     Measure

	counts   ledger.Name
	keepNext bool
	keep     calendar.Span
	grace    calendar.Span
	oneLevel bool
	// kept tells that what was returned counts as bought, and noPrizes that what
	// goals give does not count as earned.
	kept, noPrizes bool
	// judged is how many periods before the present one can still matter to its
	// level, and late how far back events still count.
	judged, late int
	// eager tells that already the lowest level brings gifts.
	eager  bool
	table  *table
	source LadderSection
}

// Level is a level of a ladder.
type Level struct {
	Name  ledger.Name
	ID    string
	Title text.Localized
	// From is how much must count, in the measure's minor units; zero for levels
	// that are not reached by counting.
	From int64

	grants       []grant
	welcome      []*engine.Giving
	welcomeRule  ledger.Name
	anniversary  []*engine.Giving
	anniversaryR ledger.Name
	multiply     []rule.Multiplier
	when         *condition.Expression
	prices       []levelPrice
	source       *LevelSection
}

// grant gives a level without counting.
type grant struct {
	on, endedBy ledger.Name
	length      calendar.Span
	until       string
}

// MeasureKind is what a ladder counts.
type MeasureKind uint8

// The measures of ladders.
const (
	BySpend     MeasureKind = iota + 1 // the totals of purchases, in minor units
	ByPurchases                        // how many there were
	ByEarned                           // what rules gave in a wallet, in its minor units
	ByEvents                           // how many events of a type there were
	ByField                            // the sum of a whole number that they carry
	ByReferrals                        // how many friends reached what a rule of referrals names
)

// Measure is what a ladder counts, of what.
type Measure struct {
	Kind   MeasureKind
	Wallet *engine.Wallet
	Event  ledger.Name
	Type   string      // the event type's id
	Rule   ledger.Name // what friends reach
	Field  string
}

type stage struct{ ladders []*Ladder }

// Apply does nothing: ladders are climbed when everything else is decided.
func (*stage) Apply(*engine.Turn) {}

// Ladders lists the ladders of a compiled program.
func Ladders(p *engine.Program) []*Ladder {
	for _, s := range p.Stages() {
		if mine, ok := s.(*stage); ok {
			return mine.ladders
		}
	}
	return nil
}

// place gives a level's place on the ladder; 0, the lowest, for one that the
// ladder does not have.
func (l *Ladder) place(name ledger.Name) int {
	for i := range l.Levels {
		if l.Levels[i].Name == name {
			return i
		}
	}
	return 0
}

// earned gives the place of the level for which so much is enough.
func (l *Ladder) earned(counted int64) int {
	place := 0
	for i := 1; i < len(l.Levels); i++ {
		if from := l.Levels[i].From; from > 0 && counted >= from {
			place = i
		}
	}
	return place
}

// access gives what the level gives access to, by ids.
func (s *LevelSection) access() document.Map[document.Text] {
	if s.Benefits == nil {
		return document.Map[document.Text]{}
	}
	return s.Benefits.Access
}
