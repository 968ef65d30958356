package simulate

import (
	"testing"

	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/insight/report"
)

const plainProgram = `
program: points
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets: {points: {name: {en: points}, worth: 0.10}}
earn: [{id: spend, give: {points: 1, per: 1.00}}]
`

const offersProgram = plainProgram + `
offers:
  - {id: week, activate: true, give up: true, bonus: {points: 30}, limits: {points: {in total: 50}}}
  - {id: birthday, personal: true, bonus: {points: 100}}
`

// offerHistory lets three members activate an offer, of whom one gives it up, and gives
// another one to the fourth.
func offerHistory() []*event.Event {
	at := 20_000 * calendar.Day
	next := func(e event.Event) *event.Event {
		at += calendar.Day
		e.At = at
		if e.Type == event.Purchase {
			e.Total, e.Given = 10_00, event.GivenTotal
		}
		return &e
	}
	return []*event.Event{
		next(event.Event{ID: "1", Type: event.Purchase, Member: "card:1"}),
		next(event.Event{ID: "2", Type: event.Purchase, Member: "card:2"}),
		next(event.Event{ID: "3", Type: event.Purchase, Member: "card:3"}),
		next(event.Event{ID: "4", Type: event.Purchase, Member: "card:4"}),
		next(event.Event{ID: "5", Type: event.Activation, Member: "card:1", Offer: "week"}),
		next(event.Event{ID: "6", Type: event.Activation, Member: "card:2", Offer: "week"}),
		next(event.Event{ID: "7", Type: event.Activation, Member: "card:3", Offer: "week"}),
		next(event.Event{ID: "8", Type: event.Deactivation, Member: "card:3", Offer: "week"}),
		next(event.Event{ID: "9", Type: event.PersonalOffer, Member: "card:4", Offer: "birthday"}),
		next(event.Event{ID: "10", Type: event.Purchase, Member: "card:1"}),
		next(event.Event{ID: "11", Type: event.Purchase, Member: "card:2"}),
		next(event.Event{ID: "12", Type: event.Purchase, Member: "card:3"}),
		next(event.Event{ID: "13", Type: event.Purchase, Member: "card:4"}),
	}
}

// TestOffers simulates who activated offers and was given some: of the 60 points that
// two of them had earned the offer's budget leaves 50, and a program without the offers
// comes to what purchases alone give.
func TestOffers(t *testing.T) {
	for workers := 1; workers <= 3; workers += 2 {
		p := compile(t, offersProgram)
		r := simulated(t, p, load(t, p, offerHistory()...), Options{Workers: workers}).Report
		if len(r.Offers) != 2 || r.Wallets[0].Issued.Minor != 8*10+50+100 {
			t.Fatalf("the offers are %+v, and %s points were given", r.Offers, r.Wallets[0].Issued)
		}
		for i, want := range []report.Offer{
			{Offer: "offer.week", Activated: 3, GivenUp: 1, Used: 2},
			{Offer: "offer.birthday", Given: 1, Used: 1},
		} {
			got := r.Offers[i]
			if got.Cost == nil || got.Cost.Minor != []int64{5_00, 10_00}[i] {
				t.Errorf("the offer %s costs %v", got.Offer, got.Cost)
			}
			if got.Cost = nil; got != want {
				t.Errorf("the offer is %+v, want %+v", got, want)
			}
		}
	}
	p := compile(t, plainProgram)
	if r := simulated(t, p, load(t, p, offerHistory()...), Options{}).Report; len(r.Offers) != 0 || r.Wallets[0].Issued.Minor != 80 {
		t.Errorf("without offers: %+v, and %s points", r.Offers, r.Wallets[0].Issued)
	}
}
