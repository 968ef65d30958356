package portal_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"premia/internal/core/ledger"
)

// TestHistoryHasNoEnd reads a history of more than a thousand entries to its first, by
// kinds, too, and finds that no address leads into another's.
func TestHistoryHasNoEnd(t *testing.T) {
	t.Parallel()
	f := open(t)
	anna, ben := f.member("anna@example.com", "Anna"), f.member("ben@example.com", "Ben")
	const purchases = 1_010
	for first := 0; first < purchases; first += 505 {
		var all []string
		for n := first; n < first+505; n++ {
			all = append(all, fmt.Sprintf(`{"id":"p%d","type":"purchase","member":"email:anna@example.com","total":"1.00"}`, n))
		}
		answer, text := f.asked(http.MethodPost, "/v1/events/batch", `{"events":[`+strings.Join(all, ",")+`]}`, "Authorization", "Bearer "+f.key, "Content-Type", "application/json")
		if answer.StatusCode != http.StatusOK {
			t.Fatalf("%d %.500s", answer.StatusCode, text)
		}
	}
	f.clock.Advance(4 * 24 * time.Hour)
	older := regexp.MustCompile(`rel="next" href="([^"]+)"`)
	read := func(path string) (pages int, text string) {
		t.Helper()
		for {
			p := anna.get(path)
			p.want(t, path, http.StatusOK, "History")
			pages, text = pages+1, text+p.body
			next := older.FindStringSubmatch(p.body)
			if next == nil {
				return pages, text
			}
			path = strings.ReplaceAll(next[1], "&amp;", "&")
		}
	}
	pages, text := read("/history")
	if n := strings.Count(text, ">Purchase</h2>"); n != purchases || pages < 50 || !strings.Contains(text, ">Joined</h2>") {
		t.Errorf("%d pages have %d purchases", pages, n)
	}
	_, text = read("/history?kind=rewards")
	if strings.Contains(text, "<article") || !strings.Contains(text, "Look further back") || !strings.Contains(text, "nothing of that kind.") {
		t.Error("there are rewards in the history of somebody who took none")
	}
	if _, text = read("/history?kind=purchases"); strings.Count(text, "<article") != purchases {
		t.Errorf("there are %d purchases among purchases", strings.Count(text, "<article"))
	}

	mine := older.FindStringSubmatch(anna.get("/history").body)[1]
	ben.get(mine).want(t, "another's place", http.StatusSeeOther, "/history")
	owner, err := f.app.Find(t.Context(), "email:anna@example.com")
	if err != nil {
		t.Fatal(err)
	}
	other, err := f.app.Find(t.Context(), "email:ben@example.com")
	if err != nil {
		t.Fatal(err)
	}
	place := func(id ledger.MemberID) string { return ":" + strconv.FormatInt(int64(id), 36) + ":0" }
	forged := base64.RawURLEncoding.EncodeToString([]byte("h2" + place(other) + place(owner)))
	for _, bad := range []string{forged, "x", base64.RawURLEncoding.EncodeToString([]byte("h2" + place(other) + place(1)))} {
		ben.get("/history?from="+bad).want(t, "a forged place", http.StatusSeeOther, "/history")
	}
}
