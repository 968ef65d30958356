package demo

import "math/rand/v2"

// chance is a source of made-up facts: the same seed and stream give the same
// ones. Probabilities are whole numbers in a thousand.
type chance struct{ *rand.Rand }

// The streams of one seed. Each concern has its own, so that a change of one
// leaves the others as they were.
const (
	streamPeople = iota + 1
	streamVisits
	streamGuests
	streamOffice
	streamRewards
)

func newChance(seed, stream uint64) chance { return chance{rand.New(rand.NewPCG(seed, stream))} }

// in tells yes in so many of a thousand cases.
func (c chance) in(thousandths int) bool { return c.IntN(1000) < thousandths }

// between gives a whole number of the range, both ends included.
func (c chance) between(low, high int) int { return low + c.IntN(high-low+1) }

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

// one gives one of the list.
func one[T any](c chance, list []T) T { return list[c.IntN(len(list))] }
