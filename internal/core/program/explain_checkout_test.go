package program_test

import (
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
)

// basket is a purchase at list prices.
func basket(order string, with ...func(*event.Event)) event.Event {
	e := event.Event{Type: event.Purchase, Order: order, Prices: event.ListPrices}
	for _, f := range with {
		f(&e)
	}
	return e
}

func codes(texts ...string) func(*event.Event) {
	return func(e *event.Event) { e.Codes = texts }
}

func pay(wallet string, amount int64) func(*event.Event) {
	return func(e *event.Event) { e.Pay = append(e.Pay, event.Payment{Wallet: wallet, Amount: amount}) }
}

func sentFor(cost int64) func(*event.Event) { return func(e *event.Event) { e.Shipping = cost } }

func confirming(id string) func(*event.Event) { return func(e *event.Event) { e.Checkout = id } }

// checkout is a basket that is held.
func checkout(id string, with ...func(*event.Event)) event.Event {
	e := basket("", with...)
	e.ID, e.Type = id, event.Checkout
	return e
}

// knownCodes says what is known of codes of a reward that goes with no other: their
// names tell.
func knownCodes(p *engine.Program, e *event.Event) (out []engine.Code) {
	for _, text := range e.Codes {
		c := engine.Code{Found: true, Reward: ruleNo(p, "reward.alone"), Until: calendar.Never, Uses: 1, Window: 5}
		switch text {
		case "x":
		case "theirs":
			c.Member = 7
		case "blocked":
			c.Blocked = true
		case "old":
			c.Until = 1
		case "early":
			c.From = calendar.Never
		default:
			c = engine.Code{}
		}
		out = append(out, c)
	}
	return out
}

// checkouts are decisions upon baskets at list prices.
func checkouts() []explained {
	cup, tea := item("cup", 1000, 10000), item("tea", 1000, 1000)
	one := func(e event.Event) []happening { return []happening{{"02-03 12:00", e}} }
	after := func(first happening, events ...event.Event) []happening {
		out := []happening{first}
		for i, e := range events {
			out = append(out, happening{[]string{"02-03 12:00", "02-03 12:05", "02-03 12:15"}[i], e})
		}
		return out
	}
	back := event.Event{Type: event.Return, Order: "B"}
	return []explained{
		{name: "a promotion and a code", happen: one(basket("A", cup, codes("spring-15")))},
		{name: "a code that nobody knows", happen: one(basket("A", cup, codes("WINTER")))},
		{name: "a code with a typing error", happen: one(basket("A", cup, codes("ALONE-22222")))},
		{name: "a code used twice", happen: after(happening{"02-02 12:00", basket("A", item("", 1000, 9000), codes("x"))}, basket("B", item("", 1000, 9000), codes("x")))},
		{name: "a code that one member may use once", happen: after(happening{"02-02 12:00", basket("A", cup, codes("SPRING15"))}, basket("B", cup, codes("SPRING15")))},
		{name: "another's code", happen: one(basket("A", cup, codes("theirs")))},
		{name: "a code for members", guest: true, happen: one(basket("A", cup, codes("theirs")))},
		{name: "a blocked code", happen: one(basket("A", cup, codes("blocked")))},
		{name: "a code that is over", happen: one(basket("A", cup, codes("old")))},
		{name: "a code that is not good yet", happen: one(basket("A", cup, codes("early")))},
		{name: "too small a basket", happen: one(basket("A", tea, codes("SPRING15")))},
		{name: "too few pieces for a promotion", happen: one(basket("A", tea))},
		{name: "a code that goes with no other", happen: one(basket("A", cup, codes("x")))},
		{name: "a code given twice", happen: one(basket("A", cup, codes("SPRING15", "spring 15")))},
		{name: "nothing to reduce", happen: one(basket("A", cup, codes("POST")))},
		{name: "free shipping", happen: one(basket("A", tea, sentFor(900), codes("POST")))},
		{name: "paid with points", happen: after(rich, basket("A", cup, pay("beans", 40)))},
		{name: "a wallet that does not pay", happen: after(rich, basket("A", cup, pay("stars", 40)))},
		{name: "more than may be paid with points", happen: after(rich, basket("A", item("tea", 1000, 900), pay("beans", 100)))},
		{name: "less than may be paid with points", happen: after(rich, basket("A", tea, pay("beans", 5)))},
		{name: "more points than there are", happen: after(rich, basket("A", cup, pay("beans", 400)))},
		{name: "a held checkout", happen: after(rich, checkout("c1", cup, codes("SPRING15"), pay("beans", 40)))},
		{name: "a checkout that is confirmed", happen: after(rich, checkout("c1", cup, codes("SPRING15"), pay("beans", 40)),
			basket("A", cup, codes("SPRING15"), pay("beans", 40), confirming("c1")))},
		{name: "a checkout that timed out", happen: after(rich, checkout("c1", cup), back, basket("A", cup, confirming("c1")))},
		{name: "a checkout that there is not", happen: after(rich, basket("A", cup, confirming("c9")))},
		{name: "a checkout that is given up", happen: after(rich, checkout("c1", cup), led(event.Cancellation, "c1"))},
		{name: "a guest's checkout", guest: true, happen: one(checkout("c1", cup))},
		{name: "goods paid with points go back", happen: after(rich, basket("B", cup, codes("SPRING15"), pay("beans", 40)), back)},
	}
}
