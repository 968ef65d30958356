// Package event is the fact that happened to a member, as the engine sees it:
// decoded, with exact amounts in minor units, and without personal data. The
// package reads and writes its JSON form; the journal keeps that form for ever,
// so what it can read it must always be able to read.
//
// Reading is strict: unknown keys, keys written twice, null, nested data, and
// numbers with an exponent are refused with a [Problem] that says where and what
// to do. An empty text counts as a key left out. Numbers never pass through a
// float.
//
// What always holds: an event that [Decode] gave is written by [Event.Append]
// and read again as the same event; an event that [Event.Check] accepted
// satisfies every bound below, its totals agree, and checking it again changes
// nothing.
package event

import (
	"github.com/govalues/decimal"

	"premia/internal/core/calendar"
)

// Attributed tells whether an event keeps who sent it: those in which somebody of
// the business decides upon a member's value.
func Attributed(eventType string) bool {
	switch eventType {
	case Adjustment, Approval, Rejection, Confirmation, Cancellation, Refund, Fulfilment, PersonalOffer:
		return true
	}
	return false
}

// The event types that Premia itself knows. A program may declare more.
const (
	Purchase   = "purchase"   // goods or services bought
	Return     = "return"     // goods given back
	Adjustment = "adjustment" // an operator adds or takes value, with a reason
	Claim      = "claim"      // a member claims a purchase made as a guest
	Checkout   = "checkout"   // a basket is priced, and its codes and points held

	Redemption   = "redemption"   // a member takes a reward, or holds it
	Confirmation = "confirmation" // a held redemption becomes final
	Cancellation = "cancellation" // a held redemption is given up
	Refund       = "refund"       // a redemption is undone
	Fulfilment   = "fulfilment"   // a redemption reaches another state

	Activation    = "activation"     // a member activates an offer
	Deactivation  = "deactivation"   // a member gives an activated offer up
	Choice        = "choice"         // a member chooses for a period
	PersonalOffer = "personal_offer" // an offer is given to one member

	Approval  = "approval"  // a second person lets an adjustment happen
	Rejection = "rejection" // a second person refuses an adjustment

	Transfer     = "transfer"      // a member gives value to another
	TransferIn   = "transfer_in"   // what another member gave arrives here
	TransferBack = "transfer_back" // what could not be given comes back

	GiftCardIssue    = "gift_card_issue"     // a gift card comes into being, with its first amount
	GiftCardTopUp    = "gift_card_top_up"    // more is put on a gift card
	GiftCardPayment  = "gift_card_payment"   // something is paid with a gift card, or held for that
	GiftCardBlock    = "gift_card_block"     // a gift card can't be used any more, or again
	GiftCardTakeBack = "gift_card_take_back" // a gift card that a member took is to give its value back
	GiftCardAnswer   = "gift_card_answer"    // whether it did

	Family       = "family"        // members form a family, or change it
	FamilyOpen   = "family_open"   // a family's account begins
	FamilyWord   = "family_word"   // a family's account and a member tell each other
	FamilyReturn = "family_return" // goods came back whose value a family has

	Referral     = "referral"      // somebody whom this member brought has reached something
	ReferralBack = "referral_back" // what they had reached is undone

	ContestPrize   = "contest_prize"   // this member's ticket won a prize of a contest
	ContestClaim   = "contest_claim"   // a member claims what their tickets have won
	ContestLapse   = "contest_lapse"   // a prize that nobody claimed in time is over
	GiftWithdrawal = "gift_withdrawal" // vouchers that a rule gave are taken back
	Commission     = "commission"      // somebody who came by this ambassador's link has bought
	CommissionBack = "commission_back" // some of what they had bought went back

	LeaderboardPrize = "leaderboard_prize" // this member's place on a leaderboard brings a prize

	Enrolment        = "enrolment"              // a person becomes a member
	Profile          = "profile"                // a member's facts, status or identities change
	Merge            = "merge"                  // this member is merged into another
	Absorb           = "absorb"                 // another member's value and history arrive here
	Absorbed         = "absorbed"               // the other member's answer to a merge
	Settle           = "settle"                 // only time has passed
	Publish          = "publish"                // a program version goes live; concerns no member
	Birthday         = "birthday"               // a member's birthday; it comes by itself
	Anniversary      = "membership_anniversary" // of the enrolment; it comes by itself
	ProfileCompleted = "profile_completed"      // all that the program asks of a member is known

	// Withdrawn says that what was to come under its id is not wanted any more; it
	// concerns no member, and keeps the id from being used.
	Withdrawn = "withdrawn"
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

// What the server completed in an event, as bits of [Event.Filled]. The digest
// of an event leaves these out, so that a request sent twice is the same
// request.
const (
	FilledTime     Field = 1 << iota // At is the moment of arrival
	FilledCurrency                   // Currency is the program's
)

// Bounds of an event. A request beyond them is refused before any decision.
// They may be raised, never lowered: the journal holds events that reach them.
const (
	MaxItems       = 1_000
	MaxData        = 50
	MaxIDLength    = 128
	MaxTypeLength  = 64
	MaxNameLength  = 64 // of a datum
	MaxOrderLength = 128
	MaxTextLength  = 500
	MaxCodes       = 20
	MaxCodeLength  = 60
	MaxPayments    = 10
	QuantityScale  = 3 // quantities are thousandths: 1.250 kg is 1250
	UnitPriceScale = 6 // unit prices are millionths of the currency's major unit
	MaxRewards     = 1_000
	// MaxQuantity is in thousandths: a million pieces.
	MaxQuantity = 1_000_000_000
	// MaxEncodedBytes bounds what a caller sends. The canonical form may be
	// longer, because it writes amounts with all their decimals, but less than
	// twice as long.
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

	// Prices is [ListPrices] where the basket comes at the shop's list prices, so
	// that Premia reduces it; empty where the shop's prices are final. Only with
	// list prices there may be Codes, as the buyer wrote them, and Pay, what is to
	// be paid with wallets. Checkout is the id of the held checkout that a purchase
	// confirms.
	Prices   string
	Codes    []string
	Pay      []Payment
	Checkout string
	// Click is the id of the click on an ambassador's link, as the shop was told it,
	// by which the buyer came. Purchases and enrolments may have one.
	Click string

	// Wallet and Amount (in the wallet's minor units, negative to take) belong
	// to adjustments, where Reason is required, and to transfers.
	Wallet    string
	Amount    int64
	Reason    string
	Reference string

	// Reward is what a redemption takes; Hold sets it aside until it is confirmed.
	// Redemption is the id of the redemption that a confirmation, a cancellation,
	// a refund or a fulfilment is about; Status is the state it reaches.
	Reward     string
	Hold       bool
	Redemption string
	Status     string
	// Quantity is how many of the reward are taken, from 2 to MaxRewards; zero where
	// it is one. Slot is the beginning of the appointment that is booked.
	Quantity int64
	Slot     calendar.Instant

	// Offer is what a member activates, gives up or is given, Until the first instant
	// at which what is given is over. Choosing is what a choice is made in, and Option
	// what is chosen.
	Offer    string
	Choosing string
	Option   string
	Until    calendar.Instant

	// Contest is the contest whose prizes a member claims.
	Contest string

	// About is the id of the event that an approval or a rejection decides upon.
	About string
	// By says who of the business's people or keys sent it, such as "key_…". The
	// server sets it where that matters; callers can't.
	By string

	// Data are the fields that the program declares for its own event types,
	// and the facts of a profile, in ascending order of name.
	Data []Datum
	// Carried is what a merge, a transfer, a referral or a commission carries from one member to another; empty
	// elsewhere. It is the ledger's own encoding.
	Carried []byte

	// Given says which amounts the caller gave. A purchase without GivenTotal
	// has the Total that [Event.Check] computed; another event may have none,
	// which is a Total of zero without GivenTotal.
	Given Field
	// Filled says what the server completed: whoever sets At on arrival sets
	// FilledTime, and Check sets FilledCurrency.
	Filled Field
}

// Taken gives how many of the reward a redemption takes.
func (e *Event) Taken() int64 { return max(e.Quantity, 1) }

// Item is one line of a purchase or a return.
type Item struct {
	SKU      string
	Name     string
	Category string
	Brand    string
	// Quantity is in thousandths, from 0.001 to 1,000,000 pieces. In JSON, an
	// item without a quantity is one piece.
	Quantity int64
	// UnitPrice is in millionths of the currency's major unit, at least 0.
	UnitPrice int64
	// Total is the line's price in minor units of the currency, after the
	// line's own discounts.
	Total int64
	// GivenTotal tells that the caller gave Total; otherwise it is
	// Quantity × UnitPrice, which must then be exact, or, where goods are
	// returned without a price, zero.
	GivenTotal, GivenUnitPrice bool
}

// ListPrices is the value of [Event.Prices] that lets Premia reduce the basket.
const ListPrices = "list"

// Payment is so much of a wallet, in its minor units, to pay with.
type Payment struct {
	Wallet string
	Amount int64
}

// Kind is the type of a datum.
type Kind uint8

// The kinds of a datum. JSON has no moments: they are read as Text, which the
// program's declaration may turn into a Moment.
const (
	Text    Kind = iota + 1
	Whole        // a number without decimals that an int64 holds, also when written 2.0
	Decimal      // any other number, of at most 19 digits
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
