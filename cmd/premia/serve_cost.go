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
	"premia/internal/insight/year"
	"premia/internal/store"
	"premia/internal/web/console"
)

// costOf decides a workspace's history under two programs, whose rules for days to come
// are tried on days of the past, with half of the machine, while the other half goes on
// serving.
func costOf(s *store.Store) console.CostOf {
	return func(ctx context.Context, before, after *program.Document) (*console.Comparison, error) {
		h, _, err := history.Load(ctx, s)
		if err != nil {
			return nil, err
		}
		tried, err := fit.OntoPast(h, before, after)
		if err != nil {
			return nil, err
		}
		out := &console.Comparison{Trials: tried.Trials, Events: int64(h.Events())}
		out.From, out.Until = h.Bought()
		for i := range after.Program.Wallets {
			out.Wallets = append(out.Wallets, console.Cost{Wallet: &after.Program.Wallets[i]})
		}
		options := simulate.Options{AsOf: h.Last(), Workers: max(1, runtime.GOMAXPROCS(0)/2)}
		for at, p := range []*engine.Program{tried.Before, tried.After} {
			result, err := simulate.Run(ctx, simulate.Under(p), h, options)
			if err != nil {
				return nil, err
			}
			if err := put(out, at, result.Report); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
}

// put takes the figures of one side from its report.
func put(to *console.Comparison, at int, r *report.Report) error {
	cost, err := year.Reckon(r)
	if err != nil {
		return err
	}
	amount := func(minor int64) text.Money {
		return text.Money{Minor: minor, Scale: r.PurchaseTotal.Scale, Currency: r.Currency}
	}
	to.Outlays[at] = console.Outlay{
		Rewards: amount(cost.Rewards), Reductions: amount(cost.Reductions), Reserve: amount(cost.Total() - cost.Rewards - cost.Reductions),
		Purchases: amount(cost.Sales), Unpriced: cost.Unpriced,
	}
	for i := range to.Wallets {
		putCost(&to.Wallets[i], at, r)
	}
	return nil
}

// putCost takes a wallet's figures from a report; a report without the wallet has zeros.
func putCost(c *console.Cost, at int, r *report.Report) {
	w := c.Wallet
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
