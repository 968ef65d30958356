package program_test

import (
	"testing"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/ambassador"
)

// came is a purchase of somebody who came by the link of the member; not says what is
// against it.
func came(by ledger.MemberID, not, order, total string) event.Event {
	e := bought(order, total)
	e.Data = ambassador.DataOf(&ledger.Click{ID: 7, By: by, At: calendar.Of(time.Date(2026, 2, 2, 12, 0, 0, 0, time.UTC)), Subs: []string{"blog"}}, not)
	return e
}

// commissions gives what travels to member 1 when member 2 came by their link, bought
// and returned a part, long before.
func commissions(t *testing.T, p *engine.Program) (owed, less event.Event) {
	t.Helper()
	happen := []happening{{"02-03 12:00", came(1, "", "F", "10.00")}, {"02-04 12:00", returned("F", 1000)}}
	var out [2]event.Event
	for i := range happen {
		d := decide(t, p, &ledger.State{}, 2, nil, happen[:i+1]...)
		out[i] = event.Event{Type: d.FollowUps[0].Type, Carried: d.FollowUps[0].Carried}
	}
	return out[0], out[1]
}

// ofAmbassadors are decisions about links and commissions.
func ofAmbassadors(t *testing.T, p *engine.Program) []explained {
	owed, less := commissions(t, p)
	made := happening{"02-01 12:00", own(event.Profile, "", truth(ambassador.Active, 1))}
	ended := happening{"02-02 12:00", own(event.Profile, "", truth(ambassador.Active, 0))}
	out := []explained{
		{name: "made an ambassador", happen: []happening{made}},
		{name: "no ambassador any more", happen: []happening{made, ended}},
		{name: "a commission", happen: []happening{made, {"02-03 12:00", owed}}},
		{name: "a commission, but no ambassador", happen: []happening{{"02-03 12:00", owed}}},
		{name: "a commission is less", happen: []happening{made, {"02-03 12:00", owed}, {"02-04 12:00", less}}},
		{name: "a commission that was undone", happen: []happening{made, {"02-04 12:00", less}, {"02-05 12:00", owed}}},
		{name: "who advertised is gone", happen: []happening{{"02-02 12:00", own(event.Profile, "", truth("erased", 1))}, {"02-03 12:00", owed}}},
		{name: "came by a link", happen: []happening{{"02-03 12:00", came(2, "", "G", "10.00")}}},
		{name: "came by the own link", happen: []happening{{"02-03 12:00", came(1, "", "G", "10.00")}}},
	}
	for _, not := range []string{"unknown_click", "same_email", "same_phone", "same_card", "same_address", "same_device", "clicked_later", "ambassador_gone"} {
		out = append(out, explained{name: "came by a link, but " + not, happen: []happening{{"02-03 12:00", came(2, not, "G", "10.00")}}})
	}
	return out
}
