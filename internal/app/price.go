package app

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/checkout"
	"premia/internal/core/money"
	"premia/internal/core/pricehistory"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/store"
)

// The codes of problems with prices.
const (
	CodeUnknownPrice = "unknown_price"
	CodePriceAbove   = "price_above_regular"
)

// NewPrice is what a product costs, as somebody tells it.
type NewPrice struct {
	SKU, Channel string
	// At is from when on; calendar.None is now.
	At calendar.Instant
	// Regular and Price are decimals of the program's currency. Without Regular the
	// price is the regular one.
	Regular, Price string
	Currency       string // the program's if empty
}

// CheckPrice makes a price ready to be kept. The error is a *[Problem], or one of
// package event.
func (a *App) CheckPrice(n NewPrice) (store.Price, error) {
	p := a.program()
	if p == nil {
		return store.Price{}, refused(journal.ErrNoProgram, &event.Event{})
	}
	switch {
	case n.SKU == "":
		return store.Price{}, problem(event.CodeMissing, "sku", "a price needs the product that it is of; send its sku")
	case n.Price == "":
		return store.Price{}, problem(event.CodeMissing, "price", "the price is missing; write it as 39.90")
	case n.Currency != "" && n.Currency != p.Currency.Code:
		return store.Price{}, problem(event.CodeCurrencyMismatch, "currency", text.Say("the price is in {Currency}, but the program counts in {Code}", n.Currency, p.Currency.Code), "Currency", n.Currency, "Expected", p.Currency.Code)
	}
	out := store.Price{SKU: n.SKU, Channel: n.Channel, Entry: pricehistory.Entry{At: n.At}, Recorded: a.Journal.Now()}
	if n.At == calendar.None {
		out.At = out.Recorded
	}
	err := cmp.Or(event.CheckText("sku", n.SKU, event.MaxTextLength), event.CheckText("channel", n.Channel, event.MaxTextLength), event.CheckTime("time", out.At))
	if err != nil {
		return store.Price{}, err
	}
	if out.Price, err = priceAmount(p, "price", n.Price); err != nil {
		return store.Price{}, err
	}
	out.Regular = out.Price
	if n.Regular != "" {
		if out.Regular, err = priceAmount(p, "regular_price", n.Regular); err != nil {
			return store.Price{}, err
		}
	}
	if out.Price > out.Regular {
		return store.Price{}, problem(CodePriceAbove, "price", "the price is above the regular price; send what it costs without a reduction as regular_price")
	}
	return out, nil
}

func priceAmount(p *engine.Program, path, s string) (int64, error) {
	minor, err := money.Parse(s, p.Currency.Scale)
	if err == nil && minor >= 0 {
		return minor, nil
	}
	code, detail := event.CodeAmountOutOfRange, text.Sentence("a price is not below zero")
	var malformed *money.Error
	if errors.As(err, &malformed) {
		detail = text.Of(malformed)
		switch malformed.Code {
		case money.Malformed:
			code = event.CodeAmountMalformed
		case money.TooPrecise:
			code = event.CodeAmountTooPrecise
		}
	}
	return 0, problem(code, path, detail)
}

// PutPrices keeps prices that were checked, all or none, and tells of each whether
// anything changed. One for a product, channel and instant that has a price already
// takes its place.
func (a *App) PutPrices(ctx context.Context, prices []store.Price) ([]bool, error) {
	return a.Store.PutPrices(ctx, prices, a.audited(ctx, "prices.put", "", "prices", int64(len(prices))))
}

// SetPrice keeps a price that somebody typed. The error is a *[Problem], or one of package
// event.
func (a *App) SetPrice(ctx context.Context, n NewPrice) error {
	if err := may(ctx, auth.ProgramWrite); err != nil {
		return err
	}
	p, err := a.CheckPrice(n)
	if err != nil {
		return err
	}
	_, err = a.Store.PutPrices(ctx, []store.Price{p}, a.audited(ctx, "price.set", p.SKU, "channel", p.Channel, "price", p.Price, "regular", p.Regular))
	return err
}

// PriceOf is what a product costs in a channel at an instant, and what may be said of
// it.
type PriceOf struct {
	pricehistory.Answer
	Channel string // "" where the prices of all channels hold
	// Says is what a shop must show, in the language that was asked for; nil where the
	// price is not reduced.
	Says []string
}

// Price tells what a product costs in a channel at an instant; calendar.None is now.
// The promotions that anybody gets for one piece of it are reductions, too. The item
// says what conditions read of the product. The error is a *Problem if no price of it
// is known by then.
func (a *App) Price(ctx context.Context, item event.Item, channel string, at calendar.Instant, lang string) (PriceOf, error) {
	all, err := a.ItemPrices(ctx, []event.Item{item}, channel, at, lang)
	if err != nil {
		return PriceOf{}, err
	}
	if all[0] == nil {
		return PriceOf{}, problem(CodeUnknownPrice, "sku", text.Say("no price of {SKU} is known at that time; send it to /v1/prices", strconv.Quote(item.SKU)), "SKU", text.Quoted(item.SKU))
	}
	return *all[0], nil
}

// ItemPrices tells of each item what Price tells, with one look at the database; nil
// of those whose price is not known.
func (a *App) ItemPrices(ctx context.Context, items []event.Item, channel string, at calendar.Instant, lang string) ([]*PriceOf, error) {
	p := a.program()
	if p == nil {
		return nil, refused(journal.ErrNoProgram, &event.Event{})
	}
	if at == calendar.None {
		at = a.Journal.Now()
	}
	var skus []string
	for i := range items {
		if sku := items[i].SKU; sku != "" && !slices.Contains(skus, sku) {
			skus = append(skus, sku)
		}
	}
	found, err := a.Store.PricesOf(ctx, skus, channel)
	if err != nil {
		return nil, err
	}
	out := make([]*PriceOf, len(items))
	for i := range items {
		stored := found[items[i].SKU]
		if len(stored) == 0 {
			continue
		}
		answer, ok := pricehistory.At(a.applied(stored, items[i], channel, at), at, p.Zone)
		if !ok {
			continue
		}
		out[i] = &PriceOf{Answer: answer, Channel: stored[0].Channel}
		for _, m := range answer.Says(p.Money, p.Zone) {
			out[i].Says = append(out[i].Says, a.Words.Render(lang, m))
		}
	}
	return out, nil
}

// Prices gives all prices that a product has had, or will have, in a channel, in the
// order of time.
func (a *App) Prices(ctx context.Context, sku, channel string) ([]store.Price, error) {
	stored, err := a.Store.Prices(ctx, sku, channel)
	if err == nil && len(stored) == 0 {
		err = problem(CodeUnknownPrice, "sku", text.Say("no price of {SKU} is known; send it to /v1/prices", strconv.Quote(sku)), "SKU", text.Quoted(sku))
	}
	return stored, err
}

// rhythm is how far back promotions of weekdays and hours are looked at: the days
// before a reduction, and a season of one.
const rhythm = 100 * calendar.Day

// applied gives what a product cost up to an instant, with the promotions of the
// programs that were live: at each moment at which a price or a promotion may have
// changed, what a stranger would have paid for one piece.
func (a *App) applied(stored []store.Price, item event.Item, channel string, at calendar.Instant) []pricehistory.Entry {
	out := make([]pricehistory.Entry, 0, len(stored))
	var decider engine.Decider
	var d engine.Decision
	for _, edge := range a.edges(stored, at) {
		listed := stored[0].Entry
		for i := 1; i < len(stored) && stored[i].At <= edge; i++ {
			listed = stored[i].Entry
		}
		listed.At = edge
		rules := a.Journal.Rules().Timeline
		if len(rules.At(edge).Promotions) > 0 {
			item.Quantity, item.Total, item.GivenTotal, item.GivenUnitPrice = engine.Power10(event.QuantityScale), listed.Price, true, false
			e := event.Event{Type: event.Purchase, At: edge, Channel: channel, Prices: event.ListPrices, Total: listed.Price, Items: []event.Item{item}}
			decider.Decide(rules, &ledger.State{}, &e, engine.Inputs{Clock: edge}, &d)
			for i := range d.Discounts {
				if d.Discounts[i].Item == 0 {
					listed.Price -= d.Discounts[i].Amount
				}
			}
		}
		out = append(out, listed)
	}
	return out
}

// edges lists the instants up to at, from the first price on, at which a price or a
// promotion may have changed.
func (a *App) edges(stored []store.Price, at calendar.Instant) []calendar.Instant {
	if len(stored) == 0 {
		return nil
	}
	var all []calendar.Instant
	for i := range stored {
		all = append(all, stored[i].At)
	}
	lives := a.Journal.Rules().Timeline.All()
	for i, live := range lives {
		until := at + 1
		if i+1 < len(lives) {
			until = min(until, lives[i+1].From)
		}
		all = append(all, live.From)
		all = append(all, checkout.Edges(live.Program, live.From, at-rhythm, until)...)
	}
	all = slices.DeleteFunc(all, func(edge calendar.Instant) bool { return edge < stored[0].At || edge > at })
	slices.Sort(all)
	return slices.Compact(all)
}
