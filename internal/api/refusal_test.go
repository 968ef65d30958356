package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"premia/internal/core/event"
	"premia/internal/testkit"
)

// refusal is a request that is refused, and after which nothing has changed.
type refusal struct {
	what, policy, method, path, body string
	headers                          []string
}

func post(what, body string) refusal {
	return refusal{what: what, policy: "enrol", method: http.MethodPost, path: "/v1/events", body: body}
}

func refusals() []refusal {
	long := strings.Repeat("x", 300<<10)
	many := strings.Repeat(`{"type":"purchase","total":"1"},`, 1001)
	items := strings.Repeat(`{"total":"1"},`, event.MaxItems+1)
	list := []refusal{
		post("no JSON", `{"type":`),
		post("something behind the event", `{"type":"purchase","member":"card:1","total":"1"} x`),
		post("no type", `{"member":"card:1","total":"1"}`),
		post("an unknown key", `{"type":"purchase","member":"card:1","totl":"1"}`),
		post("a key twice", `{"type":"purchase","member":"card:1","total":"1","total":"2"}`),
		post("null", `{"type":"purchase","member":null,"total":"1"}`),
		post("an unknown type", `{"type":"reviw","member":"card:1"}`),
		post("a type of Premia's own", `{"type":"merge","member":"card:1"}`),
		post("a negative quantity", `{"type":"purchase","member":"card:1","items":[{"quantity":-2,"unit_price":"1"}]}`),
		post("a negative total", `{"type":"purchase","member":"card:1","total":"-5"}`),
		post("a total that the items contradict", `{"type":"purchase","member":"card:1","total":"5","items":[{"quantity":2,"unit_price":"3"}]}`),
		post("not a number", `{"type":"purchase","member":"card:1","total":NaN}`),
		post("not a number, as a text", `{"type":"purchase","member":"card:1","total":"NaN"}`),
		post("a huge number", `{"type":"purchase","member":"card:1","total":"99999999999999999999999999"}`),
		post("an exponent", `{"type":"purchase","member":"card:1","total":1e9}`),
		post("too many decimals", `{"type":"purchase","member":"card:1","total":"1.005"}`),
		post("another currency", `{"type":"purchase","member":"card:1","total":"1","currency":"EUR"}`),
		post("a time without a zone", `{"type":"purchase","member":"card:1","total":"1","time":"2026-03-01T10:00:00"}`),
		post("a time out of range", `{"type":"purchase","member":"card:1","total":"1","time":"1969-01-01T00:00:00Z"}`),
		post("a time in the future", `{"type":"purchase","member":"card:1","total":"1","time":"2026-03-01T09:05:01Z"}`),
		post("a time too long ago", `{"type":"purchase","member":"card:1","total":"1","time":"2025-02-01T00:00:00Z"}`),
		post("an unknown wallet", `{"type":"adjustment","member":"card:1","wallet":"beans","amount":"1","reason":"x"}`),
		post("no reason", `{"type":"adjustment","member":"card:1","wallet":"points","amount":"1"}`),
		post("an adjustment for nobody", `{"type":"adjustment","wallet":"points","amount":"1","reason":"x"}`),
		post("a field that is not declared", `{"type":"review","member":"card:1","data":{"stars":5,"color":"red"}}`),
		post("a field of another type", `{"type":"review","member":"card:1","data":{"stars":"five"}}`),
		post("a required field missing", `{"type":"review","member":"card:1","data":{"text":"good"}}`),
		post("no member", `{"type":"purchase","total":"1"}`),
		post("a member's id with a mistake", `{"type":"purchase","member":"mem_123","total":"1"}`),
		post("a member's id that nobody has", `{"type":"purchase","member":"mem_0000000000001","total":"1"}`),
		post("no identity", `{"type":"purchase","member":"anna","total":"1"}`),
		post("a malformed address", `{"type":"purchase","member":"email:anna","total":"1"}`),
		post("a malformed telephone number", `{"type":"purchase","member":"phone:12","total":"1"}`),
		post("a return of nobody known", `{"type":"return","member":"card:77","order":"O"}`),
		post("an id with a space", `{"id":"a b","type":"purchase","member":"card:1","total":"1"}`),
		post("too many items", `{"type":"purchase","member":"card:1","items":[`+strings.TrimSuffix(items, ",")+`]}`),
		post("a body over the bound", `{"type":"purchase","member":"card:1","total":"1","reference":"`+long+`"}`),
		{"an unknown member where the program refuses", "refuse", http.MethodPost, "/v1/events", `{"type":"purchase","member":"card:1","total":"1"}`, nil},
		{"a claim of somebody unknown where guests are kept", "guest", http.MethodPost, "/v1/events", `{"type":"claim","member":"card:1","order":"O"}`, nil},
		{"an adjustment of somebody unknown where guests are kept", "guest", http.MethodPost, "/v1/events", `{"type":"adjustment","member":"card:1","wallet":"points","amount":"1","reason":"x"}`, nil},
		{"a form", "enrol", http.MethodPost, "/v1/events", `type=purchase`, []string{"Content-Type", "application/x-www-form-urlencoded"}},
		{"an unknown parameter", "enrol", http.MethodPost, "/v1/events?explian=pl", `{}`, nil},
		{"an unknown language", "enrol", http.MethodPost, "/v1/events?explain=de", `{}`, nil},
		{"an empty batch", "enrol", http.MethodPost, "/v1/events/batch", `{"events":[]}`, nil},
		{"a batch that is a list", "enrol", http.MethodPost, "/v1/events/batch", `[]`, nil},
		{"an unknown key of a batch", "enrol", http.MethodPost, "/v1/events/batch", `{"event":[]}`, nil},
		{"a batch over the bound", "enrol", http.MethodPost, "/v1/events/batch", `{"events":[` + strings.TrimSuffix(many, ",") + `]}`, nil},
		{"a batch with an event over the bound", "enrol", http.MethodPost, "/v1/events/batch", `{"events":[{"reference":"` + long + `"}]}`, nil},
		{"an unknown event", "enrol", http.MethodGet, "/v1/events/nothing", "", nil},
	}
	return append(list, memberRefusals()...)
}

func memberRefusals() []refusal {
	enrol := func(what, body string) refusal {
		return refusal{what: what, policy: "enrol", method: http.MethodPost, path: "/v1/members", body: body}
	}
	return []refusal{
		enrol("an unknown field", `{"identitys":["card:1"]}`),
		enrol("an unknown field of a profile", `{"profile":{"given-name":"Anna"}}`),
		enrol("a wrong type", `{"identities":"card:1"}`),
		enrol("no JSON of a member", `{"identities":`),
		enrol("an identity without a kind", `{"identities":["card:1","2900"]}`),
		enrol("no date of birth", `{"profile":{"birth_date":"31.5.1990"}}`),
		enrol("a date of birth to come", `{"profile":{"birth_date":"2027-01-01"}}`),
		enrol("no language", `{"profile":{"language":"de"}}`),
		enrol("a fact that is derived", `{"facts":{"age_band":"18-24"}}`),
		enrol("a fact with a bad name", `{"facts":{"Shoe size":"39"}}`),
		{"a reward that there is not", "enrol", http.MethodPost, "/v1/members/card:1/redemptions", `{}`, nil},
		{"a redemption of nobody known", "enrol", http.MethodPost, "/v1/members/card:1/redemptions", `{"reward":"espresso"}`, nil},
		{"a confirmation of nothing", "enrol", http.MethodPost, "/v1/redemptions/nothing/confirm", `{}`, nil},
		{"a state that there is not", "enrol", http.MethodPost, "/v1/redemptions/nothing/fulfilment", `{"status":"eaten"}`, nil},
		{"a redemption that there is not", "enrol", http.MethodGet, "/v1/redemptions/nothing", "", nil},
		{"the rewards of a stranger", "enrol", http.MethodGet, "/v1/rewards?member=card:1", "", nil},
		{"a redemption event for nobody", "enrol", http.MethodPost, "/v1/events", `{"type":"redemption","reward":"espresso"}`, nil},
		{"a confirmation event of nothing", "enrol", http.MethodPost, "/v1/events", `{"type":"confirmation","redemption":"nothing"}`, nil},
		{"a member who is unknown", "enrol", http.MethodGet, "/v1/members/card:1", "", nil},
		{"a search without an identity", "enrol", http.MethodGet, "/v1/members", "", nil},
		{"a cursor that is none", "enrol", http.MethodGet, "/v1/members/card:1/history?cursor=abc", "", nil},
		{"a page that is too long", "enrol", http.MethodGet, "/v1/members/card:1/history?limit=1000", "", nil},
		{"an amount that is none", "enrol", http.MethodPost, "/v1/members/card:1/adjustments", `{"wallet":"points","amount":"1,5","reason":"x"}`, nil},
		{"an amount too precise", "enrol", http.MethodPost, "/v1/members/card:1/adjustments", `{"wallet":"points","amount":"1.5","reason":"x"}`, nil},
		{"an adjustment without a reason", "enrol", http.MethodPost, "/v1/members/card:1/adjustments", `{"wallet":"points","amount":"1"}`, nil},
		{"an adjustment of an unknown wallet", "enrol", http.MethodPost, "/v1/members/card:1/adjustments", `{"wallet":"beans","amount":"1","reason":"x"}`, nil},
		{"a transfer of somebody unknown", "enrol", http.MethodPost, "/v1/members/card:1/transfers", `{"to":"card:2","wallet":"points","amount":"5"}`, nil},
		{"a transfer of nothing", "enrol", http.MethodPost, "/v1/members/card:1/transfers", `{"to":"card:2","wallet":"points","amount":"-5"}`, nil},
		{"a transfer of no wallet", "enrol", http.MethodPost, "/v1/members/card:1/transfers", `{"to":"card:2","wallet":"coins","amount":"5"}`, nil},
		{"a transfer as an event", "enrol", http.MethodPost, "/v1/events", `{"type":"transfer","member":"card:1","wallet":"points","amount":"5"}`, nil},
		{"a merge into nobody", "enrol", http.MethodPost, "/v1/members/card:1/merge", `{"into":"card:2"}`, nil},
		{"a code that there is not", "enrol", http.MethodGet, "/v1/codes/SPRING-1", "", nil},
		{"a batch of codes that there is not", "enrol", http.MethodGet, "/v1/code-batches/nothing", "", nil},
		{"the codes of a batch that there is not", "enrol", http.MethodGet, "/v1/code-batches/nothing/codes.csv", "", nil},
		{"codes of an unknown reward", "enrol", http.MethodPost, "/v1/code-batches", `{"reward":"sprng","pattern":"SPRING-######","count":1}`, nil},
		{"codes of a pattern in small letters", "enrol", http.MethodPost, "/v1/code-batches", `{"reward":"spring","pattern":"spring-######","count":1}`, nil},
		{"more codes than the pattern is good for", "enrol", http.MethodPost, "/v1/code-batches", `{"reward":"spring","pattern":"SPRING-#####","count":1000}`, nil},
		{"codes of what takes nothing off", "enrol", http.MethodPost, "/v1/code-batches", `{"reward":"espresso","pattern":"SPRING-#####","count":1}`, nil},
		{"no codes at all", "enrol", http.MethodPost, "/v1/code-batches", `{"reward":"spring","pattern":"SPRING-#####","count":0}`, nil},
		{"codes that end before they begin", "enrol", http.MethodPost, "/v1/code-batches", `{"reward":"spring","pattern":"SPRING-#####","count":1,"valid_from":"2026-03-02T00:00:00Z","valid_until":"2026-03-01T00:00:00Z"}`, nil},
		{"the vouchers of a stranger", "enrol", http.MethodGet, "/v1/members/card:1/vouchers", "", nil},
		{"a voucher for a stranger", "enrol", http.MethodPost, "/v1/members/card:1/vouchers", `{"code":"SPRING-1"}`, nil},
		{"a scope that does not exist", "enrol", http.MethodPost, "/v1/api-keys", `{"name":"x","scopes":["all"]}`, nil},
		{"a key that does not exist", "enrol", http.MethodDelete, "/v1/api-keys/key_x", "", nil},
		{"an address that does not exist", "enrol", http.MethodGet, "/v1/nothing", "", nil},
		{"a method that an address does not take", "enrol", http.MethodPut, "/v1/events", `{}`, nil},
		{"no key", "enrol", http.MethodGet, "/v1/programs", "", []string{"Authorization", ""}},
		{"another kind of key", "enrol", http.MethodGet, "/v1/programs", "", []string{"Authorization", "Basic abc"}},
		{"a wrong key", "enrol", http.MethodGet, "/v1/programs", "", []string{"Authorization", "Bearer pk_wrong"}},
	}
}

// TestRefusals compares the problem of every request that is refused with the
// golden documents, in English and Polish, and looks that nothing was kept.
func TestRefusals(t *testing.T) {
	t.Parallel()
	fixtures := map[string]*fixture{}
	for _, policy := range []string{"refuse", "enrol", "guest"} {
		fixtures[policy] = open(t, sqlite(t), policy)
	}
	var golden bytes.Buffer
	for _, r := range refusals() {
		f := fixtures[r.policy]
		before, err := f.app.Store.Counts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		w := f.request(r.method, r.path, r.body, r.headers...)
		var inPolish, inEnglish struct{ Title, Detail string }
		err = json.Unmarshal(f.request(r.method, r.path, r.body, append([]string{"Accept-Language", "pl"}, r.headers...)...).Body.Bytes(), &inPolish)
		if err != nil || inPolish.Title == "" || strings.ContainsAny(inPolish.Title+inPolish.Detail+w.Body.String(), "⟦⟧") {
			t.Errorf("%s: in Polish %q (%v), in English %s", r.what, inPolish.Title, err, w.Body)
		}
		if kind := w.Header().Get("Content-Type"); kind != "application/problem+json" || w.Code < 400 || w.Code >= 500 {
			t.Errorf("%s: %d %s", r.what, w.Code, kind)
		}
		if after, err := f.app.Store.Counts(t.Context()); before != after || err != nil {
			t.Errorf("%s: something was kept: %+v, then %+v (%v)", r.what, before, after, err)
		}
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, w.Body.Bytes(), "", "  "); err != nil {
			t.Errorf("%s: %v", r.what, err)
		}
		if err := json.Unmarshal(w.Body.Bytes(), &inEnglish); err != nil {
			t.Errorf("%s: %v", r.what, err)
		}
		polish := inPolish.Title + "\n"
		if inPolish.Detail != inEnglish.Detail {
			polish += inPolish.Detail + "\n"
		}
		body := r.body
		if len(body) > 200 {
			body = body[:60] + "…"
		}
		fmt.Fprintf(&golden, "# %s\n%s %s %s\n%s\n%s\n", r.what, r.method, r.path, body, strings.TrimSpace(pretty.String()), polish)
	}
	testkit.Golden(t, "refusals.golden", golden.Bytes())
}
