package engine

import "premia/internal/core/event"

// ForUnknown gives the policy for an event of the type that names an identity
// which nobody has. Buying and acting may make a member, as the program says;
// what refers to an earlier purchase or to a membership never does.
func (p *Program) ForUnknown(eventType string) UnknownPolicy {
	if p.Enrolment.Unknown != EnrolUnknown {
		return p.Enrolment.Unknown
	}
	switch eventType {
	case event.Return, event.Claim, event.Adjustment, event.Profile, event.Checkout, event.Redemption,
		event.Confirmation, event.Cancellation, event.Refund, event.Fulfilment,
		event.Approval, event.Rejection,
		event.Activation, event.Deactivation, event.Choice, event.PersonalOffer:
		return RefuseUnknown
	}
	return EnrolUnknown
}
