package api_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"premia/internal/core/calendar"
	"premia/internal/core/event"
)

// guestPurchase is the purchase that examples claim.
func guestPurchase() *event.Event {
	return &event.Event{ID: "guest", Type: event.Purchase, Order: "2040", Total: 1000, Given: event.GivenTotal, At: calendar.None}
}

// FuzzRequests sends random bodies to the routes that read them: whatever comes
// is answered with JSON, and never as a mistake of the server's.
func FuzzRequests(f *testing.F) {
	paths := []struct{ method, path string }{
		{http.MethodPost, "/v1/events"}, {http.MethodPost, "/v1/events/batch"}, {http.MethodPost, "/v1/quotes"},
		{http.MethodPost, "/v1/members"}, {http.MethodPatch, "/v1/members/card:1"}, {http.MethodPost, "/v1/members/card:1/identities"},
		{http.MethodPost, "/v1/members/card:1/merge"}, {http.MethodPost, "/v1/members/card:1/adjustments"},
		{http.MethodPost, "/v1/members/card:1/claims"}, {http.MethodPost, "/v1/api-keys"}, {http.MethodPost, "/v1/programs/check"},
	}
	for i := range paths {
		for _, body := range []string{
			"", "{}", "[]", "null", `{"events":[{"type":"purchase","member":"card:1","total":"1"},null,1,"x",[]]}`,
			`{"type":"purchase","member":"card:1","total":"1","items":[{"quantity":0.5,"unit_price":"2"}]}`,
			`{"identities":["card:1","email:é@例え.jp"],"profile":{"birth_date":"1990-05-31"},"facts":{"a":""},"consents":{"b":true}}`,
			`{"identity":"phone:+48600100200"}`, `{"into":"mem_0000000000001"}`, `{"wallet":"points","amount":"-1","reason":"x"}`,
			"program: A\ncurrency: PLN\n", "\xff\xfe", `{"id":"` + "\x00" + `"}`,
		} {
			f.Add(uint8(i), "key", []byte(body))
		}
	}
	fix := open(f, sqlite(f), "enrol")
	f.Fuzz(func(t *testing.T, route uint8, key string, body []byte) {
		p := paths[int(route)%len(paths)]
		w := fix.request(p.method, p.path, string(body), "Idempotency-Key", key)
		if w.Code >= 500 || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s %s with %q: %d %s", p.method, p.path, body, w.Code, w.Body)
		}
	})
}

// FuzzReferences reads members by random names.
func FuzzReferences(f *testing.F) {
	for _, ref := range []string{"card:1", "mem_0000000000001", "email:a@b.cz", "phone:+1", ":", "a:b", "card:../..", "email:\"a b\"@x.y", "é:é"} {
		f.Add(ref)
	}
	fix := open(f, sqlite(f), "enrol")
	f.Fuzz(func(t *testing.T, ref string) {
		_, identity, err := fix.app.Who(ref)
		if err != nil || identity.Kind == "" {
			return
		}
		_, again, err := fix.app.Who(identity.String())
		if err != nil || again != identity {
			t.Errorf("%q is %v, and that is read as %v (%v)", ref, identity, again, err)
		}
	})
}
