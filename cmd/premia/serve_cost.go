package main

import (
	"context"
	"runtime"

	"premia/internal/core/engine"
	"premia/internal/core/fit"
	"premia/internal/core/program"
	"premia/internal/core/text"
	"premia/internal/insight/history"
	"premia/internal/insight/report"
	"premia/internal/insight/simulate"
	"premia/internal/store"
	"premia/internal/web/console"
)

// costOf decides a workspace's history under two programs, whose rules for days to come
// are tried on days of the past, with half of the machine, while the other half goes on
// serving.
func costOf(s *store.Store) console.CostOf {
	return func(ctx context.Context, before, after *program.Document) ([]console.Cost, []fit.Trial, error) {
		h, _, err := history.Load(ctx, s)
		if err != nil {
			return nil, nil, err
		}
		tried, err := fit.OntoPast(h, before, after)
		if err != nil {
			return nil, nil, err
		}
		options := simulate.Options{AsOf: h.Last(), Workers: max(1, runtime.GOMAXPROCS(0)/2)}
		was, err := simulate.Run(ctx, simulate.Under(tried.Before), h, options)
		if err != nil {
			return nil, nil, err
		}
		is, err := simulate.Run(ctx, simulate.Under(tried.After), h, options)
		if err != nil {
			return nil, nil, err
		}
		var out []console.Cost
		for i := range after.Program.Wallets {
			w := &after.Program.Wallets[i]
			cost := console.Cost{Wallet: w}
			putCost(&cost, 0, w, was.Report)
			putCost(&cost, 1, w, is.Report)
			out = append(out, cost)
		}
		return out, tried.Trials, nil
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
