package program_test

import (
	"testing"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// invited is how a person joins at the invitation of member 2, who has been one
// for long; why says what is against it.
func invited(by int64, why string) event.Event {
	e := own(event.Enrolment, "",
		event.Datum{Name: "referral_by", Kind: event.Whole, Whole: by},
		event.Datum{Name: "referral_since", Kind: event.Whole, Whole: int64(calendar.Day)},
		event.Datum{Name: "referral_to", Kind: event.Whole, Whole: by},
	)
	if why != "" {
		e.Data = append(e.Data[:1:1], append([]event.Datum{{Name: "referral_not", Kind: event.Text, Text: why}}, e.Data[1:]...)...)
	}
	return e
}

// friends gives what travels to member 1 when a friend, member 2, joined, bought
// and returned it all.
func friends(t *testing.T, p *engine.Program) (joined, bought1, back event.Event) {
	t.Helper()
	happen := []happening{{"02-02 12:00", invited(1, "")}, {"02-03 12:00", bought("F", "10.00")}, {"02-04 12:00", returned("F", 1000)}}
	var out [3]event.Event
	for i := range happen {
		d := decide(t, p, &ledger.State{}, 2, nil, happen[:i+1]...)
		out[i] = event.Event{Type: d.FollowUps[0].Type, Carried: d.FollowUps[0].Carried}
	}
	return out[0], out[1], out[2]
}

// ofReferrals are decisions about friends and those who invited them.
func ofReferrals(t *testing.T, p *engine.Program) []explained {
	joined, bought1, back := friends(t, p)
	out := []explained{
		{name: "joined at an invitation", happen: []happening{{"02-02 12:00", invited(2, "")}}},
		{name: "bought after an invitation", happen: []happening{{"02-02 12:00", invited(2, "")}, {"02-03 12:00", bought("F", "10.00")}}},
		{name: "returned it", happen: []happening{{"02-02 12:00", invited(2, "")}, {"02-03 12:00", bought("F", "10.00")}, {"02-04 12:00", returned("F", 1000)}}},
		{name: "a friend joined", happen: []happening{{"02-02 12:00", joined}}},
		{name: "a friend bought", happen: []happening{{"02-03 12:00", bought1}}},
		{name: "a friend returned it", happen: []happening{{"02-03 12:00", bought1}, {"02-04 12:00", back}}},
		{name: "a friend had returned it before", happen: []happening{{"02-04 12:00", back}, {"02-05 12:00", bought1}}},
		{name: "who invited is gone", happen: []happening{{"02-02 12:00", own(event.Profile, "", truth("erased", 1))}, {"02-03 12:00", bought1}}},
		{name: "invited oneself", happen: []happening{{"02-02 12:00", invited(1, "")}}},
		{name: "invited a second time", happen: []happening{{"02-02 12:00", invited(2, "")}, {"02-03 12:00", invited(3, "")}}},
	}
	for _, why := range []string{"same_email", "same_phone", "same_card", "same_address", "same_device", "circle", "referrer_gone", "blocked", "too_late", "joined_later", "no_referrals"} {
		out = append(out, explained{name: "invited, but " + why, happen: []happening{{"02-02 12:00", invited(2, why)}}})
	}
	return out
}
