package app

import (
	"context"
	"strings"

	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/reward"
)

// AddressFields are the profile's values that say to whom and where something is sent.
var AddressFields = []string{"given_name", "family_name", "street", "postal_code", "city", "country"}

// addressNeeds are those without which nothing arrives.
var addressNeeds = []string{"family_name", "street", "postal_code", "city"}

// Lacks gives those of the address's values that are needed to send something and are not
// among a profile's.
func Lacks(profile map[string]string) []string {
	var out []string
	for _, name := range addressNeeds {
		if strings.TrimSpace(profile[name]) == "" {
			out = append(out, name)
		}
	}
	return out
}

// AddressLines is a profile's address as it stands on a parcel, without lines of which
// nothing is known.
func AddressLines(profile map[string]string) []string {
	var out []string
	for _, names := range [][]string{{"given_name", "family_name"}, {"street"}, {"postal_code", "city"}, {"country"}} {
		var words []string
		for _, name := range names {
			if value := strings.TrimSpace(profile[name]); value != "" {
				words = append(words, value)
			}
		}
		if len(words) > 0 {
			out = append(out, strings.Join(words, " "))
		}
	}
	return out
}

// Fulfils tells how a reward reaches who takes it, by the rules in force: "collect",
// "send", or "none" where nothing is handed over or the program has it no more.
func (a *App) Fulfils(name ledger.Name) string {
	if p := a.program(); p != nil {
		for _, r := range reward.Rewards(p) {
			if r.Name == name && r.Source.Fulfilment != "" {
				return r.Source.Fulfilment
			}
		}
	}
	return "none"
}

// AddressOf gives the profile of a member who is sent something; nil once it was erased.
func (a *App) AddressOf(ctx context.Context, id ledger.MemberID) (map[string]string, error) {
	m, err := a.Member(ctx, id.String())
	if code := AsProblem(err).Code; err != nil && (code == CodeMemberErased || code == CodeUnknownMember) {
		return nil, nil
	}
	return m.Profile, err
}
