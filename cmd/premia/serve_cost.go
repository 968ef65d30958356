package main

import (
	"context"
	"runtime"

	"premia/internal/core/engine"
	"premia/internal/core/text"
	"premia/internal/insight/history"
	"premia/internal/insight/report"
	"premia/internal/insight/simulate"
	"premia/internal/store"
	"premia/internal/web/console"
)

// costOf decides a workspace's history under two programs, with half of the machine,
// while the other half goes on serving.
func costOf(s *store.Store) console.CostOf {
	return func(ctx context.Context, before, after *engine.Program) ([]console.Cost, error) {
		h, _, err := history.Load(ctx, s)
		if err != nil {
			return nil, err
		}
		options := simulate.Options{AsOf: h.Last(), Workers: max(1, runtime.GOMAXPROCS(0)/2)}
		was, err := simulate.Run(ctx, simulate.Under(before), h, options)
		if err != nil {
			return nil, err
		}
		is, err := simulate.Run(ctx, simulate.Under(after), h, options)
		if err != nil {
			return nil, err
		}
		var out []console.Cost
		for i := range after.Wallets {
			w := &after.Wallets[i]
			cost := console.Cost{Wallet: w.ID}
			putCost(&cost, 0, w, was.Report)
			putCost(&cost, 1, w, is.Report)
			out = append(out, cost)
		}
		return out, nil
	}
}

// putCost takes a wallet's figures from a report; a report without the wallet has zeros.
func putCost(c *console.Cost, at int, w *engine.Wallet, r *report.Report) {
	c.Given[at], c.Outstanding[at] = w.Points(0), w.Points(0)
	c.Liability[at] = text.Money{Scale: r.PurchaseTotal.Scale, Currency: r.Currency}
	for i := range r.Wallets {
		from := &r.Wallets[i]
		if from.Wallet != w.ID {
			continue
		}
		c.Given[at], c.Outstanding[at] = w.Points(from.Issued.Minor), w.Points(from.Outstanding.Minor)
		if from.Liability != nil {
			c.Worth, c.Liability[at] = true, text.Money{Minor: from.Liability.Minor, Scale: from.Liability.Scale, Currency: r.Currency}
		}
	}
}
