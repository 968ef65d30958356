package reliability_test

import (
	"fmt"
	"testing"
)

// mug is a basket of one mug at 40.00.
const mug = `"prices":"list","items":[{"sku":"cup","unit_price":"40.00"}]`

// TestStoriesOfLimits lets 64 checkouts at once take the last of something, half of
// them on each server: exactly one has it, and the others hear why not. The last
// points of a budget are in TestLastPointsOfABudget.
func TestStoriesOfLimits(t *testing.T) {
	t.Parallel()
	onShops(t, func(t *testing.T, s *shop) {
		s.story(t, "the last use of a coupon", (*shop).lastUse)
		s.story(t, "the last unit of a stock", (*shop).lastUnit)
		s.story(t, "a limit for each customer", (*shop).customerLimit)
	})
}

// lastUse takes the one use of a code by 64 members, half of whom pay in two steps.
func (s *shop) lastUse() {
	for i := range attempts {
		s.fill(fmt.Sprint("card:", i), 0)
	}
	for round := range storyRounds() {
		code := s.single(fmt.Sprint("last-use-", round))
		s.expect("the last use", s.atOnce(attempts, func(i int) (string, string) {
			id, kind := fmt.Sprintf("use-%d-%d", round, i), "checkout"
			if i/2%2 == 0 {
				kind = `purchase","order":"O-` + id
			}
			return "/v1/events", fmt.Sprintf(`{"id":%q,"type":"%s","member":"card:%d",%s,"codes":[%q]}`, id, kind, i, mug, code)
		}), map[string]int{"applied": 1, "code_refused": attempts - 1})
		if used := s.used(code); used != 1 {
			s.t.Errorf("the code was used %d times", used)
		}
	}
}

func (s *shop) lastUnit() {
	for i := range attempts {
		s.fill(fmt.Sprint("card:", i), 1)
	}
	for round := range storyRounds() {
		s.expect("the last unit", s.atOnce(attempts, func(i int) (string, string) {
			return fmt.Sprintf("/v1/members/card:%d/redemptions", i), fmt.Sprintf(`{"reward":"last-%d","hold":%v}`, round, i/2%2 == 0)
		}), map[string]int{"applied": 1, "out_of_stock": attempts - 1})
	}
}

// customerLimit takes what each member can have once, a reward and a code.
func (s *shop) customerLimit() {
	for round := range storyRounds() {
		who := fmt.Sprint("card:only-", round)
		s.fill(who, 1)
		s.expect("a reward for each member once", s.atOnce(attempts, func(i int) (string, string) {
			return "/v1/members/" + who + "/redemptions", fmt.Sprintf(`{"reward":"once-%d","hold":%v}`, round, i/2%2 == 0)
		}), map[string]int{"applied": 1, "reward_not_available": attempts - 1})
		s.expect("a code for each member once", s.atOnce(attempts, func(i int) (string, string) {
			id := fmt.Sprintf("only-%d-%d", round, i)
			return "/v1/events", fmt.Sprintf(`{"id":%q,"type":"purchase","order":"O-%s","member":%q,%s,"codes":["EACHONE"]}`, id, id, who, mug)
		}), map[string]int{"applied": 1, "code_refused": attempts - 1})
		if w := s.wallet(who); w != "35 0 0" && w != "35 1 0" {
			s.t.Errorf("%s has %s, want 35 for the purchase, and perhaps one that is held", who, w)
		}
	}
}
