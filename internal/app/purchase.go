package app

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/store"
)

// PurchaseOf is a purchase of a member, and what of it can still go back.
type PurchaseOf struct {
	journal.Answer
	// Left has for each item how much did not go back, in thousandths; of a purchase of
	// which only the total is known, the one number is money in minor units.
	Left []int64
}

// Whole tells that nothing of the purchase went back.
func (p *PurchaseOf) Whole() bool { return slices.Equal(p.Left, engine.Pieces(p.Event)) }

// Gone tells that all of it went back.
func (p *PurchaseOf) Gone() bool {
	return !slices.ContainsFunc(p.Left, func(left int64) bool { return left > 0 })
}

// LeftTotal is the money that was paid for what is left, in minor units.
func (p *PurchaseOf) LeftTotal() int64 {
	return engine.TotalOf(engine.Bought(p.Event, p.Decision), p.Left)
}

// Purchases gives a member's purchases, at most limit, the newest first.
func (a *App) Purchases(ctx context.Context, ref string, limit int) ([]PurchaseOf, error) {
	return a.purchases(ctx, ref, func(*engine.Past) bool { return true }, min(max(limit, 1), MaxPage))
}

// PurchaseOf gives one purchase of a member, by the id of its event. The error is a
// *Problem if the member has none such.
func (a *App) PurchaseOf(ctx context.Context, ref, id string) (PurchaseOf, error) {
	found, err := a.purchases(ctx, ref, func(p *engine.Past) bool { return p.Event.ID == id }, 1)
	if err == nil && len(found) == 0 {
		err = problem(CodeUnknownEvent, "id", text.Say("the member has no purchase {ID}", strconv.Quote(id)), "Key", text.Quoted(id))
	}
	if err != nil {
		return PurchaseOf{}, err
	}
	return found[0], nil
}

func (a *App) purchases(ctx context.Context, ref string, wanted func(*engine.Past) bool, limit int) ([]PurchaseOf, error) {
	id, err := a.Find(ctx, ref)
	if err != nil {
		return nil, err
	}
	var out []PurchaseOf
	var unread error
	gone := map[string][]engine.Returned{}
	a.Journal.Past().Before(ctx, id, 0, &unread)(func(p *engine.Past) bool {
		for _, back := range p.Decision.Returned {
			gone[back.Purchase] = append(gone[back.Purchase], back)
		}
		if p.Event.Type != event.Purchase || p.Decision.Outcome.Refused() || !wanted(p) {
			return true
		}
		one := PurchaseOf{Answer: journal.Answer{Member: id, Decision: p.Decision, Event: p.Event}, Left: engine.Pieces(p.Event)}
		for _, back := range gone[p.Key()] {
			one.Left[back.Item] -= back.Quantity
		}
		out = append(out, one)
		return len(out) < limit
	})
	if errors.Is(unread, store.ErrNotFound) {
		unread = nil
	}
	return out, unread
}

// Order gives the purchase with a shop's number, as it was decided. The error is a
// *Problem if there is none.
func (a *App) Order(ctx context.Context, number string) (journal.Answer, error) {
	at, err := a.Journal.OrderAt(ctx, number)
	if errors.Is(err, store.ErrNotFound) {
		return journal.Answer{}, problem(CodeUnknownOrder, "order", text.Say("there is no purchase with the number {Number}", strconv.Quote(number)), "Order", text.Quoted(number))
	}
	if err != nil {
		return journal.Answer{}, err
	}
	return a.Journal.AnswerAt(ctx, at)
}

// ListPrice gives what a product costs now in a channel before promotions, in minor
// units of the currency. The error is a *Problem if no price of it is known.
func (a *App) ListPrice(ctx context.Context, sku, channel string) (int64, error) {
	found, err := a.Store.PricesOf(ctx, []string{sku}, channel)
	if err != nil {
		return 0, err
	}
	now := a.Journal.Now()
	for _, p := range slices.Backward(found[sku]) {
		if p.At <= now {
			return p.Price, nil
		}
	}
	return 0, problem(CodeUnknownPrice, "sku", text.Say("no price of {SKU} is known; type what it costs", strconv.Quote(sku)), "SKU", text.Quoted(sku))
}
