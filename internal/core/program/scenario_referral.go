package program

import (
	"slices"

	"premia/internal/core/document"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/referral"
	"premia/internal/core/text"
)

// The keys of a step that enrols which are no facts: who brought the member, and
// by what the two turn out to be one person.
const (
	referredBy     = "referred_by"
	sameAsReferrer = "same_as_referrer"
)

// samenesses are by what two members can be one person.
var samenesses = []string{"email", "phone", "card", "address", "device"}

// joins makes the event of a step in which the member joins, changes facts, becomes
// an ambassador, or says
// later at whose invitation they joined; it answers how many of these the step has,
// and where.
func (k *stepChecker) joins(e *event.Event) (path string, said int) {
	if k.step.Enrol != nil {
		said++
		e.Type, path = event.Enrolment, k.path+".enrol"
		k.facts(e, path, k.step.Enrol)
	}
	if k.step.Profile != nil {
		said++
		e.Type, path = event.Profile, k.path+".profile"
		k.facts(e, path, k.step.Profile)
	}
	if k.step.Referrer != "" {
		said++
		e.Type, path, k.referrer = event.Profile, k.path+".referred_by", k.step.Referrer
	}
	if at, more := k.standing(e); more > 0 {
		said += more
		path = at
	}
	return path, said
}

// referral keeps what a step that enrols says of the referrer, and answers whether
// the key is about that.
func (k *stepChecker) referral(e *event.Event, key, value string) bool {
	switch key {
	case referredBy:
		k.referrer = value
	case sameAsReferrer:
		if !slices.Contains(samenesses, value) {
			k.unknown(document.Join(k.path+".enrol", key), document.CodeNotAllowed, text.Say("two members can't be the same by {Value}", quoted(value)), value, samenesses)
		}
		e.Data = append(e.Data, event.Datum{Name: referral.Not, Kind: event.Text, Text: referral.SamePrefix + value})
	default:
		return false
	}
	return true
}

// refer gives the event of a step the number of whoever brought the member, and
// what the two have in common.
func (r *stageRun) refer(e *event.Event, sc *scene) {
	if sc.referrer == "" {
		return
	}
	by := r.named(sc.referrer, ledger.Active)
	e.Data = append(slices.Clone(e.Data),
		event.Datum{Name: referral.By, Kind: event.Whole, Whole: int64(by.id)},
		event.Datum{Name: referral.To, Kind: event.Whole, Whole: int64(by.id)},
		event.Datum{Name: referral.Since, Kind: event.Whole, Whole: int64(by.state.JoinedAt())},
	)
}
