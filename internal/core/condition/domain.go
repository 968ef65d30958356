package condition

import (
	"slices"
	"strings"
)

// domain is what is left of the values that something may have: those between two
// bounds, of a list if there is one, that are not excluded and stand all tests.
type domain struct {
	// present and missing are asked by has(); whatever else is asked needs the value.
	present, missing  bool
	whole             bool // only whole numbers
	limited           bool // only those of the list
	only, not         []Value
	low, high         Value // absent if there is none
	lowOpen, highOpen bool  // the bound itself is left out
	tests             []searched
}

// searched is a search for a text in the value.
type searched struct {
	op   op
	text string
	want bool
}

func (t searched) met(s string) bool {
	found := false
	switch t.op {
	case opStartsWith:
		found = strings.HasPrefix(s, t.text)
	case opEndsWith:
		found = strings.HasSuffix(s, t.text)
	default:
		found = strings.Contains(s, t.text)
	}
	return found == t.want
}

// holds tells whether a comparison that came out as c holds.
func holds(o op, c int) bool {
	switch o {
	case opEqual:
		return c == 0
	case opNotEqual:
		return c != 0
	case opLess:
		return c < 0
	case opLessOrEqual:
		return c <= 0
	case opGreater:
		return c > 0
	}
	return c >= 0
}

// bound narrows by a comparison with a constant. Texts that have an order are compared
// by their places in it.
func (d *domain) bound(o op, v Value, order []string) {
	switch {
	case order != nil:
		at := slices.Index(order, v.Text())
		var rest []Value
		for i, text := range order {
			if holds(o, i-at) {
				rest = append(rest, StringValue(text))
			}
		}
		d.oneOf(rest, order)
	case o == opEqual:
		d.oneOf([]Value{v}, nil)
	case o == opNotEqual:
		d.not = append(d.not, v)
	case o == opLess || o == opLessOrEqual:
		if d.high.Absent() || compared(v, d.high) < 0 || o == opLess && compared(v, d.high) == 0 {
			d.high, d.highOpen = v, o == opLess
		}
	default:
		if d.low.Absent() || compared(v, d.low) > 0 || o == opGreater && compared(v, d.low) == 0 {
			d.low, d.lowOpen = v, o == opGreater
		}
	}
}

// oneOf narrows to a list.
func (d *domain) oneOf(values []Value, order []string) {
	if order != nil && !d.limited {
		// A value that has an order is one of its texts.
		for _, text := range order {
			d.only = append(d.only, StringValue(text))
		}
		d.limited = true
	}
	if !d.limited {
		d.only, d.limited = slices.Clone(values), true
		return
	}
	d.only = slices.DeleteFunc(d.only, func(have Value) bool { return !contains(values, have) })
}

func contains(values []Value, v Value) bool {
	return slices.ContainsFunc(values, func(other Value) bool { return compared(v, other) == 0 })
}

// empty tells whether no value is left for certain.
func (d *domain) empty() bool {
	switch {
	case d.present && d.missing:
		return true
	case d.limited:
		return !slices.ContainsFunc(d.only, d.allows)
	case d.low.Absent() || d.high.Absent():
		return false
	}
	switch c := compared(d.low, d.high); {
	case c > 0:
		return true
	case c == 0:
		return !d.allows(d.low)
	}
	return d.whole && d.noWhole()
}

// allows tells whether a value is left.
func (d *domain) allows(v Value) bool {
	switch {
	case !d.low.Absent() && !holds(atLeast(d.lowOpen), compared(v, d.low)),
		!d.high.Absent() && !holds(atMost(d.highOpen), compared(v, d.high)),
		d.whole && !exactly(v).IsInt(),
		contains(d.not, v):
		return false
	}
	return v.Kind() != KindString || !slices.ContainsFunc(d.tests, func(t searched) bool { return !t.met(v.Text()) })
}

func atLeast(open bool) op {
	if open {
		return opGreater
	}
	return opGreaterOrEqual
}

func atMost(open bool) op {
	if open {
		return opLess
	}
	return opLessOrEqual
}

// mostNumbers is how many whole numbers between two bounds are tried.
const mostNumbers = 64

// noWhole tells whether no whole number between the bounds is left, if there are few.
func (d *domain) noWhole() bool {
	from, until := exactly(d.low).Ceil(0), exactly(d.high).Floor(0)
	first, _, okFirst := from.Int64(0)
	last, _, okLast := until.Int64(0)
	if !okFirst || !okLast || uint64(last)-uint64(first) >= mostNumbers && last >= first {
		return false
	}
	for n := first; n <= last; n++ {
		if d.allows(IntValue(n)) {
			return false
		}
		if n == last {
			break // the largest number has none after it
		}
	}
	return true
}
