package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"premia/internal/api"
)

// TestHistoryOfTime lets points expire: the entry is no event, and has no id.
func TestHistoryOfTime(t *testing.T) {
	t.Parallel()
	f := open(t, sqlite(t), "enrol")
	must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"id":"e1","type":"purchase","member":"card:1","total":"20"}`)
	f.clock.Advance(400 * 24 * time.Hour)
	if _, err := f.app.Journal.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := f.request(http.MethodGet, "/v1/members/card:1/history", "")
	var page struct{ Entries []map[string]any }
	if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || len(page.Entries) != 3 {
		t.Fatalf("%v in %s", err, w.Body)
	}
	if e := page.Entries[0]; e["type"] != "settle" || strings.Contains(w.Body.String(), `"id":""`) {
		t.Errorf("the newest entry is %v", e)
	}
}
