package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"premia/internal/api"
	"premia/internal/core/calendar"
)

const boards = `
leaderboards:
  - {id: spenders, name: {en: Top spenders, pl: Najlepsi}, by: spend, period: calendar month, top: 3, prizes: [{places: 1, give: {points: 1000}}]}
  - {id: towns, by: purchases, group: member.city, period: calendar month}
`

// TestLeaderboardsOverTheAPI shows rankings with members as they chose to be seen, a
// member's places with neighbours, and a ranking as it was fixed.
func TestLeaderboardsOverTheAPI(t *testing.T) {
	t.Parallel()
	onEach(t, "refuse", func(t *testing.T, f *fixture) {
		if _, err := f.app.Publish(context.Background(), []byte(fmt.Sprintf(document, "refuse")+boards), calendar.None, "boards"); err != nil {
			t.Fatal(err)
		}
		f.clock.Advance(time.Hour)
		for n, more := range []string{
			`"profile":{"nickname":"Ania","city":"Praha"},"consents":{"leaderboard_name":true}`,
			`"profile":{"nickname":"Ben","city":"Praha"}`,
			`"profile":{"nickname":"Cleo"},"consents":{"leaderboard_name":true,"leaderboard_place":false}`,
			`"profile":{"city":"Brno"},"consents":{"leaderboard_name":true}`,
		} {
			must[api.MemberEvent](f, 201, http.MethodPost, "/v1/members", fmt.Sprintf(`{"identities":["card:%d"],%s}`, n+1, more))
		}
		for n, total := range []string{"100.00", "90.00", "90.00", "10.00"} {
			must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", fmt.Sprintf(`{"type":"purchase","member":"card:%d","total":%q}`, n+1, total))
			f.clock.Advance(time.Minute)
		}
		shown := func(path string) string {
			var b strings.Builder
			for _, r := range must[api.Leaderboard](f, 200, http.MethodGet, path, "").Places {
				name := "-"
				if r.Name != nil {
					name = *r.Name
				}
				fmt.Fprintf(&b, "%d %s %s; ", r.Place, name, r.Score)
			}
			return b.String()
		}
		if got, want := shown("/v1/leaderboards/spenders"), "1 Ania 100.00; 2 - 90.00; "; got != want {
			t.Errorf("the list is %q, want %q", got, want)
		}
		if got, want := shown("/v1/leaderboards/towns?group=Praha"), "1 Ania 1; 2 - 1; "; got != want {
			t.Errorf("the list of a town is %q, want %q", got, want)
		}
		all := must[api.Leaderboards](f, 200, http.MethodGet, "/v1/leaderboards?lang=pl", "").Leaderboards
		if len(all) != 2 || all[0].Title != "Najlepsi" || all[0].Groups[0].Members != 4 || !all[1].Grouped || len(all[1].Groups) != 2 || all[0].Fixed {
			t.Errorf("the leaderboards are %+v", all)
		}
		own := must[api.Standings](f, 200, http.MethodGet, "/v1/members/card:3/leaderboards?around=1&lang=en", "").Leaderboards
		if len(own) != 1 || own[0].Place != 3 || own[0].Of != 4 || len(own[0].Neighbours) != 3 || !own[0].Neighbours[1].Asked || own[0].Words != "Top spenders: place 3 of 4 with PLN\u00a090.00." {
			t.Errorf("the member stands at %+v", own)
		}
		if m := must[api.Member](f, 200, http.MethodGet, "/v1/members/card:1", ""); len(m.Leaderboards) != 2 || m.Leaderboards[0].Place != 1 || *m.Profile.Nickname != "Ania" {
			t.Errorf("the member is %+v", m)
		}
		f.problem(404, "unknown_leaderboard", http.MethodGet, "/v1/leaderboards/none", "")
		f.problem(422, "missing", http.MethodGet, "/v1/leaderboards/towns", "")
		f.problem(422, "unknown_period", http.MethodGet, "/v1/leaderboards/spenders?period=May", "")
		f.problem(422, "invalid", http.MethodPatch, "/v1/members/card:1", `{"profile":{"nickname":"`+strings.Repeat("я", 31)+`"}}`)

		period := all[0].Period
		f.clock.Advance(40 * 24 * time.Hour)
		if _, _, err := f.app.EndLeaderboards(context.Background()); err != nil {
			t.Fatal(err)
		}
		must[api.MemberEvent](f, 200, http.MethodPatch, "/v1/members/card:2", `{"consents":{"leaderboard_name":true}}`)
		must[api.EventAnswer](f, 200, http.MethodDelete, "/v1/members/card:1", "")
		if got, want := shown("/v1/leaderboards/spenders?period="+period), "1 - 100.00; 2 Ben 90.00; "; got != want {
			t.Errorf("the fixed list is %q, want %q", got, want)
		}
		if got := shown("/v1/leaderboards/spenders"); got != "" {
			t.Errorf("the next period has %q", got)
		}
	})
}
