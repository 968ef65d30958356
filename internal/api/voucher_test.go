package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"premia/internal/api"
	"premia/internal/core/calendar"
	"premia/internal/testkit/postgres"
)

// shopDocument is a program whose baskets come at list prices.
const shopDocument = `
program: Shop
currency: PLN
timezone: Europe/Warsaw
languages: [en, pl, cs, ru]
enrolment: {unknown: enrol}
wallets:
  points: {name: {en: points, pl: punkty, cs: body, ru: баллы}}
earn:
  - {id: spend, name: {en: points, pl: punkty, cs: body, ru: баллы}, give: {points: 1, per: 1.00}}
returns: {}
rewards:
  - id: coupon
    name: {en: Coupon, pl: Kupon, cs: Kupón, ru: Купон}
    kind: discount
    discount: {amount: 5.00}
    voucher: {for: bearer}
    codes: {pattern: "SHOP-######"}
  - id: mine
    name: {en: Voucher, pl: Bon, cs: Poukaz, ru: Ваучер}
    kind: discount
    price: {points: 100}
    discount: {percent: 50}
    voucher: {for: member, valid: 30d}
    refund: {within: 14d}
  - id: gift
    name: {en: Gift, pl: Prezent, cs: Dárek, ru: Подарок}
    kind: discount
    discount: {percent: 10}
    voucher: {for: bearer, uses: 2}
    refund: {within: 14d}
  - id: everybody
    name: {en: For everybody, pl: Dla każdego, cs: Pro každého, ru: Для всех}
    kind: discount
    discount: {percent: 10}
    code: HELLO10
`

// openShop opens a server with the shop's program.
func openShop(t testing.TB, url string) *fixture {
	f := open(t, url, "")
	if _, err := f.app.Publish(t.Context(), []byte(shopDocument), calendar.None, ""); err != nil {
		t.Fatal(err)
	}
	return f
}

func onEachShop(t *testing.T, test func(t *testing.T, f *fixture)) {
	for name, url := range map[string]func(testing.TB) string{"sqlite": sqlite, "postgres": postgres.New} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, openShop(t, url(t)))
		})
	}
}

// basket is a purchase of one thing for 100.00 with codes.
func basketWith(id, member string, codes ...string) string {
	return fmt.Sprintf(`{"id":%q,"type":"purchase","member":%q,"order":"O-%s","prices":"list","codes":["%s"],"items":[{"sku":"A","total":"100.00"}]}`, id, member, id, strings.Join(codes, `","`))
}

// buys sends the basket and tells whether its codes were taken.
func (f *fixture) buys(id, member string, codes ...string) (api.EventAnswer, bool) {
	f.t.Helper()
	answer := must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events?explain=en", basketWith(id, member, codes...))
	return answer, !answer.Refused
}

// record reads an event that was decided.
func (f *fixture) record(id string) api.EventAnswer {
	f.t.Helper()
	return must[struct {
		api.EventAnswer
		Event json.RawMessage
	}](f, 200, http.MethodGet, "/v1/events/"+id+"?lang=en", "").EventAnswer
}

func (f *fixture) code(code string) api.Code {
	f.t.Helper()
	return must[api.Code](f, 200, http.MethodGet, "/v1/codes/"+code, "")
}

// TestLastUseOfACode lets 64 checkouts take the one use of a code, and the last of
// ten, at once: exactly as many get it, and the others hear why not.
func TestLastUseOfACode(t *testing.T) {
	t.Parallel()
	onEachShop(t, func(t *testing.T, f *fixture) { takeLastUses(t, []*fixture{f}) })
}

// TestTwoServersAndOneCode shares the database between two servers.
func TestTwoServersAndOneCode(t *testing.T) {
	t.Parallel()
	url := postgres.New(t)
	takeLastUses(t, []*fixture{openShop(t, url), open(t, url, "")})
}

func takeLastUses(t *testing.T, servers []*fixture) {
	const checkouts = 64
	f := servers[0]
	for _, c := range []struct {
		code string
		uses int
	}{
		{f.codesOf(`{"reward":"coupon","count":1}`)[0], 1},
		{f.codesOf(`{"reward":"coupon","count":1,"uses":10}`)[0], 10},
	} {
		alternate(servers, checkouts, func(i int) (string, string) {
			return "/v1/events", basketWith(fmt.Sprint(c.code, "-", i), fmt.Sprint("card:", i), c.code)
		})
		taken := 0
		for i := range checkouts {
			answer := f.record(fmt.Sprint(c.code, "-", i))
			switch {
			case !answer.Refused:
				taken++
			case answer.Outcome != "code_refused" || answer.Explanation == nil || !strings.Contains(strings.Join(answer.Explanation.Reasons, " "), "has been used already"):
				t.Errorf("checkout %d: %+v", i, answer)
			}
		}
		if state := f.code(c.code); taken != c.uses || state.Used != int64(c.uses) || state.State != "used_up" {
			t.Errorf("the code was taken %d times, want %d: %+v", taken, c.uses, state)
		}
	}
	f.verified()
}

// TestVoucherOfAMember takes a voucher for points, uses it, and gives another back.
func TestVoucherOfAMember(t *testing.T) {
	t.Parallel()
	onEachShop(t, func(t *testing.T, f *fixture) {
		f.buyer("card:1", "300.00")
		f.buyer("card:2", "1.00")
		taken := f.redeem("card:1", "r1", "mine", false)
		if len(taken.Redemption.Vouchers) != 1 {
			t.Fatalf("%+v", taken.Redemption)
		}
		v := taken.Redemption.Vouchers[0]
		if v.Reward != "mine" || v.Redemption != "r1" || v.Bearer || v.Uses != 1 || v.State != "usable" || *v.ValidUntil != "2026-03-31T08:00:00Z" {
			t.Errorf("%+v", v)
		}
		mine := must[api.Vouchers](f, 200, http.MethodGet, "/v1/members/card:1/vouchers", "")
		if len(mine.Vouchers) != 1 || mine.Vouchers[0].Code != v.Code {
			t.Errorf("%+v", mine)
		}
		if answer, ok := f.buys("theirs", "card:2", v.Code); ok || answer.Outcome != "code_refused" {
			t.Errorf("another member uses it: %+v", answer)
		}
		if answer, ok := f.buys("ours", "card:1", strings.ToLower(v.Code)); !ok {
			t.Errorf("its owner can't use it: %+v", answer)
		}
		if c := f.code(v.Code); c.State != "used_up" || c.Used != 1 {
			t.Errorf("%+v", c)
		}
		p := f.problem(409, "not_refundable", http.MethodPost, "/v1/redemptions/r1/refund", `{}`)
		if !strings.Contains(p.Detail, "has been used already") {
			t.Errorf("%+v", p)
		}
		second := f.redeem("card:1", "r2", "mine", false).Redemption.Vouchers[0]
		back := must[api.RedemptionEvent](f, 201, http.MethodPost, "/v1/redemptions/r2/refund", `{}`)
		if back.Redemption.Status != "refunded" || back.Redemption.Vouchers[0].State != "blocked" {
			t.Errorf("%+v", back.Redemption)
		}
		if answer, ok := f.buys("late", "card:1", second.Code); ok {
			t.Errorf("a voucher that was given back is used: %+v", answer)
		}
		f.verified()
	})
}

// TestUseOrRefund lets a voucher's use and its refund race: the member has the one or
// the other, never both.
func TestUseOrRefund(t *testing.T) {
	t.Parallel()
	onEachShop(t, func(t *testing.T, f *fixture) {
		f.buyer("card:1", "1.00")
		for round := range 8 {
			id := fmt.Sprint("r", round)
			held := must[api.RedemptionEvent](f, 201, http.MethodPost, "/v1/members/card:1/redemptions", fmt.Sprintf(`{"id":%q,"reward":"gift","hold":true}`, id))
			if len(held.Redemption.Vouchers) != 0 {
				t.Errorf("a held redemption has a voucher: %+v", held.Redemption)
			}
			v := must[api.RedemptionEvent](f, 201, http.MethodPost, "/v1/redemptions/"+id+"/confirm", `{}`).Redemption.Vouchers[0]
			got := f.inParallel(4, func(i int) (string, string) {
				if i == 0 {
					return "/v1/redemptions/" + id + "/refund", `{}`
				}
				return "/v1/events", basketWith(fmt.Sprint(id, "-", i), fmt.Sprint("card:", 10+i), v.Code)
			})
			used := int64(0)
			for i := 1; i < 4; i++ {
				if answer := f.record(fmt.Sprint(id, "-", i)); !answer.Refused {
					used++
				}
			}
			refunded := got["409 not_refundable"] == 0
			if state := f.code(v.Code); refunded && (used > 0 || state.State != "blocked") || !refunded && (used != 2 || state.Used != 2) {
				t.Errorf("refunded %v, used %d times: %+v, %v", refunded, used, state, got)
			}
		}
		f.verified()
	})
}

// TestCodesOfAMemberWhoIsMerged lets the other member use them.
func TestCodesOfAMemberWhoIsMerged(t *testing.T) {
	t.Parallel()
	onEachShop(t, func(t *testing.T, f *fixture) {
		f.buyer("card:1", "100.00")
		f.buyer("card:2", "1.00")
		v := f.redeem("card:1", "r1", "mine", false).Redemption.Vouchers[0]
		must[api.MemberEvent](f, 201, http.MethodPost, "/v1/members/card:1/merge", `{"into":"card:2"}`)
		f.deliver()
		if list := must[api.Vouchers](f, 200, http.MethodGet, "/v1/members/card:2/vouchers", "").Vouchers; len(list) != 1 || list[0].Code != v.Code {
			t.Errorf("%+v", list)
		}
		if answer, ok := f.buys("e", "card:2", v.Code); !ok {
			t.Errorf("%+v", answer)
		}
		f.verified()
	})
}

// TestWhyACodeIsRefused sends baskets with codes that can't be used: each is refused
// with a reason in four languages, nothing is written of it, and a quote says the same.
func TestWhyACodeIsRefused(t *testing.T) {
	t.Parallel()
	onEachShop(t, func(t *testing.T, f *fixture) {
		f.buyer("card:1", "300.00")
		f.buyer("card:2", "1.00")
		over := f.codesOf(`{"reward":"coupon","count":1,"valid_until":"2026-03-01T08:00:00Z"}`)[0]
		early := f.codesOf(`{"reward":"coupon","count":1,"valid_from":"2026-04-01T00:00:00Z"}`)[0]
		used := f.codesOf(`{"reward":"coupon","count":1}`)[0]
		if answer, ok := f.buys("first", "card:1", used); !ok {
			t.Fatalf("%+v", answer)
		}
		foreign := f.redeem("card:1", "r1", "mine", false).Redemption.Vouchers[0].Code
		blocked := f.codesOf(`{"reward":"coupon","count":1}`)[0]
		must[api.Code](f, 200, http.MethodPost, "/v1/codes/"+blocked+"/block", "")
		mistyped := []byte(blocked)
		mistyped[5], mistyped[6] = mistyped[6], mistyped[5]
		if mistyped[5] == mistyped[6] {
			mistyped[5] = '0' ^ '2' ^ mistyped[5]
		}
		for what, c := range map[string]struct {
			code  string
			words map[string]string
		}{
			"unknown":   {"NOTHING-1", map[string]string{"en": "is not known", "pl": "NOTHING-1", "cs": "NOTHING-1", "ru": "NOTHING-1"}},
			"malformed": {string(mistyped), map[string]string{"en": "typing error", "pl": "", "cs": "", "ru": ""}},
			"over":      {over, map[string]string{"en": "", "pl": "", "cs": "", "ru": ""}},
			"early":     {early, map[string]string{"en": "", "pl": "", "cs": "", "ru": ""}},
			"used up":   {used, map[string]string{"en": "has been used already", "pl": "", "cs": "", "ru": ""}},
			"foreign":   {foreign, map[string]string{"en": "belongs to somebody else", "pl": "", "cs": "", "ru": ""}},
			"blocked":   {blocked, map[string]string{"en": "is blocked", "pl": "", "cs": "", "ru": ""}},
		} {
			said := map[string]bool{}
			for lang, words := range c.words {
				answer := must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events?explain="+lang, basketWith(strings.ReplaceAll(what, " ", "")+lang, "card:2", c.code))
				reasons := ""
				if answer.Explanation != nil {
					reasons = strings.Join(answer.Explanation.Reasons, " ")
				}
				if !answer.Refused || answer.Outcome != "code_refused" || !strings.Contains(reasons, words) || !strings.Contains(reasons, c.code) || said[reasons] {
					t.Errorf("%s, %s: %q %+v", what, lang, reasons, answer)
				}
				said[reasons] = true
			}
		}
		if b := f.balance("card:2"); b != "1" {
			t.Errorf("the balance is %s", b)
		}
		if c := f.code("hello-10"); !c.Declared || c.State != "usable" || c.Reward != "everybody" || c.Uses != 0 {
			t.Errorf("%+v", c)
		}
		f.problem(409, "code_declared", http.MethodPost, "/v1/codes/HELLO10/block", "")
		f.clock.Advance(time.Minute)
		f.verified()
	})
}
