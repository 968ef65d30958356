package program_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	joining "premia/internal/core/mechanic/merge"
	"premia/internal/core/program"
	"premia/internal/testkit"
)

// happening is an event on a day of 2026, at a time of day in Warsaw.
type happening struct {
	at    string // "02-02 12:00"
	event event.Event
}

// explained is a decision whose explanation is golden: that of the last of
// several events of one member.
type explained struct {
	name   string
	happen []happening
	guest  bool
	// made is a decision that the engine of today does not reach from here.
	made *engine.Decision
	// program is another than that of most.
	program *engine.Program
}

func bought(order, total string, with ...func(*event.Event)) event.Event {
	e := event.Event{Type: event.Purchase, Order: order, Given: event.GivenTotal}
	fmt.Sscanf(strings.Replace(total, ".", "", 1), "%d", &e.Total)
	for _, f := range with {
		f(&e)
	}
	return e
}

func at(store string) func(*event.Event)     { return func(e *event.Event) { e.Store = store } }
func over(channel string) func(*event.Event) { return func(e *event.Event) { e.Channel = channel } }

func item(category string, thousandths, total int64) func(*event.Event) {
	return func(e *event.Event) {
		e.Items = append(e.Items, event.Item{Category: category, Quantity: thousandths, Total: total, GivenTotal: true})
	}
}

func own(kind, order string, data ...event.Datum) event.Event {
	return event.Event{Type: kind, Order: order, Data: data}
}

func returned(order string, total int64) event.Event {
	return event.Event{Type: event.Return, Order: order, Total: total, Given: event.GivenTotal}
}

// rich gives as much as one may earn in a day.
var rich = happening{"02-02 12:00", bought("A", "100.00")}

func taken(id, reward string) event.Event {
	return event.Event{ID: id, Type: event.Redemption, Reward: reward}
}

// booked takes a course that begins on a day in February at six in the evening.
func booked(id string, quantity int64, day int) event.Event {
	e := taken(id, "course")
	e.Quantity, e.Slot = quantity, calendar.Of(time.Date(2026, 2, day, 17, 0, 0, 0, time.UTC))
	return e
}

func held(id, reward string) event.Event {
	return event.Event{ID: id, Type: event.Redemption, Reward: reward, Hold: true}
}

func led(kind, redemption string) event.Event {
	return event.Event{Type: kind, Redemption: redemption}
}

func reached(redemption, status string) event.Event {
	return event.Event{Type: event.Fulfilment, Redemption: redemption, Status: status}
}

func adjusted(wallet string, amount int64) event.Event {
	return event.Event{Type: event.Adjustment, Wallet: wallet, Amount: amount, Reason: "a test", Given: event.GivenAmount}
}

// waiting is an adjustment that one person can't make alone, by Jan.
func waiting(id string, amount int64) event.Event {
	e := adjusted("beans", amount)
	e.ID, e.By = id, "Jan"
	return e
}

func answered(kind, about, by string) event.Event {
	return event.Event{Type: kind, About: about, By: by}
}

func rating(n int64) event.Datum {
	return event.Datum{Name: "rating", Kind: event.Whole, Whole: n}
}

func truth(name string, n int64) event.Datum {
	return event.Datum{Name: name, Kind: event.Truth, Whole: n}
}

func merge(into int64) event.Event {
	return own(event.Merge, "", event.Datum{Name: "into", Kind: event.Whole, Whole: into})
}

func given(to int64, wallet string, amount int64) event.Event {
	return event.Event{
		Type: event.Transfer, Wallet: wallet, Amount: amount, Given: event.GivenAmount,
		Data: []event.Datum{{Name: "to", Kind: event.Whole, Whole: to}},
	}
}

// arriving is the follow-up that carries what another member gives.
func arriving(t *testing.T, p *engine.Program, from, to ledger.MemberID) event.Event {
	t.Helper()
	var s ledger.State
	d := decide(t, p, &s, from, nil, happening{"02-01 12:00", adjusted("beans", 9)}, happening{"02-01 13:00", given(int64(to), "beans", 8)})
	f := d.FollowUps[0]
	return event.Event{Type: f.Type, Carried: f.Carried}
}

// returning is the follow-up that brings back what member 1 gave to nobody.
func returning(t *testing.T, p *engine.Program) event.Event {
	e := arriving(t, p, 1, 2)
	e.Type = event.TransferBack
	return e
}

// absorbing is the follow-up that carries what another member sends.
func absorbing(t *testing.T, p *engine.Program, from ledger.MemberID) event.Event {
	t.Helper()
	var s ledger.State
	d := decide(t, p, &s, from, nil, happening{"02-01 12:00", bought("Z", "8.00")}, happening{"02-01 13:00", merge(1)})
	f := d.FollowUps[0]
	return event.Event{Type: f.Type, Carried: f.Carried}
}

func explanations(t *testing.T, p *engine.Program) []explained {
	return []explained{
		{name: "money counted, a text that is another", happen: []happening{{"02-02 12:00", bought("A", "12.50", at("bar"), over("web"), item("drink", 1000, 1250))}}},
		{name: "a number that is too small", happen: []happening{{"02-02 12:00", bought("A", "12.50", over("app"))}}},
		{name: "all met, goods counted, pending", happen: []happening{{"02-02 12:00", bought("A", "60.00", at("bar"), over("app"), item("cup", 2000, 6000))}}},
		{name: "no item matches", happen: []happening{{"02-02 12:00", bought("A", "20.00", at("bar"), item("gift-card", 1000, 2000))}}},
		{name: "too little", happen: []happening{{"02-02 12:00", bought("A", "0.40")}}},
		{name: "nothing is known", happen: []happening{{"02-02 12:00", own("review", "", rating(5))}}},
		{name: "a truth that is not", happen: []happening{{"02-02 12:00", own("review", "", rating(5), truth("verified", 0))}}},
		{name: "a whole number that is too small", happen: []happening{{"02-02 12:00", own("review", "", rating(2), truth("verified", 1))}}},
		{name: "a limit of times", happen: []happening{{"02-02 12:00", own("review", "", rating(5), truth("verified", 1))}, {"02-03 12:00", own("review", "", rating(5), truth("verified", 1))}}},
		{name: "a limit leaves a part", happen: []happening{{"02-02 12:00", bought("A", "80.00")}, {"02-02 13:00", bought("B", "50.00")}}},
		{name: "a limit leaves nothing", happen: []happening{{"02-02 12:00", bought("A", "100.00")}, {"02-02 13:00", bought("B", "50.00")}}},
		{name: "a budget leaves a part", happen: []happening{{"02-02 08:00", own("visit", "")}, {"02-02 09:00", own("visit", "")}}},
		{name: "a budget is spent", happen: []happening{{"02-02 08:00", own("visit", "")}, {"02-02 09:00", own("visit", "")}, {"02-02 09:30", own("visit", "")}}},
		{name: "the wrong time", happen: []happening{{"02-03 09:00", own("visit", "")}}},
		{name: "not yet", happen: []happening{{"02-02 12:00", bought("A", "10.00", at("fair"))}}},
		{name: "over", happen: []happening{{"04-01 00:00", bought("A", "10.00", at("fair"))}}},
		{name: "outdone", happen: []happening{{"03-02 12:00", bought("A", "10.00", at("fair"))}}},
		{name: "below the threshold", happen: []happening{{"02-02 12:00", bought("A", "40.00", at("mall"))}}},
		{name: "a formula without a value", happen: []happening{{"02-02 12:00", own("survey", "")}}},
		{name: "delivered", happen: []happening{{"02-02 12:00", bought("A", "9.00", at("bar"), item("cup", 1000, 900))}, {"02-05 12:00", own("delivered", "A")}}},
		{name: "taken, below zero", happen: []happening{{"02-02 12:00", bought("A", "10.00")}, {"02-03 12:00", adjusted("beans", -25)}}},
		{name: "levelled", happen: []happening{{"02-02 12:00", adjusted("beans", -25)}, {"02-03 12:00", bought("A", "10.00")}}},
		{name: "given by the staff", happen: []happening{{"02-02 12:00", adjusted("stars", 3)}}},
		{name: "not enough", happen: []happening{{"02-02 12:00", adjusted("stars", 3)}, {"02-03 12:00", adjusted("stars", -4)}}},
		{name: "no such wallet", happen: []happening{{"02-02 12:00", adjusted("coins", 3)}}},
		{name: "expired", happen: []happening{{"02-02 12:00", bought("A", "10.00")}, {"03-10 12:00", event.Event{Type: event.Settle}}}},
		{name: "recorded", happen: []happening{{"02-02 12:00", own("delivered", "A")}}},
		{name: "returned", happen: []happening{{"02-02 12:00", bought("A", "10.00")}, {"02-03 12:00", returned("A", 400)}}},
		{name: "returned after it was spent", happen: []happening{{"02-02 12:00", bought("A", "10.00")}, {"02-02 13:00", adjusted("beans", -9)}, {"02-03 12:00", returned("A", 400)}}},
		{name: "returned after it expired", happen: []happening{{"02-02 12:00", bought("A", "10.00")}, {"03-10 12:00", returned("A", 1000)}}},
		{name: "more than was bought", happen: []happening{{"02-02 12:00", bought("A", "10.00")}, {"02-03 12:00", returned("A", 1100)}}},
		{name: "returned before it is known", happen: []happening{{"02-02 12:00", returned("A", 400)}}},
		{name: "goods of no purchase", happen: []happening{{"02-02 12:00", event.Event{Type: event.Return, Items: []event.Item{{SKU: "CUP", Quantity: 2500}}}}}},
		{name: "money of no goods", happen: []happening{{"02-02 12:00", bought("A", "10.00", item("cup", 1000, 1000))}, {"02-03 12:00", returned("A", 400)}}},
		{name: "redeemed", happen: []happening{rich, {"02-03 12:00", taken("r1", "espresso")}}},
		{name: "set aside", happen: []happening{rich, {"02-03 12:00", held("r1", "espresso")}}},
		{name: "confirmed", happen: []happening{rich, {"02-03 12:00", held("r1", "espresso")}, {"02-03 12:05", led(event.Confirmation, "r1")}}},
		{name: "given up", happen: []happening{rich, {"02-03 12:00", held("r1", "espresso")}, {"02-03 12:05", led(event.Cancellation, "r1")}}},
		{name: "the hold ended by itself", happen: []happening{rich, {"02-03 12:00", held("r1", "espresso")}, {"02-03 12:15", event.Event{Type: event.Settle}}}},
		{name: "confirmed too late", happen: []happening{rich, {"02-03 12:00", held("r1", "espresso")}, {"02-03 12:15", led(event.Confirmation, "r1")}}},
		{name: "ready", happen: []happening{rich, {"02-03 12:00", taken("r1", "espresso")}, {"02-03 12:05", reached("r1", "ready")}}},
		{name: "handed over when it was only set aside", happen: []happening{rich, {"02-03 12:00", held("r1", "espresso")}, {"02-03 12:05", reached("r1", "handed_over")}}},
		{name: "no such state", happen: []happening{rich, {"02-03 12:00", taken("r1", "espresso")}, {"02-03 12:05", reached("r1", "drunk")}}},
		{name: "refunded", happen: []happening{rich, {"02-03 12:00", taken("r1", "espresso")}, {"02-04 12:00", led(event.Refund, "r1")}}},
		{name: "refunded after it expired", happen: []happening{{"01-04 12:00", bought("A", "100.00")}, {"02-02 12:00", taken("r1", "espresso")}, {"02-04 11:00", led(event.Refund, "r1")}}},
		{name: "refunded too late", happen: []happening{rich, {"02-03 12:00", taken("r1", "espresso")}, {"02-05 12:00", led(event.Refund, "r1")}}},
		{name: "confirmed twice", happen: []happening{rich, {"02-03 12:00", held("r1", "espresso")}, {"02-03 12:05", led(event.Confirmation, "r1")}, {"02-03 12:06", led(event.Confirmation, "r1")}}},
		{name: "cancelled twice", happen: []happening{rich, {"02-03 12:00", held("r1", "espresso")}, {"02-03 12:05", led(event.Cancellation, "r1")}, {"02-03 12:06", led(event.Cancellation, "r1")}}},
		{name: "refunded twice", happen: []happening{rich, {"02-03 12:00", taken("r1", "espresso")}, {"02-03 12:05", led(event.Refund, "r1")}, {"02-03 12:06", led(event.Refund, "r1")}}},
		{name: "confirmed what is not there", happen: []happening{rich, {"02-03 12:00", led(event.Confirmation, "r1")}}},
		{name: "too dear", happen: []happening{{"02-02 12:00", bought("A", "19.00")}, {"02-03 12:00", taken("r1", "espresso")}}},
		{name: "taken as often as one may", happen: []happening{rich, {"02-03 12:00", taken("r1", "espresso")}, {"02-03 13:00", taken("r2", "espresso")}}},
		{name: "sold out", happen: []happening{rich, {"02-03 12:00", taken("r1", "espresso")}, {"02-04 12:00", taken("r2", "espresso")}, {"02-05 12:00", taken("r3", "espresso")}}},
		{name: "no such reward", happen: []happening{rich, {"02-03 12:00", taken("r1", "cappuccino")}}},
		{name: "a reward for others", happen: []happening{rich, {"02-03 12:00", taken("r1", "workshop")}}},
		{name: "a reward that is over", happen: []happening{rich, {"04-02 12:00", taken("r1", "workshop")}}},
		{name: "no time named", happen: []happening{rich, {"02-05 12:00", taken("r1", "course")}}},
		{name: "no such time", happen: []happening{rich, {"02-05 12:00", booked("r1", 1, 11)}}},
		{name: "a time that has begun", happen: []happening{rich, {"02-10 18:00", booked("r1", 1, 10)}}},
		{name: "a time far ahead", happen: []happening{rich, {"02-02 12:00", booked("r1", 1, 10)}}},
		{name: "too few places", happen: []happening{rich, {"02-05 12:00", booked("r1", 3, 10)}}},
		{name: "two places", happen: []happening{rich, {"02-05 12:00", booked("r1", 2, 10)}}},
		{name: "a guest", guest: true, happen: []happening{{"02-02 12:00", bought("A", "10.00")}}},
		{name: "blocked", happen: []happening{{"02-02 12:00", own(event.Profile, "", truth("blocked", 1))}, {"02-03 12:00", bought("A", "10.00")}}},
		{name: "merged into another", happen: []happening{{"02-02 12:00", bought("A", "10.00")}, {"02-03 12:00", merge(2)}}},
		{name: "another is merged into this", happen: []happening{{"02-03 12:00", absorbing(t, p, 2)}}},
		{name: "passed on", happen: []happening{{"02-02 12:00", merge(3)}, {"02-03 12:00", absorbing(t, p, 2)}}},
		{name: "merged into itself", happen: []happening{{"02-03 12:00", merge(1)}}},
		{name: "given to another", happen: []happening{{"02-02 12:00", adjusted("beans", 50)}, {"02-03 12:00", given(2, "beans", 20)}}},
		{name: "nobody gives that wallet", happen: []happening{{"02-02 12:00", adjusted("stars", 50)}, {"02-03 12:00", given(2, "stars", 20)}}},
		{name: "given to oneself", happen: []happening{{"02-02 12:00", adjusted("beans", 50)}, {"02-03 12:00", given(1, "beans", 20)}}},
		{name: "less than can be given", happen: []happening{{"02-02 12:00", adjusted("beans", 50)}, {"02-03 12:00", given(2, "beans", 4)}}},
		{name: "more than can be given in a day", happen: []happening{{"02-02 12:00", adjusted("beans", 50)}, {"02-03 12:00", given(2, "beans", 20)}, {"02-03 13:00", given(2, "beans", 20)}}},
		{name: "more than is there to give", happen: []happening{{"02-02 12:00", adjusted("beans", 10)}, {"02-03 12:00", given(2, "beans", 20)}}},
		{name: "given by one who is blocked", happen: []happening{{"02-02 12:00", own(event.Profile, "", truth("blocked", 1))}, {"02-03 12:00", given(2, "beans", 20)}}},
		{name: "received from another", happen: []happening{{"02-02 12:00", adjusted("beans", -5)}, {"02-03 12:00", arriving(t, p, 2, 1)}}},
		{name: "nobody is there to receive", happen: []happening{{"02-02 12:00", own(event.Profile, "", truth("erased", 1))}, {"02-03 12:00", arriving(t, p, 2, 1)}}},
		{name: "came back", happen: []happening{{"02-03 12:00", returning(t, p)}}},
		{name: "a level is reached, with its gift", happen: []happening{{"02-02 12:00", bought("A", "500.00")}}},
		{name: "a level is lost by time", happen: []happening{{"02-02 12:00", bought("A", "500.00")}, {"05-02 12:00", event.Event{Type: event.Settle}}}},
		{name: "a level is lost by a return, and its gift", happen: []happening{{"02-02 12:00", bought("A", "500.00")}, {"02-03 12:00", returned("A", 1)}}},
		{name: "a level is kept by rules that were changed", made: &engine.Decision{Outcome: engine.Applied, Steps: []engine.Step{{Rule: ruleNo(p, "tier.status"), Result: engine.LevelKept, By: ruleNo(p, "level.status.silver"), Base: int64(calendar.Day)}}}},
		{name: "a ladder that the program no longer has", made: &engine.Decision{Outcome: engine.Applied, Steps: []engine.Step{{Rule: ruleNo(p, "tier.status"), Result: engine.LevelLost, Read: "level.status.silver", Base: int64(calendar.Day)}}}},
		{name: "counted towards a goal", happen: []happening{{"02-02 12:00", bought("A", "20.00", at("market"), item("coffee", 2000, 2000))}}},
		{name: "a goal reached", happen: []happening{{"02-02 12:00", bought("A", "20.00", at("market"), item("coffee", 2000, 2000))}, {"02-03 12:00", bought("B", "10.00", at("market"), item("coffee", 1000, 1000))}}},
		{name: "a goal lost", happen: []happening{{"02-02 12:00", bought("A", "20.00", at("market"), item("coffee", 2000, 2000))}, {"02-03 12:00", bought("B", "10.00", at("market"), item("coffee", 1000, 1000))}, {"02-04 12:00", event.Event{Type: event.Return, Order: "A"}}}},
		{name: "adjusted by more than one person may", happen: []happening{{"02-02 12:00", waiting("w", 80)}}},
		{name: "approved by a second person", happen: []happening{{"02-02 12:00", waiting("w", 80)}, {"02-02 13:00", answered(event.Approval, "w", "Ola")}}},
		{name: "rejected by a second person", happen: []happening{{"02-02 12:00", waiting("w", -80)}, {"02-02 13:00", answered(event.Rejection, "w", "Ola")}}},
		{name: "approved by the same person", happen: []happening{{"02-02 12:00", waiting("w", 80)}, {"02-02 13:00", answered(event.Approval, "w", "Jan")}}},
		{name: "approved twice", happen: []happening{{"02-02 12:00", waiting("w", 80)}, {"02-02 13:00", answered(event.Approval, "w", "Ola")}, {"02-02 14:00", answered(event.Rejection, "w", "Ewa")}}},
		{name: "nothing to approve", happen: []happening{{"02-02 13:00", answered(event.Approval, "w", "Ola")}}},
		{name: "a birthday that came by itself, and a profile that is complete", happen: []happening{
			{"02-02 12:00", own(event.Profile, "", event.Datum{Name: "birthday", Kind: event.Text, Text: "02-03"}, event.Datum{Name: "favourite_drink", Kind: event.Text, Text: "tea"})},
			{"02-03 12:00", own("app_install", "", event.Datum{Name: "platform", Kind: event.Text, Text: "phone"})},
		}},
		{name: "claimed too late", made: &engine.Decision{Outcome: engine.ClaimTooLate}},
		{name: "not a guest's", made: &engine.Decision{Outcome: engine.NotAGuestOrder}},
		{name: "waits for the family", made: &engine.Decision{Outcome: engine.WaitsForFamily}},
		{name: "no families", made: &engine.Decision{Outcome: engine.NoFamilies}},
		{name: "in a family", made: &engine.Decision{Outcome: engine.InAFamily}},
		{name: "not in the family", made: &engine.Decision{Outcome: engine.NotInFamily}},
		{name: "not invited", made: &engine.Decision{Outcome: engine.NotInvited}},
		{name: "the family is full", made: &engine.Decision{Outcome: engine.FamilyFull}},
		{name: "too soon after a family", made: &engine.Decision{Outcome: engine.FamilyTooSoon}},
		{name: "not the head", made: &engine.Decision{Outcome: engine.OnlyTheHead}},
		{name: "in and out of a family", made: inFamily(p)},
		{name: "a reward that a rule gave", made: ofGifts(p)},
		{name: "a rule that the program no longer has", made: &engine.Decision{Outcome: engine.Applied, Steps: []engine.Step{{Rule: 9999, Result: engine.Gave, Amount: 5, Wanted: 5}}}},
	}
}

// inFamily is a decision in which beans go to a family and come from it.
func inFamily(p *engine.Program) *engine.Decision {
	d := &engine.Decision{Outcome: engine.Applied}
	for _, result := range []engine.Result{engine.ToFamily, engine.FromMember, engine.FromFamily, engine.ToMember, engine.AskedBack, engine.TookFromFamily} {
		d.Steps = append(d.Steps, engine.Step{Rule: ruleNo(p, "earn.spend"), Result: result, Wallet: p.WalletByID("beans").Name, Amount: 5, Wanted: 5})
	}
	return d
}

// ofGifts is a decision about a reward that rules give.
func ofGifts(p *engine.Program) *engine.Decision {
	d, reward := &engine.Decision{Outcome: engine.Applied}, p.GiftByID("espresso").Name
	for _, result := range []engine.Result{engine.Gave, engine.SoldOut, engine.TakenOften, engine.TookBack} {
		d.Steps = append(d.Steps, engine.Step{Rule: ruleNo(p, "earn.spend"), Result: result, Wallet: reward, Amount: 1, Wanted: 2})
	}
	d.Steps[2].Limit, d.Steps[2].Base = engine.EachDay, 1
	for _, result := range []engine.Result{engine.GiftTaken, engine.GiftAsked, engine.GiftStays} {
		d.Steps = append(d.Steps, engine.Step{Rule: reward, Result: result, Wallet: reward, Amount: 1, Wanted: 1})
	}
	d.Steps = append(d.Steps, engine.Step{Rule: reward, Result: engine.OnlyGiven},
		engine.Step{Rule: ruleNo(p, "earn.spend"), Result: engine.Converted, Wallet: p.WalletByID("beans").Name, Amount: 150, Wanted: 150, Times: 1})
	return d
}

func ruleNo(p *engine.Program, name string) ledger.Name {
	no, _ := p.Names.Find(name)
	return no
}

// spent counts what decisions took of budgets.
type spent map[ledger.Quota]int64

func (s spent) Left(quota ledger.Quota, limit int64) int64 { return limit - s[quota] }

// decide decides upon events of a member and gives the last decision.
func decide(t *testing.T, p *engine.Program, s *ledger.State, member ledger.MemberID, checked *event.Event, happen ...happening) engine.Decision {
	t.Helper()
	var decider engine.Decider
	var d engine.Decision
	s.Status = standsAs(happen)
	used, past := spent{}, joining.Memory{}
	timeline := engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: p})
	for _, h := range happen {
		when, err := time.ParseInLocation("2006-01-02 15:04", "2026-"+h.at, p.Zone)
		if err != nil {
			t.Fatal(err)
		}
		e := h.event
		e.At = calendar.Of(when)
		if e.Type != event.Settle {
			if err := e.Check(p.Currency.Code, p.Currency.Scale); err != nil {
				t.Fatal(err)
			}
		}
		d = engine.Decision{}
		decider.Decide(timeline, s, &e, engine.Inputs{Clock: e.At, Quotas: used, Member: member, History: past.Of(member), Codes: knownCodes(p, &e)}, &d)
		past.Keep(member, &e, nil, &d)
		for _, g := range d.Grants {
			used[g.Quota] += g.Amount
		}
		if checked != nil {
			*checked = e
		}
	}
	return d
}

// TestExplanations shows what members read about decisions of every outcome and
// every result, in every language.
func TestExplanations(t *testing.T) {
	src, err := os.ReadFile("testdata/explain.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, c := load(t, string(src)).Program, catalogue(t)
	outcomes, results := map[engine.Outcome]bool{}, map[engine.Result]bool{}
	said := map[string]*strings.Builder{}
	for _, x := range slices.Concat(explanations(t, p), cardExplanations(t, p), checkouts(), ofReferrals(t, p), ofSurprises(p), ofOffers(t), ofAmbassadors(t, p), ofLeaderboards(p)) {
		p := p
		if x.program != nil {
			p = x.program
		}
		var d engine.Decision
		var e event.Event
		switch {
		case x.made != nil:
			d = *x.made
		case x.guest:
			d = decide(t, p, &ledger.State{}, 0, &e, x.happen...)
		default:
			d = decide(t, p, &ledger.State{}, 1, &e, x.happen...)
		}
		outcomes[d.Outcome] = true
		for i := range d.Steps {
			results[d.Steps[i].Result] = true
		}
		explanation := program.Explain(p, p.Names, &d, &e)
		for _, lang := range c.Languages() {
			if said[lang] == nil {
				said[lang] = &strings.Builder{}
			}
			b := said[lang]
			fmt.Fprintf(b, "# %s\n%s\n", x.name, c.Render(lang, explanation.Outcome))
			for _, r := range explanation.Reasons {
				fmt.Fprintf(b, "- %s\n", c.Render(lang, r.Words))
			}
			for _, m := range explanation.Movements {
				fmt.Fprintf(b, "= %s\n", c.Render(lang, m))
			}
			b.WriteByte('\n')
		}
	}
	for o := engine.Applied; o.String() != "unknown"; o++ {
		if !outcomes[o] && o.String() != "" {
			t.Errorf("no decision here has the outcome %s", o)
		}
	}
	for r := engine.Gave; r.String() != "unknown"; r++ {
		if !results[r] && r.String() != "" {
			t.Errorf("no decision here has the result %s", r)
		}
	}
	for _, lang := range c.Languages() {
		if strings.Contains(said[lang].String(), "⟦") {
			t.Errorf("something has no words in %s", lang)
		}
		testkit.Golden(t, "explain/"+lang+".txt", []byte(said[lang].String()))
	}
}
