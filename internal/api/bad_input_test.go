package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"premia/internal/api"
	"premia/internal/core/calendar"
	"premia/internal/testkit"
	"premia/internal/testkit/postgres"
)

// badInput is the program in which everything is asked for that can't be had.
const badInput = `
program: Bad input
currency: PLN
timezone: Europe/Warsaw
languages: [en, pl, cs, ru]
enrolment: {unknown: enrol}
wallets:
  points:
    name:
      en: {one: point, other: points}
      pl: {one: punkt, few: punkty, many: punktów, other: punktu}
      cs: {one: bod, few: body, many: bodu, other: bodů}
      ru: {one: балл, few: балла, many: баллов, other: балла}
    debt: forbid
    worth: 0.10
earn:
  - {id: spend, name: {en: Purchases, pl: Zakupy, cs: Nákupy, ru: Покупки}, give: {points: 1, per: 1.00}}
returns: {}
checkout: {pay: {points: {most: 50%}}}
gift cards:
  - {id: birthday, name: {en: Birthday card, pl: Karta urodzinowa, cs: Narozeninová karta, ru: Карта ко дню рождения}, refund: {within: 30d}}
  - {id: travel, name: {en: Travel card, pl: Karta podróżna, cs: Cestovní karta, ru: Карта путешественника}, currency: EUR}
rewards:
  - {id: coffee, name: {en: Coffee, pl: Kawa, cs: Káva, ru: Кофе}, kind: free product, sku: C, price: {points: 10}, hold: 15m, fulfilment: collect, refund: {within: 2d}}
  - {id: dear, name: {en: A machine, pl: Ekspres, cs: Kávovar, ru: Кофемашина}, kind: free product, sku: M, price: {points: 1000}}
  - {id: few, name: {en: A cup, pl: Kubek, cs: Hrnek, ru: Кружка}, kind: free product, sku: K, price: {points: 1}, stock: 1}
  - {id: spring, name: {en: Spring, pl: Wiosna, cs: Jaro, ru: Весна}, kind: discount, discount: {amount: 10.00}, voucher: {for: bearer, uses: 1}, codes: {pattern: "SPRING-########"}}
  - {id: large, name: {en: From 50, pl: Od 50 zł, cs: Od 50 zł, ru: От 50 зл}, kind: discount, discount: {amount: 10.00, least: 50.00}, voucher: {for: bearer, each member: 1}, code: LARGE}
  - {id: mine, name: {en: Mine, pl: Moje, cs: Moje, ru: Моё}, kind: discount, price: {points: 5}, discount: {percent: 50}, voucher: {valid: 30d}}
`

// bad is a request that can't be satisfied, with the code of the answer.
type bad struct{ what, code, path, body string }

// TestBadInput asks for what can't be had: each answer says so by a code and in four
// languages, as the golden file has it, and nothing anywhere has changed.
func TestBadInput(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(testing.TB) string{"sqlite": sqlite, "postgres": postgres.New} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := open(t, url(t), "")
			if _, err := f.app.Publish(t.Context(), []byte(badInput), calendar.None, "the first"); err != nil {
				t.Fatal(err)
			}
			w := &worldOfBad{fixture: f, names: map[string]string{}}
			w.prepare()
			var golden bytes.Buffer
			before := w.everything()
			for i, c := range w.cases() {
				fmt.Fprintf(&golden, "# %s\n%s", c.what, w.refused(i, c))
				if after := w.everything(); after != before {
					t.Fatalf("%s: before\n%s\nafter\n%s", c.what, before, after)
				}
			}
			said := golden.String()
			for code, name := range w.names {
				said = strings.ReplaceAll(said, code, name)
			}
			testkit.Golden(t, "bad_input.golden", []byte(memberID.ReplaceAllString(said, "mem_…")))
			f.verified()
		})
	}
}

var memberID = regexp.MustCompile(`mem_[0-9A-Z]{13}`)

// worldOfBad is a workspace in which something has happened before.
type worldOfBad struct {
	*fixture
	// names are what the golden file calls the codes, which differ in each run.
	names map[string]string
	codes []string
}

// must sends a request that is to succeed.
func (w *worldOfBad) must(path, body string) {
	w.t.Helper()
	r := w.request(http.MethodPost, path, body)
	if r.Code >= 300 || strings.Contains(r.Body.String(), `"refused":true`) {
		w.t.Fatalf("%s %s: %d %s", path, body, r.Code, r.Body)
	}
}

func (w *worldOfBad) event(body string) { w.t.Helper(); w.must("/v1/events", body) }

// code makes a code, and gives it a name.
func (w *worldOfBad) code(name, more string) string {
	w.t.Helper()
	w.must("/v1/code-batches", fmt.Sprintf(`{"id":%q,"reward":"spring","pattern":"SPRING-########","count":1,"uses":1%s}`, name, more))
	csv := w.request(http.MethodGet, "/v1/code-batches/"+name+"/codes.csv", "").Body.String()
	_, line, _ := strings.Cut(csv, "\n")
	code, _, _ := strings.Cut(line, ",")
	w.names[code], w.codes = "{"+name+"}", append(w.codes, code)
	return code
}

// called gives the code of a name.
func (w *worldOfBad) called(name string) string {
	for code, n := range w.names {
		if n == "{"+name+"}" {
			return code
		}
	}
	w.t.Fatalf("no code is called %s", name)
	return ""
}

const cup = `"prices":"list","items":[{"sku":"cup","unit_price":"40.00"}]`

// prepare lets happen what the requests run into.
func (w *worldOfBad) prepare() {
	for n := range 5 {
		w.event(fmt.Sprintf(`{"type":"purchase","member":"card:%d","order":"START-%d","total":"100.00"}`, n, n))
	}
	w.code("over", `,"valid_until":"2026-03-01T09:10:00Z"`)
	w.code("not_yet", `,"valid_from":"2026-04-01T00:00:00Z"`)
	w.code("used_up", "")
	w.code("blocked", "")
	w.event(`{"type":"purchase","member":"card:2","order":"USED",` + cup + `,"codes":["` + w.called("used_up") + `"]}`)
	w.must("/v1/codes/"+w.called("blocked")+"/block", "")
	w.must("/v1/members/card:2/redemptions", `{"id":"mine","reward":"mine"}`)
	foreign := must[api.Vouchers](w.fixture, 200, http.MethodGet, "/v1/members/card:2/vouchers", "").Vouchers[0].Code
	w.names[foreign], w.codes = "{foreign}", append(w.codes, foreign)
	mistyped := w.called("used_up")
	last := "2"
	if strings.HasSuffix(mistyped, last) {
		last = "3"
	}
	w.names[mistyped[:len(mistyped)-1]+last] = "{mistyped}"
	w.event(`{"type":"purchase","member":"card:1","order":"LARGE",` + strings.Replace(cup, "40.00", "60.00", 1) + `,"codes":["LARGE"]}`)

	w.event(`{"type":"purchase","member":"card:1","order":"A1","items":[{"sku":"a","quantity":2,"unit_price":"10.00"}]}`)
	w.event(`{"type":"return","order":"A1","items":[{"sku":"a"}]}`)
	w.event(`{"type":"purchase","member":"card:1","order":"A2","items":[{"sku":"a","unit_price":"10.00"}]}`)
	w.event(`{"type":"return","order":"A2"}`)
	w.must("/v1/members/card:2/redemptions", `{"id":"sold","reward":"few"}`)
	w.must("/v1/gift-cards", `{"kind":"travel","amount":"50","code":"TRAVEL-1"}`)
	w.must("/v1/gift-cards", `{"kind":"birthday","amount":"50","code":"PARTY-1"}`)
	w.holds()
}

// holds lets some holds be confirmed or cancelled, and the time of others pass, of a
// reward, of a checkout, of a payment with a gift card and of a member who was merged.
func (w *worldOfBad) holds() {
	hold := func(id, card string) {
		w.must("/v1/members/"+card+"/redemptions", `{"id":"`+id+`","reward":"coffee","hold":true}`)
	}
	for _, id := range []string{"late", "done", "gone"} {
		hold(id, "card:1")
		hold("merged-"+id, "card:3")
		w.event(`{"id":"basket-` + id + `","type":"checkout","member":"card:1",` + cup + `}`)
		w.must("/v1/gift-cards/PARTY-1/payments", `{"id":"paid-`+id+`","amount":"10","hold":true}`)
	}
	w.must("/v1/members/card:3/merge", `{"into":"card:4"}`)
	for _, x := range []string{"redemptions/", "redemptions/merged-", "gift-card-payments/paid-"} {
		w.must("/v1/"+x+"done/confirm", `{}`)
		w.must("/v1/"+x+"gone/cancel", `{}`)
	}
	w.event(`{"type":"purchase","order":"PAID","checkout":"basket-done",` + cup + `}`)
	w.event(`{"type":"cancellation","redemption":"basket-gone"}`)
	w.clock.Advance(20 * time.Minute)
	hold("held", "card:1")
}

func (w *worldOfBad) cases() []bad {
	var list []bad
	with := func(what, code, member, codes, basket string) {
		n := len(list)
		list = append(list, bad{what, code, "/v1/events", fmt.Sprintf(`{"id":"code-%d","type":"purchase","member":%q,"order":"C-%d",%s,"codes":[%s]}`, n, member, n, basket, codes)})
	}
	quoted := func(name string) string { return `"` + w.called(name) + `"` }
	with("a code that nobody made", "unknown_code", "card:1", `"NOSUCH"`, cup)
	for _, c := range [][3]string{
		{"a code with a typing mistake", "malformed_code", "mistyped"},
		{"a code whose time is over", "over", "over"},
		{"a code whose time has not come", "not_yet", "not_yet"},
		{"a code that is used up", "used_up", "used_up"},
		{"a code that is blocked", "code_blocked", "blocked"},
		{"another member's voucher", "anothers_code", "foreign"},
	} {
		with(c[0], c[1], "card:1", quoted(c[2]), cup)
	}
	with("a code for larger baskets", "basket_too_small", "card:2", `"LARGE"`, cup)
	with("a code that the member has used", "taken_often", "card:1", `"LARGE"`, strings.Replace(cup, "40.00", "60.00", 1))
	with("two codes of which one is good", "used_up", "card:2", `"LARGE",`+quoted("used_up"), strings.Replace(cup, "40.00", "60.00", 1))
	list = append(list,
		bad{"a voucher that is another member's", "code_of_another", "/v1/members/card:1/vouchers", `{"code":` + quoted("foreign") + `}`},
		bad{"a voucher that is used up", "code_not_usable", "/v1/members/card:1/vouchers", `{"code":` + quoted("used_up") + `}`},
		bad{"a voucher that there is not", "unknown_code", "/v1/members/card:1/vouchers", `{"code":"NOSUCH"}`},
		bad{"a voucher with a typing mistake", "code_mistyped", "/v1/members/card:1/vouchers", `{"code":` + quoted("mistyped") + `}`},
		bad{"codes where prices are final", "not_allowed", "/v1/events", `{"type":"purchase","member":"card:1","total":"40.00","codes":["LARGE"]}`},
		bad{"a reward dearer than the wallet", "insufficient_balance", "/v1/members/card:1/redemptions", `{"id":"dear","reward":"dear"}`},
		bad{"a hold dearer than the wallet", "insufficient_balance", "/v1/members/card:1/redemptions", `{"id":"dear-held","reward":"dear","hold":true}`},
		bad{"more of a reward than the wallet is good for", "insufficient_balance", "/v1/members/card:1/redemptions", `{"id":"many","reward":"coffee","quantity":100}`},
		bad{"a reward that is gone", "out_of_stock", "/v1/members/card:1/redemptions", `{"id":"gone-reward","reward":"few"}`},
		bad{"more points than there are, to pay with", "payment_refused", "/v1/events", `{"id":"rich","type":"purchase","member":"card:1","order":"RICH",` + strings.Replace(cup, "40.00", "4000.00", 1) + `,"pay":[{"wallet":"points","amount":"5000"}]}`},
	)
	return append(append(list, w.steps()...), w.returnsAndCards()...)
}

// steps come too late, too early, twice or from somebody else.
func (w *worldOfBad) steps() []bad {
	var list []bad
	for _, x := range [...]struct{ what, path string }{
		{"a redemption", "redemptions/"}, {"the redemption of one who was merged", "redemptions/merged-"}, {"a payment with a gift card", "gift-card-payments/paid-"},
	} {
		step := func(what, code, of, word string) {
			id := fmt.Sprintf("step-%s-%s-%s", strings.ReplaceAll(x.path, "/", "-"), of, word)
			list = append(list, bad{what + " " + x.what, code, "/v1/" + x.path + of + "/" + word, `{"id":"` + id + `"}`})
		}
		step("confirm twice", "already_confirmed", "done", "confirm")
		step("cancel after confirming", "already_confirmed", "done", "cancel")
		step("confirm after cancelling", "already_cancelled", "gone", "confirm")
		step("cancel twice", "already_cancelled", "gone", "cancel")
		step("confirm after time-out", "hold_timed_out", "late", "confirm")
		step("cancel after time-out", "hold_timed_out", "late", "cancel")
		step("refund after cancelling", "already_cancelled", "gone", "refund")
		step("refund after time-out", "hold_timed_out", "late", "refund")
	}
	checkout := func(what, code, id, body string) {
		list = append(list, bad{what, code, "/v1/events", `{"id":"` + id + `",` + body + `}`})
	}
	for _, x := range []struct{ of, code string }{
		{"done", "already_confirmed"}, {"gone", "already_cancelled"}, {"late", "hold_timed_out"}, {"nowhere", "unknown_redemption"},
	} {
		of := x.of
		checkout("pay a checkout that is "+of, x.code, "pay-"+of, `"type":"purchase","order":"PAY-`+of+`","checkout":"basket-`+of+`",`+cup)
	}
	checkout("cancel a checkout after paying", "already_confirmed", "stop-done", `"type":"cancellation","redemption":"basket-done"`)
	checkout("cancel a checkout twice", "already_cancelled", "stop-gone", `"type":"cancellation","redemption":"basket-gone"`)
	checkout("cancel a checkout after time-out", "hold_timed_out", "stop-late", `"type":"cancellation","redemption":"basket-late"`)
	checkout("confirm another member's hold", "unknown_redemption", "other", `"type":"confirmation","member":"card:2","redemption":"held"`)
	return append(list,
		bad{"refund what is only held", "not_confirmed", "/v1/redemptions/held/refund", `{"id":"early"}`},
		bad{"confirm what nobody took", "unknown_redemption", "/v1/redemptions/nothing/confirm", `{"id":"none"}`},
		bad{"refund what can't be given back", "not_refundable", "/v1/redemptions/sold/refund", `{"id":"no-refund"}`},
	)
}

func (w *worldOfBad) returnsAndCards() []bad {
	back := func(what, code, id, body string) bad {
		return bad{what, code, "/v1/events", `{"id":"` + id + `","type":"return",` + body + `}`}
	}
	return []bad{
		back("return more than was bought", "more_than_bought", "back-1", `"order":"A1","items":[{"sku":"a","quantity":2}]`),
		back("return all twice", "more_than_bought", "back-2", `"order":"A2"`),
		back("return what was not bought", "more_than_bought", "back-3", `"order":"A1","items":[{"sku":"b"}]`),
		back("return another member's order", "not_your_order", "back-4", `"member":"card:2","order":"A1","items":[{"sku":"a"}]`),
		{"buy an order again", "order_exists", "/v1/events", `{"id":"again","type":"purchase","member":"card:1","order":"A1","total":"10.00"}`},
		{"pay in złoty with a gift card in euros", "gift_card_currency", "/v1/gift-cards/TRAVEL-1/payments", `{"id":"euro-1","amount":"1"}`},
		{"pay in euros with a gift card in złoty", "gift_card_currency", "/v1/gift-cards/PARTY-1/payments", `{"id":"euro-2","amount":"1","currency":"EUR"}`},
		{"pay in a currency without gift cards", "gift_card_currency", "/v1/gift-cards/PARTY-1/payments", `{"id":"euro-3","amount":"1","currency":"USD"}`},
		{"pay more than is on a gift card", "insufficient_balance", "/v1/gift-cards/PARTY-1/payments", `{"id":"too-much","amount":"40.01"}`},
		{"move what can only be paid with", "gift_card_stays", "/v1/gift-cards/PARTY-1/moves", `{"id":"moved","to":"card:1","amount":"1"}`},
		{"move to nobody", "unknown_identity", "/v1/gift-cards/PARTY-1/moves", `{"id":"moved-away","to":"card:nobody","amount":"1"}`},
		{"refund more than was paid", "more_than_paid", "/v1/gift-card-payments/paid-done/refund", `{"id":"too-much-back","amount":"10.01"}`},
		{"pay with a gift card that there is not", "unknown_gift_card", "/v1/gift-cards/NOSUCH-1/payments", `{"id":"no-card","amount":"1"}`},
		{"pay with no code of a gift card", "malformed_gift_card", "/v1/gift-cards/x!/payments", `{"id":"no-code","amount":"1"}`},
	}
}

// refused sends a bad request in each language and writes down the answers.
func (w *worldOfBad) refused(i int, c bad) string {
	w.t.Helper()
	var out strings.Builder
	fmt.Fprintf(&out, "POST %s %s\n", c.path, c.body)
	for _, lang := range [...]string{"en", "pl", "cs", "ru"} {
		path := c.path
		if path == "/v1/events" {
			path += "?explain=" + lang
		}
		r := w.request(http.MethodPost, path, c.body, "Accept-Language", lang)
		var p api.Problem
		var e api.EventAnswer
		code := ""
		if r.Code >= 400 {
			if err := json.Unmarshal(r.Body.Bytes(), &p); err != nil {
				w.t.Errorf("%s: %v %s", c.what, err, r.Body)
			}
			code = p.Code
		} else {
			if err := json.Unmarshal(r.Body.Bytes(), &e); err != nil || !e.Refused || e.Explanation == nil {
				w.t.Fatalf("%s: %d %s %v", c.what, r.Code, r.Body, err)
			}
			code, p.Title, p.Detail = e.Outcome, e.Explanation.Outcome, strings.Join(e.Explanation.Reasons, " ")
		}
		reason := code
		if e.Basket != nil {
			for _, one := range e.Basket.Codes {
				if one.Reason != "" {
					code += " " + one.Reason
					reason = one.Reason
				}
			}
		}
		if reason != c.code || p.Title == "" || r.Code >= 500 || strings.ContainsAny(p.Title+p.Detail, "⟦⟧") {
			w.t.Errorf("%s: in %s %d %s, want %s: %s", c.what, lang, r.Code, code, c.code, r.Body)
		}
		if lang == "en" {
			fmt.Fprintf(&out, "%s\n", code)
		}
		fmt.Fprintf(&out, "%s: %s | %s\n", lang, p.Title, p.Detail)
	}
	return out.String()
}

// everything is what all members, gift cards and codes have.
func (w *worldOfBad) everything() string {
	w.t.Helper()
	var out strings.Builder
	for n := range 5 {
		fmt.Fprintf(&out, "%d: %+v\n", n, w.wallet(fmt.Sprint("card:", n)))
	}
	for _, card := range []string{"TRAVEL-1", "PARTY-1"} {
		g := must[api.GiftCard](w.fixture, 200, http.MethodGet, "/v1/gift-cards/"+card, "")
		fmt.Fprintf(&out, "%s: %s %s\n", card, g.Available, g.Held)
	}
	for _, code := range w.codes {
		fmt.Fprintf(&out, "%d ", must[api.Code](w.fixture, 200, http.MethodGet, "/v1/codes/"+code, "").Used)
	}
	stock := must[api.Rewards](w.fixture, 200, http.MethodGet, "/v1/rewards", "").Rewards
	for i := range stock {
		if stock[i].Stock != nil {
			fmt.Fprintf(&out, "%s %d ", stock[i].ID, *stock[i].Stock)
		}
	}
	return out.String()
}
