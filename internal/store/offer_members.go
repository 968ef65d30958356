package store

import (
	"context"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

// OfferMember is how it stands with an offer and a member, as far as the figures have
// followed the journal. Instants are calendar.None where that never was.
type OfferMember struct {
	Offer  ledger.Name
	Member ledger.MemberID
	// Given, Activated and GivenUp are the last times; one that was activated after it was
	// given up has no GivenUp.
	Given, Activated, GivenUp calendar.Instant
	// Uses is how many purchases had something of it, and Used the last time.
	Uses    int64
	Used    calendar.Instant
	Changed calendar.Instant
}

// OfferStep chooses those with whom an offer came so far.
type OfferStep int64

// The steps, and all of them.
const (
	OfferAny OfferStep = iota
	OfferGiven
	OfferActive // activated, and not given up
	OfferUsed
)

const (
	putOfferMember = `
INSERT INTO offer_members (offer, member, given, activated, given_up, uses, used, changed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (offer, member) DO UPDATE SET
	given = CASE WHEN excluded.given <> 0 THEN excluded.given ELSE offer_members.given END,
	given_up = CASE WHEN excluded.given_up <> 0 OR excluded.activated <> 0 OR excluded.given <> 0 THEN excluded.given_up ELSE offer_members.given_up END,
	activated = CASE WHEN excluded.activated <> 0 THEN excluded.activated ELSE offer_members.activated END,
	uses = offer_members.uses + excluded.uses,
	used = CASE WHEN excluded.used <> 0 THEN excluded.used ELSE offer_members.used END,
	changed = CASE WHEN excluded.changed > offer_members.changed THEN excluded.changed ELSE offer_members.changed END`

	listOfferMembers = `
SELECT offer, member, given, activated, given_up, uses, used, changed FROM offer_members
WHERE offer = $1 AND (changed < $2 OR (changed = $2 AND member < $3))
AND ($4 = 0 OR ($4 = 1 AND given <> 0) OR ($4 = 2 AND activated <> 0 AND given_up = 0) OR ($4 = 3 AND uses > 0))
ORDER BY changed DESC, member DESC LIMIT $5`

	listOfferMembersUp = `
SELECT offer, member, given, activated, given_up, uses, used, changed FROM offer_members
WHERE offer = $1 AND (changed > $2 OR (changed = $2 AND member > $3))
AND ($4 = 0 OR ($4 = 1 AND given <> 0) OR ($4 = 2 AND activated <> 0 AND given_up = 0) OR ($4 = 3 AND uses > 0))
ORDER BY changed, member LIMIT $5`
)

func (o *OfferMember) values() []any {
	return []any{int64(o.Offer), int64(o.Member), int64(o.Given), int64(o.Activated), int64(o.GivenUp), o.Uses, int64(o.Used), int64(o.Changed)}
}

// OfferMembers lists the members of an offer's step from the place of one on, the last
// changed first or, with up, last; at most limit.
func (s *Store) OfferMembers(ctx context.Context, offer ledger.Name, step OfferStep, changed calendar.Instant, member ledger.MemberID, up bool, limit int) ([]OfferMember, error) {
	statement := listOfferMembers
	if up {
		statement = listOfferMembersUp
	}
	return readAll(ctx, s, statement, []any{int64(offer), int64(changed), int64(member), int64(step), int64(limit)}, func(r row) (OfferMember, error) {
		var o OfferMember
		var name, id, given, activated, givenUp, used, last int64
		err := r.Scan(&name, &id, &given, &activated, &givenUp, &o.Uses, &used, &last)
		o.Offer, o.Member, o.Given, o.Activated = ledger.Name(name), ledger.MemberID(id), calendar.Instant(given), calendar.Instant(activated)
		o.GivenUp, o.Used, o.Changed = calendar.Instant(givenUp), calendar.Instant(used), calendar.Instant(last)
		return o, err
	})
}
