package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"premia/internal/api"
	"premia/internal/core/calendar"
	"premia/internal/testkit/postgres"
)

// kinship is a program whose members share their points.
const kinship = `
program: Kin
currency: PLN
timezone: Europe/Warsaw
languages: [en, pl]
enrolment: {unknown: enrol}
wallets:
  points: {name: {en: points, pl: punkty}, debt: carry}
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
returns: {}
transfers: {points: {}}
families: {wallets: [points], members: 3, cool down: 1d}
rewards:
  - {id: pack, name: {en: a pack, pl: paczka}, kind: free product, sku: P, price: {points: 10}, refund: {within: 30d}}
  - {id: single, name: {en: a single, pl: sztuka}, kind: free product, sku: S, price: {points: 1}, stock: 1, refund: {within: 30d}}
`

func withKinship(t *testing.T, test func(t *testing.T, f *fixture)) {
	onEach(t, "", func(t *testing.T, f *fixture) {
		if _, err := f.app.Publish(t.Context(), []byte(kinship), calendar.None, "kin"); err != nil {
			t.Fatal(err)
		}
		test(t, f)
	})
}

// related makes a family of card:1 and the other cards, and gives its path.
func (f *fixture) related(others ...string) string {
	f.t.Helper()
	made := must[api.FamilyEvent](f, 201, http.MethodPost, "/v1/families", `{"id":"found","head":"card:1"}`)
	path := "/v1/families/" + made.Family.ID
	for _, card := range others {
		must[api.FamilyEvent](f, 201, http.MethodPost, path+"/invitations", fmt.Sprintf(`{"by":"card:1","member":%q}`, card))
		must[api.FamilyEvent](f, 201, http.MethodPost, path+"/members", fmt.Sprintf(`{"member":%q}`, card))
	}
	return path
}

// shared gives what a family can spend.
func (f *fixture) shared(path string) string {
	f.t.Helper()
	return must[api.Family](f, 200, http.MethodGet, path, "").Wallets[0].Balance
}

// TestFamilyOverTheAPI forms a family, which earns, spends, returns and parts, and
// is told why not.
func TestFamilyOverTheAPI(t *testing.T) {
	t.Parallel()
	withKinship(t, func(t *testing.T, f *fixture) {
		f.buyer("card:1", "20")
		f.buyer("card:2", "5")
		f.buyer("card:3", "5")
		f.buyer("card:4", "5")
		path := f.related("card:2")
		if got := f.shared(path); got != "25" {
			t.Errorf("the family begins with %s, want 25", got)
		}
		f.problem(409, "not_invited", http.MethodPost, path+"/members", `{"member":"card:3"}`)
		f.problem(409, "only_the_head", http.MethodPost, path+"/invitations", `{"by":"card:2","member":"card:3"}`)
		f.problem(409, "in_a_family", http.MethodPost, "/v1/families", `{"head":"card:2"}`)
		f.problem(404, "unknown_family", http.MethodGet, "/v1/families/mem_0000000000001", "")
		f.problem(422, "unknown_identity", http.MethodPost, path+"/members", `{"member":"card:99"}`)

		must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"type":"purchase","member":"card:2","order":"B","total":"30.00"}`)
		if got := f.shared(path); got != "55" {
			t.Errorf("after a purchase the family has %s, want 55", got)
		}
		for member, available := range map[string]bool{"card:2": true, "card:4": false} {
			list := must[api.Rewards](f, 200, http.MethodGet, "/v1/rewards?member="+member, "").Rewards
			if got := *list[0].Available; got != available {
				t.Errorf("%s can have %s: %t (%v)", member, list[0].ID, got, list[0].WhyNot)
			}
		}
		taken := must[api.RedemptionEvent](f, 201, http.MethodPost, "/v1/members/card:2/redemptions", `{"id":"r1","reward":"pack","quantity":2}`)
		if taken.Redemption.Status != "handed_over" || taken.Event.Outcome != "applied" || f.shared(path) != "35" {
			t.Errorf("taken: %+v; the family has %s", taken, f.shared(path))
		}
		again := must[api.RedemptionEvent](f, 200, http.MethodPost, "/v1/members/card:2/redemptions", `{"id":"r1","reward":"pack","quantity":2}`)
		if again.Redemption.Status != "handed_over" || f.shared(path) != "35" {
			t.Errorf("taken again: %+v; the family has %s", again, f.shared(path))
		}
		f.problem(409, "insufficient_balance", http.MethodPost, "/v1/members/card:1/redemptions", `{"reward":"pack","quantity":4}`)
		must[api.EventAnswer](f, 201, http.MethodPost, "/v1/members/card:1/transfers", `{"id":"t1","to":"card:3","wallet":"points","amount":"15"}`)
		if f.shared(path) != "20" || f.balance("card:3") != "20" {
			t.Errorf("given: the family has %s, the receiver %s", f.shared(path), f.balance("card:3"))
		}
		must[api.FamilyEvent](f, 201, http.MethodPost, path+"/departures", `{"member":"card:2"}`)
		must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"type":"return","member":"card:2","order":"B"}`)
		if f.shared(path) != "-10" || f.balance("card:2") != "0" {
			t.Errorf("returned: the family has %s, the member who left %s", f.shared(path), f.balance("card:2"))
		}
		must[api.RedemptionEvent](f, 201, http.MethodPost, "/v1/redemptions/r1/refund", `{}`)
		if f.shared(path) != "10" || f.balance("card:2") != "0" {
			t.Errorf("refunded: the family has %s, the member who left %s", f.shared(path), f.balance("card:2"))
		}
		m := must[api.Member](f, 200, http.MethodGet, "/v1/members/card:1", "")
		if m.Family == nil || !strings.HasSuffix(path, m.Family.ID) || m.Family.Wallets[0].Balance != "10" {
			t.Errorf("the head is shown as %+v", m.Family)
		}
		f.problem(404, "unknown_member", http.MethodGet, "/v1/members/"+m.Family.ID, "")
		f.verified()
	})
}

// TestFamilyActsSentAgainAfterAMerge sends what was asked of a family once more when one
// of its members answers for another card, too: it has the first answer.
func TestFamilyActsSentAgainAfterAMerge(t *testing.T) {
	t.Parallel()
	withKinship(t, func(t *testing.T, f *fixture) {
		for _, card := range []string{"card:1", "card:2", "card:3", "card:4"} {
			f.buyer(card, "20")
		}
		path := f.related()
		invite := `{"id":"i","by":"card:1","member":"card:2"}`
		must[api.FamilyEvent](f, 201, http.MethodPost, path+"/invitations", invite)
		must[api.FamilyEvent](f, 201, http.MethodPost, path+"/members", `{"id":"j","member":"card:2"}`)
		must[api.MemberEvent](f, 201, http.MethodPost, "/v1/members/card:2/merge", `{"into":"card:3"}`)
		f.deliver()
		for _, sent := range [][2]string{{"/invitations", invite}, {"/members", `{"id":"j","member":"card:2"}`}} {
			again := must[api.FamilyEvent](f, 200, http.MethodPost, path+sent[0], sent[1])
			if again.Event.Outcome != "applied" {
				t.Errorf("%s again: %+v", sent[1], again.Event)
			}
		}
		f.problem(409, "idempotency_conflict", http.MethodPost, path+"/invitations", `{"id":"i","by":"card:1","member":"card:4"}`)
		f.problem(409, "idempotency_conflict", http.MethodPost, path+"/members", `{"id":"i","member":"card:2"}`)
	})
}

// TestOneFamilysPoints lets 64 requests of three members spend and give what is
// there for 20 of them.
func TestOneFamilysPoints(t *testing.T) {
	t.Parallel()
	withKinship(t, func(t *testing.T, f *fixture) {
		for card := 1; card <= 4; card++ {
			f.buyer(fmt.Sprint("card:", card), "50")
		}
		path := f.related("card:2", "card:3")
		must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"type":"purchase","member":"card:1","total":"50.00"}`)
		var all sync.WaitGroup
		got := make([]int, 64)
		for n := range got {
			all.Go(func() {
				url, body := take(1+n%3, fmt.Sprint("r", n), "pack", "")
				if n%2 == 1 {
					url, body = fmt.Sprintf("/v1/members/card:%d/transfers", 1+n%3), fmt.Sprintf(`{"id":"t%d","to":"card:4","wallet":"points","amount":"10"}`, n)
				}
				got[n] = f.request(http.MethodPost, url, body).Code
			})
		}
		all.Wait()
		f.deliver()
		done := 0
		for n, code := range got {
			switch code {
			case 201:
				done++
			case 409:
			default:
				t.Errorf("request %d: %d", n, code)
			}
		}
		if done != 20 || f.shared(path) != "0" {
			t.Errorf("%d of 64 were done, and the family has %s; want 20 and 0", done, f.shared(path))
		}
		f.verified()
	})
}

// TestWhatIsSoldOutGoesBack lets all members want the last one of a reward: the
// family pays once.
func TestWhatIsSoldOutGoesBack(t *testing.T) {
	t.Parallel()
	withKinship(t, func(t *testing.T, f *fixture) {
		for card := 1; card <= 3; card++ {
			f.buyer(fmt.Sprint("card:", card), "10")
		}
		path := f.related("card:2", "card:3")
		var all sync.WaitGroup
		for n := range 12 {
			all.Go(func() {
				url, body := take(1+n%3, fmt.Sprint("r", n), "single", "")
				f.request(http.MethodPost, url, body)
			})
		}
		all.Wait()
		f.deliver()
		if got := f.shared(path); got != "29" {
			t.Errorf("the family has %s, want 29", got)
		}
		f.verified()
	})
}

// TestOneFamilysPointsOnTwoServers lets two servers serve one family on one
// database: it pays for no more than it has.
func TestOneFamilysPointsOnTwoServers(t *testing.T) {
	t.Parallel()
	url := postgres.New(t)
	one := open(t, url, "")
	if _, err := one.app.Publish(t.Context(), []byte(kinship), calendar.None, "kin"); err != nil {
		t.Fatal(err)
	}
	two := open(t, url, "")
	for card := 1; card <= 4; card++ {
		one.buyer(fmt.Sprint("card:", card), "50")
	}
	path := one.related("card:2", "card:3")
	got := alternate([]*fixture{one, two}, 64, func(i int) (string, string) {
		if i%4 > 1 {
			return fmt.Sprintf("/v1/members/card:%d/transfers", 1+i%3), fmt.Sprintf(`{"id":"t%d","to":"card:4","wallet":"points","amount":"10"}`, i)
		}
		return take(1+i%3, fmt.Sprint("r", i), "pack", "")
	})
	one.deliver()
	expectCounts(t, "packs and gifts", got, map[string]int{"201": 15, "409 insufficient_balance": 49})
	if left := one.shared(path); left != "0" {
		t.Errorf("the family has %s, want 0", left)
	}
	one.verified()
}

// TestWhatAHoldSetsFree lets a hold of a member who has left end by itself, at the
// sweeper's hand: the family gets it back.
func TestWhatAHoldSetsFree(t *testing.T) {
	t.Parallel()
	withKinship(t, func(t *testing.T, f *fixture) {
		f.buyer("card:1", "30")
		f.buyer("card:2", "0")
		path := f.related("card:2")
		must[api.RedemptionEvent](f, 201, http.MethodPost, "/v1/members/card:2/redemptions", `{"id":"h1","reward":"pack","hold":true}`)
		must[api.RedemptionEvent](f, 201, http.MethodPost, "/v1/members/card:2/redemptions", `{"id":"h2","reward":"pack","hold":true}`)
		must[api.FamilyEvent](f, 201, http.MethodPost, path+"/departures", `{"member":"card:2"}`)
		if got := f.wallet("card:2"); got.Held != "20" || f.shared(path) != "10" {
			t.Errorf("held: %+v; the family has %s", got, f.shared(path))
		}
		must[api.RedemptionEvent](f, 201, http.MethodPost, "/v1/redemptions/h2/confirm", `{}`)
		f.clock.Advance(time.Hour)
		if _, err := f.app.Journal.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.verified() // while it is on its way
		f.deliver()
		if got := f.wallet("card:2"); got.Held != "0" || got.Balance != "0" || f.shared(path) != "20" {
			t.Errorf("set free: %+v; the family has %s", got, f.shared(path))
		}
		f.verified()
	})
}
