package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"premia/internal/api"
)

// checkoutRules is what the program of these tests has for baskets at list prices.
const checkoutRules = `
returns: {}
checkout: {pay: {points: {value: 0.10, most: 50%}}}
promotions:
  - {id: teas, name: {en: Tea days, pl: Dni herbaty}, items: item.category == "tea", discount: {percent: 20}}
`

const discountRewards = `rewards:
  - {id: ten, name: {en: Ten off, pl: Dziesięć mniej}, kind: discount, discount: {amount: 10.00, least: 50.00}, voucher: {for: bearer, each member: 1}, code: TENOFF}
  - {id: mine, name: {en: Mine, pl: Moje}, kind: discount, price: {points: 5}, discount: {percent: 50}, voucher: {valid: 30d}}
`

func (f *fixture) sells() {
	f.t.Helper()
	src := strings.Replace(fmt.Sprintf(document, "enrol"), "rewards:\n", discountRewards, 1) + checkoutRules
	must[api.PublishedProgram](f, 201, http.MethodPost, "/v1/programs", src, "Content-Type", "application/yaml")
	f.clock.Advance(time.Second)
}

const teaAndCup = `"prices":"list","items":[{"sku":"T","category":"tea","unit_price":"50.00"},{"sku":"C","unit_price":"40.00"}]`

// TestListPrices quotes a basket with codes, buys it, gives a part of it back, and
// verifies the journal.
func TestListPrices(t *testing.T) {
	t.Parallel()
	onEach(t, "enrol", func(t *testing.T, f *fixture) {
		f.sells()
		f.buyer("card:1", "100")
		quote := must[api.QuoteAnswer](f, 200, http.MethodPost, "/v1/quotes?explain=pl", `{"type":"purchase","member":"card:1",`+teaAndCup+`,"codes":["tenoff","nosuch"],"pay":[{"wallet":"points","amount":"20"}]}`)
		b := quote.Basket
		if quote.Refused || b == nil || b.Total != "70.00" || b.ToPay != "68.00" || !b.Codes[0].Used || b.Codes[1].Reason != "unknown_code" || b.PaidWith[0].Worth != "2.00" {
			t.Fatalf("the quote is %+v: %+v", quote, b)
		}
		if said := strings.Join(quote.Explanation.Reasons, "\n"); !strings.Contains(said, "Kod „nosuch” jest nieznany.") || !strings.Contains(said, "Dni herbaty: rabat") {
			t.Errorf("it is explained as %s", said)
		}
		wrong := must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"id":"a1","type":"purchase","order":"A1","member":"card:1",`+teaAndCup+`,"codes":["nosuch"]}`)
		if !wrong.Refused || wrong.Outcome != "code_refused" {
			t.Errorf("with a wrong code: %+v", wrong)
		}
		// The order is not lost.
		done := must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"id":"a2","type":"purchase","order":"A1","member":"card:1",`+teaAndCup+`,"codes":["tenoff"],"pay":[{"wallet":"points","amount":"20"}]}`)
		if done.Refused || done.Basket.ToPay != "68.00" || done.Basket.Lines[0].Price != "35.00" {
			t.Errorf("bought: %+v, %+v", done, done.Basket)
		}
		if w := f.wallet("card:1"); w.Available != "158" { // 110 - 20 + 68
			t.Errorf("the wallet is %+v", w)
		}
		back := must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"id":"r1","type":"return","order":"A1","items":[{"sku":"T"}]}`)
		if back.PaidBack == nil || *back.PaidBack != "29.14" {
			t.Errorf("given back: %+v %v", back, *back.PaidBack)
		}
		rest := must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"id":"r2","type":"return","order":"A1"}`)
		if rest.PaidBack == nil {
			t.Fatalf("given back: %+v", rest)
		}
		if w := f.wallet("card:1"); w.Available != "110" {
			t.Errorf("after all went back the wallet is %+v", w)
		}
		// The code is good again.
		again := must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"id":"a3","type":"purchase","order":"A2","member":"card:1",`+teaAndCup+`,"codes":["TEN-OFF"]}`)
		if again.Refused {
			t.Errorf("again: %+v", again)
		}
		f.verified()
	})
}

// TestTwoSteps holds a code and points until the order is paid, gives them back when
// it is given up or times out, and lets a voucher that was got for points be used once.
func TestTwoSteps(t *testing.T) {
	t.Parallel()
	onEach(t, "enrol", func(t *testing.T, f *fixture) {
		f.sells()
		f.buyer("card:1", "100")
		checkout := func(id string) api.EventAnswer {
			return must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"id":"`+id+`","type":"checkout","member":"card:1",`+teaAndCup+`,"codes":["TENOFF"],"pay":[{"wallet":"points","amount":"20"}]}`)
		}
		if held := checkout("c1"); held.Refused || held.Basket.ToPay != "68.00" || f.wallet("card:1").Held != "20" {
			t.Errorf("held: %+v, %+v", held, held.Basket)
		}
		if again := checkout("c2"); again.Outcome != "code_refused" {
			t.Errorf("a second checkout: %+v", again)
		}
		must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"id":"x1","type":"cancellation","redemption":"c1"}`)
		if w := f.wallet("card:1"); w.Held != "0" || w.Available != "110" {
			t.Errorf("given up: %+v", w)
		}
		checkout("c3")
		f.clock.Advance(5 * time.Minute)
		paid := must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"id":"p1","type":"purchase","order":"A1","checkout":"c3",`+teaAndCup+`,"codes":["TENOFF"],"pay":[{"wallet":"points","amount":"20"}]}`)
		if paid.Refused || paid.Member == "" || paid.Basket.ToPay != "68.00" || f.wallet("card:1").Available != "158" {
			t.Errorf("paid: %+v, %+v", paid, f.wallet("card:1"))
		}
		late := must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"id":"p2","type":"purchase","order":"A2","checkout":"c3",`+teaAndCup+`,"codes":["TENOFF"]}`)
		if late.Outcome != "already_confirmed" {
			t.Errorf("paid twice: %+v", late)
		}
		f.verified()
	})
}

// TestWhyEachCodeIsRefused names the own reason of each code, also where several are of
// one reward, and of a code that is as long as may be.
func TestWhyEachCodeIsRefused(t *testing.T) {
	t.Parallel()
	onEach(t, "enrol", func(t *testing.T, f *fixture) {
		f.sells()
		f.buyer("card:1", "100")
		over := f.codesOf(`{"id":"over","reward":"mine","pattern":"OLD-########","count":1,"uses":1,"valid_until":"2020-01-01T00:00:00Z"}`)
		early := f.codesOf(`{"id":"early","reward":"mine","pattern":"NEW-########","count":1,"uses":1,"valid_from":"2099-01-01T00:00:00Z"}`)
		long := strings.Repeat("X", 60)
		for _, codes := range [][]string{{over[0], early[0], long}, {long, early[0], over[0]}} {
			quote := must[api.QuoteAnswer](f, 200, http.MethodPost, "/v1/quotes", `{"type":"purchase","member":"card:1",`+teaAndCup+`,"codes":["`+strings.Join(codes, `","`)+`"]}`)
			want := map[string]string{over[0]: "over", early[0]: "not_yet", long: "unknown_code"}
			for i, code := range codes {
				if got := quote.Basket.Codes[i]; got.Used || got.Reason != want[code] {
					t.Errorf("%s: %+v, want the reason %s", code, got, want[code])
				}
			}
		}
	})
}

// cardPrice is a promotion for members alone.
const cardPrice = `  - {id: card, name: {en: Card price, pl: Cena z kartą}, when: member.enrolled, items: item.category == "tea", discount: {percent: 10}}
`

// TestGuestAtListPrices lets a guest buy at the prices that everybody gets, and claim
// what was paid.
func TestGuestAtListPrices(t *testing.T) {
	t.Parallel()
	onEach(t, "enrol", func(t *testing.T, f *fixture) {
		f.sells()
		src := strings.Replace(strings.Replace(fmt.Sprintf(document, "guest"), "rewards:\n", discountRewards, 1)+checkoutRules+cardPrice, "percent: 20", "percent: 50", 1)
		must[api.PublishedProgram](f, 201, http.MethodPost, "/v1/programs", src, "Content-Type", "application/yaml")
		f.clock.Advance(time.Second)
		guest := must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"id":"g1","type":"purchase","order":"G1",`+teaAndCup+`}`)
		if guest.Outcome != "recorded_as_guest" || guest.Basket.Total != "65.00" {
			t.Errorf("a guest: %+v, %+v", guest, guest.Basket)
		}
		if counted := must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"id":"g2","type":"purchase","order":"G2",`+teaAndCup+`,"codes":["TENOFF"]}`); counted.Outcome != "code_refused" {
			t.Errorf("a code that is counted by member: %+v", counted)
		}
		f.problem(422, "missing", http.MethodPost, "/v1/events", `{"id":"g3","type":"checkout",`+teaAndCup+`}`)
		must[api.MemberEvent](f, 201, http.MethodPost, "/v1/members", `{"identities":["card:9"]}`)
		claim := must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"id":"k1","type":"claim","member":"card:9","order":"G1"}`)
		if claim.Refused || claim.Gave[0].Amount != "65" {
			t.Errorf("claimed: %+v", claim)
		}
		if quote := must[api.QuoteAnswer](f, 200, http.MethodPost, "/v1/quotes", `{"type":"purchase","member":"card:9",`+teaAndCup+`}`); quote.Basket.Total != "62.50" {
			t.Errorf("a member: %+v", quote.Basket)
		}
		f.verified()
	})
}
