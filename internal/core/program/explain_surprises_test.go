package program_test

import "premia/internal/core/engine"

// ofSurprises is what draws can come to.
func ofSurprises(p *engine.Program) []explained {
	box, _ := p.Names.Find("surprise.box")
	ring, _ := p.Names.Find("prize.box.ring")
	d := &engine.Decision{Outcome: engine.Applied, Steps: []engine.Step{
		{Rule: box, Result: engine.Won, By: ring},
		{Rule: box, Result: engine.WonNothing},
		{Rule: box, Result: engine.PrizeGone, By: ring},
		{Rule: box, Result: engine.MayWin},
		{Rule: box, Result: engine.PlayedOften, Limit: engine.EachDay, Base: 2},
		{Rule: box, Result: engine.PrizeBack, By: ring},
		{Rule: box, Result: engine.Entered, Base: 3},
		{Rule: box, Result: engine.EnteredOften, Base: 5},
		{Rule: box, Result: engine.EntriesBack, Base: 1},
		{Rule: box, Result: engine.WonContest, By: ring, Read: "0123456789abcdef"},
		{Rule: box, Result: engine.ToClaim, By: ring, Read: "0123456789abcdef", Base: 1_790_000_000_000_000},
		{Rule: box, Result: engine.PrizeLapsed, By: ring, Read: "0123456789abcdef"},
		{Rule: box, Result: engine.WonBefore, Read: "0123456789abcdef"},
	}}
	out := []explained{{name: "drawn by chance", made: d}}
	for _, o := range []engine.Outcome{engine.NoSuchContest, engine.NothingToClaim, engine.ClaimedTooLate, engine.GaveWay} {
		out = append(out, explained{name: "a contest's prize: " + o.String(), made: &engine.Decision{Outcome: o}})
	}
	return out
}
