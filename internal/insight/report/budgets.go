package report

import (
	"slices"
	"strings"

	"premia/internal/core/engine"
	"premia/internal/core/ledger"
)

// Budget is a limit that members share and what was used of it.
type Budget struct {
	Budget string `json:"budget"`
	// Wallet is the wallet whose amounts it counts; empty where it counts money or
	// times.
	Wallet string `json:"wallet,omitempty"`
	// Currency is set where it counts money.
	Currency string `json:"currency,omitempty"`
	// Windows is how many stores or periods have used of a budget that each of them
	// has; Used and Cap are then those of the one that used most.
	Windows int    `json:"windows,omitempty"`
	Used    Amount `json:"used"`
	Cap     Amount `json:"cap"`
}

// windowed finds the budgets that each store or period has for itself.
func windowed(rules *engine.Timeline) map[ledger.Name]bool {
	found := map[ledger.Name]bool{}
	for _, live := range rules.All() {
		for _, b := range live.Program.Budgets {
			if b.Limit > engine.InTotal {
				found[b.Quota] = true
			}
		}
	}
	return found
}

// use adds what was used of a quota.
func (b *Builder) use(q ledger.Quota, amount int64) {
	b.sums.used[q.Name] += amount
	if b.windowed[q.Name] {
		b.sums.windows[q] += amount
	}
}

// outstanding frees what left members by itself, and nobody has decided upon yet,
// of the budgets for what is outstanding.
func (b *Builder) outstanding(all []ledger.Posting) {
	for i := range all {
		p := &all[i]
		if !p.Capped || p.At > b.asOf {
			continue
		}
		if quota, ok := b.names.Find(engine.OutstandingBudget(b.names.Name(p.Rule), strings.TrimPrefix(b.names.Name(p.Wallet), "wallet."))); ok {
			b.use(ledger.Quota{Name: quota}, p.Outstanding())
		}
	}
}

// budgets adds the budgets, with the caps of the program that is live last.
func (b *Builder) budgets(r *Report) {
	seen := map[ledger.Name]bool{}
	lives := b.rules.All()
	for _, live := range slices.Backward(lives) {
		if live.From > b.asOf && live.Program != lives[0].Program {
			continue
		}
		for i := range live.Program.Budgets {
			budget := &live.Program.Budgets[i]
			if !seen[budget.Quota] {
				seen[budget.Quota] = true
				r.Budgets = append(r.Budgets, b.budget(live.Program, budget))
			}
		}
	}
	slices.SortFunc(r.Budgets, func(x, y Budget) int { return strings.Compare(x.Budget, y.Budget) })
}

func (b *Builder) budget(p *engine.Program, budget *engine.Budget) Budget {
	out := Budget{Budget: strings.TrimPrefix(b.names.Name(budget.Quota), "budget.")}
	scale, used := 0, b.sums.used[budget.Quota]
	if budget.Limit > engine.InTotal {
		used = 0
		for quota, amount := range b.sums.windows {
			if quota.Name == budget.Quota && amount > 0 {
				out.Windows++
				used = max(used, amount)
			}
		}
	}
	out.Used.Minor, out.Cap.Minor = used, budget.Cap
	switch w := p.Wallet(budget.Wallet); {
	case budget.Money:
		// Shown to the currency's minor unit; what is used counts upwards.
		out.Currency, scale = p.Currency.Code, p.Currency.Scale
		unit := engine.Power10(engine.WorthScale)
		out.Used.Minor, out.Cap.Minor = (used+unit-1)/unit, budget.Cap/unit
	case budget.Off:
		out.Currency, scale = p.Currency.Code, p.Currency.Scale
	case w != nil:
		out.Wallet, scale = w.ID, w.Unit.Scale
	}
	out.Used.Scale, out.Cap.Scale = scale, scale
	return out
}
