package engine

import (
	"fmt"
	"slices"
	"time"

	"github.com/govalues/decimal"

	"premia/internal/core/calendar"
	"premia/internal/core/condition"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// Revision is the engine's number. It rises whenever the same arguments could
// give another decision than before; stored decisions of earlier revisions are
// kept as they are.
const Revision = 1

// Outcome is what became of an event.
type Outcome uint8

// The outcomes of a decision. A refusal is an answer for ever.
const (
	Applied           Outcome = iota + 1 // the rules were applied
	Recorded                             // kept; no rule says anything about it
	RecordedAsGuest                      // kept; the buyer is no member
	Insufficient                         // refused: more than the wallet has
	NoSuchWallet                         // refused: the program has no such wallet
	ClaimTooLate                         // refused: the time to claim is over
	NotAGuestOrder                       // refused: the order was a member's
	MemberBlocked                        // kept, but the member may not earn now
	ForwardedOn                          // a merge went on to the next member
	MergeRefused                         // a merge would have gone in a circle
	PromisedOtherwise                    // kept; the member left before it came
	WaitsForPurchase                     // kept; the purchase of the order is not known yet
	MoreThanBought                       // refused: more goods than remain of the order
	NoSuchReward                         // refused: the program has no such reward
	NotAvailable                         // refused: the reward is not to be had by this member now
	OutOfStock                           // refused: the reward is gone
	NoSuchRedemption                     // refused: the member has no such redemption
	AlreadyConfirmed                     // refused: the redemption was confirmed before
	AlreadyCancelled                     // refused: the redemption was cancelled before
	AlreadyRefunded                      // refused: the redemption was refunded before
	HoldTimedOut                         // refused: the hold ended by itself before
	NotConfirmed                         // refused: the redemption is held and not confirmed yet
	NotRefundable                        // refused: the reward can't be refunded any more
	NoSuchStatus                         // refused: a redemption has no such state, or can't reach it
	NotTransferable                      // refused: the wallet's value can't be given to others
	GivenToOneself                       // refused: giver and receiver are one
	BelowMinimum                         // refused: less than can be given at once
	OverLimit                            // refused: more than can be given
	GiverBlocked                         // refused: a blocked member gives nothing
	ReceiverGone                         // refused: the receiver is no member any more; the value goes back
)

var outcomeNames = [...]string{
	"", "applied", "recorded", "recorded_as_guest", "insufficient_balance", "unknown_wallet",
	"claim_too_late", "not_a_guest_order", "member_blocked", "forwarded", "merge_refused", "member_gone",
	"waits_for_purchase", "more_than_bought",
	"unknown_reward", "reward_not_available", "out_of_stock", "unknown_redemption", "already_confirmed",
	"already_cancelled", "already_refunded", "hold_timed_out", "not_confirmed", "not_refundable", "unknown_status",
	"not_transferable", "transfer_to_self", "below_minimum", "limit_reached", "giver_blocked", "receiver_gone",
}

// String gives the outcome's name as in JSON.
func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return "unknown"
}

// Refused tells whether the event was refused for ever.
func (o Outcome) Refused() bool {
	switch o {
	case Insufficient, NoSuchWallet, ClaimTooLate, NotAGuestOrder, MergeRefused, MoreThanBought,
		NoSuchReward, NotAvailable, OutOfStock, NoSuchRedemption, AlreadyConfirmed, AlreadyCancelled,
		AlreadyRefunded, HoldTimedOut, NotConfirmed, NotRefundable, NoSuchStatus,
		NotTransferable, GivenToOneself, BelowMinimum, OverLimit, GiverBlocked, ReceiverGone:
		return true
	}
	return false
}

// Result is what one rule came to.
type Result uint8

// The results of a rule.
const (
	Gave         Result = iota + 1 // it gave Amount
	NotMet                         // its condition, part Part, is not met
	NoItems                        // no item matches
	Missing                        // the condition reads something that is not there
	NotYet                         // its time has not begun
	Over                           // its time has ended
	WrongTime                      // not at this weekday or hour
	Outdone                        // another campaign of its group gives more
	LimitReached                   // its limit, Limit, leaves nothing
	BudgetSpent                    // its budget is used up
	TooLittle                      // what it counts rounds down to nothing
	Failed                         // its formula has no value here
	Delivered                      // it made pending value spendable
	Renewed                        // it moved an expiry
	Took                           // it took Amount away
	TookBack                       // Amount of what it gave went back with returned goods
	Unmatched                      // returned goods, Read, that no purchase has: Base thousandths
	Redeemed                       // the reward was taken for Amount of the wallet; Base is money to pay
	HeldFor                        // Amount of the wallet is set aside for the reward
	Freed                          // what was set aside for the reward is free again
	Restored                       // Amount of the wallet came back with a refund
	Reached                        // the redemption reached the state Read
	TooDear                        // the reward costs Wanted of the wallet, which has Amount
	SoldOut                        // none of the reward is left
	TakenOften                     // the member took the reward as often as Limit allows: Base times
	GivenAway                      // Amount left for another member
	Received                       // Amount came from another member
	CameBack                       // Amount came back, because nobody is there to receive it
	BelowLeast                     // at least Amount can be given at once
	NotEnough                      // Wanted was to be given, but the wallet has Amount
)

var resultNames = [...]string{
	"", "gave", "not_met", "no_items", "missing", "not_yet", "over", "wrong_time", "outdone",
	"limit_reached", "budget_spent", "too_little", "failed", "delivered", "renewed", "took",
	"took_back", "unmatched", "redeemed", "held", "freed", "restored", "reached", "too_dear", "sold_out", "taken_often",
	"given_away", "received", "came_back", "below_least", "not_enough",
}

// String gives the result's name as in JSON.
func (r Result) String() string {
	if int(r) < len(resultNames) {
		return resultNames[r]
	}
	return "unknown"
}

// Step is one rule that was considered: the explanation's unit. What does not
// concern its result is zero.
type Step struct {
	Rule   ledger.Name
	Result Result
	Wallet ledger.Name
	// Amount is what the rule gave, Wanted what it would have given without its
	// limits, both in the wallet's minor units.
	Amount, Wanted int64
	// Base is what it counted: money in minor units, or items in thousandths.
	Base int64
	// Part is the number of the condition's part that is not met, from 0, and
	// Read what that part read.
	Part uint8
	Read string
	// Limit is the limit that cut the amount; zero if none did.
	Limit Limit
	// By is the campaign that outdid this one.
	By ledger.Name
}

// Limit names one of a rule's limits.
type Limit uint8

// The limits of a rule.
const (
	NoLimit Limit = iota
	EachEvent
	EachDay
	EachWeek
	EachMonth
	EachYear
	EachMember
	InTotal // a budget over all members
	limitKinds
)

var limitNames = [...]string{"", "each event", "each day", "each week", "each month", "each year", "each member", "in total"}

// String gives the limit's name as in documents.
func (l Limit) String() string {
	if int(l) < len(limitNames) {
		return limitNames[l]
	}
	return "unknown"
}

// Grant is what a decision took of a quota: an input that the journal keeps, so
// that the decision can be made again without knowing the others'.
type Grant struct {
	Quota ledger.Name
	// Amount was granted, at most what was wanted; negative gives back.
	Amount int64
	// Cut tells that more was wanted.
	Cut bool
}

// Fact is what a purchase's conditions read of the member: it is decided upon
// again with these when goods are returned.
type Fact struct {
	Field ledger.Name
	Value condition.Value
}

// Returned is goods that a return gave back: so many thousandths of an item of
// the purchase with the event id.
type Returned struct {
	Purchase string
	Item     int
	Quantity int64
}

// FollowUp is an event for another member that leaves a decision. Its id is
// derived from the deciding event's id and its place in the decision.
type FollowUp struct {
	Type    string
	Member  ledger.MemberID
	Order   string
	Carried []byte
}

// Decision is what the engine concluded from one event.
type Decision struct {
	Revision uint32
	Program  uint32 // version whose rules were applied; 0 before the first
	// Clock is the instant to which time had passed when the event was decided.
	Clock calendar.Instant
	// At is the instant at which the event counts.
	At        calendar.Instant
	Outcome   Outcome
	Steps     []Step
	Postings  []ledger.Posting
	Grants    []Grant
	FollowUps []FollowUp
	Facts     []Fact
	Returned  []Returned
}

// Reset empties the decision and keeps its memory.
func (d *Decision) Reset() {
	*d = Decision{Steps: d.Steps[:0], Postings: d.Postings[:0], Grants: d.Grants[:0], FollowUps: d.FollowUps[:0], Facts: d.Facts[:0], Returned: d.Returned[:0]}
}

// Clone gives a copy that shares nothing with the decision.
func (d *Decision) Clone() *Decision {
	c := *d
	c.Steps, c.Postings, c.Grants = slices.Clone(d.Steps), slices.Clone(d.Postings), slices.Clone(d.Grants)
	c.FollowUps, c.Facts, c.Returned = slices.Clone(d.FollowUps), slices.Clone(d.Facts), slices.Clone(d.Returned)
	return &c
}

// decisionLayout is the first byte of an encoded decision.
const decisionLayout = 1

// Append writes the decision in its one canonical, compact form.
func (d *Decision) Append(dst []byte) []byte {
	w := ledger.Writer{Bytes: append(dst, decisionLayout)}
	w.Uint(uint64(d.Revision))
	w.Uint(uint64(d.Program))
	w.Instant(d.Clock)
	w.Int(int64(d.Clock - d.At))
	w.Uint(uint64(d.Outcome))
	w.Uint(uint64(len(d.Steps)))
	for i := range d.Steps {
		d.Steps[i].append(&w)
	}
	ledger.AppendPostings(&w, d.Postings)
	w.Uint(uint64(len(d.Grants)))
	for _, g := range d.Grants {
		w.Uint(uint64(g.Quota)<<1 | bit(g.Cut))
		w.Int(g.Amount)
	}
	w.Uint(uint64(len(d.FollowUps)))
	for _, f := range d.FollowUps {
		w.Text(f.Type)
		w.Uint(uint64(f.Member))
		w.Text(f.Order)
		w.Text(string(f.Carried))
	}
	d.appendReturns(&w)
	return w.Bytes
}

// appendReturns writes what only programs with returns have; nothing where there
// is none.
func (d *Decision) appendReturns(w *ledger.Writer) {
	if len(d.Facts)+len(d.Returned) == 0 {
		return
	}
	w.Uint(uint64(len(d.Facts)))
	for i := range d.Facts {
		w.Uint(uint64(d.Facts[i].Field))
		appendValue(w, d.Facts[i].Value)
	}
	w.Uint(uint64(len(d.Returned)))
	for _, b := range d.Returned {
		w.Text(b.Purchase)
		w.Uint(uint64(b.Item))
		w.Int(b.Quantity)
	}
}

func (d *Decision) readReturns(r *ledger.Reader) {
	if len(r.Bytes) == 0 {
		return
	}
	for n := r.Count(); n > 0; n-- {
		d.Facts = append(d.Facts, Fact{Field: ledger.Name(r.Uint()), Value: readValue(r)})
	}
	for n := r.Count(); n > 0; n-- {
		d.Returned = append(d.Returned, Returned{Purchase: r.Text(), Item: int(r.Uint()), Quantity: r.Int()})
	}
}

func appendValue(w *ledger.Writer, v condition.Value) {
	w.Uint(uint64(v.Kind()))
	switch v.Kind() {
	case condition.KindString:
		w.Text(v.Text())
	case condition.KindDecimal:
		w.Text(v.Decimal().String())
	case condition.KindBool:
		w.Uint(bit(v.Bool()))
	case condition.KindInt:
		w.Int(v.Int())
	case condition.KindTimestamp:
		w.Int(v.Time().UnixMicro())
	case condition.KindDuration:
		w.Int(v.Duration().Microseconds())
	}
}

func readValue(r *ledger.Reader) condition.Value {
	switch condition.Kind(r.Uint()) {
	case condition.KindString:
		return condition.StringValue(r.Text())
	case condition.KindDecimal:
		d, err := decimal.Parse(r.Text())
		if err != nil {
			return condition.Value{}
		}
		return condition.DecimalValue(d)
	case condition.KindBool:
		return condition.BoolValue(r.Uint() == 1)
	case condition.KindInt:
		return condition.IntValue(r.Int())
	case condition.KindTimestamp:
		return condition.TimestampMicroValue(r.Int())
	case condition.KindDuration:
		return condition.DurationValue(time.Duration(r.Int()) * time.Microsecond)
	}
	return condition.Value{}
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// The optional parts of an encoded step.
const (
	stepGave = 1 << iota
	stepWanted
	stepBase
	stepCondition
	stepLimit
	stepBy
)

func (s *Step) append(w *ledger.Writer) {
	parts := uint64(0)
	for i, there := range [...]bool{
		s.Amount != 0 || s.Wallet != 0, s.Wanted != s.Amount, s.Base != 0,
		s.Part != 0 || s.Read != "", s.Limit != 0, s.By != 0,
	} {
		parts |= bit(there) << i
	}
	w.Uint(uint64(s.Rule))
	w.Uint(uint64(s.Result) | parts<<6)
	if parts&stepGave != 0 {
		w.Uint(uint64(s.Wallet))
		w.Int(s.Amount)
	}
	if parts&stepWanted != 0 {
		w.Int(s.Wanted)
	}
	if parts&stepBase != 0 {
		w.Int(s.Base)
	}
	if parts&stepCondition != 0 {
		w.Uint(uint64(s.Part))
		w.Text(s.Read)
	}
	if parts&stepLimit != 0 {
		w.Uint(uint64(s.Limit))
	}
	if parts&stepBy != 0 {
		w.Uint(uint64(s.By))
	}
}

// Waiting gives the returns that a stored decision let follow, for [Inputs] of
// deciding it again.
func (d *Decision) Waiting() [][]byte {
	var waiting [][]byte
	for i := range d.FollowUps {
		if d.FollowUps[i].Type == event.Return {
			waiting = append(waiting, d.FollowUps[i].Carried)
		}
	}
	return waiting
}

// DecodeDecision reads what Append wrote into d, whose memory it reuses.
func DecodeDecision(src []byte, d *Decision) error {
	d.Reset()
	if len(src) == 0 || src[0] != decisionLayout {
		return fmt.Errorf("decision: %w", ledger.ErrMalformed)
	}
	r := ledger.Reader{Bytes: src[1:]}
	d.Revision = uint32(r.Uint())
	d.Program = uint32(r.Uint())
	d.Clock = r.Instant()
	d.At = d.Clock - calendar.Instant(r.Int())
	d.Outcome = Outcome(r.Uint())
	for n := r.Count(); n > 0; n-- {
		d.Steps = append(d.Steps, readStep(&r))
	}
	d.Postings = ledger.ReadPostings(&r, d.Postings)
	for n := r.Count(); n > 0; n-- {
		head := r.Uint()
		d.Grants = append(d.Grants, Grant{Quota: ledger.Name(head >> 1), Cut: head&1 == 1, Amount: r.Int()})
	}
	for n := r.Count(); n > 0; n-- {
		f := FollowUp{Type: r.Text(), Member: ledger.MemberID(r.Uint()), Order: r.Text()}
		if carried := r.Text(); carried != "" {
			f.Carried = []byte(carried)
		}
		d.FollowUps = append(d.FollowUps, f)
	}
	d.readReturns(&r)
	if err := r.Done(); err != nil {
		return fmt.Errorf("decision: %w", err)
	}
	return nil
}

func readStep(r *ledger.Reader) Step {
	s := Step{Rule: ledger.Name(r.Uint())}
	head := r.Uint()
	s.Result = Result(head & 63)
	parts := head >> 6
	if parts&stepGave != 0 {
		s.Wallet, s.Amount = ledger.Name(r.Uint()), r.Int()
	}
	s.Wanted = s.Amount
	if parts&stepWanted != 0 {
		s.Wanted = r.Int()
	}
	if parts&stepBase != 0 {
		s.Base = r.Int()
	}
	if parts&stepCondition != 0 {
		s.Part, s.Read = uint8(r.Uint()), r.Text()
	}
	if parts&stepLimit != 0 {
		s.Limit = Limit(r.Uint())
	}
	if parts&stepBy != 0 {
		s.By = ledger.Name(r.Uint())
	}
	return s
}
