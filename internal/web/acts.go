package web

// What requests need not tell the audit trail, and why.
const (
	notDone   = "- nothing is changed by it"
	byMember  = "- a member's own act, which stands in the journal"
	bySession = "- ends a member's own session, which nobody else has to know of"
)

// acts say of every route that changes something what the audit trail is told of it: the
// actions of which a request that does something tells one or more, or, after a hyphen,
// why it tells none. Tests fail over a route that is not here.
var acts = map[string]string{
	// Signing in and out.
	"POST /console/sign-in":             "session.started",
	"POST /console/sign-in/code":        "session.started",
	"POST /console/sign-in/passkey/ask": notDone,
	"POST /console/sign-in/passkey":     "session.started",
	"POST /console/sign-out":            "session.ended",
	"POST /console/prove":               "session.proved",
	"POST /console/prove/passkey":       "session.proved",
	"POST /console/forgotten":           "- the link is made after the answer, which says the same of everybody; making it tells user.password_link_made",
	"POST /console/password/{token}":    "user.password_changed",
	"POST /console/welcome/{token}":     "invitation.accepted",

	// One's own account.
	"POST /console/account":                           "user.renamed",
	"POST /console/account/password":                  "user.password_changed",
	"POST /console/account/sessions/{session}/revoke": "session.revoked",
	"POST /console/account/sessions/revoke-others":    "session.revoked",
	"POST /console/account/code/begin":                "- the secret is kept when its first code was right",
	"POST /console/account/code":                      "user.code_added",
	"POST /console/account/code/remove":               "user.code_removed",
	"POST /console/account/recovery":                  "user.recovery_made",
	"POST /console/account/passkeys/ask":              notDone,
	"POST /console/account/passkeys":                  "user.passkey_added",
	"POST /console/account/passkeys/remove":           "user.passkey_removed",
	"POST /console/account/pin":                       "user.pin_set",

	// Users, keys and rules of signing in.
	"POST /console/users/invite":                           "user.invited",
	"POST /console/users/{user}/role":                      "user.changed",
	"POST /console/users/{user}/disable":                   "user.disabled",
	"POST /console/users/{user}/enable":                    "user.enabled",
	"POST /console/users/{user}/factors/remove":            "user.factors_removed",
	"POST /console/users/{user}/erase":                     "user.erased",
	"POST /console/users/{user}/password-link":             "user.password_link_made",
	"POST /console/users/{user}/sessions/{session}/revoke": "session.revoked",
	"POST /console/invitations/{invitation}/revoke":        "invitation.revoked",
	"POST /console/keys/new":                               "key.created",
	"POST /console/keys/{key}/revoke":                      "key.revoked",
	"POST /console/access":                                 "settings.changed",
	"POST /console/tills/{till}/close":                     "till.closed",
	"POST /console/pins/{user}":                            "user.pin_set",
	"POST /console/pins/{user}/remove":                     "user.pin_removed",

	// Members.
	"POST /console/members/new":                "event.enrolment",
	"POST /console/members/{member}/edit":      "event.profile",
	"POST /console/members/{member}/block":     "event.profile",
	"POST /console/members/{member}/unblock":   "event.profile",
	"POST /console/members/{member}/merge":     "event.merge",
	"POST /console/members/{member}/adjust":    "event.adjustment",
	"POST /console/members/{member}/undo":      "event.adjustment",
	"POST /console/members/{member}/rewards":   "event.redemption",
	"POST /console/members/{member}/take-back": "event.cancellation event.refund",
	"POST /console/members/{member}/erase":     "personal.erased",
	"POST /console/adjustments/approve":        "event.approval",
	"POST /console/adjustments/reject":         "event.rejection",

	// The program.
	"POST /console/program/drafts":                   "draft.begun",
	"POST /console/program/drafts/{draft}/form":      "draft.changed draft.begun",
	"POST /console/program/drafts/{draft}/part":      "draft.changed draft.begun",
	"POST /console/program/drafts/{draft}/text":      "draft.changed draft.begun",
	"POST /console/program/drafts/{draft}/check":     notDone,
	"POST /console/program/complete":                 notDone,
	"POST /console/program/drafts/{draft}/cost":      notDone,
	"POST /console/program/drafts/{draft}/publish":   "program.published",
	"POST /console/program/drafts/{draft}/request":   "draft.requested",
	"POST /console/program/drafts/{draft}/back":      "draft.sent_back",
	"POST /console/program/drafts/{draft}/discard":   "draft.discarded",
	"POST /console/program/drafts/{draft}/restore":   "draft.restored",
	"POST /console/program/make/{wish}":              "draft.begun draft.changed",
	"POST /console/program/versions/{version}/again": "program.rolled_back draft.begun",

	// Rewards, codes, contests and money.
	"POST /console/redemptions/{redemption}/{act}":  "event.confirmation event.cancellation event.refund event.fulfilment",
	"POST /console/campaigns/{rule}/{act}":          "program.published draft.begun",
	"POST /console/rewards/{reward}/picture":        "reward.picture_set reward.picture_described",
	"POST /console/rewards/{reward}/picture/remove": "reward.picture_removed",
	"POST /console/codes/new":                       "codes.made",
	"POST /console/codes/{batch}/go-on":             "codes.made",
	"POST /console/codes/import":                    "codes.imported",
	"POST /console/codes/block":                     "code.blocked",
	"POST /console/contests/{contest}/claim":        "event.contest_claim",
	"POST /console/contests/{contest}/draw":         "contest.drawn contest.finished",
	"POST /console/payouts":                         "payouts.batched",
	"POST /console/payouts/account":                 "settings.changed",
	"POST /console/payouts/{batch}/settle":          "payouts.settled",
	"POST /console/payouts/{batch}/fail":            "payouts.settled",

	"POST /console/prices": "price.set",

	// Settings and upkeep.
	"POST /console/settings":                 "settings.changed",
	"POST /console/settings/logo":            "settings.changed",
	"POST /console/settings/logo/remove":     "settings.changed",
	"POST /console/retention":                "settings.changed",
	"POST /console/sandbox":                  "sandbox.clock_moved",
	"POST /console/outbox/retry":             "outbox.retried",
	"POST /console/outbox/{message}/give-up": "outbox.given_up",
	"POST /console/upkeep/retry":             "upkeep.retried",
	"POST /console/setup/program":            "settings.changed",
	"POST /console/setup/name":               "settings.changed",
	"POST /console/setup/look":               "settings.changed",
	"POST /console/setup/draft":              "draft.begun",
	"POST /console/setup/publish":            "program.published",

	// Webhooks.
	"POST /console/webhooks/new":                              "webhook.created",
	"POST /console/webhooks/{endpoint}/edit":                  "webhook.changed",
	"POST /console/webhooks/{endpoint}/{act}":                 "webhook.changed webhook.removed webhook.rotated webhook.tested webhook.replayed",
	"POST /console/webhooks/{endpoint}/deliveries/{delivery}": "webhook.resent",

	// The till.
	"POST /console/tills":                                 "till.made",
	"POST /console/tills/{till}/link":                     "till.linked",
	"POST /till/open/{token}":                             "till.opened",
	"POST /till/left/{event}":                             "- what is under way is left to the journal, which answers for it once",
	"POST /till/members/{member}/taken/{redemption}/back": "event.cancellation event.refund",
	"POST /till/set-up":                                   "till.opened",
	"POST /till/unlock":                                   "till.unlocked",
	"POST /till/lock":                                     "till.locked",
	"POST /till/find":                                     notDone,
	"POST /till/enrol":                                    "event.enrolment",
	"POST /till/members/{member}/phone":                   "member.link_made",
	"POST /till/members/{member}/purchase":                "- shows what the purchase would bring",
	"POST /till/members/{member}/purchase/book":           "event.purchase",
	"POST /till/members/{member}/return/{purchase}":       "- shows what the return would take back",
	"POST /till/members/{member}/return/{purchase}/book":  "event.return",
	"POST /till/members/{member}/rewards/{reward}":        "event.redemption",
	"POST /till/members/{member}/taken/{redemption}":      "event.confirmation event.cancellation event.fulfilment",

	// Members' own pages.
	"POST /sign-in":                 notDone,
	"POST /sign-in/code":            byMember,
	"POST /sign-in/link/{token}":    byMember,
	"POST /sign-in/shop":            byMember,
	"POST /join":                    byMember,
	"POST /sign-in/passkey/ask":     notDone,
	"POST /sign-in/passkey":         byMember,
	"POST /profile/passkeys/ask":    notDone,
	"POST /profile/passkeys":        "- a member's own act; member.passkey_added is told in their name",
	"POST /profile/passkeys/remove": "- a member's own act; member.passkey_removed is told in their name",
	"POST /profile/prove":           byMember,
	"POST /profile/contacts":        notDone,
	"POST /profile/contacts/code":   byMember,
	"POST /profile/contacts/remove": byMember,
	"POST /sign-out":                bySession,
	"POST /profile":                 byMember,
	"POST /profile/consents":        byMember,
	"POST /profile/sign-out-others": bySession,
	"POST /profile/leave":           byMember,
	"POST /offers/{offer}/activate": byMember,
	"POST /offers/{offer}/give-up":  byMember,
	"POST /choices/{choice}":        byMember,
	"POST /rewards/{reward}":        byMember,
}
