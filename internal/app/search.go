package app

import (
	"context"
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/store"
)

// Found is a member whom a search found.
type Found struct {
	ID         ledger.MemberID
	Status     ledger.Status
	EnrolledAt calendar.Instant
	// GivenName and FamilyName as the profile has them; empty where it does not.
	GivenName, FamilyName string
	// Identities by which the member is known, in the order of their kinds.
	Identities []store.Personal
}

// Name is the member's name as people write it; empty where it is not known.
func (f *Found) Name() string { return strings.TrimSpace(f.GivenName + " " + f.FamilyName) }

// MostFound bounds what a search gives.
const MostFound = 200

// SearchMembers finds members by the beginnings of words of their names, e-mail
// addresses, phone numbers, cards and customer numbers, in any spelling and script,
// or one member by their id. It gives at most limit of them, and at most
// [MostFound].
func (a *App) SearchMembers(ctx context.Context, query string, limit int) ([]Found, error) {
	ids, err := a.searched(ctx, strings.TrimSpace(query), min(limit, MostFound))
	if err != nil {
		return nil, err
	}
	return a.foundByID(ctx, ids)
}

// searched gives the ids of those whom the query is about.
func (a *App) searched(ctx context.Context, query string, limit int) ([]ledger.MemberID, error) {
	if strings.HasPrefix(query, ledger.MemberPrefix) {
		if id, err := a.Find(ctx, query); err == nil {
			return []ledger.MemberID{id}, nil
		}
	}
	return a.Store.FindMembers(ctx, query, limit)
}

func foundOf(row *store.Member, values []store.Personal) Found {
	f := Found{ID: row.ID, Status: ledger.Status(row.Status), EnrolledAt: row.EnrolledAt}
	for _, v := range values {
		switch {
		case v.Kind == store.Identity:
			f.Identities = append(f.Identities, v)
		case v.Kind == store.Profile && v.Name == "given_name":
			f.GivenName = v.Value
		case v.Kind == store.Profile && v.Name == "family_name":
			f.FamilyName = v.Value
		}
	}
	return f
}
