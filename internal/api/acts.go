package api

import (
	"maps"
	"strings"

	"premia/internal/app"
)

// What operations need not tell the audit trail, and why.
const (
	notDone   = "- nothing is changed by it"
	inJournal = "- what shops and members do stands in the journal, which is chained as well"
)

// acts say of every operation that writes what the audit trail is told of it: the
// actions of which a request that does something tells one or more, or, after a hyphen,
// why it tells none. Tests fail over one that is not here.
var acts = map[string]string{
	"send-event":        inJournal,
	"send-events":       inJournal,
	"quote":             notDone,
	"report-conversion": inJournal,
	"put-prices":        "prices.put",

	"enrol-member":    inJournal,
	"change-member":   "event.profile",
	"add-identity":    "event.profile",
	"merge-member":    "event.merge",
	"erase-member":    "personal.erased",
	"make-ambassador": "event.profile",
	"set-postback":    "postback.set",
	"remove-postback": "postback.removed",
	"adjust":          "event.adjustment",
	"claim":           inJournal,
	"transfer":        inJournal,

	"approve-adjustment": "event.approval",
	"reject-adjustment":  "event.rejection",

	"redeem":             inJournal,
	"confirm-redemption": "event.confirmation",
	"cancel-redemption":  "event.cancellation",
	"refund-redemption":  "event.refund",
	"fulfil-redemption":  "event.fulfilment",

	"give-offer":     "event.personal_offer",
	"activate-offer": inJournal,
	"give-up-offer":  inJournal,
	"choose":         inJournal,
	"claim-prizes":   inJournal,
	"draw-contest":   "contest.drawn contest.finished",

	"found-family":       inJournal,
	"join-family":        inJournal,
	"leave-family":       inJournal,
	"invite-to-family":   inJournal,
	"remove-from-family": inJournal,
	"hand-family-over":   inJournal,

	"issue-gift-card":           "event.gift_card_issue",
	"top-up-gift-card":          "event.gift_card_top_up",
	"move-gift-card":            inJournal,
	"block-gift-card":           "event.gift_card_block",
	"pay-with-gift-card":        inJournal,
	"confirm-gift-card-payment": "event.confirmation",
	"cancel-gift-card-payment":  "event.cancellation",
	"refund-gift-card-payment":  "event.refund",

	"make-codes":   "codes.made",
	"block-code":   "code.blocked",
	"give-voucher": "code.given",

	"create-payout-batch": "payouts.batched",
	"settle-payout-batch": "payouts.settled",

	"publish-program": "program.published",
	"check-program":   notDone,
	"publish-again":   "program.rolled_back",

	"change-user":        "user.changed user.disabled user.enabled",
	"invite-user":        "user.invited",
	"revoke-invitation":  "invitation.revoked",
	"revoke-session":     "session.revoked",
	"create-key":         "key.created",
	"revoke-key":         "key.revoked",
	"move-sandbox-clock": "sandbox.clock_moved",

	"create-webhook-endpoint": "webhook.created",
	"change-webhook-endpoint": "webhook.changed",
	"remove-webhook-endpoint": "webhook.removed",
	"rotate-webhook-secret":   "webhook.rotated",
	"test-webhook-endpoint":   "webhook.tested",
	"replay-webhooks":         "webhook.replayed",
	"resend-webhook":          "webhook.resent",
}

// actsOf gives what the audit trail is told of an operation; empty for nothing.
func actsOf(operation string) string {
	if told := acts[operation]; !strings.HasPrefix(told, "-") {
		return told
	}
	return ""
}

// undeclared reports operations that write and do not say what the audit trail is told,
// and those that are declared and do not exist.
func (s *Server) undeclared() {
	left := maps.Clone(acts)
	for _, id := range s.writes {
		if _, declared := left[id]; !declared {
			s.unaudited(id)
		}
		delete(left, id)
	}
	for id := range left {
		s.unaudited(id)
	}
}

// told tells of a request that was answered whether the audit trail heard of it.
func (s *Server) told(operation string, trail *app.Trail) {
	if acts := actsOf(operation); acts != "" && !trail.Told(acts) {
		s.unaudited(operation)
	}
}
