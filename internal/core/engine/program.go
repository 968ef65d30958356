// Package engine decides: a pure function from a program, a member's state and
// an event to a decision and the member's next state. It has no clock, no
// database, no network and no random source; what it needs from outside comes
// with the event's [Inputs], and what it granted of them stays in the decision.
// The same arguments give the same decision on every machine.
//
// A program's mechanics come in by one door, [Mechanic]: each reads its section
// of the document, checks it into a [Stage] and takes its place in the pipeline.
package engine

import (
	"sort"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/code"
	"premia/internal/core/condition"
	"premia/internal/core/ledger"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

// Program is a document that was read, checked and compiled. It is immutable
// and safe for concurrent use.
type Program struct {
	// Version is the number under which the program was published; 0 for a
	// draft.
	Version  uint32
	Title    text.Localized
	Currency money.Unit
	Zone     *time.Location
	// Languages are those that members read, the first being the fallback.
	Languages []string
	Enrolment Enrolment
	// Returns tells how returns find the purchase of which they take back what
	// the goods earned; what that needs of a purchase is kept with it.
	Returns Returns
	// ReturnsOverdue is how long a return may wait for its purchase before that is
	// reported as too long.
	ReturnsOverdue calendar.Span
	Wallets        []Wallet
	// Types are the event types of the program's own.
	Types []EventType
	Names *Names
	// Rules describe what decisions call by number.
	Rules map[ledger.Name]Rule
	// CodeNames are what people call codes, by field (category, channel, store) and
	// code.
	CodeNames map[string]map[string]text.Localized
	// Budgets are the quotas that the rules draw on.
	Budgets []Budget
	// gifts count the rewards that rules may give, one each.
	gifts []*Wallet
	// GiftCards are the kinds of gift cards, for whoever issues them.
	GiftCards []GiftCardKind
	// FamilyWallets are those that families share; FamilyRule is what decisions call
	// the families' rules.
	FamilyWallets []ledger.Name
	FamilyRule    ledger.Name

	// Birthday, Anniversary and ProfileCompleted are the numbers of what comes by
	// itself, each zero where no rule is about it; ProfileFacts are the facts with
	// which a member's profile is complete.
	Birthday, Anniversary, ProfileCompleted ledger.Name
	ProfileFacts                            []string

	stages  []Stage
	sliding map[slide]Expiry
	facts   []fact
	// released gives back what a redemption used of stock and limits when its hold
	// ends by itself; nil in programs without rewards.
	released []func(t *Turn, r *ledger.Redemption)
	// lasting is the stage that keeps something of members beside value; nil in
	// programs without ladders.
	lasting Lasting
	// scoring are the stages that compare members; nil in programs without
	// leaderboards.
	scoring []Scoring
	// converting is the stage that turns value into something else when periods end;
	// nil in programs where none does.
	converting Converting
	// Checkout is what the program says of checkouts, Promotions are the reductions
	// for everybody, in order, and Discounts those that codes stand for, by reward.
	Checkout   *Settings
	Promotions []*Discount
	Discounts  map[ledger.Name]*Discount
	// DeclaredCodes are the codes that the document itself declares, by their normal
	// form, with the rewards that they stand for.
	DeclaredCodes map[string]ledger.Name
	// CodePatterns are those of the codes that are made in batches.
	CodePatterns []code.Pattern
	// paidBack gives back what was paid for returned goods; nil in programs that
	// price nothing.
	paidBack func(t *Turn, past *Past, later []*Past, remains *Remains) int64
	// Sales are the draws that rewards sell.
	Sales []Sale
	// draws are what surprises draw, by their rule; nil in programs that leave
	// nothing to chance.
	draws map[ledger.Name]func(t *Turn)
	// bases are what earning rules give, which others may multiply.
	bases []base
	// recorded has, for each field, its name's number if purchases keep what they
	// read of it, and otherwise zero.
	recorded []ledger.Name
	roots    []condition.ObjectID
	env      *condition.Env
	itemEnv  *condition.Env
}

// Returns says which purchase goods go back against.
type Returns uint8

// The ways to find the purchase of returned goods.
const (
	NoReturns       Returns = iota // returns are only recorded
	ReturnsByOrder                 // the purchase whose order the return names
	ReturnsByLatest                // the member's latest purchases of the same goods
)

// Enrolment says what happens with buyers who are not members.
type Enrolment struct {
	// Unknown is the policy for an event of an unknown identity.
	Unknown UnknownPolicy
	// ClaimWithin is how long after a guest's purchase a member may claim it;
	// zero means always.
	ClaimWithin calendar.Span
}

// UnknownPolicy says what to do with an event of an unknown identity.
type UnknownPolicy uint8

// The policies for unknown identities.
const (
	RefuseUnknown UnknownPolicy = iota
	EnrolUnknown
	GuestUnknown
)

// Wallet is the rules of one of the program's wallets.
type Wallet struct {
	ID    string
	Name  ledger.Name
	Unit  money.Unit
	Forms text.UnitForms
	Terms Terms
	// Short is what happens when more is taken than is there.
	Short ledger.Shortfall
	// Worth is the money value of one whole unit in the currency, for liability;
	// zero if it has none.
	Worth money.Rate
	// Weight is what one minor unit counts when awards are compared: millionths
	// of the worth of a whole unit or, where it has none, of a whole unit.
	Weight money.Rate
	// Burn is the place in the order in which wallets are used up.
	Burn int
	// Currency is that of stored value, which gift cards alone hold, and no member;
	// empty for members' wallets.
	Currency string
	// Gift is set where it counts the pieces of a reward that rules give, and nil
	// for wallets of value.
	Gift *Gift
}

// Terms say when an award matures and when it expires.
type Terms struct {
	Pending calendar.Span
	// Await is the event type that makes it spendable; Pending is then the
	// longest wait, forever if zero.
	Await   ledger.Name
	Expires Expiry
}

// ExpiryKind is how an expiry is reckoned.
type ExpiryKind uint8

// The kinds of expiry.
const (
	ExpiresNever       ExpiryKind = iota
	ExpiresAfter                  // a length after it was earned, perhaps to the end of a period
	ExpiresOn                     // on a fixed day of the year
	ExpiresSliding                // a length after the member's last activity
	ExpiresAnniversary            // on the anniversary of the enrolment
)

// Expiry says when an award expires.
type Expiry struct {
	Kind  ExpiryKind
	After calendar.Span
	At    calendar.Unit // 0, or the period at whose end
	Month time.Month    // of ExpiresOn
	Day   int
}

// slide is a rule and the wallet in which its awards have a sliding expiry.
type slide struct{ rule, wallet ledger.Name }

// Slide lets activity renew the awards of the giving, if their expiry slides.
func (p *Program) Slide(g *Giving) {
	if g.Terms.Expires.Kind != ExpiresSliding {
		return
	}
	if p.sliding == nil {
		p.sliding = make(map[slide]Expiry)
	}
	p.sliding[slide{g.Rule, g.Wallet.Name}] = g.Terms.Expires
}

// EventType is an event type that the program declares.
type EventType struct {
	ID     string
	Name   ledger.Name
	Title  text.Localized
	Fields []EventField
	// Ready tells that it is a ready-made type, which has the catalogue's words.
	Ready bool
}

// EventField is a declared field of an event type.
type EventField struct {
	ID       string
	Kind     condition.Type
	Title    text.Localized
	Required bool
}

// Rule is what an explanation needs of a named part of the program.
type Rule struct {
	Name  ledger.Name
	Path  string // "earn[2]", for whoever looks for it in the document
	Title text.Localized
	// When and Items are its conditions, nil if it has none.
	When, Items *condition.Expression
	// For says whom it is for; nil for everybody.
	For *condition.Expression
	// Window says when it applies, in sentences; empty if always.
	Window []text.Message
	// Givings are all that it can give.
	Givings []*Giving
	// Apart tells that it gives beside what the event itself brings, so that
	// returned goods leave it alone: its stage sees to what becomes of it.
	Apart bool
	// Goal says what it counts, for rules that count towards goals.
	Goal *GoalWords
}

// GoalWords puts goals over several events into words.
type GoalWords struct {
	// Say gives an amount of what counts: bare as a number, else with the name of
	// what counts.
	Say func(amount int64, bare bool) any
	// Prize gives what the goal with the number, from 0, gives.
	Prize func(goal int) any
	// Scale is the number of decimals of what counts, and Distinct tells that different
	// values count, and not a sum.
	Scale    int
	Distinct bool
	// Money tells that money counts; Wallet is the one whose unit counts, or nil.
	Money  bool
	Wallet *Wallet
}

// Budget is a limit over all members.
type Budget struct {
	Quota ledger.Name
	Rule  ledger.Name
	// Wallet is the wallet in whose minor units it counts; zero if it counts money
	// or uses.
	Wallet ledger.Name
	// Cap is what it gives in all or, by Limit, in each period and store.
	Cap   int64
	Limit Limit
	// Money tells that it counts millionths of the currency's minor unit, and Off
	// that it counts minor units that are taken off prices.
	Money, Off bool
}

// Wallet gives the rules of the wallet with that number, or what counts the pieces
// of the reward with that number, and nil if the program has neither.
func (p *Program) Wallet(name ledger.Name) *Wallet {
	for i := range p.Wallets {
		if p.Wallets[i].Name == name {
			return &p.Wallets[i]
		}
	}
	return p.giftOf(name)
}

// WalletByID gives the rules of the wallet with that id, and nil if the program
// has none.
func (p *Program) WalletByID(id string) *Wallet {
	for i := range p.Wallets {
		if p.Wallets[i].ID == id {
			return &p.Wallets[i]
		}
	}
	return nil
}

// Shortfall says what happens when a member has less of the wallet than is taken
// back. A wallet that knows no debt loses the rest: what came back can't be
// refused.
func (p *Program) Shortfall(wallet ledger.Name) ledger.Shortfall {
	if w := p.Wallet(wallet); w != nil && w.Short == ledger.CarryNeg {
		return ledger.CarryNeg
	}
	return ledger.StopAt
}

// EventType gives the program's own event type, and nil if it declares none of
// that id.
func (p *Program) EventType(id string) *EventType {
	for i := range p.Types {
		if p.Types[i].ID == id {
			return &p.Types[i]
		}
	}
	return nil
}

// Stages lists the compiled mechanics in the order of the pipeline.
func (p *Program) Stages() []Stage { return p.stages }

// Live is a program and the instant from which it is in force.
type Live struct {
	From    calendar.Instant
	Program *Program
	// renews tells that other things happen to members by themselves from then on.
	renews bool
}

// Timeline is which program was in force when. It is immutable.
type Timeline struct {
	lives []Live
	// renews tells that one of the programs does.
	renews bool
}

// NewTimeline orders the programs by the instants at which they went live; of
// two at one instant the later version counts.
func NewTimeline(lives ...Live) *Timeline {
	t := &Timeline{lives: append([]Live(nil), lives...)}
	sort.SliceStable(t.lives, func(i, j int) bool {
		a, b := t.lives[i], t.lives[j]
		if a.From != b.From {
			return a.From < b.From
		}
		return a.Program.Version < b.Program.Version
	})
	for i := range t.lives {
		t.lives[i].renews = i > 0 && renews(t.lives[i].Program, t.lives[i-1].Program)
		t.renews = t.renews || t.lives[i].renews
	}
	return t
}

// At gives the program in force at the instant; nil before the first.
func (t *Timeline) At(at calendar.Instant) *Program {
	for i := len(t.lives) - 1; i >= 0; i-- {
		if t.lives[i].From <= at {
			return t.lives[i].Program
		}
	}
	return nil
}

// All lists the programs in the order in which they are live.
func (t *Timeline) All() []Live { return t.lives }

// Version gives the program with the version, and nil if it is not there.
func (t *Timeline) Version(v uint32) *Program {
	for i := range t.lives {
		if t.lives[i].Program.Version == v {
			return t.lives[i].Program
		}
	}
	return nil
}
