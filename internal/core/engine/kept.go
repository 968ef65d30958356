package engine

import (
	"premia/internal/core/condition"
	"premia/internal/core/ledger"
)

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
