package report

import (
	"cmp"
	"slices"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
)

// ReturnedGoods is what came of returns beside what they took back.
type ReturnedGoods struct {
	// UnmatchedReturns have goods that match no purchase: so many lines, with so
	// many pieces where the return says which goods they are.
	UnmatchedReturns  int64  `json:"unmatched_returns"`
	UnmatchedLines    int64  `json:"unmatched_lines"`
	UnmatchedQuantity Amount `json:"unmatched_quantity"`
	// Waiting returns came before their purchase, or before its claim; Oldest is
	// when the first of them came, in RFC 3339, empty without any. Overdue have
	// waited longer than the program says.
	Waiting int64  `json:"waiting"`
	Oldest  string `json:"oldest_waiting,omitempty"`
	Overdue int64  `json:"overdue"`
}

// goods counts what becomes ReturnedGoods.
type goods struct {
	unmatched, lines, quantity int64
	// waited are when returns came that had to wait, by order, and followed how
	// many of an order's did not wait any longer.
	waited   map[string][]calendar.Instant
	followed map[string]int
}

func (g *goods) decision(d *engine.Decision) {
	before := g.lines
	for i := range d.Steps {
		if s := &d.Steps[i]; s.Result == engine.Unmatched {
			g.lines++
			g.quantity += s.Base
		}
	}
	if g.lines > before {
		g.unmatched++
	}
	for i := range d.FollowUps {
		if d.FollowUps[i].Type == event.Return {
			if g.followed == nil {
				g.followed = map[string]int{}
			}
			g.followed[d.FollowUps[i].Order]++
		}
	}
}

// Waits adds that a decided return waits for the purchase of the order.
func (b *Builder) Waits(order string, d *engine.Decision) {
	if d.At > b.asOf {
		return
	}
	g := &b.sums.goods
	if g.waited == nil {
		g.waited = map[string][]calendar.Instant{}
	}
	g.waited[order] = append(g.waited[order], d.At)
}

func (g *goods) merge(o *goods) {
	g.unmatched += o.unmatched
	g.lines += o.lines
	g.quantity += o.quantity
	if g.waited == nil {
		g.waited = map[string][]calendar.Instant{}
	}
	for order, at := range o.waited {
		g.waited[order] = append(g.waited[order], at...)
	}
	if g.followed == nil {
		g.followed = map[string]int{}
	}
	for order, n := range o.followed {
		g.followed[order] += n
	}
}

// report gives the figures by a moment under a program.
func (g *goods) report(p *engine.Program, asOf calendar.Instant) ReturnedGoods {
	out := ReturnedGoods{UnmatchedReturns: g.unmatched, UnmatchedLines: g.lines, UnmatchedQuantity: Amount{g.quantity, event.QuantityScale}}
	oldest := calendar.Never
	for order, all := range g.waited {
		slices.SortFunc(all, cmp.Compare[calendar.Instant])
		for _, at := range all[min(g.followed[order], len(all)):] {
			out.Waiting++
			oldest = min(oldest, at)
			if !p.ReturnsOverdue.IsZero() && calendar.Add(at, p.ReturnsOverdue, p.Zone) < asOf {
				out.Overdue++
			}
		}
	}
	if out.Waiting > 0 {
		out.Oldest = oldest.String()
	}
	return out
}
