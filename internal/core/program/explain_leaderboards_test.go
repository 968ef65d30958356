package program_test

import "premia/internal/core/engine"

// ofLeaderboards is what leaderboards can come to.
func ofLeaderboards(p *engine.Program) []explained {
	board, _ := p.Names.Find("leaderboard.shoppers")
	d := &engine.Decision{Outcome: engine.Applied, Steps: []engine.Step{
		{Rule: board, Result: engine.Scored, Amount: 1250, Wanted: 4000, Read: "Praha"},
		{Rule: board, Result: engine.ScoredLess, Amount: 1000, Wanted: 3000},
		{Rule: board, Result: engine.Placed, Amount: 3000, Wanted: 3000, Times: 2, Read: "Praha"},
	}}
	return []explained{{name: "leaderboards", made: d}}
}
