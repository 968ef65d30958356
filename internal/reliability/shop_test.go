package reliability_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"premia/internal/api"
	"premia/internal/app"
	"premia/internal/testkit/postgres"
)

// stories is the program in which the stories are told that other systems get
// wrong. Its hole is what there is of each round of the races.
const stories = `
program: Stories
currency: PLN
timezone: Europe/Warsaw
languages: [en, pl, cs, ru]
enrolment: {unknown: enrol}
events: {review: {}, visit: {}}
wallets:
  points: {name: points, expires: 12mo, debt: carry, worth: 0.10}
earn:
  - {id: spend, name: spend, give: {points: 1, per: 1.00}}
  - {id: review, name: review, on: review, give: {points: 5}, expires: {after: 3mo, at: end of month}}
  - {id: visit, name: visit, on: visit, give: {points: 2}, expires: 2d}
campaigns:
  - {id: big, name: big, when: event.total >= 100.00, bonus: {points: 50}}
returns: {}
checkout: {most: 90%%, pay: {points: {most: 50%%}}}
transfers: {points: {}}
gift cards:
  - {id: card, name: card, refund: {within: 30d}}
promotions:
  - {id: sale, name: sale, items: item.category == "sale", discount: {percent: 40}}
  - {id: tea, name: tea, items: item.category == "tea", discount: {buy: 2, get: 1, times: 3}}
  - {id: mug, name: mug, items: item.sku == "machine", discount: {buy: 1, get: 1, gifts: item.sku == "mug"}}
  - {id: stairs, name: stairs, items: item.category == "stairs", discount: {steps: [{from: 100.00, percent: 10}, {from: 200.00, percent: 20}]}}
rewards:
  - {id: single, name: single, kind: discount, discount: {amount: 20.00}, voucher: {for: bearer, uses: 1}, codes: {pattern: "ONE-########"}}
  - {id: each, name: each, kind: discount, discount: {amount: 5.00}, voucher: {for: bearer, each member: 1}, code: EACHONE}
  - {id: seventy, name: seventy, kind: discount, discount: {percent: 70}, code: SEVENTY}
  - {id: capped, name: capped, kind: discount, discount: {percent: 50, most: 8.00}, code: CAPPED}
  - {id: large, name: large, kind: discount, discount: {amount: 10.00, least: 50.00}, code: LARGE}
  - {id: mine, name: mine, kind: discount, price: {points: 5}, discount: {percent: 50}, voucher: {valid: 30d}, refund: {within: 14d}}
  - {id: lonely, name: lonely, kind: discount, discount: {percent: 30}, voucher: {combine: false}, code: LONELY}
  - {id: coffee, name: coffee, kind: free product, sku: C, price: {points: 10}, refund: {within: 14d}}
%s`

// lasts writes the rewards of the races: for each round one of a stock of one, and
// one that each member can have once.
func lasts() string {
	var b strings.Builder
	for round := range storyRounds() {
		fmt.Fprintf(&b, "  - {id: last-%d, name: last, kind: free product, sku: L, stock: 1, price: {points: 1}}\n", round)
		fmt.Fprintf(&b, "  - {id: once-%d, name: once, kind: service, where: here, limits: {each member: 1}, price: {points: 1}}\n", round)
	}
	return b.String()
}

// storyRounds is how often each race is run.
func storyRounds() int { return rounds(1, 40) }

// shop is a workspace behind running servers: two on PostgreSQL, one on SQLite.
type shop struct {
	*workspace
	t       testing.TB
	servers []*server
}

// onShops runs a test on a fresh shop of each kind.
func onShops(t *testing.T, test func(t *testing.T, s *shop)) {
	open := func(t *testing.T, url string, servers int) *shop {
		s := &shop{workspace: publishedIn(t, url, fmt.Sprintf(stories, lasts())), t: t}
		for range servers {
			s.servers = append(s.servers, startServer(t, url, "--sweep-every", "50ms"))
		}
		return s
	}
	t.Run("sqlite", func(t *testing.T) { test(t, open(t, sqliteURL(t), 1)) })
	t.Run("postgres", func(t *testing.T) { test(t, open(t, postgres.New(t), 2)) })
}

// story tells one story, after which premia verify must find nothing wrong.
func (s *shop) story(t *testing.T, name string, tell func(s *shop)) {
	t.Run(name, func(t *testing.T) {
		own := &shop{workspace: s.workspace, t: t, servers: s.servers}
		tell(own)
		own.verified()
	})
}

// verified lets follow-ups arrive and runs premia verify.
func (s *shop) verified() {
	s.t.Helper()
	eventually(s.t, "all follow-ups are delivered", func() bool {
		out, err := exec.Command(binary(s.t), "verify", "--db", s.url, "--json").Output()
		var v app.Verification
		if err != nil || json.Unmarshal(out, &v) != nil || v.Difference != nil {
			s.t.Fatalf("premia verify: %v\n%s", err, out)
		}
		return v.Undelivered == 0
	})
}

// reply is an answer of any of the routes that the stories use.
type reply struct {
	status int
	api.EventAnswer
	Code, Title, Detail string              // of a problem
	GiftCard            api.GiftCard        `json:"gift_card"`
	Payment             api.GiftCardPayment `json:"payment"`
	Redemption          api.Redemption      `json:"redemption"`
	Event               api.EventAnswer     `json:"event"`
}

// outcome is the word for what became of a request.
func (r *reply) outcome() string {
	switch {
	case r.Code != "":
		return r.Code
	case r.Outcome != "":
		return r.Outcome
	}
	return r.Event.Outcome
}

// post asks the n-th server, counted in turns.
func (s *shop) post(n int, path, body string) *reply {
	s.t.Helper()
	got, err := call(context.Background(), s.key, http.MethodPost, s.servers[n%len(s.servers)].address+path, body)
	if err != nil {
		s.t.Errorf("POST %s %s: %v", path, body, err)
		return &reply{}
	}
	r := &reply{status: got.status}
	if err := json.Unmarshal(got.body, r); err != nil || got.status >= 500 {
		s.t.Errorf("POST %s %s: %d %s (%v)", path, body, got.status, got.body, err)
	}
	return r
}

// event sends an event to the n-th server.
func (s *shop) event(n int, body string) *reply {
	s.t.Helper()
	return s.post(n, "/v1/events", body)
}

// must sends an event that is to have the outcome.
func (s *shop) must(n int, outcome, body string) *reply {
	s.t.Helper()
	r := s.event(n, body)
	if r.outcome() != outcome {
		s.t.Fatalf("%s: %d %s %s %+v, want %s", body, r.status, r.outcome(), r.Detail, r.Steps, outcome)
	}
	return r
}

// get reads what the n-th server says.
func get[T any](s *shop, n int, path string) (out T) {
	s.t.Helper()
	got, err := call(context.Background(), s.key, http.MethodGet, s.servers[n%len(s.servers)].address+path, "")
	if err == nil {
		err = json.Unmarshal(got.body, &out)
	}
	if err != nil || got.status != http.StatusOK {
		s.t.Fatalf("GET %s: %d %s (%v)", path, got.status, got.body, err)
	}
	return out
}

// wallet gives a member's points as "available held debt", the same on all servers.
func (s *shop) wallet(member string) string {
	s.t.Helper()
	said := ""
	for n := range s.servers {
		w := get[api.Wallets](s, n, "/v1/members/"+member+"/wallets").Wallets[0]
		one := fmt.Sprint(w.Available, " ", w.Held, " ", w.Debt)
		if n > 0 && one != said {
			s.t.Errorf("one server says that %s has %s, another %s", member, said, one)
		}
		said = one
	}
	return said
}

// holds compares a member's points, "available held debt".
func (s *shop) holds(member, want string) {
	s.t.Helper()
	if got := s.wallet(member); got != want {
		s.t.Errorf("%s has %s, want %s", member, got, want)
	}
}

// fill lets somebody buy for points, and become a member by that.
func (s *shop) fill(member string, points int) {
	s.t.Helper()
	s.must(0, "applied", fmt.Sprintf(`{"type":"purchase","member":%q,"total":"%d"}`, member, points))
}

// atOnce makes n requests at the same moment, in turns of the servers, and counts
// what became of them.
func (s *shop) atOnce(n int, request func(i int) (path, body string)) map[string]int {
	s.t.Helper()
	counts := map[string]int{}
	var mu sync.Mutex
	var begin, running sync.WaitGroup
	begin.Add(1)
	for i := range n {
		path, body := request(i)
		running.Go(func() {
			begin.Wait()
			r := s.post(i, path, body)
			mu.Lock()
			defer mu.Unlock()
			counts[r.outcome()]++
		})
	}
	begin.Done()
	running.Wait()
	return counts
}

// expect compares what became of requests.
func (s *shop) expect(what string, got, want map[string]int) {
	s.t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		s.t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// single makes a code that can be used once.
func (s *shop) single(batch string) string {
	s.t.Helper()
	r := s.post(0, "/v1/code-batches", fmt.Sprintf(`{"id":%q,"reward":"single","pattern":"ONE-########","count":1,"uses":1}`, batch))
	csv, err := call(context.Background(), s.key, http.MethodGet, s.servers[0].address+"/v1/code-batches/"+batch+"/codes.csv", "")
	lines := strings.Split(strings.TrimSpace(string(csv.body)), "\n")
	if err != nil || r.status >= 300 || len(lines) != 2 {
		s.t.Fatalf("a code: %d %s; %v %s", r.status, r.Detail, err, csv.body)
	}
	code, _, _ := strings.Cut(lines[1], ",")
	return code
}

// used tells how often a code was used.
func (s *shop) used(code string) int64 {
	s.t.Helper()
	return get[api.Code](s, 0, "/v1/codes/"+code).Used
}

// ago writes a moment so many days ago.
func (s *shop) ago(days int) string {
	return time.Now().UTC().AddDate(0, 0, -days).Format(time.RFC3339)
}

// mistyped changes the last letter of a code, which its check character finds.
func mistyped(code string) string {
	last := "2"
	if strings.HasSuffix(code, last) {
		last = "3"
	}
	return code[:len(code)-1] + last
}
