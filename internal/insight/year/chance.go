package year

import "math/rand/v2"

// chance is a source of made-up facts: the same seed gives the same ones.
type chance struct{ *rand.Rand }

func newChance(seed, stream uint64) chance { return chance{rand.New(rand.NewPCG(seed, stream))} }

// in tells yes in so many of a thousand cases.
func (c chance) in(thousandths int64) bool { return c.Int64N(1000) < thousandths }

// weighted gives the place of one of the weights, in proportion to them.
func (c chance) weighted(weights []int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	at := c.IntN(sum)
	for i, w := range weights {
		if at < w {
			return i
		}
		at -= w
	}
	return len(weights) - 1
}
