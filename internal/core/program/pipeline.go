package program

import (
	"slices"

	"premia/internal/core/engine"
	"premia/internal/core/mechanic/adjustment"
	"premia/internal/core/mechanic/ambassador"
	"premia/internal/core/mechanic/campaign"
	"premia/internal/core/mechanic/challenge"
	"premia/internal/core/mechanic/checkout"
	"premia/internal/core/mechanic/claim"
	"premia/internal/core/mechanic/contest"
	"premia/internal/core/mechanic/conversion"
	"premia/internal/core/mechanic/custom"
	"premia/internal/core/mechanic/earn"
	"premia/internal/core/mechanic/family"
	"premia/internal/core/mechanic/giftcard"
	"premia/internal/core/mechanic/leaderboard"
	"premia/internal/core/mechanic/member"
	"premia/internal/core/mechanic/merge"
	"premia/internal/core/mechanic/offer"
	"premia/internal/core/mechanic/profile"
	"premia/internal/core/mechanic/referral"
	"premia/internal/core/mechanic/returns"
	"premia/internal/core/mechanic/reward"
	"premia/internal/core/mechanic/surprise"
	"premia/internal/core/mechanic/tier"
	"premia/internal/core/mechanic/transfer"
	"premia/internal/core/mechanic/wallet"
)

// Pipeline lists the mechanics in the order in which they are compiled and do their
// part of a decision, in four phases: who the member is, what it costs, what it earns
// and what follows. Where the order within a phase has no reason of its own it is that
// in which members are told of the rules.
func Pipeline() []engine.Mechanic { return slices.Concat(who(), costs(), earns(), follows()) }

// declaring is how many mechanics at the pipeline's start declare what conditions may
// read.
func declaring() int { return len(who()) }

// who finds out whom the event is about and what it is, and says what conditions may
// read: so none of these mechanics has conditions of its own, and they are compiled
// before the first that has.
func who() []engine.Mechanic {
	return []engine.Mechanic{
		member.Mechanic{},  // enrols, so that all others find a member
		merge.Mechanic{},   // of a member who has left nothing else is to be asked
		claim.Mechanic{},   // puts the purchase in its place, which all others decide upon
		custom.Mechanic{},  // declares the event types that those below are about
		profile.Mechanic{}, // names the facts that complete it, for rules further down
		wallet.Mechanic{},  // what waited is spendable, and slid on, before more is added
		tier.Mechanic{},    // counts in wallets and event types; it moves when all is decided
		challenge.Badges{}, // conditions ask for badges; the goals that give them come later
		offer.Mechanic{},   // activates before the purchase that uses it is priced
		offer.Groups{},     // are made of offers
		offer.Choices{},    // open with offers, and conditions ask for both
	}
}

// costs finds the price, on which everything is then earned.
func costs() []engine.Mechanic {
	return []engine.Mechanic{
		family.Mechanic{},     // its answer puts the event in its place for which value was drawn
		checkout.Promotions{}, // are told first; levels and offers add their own to the list
		checkout.Mechanic{},   // puts the purchase at its price in the place of the basket
	}
}

// earns gives what the rules give for the event, each step on top of those before.
func earns() []engine.Mechanic {
	return []engine.Mechanic{
		earn.Mechanic{},         // the base, which the three below multiply
		tier.BenefitsMechanic{}, // multiply the base alone, so nothing of campaigns
		campaign.Mechanic{},     // the best of a group is chosen by what the base is
		offer.Rules{},           // act like campaigns for whoever activated them
		challenge.Challenges{},  // count what the event earned, which is complete now
		challenge.Cards{},       // count events and pieces, nothing that challenges give
		challenge.Streaks{},     // likewise
	}
}

// follows does what is not for the purchase itself: events of their own, and what
// others are told of it.
func follows() []engine.Mechanic {
	return []engine.Mechanic{
		adjustment.Mechanic{},  // an event of its own
		returns.Mechanic{},     // undoes what the phases before gave, and tells those below what
		giftcard.Mechanic{},    // declares the kinds of cards that some rewards are
		reward.Mechanic{},      // sells draws, so before surprises; ends the events of redemptions
		surprise.Mechanic{},    // gives rewards as prizes
		contest.Mechanic{},     // gives rewards as prizes
		transfer.Mechanic{},    // an event of its own
		referral.Mechanic{},    // sees the price that was paid, and what returns have undone
		ambassador.Mechanic{},  // likewise
		conversion.Mechanic{},  // gives rewards for what is left, at moments of its own
		leaderboard.Mechanic{}, // compares what members have when all of it is decided; its prizes are events of their own
	}
}
