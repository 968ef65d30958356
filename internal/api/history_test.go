package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"premia/internal/api"
)

// TestHistoryOfMerged reads the history of a member who took in two others, one
// of them through the other, in pages of every length: it is each time the same,
// the newest recorded first, and says whose each entry is.
func TestHistoryOfMerged(t *testing.T) {
	t.Parallel()
	onEach(t, "enrol", func(t *testing.T, f *fixture) {
		own := map[string]string{}
		for i := range 24 {
			card := fmt.Sprintf("card:%d", i%4)
			id := fmt.Sprintf("e%02d", i)
			f.clock.Advance(time.Minute)
			own[id] = must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"id":"`+id+`","type":"purchase","member":"`+card+`","total":"1"}`).Member
			switch i {
			case 9:
				must[api.MemberEvent](f, 201, http.MethodPost, "/v1/members/card:1/merge", `{"id":"m1","into":"card:2"}`)
			case 16:
				must[api.MemberEvent](f, 201, http.MethodPost, "/v1/members/card:2/merge", `{"id":"m2","into":"card:3"}`)
			}
		}
		stranger := must[api.Member](f, 200, http.MethodGet, "/v1/members/card:0", "").ID
		winner := must[api.Member](f, 200, http.MethodGet, "/v1/members/card:1", "").ID
		var first []string
		for limit := 1; limit <= 40; limit++ {
			all := f.historyOf("card:3", limit)
			var got []string
			for i, e := range all {
				got = append(got, e.ID+" "+e.Member)
				if i > 0 && e.Recorded > all[i-1].Recorded {
					t.Errorf("with pages of %d %s of %s stands behind %s of %s", limit, e.ID, e.Recorded, all[i-1].ID, all[i-1].Recorded)
				}
			}
			if first == nil {
				first = got
			}
			if diff := cmp.Diff(first, got); diff != "" {
				t.Errorf("pages of %d (-pages of 1 +got):\n%s", limit, diff)
			}
		}
		for id, member := range own {
			entry := id + " " + member
			if slices.Contains(first, entry) == (member == stranger) {
				t.Errorf("%s is in the history: %t", entry, member != stranger)
			}
		}
		if !slices.ContainsFunc(first, func(e string) bool { return !strings.HasSuffix(e, winner) }) {
			t.Errorf("all entries are the winner's: %v", first)
		}
		page := f.request(http.MethodGet, "/v1/members/card:3/history?limit=2", "")
		var cursor struct {
			Next string `json:"next_cursor"`
		}
		if err := json.Unmarshal(page.Body.Bytes(), &cursor); err != nil || cursor.Next == "" {
			t.Fatalf("%v in %s", err, page.Body)
		}
		f.problem(400, "invalid_parameter", http.MethodGet, "/v1/members/card:0/history?cursor="+cursor.Next, "")
	})
}

// historyOf reads all pages of a history.
func (f *fixture) historyOf(member string, limit int) (all []api.EventAnswer) {
	f.t.Helper()
	start := fmt.Sprintf("/v1/members/%s/history?limit=%d", member, limit)
	for path := start; ; {
		var page struct {
			Entries    []api.EventAnswer
			NextCursor string `json:"next_cursor"`
		}
		if err := json.Unmarshal(f.request(http.MethodGet, path, "").Body.Bytes(), &page); err != nil {
			f.t.Fatal(err)
		}
		if len(page.Entries) == 0 || len(page.Entries) > limit {
			f.t.Fatalf("%s has %d entries", path, len(page.Entries))
		}
		all = append(all, page.Entries...)
		if page.NextCursor == "" {
			return all
		}
		path = start + "&cursor=" + page.NextCursor
	}
}
