package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/pricehistory"
)

// Price is what a product costs in a channel from an instant on. The channel "" is
// that of all channels that have no prices of their own.
type Price struct {
	SKU, Channel string
	pricehistory.Entry
	// Recorded is when it was told.
	Recorded calendar.Instant
}

// PutPrices keeps prices, all or none: one for a product, channel and instant that
// has a price already takes its place. It tells of each whether anything changed. Rows
// of the audit trail are kept if anything did.
func (s *Store) PutPrices(ctx context.Context, prices []Price, audit ...Audit) (changed []bool, err error) {
	err = s.writeAudited(ctx, audit, func(l link) (bool, error) {
		changed = make([]bool, 0, len(prices))
		for i := range prices {
			p := &prices[i]
			n, err := l.exec(ctx, putPrice, p.SKU, p.Channel, int64(p.At), p.Regular, p.Price, int64(p.Recorded))
			if err != nil {
				return false, err
			}
			changed = append(changed, n > 0)
		}
		return slices.Contains(changed, true), nil
	})
	return changed, wrong("keep prices", err)
}

// PricesOf gives what products have cost in a channel, each in the order of time;
// those of all channels for a product that has none there. Products without any are
// left out.
func (s *Store) PricesOf(ctx context.Context, skus []string, channel string) (map[string][]Price, error) {
	found := make(map[string][]Price)
	if len(skus) == 0 {
		return found, nil
	}
	text, values := pricesOfMany(skus, channel)
	all, err := readAll(ctx, s, text, values, scanPrice)
	for _, p := range all {
		// A channel's own prices come first, and are then all that count.
		if known := found[p.SKU]; len(known) == 0 || known[0].Channel == p.Channel {
			found[p.SKU] = append(known, p)
		}
	}
	return found, err
}

// pricesOfMany is the statement that reads the prices of some products at once.
func pricesOfMany(skus []string, channel string) (string, []any) {
	values := []any{channel}
	var places strings.Builder
	for i, sku := range skus {
		if i > 0 {
			places.WriteString(", ")
		}
		values = append(values, sku)
		places.WriteString("$" + strconv.Itoa(len(values)))
	}
	return fmt.Sprintf(pricesOfProducts, places.String()), values
}

// Prices gives what a product has cost in a channel, in the order of time; those of
// all channels if it has none there.
func (s *Store) Prices(ctx context.Context, sku, channel string) ([]Price, error) {
	found, err := s.PricesOf(ctx, []string{sku}, channel)
	return found[sku], err
}

// Prices gives prices in the order of product, channel and time, at most limit, from
// the one after another on.
func (v *Snapshot) Prices(ctx context.Context, after Price, limit int) ([]Price, error) {
	return snapshotAll(ctx, v, pricesAfter, []any{after.SKU, after.Channel, int64(after.At), int64(limit)}, scanPrice)
}

func scanPrice(r row) (Price, error) {
	var p Price
	var at, recorded int64
	err := r.Scan(&p.SKU, &p.Channel, &at, &p.Regular, &p.Price, &recorded)
	p.At, p.Recorded = calendar.Instant(at), calendar.Instant(recorded)
	return p, err
}
