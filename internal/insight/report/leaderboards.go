package report

import (
	"slices"
	"strings"

	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/leaderboard"
)

// Leaderboard is what came of a leaderboard in all its periods.
type Leaderboard struct {
	// Leaderboard is its name, such as "leaderboard.spenders".
	Leaderboard string `json:"leaderboard"`
	// Counted is how often something counted, and CountedLess how often goods that went
	// back counted less.
	Counted     int64 `json:"counted"`
	CountedLess int64 `json:"counted_less"`
	// Prizes is how many places brought a prize.
	Prizes int64 `json:"prizes"`
	// Cost is the worth of the prizes in the currency; absent where no wallet that they
	// give has a worth.
	Cost *Amount `json:"cost,omitempty"`
}

// ranked counts what becomes Leaderboards, by their names.
type ranked map[ledger.Name]rankedSums

type rankedSums struct{ counted, less, prizes int64 }

func (r ranked) step(s *engine.Step) {
	switch s.Result {
	case engine.Scored:
		r.add(s.Rule, rankedSums{counted: 1})
	case engine.ScoredLess:
		r.add(s.Rule, rankedSums{less: 1})
	case engine.Placed:
		r.add(s.Rule, rankedSums{prizes: 1})
	}
}

func (r ranked) add(board ledger.Name, more rankedSums) {
	now := r[board]
	r[board] = rankedSums{now.counted + more.counted, now.less + more.less, now.prizes + more.prizes}
}

func (r ranked) merge(o ranked) {
	for board, sums := range o {
		r.add(board, sums)
	}
}

// listLeaderboards adds the leaderboards of all programs.
func (b *Builder) listLeaderboards(r *Report) error {
	scale, seen := b.program().Currency.Scale, map[ledger.Name]bool{}
	for _, live := range b.rules.All() {
		for _, board := range leaderboard.Boards(live.Program) {
			if seen[board.Name] {
				continue
			}
			seen[board.Name] = true
			sums := b.sums.ranked[board.Name]
			out := Leaderboard{Leaderboard: b.names.Name(board.Name), Counted: sums.counted, CountedLess: sums.less, Prizes: sums.prizes}
			cost, worthy, err := b.cost(board.Name, scale)
			if err != nil {
				return err
			}
			if worthy {
				out.Cost = &Amount{cost, scale}
			}
			r.Leaderboards = append(r.Leaderboards, out)
		}
	}
	slices.SortFunc(r.Leaderboards, func(x, y Leaderboard) int { return strings.Compare(x.Leaderboard, y.Leaderboard) })
	return nil
}

// leaderboards lists the figures of leaderboards.
func (f *lister) leaderboards(r *Report) {
	for i := range r.Leaderboards {
		x := &r.Leaderboards[i]
		f.section = x.Leaderboard
		f.count("counted", x.Counted)
		f.add("counted less, for goods that went back", Amount{x.CountedLess, 0}, false)
		f.count("places with a prize", x.Prizes)
		if x.Cost != nil {
			f.add("cost, "+r.Currency, *x.Cost, true)
		}
	}
}
