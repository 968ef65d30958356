package program_test

import (
	"os"
	"testing"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
)

func activated(offer string) event.Event {
	return event.Event{Type: event.Activation, Offer: offer}
}

func chose(option string) event.Event {
	return event.Event{Type: event.Choice, Choosing: "category", Option: option}
}

// ofOffers are decisions about offers and choices, under a program of their own.
func ofOffers(t *testing.T) []explained {
	src, err := os.ReadFile("testdata/explain-offers.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p := load(t, string(src)).Program
	present := event.Event{Type: event.PersonalOffer, Offer: "present"}
	until := present
	until.Until = calendar.Of(time.Date(2026, 2, 3, 17, 0, 0, 0, time.UTC))
	bread := happening{"02-02 12:00", activated("bread")}
	up := event.Event{Type: event.Deactivation, Offer: "bread"}
	out := []explained{
		{name: "activated", happen: []happening{bread}},
		{name: "activated, for ever", happen: []happening{{"02-02 12:00", activated("once")}}},
		{name: "activated twice", happen: []happening{bread, bread}},
		{name: "activated more of a group than one may", happen: []happening{bread, {"02-03 12:00", activated("milk")}}},
		{name: "given up", happen: []happening{bread, {"02-03 12:00", up}}},
		{name: "given up, but not active", happen: []happening{{"02-03 12:00", up}}},
		{name: "given up, but active for good", happen: []happening{{"02-02 12:00", activated("milk")}, {"02-03 12:00", event.Event{Type: event.Deactivation, Offer: "milk"}}}},
		{name: "no such offer", happen: []happening{{"02-02 12:00", activated("nothing")}}},
		{name: "activated too early", happen: []happening{{"02-02 12:00", activated("late")}}},
		{name: "activated too late", happen: []happening{{"02-04 12:00", activated("early")}}},
		{name: "activated what is for others", happen: []happening{{"02-02 12:00", activated("regulars")}}},
		{name: "activated what was not given", happen: []happening{{"02-02 12:00", activated("present")}}},
		{name: "activated what was used", happen: []happening{{"02-02 12:00", activated("once")}, {"02-03 12:00", own("review", "")}, {"02-03 13:00", activated("once")}}},
		{name: "given", happen: []happening{{"02-02 12:00", present}}},
		{name: "given until a moment", happen: []happening{{"02-02 12:00", until}}},
		{name: "activated what was given", happen: []happening{{"02-02 12:00", present}, {"02-02 13:00", activated("present")}}},
		{name: "a review without offers", happen: []happening{{"02-02 12:00", own("review", "")}}},
		{name: "a review with offers", happen: []happening{{"02-02 12:00", present}, {"02-02 13:00", activated("once")}, {"02-09 12:00", own("review", "")}}},
		{name: "chosen", happen: []happening{{"02-02 12:00", chose("bread")}}},
		{name: "chosen twice", happen: []happening{{"02-02 12:00", chose("bread")}, {"02-03 12:00", chose("milk")}}},
		{name: "chosen what is not there", happen: []happening{{"02-02 12:00", chose("cake")}}},
		{name: "bought without a choice", happen: []happening{{"02-02 12:00", bought("O", "10.00")}}},
		{name: "too many offers", made: &engine.Decision{Outcome: engine.TooManyOffers}},
	}
	for i := range out {
		out[i].program = p
	}
	return out
}
