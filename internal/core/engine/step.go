package engine

import (
	"slices"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

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
	// Times is how many of a reward were taken or came back; zero where it is one.
	Times int64
}

// Grant is what a decision took of a quota: an input that the journal keeps, so
// that the decision can be made again without knowing the others'.
type Grant struct {
	Quota ledger.Quota
	// Amount was granted, at most what was wanted; negative gives back.
	Amount int64
	// Cut tells that more was wanted.
	Cut bool
	// Limit is what the quota could give in all; it is not kept in the journal, and
	// zero where the grant gives back.
	Limit int64
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
	// Discounts are what reductions took off a basket at list prices, Codes what
	// was known of the event's codes, in their order, and Paid the lots that were
	// paid with.
	Discounts []Discounted
	Codes     []Code
	Paid      []ledger.Part
	// Vouchers are those that were issued or taken back.
	Vouchers []Voucher
	// Counted is what changed of the progress towards goals, where returns may need
	// it.
	Counted []Counted
	// Draw is the seed of what was decided by chance; empty where nothing was.
	Draw []byte
}

// Reset empties the decision and keeps its memory.
func (d *Decision) Reset() {
	*d = Decision{Steps: d.Steps[:0], Postings: d.Postings[:0], Grants: d.Grants[:0], FollowUps: d.FollowUps[:0], Facts: d.Facts[:0], Returned: d.Returned[:0], Discounts: d.Discounts[:0], Codes: d.Codes[:0], Paid: d.Paid[:0], Vouchers: d.Vouchers[:0], Counted: d.Counted[:0], Draw: d.Draw[:0]}
}

// Clone gives a copy that shares nothing with the decision.
func (d *Decision) Clone() *Decision {
	c := *d
	c.Steps, c.Postings, c.Grants = slices.Clone(d.Steps), slices.Clone(d.Postings), slices.Clone(d.Grants)
	c.FollowUps, c.Facts, c.Returned = slices.Clone(d.FollowUps), slices.Clone(d.Facts), slices.Clone(d.Returned)
	c.Discounts, c.Codes, c.Paid = slices.Clone(d.Discounts), slices.Clone(d.Codes), slices.Clone(d.Paid)
	c.Vouchers, c.Counted, c.Draw = slices.Clone(d.Vouchers), slices.Clone(d.Counted), slices.Clone(d.Draw)
	return &c
}
