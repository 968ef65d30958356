package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"premia/internal/api"
	"premia/internal/core/calendar"
	"premia/internal/core/mechanic/contest"
)

const contestOf = `contests:
  - id: spring
    name: {en: Spring, pl: Wiosna}
    until: 2026-03-31
    draw: 2026-04-02 12:00
    claim: {within: 7d}
    prizes: [{id: voyage, name: {en: Voyage, pl: Podróż}, give: {points: 1000}}]
`

// TestContests reads a contest before and after its draw, and claims the prize.
func TestContests(t *testing.T) {
	t.Parallel()
	onEach(t, "enrol", func(t *testing.T, f *fixture) {
		if _, err := f.app.Publish(t.Context(), []byte(fmt.Sprintf(document, "enrol")+contestOf), calendar.None, ""); err != nil {
			t.Fatal(err)
		}
		must[api.MemberEvent](f, 201, http.MethodPost, "/v1/members", `{"id":"j1","identities":["card:2900000000001"],"profile":{"given_name":"Żaneta","family_name":"Nowak"}}`)
		for n := range 2 {
			must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", fmt.Sprintf(`{"id":"p%d","type":"purchase","member":"card:2900000000001","total":"10.00"}`, n))
		}
		read := func() contest.Published {
			return must[contest.Published](f, 200, http.MethodGet, "/v1/contests/spring", "")
		}
		before := read()
		if before.State != contest.Announced || before.Entries != 2 || before.Seed != "" || len(before.Commitment) != 64 || before.DrawAt != "2026-04-02T10:00:00Z" {
			t.Errorf("before the draw it is %+v", before)
		}
		if all := must[api.Contests](f, 200, http.MethodGet, "/v1/contests", ""); len(all.Contests) != 1 || all.Contests[0].Commitment != before.Commitment {
			t.Errorf("the list has %+v", all)
		}
		if p := must[api.Problem](f, 404, http.MethodGet, "/v1/contests/nothing", ""); p.Code != "unknown_contest" {
			t.Errorf("of nothing: %+v", p)
		}
		if p := must[api.Problem](f, 409, http.MethodPost, "/v1/contests/spring/draw", ""); p.Code != "contest_not_over" {
			t.Errorf("too early: %+v", p)
		}
		const claim = "/v1/members/card:2900000000001/contests/spring/claim"
		if p := must[api.Problem](f, 409, http.MethodPost, claim, `{"id":"c0"}`); p.Code != "nothing_to_claim" {
			t.Errorf("before the draw: %+v", p)
		}
		if p := must[api.Problem](f, 404, http.MethodPost, strings.Replace(claim, "spring", "nothing", 1), `{"id":"c1"}`); p.Code != "unknown_contest" {
			t.Errorf("in no contest: %+v", p)
		}
		f.clock.Advance(33 * 24 * time.Hour)
		must[contest.Published](f, 200, http.MethodPost, "/v1/contests/spring/draw", "")
		drawn := read()
		if drawn.State != contest.Drawn || drawn.Commitment != before.Commitment || len(drawn.Winners) != 1 || drawn.Winners[0].Name != "Ż. N." || drawn.Winners[0].ClaimBy == "" {
			t.Fatalf("after the draw it is %+v", drawn)
		}
		if err := contest.Check(&drawn); err != nil {
			t.Error(err)
		}
		must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"id":"c2","type":"contest_claim","member":"card:2900000000001","contest":"spring"}`)
		if p := must[api.Problem](f, 409, http.MethodPost, claim, `{"id":"c3"}`); p.Code != "nothing_to_claim" {
			t.Errorf("twice: %+v", p)
		}
		if _, err := f.app.Erase(t.Context(), "gone", "card:2900000000001"); err != nil {
			t.Fatal(err)
		}
		if after := read(); after.State != contest.Finished || after.Winners[0].Name != "" {
			t.Errorf("a winner who was erased is %+v", after)
		}
	})
}
