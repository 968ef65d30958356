package money

import (
	"cmp"
	"math/bits"
	"slices"
)

// Share splits total in proportion to the weights, to the last minor unit, by
// the method of the largest remainder (Hamilton): each share is its exact part
// rounded down, and the units left over go one each to the largest remainders,
// of equal ones to the lower index. The shares of a total and of its negative
// are each other's negatives, so a return mirrors its purchase.
//
// The shares always sum exactly to total, unless there are no weights, which
// gives no shares. A weight below zero counts as zero; where no weight is above
// zero, all count as equal. Weights whose sum passes 2^63 are first halved
// together until it does not.
func Share(total int64, weights []int64) []int64 {
	if len(weights) == 0 {
		return nil
	}
	parts, whole := positive(weights)
	shares := make([]int64, len(parts))
	remainders := make([]uint64, len(parts))
	left := magnitude(total)
	for i, part := range parts {
		high, low := bits.Mul64(magnitude(total), part)
		var share uint64
		share, remainders[i] = bits.Div64(high, low, whole) // part ≤ whole, so it fits
		shares[i] = int64(share)
		left -= share
	}
	for _, i := range largest(remainders)[:left] {
		shares[i]++
	}
	if total < 0 {
		for i := range shares {
			shares[i] = -shares[i]
		}
	}
	return shares
}

// positive makes weights safe to divide by: none is below zero and their sum,
// which it returns too, is above zero and below 2^63.
func positive(weights []int64) (parts []uint64, whole uint64) {
	parts = make([]uint64, len(weights))
	for halvings := 0; ; halvings++ {
		var high, low, carry uint64
		for i, weight := range weights {
			parts[i] = uint64(max(weight, 0)) >> halvings
			low, carry = bits.Add64(low, parts[i], 0)
			high += carry
		}
		if high == 0 && low>>63 == 0 {
			whole = low
			break
		}
	}
	if whole == 0 {
		for i := range parts {
			parts[i] = 1
		}
		whole = uint64(len(parts))
	}
	return parts, whole
}

// largest lists the indices of the remainders from the largest down, of equal
// ones the lower index first.
func largest(remainders []uint64) []int {
	order := make([]int, len(remainders))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(remainders[b], remainders[a]) })
	return order
}
