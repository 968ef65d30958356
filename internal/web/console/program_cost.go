package console

import (
	"context"
	"net/http"
	"sync"

	"premia/internal/core/engine"
	"premia/internal/core/text"
	"premia/internal/web/page"
)

// Cost is what a draft would have come to in one wallet over the whole history, beside
// what the rules in force come to: [0] before, [1] with the draft.
type Cost struct {
	Wallet             string
	Given, Outstanding [2]text.Points
	// Liability is what the outstanding is worth, where the wallet is Worth something.
	Liability [2]text.Money
	Worth     bool
}

// CostOf decides the history under two programs.
type CostOf func(ctx context.Context, before, after *engine.Program) ([]Cost, error)

// costing lets one draft at a time be replayed, since that takes the whole history
// into memory.
type costing struct {
	of   CostOf
	busy sync.Mutex
}

// Costs lets drafts be replayed over the history.
func (c *Console) Costs(of CostOf) *Console {
	c.costs.of = of
	return c
}

// mostReplayed is how many entries a history may have that is replayed while somebody
// waits; longer ones are for the command line.
const mostReplayed = 400_000

// cost shows what the draft would have cost.
func (c *Console) cost(r *page.Context) error {
	d, err := c.reviewed(r)
	if err != nil {
		return err
	}
	before := c.app.Program()
	_, entries, err := c.app.Store.CountUpTo(r.Ctx(), 0, mostReplayed+1)
	switch {
	case err != nil:
		return err
	case c.costs.of == nil || before == nil || d.Reading.Program == nil:
		return page.ErrNotFound
	case before.Currency != d.Reading.Program.Currency:
		d.CostProblem = r.Say("console.program.cost.currency")
	case entries > mostReplayed:
		d.CostProblem = r.Say("console.program.cost.too_long", "Count", int64(mostReplayed))
	case !c.costs.busy.TryLock():
		d.CostProblem = r.Say("console.program.cost.busy")
	default:
		defer c.costs.busy.Unlock()
		if d.Costs, err = c.costs.of(r.Ctx(), before, d.Reading.Program); err != nil {
			return err
		}
		d.Replayed = true
	}
	if r.HTMX() {
		return r.Part("program_review", "cost", d)
	}
	status := http.StatusOK
	if d.CostProblem != "" {
		status = http.StatusUnprocessableEntity
	}
	return r.PageStatus(status, "program_review", d)
}
