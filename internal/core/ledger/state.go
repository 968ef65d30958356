// Package ledger keeps a member's value: wallets of lots, moved only by
// double-entry postings. It is pure: every operation changes a [State] in
// memory and appends the postings that say what moved.
//
// What always holds, for every wallet of every state:
//   - each posting takes from one account exactly what it adds to another, so
//     the accounts of a unit sum to zero;
//   - the balance of Pending and Available equals the remaining amounts of the
//     pending and the mature lots, that of Held the parts of the redemptions that
//     are held; Debt is zero or negative;
//   - no lot is negative, and a wallet in debt has no available lots.
package ledger

import (
	"math"

	"premia/internal/core/calendar"
)

// MemberID is a member's number: random, positive, the same in every database
// that the journal is moved to.
type MemberID int64

// Name is the number of a wallet, rule, campaign or other named part of a
// program in the workspace's register of names. Numbers are given at
// publishing, once for each name, and never change; zero is no name.
type Name uint32

// Status is where a member stands.
type Status uint8

// The states of a membership.
const (
	Active Status = iota + 1
	Blocked
	Merged // into another member; every later event belongs to that one
	Erased
	GiftCard      // no person: an account of stored value
	FamilyAccount // no person: the account that the members of a family share
)

// Account tells that the row is no person's: it counts as no member, and does
// nothing that members do.
func (s Status) Account() bool { return s == GiftCard || s == FamilyAccount }

// State is all that the engine keeps of one member. It stays small: open lots,
// running counters and facts, no history.
type State struct {
	Status     Status
	EnrolledAt calendar.Instant
	MergedInto MemberID

	// Purchases counts them and Spend adds up their totals in the currency's
	// minor units, both less what was returned.
	Purchases       int64
	Spend           int64
	FirstPurchaseAt calendar.Instant
	LastPurchaseAt  calendar.Instant

	// LastLot is the number of the newest lot; lots are numbered from 1.
	LastLot  uint32
	Wallets  []Wallet
	Counters []Counter
	Facts    []Fact
	// Redemptions are those that are not finished, in the order of their events.
	Redemptions []Redemption
	// Tiers are the ladders on which something of the member is kept.
	Tiers []Tier
	// Progress is what counts towards goals, in the order of rules and then of
	// their windows.
	Progress []Progress
	// Family is the family that the member belongs to, or, of a family's account,
	// its members.
	Family Family
	// Referrals are who brought the member: one, and after merges others of which
	// nothing new comes.
	Referrals []Referral
	// Undone are what friends reached that was undone before it arrived here.
	Undone []ReferralMark
	// Occasions are the days that come by themselves, in the order in which the
	// member first had them.
	Occasions []Occasion
	// Offers are those that were given or activated, and what was chosen, in the order
	// in which that was decided.
	Offers []Offer
	// Ambassador is when the member is an ambassador by an operator's word.
	Ambassador Ambassadorship
	// Clicked is the last click on an ambassador's link by which the member came; one
	// at most.
	Clicked []Click
	// Withheld are purchases of which goods went back before they arrived here.
	Withheld []Withheld
	// Conversions are the rules that turn value into something else when a period
	// ends, for which the member has value.
	Conversions []Conversion
	// Renewed is the version of the newest program that the member has passed the
	// coming into force of, where other things happen by themselves under it than
	// before; 0 if there was none since the member joined.
	Renewed uint32
	// Scores are what counts on leaderboards, in the order of boards, periods and groups.
	Scores []Score
}

// Wallet is the member's balance in one unit.
type Wallet struct {
	Name Name
	// Debt is what the member owes, zero or positive; it shows as a negative
	// balance.
	Debt int64
	// Issued is all that was ever earned here, less what was taken back.
	Issued int64
	// Lots are the open lots in the order in which they were issued.
	Lots []Lot
}

// Lot is an earned amount with a life of its own.
type Lot struct {
	No        uint32
	Rule      Name // the rule that gave it
	Remaining int64
	EarnedAt  calendar.Instant
	// ActivatesAt is the instant from which a pending lot can be spent;
	// calendar.Never while it waits for an event.
	ActivatesAt calendar.Instant
	// ExpiresAt is the first instant at which it is gone; calendar.Never if it
	// does not expire.
	ExpiresAt calendar.Instant
	Pending   bool
	// Capped says that the rule which gave it has a budget for what is outstanding:
	// what leaves the lot frees as much of that.
	Capped bool
	// Sliding says that activity may renew the expiry; by how much, the program
	// says.
	Sliding bool
	// Await and Order name the event type, and the order in it, that a pending
	// lot waits for; Await is zero for lots that time alone activates.
	Await Name
	Order string
	// Family is the account of the family whose value it is, where a member has it
	// only for a redemption or until it matures: when it is free it goes there, into
	// the lot FamilyLot if that is not zero.
	Family    MemberID
	FamilyLot uint32
}

// Counter is a running sum under a name and, where limits have periods, the
// period that began at Since.
type Counter struct {
	Name  Name
	Slot  uint8 // which of the name's limits
	Since calendar.Instant
	Value int64
}

// Fact is something the engine may know of a member: declared, derived, never
// a personal value such as a birth date.
type Fact struct {
	Name string
	Text string
}

// Balance is the sums of a wallet in its minor units.
type Balance struct {
	Pending, Available, Held, Debt int64
}

// Net is what a member sees: the available amount, negative in debt.
func (b Balance) Net() int64 { return b.Available - b.Debt }

// Balance adds up the wallet's lots; what is held is not among them, see
// [State.BalanceOf].
func (w *Wallet) Balance() Balance {
	b := Balance{Debt: w.Debt}
	for i := range w.Lots {
		if w.Lots[i].Pending {
			b.Pending += w.Lots[i].Remaining
		} else {
			b.Available += w.Lots[i].Remaining
		}
	}
	return b
}

// Wallet gives the member's wallet of that name, and nil while there is none.
func (s *State) Wallet(name Name) *Wallet {
	for i := range s.Wallets {
		if s.Wallets[i].Name == name {
			return &s.Wallets[i]
		}
	}
	return nil
}

// Open gives the member's wallet of that name, made now if there was none.
func (s *State) Open(name Name) *Wallet {
	if w := s.Wallet(name); w != nil {
		return w
	}
	n := len(s.Wallets)
	if n == cap(s.Wallets) {
		s.Wallets = append(s.Wallets, Wallet{})
	}
	// A state whose memory is used again has the lots' memory, too.
	s.Wallets = s.Wallets[:n+1]
	s.Wallets[n] = Wallet{Name: name, Lots: s.Wallets[n].Lots[:0]}
	return &s.Wallets[n]
}

// Count gives the running sum of a limit in the period that began at since. A
// period that is older than all that are kept counts as used up: what was given
// in it is not known any more, and a limit is never exceeded.
func (s *State) Count(name Name, slot uint8, since calendar.Instant) int64 {
	kept, later := 0, 0
	for i := range s.Counters {
		c := &s.Counters[i]
		if c.Name != name || c.Slot != slot {
			continue
		}
		if c.Since == since {
			return c.Value
		}
		kept++
		if c.Since > since {
			later++
		}
	}
	if kept >= periodsKept && later == kept {
		return math.MaxInt64
	}
	return 0
}

// periodsKept is how many periods of one limit are remembered, so that events
// which arrive late still meet the limit of their own day or month.
const periodsKept = 16

// AddCount adds to the running sum of a limit. The newest periods of each limit
// are kept; the oldest gives way.
func (s *State) AddCount(name Name, slot uint8, since calendar.Instant, amount int64) {
	oldest, kept := -1, 0
	for i := range s.Counters {
		c := &s.Counters[i]
		if c.Name != name || c.Slot != slot {
			continue
		}
		if c.Since == since {
			c.Value += amount
			return
		}
		kept++
		if oldest < 0 || c.Since < s.Counters[oldest].Since {
			oldest = i
		}
	}
	fresh := Counter{Name: name, Slot: slot, Since: since, Value: amount}
	switch {
	case kept < periodsKept:
		s.Counters = append(s.Counters, fresh)
	case since > s.Counters[oldest].Since:
		s.Counters[oldest] = fresh
	}
}

// LessCount takes back from a running sum, which may have been forgotten; it
// never falls below zero.
func (s *State) LessCount(name Name, slot uint8, since calendar.Instant, amount int64) {
	for i := range s.Counters {
		c := &s.Counters[i]
		if c.Name == name && c.Slot == slot && c.Since == since {
			c.Value = max(c.Value-amount, 0)
			return
		}
	}
}

// Fact gives the member's fact of that name.
func (s *State) Fact(name string) (string, bool) {
	for i := range s.Facts {
		if s.Facts[i].Name == name {
			return s.Facts[i].Text, true
		}
	}
	return "", false
}

// SetFact keeps a fact; an empty text removes it. Facts stay in order of name.
func (s *State) SetFact(name, text string) {
	at := 0
	for at < len(s.Facts) && s.Facts[at].Name < name {
		at++
	}
	known := at < len(s.Facts) && s.Facts[at].Name == name
	switch {
	case known && text == "":
		s.Facts = append(s.Facts[:at], s.Facts[at+1:]...)
	case known:
		s.Facts[at].Text = text
	case text != "":
		s.Facts = append(s.Facts, Fact{})
		copy(s.Facts[at+1:], s.Facts[at:])
		s.Facts[at] = Fact{Name: name, Text: text}
	}
}

// Clone gives a copy that shares nothing with the state.
func (s *State) Clone() *State {
	c := *s
	c.Wallets = append([]Wallet(nil), s.Wallets...)
	for i := range c.Wallets {
		c.Wallets[i].Lots = append([]Lot(nil), s.Wallets[i].Lots...)
	}
	c.Counters = append([]Counter(nil), s.Counters...)
	c.Facts = append([]Fact(nil), s.Facts...)
	c.Redemptions = append([]Redemption(nil), s.Redemptions...)
	for i := range c.Redemptions {
		c.Redemptions[i].Parts = append([]Part(nil), s.Redemptions[i].Parts...)
		c.Redemptions[i].Uses = append([]Use(nil), s.Redemptions[i].Uses...)
	}
	c.Tiers = append([]Tier(nil), s.Tiers...)
	for i := range c.Tiers {
		c.Tiers[i] = c.Tiers[i].Clone()
	}
	c.Progress = cloneProgress(s.Progress)
	c.Family.Kin = append([]Kin(nil), s.Family.Kin...)
	c.Referrals = cloneReferrals(s.Referrals)
	c.Undone = append([]ReferralMark(nil), s.Undone...)
	c.Occasions = append([]Occasion(nil), s.Occasions...)
	c.Offers = append([]Offer(nil), s.Offers...)
	c.Clicked = append([]Click(nil), s.Clicked...)
	c.Withheld = append([]Withheld(nil), s.Withheld...)
	c.Conversions = append([]Conversion(nil), s.Conversions...)
	c.Scores = append([]Score(nil), s.Scores...)
	return &c
}
