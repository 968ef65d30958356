package engine

import "slices"

// Revision is the engine's number. It rises whenever the same arguments could
// give another decision than before; stored decisions of earlier revisions are
// kept as they are.
const Revision = 3

// Outcome is what became of an event.
type Outcome uint8

// The outcomes of a decision. A refusal is an answer for ever.
const (
	Applied          Outcome = iota + 1 // the rules were applied
	Recorded                            // kept; no rule says anything about it
	RecordedAsGuest                     // kept; the buyer is no member
	Insufficient                        // refused: more than the wallet has
	NoSuchWallet                        // refused: the program has no such wallet
	ClaimTooLate                        // refused: the time to claim is over
	NotAGuestOrder                      // refused: the order was a member's
	MemberBlocked                       // kept, but the member may not earn now
	ForwardedOn                         // a merge went on to the next member
	MergeRefused                        // a merge would have gone in a circle
	_                                   // reserved: decisions were stored with this number
	WaitsForPurchase                    // kept; the purchase of the order is not known yet
	MoreThanBought                      // refused: more goods than remain of the order
	NoSuchReward                        // refused: the program has no such reward
	NotAvailable                        // refused: the reward is not to be had by this member now
	OutOfStock                          // refused: the reward is gone
	NoSuchRedemption                    // refused: the member has no such redemption
	AlreadyConfirmed                    // refused: the redemption was confirmed before
	AlreadyCancelled                    // refused: the redemption was cancelled before
	AlreadyRefunded                     // refused: the redemption was refunded before
	HoldTimedOut                        // refused: the hold ended by itself before
	NotConfirmed                        // refused: the redemption is held and not confirmed yet
	NotRefundable                       // refused: the reward can't be refunded any more
	NoSuchStatus                        // refused: a redemption has no such state, or can't reach it
	NotTransferable                     // refused: the wallet's value can't be given to others
	GivenToOneself                      // refused: giver and receiver are one
	BelowMinimum                        // refused: less than can be given at once
	OverLimit                           // refused: more than can be given
	GiverBlocked                        // refused: a blocked member gives nothing
	ReceiverGone                        // refused: the receiver is no member any more; the value goes back
	NoSuchSlot                          // refused: the reward has no such slot, or it can't be booked now
	NoSuchGiftCard                      // refused: the event is about a gift card, and this is none
	NoPerson                            // refused: a gift card or a family does nothing that members do
	NoSuchKind                          // refused: the program has no such kind of gift card
	GiftCardExists                      // refused: the gift card was issued before
	GiftCardBlocked                     // refused: the gift card is blocked
	GiftCardExpired                     // refused: the gift card's time is over
	GiftCardEmpty                       // refused: nothing is left on the gift card
	OtherCurrency                       // refused: the gift card is in another currency
	NoTopUp                             // refused: gift cards of this kind take nothing more
	WaitsForGiftCard                    // kept; the gift card must give its value back first
	GiftCardUsed                        // refused: the gift card was used, or is held or blocked
	AmountNotOffered                    // refused: gift cards of this kind do not hold so little, or so much
	MoreThanPaid                        // refused: less than that was paid with the gift card

	WaitsForApproval   // kept; a second person is to approve the adjustment
	NoSuchAdjustment   // refused: the member has no adjustment that waited
	NotWaiting         // refused: the adjustment was approved or rejected before
	SecondPersonNeeded // refused: whoever adjusts can't approve it

	CodeRefused    // refused: a code can't be used
	PaymentRefused // refused: it can't be paid like this
	NoSuchCheckout // refused: no such checkout is held
	MembersOnly    // refused: only members can do that

	WaitsForFamily // kept; the family is asked for what is missing
	NoFamilies     // refused: the program has no families
	InAFamily      // refused: the member is in a family already
	NotInFamily    // refused: the member is not in this family
	NotInvited     // refused: the family has not invited the member
	FamilyFull     // refused: the family has as many members as it may
	FamilyTooSoon  // refused: the member left a family only lately
	OnlyTheHead    // refused: only the head of the family may do this

	ReferrerGone // refused: the referrer is no member any more

	NoSuchOffer      // refused: the program has no such offer
	NoSuchChoice     // refused: the program has no such choice, or option
	OfferNotForYou   // refused: the offer is not for this member
	OfferNotYet      // refused: the offer has not begun
	OfferOver        // refused: the offer is over
	AppliesByItself  // refused: the offer needs no activation
	AlreadyActivated // refused: the offer is active already
	OfferUsed        // refused: the offer was used
	ChosenEnough     // refused: the member has activated as many of the group as may be
	NotActive        // refused: the offer is not active
	NoGivingUp       // refused: what was activated stays so
	ChosenAlready    // refused: the member has chosen for this period
	TooManyOffers    // refused: the member has more offers than are kept
	AmbassadorGone   // refused: the ambassador is no member any more
	NoSuchContest    // refused: the program has no such contest
	NothingToClaim   // refused: no ticket of the member's has a prize to claim
	ClaimedTooLate   // refused: the time to claim the prize is over
	GaveWay          // refused: the member can't have the prize, which goes to the next ticket
	CardStays        // refused: gift cards of this kind can only be paid with
)

var outcomeNames = [...]string{
	Applied:            "applied",
	Recorded:           "recorded",
	RecordedAsGuest:    "recorded_as_guest",
	Insufficient:       "insufficient_balance",
	NoSuchWallet:       "unknown_wallet",
	ClaimTooLate:       "claim_too_late",
	NotAGuestOrder:     "not_a_guest_order",
	MemberBlocked:      "member_blocked",
	ForwardedOn:        "forwarded",
	MergeRefused:       "merge_refused",
	WaitsForPurchase:   "waits_for_purchase",
	MoreThanBought:     "more_than_bought",
	NoSuchReward:       "unknown_reward",
	NotAvailable:       "reward_not_available",
	OutOfStock:         "out_of_stock",
	NoSuchRedemption:   "unknown_redemption",
	AlreadyConfirmed:   "already_confirmed",
	AlreadyCancelled:   "already_cancelled",
	AlreadyRefunded:    "already_refunded",
	HoldTimedOut:       "hold_timed_out",
	NotConfirmed:       "not_confirmed",
	NotRefundable:      "not_refundable",
	NoSuchStatus:       "unknown_status",
	NotTransferable:    "not_transferable",
	GivenToOneself:     "transfer_to_self",
	BelowMinimum:       "below_minimum",
	OverLimit:          "limit_reached",
	GiverBlocked:       "giver_blocked",
	ReceiverGone:       "receiver_gone",
	NoSuchSlot:         "unknown_slot",
	NoSuchGiftCard:     "unknown_gift_card",
	NoPerson:           "not_a_person",
	NoSuchKind:         "unknown_gift_card_kind",
	GiftCardExists:     "gift_card_exists",
	GiftCardBlocked:    "gift_card_blocked",
	GiftCardExpired:    "gift_card_expired",
	GiftCardEmpty:      "gift_card_empty",
	OtherCurrency:      "gift_card_currency",
	NoTopUp:            "no_top_up",
	WaitsForGiftCard:   "waits_for_gift_card",
	GiftCardUsed:       "gift_card_used",
	AmountNotOffered:   "amount_not_offered",
	MoreThanPaid:       "more_than_paid",
	WaitsForApproval:   "waits_for_approval",
	NoSuchAdjustment:   "unknown_adjustment",
	NotWaiting:         "not_waiting",
	SecondPersonNeeded: "second_person_needed",

	CodeRefused:    "code_refused",
	PaymentRefused: "payment_refused",
	NoSuchCheckout: "unknown_checkout",
	MembersOnly:    "members_only",

	WaitsForFamily: "waits_for_family",
	NoFamilies:     "no_families",
	InAFamily:      "in_a_family",
	NotInFamily:    "not_in_family",
	NotInvited:     "not_invited",
	FamilyFull:     "family_full",
	FamilyTooSoon:  "family_too_soon",
	OnlyTheHead:    "only_the_head",
	ReferrerGone:   "referrer_gone",

	NoSuchOffer:      "unknown_offer",
	NoSuchChoice:     "unknown_choice",
	OfferNotForYou:   "offer_not_for_you",
	OfferNotYet:      "offer_not_yet",
	OfferOver:        "offer_over",
	AppliesByItself:  "applies_by_itself",
	AlreadyActivated: "already_activated",
	OfferUsed:        "offer_used",
	ChosenEnough:     "chosen_enough",
	NotActive:        "offer_not_active",
	NoGivingUp:       "activated_for_good",
	ChosenAlready:    "already_chosen",
	TooManyOffers:    "too_many_offers",
	AmbassadorGone:   "ambassador_gone",
	NoSuchContest:    "unknown_contest",
	NothingToClaim:   "nothing_to_claim",
	ClaimedTooLate:   "claimed_too_late",
	GaveWay:          "gave_way",
	CardStays:        "gift_card_stays",
}

// String gives the outcome's name as in JSON; empty for a number that is reserved.
func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return "unknown"
}

// Refused tells whether the event was refused for ever.
func (o Outcome) Refused() bool { return slices.Contains(refusals, o) }

var refusals = []Outcome{
	Insufficient,
	NoSuchWallet,
	ClaimTooLate,
	NotAGuestOrder,
	MergeRefused,
	MoreThanBought,
	NoSuchReward,
	NotAvailable,
	OutOfStock,
	NoSuchRedemption,
	AlreadyConfirmed,
	AlreadyCancelled,
	AlreadyRefunded,
	HoldTimedOut,
	NotConfirmed,
	NotRefundable,
	NoSuchStatus,
	NotTransferable,
	GivenToOneself,
	BelowMinimum,
	OverLimit,
	GiverBlocked,
	ReceiverGone,
	NoSuchSlot,
	NoSuchGiftCard,
	NoPerson,
	NoSuchKind,
	GiftCardExists,
	GiftCardBlocked,
	GiftCardExpired,
	GiftCardEmpty,
	OtherCurrency,
	NoTopUp,
	GiftCardUsed,
	AmountNotOffered,
	MoreThanPaid,
	NoSuchAdjustment,
	NotWaiting,
	SecondPersonNeeded,
	CodeRefused,
	PaymentRefused,
	NoSuchCheckout,
	MembersOnly,
	NoFamilies,
	InAFamily,
	NotInFamily,
	NotInvited,
	FamilyFull,
	FamilyTooSoon,
	OnlyTheHead,
	ReferrerGone,
	NoSuchOffer,
	NoSuchChoice,
	OfferNotForYou,
	OfferNotYet,
	OfferOver,
	AppliesByItself,
	AlreadyActivated,
	OfferUsed,
	ChosenEnough,
	NotActive,
	NoGivingUp,
	ChosenAlready,
	TooManyOffers,
	AmbassadorGone,
	NoSuchContest,
	NothingToClaim,
	ClaimedTooLate,
	GaveWay,
	CardStays,
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
	_                              // reserved: decisions were stored with this number
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
	NoSlot                         // the reward has no slot at the instant Base, or one is to be named
	SlotOver                       // the slot at the instant Base has begun
	SlotFar                        // the slot at the instant Base can't be booked yet
	SlotFull                       // the slot at the instant Base has not enough places left
	LevelReached                   // on the ladder, the level By is reached from Read, at the instant Base
	LevelLost                      // on the ladder, the member is at By now, from Read, since the instant Base
	LevelKept                      // on the ladder, the level By goes on past the instant Base
	Progressed                     // Base counted: Amount of the Wanted that the next goal needs
	Achieved                       // the goal of Amount was reached, Base times, and Part is its number
	FellBack                       // Base no longer counts: Amount of the Wanted that the next goal needs
	NotAchieved                    // the goal of Amount is not reached any more, Base times
	Decorated                      // the badge was given
	Undecorated                    // the badge was taken back

	AboveAlone // Amount is more than the Wanted that one person may adjust
	Refrained  // Amount was not adjusted: a second person said no

	Reduced         // Base was taken off the price
	ReducedLess     // Base of what was taken off does not stay with what is left of the purchase
	UnknownCode     // nobody knows the code Read
	MalformedCode   // the code Read has a typing error
	UsedUp          // the code was used as often as it can be
	AnothersCode    // the code is another member's
	NeedsMember     // only a member can have it
	CodeBlocked     // the code is blocked
	BasketTooSmall  // the goods cost Base, and must cost Wanted
	TooFewPieces    // there are too few pieces
	NotCombined     // it does not go with By
	GivenTwice      // the code Read is given twice
	NothingToReduce // there is nothing left that it could reduce
	PaidWith        // Amount of the wallet paid Base
	PaysNot         // the wallet does not pay
	PaysTooMuch     // Amount of the wallet can pay at most, and Wanted was to
	PaysTooLittle   // Amount of the wallet pays at least, and Wanted was to
	PaidBack        // Base of money is to be paid back, of Wanted in all
	UseBack         // the use of the code is given back

	ToFamily       // Amount went to the family
	FromMember     // Amount came from a member of the family
	FromFamily     // Amount came from the family
	ToMember       // Amount went to a member of the family
	AskedBack      // Amount of what the purchase Read brought is to come back from the family
	TookFromFamily // Amount of what the purchase Read brought went back, where the family has it

	Referred           // somebody brought this member
	NotReferred        // who brought this member does not count; Read says why
	CountedForReferrer // Base counts for whoever brought the member; Read is who they were then, or the purchase of which goods went back
	FriendReached      // a friend has reached it
	FriendFellBack     // a friend had reached it, and has not any more
	FriendNeverReached // a friend had reached it, but that was undone before it arrived
	PaidOut            // Base, in money, is to be paid to the member's bank account

	Won         // the prize By was drawn and given
	WonNothing  // nothing was drawn
	PrizeGone   // the prize By was drawn, but is used up
	MayWin      // something will be drawn
	PlayedOften // the member drew as often as Limit allows: Base times
	PrizeBack   // the prize By is taken back with the goods of the purchase Read

	Came // the day of the member's came, at the instant Base

	OfferGiven    // the offer was given to the member, until the instant Base
	Activated     // the offer is active, until the instant Base
	GivenUp       // the offer is not active any more
	Chosen        // the member chose By, until the instant Base
	NotActivated  // the member has not activated the offer
	NotGiven      // the offer is for members to whom it was given
	NotForMember  // the member is not among those whom the offer is for
	NotChosen     // the member has chosen nothing for this period
	NotInRotation // it is another offer's turn
	EnoughChosen  // the member has activated Base of the group, as many as may be
	Entered       // Base entries of the contest, by the event Read
	EnteredOften  // the member has as many entries of the contest as one can: Base
	EntriesBack   // Base entries of the contest went back with the goods of the purchase Read
	WonContest    // the prize By of the contest was won with the ticket Read
	GiftTaken     // Amount of a reward that a rule gave was taken back
	GiftAsked     // Amount of a reward that a rule gave is asked back
	GiftStays     // Amount of a reward that a rule gave stays: it was had or used already
	OnlyGiven     // the reward is not for sale: rules give it

	CameByLink       // the member came by an ambassador's link
	ByNoLink         // the click does not count; Read says why
	CountedByLink    // Base counts for the ambassador; Read is the click
	CommissionFor    // the ambassador is owed for a purchase; Base is what it counted, Read the click
	NoAmbassador     // whose link it was is no ambassador
	CommissionLess   // some of the goods went back; Read is the click
	CommissionUndone // the goods had gone back before the purchase arrived
	MadeAmbassador   // the member is an ambassador from now on
	NoMoreAmbassador // the member is none any more
	Converted        // Amount of the wallet was turned into what the rule gives, Times times
	Scored           // on the leaderboard, Amount counts more, Wanted in all, in the period since Base and the group Read; By is what counts
	ScoredLess       // on the leaderboard, Amount counts less, Wanted in all, in the period since Base and the group Read; By is what counts
	Placed           // on the leaderboard, the member came in place Times with the score Amount, in the period since Base and the group Read
	ToClaim          // the ticket Read has won the prize By, to be claimed before the instant Base
	PrizeLapsed      // the prize By of the ticket Read was not claimed in time
	WonBefore        // the ticket Read wins nothing: another one of the member's has won
)

var resultNames = [...]string{
	Gave:         "gave",
	NotMet:       "not_met",
	NoItems:      "no_items",
	Missing:      "missing",
	NotYet:       "not_yet",
	Over:         "over",
	WrongTime:    "wrong_time",
	Outdone:      "outdone",
	LimitReached: "limit_reached",
	BudgetSpent:  "budget_spent",
	TooLittle:    "too_little",
	Failed:       "failed",
	Delivered:    "delivered",
	Took:         "took",
	TookBack:     "took_back",
	Unmatched:    "unmatched",
	Redeemed:     "redeemed",
	HeldFor:      "held",
	Freed:        "freed",
	Restored:     "restored",
	Reached:      "reached",
	TooDear:      "too_dear",
	SoldOut:      "sold_out",
	TakenOften:   "taken_often",
	GivenAway:    "given_away",
	Received:     "received",
	CameBack:     "came_back",
	BelowLeast:   "below_least",
	NotEnough:    "not_enough",
	NoSlot:       "no_slot",
	SlotOver:     "slot_over",
	SlotFar:      "slot_far",
	SlotFull:     "slot_full",
	LevelReached: "level_reached",
	LevelLost:    "level_lost",
	LevelKept:    "level_kept",
	Progressed:   "progressed",
	Achieved:     "achieved",
	FellBack:     "fell_back",
	NotAchieved:  "not_achieved",
	Decorated:    "decorated",
	Undecorated:  "undecorated",
	AboveAlone:   "above_alone",
	Refrained:    "rejected",

	Reduced:         "reduced",
	ReducedLess:     "reduced_less",
	UnknownCode:     "unknown_code",
	MalformedCode:   "malformed_code",
	UsedUp:          "used_up",
	AnothersCode:    "anothers_code",
	NeedsMember:     "needs_member",
	CodeBlocked:     "code_blocked",
	BasketTooSmall:  "basket_too_small",
	TooFewPieces:    "too_few_pieces",
	NotCombined:     "not_combined",
	GivenTwice:      "given_twice",
	NothingToReduce: "nothing_to_reduce",
	PaidWith:        "paid_with",
	PaysNot:         "pays_not",
	PaysTooMuch:     "pays_too_much",
	PaysTooLittle:   "pays_too_little",
	PaidBack:        "paid_back",
	UseBack:         "use_back",

	ToFamily:       "to_family",
	FromMember:     "from_member",
	FromFamily:     "from_family",
	ToMember:       "to_member",
	AskedBack:      "asked_back",
	TookFromFamily: "took_from_family",
	Referred:       "referred", NotReferred: "not_referred", CountedForReferrer: "counted_for_referrer",
	FriendReached: "friend_reached", FriendFellBack: "friend_fell_back", FriendNeverReached: "friend_never_reached",
	GiftTaken: "gift_taken", GiftAsked: "gift_asked", GiftStays: "gift_stays", OnlyGiven: "only_given", Converted: "converted",
	PaidOut: "paid_out",
	Won:     "won", WonNothing: "won_nothing", PrizeGone: "prize_gone", MayWin: "may_win", PlayedOften: "played_often", PrizeBack: "prize_back",
	Came: "came",

	OfferGiven: "offer_given", Activated: "activated", GivenUp: "given_up", Chosen: "chosen",
	NotActivated: "not_activated", NotGiven: "not_given", NotForMember: "not_for_member",
	NotChosen: "not_chosen", NotInRotation: "not_in_rotation", EnoughChosen: "enough_chosen",
	Entered: "entered", EnteredOften: "entered_often", EntriesBack: "entries_back", WonContest: "won_contest",
	CameByLink: "came_by_link", ByNoLink: "by_no_link", CountedByLink: "counted_by_link",
	CommissionFor: "commission_for", NoAmbassador: "no_ambassador", CommissionLess: "commission_less", CommissionUndone: "commission_undone",
	ToClaim: "to_claim", PrizeLapsed: "prize_lapsed", WonBefore: "won_before",
	MadeAmbassador: "made_ambassador", NoMoreAmbassador: "no_more_ambassador",
	Scored: "scored", ScoredLess: "scored_less", Placed: "placed",
}

// String gives the result's name as in JSON; empty for a number that is reserved.
func (r Result) String() string {
	if int(r) < len(resultNames) {
		return resultNames[r]
	}
	return "unknown"
}
