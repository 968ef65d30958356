package reliability_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
)

// spend does one thing that a client does with coins, codes and gift cards.
func (l *load) spend(random *rand.Rand, known string) {
	switch random.IntN(5) {
	case 0:
		l.transfer(random, known, l.book.someMember(random.Uint64()))
	case 1:
		l.redeem(random, known)
	case 2, 3:
		l.checkout(random, known)
	default:
		l.giftCard(random)
	}
}

// event sends an event, which may be refused, and gives the decision; worth says
// what it comes to if it is not.
func (l *load) event(random *rand.Rand, id, body string, of func(*decided) worth) (d decided, ok bool) {
	r := l.insist(random, http.MethodPost, "/v1/events", fmt.Sprintf(`{"id":%q,%s}`, id, body))
	if !l.read(r, &d, http.StatusCreated, http.StatusOK) {
		return d, false
	}
	l.acknowledge(id, d, of)
	return d, d.Outcome == "applied"
}

// acknowledge enters a decision about coins, codes or gift cards.
func (l *load) acknowledge(id string, d decided, of func(*decided) worth) {
	switch {
	case d.ID != id:
		l.book.refuse("event %s was answered as %s", id, d.ID)
	case d.Outcome == "applied" && of != nil:
		l.book.acknowledge(d, of(&d))
	default:
		l.book.acknowledge(d, worth{})
	}
}

// ask sends a request about an event to a route that answers a refusal by the rules
// as an error; the decision is then read. It tells whether the event was applied.
func (l *load) ask(random *rand.Rand, path, id, body string, into any, of func(*decided) worth) bool {
	r := l.insist(random, http.MethodPost, path, fmt.Sprintf(`{"id":%q,%s}`, id, body))
	var d decided
	if r.status == http.StatusConflict {
		if l.read(l.insist(random, http.MethodGet, "/v1/events/"+id, ""), &d, http.StatusOK) {
			l.acknowledge(id, d, of)
		}
		return false
	}
	if r.status == http.StatusUnprocessableEntity && strings.Contains(string(r.body), "transfer_to_self") {
		l.book.oneMember(id)
		return false // they were merged
	}
	if !l.read(r, into, http.StatusCreated, http.StatusOK) {
		return false
	}
	var inside struct{ Event *decided }
	if err := json.Unmarshal(r.body, &inside); err == nil && inside.Event != nil {
		d = *inside.Event
	} else if !l.read(r, &d, r.status) {
		return false
	}
	l.acknowledge(id, d, of)
	return d.Outcome == "applied"
}

// transfer gives coins to another; altogether there are as many as before.
func (l *load) transfer(random *rand.Rand, from, to string) {
	if from == to {
		return
	}
	var given decided
	l.ask(random, "/v1/members/"+from+"/transfers", l.id(), fmt.Sprintf(`"to":%q,"wallet":"coins","amount":"%d"`, to, 1+random.Int64N(150)), &given, nil)
}

// redeem takes a reward, at once or by a hold, and gives it back now and then. Some
// holds are left to themselves.
func (l *load) redeem(random *rand.Rand, known string) {
	reward, price := "cup", int64(7)
	if random.IntN(3) == 0 {
		reward, price = "few", 3
	}
	id, held := l.id(), random.IntN(2) == 0
	costs := func(*decided) worth {
		if held {
			return worth{}
		}
		return worth{coins: -price}
	}
	_, taken := l.event(random, id, fmt.Sprintf(`"type":"redemption","member":%q,"reward":%q,"hold":%v`, known, reward, held), costs)
	step := func(kind string, coins int64) bool {
		_, done := l.event(random, l.id(), fmt.Sprintf(`"type":%q,"redemption":%q`, kind, id), func(*decided) worth { return worth{coins: coins} })
		return done
	}
	if taken && held {
		switch random.IntN(3) {
		case 0:
			taken = step("confirmation", -price)
		case 1:
			step("cancellation", 0)
			return
		default:
			return
		}
	}
	if taken && random.IntN(2) == 0 {
		step("refund", price)
	}
}

// checkout buys at list prices, with a code of which there are few uses and with
// coins, in one step or two.
func (l *load) checkout(random *rand.Rand, known string) {
	coins := int64(0)
	basket := fmt.Sprintf(`"member":%q,"prices":"list","items":[{"sku":"A","unit_price":"%d.50"}]`, known, 20+random.IntN(20))
	if random.IntN(2) == 0 {
		basket += `,"codes":["FIVELESS"]`
	}
	if random.IntN(2) == 0 {
		coins = 1 + random.Int64N(20)
		basket += fmt.Sprintf(`,"pay":[{"wallet":"coins","amount":"%d"}]`, coins)
	}
	paid := func(d *decided) worth {
		var whole, rest int64
		if _, err := fmt.Sscanf(d.Basket.ToPay, "%d.%d", &whole, &rest); err != nil {
			l.book.refuse("%s to pay: %v", d.Basket.ToPay, err)
		}
		return worth{points: whole, coins: -coins}
	}
	if random.IntN(2) == 0 {
		id := l.id()
		l.event(random, id, fmt.Sprintf(`"type":"purchase","order":"O-%s",%s`, id, basket), paid)
		return
	}
	held := l.id()
	if _, ok := l.event(random, held, `"type":"checkout",`+basket, nil); !ok {
		return
	}
	id := l.id()
	switch random.IntN(4) {
	case 0:
		l.event(random, id, fmt.Sprintf(`"type":"cancellation","redemption":%q`, held), nil)
	case 1, 2:
		l.event(random, id, fmt.Sprintf(`"type":"purchase","order":"O-%s","checkout":%q,%s`, id, held, basket), paid)
	}
}

// giftCard issues a gift card or pays with one, by a hold or at once, and gives a
// part of it back now and then.
func (l *load) giftCard(random *rand.Rand) {
	id, grosze := l.id(), 100+random.Int64N(5_000)
	amount := fmt.Sprintf(`"amount":"%d.%02d"`, grosze/100, grosze%100)
	card := l.someGift(random)
	if card == "" || random.IntN(4) == 0 {
		var sold struct {
			GiftCard struct{ Code string } `json:"gift_card"`
		}
		if l.ask(random, "/v1/gift-cards", id, `"kind":"card",`+amount, &sold, func(*decided) worth { return worth{cards: grosze} }) {
			l.mu.Lock()
			l.gifts = append(l.gifts, sold.GiftCard.Code)
			l.mu.Unlock()
		}
		return
	}
	var answer json.RawMessage
	hold := random.IntN(2) == 0
	paid := l.ask(random, "/v1/gift-cards/"+card+"/payments", id, fmt.Sprintf(`"hold":%v,%s`, hold, amount), &answer, func(*decided) worth {
		if hold {
			return worth{}
		}
		return worth{cards: -grosze}
	})
	step := func(word, more string, cards int64) bool {
		return l.ask(random, "/v1/gift-card-payments/"+id+"/"+word, l.id(), `"reason":"a test"`+more, &answer, func(*decided) worth { return worth{cards: cards} })
	}
	switch n := random.IntN(3); {
	case paid && hold && n == 0:
		paid = step("confirm", "", -grosze)
	case paid && hold && n == 1:
		step("cancel", "", 0)
		return
	case paid && hold:
		return
	}
	if paid && random.IntN(2) == 0 {
		step("refund", `,"amount":"0.50"`, 50)
	}
}

func (l *load) someGift(random *rand.Rand) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.gifts) == 0 {
		return ""
	}
	return l.gifts[random.IntN(len(l.gifts))]
}
