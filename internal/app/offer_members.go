package app

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
	"premia/internal/store"
)

// CodeUnknownOffer says that no version of the program has such an offer.
const CodeUnknownOffer = "unknown_offer_rule"

// offerKind begins the names of offers.
const offerKind = "offer."

// offerPage is how many members of an offer are listed at a time.
const offerPage = 50

// OfferSteps are how far an offer may have come with a member, by their names.
var OfferSteps = []string{"given", "active", "used"}

// OfferChoice chooses those with whom an offer came as far as Step says; empty is all. The
// last changed stand first or, with Up, last.
type OfferChoice struct {
	Offer, Step string
	Up          bool
}

// OfferMembers lists the members who were given an offer, activated or used it, from the
// place after which the page before ended. It follows the journal by a few seconds. Next is
// empty on the last page.
func (a *App) OfferMembers(ctx context.Context, c OfferChoice, after string) (list []store.OfferMember, next string, err error) {
	if err := may(ctx, auth.MembersSee); err != nil {
		return nil, "", err
	}
	name, known := a.Journal.Rules().Names.Find(offerKind + c.Offer)
	if !known {
		return nil, "", problem(CodeUnknownOffer, "offer", text.Say("the program has no offer {Offer}", strconv.Quote(c.Offer)), "Key", text.Quoted(c.Offer))
	}
	if _, err := a.CatchUpFigures(ctx); err != nil {
		return nil, "", err
	}
	step := map[string]store.OfferStep{"given": store.OfferGiven, "active": store.OfferActive, "used": store.OfferUsed}[c.Step]
	changed, member := calendar.Never, ledger.MemberID(0)
	if c.Up {
		changed = calendar.Beginning
	}
	if at, id, ok := strings.Cut(after, "~"); ok {
		n, err := strconv.ParseInt(at, 10, 64)
		m, wrong := strconv.ParseInt(id, 10, 64)
		if err == nil && wrong == nil {
			changed, member = calendar.Instant(n), ledger.MemberID(m)
		}
	}
	list, err = a.Store.OfferMembers(ctx, name, step, changed, member, c.Up, offerPage+1)
	if len(list) > offerPage {
		last := list[offerPage-1]
		return list[:offerPage], fmt.Sprintf("%d~%d", int64(last.Changed), int64(last.Member)), err
	}
	return list, "", err
}
