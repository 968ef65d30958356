package report

import (
	"slices"
	"strconv"
	"strings"

	"premia/internal/core/engine"
	"premia/internal/core/ledger"
)

// Goal is how often a challenge, a stamp card or a streak was reached, and what
// that cost.
type Goal struct {
	Goal string `json:"goal"`
	// Reached has for each of its goals how often it was reached, and TakenBack how
	// often that was undone by returns.
	Reached   []int64 `json:"reached"`
	TakenBack []int64 `json:"taken_back"`
	// Cost is the worth of what it gave, less what returns undid, in the currency;
	// absent where no wallet that it gives has a worth.
	Cost *Amount `json:"cost,omitempty"`
}

// attained is how often each goal was reached and undone.
type attained map[goalOf][2]int64

// goalOf is one of the goals of a challenge, by its number from 0.
type goalOf struct {
	rule   ledger.Name
	number uint8
}

func (a attained) step(s *engine.Step) {
	key, sums := goalOf{s.Rule, s.Part}, [2]int64{}
	switch s.Result {
	case engine.Achieved:
		sums[0] = s.Base
	case engine.NotAchieved:
		sums[1] = s.Base
	default:
		return
	}
	a.add(key, sums)
}

func (a attained) add(key goalOf, more [2]int64) {
	now := a[key]
	a[key] = [2]int64{now[0] + more[0], now[1] + more[1]}
}

func (a attained) merge(o attained) {
	for key, sums := range o {
		a.add(key, sums)
	}
}

// listGoals adds the goals of all programs that count over several events.
func (b *Builder) listGoals(r *Report) error {
	scale := b.program().Currency.Scale
	for no := 1; no < len(b.column); no++ {
		name := ledger.Name(no)
		if !b.counts(name) {
			continue
		}
		out := Goal{Goal: b.names.Name(name), Reached: []int64{0}, TakenBack: []int64{0}}
		for key, sums := range b.sums.attained {
			if key.rule != name {
				continue
			}
			for len(out.Reached) <= int(key.number) {
				out.Reached, out.TakenBack = append(out.Reached, 0), append(out.TakenBack, 0)
			}
			out.Reached[key.number], out.TakenBack[key.number] = sums[0], sums[1]
		}
		cost, worthy, err := b.cost(name, scale)
		if err != nil {
			return err
		}
		if worthy {
			out.Cost = &Amount{cost, scale}
		}
		r.Goals = append(r.Goals, out)
	}
	slices.SortFunc(r.Goals, func(x, y Goal) int { return strings.Compare(x.Goal, y.Goal) })
	return nil
}

// counts tells whether one of the programs counts towards goals of the name.
func (b *Builder) counts(name ledger.Name) bool {
	for _, live := range b.rules.All() {
		if live.Program.Rules[name].Goal != nil {
			return true
		}
	}
	return false
}

// cost adds up the worth of what a rule gave and returns did not undo.
func (b *Builder) cost(rule ledger.Name, scale int) (sum int64, worthy bool, err error) {
	for column, w := range b.wallets {
		if now := b.program().Wallet(w.Name); now != nil {
			w = now
		}
		cell := int(rule)*len(b.wallets) + column
		given := -b.sums.accounts[cell][ledger.Issuer]
		if w.Worth.IsZero() || given == 0 {
			continue
		}
		worth, err := worthOf(given-b.sums.undone[cell], w, scale)
		if err != nil {
			return 0, false, err
		}
		sum, worthy = sum+worth, true
	}
	return sum, worthy, nil
}

// goals lists the figures of goals.
func (f *lister) goals(r *Report) {
	for i := range r.Goals {
		g := &r.Goals[i]
		f.section = g.Goal
		for number, times := range g.Reached {
			label := "reached"
			if len(g.Reached) > 1 {
				label += " " + strconv.Itoa(number+1)
			}
			f.count(label, times)
			f.add(strings.Replace(label, "reached", "undone", 1), Amount{g.TakenBack[number], 0}, false)
		}
		if g.Cost != nil {
			f.add("cost, "+r.Currency, *g.Cost, true)
		}
	}
}
