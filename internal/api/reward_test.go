package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"premia/internal/api"
	"premia/internal/app"
	"premia/internal/testkit/postgres"
)

func (f *fixture) buyer(card, total string) {
	f.t.Helper()
	must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"type":"purchase","member":"`+card+`","total":"`+total+`"}`)
}

func (f *fixture) redeem(member, id, reward string, hold bool) api.RedemptionEvent {
	f.t.Helper()
	return must[api.RedemptionEvent](f, 201, http.MethodPost, "/v1/members/"+member+"/redemptions", fmt.Sprintf(`{"id":%q,"reward":%q,"hold":%v}`, id, reward, hold))
}

func (f *fixture) wallet(member string) api.Balance {
	f.t.Helper()
	return must[api.Wallets](f, 200, http.MethodGet, "/v1/members/"+member+"/wallets", "").Wallets[0]
}

// TestRewards asks for the catalogue, in a language and for a member.
func TestRewards(t *testing.T) {
	t.Parallel()
	onEach(t, "enrol", func(t *testing.T, f *fixture) {
		all := must[api.Rewards](f, 200, http.MethodGet, "/v1/rewards?lang=pl", "").Rewards
		if len(all) != 7 || all[0].Description != "krótkie i czarne" || all[0].Picture.Alt != "filiżanka" || all[0].Price[0] != (api.Amount{Wallet: "points", Amount: "10"}) ||
			all[0].Stock != nil || *all[1].Stock != 1 || all[3].Money.Amount != "50.00" || all[0].Available != nil {
			t.Errorf("the catalogue is %+v", all)
		}
		f.buyer("card:1", "5") // and 10 for joining
		mine := must[api.Rewards](f, 200, http.MethodGet, "/v1/rewards?member=card:1", "", "Accept-Language", "en").Rewards
		if !*mine[0].Available || *mine[3].Available || mine[3].Outcome != "insufficient_balance" || !strings.Contains(mine[3].WhyNot[0], "1,000") {
			t.Errorf("for the member the catalogue is %+v, %v", mine, mine[3].WhyNot)
		}
		f.redeem("card:1", "r1", "last", false)
		mine = must[api.Rewards](f, 200, http.MethodGet, "/v1/rewards?member=card:1", "").Rewards
		if *mine[1].Available || mine[1].Outcome != "out_of_stock" || *mine[1].Stock != 0 {
			t.Errorf("what is gone is %+v", mine[1])
		}
	})
}

// TestRedemption is the way of a reward: held, confirmed, made ready, handed
// over; each step once, and refused with a reason where it comes too late.
func TestRedemption(t *testing.T) {
	t.Parallel()
	onEach(t, "enrol", func(t *testing.T, f *fixture) {
		f.buyer("card:1", "25")
		held := f.redeem("card:1", "r1", "espresso", true)
		if r := held.Redemption; r.Status != "held" || r.Reward != "espresso" || r.HeldUntil == nil || r.Price[0].Amount != "10" {
			t.Errorf("held: %+v", r)
		}
		if w := f.wallet("card:1"); w.Held != "10" || w.Available != "25" {
			t.Errorf("the wallet is %+v", w)
		}
		again := must[api.RedemptionEvent](f, 200, http.MethodPost, "/v1/members/card:1/redemptions", `{"id":"r1","reward":"espresso","hold":true}`)
		if !again.Event.Repeated || f.wallet("card:1").Held != "10" {
			t.Errorf("again: %+v", again)
		}
		f.problem(409, "idempotency_conflict", http.MethodPost, "/v1/members/card:1/redemptions", `{"id":"r1","reward":"last"}`)
		f.problem(409, "not_confirmed", http.MethodPost, "/v1/redemptions/r1/refund", `{"id":"early"}`)
		done := must[api.RedemptionEvent](f, 201, http.MethodPost, "/v1/redemptions/r1/confirm", `{"id":"c1"}`)
		if done.Redemption.Status != "ordered" || f.wallet("card:1").Held != "0" {
			t.Errorf("confirmed: %+v", done.Redemption)
		}
		if again := must[api.RedemptionEvent](f, 200, http.MethodPost, "/v1/redemptions/r1/confirm", `{"id":"c1"}`); !again.Event.Repeated {
			t.Errorf("confirmed again: %+v", again)
		}
		f.problem(409, "already_confirmed", http.MethodPost, "/v1/redemptions/r1/confirm", `{"id":"c2"}`)
		p := f.problem(409, "already_confirmed", http.MethodPost, "/v1/redemptions/r1/cancel", `{"id":"x1"}`, "Accept-Language", "cs")
		if !strings.HasPrefix(p.Title, "Odmítnuto") {
			t.Errorf("in Czech: %+v", p)
		}
		for _, status := range []string{"ready", "handed_over"} {
			if r := must[api.RedemptionEvent](f, 201, http.MethodPost, "/v1/redemptions/r1/fulfilment", `{"status":"`+status+`"}`); r.Redemption.Status != status {
				t.Errorf("%s: %+v", status, r.Redemption)
			}
		}
		f.problem(409, "unknown_status", http.MethodPost, "/v1/redemptions/r1/fulfilment", `{"status":"ready"}`)
		back := must[api.RedemptionEvent](f, 201, http.MethodPost, "/v1/redemptions/r1/refund", `{"reason":"cold"}`)
		if back.Redemption.Status != "refunded" || f.balance("card:1") != "35" {
			t.Errorf("refunded: %+v, %s", back.Redemption, f.balance("card:1"))
		}
		f.problem(409, "already_refunded", http.MethodPost, "/v1/redemptions/r1/refund", `{}`)
	})
}

// TestHoldsEnd lets a hold time out, gives one up, and asks for each later.
func TestHoldsEnd(t *testing.T) {
	t.Parallel()
	onEach(t, "enrol", func(t *testing.T, f *fixture) {
		f.buyer("card:1", "25")
		f.redeem("card:1", "r1", "espresso", true)
		f.redeem("card:1", "r2", "espresso", true)
		must[api.RedemptionEvent](f, 201, http.MethodPost, "/v1/redemptions/r2/cancel", `{}`)
		f.clock.Advance(15 * time.Minute)
		if w := f.wallet("card:1"); w.Held != "0" || w.Available != "35" {
			t.Errorf("the wallet is %+v before anybody swept", w)
		}
		p := f.problem(409, "hold_timed_out", http.MethodPost, "/v1/redemptions/r1/confirm", `{"id":"c1"}`)
		if again := f.problem(409, "hold_timed_out", http.MethodPost, "/v1/redemptions/r1/confirm", `{"id":"c1"}`); again.Detail != p.Detail {
			t.Errorf("the same request is answered by %+v and %+v", p, again)
		}
		f.problem(409, "already_cancelled", http.MethodPost, "/v1/redemptions/r2/cancel", `{}`)
		f.problem(404, "unknown_redemption", http.MethodPost, "/v1/redemptions/c1/cancel", `{}`)
		list := must[api.Redemptions](f, 200, http.MethodGet, "/v1/members/card:1/redemptions", "").Redemptions
		if len(list) != 2 || list[0].ID != "r2" || list[0].Status != "cancelled" || list[1].Status != "timed_out" {
			t.Errorf("the member's redemptions are %+v", list)
		}
		if steps := list[0].Steps; len(steps) != 1 || steps[0].Status != "cancelled" || steps[0].At == "" || !strings.HasPrefix(steps[0].By, "key_") {
			t.Errorf("who cancelled, and when: %+v", steps)
		}
		if r := must[api.Redemption](f, 200, http.MethodGet, "/v1/redemptions/r1", ""); r.Status != "timed_out" {
			t.Errorf("the redemption is %+v", r)
		}
		f.buyer("card:2", "25")
		if p := must[record](f, 201, http.MethodPost, "/v1/events", `{"type":"cancellation","member":"card:2","redemption":"r1"}`); p.Outcome != "unknown_redemption" {
			t.Errorf("another member's redemption: %+v", p.EventAnswer)
		}
	})
}

// TestHoldOfAMergedMember confirms with the one who remains.
func TestHoldOfAMergedMember(t *testing.T) {
	t.Parallel()
	onEach(t, "enrol", func(t *testing.T, f *fixture) {
		f.buyer("card:1", "25")
		f.buyer("card:2", "5")
		f.redeem("card:1", "r1", "espresso", true)
		f.redeem("card:1", "r2", "espresso", true)
		f.redeem("card:1", "r3", "once", false)
		must[api.MemberEvent](f, 201, http.MethodPost, "/v1/members/card:1/merge", `{"into":"card:2"}`)
		if w := f.wallet("card:2"); w.Held != "20" || w.Available != "29" {
			t.Errorf("the wallet is %+v", w)
		}
		if r := must[api.RedemptionEvent](f, 201, http.MethodPost, "/v1/redemptions/r1/confirm", `{}`); r.Redemption.Status != "ordered" {
			t.Errorf("confirmed: %+v", r)
		}
		f.clock.Advance(15 * time.Minute)
		f.problem(409, "hold_timed_out", http.MethodPost, "/v1/redemptions/r2/confirm", `{}`)
		f.problem(409, "not_refundable", http.MethodPost, "/v1/redemptions/r3/refund", `{}`)
		f.problem(409, "reward_not_available", http.MethodPost, "/v1/members/card:1/redemptions", `{"reward":"once"}`)
		if w := f.wallet("card:2"); w.Held != "0" || w.Available != "39" {
			t.Errorf("the wallet is %+v", w)
		}
		if v := must[api.Redemptions](f, 200, http.MethodGet, "/v1/members/card:2/redemptions", "").Redemptions; len(v) != 3 {
			t.Errorf("the redemptions are %+v", v)
		}
	})
}

// inParallel sends requests at once and counts the answers by status and code.
func (f *fixture) inParallel(n int, request func(i int) (path, body string)) map[string]int {
	var mu sync.Mutex
	var all sync.WaitGroup
	counts := map[string]int{}
	for i := range n {
		all.Go(func() {
			path, body := request(i)
			w := f.request(http.MethodPost, path, body)
			what := fmt.Sprint(w.Code)
			if w.Code >= 300 {
				_, rest, _ := strings.Cut(w.Body.String(), `"code":"`)
				code, _, _ := strings.Cut(rest, `"`)
				what += " " + code
			}
			mu.Lock()
			defer mu.Unlock()
			counts[what]++
		})
	}
	all.Wait()
	return counts
}

// expectCounts compares answers with what they must be.
func expectCounts(t *testing.T, what string, got map[string]int, want map[string]int) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: the answers are %v, want %v", what, got, want)
	}
}

// TestLastOfAll lets 64 checkouts take the last unit of a stock, a member's last
// points and a member's only use at once: exactly one gets it, and the others
// hear why not.
func TestLastOfAll(t *testing.T) {
	t.Parallel()
	const checkouts = 64
	onEach(t, "enrol", func(t *testing.T, f *fixture) {
		for i := range checkouts {
			f.buyer(fmt.Sprint("card:", i), "1")
		}
		take := func(member func(i int) string, reward string) map[string]int {
			return f.inParallel(checkouts, func(i int) (string, string) {
				return "/v1/members/" + member(i) + "/redemptions", fmt.Sprintf(`{"id":"%s-%d","reward":%q,"hold":%v}`, reward, i, reward, i%2 == 0)
			})
		}
		each := func(i int) string { return fmt.Sprint("card:", i) }
		expectCounts(t, "the last unit", take(each, "last"), map[string]int{"201": 1, "409 out_of_stock": checkouts - 1})
		first := func(int) string { return "card:0" }
		expectCounts(t, "a member's only use", take(first, "once"), map[string]int{"201": 1, "409 reward_not_available": checkouts - 1})
		f.buyer("card:new", "5") // 15 points
		expectCounts(t, "a member's last points", take(func(int) string { return "card:new" }, "espresso"), map[string]int{"201": 1, "409 insufficient_balance": checkouts - 1})
		f.verified()
	})
}

// TestStepsInParallel confirms and cancels one hold at once, and confirms holds
// while the sweeper ends them.
func TestStepsInParallel(t *testing.T) {
	t.Parallel()
	onEach(t, "enrol", func(t *testing.T, f *fixture) {
		f.buyer("card:1", "1000")
		f.redeem("card:1", "r1", "espresso", true)
		steps := []string{"confirm", "cancel"}
		got := f.inParallel(32, func(i int) (string, string) {
			return "/v1/redemptions/r1/" + steps[i%2], fmt.Sprintf(`{"id":"s%d"}`, i)
		})
		if got["201"] != 1 || got["201"]+got["409 already_confirmed"]+got["409 already_cancelled"] != 32 {
			t.Errorf("the answers are %v", got)
		}
		same := f.inParallel(16, func(int) (string, string) {
			return "/v1/members/card:1/redemptions", `{"id":"same","reward":"espresso"}`
		})
		expectCounts(t, "the same request", same, map[string]int{"200": 15, "201": 1})
		for i := range 16 {
			f.redeem("card:1", fmt.Sprint("t", i), "espresso", true)
		}
		f.clock.Advance(15 * time.Minute)
		swept := make(chan error, 1)
		go func() {
			_, err := f.app.Journal.Sweep(t.Context())
			swept <- err
		}()
		late := f.inParallel(16, func(i int) (string, string) { return fmt.Sprintf("/v1/redemptions/t%d/confirm", i), `{}` })
		if err := <-swept; err != nil {
			t.Error(err)
		}
		expectCounts(t, "confirmed too late", late, map[string]int{"409 hold_timed_out": 16})
		f.verified()
	})
}

// verified checks the journal and all that is derived from it.
func (f *fixture) verified() {
	f.t.Helper()
	v, err := app.Verify(f.t.Context(), f.app.Store, app.VerifyOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	if v.Difference != nil {
		f.t.Error(v.Difference)
	}
}

// TestTwoServers shares a database between two servers: they sell the last unit
// once, and a hold is confirmed by one or ended by the other's sweeper, not both.
func TestTwoServers(t *testing.T) {
	t.Parallel()
	url := postgres.New(t)
	one := open(t, url, "enrol")
	two := open(t, url, "")
	servers := []*fixture{one, two}
	const checkouts = 64
	for i := range checkouts {
		one.buyer(fmt.Sprint("card:", i), "19")
	}
	got := alternate(servers, checkouts, func(i int) (string, string) {
		return fmt.Sprintf("/v1/members/card:%d/redemptions", i), `{"reward":"last"}`
	})
	expectCounts(t, "the last unit", got, map[string]int{"201": 1, "409 out_of_stock": checkouts - 1})
	for i := range checkouts {
		one.redeem(fmt.Sprint("card:", i), fmt.Sprint("h", i), "espresso", true)
	}
	// For one of the servers the time is over, for the other not yet.
	two.clock.Advance(15 * time.Minute)
	swept := make(chan error, 1)
	go func() {
		_, err := two.app.Journal.Sweep(t.Context())
		swept <- err
	}()
	confirmed := one.inParallel(checkouts, func(i int) (string, string) { return fmt.Sprintf("/v1/redemptions/h%d/confirm", i), `{}` })
	if err := <-swept; err != nil {
		t.Error(err)
	}
	if confirmed["201"]+confirmed["409 hold_timed_out"] != checkouts {
		t.Errorf("the answers are %v", confirmed)
	}
	one.verified()
}

// alternate sends requests to the servers in turn, all at once.
func alternate(servers []*fixture, n int, request func(i int) (path, body string)) map[string]int {
	total := map[string]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for k, f := range servers {
		all.Go(func() {
			counts := f.inParallel(n/len(servers), func(i int) (string, string) { return request(i*len(servers) + k) })
			mu.Lock()
			defer mu.Unlock()
			for what, count := range counts {
				total[what] += count
			}
		})
	}
	all.Wait()
	return total
}
