package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"premia/internal/api"
	"premia/internal/core/calendar"
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
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
rewards:
  - {id: pack, name: {en: a pack, pl: paczka}, kind: free product, sku: P, price: {points: 2, money: 1.50}, stock: 10, limits: {each member: 4}}
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
