package condition

import (
	"regexp"
	"slices"
	"strconv"

	"github.com/govalues/decimal"
)

// Contradiction is why a condition can never be true.
type Contradiction struct {
	// Offset is the place of a comparison, in bytes from the expression's start, that
	// leaves no value for what it is about.
	Offset int
	// About is what has no value left, as it is written; empty if more than that is
	// to blame.
	About string
}

// Contradiction finds whether a condition asks for what nothing can be at once, such as
// event.total > 5.00 && event.total < 3.00. What it finds is never true in any scope;
// it understands comparisons with constants, in, has and the searches in texts, so that
// some that are never true are not found.
func (x *Expression) Contradiction() (Contradiction, bool) {
	if x.want != Bool {
		return Contradiction{}, false
	}
	s := &search{steps: mostSteps}
	if s.possible([]demand{{x.root, true}}, nil) {
		return Contradiction{}, false
	}
	return s.found, true
}

// mostSteps bounds how long a contradiction is searched: alternatives multiply.
const mostSteps = 2_000

// demand is a part of a condition and what it has to be.
type demand struct {
	node *node
	want bool
}

// knowledge are what is left of each value, by how it is read.
type knowledge map[string]*domain

// search looks for values that meet all demands.
type search struct {
	steps int
	// found is the last contradiction that was met.
	found Contradiction
}

// possible tells whether all demands may be met together with what is known. What it
// does not understand is taken to be met.
func (s *search) possible(open []demand, known knowledge) bool {
	known = known.clone()
	for len(open) > 0 {
		s.steps--
		if s.steps < 0 {
			return true
		}
		d := open[len(open)-1]
		open = open[: len(open)-1 : len(open)-1]
		switch n := d.node; {
		case n.constant != nil:
			if n.constant.Bool() != d.want {
				s.found = Contradiction{Offset: n.char}
				return false
			}
		case n.op == opNot:
			open = append(open, demand{n.args[0], !d.want})
		case n.op == opAnd && d.want, n.op == opOr && !d.want:
			for _, a := range slices.Backward(n.args) {
				open = append(open, demand{a, d.want})
			}
		case n.op == opAnd, n.op == opOr:
			return s.anyOf(n.args, d.want, open, known)
		case n.op == opTernary:
			return s.possible(append(open, demand{n.args[1], d.want}, demand{n.args[0], true}), known) ||
				s.possible(append(open, demand{n.args[2], d.want}, demand{n.args[0], false}), known)
		case (n.op == opExists || n.op == opExistsOne) && d.want:
			// Each element is looked at by itself.
			if !s.possible([]demand{{n.args[1], true}}, nil) {
				return false
			}
		default:
			if !s.meets(n, d.want, known) {
				return false
			}
		}
	}
	return true
}

// anyOf tells whether one of the alternatives may be met together with the rest.
func (s *search) anyOf(alternatives []*node, want bool, rest []demand, known knowledge) bool {
	for _, a := range alternatives {
		if s.possible(append(rest, demand{a, want}), known) {
			return true
		}
	}
	return false
}

func (f knowledge) clone() knowledge {
	out := make(knowledge, len(f))
	for key, d := range f {
		own := *d
		own.only, own.not, own.tests = slices.Clone(d.only), slices.Clone(d.not), slices.Clone(d.tests)
		out[key] = &own
	}
	return out
}

// of gives what is left of a value that a node reads; nil if the node is more than a
// value.
func (f knowledge) of(n *node) *domain {
	key, ok := n.key()
	if !ok {
		return nil
	}
	d := f[key]
	if d == nil {
		d = n.domain()
		f[key] = d
	}
	return d
}

// meets narrows what is known by a comparison, and tells whether anything is left.
func (s *search) meets(n *node, want bool, known knowledge) bool {
	var about *node
	switch {
	case n.op == opHas:
		about = n.hasField()
		if d := known.of(about); d != nil {
			d.present, d.missing = d.present || want, d.missing || !want
		}
	case n.op >= opEqual && n.op <= opGreaterOrEqual:
		about = known.compare(n, want)
	case n.op == opIn:
		about = known.in(n, want)
	case n.op >= opStartsWith && n.op <= opContains:
		about = known.search(n, want)
	case n.typ == Bool:
		about = n
		if d := known.read(n); d != nil {
			d.oneOf([]Value{BoolValue(want)}, n.order)
		}
	}
	if about == nil {
		return true
	}
	if d := known.of(about); d != nil && d.empty() {
		key, _ := about.key()
		s.found = Contradiction{Offset: n.char, About: slots.ReplaceAllString(key, "")}
		return false
	}
	return true
}

// read notes that a node's value is read, so that it has to be there.
func (f knowledge) read(n *node) *domain {
	d := f.of(n)
	if d != nil {
		d.present = true
	}
	return d
}

// hasField is the field that has() asks for, as if it were read.
func (n *node) hasField() *node {
	return &node{op: opField, typ: n.field.Type, args: n.args, field: n.field, object: n.object, name: n.name, char: n.char}
}

// inverse are what comparisons are when they do not hold, and swapped what they are with
// their sides exchanged.
var (
	inverse = map[op]op{opEqual: opNotEqual, opNotEqual: opEqual, opLess: opGreaterOrEqual, opGreaterOrEqual: opLess, opGreater: opLessOrEqual, opLessOrEqual: opGreater}
	swapped = map[op]op{opEqual: opEqual, opNotEqual: opNotEqual, opLess: opGreater, opGreater: opLess, opLessOrEqual: opGreaterOrEqual, opGreaterOrEqual: opLessOrEqual}
)

// slots are the numbers of loops in keys.
var slots = regexp.MustCompile(`#\d+`)

// compare narrows by a comparison with a constant, and gives what it is about.
func (f knowledge) compare(n *node, want bool) *node {
	left, right, o := n.args[0], n.args[1], n.op
	if !want {
		o = inverse[o]
	}
	if left.constant != nil {
		left, right, o = right, left, swapped[o]
	}
	f.read(left.narrow())
	if right.constant == nil {
		f.read(right.narrow())
		return nil
	}
	left = left.narrow()
	if d := f.read(left); d != nil {
		d.bound(o, *right.constant, n.order)
		return left
	}
	return nil
}

// narrow is the whole number that a decimal is made of.
func (n *node) narrow() *node {
	if n.op == opToDecimal {
		return n.args[0]
	}
	return n
}

// in narrows by a list of constants.
func (f knowledge) in(n *node, want bool) *node {
	about, list := n.args[0].narrow(), n.args[1]
	d := f.read(about)
	if d == nil || list.op != opList {
		return nil
	}
	var values []Value
	for _, item := range list.args {
		switch {
		case item.constant != nil:
			values = append(values, *item.constant)
		case want:
			return nil // anything may be in the list
		}
	}
	if want {
		d.oneOf(values, n.order)
	} else {
		d.not = append(d.not, values...)
	}
	return about
}

// search narrows by a search for a constant in a text.
func (f knowledge) search(n *node, want bool) *node {
	d := f.read(n.args[0])
	if d == nil || n.args[1].constant == nil {
		return nil
	}
	d.tests = append(d.tests, searched{n.op, n.args[1].constant.Text(), want})
	return n.args[0]
}

// key names what a node reads; ok is false where it reckons with it, or reads nothing.
func (n *node) key() (key string, ok bool) {
	switch n.op {
	case opVariable:
		return n.name, true
	case opLocal:
		return n.name + "#" + strconv.Itoa(n.slot), true // another loop may use the name
	case opField:
		base, ok := n.args[0].key()
		return base + "." + n.field.Name, ok
	}
	if r, known := ranges[n.op]; known && n.typ == Int && len(n.args) > 0 {
		base, ok := n.args[0].key()
		return r.name + "(" + base + ")", ok
	}
	return "", false
}

// valueRange is what a part of a moment, or a size, can be.
type valueRange struct {
	name        string
	least, most int64 // no upper bound if below least
}

var ranges = map[op]valueRange{
	opSize: {"size", 0, -1}, opMonth: {"month", 0, 11}, opDate: {"date", 1, 31}, opDayOfMonth: {"day", 0, 30},
	opDayOfWeek: {"weekday", 0, 6}, opDayOfYear: {"day of year", 0, 365}, opHours: {"hour", 0, 23},
	opMinutes: {"minute", 0, 59}, opSeconds: {"second", 0, 59}, opMilliseconds: {"millisecond", 0, 999},
}

// domain is all that a node's value can be before anything is asked of it.
func (n *node) domain() *domain {
	d := &domain{whole: n.typ == Int}
	if r, known := ranges[n.op]; known {
		d.bound(opGreaterOrEqual, IntValue(r.least), nil)
		if r.most >= r.least {
			d.bound(opLessOrEqual, IntValue(r.most), nil)
		}
	}
	if n.op == opField && n.field.Values != nil {
		d.oneOf(n.field.Values, nil)
	}
	return d
}

// compared orders two values of one type: numbers by size whatever their kinds, texts
// by their bytes, false before true.
func compared(a, b Value) int {
	if a.Kind() == KindString {
		switch {
		case a.text < b.text:
			return -1
		case a.text > b.text:
			return 1
		}
		return 0
	}
	return exactly(a).Cmp(exactly(b))
}

// exactly is a value that is no text as a number, exactly: a truth is 0 or 1, a moment
// and a duration its microseconds.
func exactly(v Value) decimal.Decimal {
	if v.Kind() == KindDecimal {
		return v.Decimal()
	}
	return decimal.MustNew(v.number, 0)
}
