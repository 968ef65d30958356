package reliability_test

import (
	"fmt"
	"strings"
	"testing"

	"premia/internal/api"
)

// TestStoriesOfValue spends and gives away the same value many times at once, and
// sends again what was decided: value moves once.
func TestStoriesOfValue(t *testing.T) {
	t.Parallel()
	onShops(t, func(t *testing.T, s *shop) {
		s.story(t, "one gift card spent by two orders", (*shop).oneGiftCard)
		s.story(t, "one wallet given away twenty times", (*shop).oneWalletGiven)
		s.story(t, "a voucher counted once although payment has two steps", (*shop).twoSteps)
		s.story(t, "a cancelled order frees its code", (*shop).cancelledOrder)
		s.story(t, "replaying and re-syncing pays nothing again", (*shop).replayed)
	})
}

// oneGiftCard pays two orders with one card that is enough for one of them, and
// then with what is left.
func (s *shop) oneGiftCard() {
	for round := range storyRounds() {
		sold := s.post(0, "/v1/gift-cards", fmt.Sprintf(`{"id":"gift-%d","kind":"card","amount":"100.00"}`, round))
		card := "/v1/gift-cards/" + sold.GiftCard.Code
		s.expect("two orders", s.atOnce(2, func(i int) (string, string) {
			return card + "/payments", fmt.Sprintf(`{"id":"two-%d-%d","amount":"65.00","order":"G-%d-%d","hold":%v}`, round, i, round, i, i == 0)
		}), map[string]int{"applied": 1, "insufficient_balance": 1})
		s.expect("many orders", s.atOnce(attempts, func(i int) (string, string) {
			return card + "/payments", fmt.Sprintf(`{"id":"many-%d-%d","amount":"10.00"}`, round, i)
		}), map[string]int{"applied": 3, "insufficient_balance": attempts - 3})
		for n := range s.servers {
			if left := get[api.GiftCard](s, n, card); left.Available != "5.00" {
				s.t.Errorf("5.00 must be left on the card, not %s", left.Available)
			}
		}
	}
}

// oneWalletGiven gives all that a wallet has twenty times at once, to two members.
func (s *shop) oneWalletGiven() {
	for round := range storyRounds() {
		giver, takers := fmt.Sprint("card:giver-", round), [2]string{fmt.Sprint("card:taker-a-", round), fmt.Sprint("card:taker-b-", round)}
		s.fill(giver, 60)
		s.fill(takers[0], 0)
		s.fill(takers[1], 0)
		s.expect("gifts", s.atOnce(20, func(i int) (string, string) {
			return "/v1/members/" + giver + "/transfers", fmt.Sprintf(`{"id":"give-%d-%d","to":%q,"wallet":"points","amount":"60"}`, round, i, takers[i/2%2])
		}), map[string]int{"applied": 1, "insufficient_balance": 19})
		s.verified()
		s.holds(giver, "0 0 0")
		if a, b := s.wallet(takers[0]), s.wallet(takers[1]); a+b != "60 0 00 0 0" && a+b != "0 0 060 0 0" {
			s.t.Errorf("the takers have %s and %s, want 60 in all", a, b)
		}
	}
}

// twoSteps holds a code, and confirms the one checkout by many orders at once.
func (s *shop) twoSteps() {
	s.fill("card:two-steps", 0)
	for round := range storyRounds() {
		code := s.single(fmt.Sprint("two-steps-", round))
		held := s.must(0, "applied", fmt.Sprintf(`{"id":"step-%d","type":"checkout","member":"card:two-steps",%s,"codes":[%q]}`, round, mug, code))
		if held.Basket.ToPay != "20.00" || s.used(code) != 1 {
			s.t.Errorf("held: %+v; the code was used %d times", held.Basket, s.used(code))
		}
		got := s.atOnce(attempts, func(i int) (string, string) {
			id := fmt.Sprintf("paid-%d-%d", round, i)
			return "/v1/events", fmt.Sprintf(`{"id":%q,"type":"purchase","order":"O-%s","checkout":"step-%d",%s,"codes":[%q]}`, id, id, round, mug, code)
		})
		s.expect("confirmed", got, map[string]int{"applied": 1, "already_confirmed": attempts - 1})
		if used := s.used(code); used != 1 {
			s.t.Errorf("after the second step the code was used %d times", used)
		}
		s.must(1, "already_confirmed", fmt.Sprintf(`{"type":"cancellation","redemption":"step-%d"}`, round))
	}
	s.holds("card:two-steps", fmt.Sprint(20*storyRounds(), " 0 0"))
}

// cancelledOrder gives a checkout up while its purchase arrives: one of the two
// happens, and where it was given up the code is free for somebody else.
func (s *shop) cancelledOrder() {
	s.fill("card:doubtful", 0)
	s.fill("card:next", 0)
	for round := range 4 * storyRounds() {
		code := s.single(fmt.Sprint("cancelled-", round))
		s.must(round, "applied", fmt.Sprintf(`{"id":"hold-%d","type":"checkout","member":"card:doubtful",%s,"codes":[%q]}`, round, mug, code))
		got := s.atOnce(2, func(i int) (string, string) {
			if i == round%2 {
				return "/v1/events", fmt.Sprintf(`{"type":"cancellation","redemption":"hold-%d"}`, round)
			}
			return "/v1/events", fmt.Sprintf(`{"type":"purchase","order":"H-%d","checkout":"hold-%d",%s,"codes":[%q]}`, round, round, mug, code)
		})
		want, used := "code_refused", int64(1)
		if got["already_cancelled"] == 1 {
			want, used = "applied", 0
		}
		if got["applied"] != 1 || got["already_cancelled"]+got["already_confirmed"] != 1 || s.used(code) != used {
			s.t.Errorf("the order and its cancellation: %v; the code was used %d times", got, s.used(code))
		}
		s.must(round+1, want, fmt.Sprintf(`{"type":"purchase","order":"N-%d","member":"card:next",%s,"codes":[%q]}`, round, mug, code))
	}
	// Goods that all go back free the code, too.
	code := s.single("all-back")
	buyWith := func(outcome, order string) {
		s.must(0, outcome, fmt.Sprintf(`{"type":"purchase","order":%q,"member":"card:next",%s,"codes":[%q]}`, order, mug, code))
	}
	buyWith("applied", "B-1")
	buyWith("code_refused", "B-2")
	s.must(1, "applied", `{"type":"return","order":"B-1"}`)
	buyWith("applied", "B-3")
}

// replayed sends all of a day again and again, one by one, in batches and under
// fresh ids, to both servers at once.
func (s *shop) replayed() {
	s.fill("card:replay", 300)
	s.fill("card:friend", 0)
	code := s.single("replay")
	day := []string{
		fmt.Sprintf(`{"id":"day-1","type":"purchase","member":"card:replay","order":"D-1",%s,"codes":[%q],"pay":[{"wallet":"points","amount":"100"}]}`, mug, code),
		`{"id":"day-2","type":"purchase","member":"card:replay","order":"D-2","total":"120.00","items":[{"sku":"a","unit_price":"30.00","quantity":4}]}`,
		`{"id":"day-3","type":"return","order":"D-2","items":[{"sku":"a"}]}`,
		`{"id":"day-4","type":"redemption","member":"card:replay","reward":"coffee"}`,
		`{"id":"day-5","type":"refund","redemption":"day-4"}`,
		`{"id":"day-6","type":"review","member":"card:replay"}`,
	}
	for i, e := range day {
		s.must(i, "applied", e)
	}
	// 300 and 50 for a big purchase, less 100 and 10 for the mug, 120 and 50 less 30 and 50
	// that went back, and 5 for the review
	s.holds("card:replay", "355 0 0")
	for range storyRounds() {
		s.expect("the same again", s.atOnce(attempts, func(i int) (string, string) {
			if i%8 == 0 {
				return "/v1/events/batch", `{"events":[` + strings.Join(day, ",") + `]}`
			}
			return "/v1/events", day[i%len(day)]
		}), map[string]int{"": attempts / 8, "applied": attempts - attempts/8})
		s.expect("the same orders under fresh ids", s.atOnce(attempts, func(i int) (string, string) {
			fresh := strings.Replace(day[i%2], `"id":"day-`, fmt.Sprintf(`"id":"fresh-%d-`, i), 1)
			return "/v1/events", fresh
		}), map[string]int{"order_exists": attempts})
	}
	s.holds("card:replay", "355 0 0")
	if r := s.event(1, strings.Replace(day[5], "card:replay", "card:friend", 1)); r.Code != "idempotency_conflict" {
		s.t.Errorf("the id of another event: %d %s", r.status, r.outcome())
	}
	if used := s.used(code); used != 1 {
		s.t.Errorf("the code was used %d times", used)
	}
}
