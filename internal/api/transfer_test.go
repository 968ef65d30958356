package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"premia/internal/api"
)

func (f *fixture) member(card, total string) string {
	f.t.Helper()
	joined := must[api.MemberEvent](f, 201, http.MethodPost, "/v1/members", fmt.Sprintf(`{"identities":["card:%s"]}`, card))
	must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", fmt.Sprintf(`{"type":"purchase","member":"card:%s","total":%q}`, card, total))
	return joined.Member.ID
}

// TestTransferOverTheAPI gives value, once, however often it is asked for, and
// says why it can't be given.
func TestTransferOverTheAPI(t *testing.T) {
	t.Parallel()
	onEach(t, "refuse", func(t *testing.T, f *fixture) {
		f.member("1", "50.00")
		f.member("2", "5.00")
		body := `{"id":"t1","to":"card:2","wallet":"points","amount":"20","reference":"lunch"}`
		given := must[api.EventAnswer](f, 201, http.MethodPost, "/v1/members/card:1/transfers", body)
		if given.Refused || given.Balances[0].Balance != "40" || f.balance("card:2") != "35" {
			t.Errorf("given: %+v, the receiver has %s", given, f.balance("card:2"))
		}
		again := must[api.EventAnswer](f, 200, http.MethodPost, "/v1/members/card:1/transfers", body)
		if again.Balances[0].Balance != "40" || f.balance("card:2") != "35" {
			t.Errorf("given again: %+v, the receiver has %s", again, f.balance("card:2"))
		}
		for want, body := range map[string]string{
			"below_minimum":        `{"to":"card:2","wallet":"points","amount":"1"}`,
			"limit_reached":        `{"to":"card:2","wallet":"points","amount":"41"}`,
			"insufficient_balance": `{"to":"card:2","wallet":"points","amount":"40"}`,
		} {
			if want == "insufficient_balance" {
				must[api.EventAnswer](f, 201, http.MethodPost, "/v1/members/card:1/adjustments", `{"wallet":"points","amount":"-1","reason":"a test"}`)
			}
			if p := must[api.Problem](f, 409, http.MethodPost, "/v1/members/card:1/transfers", body); p.Code != want || p.Title == "" || p.Detail == "" {
				t.Errorf("%s: %+v", want, p)
			}
		}
		if p := must[api.Problem](f, 422, http.MethodPost, "/v1/members/card:1/transfers", `{"to":"card:1","wallet":"points","amount":"5"}`); p.Code != "transfer_to_self" {
			t.Errorf("to oneself: %+v", p)
		}
		record := f.request(http.MethodGet, "/v1/events/t1", "").Body.String()
		if strings.Contains(record, "card") || !strings.Contains(record, `"to":"mem_`) {
			t.Errorf("the journal says %s", record)
		}
		must[api.EventAnswer](f, 200, http.MethodDelete, "/v1/members/card:2", "")
		if p := must[api.Problem](f, 422, http.MethodPost, "/v1/members/card:1/transfers", `{"to":"card:2","wallet":"points","amount":"5"}`); p.Path != "to" {
			t.Errorf("to one who was erased: %+v", p)
		}
		// What was answered before stays so.
		must[api.EventAnswer](f, 200, http.MethodPost, "/v1/members/card:1/transfers", body)
	})
}

// TestTwentyTransfersOfOneWallet sends twenty transfers of all there is at once.
func TestTwentyTransfersOfOneWallet(t *testing.T) {
	t.Parallel()
	onEach(t, "refuse", func(t *testing.T, f *fixture) {
		f.member("1", "50.00")
		f.member("2", "0.00")
		var all sync.WaitGroup
		for n := range 20 {
			all.Go(func() {
				f.request(http.MethodPost, "/v1/members/card:1/transfers", fmt.Sprintf(`{"id":"t%d","to":"card:2","wallet":"points","amount":"60"}`, n))
			})
		}
		all.Wait()
		if giver, receiver := f.balance("card:1"), f.balance("card:2"); giver != "0" || receiver != "70" {
			t.Errorf("giver %s, receiver %s; want 0 and 70", giver, receiver)
		}
	})
}
