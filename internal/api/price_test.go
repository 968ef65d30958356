package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"premia/internal/api"
	"premia/internal/core/calendar"
)

func price(sku, channel, at, regular, price string) string {
	return fmt.Sprintf(`{"sku":%q,"channel":%q,"time":%q,"regular_price":%q,"price":%q}`, sku, channel, at, regular, price)
}

func (f *fixture) prices(prices ...string) []api.PriceResult {
	f.t.Helper()
	return must[api.PriceResults](f, 200, http.MethodPut, "/v1/prices", `{"prices":[`+strings.Join(prices, ",")+`]}`).Results
}

// TestPrices follows a price down step by step: what the shop must show stays that of
// the first step, a day without a reduction begins anew, and each channel has its own.
func TestPrices(t *testing.T) {
	t.Parallel()
	onEach(t, "enrol", func(t *testing.T, f *fixture) {
		steps := []string{
			price("TEA", "", "2026-01-01T00:00:00+01:00", "100", "100"), price("TEA", "", "2026-02-01T00:00:00+01:00", "100", "80"),
			price("TEA", "", "2026-02-10T00:00:00+01:00", "100", "70"), price("TEA", "", "2026-02-20T00:00:00+01:00", "100", "60"),
			price("TEA", "app", "2026-02-20T00:00:00+01:00", "100", "55.50"),
		}
		for i, r := range f.prices(steps...) {
			if r.Status != 200 || !r.Changed {
				t.Errorf("price %d: %+v", i, r)
			}
		}
		for i, r := range f.prices(steps...) {
			if r.Status != 200 || r.Changed {
				t.Errorf("price %d again: %+v", i, r)
			}
		}
		p := must[api.Price](f, 200, http.MethodGet, "/v1/prices/TEA?lang=pl", "")
		if p.Price.Amount != "60.00" || p.Regular.Amount != "100.00" || p.Reduction == nil || p.Reduction.Lowest.Amount != "100.00" ||
			p.Reduction.Since != "2026-01-31T23:00:00Z" || p.Reduction.History != "full" || p.Reduction.Words[1] != "Najniższa cena z 30 dni przed obniżką: 100,00\u00a0zł" {
			t.Errorf("the third step is %+v, %+v", p, p.Reduction)
		}
		p = must[api.Price](f, 200, http.MethodGet, "/v1/prices/TEA?channel=app", "", "Accept-Language", "cs")
		if p.Channel != "app" || p.Price.Amount != "55.50" || p.Reduction.History != "none" || p.Reduction.Lowest != nil || len(p.Reduction.Words) != 2 {
			t.Errorf("in the app it is %+v, %+v", p, p.Reduction)
		}
		if p := must[api.Price](f, 200, http.MethodGet, "/v1/prices/TEA?channel=web&time=2026-01-15T00:00:00Z", ""); p.Price.Amount != "100.00" || p.Reduction != nil || p.Channel != "" {
			t.Errorf("in January it was %+v", p)
		}
		// Told later, for the past: a day without a reduction.
		f.prices(price("TEA", "", "2026-02-15T00:00:00+01:00", "100", "100"))
		p = must[api.Price](f, 200, http.MethodGet, "/v1/prices/TEA?lang=en", "")
		if p.Reduction.Since != "2026-02-19T23:00:00Z" || p.Reduction.Lowest.Amount != "70.00" {
			t.Errorf("after an interruption it is %+v", p.Reduction)
		}
		history := must[api.PriceHistory](f, 200, http.MethodGet, "/v1/prices/TEA/history?limit=2&before=2026-02-20T00:00:00Z", "").Prices
		if len(history) != 2 || history[0].Price.Amount != "60.00" || history[1].Price.Amount != "100.00" {
			t.Errorf("the history is %+v", history)
		}
	})
}

// TestBadPrices keeps the good prices of a batch and says what is wrong with the
// others.
func TestBadPrices(t *testing.T) {
	t.Parallel()
	onEach(t, "enrol", func(t *testing.T, f *fixture) {
		got := f.prices(`{"price":"1"}`, `{"sku":"A"}`, `{"sku":"A","price":"1,50"}`, `{"sku":"A","price":"1.505"}`, `{"sku":"A","price":"-1"}`,
			`{"sku":"A","price":"2","regular_price":"1"}`, `{"sku":"A","price":"2","currency":"EUR"}`, `{"sku":"A\u0000","price":"2"}`,
			`{"sku":"A","price":"2","time":"1950-01-01T00:00:00Z"}`, `{"sku":"A","price":"2.5"}`)
		want := []string{"missing sku", "missing price", "amount_malformed price", "amount_too_precise price", "amount_out_of_range price",
			"price_above_regular price", "currency_mismatch currency", "encoding sku", "time_out_of_range time"}
		for i, w := range want {
			if p := got[i].Problem; got[i].Status != 422 && got[i].Status != 400 || p == nil || p.Code+" "+p.Path != w || p.Title == "" {
				t.Errorf("price %d: %+v, want %s", i, got[i].Problem, w)
			}
		}
		if !got[9].Changed {
			t.Errorf("the good one: %+v", got[9])
		}
		if p := must[api.Price](f, 200, http.MethodGet, "/v1/prices/A", ""); p.Price.Amount != "2.50" || p.Time != start.Format(time.RFC3339) {
			t.Errorf("it is %+v", p)
		}
		f.problem(404, "unknown_price", http.MethodGet, "/v1/prices/B", "")
		f.problem(404, "unknown_price", http.MethodGet, "/v1/prices/A?time=2026-02-28T00:00:00Z", "")
		f.problem(404, "unknown_price", http.MethodGet, "/v1/prices/B/history", "")
	})
}

const promoted = `
program: Teas
currency: PLN
timezone: Europe/Warsaw
languages: [en, pl]
wallets:
  points: {name: points}
promotions:
  - {id: spring, name: spring, items: item.category == "tea", from: 2026-02-20, until: 2026-03-31, discount: {percent: 10}}
  - {id: mine, name: mine, when: member.purchases > 0, discount: {percent: 50}}
  - {id: third, name: third, discount: {buy: 2, get: 1}}
`

// TestPromotionsAreReductions counts a promotion of the program that anybody gets as a
// reduction from its first day: a step of one that was under way, or a new one; what
// only some get, or only for several, is none.
func TestPromotionsAreReductions(t *testing.T) {
	t.Parallel()
	onEach(t, "", func(t *testing.T, f *fixture) {
		if _, err := f.app.Publish(t.Context(), []byte(promoted), calendar.None, "teas"); err != nil {
			t.Fatal(err)
		}
		f.prices(
			price("GREEN", "", "2026-01-01T00:00:00+01:00", "100", "100"), price("GREEN", "", "2026-02-10T00:00:00+01:00", "100", "80"),
			price("BLACK", "", "2026-01-01T00:00:00+01:00", "50", "40"), price("BLACK", "", "2026-02-01T00:00:00+01:00", "50", "50"),
			price("CUP", "", "2026-01-01T00:00:00+01:00", "20", "20"),
		)
		quote := must[api.QuoteAnswer](f, 200, http.MethodPost, "/v1/quotes?explain=pl", `{"type":"purchase","prices":"list","items":[
			{"sku":"GREEN","category":"tea","unit_price":"80"},{"sku":"BLACK","category":"tea","unit_price":"50"},
			{"sku":"CUP","category":"cup","unit_price":"20"},{"sku":"UNKNOWN","category":"tea","unit_price":"20"}]}`)
		if len(quote.Reduced) != 2 {
			t.Fatalf("reduced are %+v", quote.Reduced)
		}
		green, black := quote.Reduced[0], quote.Reduced[1]
		if green.Price.Amount != "72.00" || green.Regular.Amount != "100.00" || green.Reduction.Since != "2026-02-09T23:00:00Z" || green.Reduction.Lowest.Amount != "100.00" {
			t.Errorf("a step on top of a sale: %+v", green)
		}
		if black.Price.Amount != "45.00" || black.Reduction.Since != "2026-02-19T23:00:00Z" || black.Reduction.Lowest.Amount != "40.00" ||
			black.Reduction.Words[1] != "Najniższa cena z 30 dni przed obniżką: 40,00\u00a0zł" {
			t.Errorf("a promotion alone: %+v", black)
		}
		// Without the promotion, from another version on, it is over.
		f.clock.Advance(24 * time.Hour)
		if _, err := f.app.Publish(t.Context(), []byte(strings.Replace(promoted, "percent: 10", "percent: 10}, paused: true, stacking: {priority: 1", 1)), calendar.None, "no spring"); err != nil {
			t.Fatal(err)
		}
		if p := must[api.Price](f, 200, http.MethodGet, "/v1/prices/BLACK?category=tea", ""); p.Reduction != nil || p.Price.Amount != "50.00" {
			t.Errorf("after the promotion: %+v", p)
		}
		before := must[api.Price](f, 200, http.MethodGet, "/v1/prices/BLACK?category=tea&time=2026-03-01T12:00:00Z", "")
		if before.Reduction == nil || before.Price.Amount != "45.00" {
			t.Errorf("before it was %+v", before)
		}
	})
}
