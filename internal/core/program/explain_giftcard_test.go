package program_test

import (
	"testing"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

func issued(kind, wallet string, amount int64) event.Event {
	return event.Event{Type: event.GiftCardIssue, Wallet: wallet, Amount: amount, Given: event.GivenAmount,
		Data: []event.Datum{{Name: "kind", Kind: event.Text, Text: kind}}}
}

func onCard(eventType, id string, amount int64) event.Event {
	return event.Event{ID: id, Type: eventType, Wallet: "gift_card_pln", Amount: amount, Given: event.GivenAmount}
}

// asked is the follow-up by which a gift card is to give its value back, and
// answered what it may answer.
func asked(given bool) (asked, answered event.Event) {
	b := engine.TakeBackCard{Cause: "g1", From: 1, Redemption: "g1", Given: given}
	return event.Event{Type: event.GiftCardTakeBack, Carried: b.Append()}, event.Event{Type: event.GiftCardAnswer, Redemption: "g1", Carried: b.Append()}
}

// moved is the follow-up of the type that carries what left gift card 1 for member 1, or
// back onto the card.
func moved(t *testing.T, p *engine.Program, eventType string) event.Event {
	t.Helper()
	var s ledger.State
	d := decide(t, p, &s, 1, nil, happening{"02-02 12:00", issued("birthday", "gift_card_pln", 50_00)}, happening{"02-03 12:00", given(2, "gift_card_pln", 20_00)})
	return event.Event{Type: eventType, Carried: d.FollowUps[0].Carried}
}

// cardExplanations are those of gift cards, which the first event of each issues,
// and of members who take them.
func cardExplanations(t *testing.T, p *engine.Program) []explained {
	card := happening{"02-02 12:00", issued("birthday", "gift_card_pln", 50_00)}
	used := happening{"02-03 12:00", onCard(event.GiftCardPayment, "p1", 20_00)}
	all := happening{"02-03 12:00", onCard(event.GiftCardPayment, "p1", 50_00)}
	off, nowhere, abroad := given(2, "gift_card_pln", 20_00), given(0, "gift_card_pln", 20_00), given(2, "gift_card_eur", 20_00)
	back, given := asked(true)
	_, kept := asked(false)
	blocked := event.Event{Type: event.GiftCardBlock, Data: []event.Datum{truth("blocked", 1)}}
	gift := []happening{rich, {"02-03 12:00", taken("g1", "gift")}, {"02-04 12:00", led(event.Refund, "g1")}}
	hold := onCard(event.GiftCardPayment, "h1", 20_00)
	hold.Hold = true
	return []explained{
		{name: "a gift card is issued", happen: []happening{card}},
		{name: "a gift card is paid with", happen: []happening{card, used}},
		{name: "a gift card is reserved", happen: []happening{card, {"02-03 12:00", hold}}},
		{name: "a payment with a gift card is refunded", happen: []happening{card, used, {"02-04 12:00", led(event.Refund, "p1")}}},
		{name: "more than is on the gift card", happen: []happening{card, {"02-03 12:00", onCard(event.GiftCardPayment, "p1", 50_01)}}},
		{name: "nothing is on the gift card", happen: []happening{card, all, {"02-04 12:00", onCard(event.GiftCardPayment, "p2", 1)}}},
		{name: "the gift card has expired", happen: []happening{card, used, {"06-04 12:00", onCard(event.GiftCardPayment, "p2", 1)}}},
		{name: "the gift card is blocked", happen: []happening{card, {"02-03 12:00", blocked}, used}},
		{name: "the gift card is in another currency", happen: []happening{{"02-02 12:00", issued("travel", "gift_card_eur", 50_00)}, used}},
		{name: "the gift card takes nothing more", happen: []happening{card, {"02-03 12:00", onCard(event.GiftCardTopUp, "t1", 1_00)}}},
		{name: "the gift card is issued again", happen: []happening{card, card}},
		{name: "no such kind of gift cards", happen: []happening{{"02-02 12:00", issued("wedding", "gift_card_pln", 50_00)}}},
		{name: "too much for a gift card", happen: []happening{{"02-02 12:00", issued("birthday", "gift_card_pln", 5000_00)}}},
		{name: "more than was paid with the gift card", happen: []happening{card, used, {"02-04 12:00", func() event.Event {
			e := led(event.Refund, "p1")
			e.Wallet, e.Amount, e.Given = "gift_card_pln", 20_01, event.GivenAmount
			return e
		}()}}},
		{name: "a gift card is moved to a member", happen: []happening{card, {"02-03 12:00", off}}},
		{name: "a gift card is moved to nobody", happen: []happening{card, {"02-03 12:00", nowhere}}},
		{name: "a gift card can only be paid with", happen: []happening{{"02-02 12:00", issued("travel", "gift_card_eur", 50_00)}, {"02-03 12:00", abroad}}},
		{name: "a gift card is moved here", happen: []happening{{"02-03 12:00", moved(t, p, event.TransferIn)}}},
		{name: "what was moved off a gift card came back", happen: []happening{card, {"02-03 12:00", off}, {"02-03 12:00", moved(t, p, event.TransferBack)}}},
		{name: "a gift card buys", happen: []happening{card, {"02-03 12:00", bought("A", "10.00")}}},
		{name: "no gift card", happen: []happening{{"02-03 12:00", onCard(event.GiftCardPayment, "p1", 1_00)}}},
		{name: "the gift card gives its value back", happen: []happening{card, {"02-03 12:00", back}}},
		{name: "the gift card was used", happen: []happening{card, used, {"02-04 12:00", back}}},
		{name: "money is paid to a bank account", happen: []happening{rich, {"02-03 12:00", taken("c1", "cash")}}},
		{name: "a gift card is to come back", happen: gift},
		{name: "a gift card came back", happen: append(gift[:3:3], happening{"02-04 12:00", given})},
		{name: "a gift card did not come back", happen: append(gift[:3:3], happening{"02-04 12:00", kept})},
	}
}

// standsAs gives the standing with which somebody's events begin.
func standsAs(happen []happening) ledger.Status {
	if len(happen) > 0 && happen[0].event.Type == event.GiftCardIssue {
		return 0
	}
	return ledger.Active
}
