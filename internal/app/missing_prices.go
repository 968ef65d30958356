package app

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/money"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/store"
)

// MissingPrice is a product that was sold at list prices while its price is not known, so
// that nobody can say the lowest one of the thirty days before a reduction.
type MissingPrice struct {
	SKU, Channel, Name string
	// At is when it was sold last, and Sold for how much a piece, in minor units of the
	// currency.
	At   calendar.Instant
	Sold int64
}

// missingPrices keeps the products that were sold lately at list prices.
type missingPrices struct {
	mu   sync.Mutex
	at   calendar.Instant
	sold []MissingPrice
}

// What is looked at for products without a price.
const (
	pricesEvery  = calendar.Minute
	soldEntries  = 500 // of each shard's journal, the last
	soldProducts = 200
)

// MissingPrices gives the products that were sold lately at list prices, and whose price
// is not known, those sold last first. It is none where the program reduces no prices.
func (a *App) MissingPrices(ctx context.Context) ([]MissingPrice, error) {
	p := a.program()
	if p == nil || len(p.Promotions) == 0 {
		return nil, nil
	}
	a.prices.mu.Lock()
	defer a.prices.mu.Unlock()
	if now := a.Journal.Now(); now-a.prices.at >= pricesEvery || now < a.prices.at {
		sold, err := a.soldLately(ctx)
		if err != nil {
			return nil, err
		}
		a.prices.at, a.prices.sold = now, sold
	}
	byChannel := map[string][]string{}
	for i := range a.prices.sold {
		s := &a.prices.sold[i]
		byChannel[s.Channel] = append(byChannel[s.Channel], s.SKU)
	}
	known := map[string]map[string][]store.Price{}
	for channel, skus := range byChannel {
		found, err := a.Store.PricesOf(ctx, skus, channel)
		if err != nil {
			return nil, err
		}
		known[channel] = found
	}
	return slices.DeleteFunc(slices.Clone(a.prices.sold), func(s MissingPrice) bool { return len(known[s.Channel][s.SKU]) > 0 }), nil
}

// soldLately gives the products that the end of the journal sold at list prices.
func (a *App) soldLately(ctx context.Context) ([]MissingPrice, error) {
	type product struct{ sku, channel string }
	found := map[product]MissingPrice{}
	for _, shard := range a.Store.Shards() {
		head, err := a.Store.Head(ctx, shard)
		if err != nil {
			return nil, err
		}
		entries, err := a.Store.Scan(ctx, shard, max(head.Seq-soldEntries, 0), soldEntries, 0)
		if err != nil {
			return nil, err
		}
		for i := range entries {
			if entries[i].Kind != journal.KindPurchase {
				continue
			}
			x, err := a.Journal.Read(&entries[i])
			if err != nil {
				return nil, err
			}
			if x.Event.Prices != event.ListPrices || x.Decision.Outcome.Refused() {
				continue
			}
			for j := range x.Event.Items {
				one := soldAs(x.Event, &x.Event.Items[j], x.Decision.At)
				if at := (product{one.SKU, one.Channel}); one.SKU != "" && found[at].At <= one.At {
					found[at] = one
				}
			}
		}
	}
	out := make([]MissingPrice, 0, len(found))
	for _, one := range found {
		out = append(out, one)
	}
	slices.SortFunc(out, func(x, y MissingPrice) int {
		return cmp.Or(cmp.Compare(y.At, x.At), cmp.Compare(x.SKU, y.SKU), cmp.Compare(x.Channel, y.Channel))
	})
	return out[:min(len(out), soldProducts)], nil
}

// soldAs is an item as it was sold: the price of a piece is its total by its quantity.
func soldAs(e *event.Event, item *event.Item, at calendar.Instant) MissingPrice {
	out := MissingPrice{SKU: item.SKU, Channel: e.Channel, Name: item.Name, At: at}
	each, err := money.NewRate(engine.Power10(event.QuantityScale), max(item.Quantity, 1))
	if err == nil {
		out.Sold, err = each.Apply(item.Total, money.HalfEven)
	}
	if err != nil {
		out.Sold = item.Total
	}
	return out
}

// prices are not known of what is sold at list prices.
func (s *seeker) prices(ctx context.Context) error {
	missing, err := s.app.MissingPrices(ctx)
	if err == nil && len(missing) > 0 {
		s.found("prices_missing", "", "Number", int64(len(missing)), "SKU", text.Quoted(missing[0].SKU))
	}
	return err
}
