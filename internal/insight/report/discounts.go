package report

import (
	"slices"
	"strings"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// Discount is what a promotion, or the codes of a reward, took off purchases at list
// prices.
type Discount struct {
	Rule string `json:"rule"`
	// Uses is how many purchases it reduced, less those whose use came back when all
	// goods went back.
	Uses int64 `json:"uses"`
	// Off is the money that it took off, less what goods that went back had of it.
	Off Amount `json:"off"`
}

// discounts are the figures of reductions, by rule.
type discounts struct{ uses, off map[ledger.Name]int64 }

// decision adds what a decision says of reductions; what is only held counts
// nothing.
func (x *discounts) decision(eventType string, d *engine.Decision) {
	if x.uses == nil {
		x.uses, x.off = map[ledger.Name]int64{}, map[ledger.Name]int64{}
	}
	for i := range d.Steps {
		s := &d.Steps[i]
		switch {
		case s.Result == engine.Reduced && eventType == event.Purchase:
			x.uses[s.Rule]++
			x.off[s.Rule] += s.Base
		case s.Result == engine.ReducedLess:
			x.off[s.Rule] -= s.Base
		case s.Result == engine.UseBack:
			x.uses[s.Rule]--
		}
	}
}

// reducedBy gives what reductions took off in a decision.
func reducedBy(d *engine.Decision) int64 {
	sum := int64(0)
	for _, x := range d.Discounts {
		sum += x.Amount
	}
	return sum
}

func (x *discounts) merge(o *discounts) {
	if x.uses == nil {
		x.uses, x.off = map[ledger.Name]int64{}, map[ledger.Name]int64{}
	}
	for rule, n := range o.uses {
		x.uses[rule] += n
	}
	for rule, n := range o.off {
		x.off[rule] += n
	}
}

// list gives the figures, by the rules' names.
func (x *discounts) list(names *engine.Names, scale int) []Discount {
	out := []Discount{}
	for rule, uses := range x.uses {
		out = append(out, Discount{Rule: names.Name(rule), Uses: uses, Off: Amount{x.off[rule], scale}})
	}
	slices.SortFunc(out, func(a, b Discount) int { return strings.Compare(a.Rule, b.Rule) })
	return out
}
