// Package event is the fact that happened to a member, as the engine sees it:
// decoded, with exact amounts in minor units, and without personal data. The
// package reads and writes its JSON form; the journal keeps that form for ever,
// so what it can read it must always be able to read.
package event

import (
	"github.com/govalues/decimal"

	"premia/internal/core/calendar"
)

// The event types that Premia itself knows. A program may declare more.
const (
	Purchase   = "purchase"   // goods or services bought
	Return     = "return"     // goods given back
	Adjustment = "adjustment" // an operator adds or takes value, with a reason
	Claim      = "claim"      // a member claims a purchase made as a guest
	Enrolment  = "enrolment"  // a person becomes a member
	Profile    = "profile"    // a member's facts, status or identities change
	Merge      = "merge"      // this member is merged into another
	Absorb     = "absorb"     // another member's value and history arrive here
	Absorbed   = "absorbed"   // the other member's answer to a merge
	Settle     = "settle"     // only time has passed
	Publish    = "publish"    // a program version goes live; concerns no member
)

// Field says which optional fields a caller gave, as bits of [Event.Given].
type Field uint32

// The optional amounts of an event.
const (
	GivenTotal Field = 1 << iota
	GivenTax
	GivenShipping
	GivenDiscount
	GivenPaidWithGiftCards
	GivenPaidWithPoints
	GivenAmount
)

// Bounds of an event. A request beyond them is refused before any decision.
const (
	MaxItems        = 1_000
	MaxData         = 50
	MaxIDLength     = 128
	MaxTextLength   = 500
	QuantityScale   = 3 // quantities are thousandths: 1.250 kg is 1250
	UnitPriceScale  = 6 // unit prices are millionths of the currency's major unit
	MaxEncodedBytes = 256 << 10
)

// Event is one fact. Amounts of money are minor units of the program's
// currency; times are UTC microseconds.
type Event struct {
	ID   string
	Type string
	// Member names the member as the caller wrote it: "mem_…" or an identity
	// such as "card:2900000000001". It is resolved at the edge and never stored.
	Member string
	// At is when it happened; calendar.None means "on arrival".
	At calendar.Instant

	// Order is the shop's number of the purchase, or of the purchase that a
	// return, a claim or a delivery refers to.
	Order    string
	Currency string
	Channel  string
	Store    string

	// Total is what the customer pays: the items' totals plus shipping minus
	// discount, tax included. The next five are parts of it or reductions.
	Total             int64
	Tax               int64 // contained in Total
	Shipping          int64 // contained in Total
	Discount          int64 // already taken off Total, beyond the items' own
	PaidWithGiftCards int64 // the part of Total paid with stored value
	PaidWithPoints    int64 // the part of Total paid with points
	Items             []Item

	// Wallet and Amount (in the wallet's minor units, negative to take) belong
	// to adjustments; Reason is required there.
	Wallet    string
	Amount    int64
	Reason    string
	Reference string

	// Data are the fields that the program declares for its own event types,
	// and the facts of a profile, in ascending order of name.
	Data []Datum
	// Absorbed is what a merge carries from one member to another; nil
	// elsewhere. It is the ledger's own encoding.
	Carried []byte

	Given Field
}

// Item is one line of a purchase or a return.
type Item struct {
	SKU      string
	Name     string
	Category string
	Brand    string
	// Quantity is in thousandths, positive.
	Quantity int64
	// UnitPrice is in millionths of the currency's major unit.
	UnitPrice int64
	// Total is the line's price in minor units of the currency, after the
	// line's own discounts.
	Total int64
	// GivenTotal tells that the caller gave Total; otherwise it is
	// Quantity × UnitPrice, which must then be exact.
	GivenTotal, GivenUnitPrice bool
}

// Kind is the type of a datum.
type Kind uint8

// The kinds of a datum.
const (
	Text Kind = iota + 1
	Whole
	Decimal
	Truth
	Moment
)

// Datum is one declared field of a custom event, or one fact of a member.
type Datum struct {
	Name    string
	Kind    Kind
	Text    string
	Whole   int64 // Whole; Truth as 0 or 1; Moment as an instant
	Decimal decimal.Decimal
}
