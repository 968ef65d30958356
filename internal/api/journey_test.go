package api_test

import (
	"context"
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

// TestEnrolBuyWhyWallet is the way of a new member: they join, buy, ask why they
// got what they got, and look at their wallet.
func TestEnrolBuyWhyWallet(t *testing.T) {
	t.Parallel()
	onEach(t, "refuse", func(t *testing.T, f *fixture) {
		joined := must[api.MemberEvent](f, 201, http.MethodPost, "/v1/members", `{"id":"j1",
			"identities":["card:2900 0000-0000 1","email:Anna@EXAMPLE.com","phone:600 100 200","customer: 17 "],
			"profile":{"given_name":"Anna","birth_date":"1990-05-31","language":"pl","city":"Łódź","country":"pl"},
			"facts":{"favourite":"espresso"},"consents":{"email":true}}`)
		m := joined.Member
		if want := []string{"card:2900000000001", "customer:17", "email:anna@example.com", "phone:+48600100200"}; !slices.Equal(m.Identities, want) {
			t.Errorf("identities %v, want %v", m.Identities, want)
		}
		wantFacts := map[string]string{"age_band": "35-44", "birthday_month": "05", "language": "pl", "city": "Łódź", "country": "PL", "favourite": "espresso"}
		if diff := cmp.Diff(wantFacts, m.Facts); diff != "" || !m.Consents["email"] || m.Status != "active" {
			t.Errorf("status %s, consents %v, facts (-want +got):\n%s", m.Status, m.Consents, diff)
		}
		bought := must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events?explain=pl",
			`{"id":"b1","type":"purchase","member":"email:ANNA@example.com","total":"25.90","order":"O1"}`)
		if bought.Member != m.ID || len(bought.Gave) != 1 || bought.Gave[0] != (api.Amount{Wallet: "points", Amount: "25"}) {
			t.Errorf("bought: %+v", bought)
		}
		if len(bought.Balances) != 1 || bought.Balances[0].Balance != "35" {
			t.Errorf("balances %+v, want 10 for joining and 25", bought.Balances)
		}
		if x := bought.Explanation; x == nil || x.Language != "pl" || !strings.Contains(strings.Join(x.Reasons, " "), "punkty za zakupy") {
			t.Errorf("explained in Polish: %+v", bought.Explanation)
		}
		why := must[record](f, 200, http.MethodGet, "/v1/events/b1?lang=en", "")
		if !strings.Contains(strings.Join(why.Explanation.Reasons, " "), "points for shopping") || !strings.Contains(string(why.Event), `"total":"25.90"`) {
			t.Errorf("why: %+v of %s", why.Explanation, why.Event)
		}
		if got := f.balance("phone:+48600100200"); got != "35" {
			t.Errorf("the wallet holds %s, want 35", got)
		}
		lots := must[api.Lots](f, 200, http.MethodGet, "/v1/members/card:2900000000001/wallets/points/lots", "")
		if len(lots.Lots) != 2 || lots.Lots[1].Rule != "earn.spend" || lots.Lots[1].ExpiresAt == nil {
			t.Errorf("lots: %+v", lots)
		}
		f.clock.Advance(366 * 24 * time.Hour)
		if got := f.balance(m.ID); got != "0" {
			t.Errorf("a year later the wallet holds %s, want 0", got)
		}
	})
}

// TestChange changes a profile, and nothing of it gets into the journal.
func TestChange(t *testing.T) {
	t.Parallel()
	onEach(t, "refuse", func(t *testing.T, f *fixture) {
		must[api.MemberEvent](f, 201, http.MethodPost, "/v1/members", `{"identities":["card:1"],"profile":{"given_name":"Kunegunda","birth_date":"2000-02-29","city":"Brno"}}`)
		changed := must[api.MemberEvent](f, 200, http.MethodPatch, "/v1/members/card:1", `{"profile":{"city":"","birth_date":"","given_name":"Zdeňka"},"facts":{"shoes":"39"},"blocked":true}`)
		m := changed.Member
		if m.Status != "blocked" || *m.Profile.GivenName != "Zdeňka" || m.Profile.City != nil || !cmp.Equal(m.Facts, map[string]string{"shoes": "39"}) {
			t.Errorf("changed: %+v, profile %+v", m, m.Profile)
		}
		blocked := must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"type":"purchase","member":"card:1","total":"5"}`)
		if blocked.Outcome != "member_blocked" || len(blocked.Gave) != 0 {
			t.Errorf("a blocked member got %+v", blocked)
		}
		must[api.MemberEvent](f, 200, http.MethodPatch, "/v1/members/card:1", `{"blocked":false}`)
		must[api.MemberEvent](f, 201, http.MethodPost, "/v1/members/card:1/identities", `{"identity":"email:z@example.com"}`)
		if again := must[api.Members](f, 200, http.MethodGet, "/v1/members?identity=email:Z@example.com", ""); len(again.Members) != 1 || again.Members[0].ID != m.ID {
			t.Errorf("found %+v", again)
		}
		if nobody := must[api.Members](f, 200, http.MethodGet, "/v1/members?identity=email:x@example.com", ""); len(nobody.Members) != 0 {
			t.Errorf("found %+v", nobody)
		}
		for _, shard := range f.app.Store.Shards() {
			entries, err := f.app.Store.Scan(context.Background(), shard, 0, 100, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				for _, personal := range []string{"Kunegunda", "Zdeňka", "2000-02-29", "z@example.com"} {
					if strings.Contains(string(e.Event), personal) || strings.Contains(string(e.Decision), personal) {
						t.Errorf("the journal holds %q: %s", personal, e.Event)
					}
				}
			}
		}
	})
}

func TestMerge(t *testing.T) {
	t.Parallel()
	onEach(t, "enrol", func(t *testing.T, f *fixture) {
		must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"type":"purchase","member":"card:1","total":"20"}`)
		first := must[api.MemberEvent](f, 200, http.MethodPatch, "/v1/members/card:1", `{"profile":{"given_name":"Ann","city":"Leeds"}}`).Member
		second := must[api.MemberEvent](f, 201, http.MethodPost, "/v1/members", `{"identities":["email:ann@example.com"],"profile":{"given_name":"Anna"}}`).Member
		merged := must[api.MemberEvent](f, 201, http.MethodPost, "/v1/members/card:1/merge", `{"id":"m1","into":"email:ann@example.com"}`).Member
		if merged.ID != second.ID || !slices.Equal(merged.Identities, []string{"card:1", "email:ann@example.com"}) || merged.Purchases != 1 {
			t.Errorf("merged: %+v", merged)
		}
		if *merged.Profile.GivenName != "Anna" || *merged.Profile.City != "Leeds" || merged.Facts["city"] != "Leeds" {
			t.Errorf("the profile is %+v: the remaining member's values win, and what it lacked arrives", merged.Profile)
		}
		for _, name := range []string{"card:1", "email:ann@example.com", first.ID, second.ID} {
			if got := f.balance(name); got != "40" { // 20 for the purchase, 10 for each joining
				t.Errorf("%s has %s, want 40", name, got)
			}
		}
		again := must[api.MemberEvent](f, 200, http.MethodPost, "/v1/members/card:1/merge", `{"id":"m1","into":"email:ann@example.com"}`)
		if !again.Event.Repeated || again.Member.Wallets[0].Balance != "40" {
			t.Errorf("again: %+v", again)
		}
		f.problem(409, "already_merged", http.MethodPost, "/v1/members/card:1/merge", `{"into":"email:ann@example.com"}`)
		later := must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"type":"purchase","member":"`+first.ID+`","total":"5"}`)
		if later.Member != second.ID {
			t.Errorf("a later purchase went to %s", later.Member)
		}
	})
}

func TestClaim(t *testing.T) {
	t.Parallel()
	onEach(t, "guest", func(t *testing.T, f *fixture) {
		guest := must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"type":"purchase","order":"O1","total":"30"}`)
		if guest.Outcome != "recorded_as_guest" || guest.Member != "" {
			t.Errorf("a guest: %+v", guest)
		}
		must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"type":"purchase","order":"O2","total":"30"}`)
		must[api.MemberEvent](f, 201, http.MethodPost, "/v1/members", `{"identities":["card:1"]}`)
		claimed := must[api.EventAnswer](f, 201, http.MethodPost, "/v1/members/card:1/claims", `{"order":"O1"}`, "Idempotency-Key", "c1")
		if claimed.ID != "c1" || claimed.Refused || f.balance("card:1") != "40" {
			t.Errorf("claimed: %+v, balance %s", claimed, f.balance("card:1"))
		}
		f.problem(409, "already_claimed", http.MethodPost, "/v1/members/card:1/claims", `{"order":"O1"}`)
		f.problem(422, "unknown_order", http.MethodPost, "/v1/members/card:1/claims", `{"order":"O9"}`)
		f.clock.Advance(31 * 24 * time.Hour)
		late := must[api.EventAnswer](f, 201, http.MethodPost, "/v1/members/card:1/claims", `{"order":"O2"}`)
		if !late.Refused || late.Outcome != "claim_too_late" {
			t.Errorf("a late claim: %+v", late)
		}
	})
}

func TestErase(t *testing.T) {
	t.Parallel()
	onEach(t, "enrol", func(t *testing.T, f *fixture) {
		before := must[api.MemberEvent](f, 201, http.MethodPost, "/v1/members", `{"identities":["card:1","email:a@example.com"],"profile":{"given_name":"Anna","city":"Brno"}}`).Member
		must[api.EventAnswer](f, 200, http.MethodDelete, "/v1/members/card:1", "", "Idempotency-Key", "x1")
		f.problem(404, "unknown_identity", http.MethodGet, "/v1/members/card:1", "")
		f.problem(410, "member_erased", http.MethodGet, "/v1/members/"+before.ID, "")
		again := must[api.EventAnswer](f, 200, http.MethodDelete, "/v1/members/"+before.ID, "", "Idempotency-Key", "x1")
		if !again.Repeated {
			t.Errorf("erased again: %+v", again)
		}
		counts, err := f.app.Store.Counts(context.Background())
		if err != nil || counts.Personal != 0 {
			t.Errorf("%d personal records are left (%v)", counts.Personal, err)
		}
		next := must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"type":"purchase","member":"card:1","total":"5"}`)
		if next.Member == before.ID || !next.Enrolled {
			t.Errorf("the card's next buyer is %+v", next)
		}
	})
}

func TestQuoteWritesNothing(t *testing.T) {
	t.Parallel()
	onEach(t, "enrol", func(t *testing.T, f *fixture) {
		must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"type":"purchase","member":"card:1","total":"20"}`)
		before, _ := f.app.Store.Counts(context.Background())
		const body = `{"id":"q","type":"purchase","member":"card:1","total":"7.99"}`
		q := must[api.QuoteAnswer](f, 200, http.MethodPost, "/v1/quotes?explain=en", body)
		after, _ := f.app.Store.Counts(context.Background())
		if before != after {
			t.Errorf("a quote wrote: %+v, then %+v", before, after)
		}
		real := must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", body)
		if !cmp.Equal(q.Gave, real.Gave) || !cmp.Equal(q.Steps, real.Steps) || !cmp.Equal(q.After, real.Balances) {
			t.Errorf("quoted %+v, got %+v", q, real)
		}
	})
}

// TestIdempotency sends each write twice, under an id and under a key.
func TestIdempotency(t *testing.T) {
	t.Parallel()
	onEach(t, "enrol", func(t *testing.T, f *fixture) {
		for name, send := range map[string]func(status int, total string) api.EventAnswer{
			"id": func(status int, total string) api.EventAnswer {
				return must[api.EventAnswer](f, status, http.MethodPost, "/v1/events", `{"id":"i1","type":"purchase","member":"card:1","total":"`+total+`"}`)
			},
			"key": func(status int, total string) api.EventAnswer {
				return must[api.EventAnswer](f, status, http.MethodPost, "/v1/events", `{"type":"purchase","member":"card:1","total":"`+total+`"}`, "Idempotency-Key", "k1")
			},
		} {
			first, again := send(201, "9"), send(200, "9.00")
			if again.ID != first.ID || !again.Repeated || again.Recorded != first.Recorded || !cmp.Equal(again.Balances, first.Balances) {
				t.Errorf("by %s: %+v, then %+v", name, first, again)
			}
		}
		if got := f.balance("card:1"); got != "28" {
			t.Errorf("balance %s, want 28: joining and two purchases", got)
		}
		f.problem(409, "idempotency_conflict", http.MethodPost, "/v1/events", `{"id":"i1","type":"purchase","member":"card:1","total":"10"}`)
		f.problem(409, "idempotency_conflict", http.MethodPost, "/v1/events", `{"id":"i1","type":"purchase","member":"card:2","total":"9"}`)
		enrol := `{"id":"e1","identities":["card:7"],"profile":{"given_name":"Ann"}}`
		first := must[api.MemberEvent](f, 201, http.MethodPost, "/v1/members", enrol)
		again := must[api.MemberEvent](f, 200, http.MethodPost, "/v1/members", enrol)
		if first.Member.ID != again.Member.ID {
			t.Errorf("enrolled twice: %s and %s", first.Member.ID, again.Member.ID)
		}
		f.problem(409, "idempotency_conflict", http.MethodPost, "/v1/members", `{"id":"e1","identities":["card:7"],"profile":{"given_name":"Bob"}}`)
		taken := f.problem(409, "identity_taken", http.MethodPost, "/v1/members", `{"identities":["card:8","card:7"]}`)
		if taken.Path != "identities[1]" {
			t.Errorf("the path is %q", taken.Path)
		}
	})
}

func TestHistoryPages(t *testing.T) {
	t.Parallel()
	onEach(t, "enrol", func(t *testing.T, f *fixture) {
		var want []string
		for i := range 25 {
			id := fmt.Sprintf("e%02d", i)
			must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"id":"`+id+`","type":"purchase","member":"card:1","total":"1"}`)
			want = append([]string{id}, want...)
		}
		want = append(want, "e00/enrolment")
		var got []string
		path := "/v1/members/card:1/history?limit=7"
		for pages := 1; ; pages++ {
			var page struct {
				Member     string
				Entries    []record
				NextCursor string `json:"next_cursor"`
			}
			if err := json.Unmarshal(f.request(http.MethodGet, path, "").Body.Bytes(), &page); err != nil {
				t.Fatal(err)
			}
			for _, e := range page.Entries {
				got = append(got, e.ID)
			}
			if page.NextCursor == "" {
				if pages != 4 {
					t.Errorf("%d pages, want 4", pages)
				}
				break
			}
			path = "/v1/members/card:1/history?limit=7&cursor=" + page.NextCursor
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("history (-want +got):\n%s", diff)
		}
	})
}

// TestBatch answers item by item, in order, and lets later events of a batch
// speak of a member whom an earlier one makes.
func TestBatch(t *testing.T) {
	t.Parallel()
	onEach(t, "enrol", func(t *testing.T, f *fixture) {
		const body = `{"events":[
			{"id":"a","type":"purchase","member":"card:1","total":"10"},
			{"id":"b","type":"purchase","member":"card:1","total":"-1"},
			{"id":"c","type":"adjustment","member":"card:1","wallet":"points","amount":"-15","reason":"test"},
			{"id":"d","type":"return","member":"card:9","order":"O"},
			{"id":"a","type":"purchase","member":"card:1","total":"10"},
			{"id":"a","type":"purchase","member":"card:1","total":"11"},
			{"type":"purchase","member":"card:1","total":"3"}]}`
		out := must[api.BatchAnswer](f, 200, http.MethodPost, "/v1/events/batch", body, "Idempotency-Key", "batch")
		var got []string
		for _, r := range out.Results {
			if r.Problem != nil {
				got = append(got, fmt.Sprint(r.Status, " ", r.Problem.Code))
				continue
			}
			got = append(got, fmt.Sprint(r.Status, " ", r.Event.ID, " ", r.Event.Outcome))
		}
		want := []string{"201 a applied", "422 amount_out_of_range", "201 c applied", "422 unknown_identity", "200 a applied", "409 idempotency_conflict", "201 batch/6 applied"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("results (-want +got):\n%s", diff)
		}
		if got := f.balance("card:1"); got != "8" {
			t.Errorf("balance %s, want 10+10-15+3", got)
		}
	})
}

func TestPrograms(t *testing.T) {
	t.Parallel()
	onEach(t, "", func(t *testing.T, f *fixture) {
		f.problem(409, "program_missing", http.MethodGet, "/v1/programs/live", "")
		f.problem(409, "program_missing", http.MethodPost, "/v1/events", `{"type":"purchase","total":"1"}`)
		refuse, enrol := fmt.Sprintf(document, "refuse"), fmt.Sprintf(document, "enrol")
		publish := func(status int, path, src string) api.PublishedProgram {
			return must[api.PublishedProgram](f, status, http.MethodPost, path, src, "Content-Type", "application/yaml")
		}
		publish(201, "/v1/programs?comment=one", refuse)
		f.clock.Advance(time.Hour)
		publish(201, "/v1/programs?comment=two", enrol)
		f.clock.Advance(time.Hour)
		if same := publish(200, "/v1/programs", enrol); !same.Unchanged {
			t.Errorf("the same again: %+v", same)
		}
		if back := must[api.PublishedProgram](f, 201, http.MethodPost, "/v1/programs/1/publish", ""); back.Version != 3 {
			t.Errorf("rolled back: %+v", back)
		}
		live := must[api.ProgramVersion](f, 200, http.MethodGet, "/v1/programs/live", "")
		list := must[api.ProgramVersions](f, 200, http.MethodGet, "/v1/programs", "")
		if live.Version != 3 || len(list.Programs) != 3 || list.Programs[0].Live || list.Programs[1].Comment != "two" {
			t.Errorf("live %+v of %+v", live, list)
		}
		if w := f.request(http.MethodGet, "/v1/programs/3/document", ""); w.Body.String() != refuse {
			t.Errorf("the document is %q", w.Body)
		}
		said := must[api.Description](f, 200, http.MethodGet, "/v1/programs/3/description", "", "Accept-Language", "pl-PL,en;q=0.5")
		if said.Language != "pl" || len(said.Sections) < 3 {
			t.Errorf("described: %+v", said)
		}
		checked := must[api.ProgramCheck](f, 200, http.MethodPost, "/v1/programs/check", refuse, "Content-Type", "application/yaml")
		if !checked.Valid {
			t.Errorf("checked: %+v", checked)
		}
		bad := f.problem(422, "program_invalid", http.MethodPost, "/v1/programs", strings.Replace(refuse, "currency:", "curency:", 1), "Content-Type", "application/yaml")
		if len(bad.Errors) == 0 || bad.Errors[0].Line == 0 || bad.Errors[0].Detail == "" {
			t.Errorf("mistakes: %+v", bad)
		}
		f.problem(404, "unknown_version", http.MethodGet, "/v1/programs/9", "")
		f.problem(409, "program_incompatible", http.MethodPost, "/v1/programs", strings.Replace(refuse, "PLN", "CZK", 1), "Content-Type", "application/yaml")
	})
}
