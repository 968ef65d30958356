package auth

import (
	"slices"
	"strconv"
	"strings"

	"premia/internal/core/text"
)

// Scope is something that a key may do.
type Scope string

// The scopes. Admin includes all others.
const (
	EventsRead            Scope = "events:read"       // read events and ask for quotes
	EventsWrite           Scope = "events:write"      // send events
	AdjustmentsWrite      Scope = "adjustments:write" // give and take value by hand
	MembersRead           Scope = "members:read"      // read members, wallets and histories
	MembersWrite          Scope = "members:write"     // enrol, change and merge members
	MembersErase          Scope = "members:erase"     // erase members
	ProgramsRead          Scope = "programs:read"     // read programs
	ProgramsWrite         Scope = "programs:write"    // publish programs
	CodesRead             Scope = "codes:read"        // read and export codes
	CodesWrite            Scope = "codes:write"       // make, give and block codes
	MetricsRead           Scope = "metrics:read"      // read the server's metrics
	GiftCardsWrite        Scope = "gift_cards:write"  // issue, top up and block gift cards
	PayoutsWrite          Scope = "payouts:write"     // make, read, export and settle batches of pay-outs
	UsersReadScope        Scope = "users:read"        // read users, invitations and sessions
	UsersWriteScope       Scope = "users:write"       // invite, change and disable users, end sessions
	AuditReadScope        Scope = "audit:read"        // read the audit trail
	WebhooksReadScope     Scope = "webhooks:read"     // read receivers of webhooks and what was delivered
	WebhooksWriteScope    Scope = "webhooks:write"    // make, change, try and remove receivers of webhooks
	ConversionsWriteScope Scope = "conversions:write" // report purchases by clicks, and nothing else
	Admin                 Scope = "admin"             // everything, API keys included
)

// All lists the scopes.
func All() []Scope {
	return []Scope{EventsRead, EventsWrite, AdjustmentsWrite, MembersRead, MembersWrite, MembersErase, ProgramsRead, ProgramsWrite, CodesRead, CodesWrite, MetricsRead, GiftCardsWrite, PayoutsWrite, UsersReadScope, UsersWriteScope, AuditReadScope, WebhooksReadScope, WebhooksWriteScope, ConversionsWriteScope, Admin}
}

// Scopes is what a key may do.
type Scopes []Scope

// Allow tells whether the scopes include one, by name or as Admin.
func (s Scopes) Allow(one Scope) bool {
	return slices.Contains(s, one) || slices.Contains(s, Admin)
}

// String writes the scopes, separated by spaces.
func (s Scopes) String() string {
	words := make([]string, len(s))
	for i := range s {
		words[i] = string(s[i])
	}
	return strings.Join(words, " ")
}

// ParseScopes reads scopes that are separated by spaces or commas. There must be
// at least one; the result is in the order of All, each once.
func ParseScopes(s string) (Scopes, error) {
	asked := strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' })
	known := All()
	for _, one := range asked {
		if !slices.Contains(known, Scope(one)) {
			return nil, text.Say("there is no scope {Scope}; known are {Known}", strconv.Quote(one), Scopes(known).String())
		}
	}
	var scopes Scopes
	for _, one := range known {
		if slices.Contains(asked, string(one)) {
			scopes = append(scopes, one)
		}
	}
	if len(scopes) == 0 {
		return nil, text.Say("a key needs a scope; known are {Known}", Scopes(known).String())
	}
	return scopes, nil
}
