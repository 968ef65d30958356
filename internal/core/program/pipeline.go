package program

import (
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

// Pipeline lists the mechanics in the order in which they do their part of a
// decision. Those up to and including Declaring say what conditions may read, so
// none of them has conditions of its own.
func Pipeline() []engine.Mechanic {
	return []engine.Mechanic{
		member.Mechanic{},
		merge.Mechanic{},
		claim.Mechanic{},
		custom.Mechanic{},
		profile.Mechanic{},
		wallet.Mechanic{},
		tier.Mechanic{},
		challenge.Badges{},
		offer.Mechanic{},
		offer.Groups{},
		offer.Choices{},
		family.Mechanic{},
		checkout.Promotions{},
		checkout.Mechanic{},
		earn.Mechanic{},
		tier.BenefitsMechanic{},
		campaign.Mechanic{},
		offer.Rules{},
		challenge.Challenges{},
		challenge.Cards{},
		challenge.Streaks{},
		adjustment.Mechanic{},
		returns.Mechanic{},
		giftcard.Mechanic{},
		reward.Mechanic{},
		surprise.Mechanic{},
		contest.Mechanic{},
		transfer.Mechanic{},
		referral.Mechanic{},
		ambassador.Mechanic{},
		conversion.Mechanic{},
	}
}

// declaring is how many mechanics at the pipeline's start declare what
// conditions may read.
const declaring = 11
