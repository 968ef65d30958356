package price

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"premia/internal/core/money"
)

// wanted gives what a reduction would take off each line, each at most what is left
// of it.
func (p *pricing) wanted(r *Reduction, rate money.Rate, amount int64, s *state, out *Applied) []int64 {
	switch {
	case r.What == BuyGet:
		return p.buyGet(r, rate, s, out)
	case r.What == Bundle:
		return p.bundle(r, amount, s, out)
	case r.On == Cheapest:
		picked := p.cheapest(max(r.Times, 1), s, func(i int) bool { return marks(r.Marks, i) && s.left[i] > 0 })
		if picked.pieces == 0 && p.cheapest(1, s, func(i int) bool { return marks(r.Marks, i) }).pieces == 0 {
			out.Why = TooFew
			return nil
		}
		return p.each(r.What, rate, amount, picked, s)
	case r.On == Items:
		picked := p.all(r.Marks)
		if r.What == Percent {
			return p.onSum(r, rate, amount, s)
		}
		return p.each(r.What, rate, amount, picked, s)
	}
	return p.onSum(r, rate, amount, s)
}

// onSum reckons on the marked lines as one sum, and shares what it takes off among
// them.
func (p *pricing) onSum(r *Reduction, rate money.Rate, amount int64, s *state) []int64 {
	weights, sum := make([]int64, len(p.lines)), int64(0)
	for i := range p.lines {
		if marks(r.Marks, i) {
			weights[i] = s.left[i]
			sum += s.left[i]
		}
	}
	off := int64(0)
	switch r.What {
	case Percent:
		off = fraction(rate, sum, money.HalfUp)
	case Off:
		off = min(amount, sum)
	case Fixed:
		off = max(sum-amount, 0)
	}
	return share(off, weights)
}

// share splits an amount that is at most the sum of the weights.
func share(amount int64, weights []int64) []int64 {
	if amount == 0 {
		return make([]int64, len(weights))
	}
	return money.Share(amount, weights)
}

// picked are whole pieces of lines.
type picked struct {
	of     []int64
	pieces int64
}

// all picks all whole pieces of the marked lines.
func (p *pricing) all(list []bool) picked {
	out := picked{of: make([]int64, len(p.lines))}
	for i := range p.lines {
		if marks(list, i) {
			out.of[i] = p.lines[i].Quantity / PieceScale
			out.pieces += out.of[i]
		}
	}
	return out
}

// each reckons on each picked piece by itself.
func (p *pricing) each(what What, rate money.Rate, amount int64, from picked, s *state) []int64 {
	out := make([]int64, len(p.lines))
	for i, n := range from.of {
		if n == 0 {
			continue
		}
		value := p.value(i, n, s)
		switch what {
		case Percent:
			out[i] = fraction(rate, value, money.HalfUp)
		case Off:
			out[i] = times(amount, n, value)
		case Fixed:
			out[i] = value - times(amount, n, value)
		}
	}
	return out
}

// value gives what n pieces of a line still cost.
func (p *pricing) value(line int, n int64, s *state) int64 {
	q := p.lines[line].Quantity
	if n*PieceScale == q {
		return s.left[line]
	}
	rate, err := money.NewRate(n*PieceScale, q)
	if err != nil {
		return 0
	}
	return fraction(rate, s.left[line], money.HalfUp)
}

// byPrice lists lines from the cheapest piece to the dearest, of equal ones in the
// lines' own order.
func (p *pricing) byPrice(s *state, of func(line int) bool) []int {
	var lines []int
	for i := range p.lines {
		if of(i) && p.lines[i].Quantity >= PieceScale {
			lines = append(lines, i)
		}
	}
	slices.SortStableFunc(lines, func(x, y int) int {
		xHigh, xLow := bits.Mul64(uint64(s.left[x]), uint64(p.lines[y].Quantity))
		yHigh, yLow := bits.Mul64(uint64(s.left[y]), uint64(p.lines[x].Quantity))
		return cmp.Or(cmp.Compare(xHigh, yHigh), cmp.Compare(xLow, yLow))
	})
	return lines
}

// cheapest picks the n cheapest pieces of the lines, or all where there are fewer.
func (p *pricing) cheapest(n int64, s *state, of func(line int) bool) picked {
	out := picked{of: make([]int64, len(p.lines))}
	for _, i := range p.byPrice(s, of) {
		take := min(n-out.pieces, p.lines[i].Quantity/PieceScale)
		out.of[i] = take
		out.pieces += take
	}
	return out
}

// buyGet reduces the cheapest pieces: Get for each Buy that are bought.
func (p *pricing) buyGet(r *Reduction, rate money.Rate, s *state, out *Applied) []int64 {
	bought, gifts := int64(0), int64(0)
	for i := range p.lines {
		pieces := p.lines[i].Quantity / PieceScale
		switch {
		case r.Gifts != nil && r.Gifts[i]:
			gifts += pieces
		case marks(r.Marks, i):
			bought += pieces
		}
	}
	sets := bought / (r.Buy + r.Get)
	if r.Gifts != nil {
		// The last set may be short of gifts: the customer gets those that are there.
		sets = min(bought/r.Buy, (gifts+r.Get-1)/r.Get)
	}
	if r.Times > 0 {
		sets = min(sets, r.Times)
	}
	if out.Sets = sets; sets == 0 {
		out.Why = TooFew
		return nil
	}
	of := func(i int) bool { return marks(r.Marks, i) }
	if r.Gifts != nil {
		of = func(i int) bool { return r.Gifts[i] }
	}
	return p.each(Percent, rate, 0, p.cheapest(sets*r.Get, s, of), s)
}

// bundle lets pieces of all parts together cost the bundle's price, as often as
// they fit.
func (p *pricing) bundle(r *Reduction, amount int64, s *state, out *Applied) []int64 {
	low, high := int64(0), int64(math.MaxInt64)
	if r.Times > 0 {
		high = r.Times
	}
	for _, part := range r.Parts {
		high = min(high, p.all(part.Marks).pieces/part.Pieces)
	}
	// Pieces that fit several parts may be too few for all of them: the most sets
	// that there are pieces for are found by halving.
	var fits []int64
	for low < high {
		middle := low + (high-low+1)/2
		if taken := p.assemble(r, middle, s); taken != nil {
			low, fits = middle, taken
		} else {
			high = middle - 1
		}
	}
	if out.Sets = low; low == 0 {
		out.Why = TooFew
		return nil
	}
	weights, sum := make([]int64, len(p.lines)), int64(0)
	for i, n := range fits {
		if n > 0 {
			weights[i] = p.value(i, n, s)
			sum += weights[i]
		}
	}
	return share(sum-times(amount, low, sum), weights)
}

// assemble takes the pieces of so many sets, the dearest first, and of lines that
// fit few parts before those that fit many; nil if there are too few.
func (p *pricing) assemble(r *Reduction, sets int64, s *state) []int64 {
	taken, fit := make([]int64, len(p.lines)), make([]int, len(p.lines))
	for i := range p.lines {
		for _, part := range r.Parts {
			if marks(part.Marks, i) {
				fit[i]++
			}
		}
	}
	for _, part := range r.Parts {
		lines := p.byPrice(s, func(i int) bool { return marks(part.Marks, i) })
		slices.Reverse(lines)
		slices.SortStableFunc(lines, func(x, y int) int { return cmp.Compare(fit[x], fit[y]) })
		need := sets * part.Pieces
		for _, i := range lines {
			n := min(need, p.lines[i].Quantity/PieceScale-taken[i])
			taken[i] += n
			need -= n
		}
		if need > 0 {
			return nil
		}
	}
	return taken
}
