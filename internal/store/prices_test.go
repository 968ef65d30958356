package store

import (
	"context"
	"testing"

	"premia/internal/core/calendar"
	"premia/internal/core/pricehistory"
)

func init() { conformance["prices"] = prices }

func prices(t *testing.T, sub *subject) {
	s, ctx := sub.open(t), t.Context()
	price := func(sku, channel string, at calendar.Instant, regular, price int64) Price {
		return Price{sku, channel, pricehistory.Entry{At: at, Regular: regular, Price: price}, 7}
	}
	all := []Price{
		price("tea", "", 20, 1000, 900), price("tea", "", -10, 1000, 1000), price("tea", "app", 30, 1000, 800), price("coffee", "", 5, 0, 0),
	}
	same(t, "kept", must[[]bool](t)(s.PutPrices(ctx, all)), []bool{true, true, true, true})
	again := []Price{all[0], price("tea", "", 20, 1000, 850)}
	again[0].Recorded = 8
	same(t, "kept again, and mended", must[[]bool](t)(s.PutPrices(ctx, again)), []bool{false, true})
	same(t, "of all channels", must[[]Price](t)(s.Prices(ctx, "tea", "")), []Price{all[1], again[1]})
	same(t, "of a channel without prices", must[[]Price](t)(s.Prices(ctx, "tea", "web")), []Price{all[1], again[1]})
	same(t, "of a channel", must[[]Price](t)(s.Prices(ctx, "tea", "app")), []Price{all[2]})
	same(t, "of nothing", must[[]Price](t)(s.Prices(ctx, "milk", "app")), nil)
	var paged []Price
	err := s.Snapshots(ctx, 1, func(views []*Snapshot) error {
		for after := (Price{Entry: pricehistory.Entry{At: calendar.Beginning}}); ; {
			page, err := views[0].Prices(ctx, after, 3)
			if err != nil || len(page) == 0 {
				return err
			}
			paged = append(paged, page...)
			after = page[len(page)-1]
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "page by page", paged, []Price{all[3], all[1], again[1], all[2]})
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.PutPrices(stopped, []Price{price("milk", "", 1, 2, 2)}); err == nil {
		t.Error("kept by nobody")
	}
}
