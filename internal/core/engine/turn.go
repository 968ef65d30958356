package engine

import (
	"errors"
	"math"
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/condition"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// Quotas tells what is left of the budgets that span members.
type Quotas interface {
	// Left gives what is left of the quota when it can give limit in all.
	Left(quota ledger.Quota, limit int64) int64
}

// Inputs are what a decision needs from outside the member.
type Inputs struct {
	// Clock is the instant to which time passes before the event: its arrival,
	// or in an import the event's own time.
	Clock calendar.Instant
	// Quotas are the budgets; nil grants everything.
	Quotas Quotas
	// Member is the member's number; zero for a guest.
	Member ledger.MemberID
	// Claimed is the guest's purchase that a claim is about, and ClaimedGuest
	// tells that it was indeed a guest's.
	Claimed      *event.Event
	ClaimedGuest bool
	// History are the member's decided events, for returns; nil elsewhere.
	History History
	// Waiting are returns of the purchase's order that came before it, or before
	// its claim.
	Waiting [][]byte
	// Codes are what the workspace knows of the event's codes, in their order; nil
	// where it knows none beside those that the program declares.
	Codes []Code
	// Asked tells that this is a quote: nothing will come of the decision, so that
	// codes which can't be used are left out instead of refusing the event.
	Asked bool
	// Draw is the seed of what is decided by chance, which the workspace's secret
	// gives for the event's id; empty where nothing is to be drawn.
	Draw []byte
}

// Stored gives the quotas under which a stored decision is made again: what it
// was granted, no more where it was cut.
type Stored []Grant

// Left gives all that the decision was granted until it was cut, and otherwise
// everything. What was given back after that was not there yet.
func (s Stored) Left(quota ledger.Quota, limit int64) int64 {
	sum, left := int64(0), limit
	for _, g := range s {
		if g.Quota != quota {
			continue
		}
		sum += g.Amount
		if g.Cut {
			left = sum
		}
	}
	return left
}

// Turn is one decision in the making: what the stages of the pipeline read and
// write.
type Turn struct {
	Program *Program
	State   *ledger.State
	Event   *event.Event
	// Kind is the number of the event's type among the program's names.
	Kind ledger.Name
	In   *Inputs
	// At is when the event counts, Clock the instant to which time has passed.
	At, Clock calendar.Instant
	Book      ledger.Book
	Out       *Decision
	// Awards are what rules have given so far, in order.
	Awards []Award
	// Undone is what a return undid of purchases.
	Undone []Undone
	// LostPrizes are prizes of goals that were taken back.
	LostPrizes []LostPrize
	// Friends are what friends of the member reached, or have not reached after all.
	Friends []FriendReach
	// Decided is the program that decided upon the event, and Happened when that
	// counts, while a stage concludes.
	Decided  *Program
	Happened calendar.Instant
	// TiersBefore are the member's places on ladders before the event.
	TiersBefore []ledger.Tier
	// Mattered tells that the event counted for something, whatever it gave.
	Mattered bool

	rules  *Timeline
	replay *replay // set while a purchase is decided again
	owed   []Given // then, what others would be owed

	drawn   bool // the family has answered what was missing
	item    int
	whole   event.Item // the goods of an event without items
	marks   []bool
	totals  []int64
	in      Inputs // what In points to
	moments moments
}

// Met evaluates a rule's condition; nil is always met. If it is not met, the
// step says why.
func (t *Turn) Met(x *condition.Expression, rule ledger.Name) bool {
	if x == nil {
		return true
	}
	o := x.Test(t)
	if o.Met {
		return true
	}
	step := Step{Rule: rule, Result: NotMet, Part: uint8(min(o.Part, 255))}
	if o.Err == nil {
		step.Read = Shown(o.Read)
	} else {
		step.Result, step.Read = unreadable(o.Err)
	}
	t.Out.Steps = append(t.Out.Steps, step)
	return false
}

// longestShown is how many bytes of a text an explanation keeps.
const longestShown = 60

// unreadable says why a condition has no value.
func unreadable(err error) (Result, string) {
	var absent *condition.Absent
	if errors.As(err, &absent) {
		return Missing, absent.Name
	}
	return Failed, ""
}

// Shown gives a value that a condition read as the explanation keeps it; lists
// and objects are not kept.
func Shown(v condition.Value) string {
	switch v.Kind() {
	case condition.KindString:
		s := v.Text()
		if len(s) <= longestShown {
			return s
		}
		return strings.ToValidUTF8(s[:longestShown], "") // no half of a letter
	case condition.KindBool, condition.KindInt, condition.KindDecimal, condition.KindTimestamp:
		return v.String()
	}
	return ""
}

// Matching gives which items meet the condition: all is true where there is no
// condition; otherwise marks has one entry for each item. any tells whether at
// least one does. The marks are good until the turn ends.
//
// An event that names no items but has a total counts as one piece of which only
// the price is known; marks is then empty and not nil.
func (t *Turn) Matching(x *condition.Expression) (marks []bool, all, any bool) {
	if x == nil {
		return nil, true, true
	}
	if len(t.Event.Items) == 0 {
		return []bool{}, false, t.matchesWhole(x)
	}
	start := len(t.marks)
	for i := range t.Event.Items {
		t.item = i
		met, err := x.Bool(t)
		met = met && err == nil
		any = any || met
		t.marks = append(t.marks, met)
	}
	return t.marks[start:len(t.marks):len(t.marks)], false, any
}

// matchesWhole tells whether the goods of an event without items meet the
// condition.
func (t *Turn) matchesWhole(x *condition.Expression) bool {
	e := t.Event
	if e.Given&event.GivenTotal == 0 {
		return false
	}
	t.item = 0
	t.whole = event.Item{Quantity: Power10(event.QuantityScale), Total: max(e.Total-e.Shipping, 0)}
	return x.Test(t).Met
}

// itemAt gives an item or, of an event without items, all its goods.
func (t *Turn) itemAt(index int32) *event.Item {
	if len(t.Event.Items) == 0 {
		return &t.whole
	}
	return &t.Event.Items[index]
}

// Instead lets the rest of the pipeline decide upon another event: the purchase
// that a claim is about, or one at other prices.
func (t *Turn) Instead(e *event.Event) {
	t.Event = e
	if t.replay != nil {
		t.replay.left = nil
	}
	t.Kind, _ = t.Program.Names.Find("event." + e.Type)
}

// Note adds a step to the explanation and answers its place.
func (t *Turn) Note(s Step) int {
	t.Out.Steps = append(t.Out.Steps, s)
	return len(t.Out.Steps) - 1
}

// Grant takes up to want of a quota, none if it must be whole and does not
// fit, and keeps what was granted in the decision.
func (t *Turn) Grant(quota ledger.Quota, limit, want int64, whole bool) int64 {
	granted := max(min(want, t.left(quota, limit)), 0)
	if whole && granted < want {
		granted = 0
	}
	t.Out.Grants = append(t.Out.Grants, Grant{Quota: quota, Amount: granted, Cut: granted < want, Limit: limit})
	return granted
}

// left gives what a quota can still give in this decision.
func (t *Turn) left(quota ledger.Quota, limit int64) int64 {
	if t.In.Quotas == nil {
		return math.MaxInt64
	}
	left := t.In.Quotas.Left(quota, limit)
	for _, g := range t.Out.Grants {
		if g.Quota == quota {
			left -= g.Amount
		}
	}
	return left
}

// FollowUp lets an event for another member leave the decision.
func (t *Turn) FollowUp(f FollowUp) { t.Out.FollowUps = append(t.Out.FollowUps, f) }

// Finish ends the event with the outcome; later stages are not asked.
func (t *Turn) Finish(o Outcome) { t.Out.Outcome = o }

// Finished tells whether a stage has ended the event.
func (t *Turn) Finished() bool { return t.Out.Outcome != 0 }
