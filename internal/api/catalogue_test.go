package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"premia/internal/api"
	"premia/internal/core/calendar"
	"premia/internal/testkit/postgres"
)

// catalogue is a program whose rewards are taken several at a time.
const catalogue = `
program: Packs
currency: PLN
timezone: Europe/Warsaw
languages: [en, pl]
enrolment: {unknown: enrol}
wallets:
  points: {name: {en: points, pl: punkty}}
  gems: {name: {en: gems, pl: klejnoty}}
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
rewards:
  - {id: pack, name: {en: a pack, pl: paczka}, kind: free product, sku: P, price: {points: 2, money: 1.50}, stock: 10, limits: {each member: 4}}
  - {id: duo, name: {en: two packs, pl: dwie paczki}, kind: bundle, rewards: {pack: 2, gems: 1}, price: {points: 3}, refund: {within: 2d}}
  - {id: gems, name: {en: gems, pl: klejnoty}, kind: virtual currency, app: Quest, gives: {gems: 5}, price: {points: 1}}
  - id: course
    name: {en: a course, pl: kurs}
    kind: experience
    where: here
    slots: [{at: 2026-03-05 18:00, places: 3}]
    timetable: [{days: [fri], times: ["17:00"], places: 40}]
    ahead: 10d
    price: {points: 2}
    refund: {before: 24h}
`

// withCatalogue publishes the catalogue on a fresh database of each kind.
func withCatalogue(t *testing.T, test func(t *testing.T, f *fixture)) {
	onEach(t, "", func(t *testing.T, f *fixture) {
		if _, err := f.app.Publish(t.Context(), []byte(catalogue), calendar.None, "packs"); err != nil {
			t.Fatal(err)
		}
		test(t, f)
	})
}

// take asks for a reward with what else the body says.
func take(member int, id, reward, more string) (path, body string) {
	return fmt.Sprintf("/v1/members/card:%d/redemptions", member), fmt.Sprintf(`{"id":%q,"reward":%q%s}`, id, reward, more)
}

// TestSeveral takes several of a reward in one redemption: their price, their
// stock and the member's limit are those of all of them.
func TestSeveral(t *testing.T) {
	t.Parallel()
	withCatalogue(t, func(t *testing.T, f *fixture) {
		f.buyer("card:1", "20")
		path, body := take(1, "r1", "pack", `,"quantity":3`)
		r := must[api.RedemptionEvent](f, 201, http.MethodPost, path, body).Redemption
		if r.Quantity != 3 || r.Price[0].Amount != "6" || r.Money.Amount != "4.50" {
			t.Errorf("three packs: %+v", r)
		}
		path, body = take(1, "r2", "pack", `,"quantity":2`)
		f.problem(409, "reward_not_available", http.MethodPost, path, body)
		path, body = take(1, "r3", "pack", `,"quantity":1001`)
		f.problem(422, "wrong_type", http.MethodPost, path, body)
		if left := *must[api.Rewards](f, 200, http.MethodGet, "/v1/rewards", "").Rewards[0].Stock; left != 7 {
			t.Errorf("%d packs are left, want 7", left)
		}
		f.verified()
	})
}

// TestLastOfSeveral lets 64 checkouts take three of a stock of ten at once: three
// of them get their three, and the one that is left over is still there for who
// wants one.
func TestLastOfSeveral(t *testing.T) {
	t.Parallel()
	const checkouts = 64
	withCatalogue(t, func(t *testing.T, f *fixture) {
		for i := range checkouts {
			f.buyer(fmt.Sprint("card:", i), "6")
		}
		got := f.inParallel(checkouts, func(i int) (string, string) { return take(i, fmt.Sprint("p", i), "pack", `,"quantity":3`) })
		expectCounts(t, "three of ten", got, map[string]int{"201": 3, "409 out_of_stock": checkouts - 3})
		f.buyer("card:64", "6")
		path, body := take(64, "last", "pack", "")
		must[api.RedemptionEvent](f, 201, http.MethodPost, path, body)
		f.verified()
	})
}

// TestBundle sells a bundle from the stock of its parts.
func TestBundle(t *testing.T) {
	t.Parallel()
	const checkouts = 64
	withCatalogue(t, func(t *testing.T, f *fixture) {
		for i := range checkouts {
			f.buyer(fmt.Sprint("card:", i), "6")
		}
		all := must[api.Rewards](f, 200, http.MethodGet, "/v1/rewards?lang=pl", "").Rewards
		if r := all[1]; *r.Stock != 5 || len(r.Parts) != 2 || r.Parts[0] != (api.RewardPart{Reward: "pack", Name: "paczka", Quantity: 2}) {
			t.Errorf("the bundle is %+v", r)
		}
		got := f.inParallel(checkouts, func(i int) (string, string) {
			return take(i, fmt.Sprint("d", i), []string{"duo", "pack"}[i%2], "")
		})
		left := *must[api.Rewards](f, 200, http.MethodGet, "/v1/rewards", "").Rewards[0].Stock
		if left != 0 || got["201"]+got["409 out_of_stock"] != checkouts {
			t.Errorf("%v; %d packs are left", got, left)
		}
		f.verified()
	})
}

// TestSlots books a time, and lets 64 checkouts take its last places at once.
func TestSlots(t *testing.T) {
	t.Parallel()
	const checkouts = 64
	withCatalogue(t, func(t *testing.T, f *fixture) {
		for i := range checkouts {
			f.buyer(fmt.Sprint("card:", i), "6")
		}
		const evening = "2026-03-05T17:00:00Z"
		got := f.inParallel(checkouts, func(i int) (string, string) {
			return take(i, fmt.Sprint("c", i), "course", `,"slot":"2026-03-05T18:00:00+01:00"`)
		})
		expectCounts(t, "the last places", got, map[string]int{"201": 3, "409 out_of_stock": checkouts - 3})
		slots := must[api.Slots](f, 200, http.MethodGet, "/v1/rewards/course/slots", "").Slots
		if want := []api.Slot{{At: evening, Places: 3}, {At: "2026-03-06T16:00:00Z", Places: 40, Left: 40}}; fmt.Sprint(slots) != fmt.Sprint(want) {
			t.Errorf("the slots are %v, want %v", slots, want)
		}
		mine := must[api.Rewards](f, 200, http.MethodGet, "/v1/rewards?member=card:0", "").Rewards[3]
		if !mine.Booked || !*mine.Available {
			t.Errorf("the course is %+v", mine)
		}
		path, body := take(0, "past", "course", `,"slot":"2026-02-05T17:00:00Z"`)
		p := f.problem(409, "unknown_slot", http.MethodPost, path, body, "Accept-Language", "pl")
		if p.Path != "slot" {
			t.Errorf("a time in the past: %+v", p)
		}
		path, body = take(0, "friday", "course", `,"slot":"2026-03-06T16:00:00Z","quantity":2`)
		r := must[api.RedemptionEvent](f, 201, http.MethodPost, path, body).Redemption
		if r.Slot == nil || *r.Slot != "2026-03-06T16:00:00Z" || r.Price[0].Amount != "4" {
			t.Errorf("booked: %+v", r)
		}
		must[api.RedemptionEvent](f, 201, http.MethodPost, "/v1/redemptions/friday/refund", `{}`)
		if slots := must[api.Slots](f, 200, http.MethodGet, "/v1/rewards/course/slots", "").Slots; slots[1].Left != 40 {
			t.Errorf("after the refund the slots are %v", slots)
		}
		f.problem(404, "unknown_reward", http.MethodGet, "/v1/rewards/pack/slots", "")
		f.verified()
	})
}

// TestTwoServersAndASlot lets two servers on one database sell the last places.
func TestTwoServersAndASlot(t *testing.T) {
	t.Parallel()
	url := postgres.New(t)
	one := open(t, url, "")
	if _, err := one.app.Publish(t.Context(), []byte(catalogue), calendar.None, "packs"); err != nil {
		t.Fatal(err)
	}
	two := open(t, url, "")
	const checkouts = 64
	for i := range checkouts {
		one.buyer(fmt.Sprint("card:", i), "8")
	}
	got := alternate([]*fixture{one, two}, checkouts, func(i int) (string, string) {
		return take(i, fmt.Sprint("c", i), "course", `,"slot":"2026-03-05T17:00:00Z"`)
	})
	expectCounts(t, "the last places", got, map[string]int{"201": 3, "409 out_of_stock": checkouts - 3})
	got = alternate([]*fixture{one, two}, checkouts, func(i int) (string, string) { return take(i, fmt.Sprint("p", i), "pack", `,"quantity":3`) })
	expectCounts(t, "three of ten", got, map[string]int{"201": 3, "409 out_of_stock": checkouts - 3})
	one.verified()
}
