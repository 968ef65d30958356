package api_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"premia/internal/api"
)

// TestSecondPerson adjusts by more than one person may: nothing moves until
// another key approves, once, however many try.
func TestSecondPerson(t *testing.T) {
	t.Parallel()
	onEach(t, "refuse", func(t *testing.T, f *fixture) {
		f.member("1", "50.00")
		second := "Bearer " + f.newKey("adjustments:write")
		large := func(id, amount string) api.EventAnswer {
			return must[api.EventAnswer](f, 201, http.MethodPost, "/v1/members/card:1/adjustments", `{"id":"`+id+`","wallet":"points","amount":"`+amount+`","reason":"a broken machine"}`)
		}
		if small := large("a0", "500"); small.Outcome != "applied" || f.balance("card:1") != "560" {
			t.Fatalf("alone: %+v", small)
		}
		if a := large("a1", "600"); a.Outcome != "waits_for_approval" || a.Refused || f.balance("card:1") != "560" {
			t.Fatalf("more than alone: %+v", a)
		}
		large("a2", "-501")
		waiting := must[struct {
			Adjustments []record `json:"adjustments"`
		}](f, 200, http.MethodGet, "/v1/adjustments/waiting?lang=pl", "")
		if len(waiting.Adjustments) != 2 || waiting.Adjustments[1].ID != "a1" || !strings.Contains(string(waiting.Adjustments[1].Event), `"by":"key_`) ||
			!strings.Contains(waiting.Adjustments[1].Explanation.Reasons[0], "druga osoba") {
			t.Fatalf("waiting: %+v", waiting)
		}
		f.problem(409, "second_person_needed", http.MethodPost, "/v1/adjustments/a1/approve", `{}`)
		f.problem(404, "unknown_adjustment", http.MethodPost, "/v1/adjustments/a9/approve", `{}`)
		f.problem(409, "not_waiting", http.MethodPost, "/v1/adjustments/a0/approve", `{}`, "Authorization", second)

		var done sync.WaitGroup
		codes := make([]int, 64)
		for i := range codes {
			done.Go(func() {
				codes[i] = f.request(http.MethodPost, "/v1/adjustments/a1/approve", `{}`, "Authorization", second).Code
			})
		}
		done.Wait()
		approved := 0
		for _, code := range codes {
			switch code {
			case http.StatusCreated:
				approved++
			case http.StatusConflict:
			default:
				t.Errorf("an approval is answered with %d", code)
			}
		}
		if approved != 1 || f.balance("card:1") != "1160" {
			t.Errorf("%d of 64 approvals happened, and the balance is %s", approved, f.balance("card:1"))
		}
		must[api.EventAnswer](f, 201, http.MethodPost, "/v1/adjustments/a2/reject", `{"id":"no","reason":"no receipt"}`, "Authorization", second)
		must[api.EventAnswer](f, 200, http.MethodPost, "/v1/adjustments/a2/reject", `{"id":"no","reason":"no receipt"}`, "Authorization", second)
		f.problem(409, "not_waiting", http.MethodPost, "/v1/adjustments/a2/approve", `{}`, "Authorization", second)
		if left := must[api.WaitingAdjustments](f, 200, http.MethodGet, "/v1/adjustments/waiting", ""); len(left.Adjustments) != 0 {
			t.Errorf("still waiting: %+v", left)
		}
		// The plain way in keeps to the same rules.
		large("a3", "600")
		only := "Bearer " + f.newKey("events:write")
		f.problem(403, "forbidden", http.MethodPost, "/v1/events", `{"type":"approval","about":"a3"}`, "Authorization", only)
		if a := must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"type":"approval","about":"a3"}`); a.Outcome != "second_person_needed" {
			t.Errorf("approved by the same key: %+v", a)
		}
	})
}
