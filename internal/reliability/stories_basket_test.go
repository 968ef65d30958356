package reliability_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"premia/internal/api"
)

// TestStoriesOfBaskets buys, earns and gives back, piece by piece and many at once.
// The same stories, one step after another, are scenarios of mechanic/checkout
// (testdata/shop.yaml), mechanic/reward (vouchers.yaml) and mechanic/giftcard
// (cards.yaml).
func TestStoriesOfBaskets(t *testing.T) {
	t.Parallel()
	onShops(t, func(t *testing.T, s *shop) {
		s.story(t, "buy, earn, return, keep nothing", (*shop).keepNothing)
		s.story(t, "points are not charged a second time on a refund", (*shop).chargedOnce)
		s.story(t, "discounts don't move, and thresholds hold for what remains", (*shop).discountsStay)
		s.story(t, "no order for free, maxima, gifts and free pieces", (*shop).neverFree)
		s.story(t, "nothing earned on what points and gift cards pay", (*shop).earnedOnMoney)
		s.story(t, "each lot expires by itself, and all dates are shown", (*shop).lotsExpire)
		s.story(t, "every refusal says why", (*shop).refusalsSayWhy)
	})
}

// keepNothing gives ten pieces back one by one by many returns at once: ten of them
// happen, and then nothing is left, also where the points were spent meanwhile.
func (s *shop) keepNothing() {
	for round := range storyRounds() {
		for _, spends := range []bool{false, true} {
			who, order := fmt.Sprint("card:back-", spends, round), fmt.Sprint("K-", spends, round)
			s.must(0, "applied", fmt.Sprintf(`{"type":"purchase","member":%q,"order":%q,"total":"105.00","items":[{"sku":"a","quantity":10,"unit_price":"10.50"}]}`, who, order))
			s.holds(who, "155 0 0")
			want := "0 0 0"
			if spends {
				s.must(1, "applied", fmt.Sprintf(`{"type":"redemption","member":%q,"reward":"coffee"}`, who))
				want = "0 0 10"
			}
			got := s.atOnce(attempts, func(i int) (string, string) {
				return "/v1/events", fmt.Sprintf(`{"type":"return","order":%q,"items":[{"sku":"a"}]}`, order)
			})
			s.expect("returns of one piece of ten", got, map[string]int{"applied": 10, "more_than_bought": attempts - 10})
			s.holds(who, want)
		}
	}
}

// chargedOnce refunds a reward many times at once, and gives back goods that points
// paid: all points are there again, once.
func (s *shop) chargedOnce() {
	for round := range storyRounds() {
		who := fmt.Sprint("card:refund-", round)
		s.fill(who, 60)
		s.must(0, "applied", fmt.Sprintf(`{"id":"taken-%d","type":"redemption","member":%q,"reward":"coffee"}`, round, who))
		s.expect("refunds", s.atOnce(attempts, func(i int) (string, string) {
			return fmt.Sprintf("/v1/redemptions/taken-%d/refund", round), `{}`
		}), map[string]int{"applied": 1, "already_refunded": attempts - 1})
		s.holds(who, "60 0 0")
		s.must(1, "applied", fmt.Sprintf(`{"type":"purchase","member":%q,"order":"P-%d",%s,"pay":[{"wallet":"points","amount":"50"}]}`, who, round, mug))
		s.holds(who, "45 0 0") // 10 and 35 for what money pays
		s.expect("returns", s.atOnce(attempts, func(i int) (string, string) {
			return "/v1/events", fmt.Sprintf(`{"type":"return","order":"P-%d"}`, round)
		}), map[string]int{"applied": 1, "more_than_bought": attempts - 1})
		s.holds(who, "60 0 0")
	}
}

// discountsStay gives the lines of a reduced basket back at once, in whatever order
// that comes: what is paid back is what was paid.
func (s *shop) discountsStay() {
	const basket = `"prices":"list","shipping":"9.00","items":[{"sku":"a","category":"stairs","unit_price":"130.00"},` +
		`{"sku":"b","category":"stairs","unit_price":"90.00"},{"sku":"c","unit_price":"33.33"},{"sku":"d","category":"tea","quantity":3,"unit_price":"7.77"}]`
	for round := range storyRounds() {
		who := fmt.Sprint("card:lines-", round)
		bought := s.must(0, "applied", fmt.Sprintf(`{"type":"purchase","member":%q,"order":"L-%d",%s,"codes":["LARGE"]}`, who, round, basket))
		got, lines := make([]string, 4), []string{"a", "b", "c", "d"}
		s.expect("returns of each line", s.atOnce(len(lines), func(i int) (string, string) {
			more := ""
			if lines[i] == "d" {
				more = `,"quantity":3`
			}
			got[i] = fmt.Sprintf("line-%d-%s", round, lines[i])
			return "/v1/events", fmt.Sprintf(`{"id":%q,"type":"return","order":"L-%d","items":[{"sku":%q%s}]}`, got[i], round, lines[i], more)
		}), map[string]int{"applied": len(lines)})
		back := int64(0)
		for i := range got {
			back += grosze(s.t, *get[api.EventAnswer](s, i, "/v1/events/"+got[i]).PaidBack)
		}
		if back != grosze(s.t, bought.Basket.ToPay) {
			s.t.Errorf("%d was paid back of %s", back, bought.Basket.ToPay)
		}
		s.holds(who, "0 0 0")
	}
	s.must(0, "applied", `{"type":"purchase","member":"card:steps","order":"S-1",`+strings.Replace(basket, `"shipping":"9.00",`, "", 1)+`}`)
	// 130 of a are 104 with a fifth off and 117 with a tenth: b brought the rest.
	first := s.must(1, "applied", `{"type":"return","order":"S-1","items":[{"sku":"b"}]}`)
	if *first.PaidBack != "59.00" {
		s.t.Errorf("%s is paid back for b, which cost 72 and took 13 off a", *first.PaidBack)
	}
}

// grosze reads an amount of money.
func grosze(t testing.TB, amount string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(strings.Replace(amount, ".", "", 1), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// neverFree quotes and buys baskets, on each server for the same.
func (s *shop) neverFree() {
	for i, c := range []struct{ items, more, pays string }{
		{`{"sku":"coat","category":"sale","unit_price":"100.00"}`, `,"codes":["SEVENTY"]`, "18.00"},
		{`{"sku":"coat","category":"sale","unit_price":"100.00"}`, `,"codes":["SEVENTY","CAPPED"]`, "10.00"},
		{`{"sku":"cup","unit_price":"40.00"}`, `,"codes":["CAPPED"]`, "32.00"},
		{`{"sku":"machine","unit_price":"500.00","quantity":3},{"sku":"mug","unit_price":"20.00","quantity":4}`, "", "1520.00"},
		{`{"sku":"t","category":"tea","unit_price":"10.00","quantity":7}`, "", "50.00"},
		{`{"sku":"t","category":"tea","unit_price":"10.00","quantity":30}`, "", "270.00"},
	} {
		basket := `"prices":"list","items":[` + c.items + `]` + c.more
		for n := range s.servers {
			if q := s.post(n, "/v1/quotes", `{"type":"purchase","member":"card:back-false0",`+basket+`}`); q.Basket == nil || q.Basket.ToPay != c.pays {
				s.t.Errorf("quoted %s: %+v, want %s to pay", basket, q.Basket, c.pays)
			}
		}
		if r := s.must(i, "applied", fmt.Sprintf(`{"type":"purchase","member":"card:priced","order":"Q-%d",%s}`, i, basket)); r.Basket.ToPay != c.pays {
			s.t.Errorf("bought %s: %+v, want %s to pay", basket, r.Basket, c.pays)
		}
	}
}

func (s *shop) earnedOnMoney() {
	s.fill("card:money", 80)
	r := s.must(0, "applied", `{"type":"purchase","member":"card:money","order":"E-1",`+mug+`,"paid_with_gift_cards":"15.00","pay":[{"wallet":"points","amount":"80"}]}`)
	if r.Basket.ToPay != "17.00" || len(r.Gave) != 1 || r.Gave[0].Amount != "17" {
		s.t.Errorf("paid with gift cards, points and money: %+v gave %+v", r.Basket, r.Gave)
	}
	s.must(1, "applied", `{"type":"purchase","member":"card:money","order":"E-2","total":"60.00","paid_with_gift_cards":"50.00","paid_with_points":"6.00"}`)
	s.holds("card:money", "21 0 0")
}

// lotsExpire earns by several rules on several days: each lot has a date of its own,
// and what is over is gone although nobody swept.
func (s *shop) lotsExpire() {
	s.fill("card:lots", 10)
	s.must(1, "applied", `{"type":"review","member":"card:lots"}`)
	s.must(0, "applied", `{"type":"visit","member":"card:lots"}`)
	s.must(1, "applied", `{"type":"visit","member":"card:lots","time":"`+s.ago(30)+`"}`)
	s.must(0, "applied", `{"type":"purchase","member":"card:lots","total":"7","time":"`+s.ago(40)+`"}`)
	s.holds("card:lots", "24 0 0")
	for n := range s.servers {
		dates := map[string]bool{}
		var rules []string
		for _, lot := range get[api.Lots](s, n, "/v1/members/card:lots/wallets/points/lots").Lots {
			if lot.ExpiresAt == nil {
				s.t.Errorf("%+v has no date", lot)
				continue
			}
			dates[*lot.ExpiresAt] = true
			rules = append(rules, lot.Rule+" "+lot.Amount)
		}
		slices.Sort(rules)
		if got := strings.Join(rules, ", "); len(dates) != 4 || got != "earn.review 5, earn.spend 10, earn.spend 7, earn.visit 2" {
			s.t.Errorf("the lots are %s, with %d dates", got, len(dates))
		}
	}
}

// refusalsSayWhy asks for what can't be had, and wants a reason in each language.
func (s *shop) refusalsSayWhy() {
	s.fill("card:asks", 10)
	s.fill("card:other", 10)
	s.must(0, "applied", `{"type":"purchase","member":"card:asks","order":"R-1",`+mug+`,"codes":["EACHONE"]}`)
	code := s.single("refusals")
	s.must(0, "applied", fmt.Sprintf(`{"type":"purchase","member":"card:other","order":"R-2",%s,"codes":[%q]}`, mug, code))
	s.must(0, "applied", `{"id":"own","type":"redemption","member":"card:other","reward":"mine"}`)
	others := get[api.Vouchers](s, 0, "/v1/members/card:other/vouchers").Vouchers[0].Code
	for i, c := range []struct{ codes, reason string }{
		{`"NOSUCH"`, "unknown_code"},
		{`"` + mistyped(code) + `"`, "malformed_code"},
		{`"` + code + `"`, "used_up"},
		{`"EACHONE"`, "taken_often"},
		{`"LARGE"`, "basket_too_small"},
		{`"` + others + `"`, "anothers_code"},
		{`"CAPPED","LONELY"`, "not_combined"},
	} {
		for _, lang := range [...]string{"en", "pl", "cs", "ru"} {
			body := fmt.Sprintf(`{"id":"why-%d-%s","type":"purchase","member":"card:asks","order":"W-%d-%s",%s,"codes":[%s]}`, i, lang, i, lang, mug, c.codes)
			r := s.post(i, "/v1/events?explain="+lang, body)
			reasons := []string{}
			for _, code := range r.Basket.Codes {
				reasons = append(reasons, code.Reason)
			}
			said := strings.Join(r.Explanation.Reasons, "\n")
			if r.Outcome != "code_refused" || !slices.Contains(reasons, c.reason) || said == "" || strings.ContainsAny(r.Explanation.Outcome+said, "⟦⟧") {
				s.t.Errorf("%s: %s %v, in %s: %s %q", c.codes, r.Outcome, reasons, lang, r.Explanation.Outcome, said)
			}
		}
	}
	s.holds("card:asks", "45 0 0")
}
