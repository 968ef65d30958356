package engine

import (
	"premia/internal/core/event"
	"premia/internal/core/money"
)

// remaining is what is left of a purchase after returns.
type remaining struct {
	original *event.Event
	event    *event.Event // the purchase less what went back
	// places has for each item of event its place in original.
	places []int
}

// TotalOf gives the total of what is left of a purchase's [Pieces], in minor
// units.
func TotalOf(purchase *event.Event, left []int64) int64 {
	return remainingOf(purchase, left).event.Total
}

// CardPartOf gives the part of what is left of a purchase's [Pieces] that was paid with
// gift cards, in minor units.
func CardPartOf(purchase *event.Event, left []int64) int64 {
	return remainingOf(purchase, left).event.PaidWithGiftCards
}

// remainingOf gives the purchase with other quantities. Each line keeps its own
// price and its own share of the order's discount, so that nothing moves to the
// lines that stay; shipping stays as long as goods do.
func remainingOf(original *event.Event, left []int64) *remaining {
	e := *original
	r := &remaining{original: original, event: &e}
	if len(original.Items) == 0 {
		e.Total = part(original.Total, left[0], Pieces(original)[0])
		e.Shipping = min(original.Shipping, e.Total)
		e.Discount = part(original.Discount, e.Total, original.Total)
	} else {
		r.goods(left)
	}
	e.Tax = part(original.Tax, e.Total, original.Total)
	e.PaidWithGiftCards = part(original.PaidWithGiftCards, e.Total, original.Total)
	e.PaidWithPoints = part(original.PaidWithPoints, e.Total, original.Total)
	return r
}

func (r *remaining) goods(left []int64) {
	e, totals := r.event, make([]int64, len(r.original.Items))
	for i := range r.original.Items {
		totals[i] = r.original.Items[i].Total
	}
	discounts := money.Share(r.original.Discount, totals)
	e.Items, e.Discount = nil, 0
	goods := int64(0)
	for i, quantity := range left {
		if quantity == 0 {
			continue
		}
		item := r.original.Items[i]
		e.Discount += part(discounts[i], quantity, item.Quantity)
		item.Total, item.Quantity = part(item.Total, quantity, item.Quantity), quantity
		goods += item.Total
		e.Items = append(e.Items, item)
		r.places = append(r.places, i)
	}
	if len(e.Items) == 0 {
		e.Shipping = 0
	}
	e.Total = max(goods+e.Shipping-e.Discount, 0)
}

// counted is what Turn.Counted gives, for what is left: in each line the same
// part of what counted in it, so that with every piece that goes back it falls
// or stays.
func (r *remaining) counted(without Without, marks []bool) int64 {
	o, excluded := r.original, excludedOf(r.original, without)
	if marks == nil || len(o.Items) == 0 {
		counted := r.event.Total - part(excluded, r.event.Total, o.Total)
		if marks != nil || without&WithoutShipping != 0 {
			counted -= r.event.Shipping
		}
		return max(counted, 0)
	}
	totals := make([]int64, len(o.Items))
	for i := range o.Items {
		totals[i] = o.Items[i].Total
	}
	shares := sharesOf(max(o.Total-excluded-o.Shipping, 0), totals)
	sum := int64(0)
	for i, place := range r.places {
		if marks[i] {
			sum += part(shares[place], r.event.Items[i].Quantity, o.Items[place].Quantity)
		}
	}
	return sum
}

// part gives amount × numerator ÷ denominator, halves up; with a falling
// numerator it never rises, and it is the whole amount for the whole.
func part(amount, numerator, denominator int64) int64 {
	if denominator == 0 || numerator == 0 {
		return 0
	}
	rate, err := money.NewRate(numerator, denominator)
	if err != nil {
		return 0
	}
	out, err := rate.Apply(amount, money.HalfUp)
	if err != nil {
		return 0
	}
	return out
}
