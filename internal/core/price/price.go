// Package price takes reductions off a basket at list prices: percentages, sums of
// money, fixed prices, free pieces, bundles and shipping. It is arithmetic alone: it
// knows lines, their pieces and prices, and nothing of programs, codes or members.
//
// What always holds: no line and no shipping costs less than nothing; what a
// reduction takes off the lines, to the last minor unit, is what it takes off in
// all, and no more than its own cap; all reductions together take no more off the
// goods than the basket's ceiling; percentages apply one after another to what the
// ones before left; and the order in which the lines stand does not change any sum.
package price

import (
	"cmp"
	"slices"

	"premia/internal/core/money"
)

// PieceScale is the quantity of one piece: quantities are thousandths.
const PieceScale = 1000

// Line is one line of a basket.
type Line struct {
	// Quantity is in thousandths, above zero; only whole pieces are free, or part
	// of a bundle.
	Quantity int64
	// Total is the line's list price in minor units, zero or more.
	Total int64
}

// Basket is what is priced.
type Basket struct {
	Lines    []Line
	Shipping int64
	// Most is the part of the goods' list price that all reductions together may
	// take off; zero allows the whole.
	Most money.Rate
}

// What says how a reduction is reckoned.
type What uint8

// The kinds of reductions.
const (
	Percent What = iota + 1 // Rate of the price
	Off                     // Money off
	Fixed                   // each piece, or the whole, costs at most Money
	BuyGet                  // of each Buy+Get pieces, the Get cheapest are reduced by Rate
	Bundle                  // pieces of all Parts together cost at most Money
)

// On says what a reduction is taken off.
type On uint8

// What a reduction is taken off.
const (
	Order    On = iota // the marked lines as one sum
	Items              // each piece of the marked lines
	Cheapest           // the cheapest pieces of the marked lines that are not free yet, as many as Times
	Shipping           // the shipping
)

// Reduction is something that may lower the price.
type Reduction struct {
	What What
	On   On
	// Rate is the part taken off, above zero and at most one.
	Rate money.Rate
	// Money is in minor units.
	Money int64
	// Marks are the lines that it is about; nil for all.
	Marks []bool
	// Buy pieces let Get pieces be reduced. Gifts are the lines of those, which
	// then do not count as bought; nil where they are among the marked.
	Buy, Get int64
	Gifts    []bool
	Parts    []Part
	// Steps, rising, replace Rate and Money by those of the highest that the list
	// price of the marked lines reaches.
	Steps []Step
	// Least is the list price that the marked lines must reach.
	Least int64
	// Most caps what it takes off; zero is no cap.
	Most int64
	// Times is how often it applies at most; zero as often as it fits, and once for
	// the cheapest pieces.
	Times int64
	// Priority orders reductions, the higher first. Of a Group only one applies:
	// with Best the one that takes most off, otherwise the first that takes
	// anything off. Alone goes with no other: it applies if it takes more off than
	// all others together.
	Priority int
	Group    string
	Best     bool
	Alone    bool
	// Caps, if not nil, are the most that it takes off each line, and ShippingCap
	// off the shipping.
	Caps        []int64
	ShippingCap int64
}

// Part is one kind of pieces that a bundle needs.
type Part struct {
	Marks  []bool
	Pieces int64
}

// Step is what a reduction takes off from a list price on.
type Step struct {
	From  int64
	Rate  money.Rate
	Money int64
}

// Why says why a reduction took nothing off.
type Why uint8

// The reasons.
const (
	Taken       Why = iota // it took something off
	NoLines                // no line is marked
	BelowLeast             // the marked lines cost Base, less than Least
	TooFew                 // too few pieces
	Outdone                // By of its group applies
	NotWith                // By, with which it does not go, applies
	NothingLeft            // there is nothing that it could still take off
)

// Applied is what became of one reduction.
type Applied struct {
	// Lines is what it took off each line; nil if off none.
	Lines    []int64
	Shipping int64
	// Total is all that it took off.
	Total int64
	// Sets is how often a BuyGet or a Bundle applied.
	Sets int64
	Why  Why
	// By is the place of the reduction that applies in its stead.
	By int
	// Base is the list price of the lines that it is about, and Least what that
	// would have to reach.
	Base, Least int64
}

// Price applies the reductions; the answer has their order.
func (b *Basket) Price(reductions []Reduction) []Applied {
	if len(reductions) == 0 {
		return nil
	}
	places := b.places(reductions)
	p := newPricing(b, reductions, places)
	return p.answer(p.best(), places)
}

// places gives an order of the lines that depends on nothing but what they are, so
// that where a last minor unit goes does not depend on how a basket was written.
func (b *Basket) places(reductions []Reduction) []int {
	places := make([]int, len(b.Lines))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(x, y int) int {
		order := cmp.Or(cmp.Compare(b.Lines[y].Total, b.Lines[x].Total), cmp.Compare(b.Lines[y].Quantity, b.Lines[x].Quantity))
		for i := 0; order == 0 && i < len(reductions); i++ {
			order = reductions[i].compare(x, y)
		}
		return order
	})
	return places
}

// compare orders two lines by what the reduction says of them.
func (r *Reduction) compare(x, y int) int {
	order := cmp.Or(compareMarks(r.Marks, x, y), compareMarks(r.Gifts, x, y))
	for i := 0; order == 0 && i < len(r.Parts); i++ {
		order = compareMarks(r.Parts[i].Marks, x, y)
	}
	if order == 0 && r.Caps != nil {
		order = cmp.Compare(r.Caps[y], r.Caps[x])
	}
	return order
}

func compareMarks(marks []bool, x, y int) int {
	switch {
	case marks == nil || marks[x] == marks[y]:
		return 0
	case marks[x]:
		return -1
	}
	return 1
}

// permuted gives a list in the order of places; nil stays nil.
func permuted[T any](list []T, places []int) []T {
	if list == nil {
		return nil
	}
	out := make([]T, len(places))
	for i, place := range places {
		out[i] = list[place]
	}
	return out
}
