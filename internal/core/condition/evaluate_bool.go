package condition

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"github.com/govalues/decimal"
)

// bool compiles a node of type Bool.
func (n *node) bool() boolFunc {
	switch {
	case n.constant != nil:
		b := n.constant.Bool()
		return func(Scope, *locals) (bool, error) { return b, nil }
	case n.isRead():
		read := n.read()
		return func(s Scope, l *locals) (bool, error) {
			v, err := read(s, l)
			return v.Bool(), err
		}
	}
	switch n.op {
	case opHas:
		get := n.fetch()
		return func(s Scope, l *locals) (bool, error) {
			v, err := get(s, l)
			return v.Kind() != KindAbsent, err
		}
	case opAnd, opOr:
		return n.logic()
	case opNot:
		f := n.args[0].bool()
		return func(s Scope, l *locals) (bool, error) {
			b, err := f(s, l)
			return !b && err == nil, err
		}
	case opTernary:
		return choose(n.args[0].bool(), n.args[1].bool(), n.args[2].bool())
	case opExists, opAll, opExistsOne:
		return n.quantifier()
	case opIn:
		return n.in()
	case opStartsWith, opEndsWith, opContains, opMatches:
		return n.stringTest()
	}
	return n.comparison()
}

// logic compiles && and ||. An argument that decides is the answer even if
// another fails; otherwise the first failure is.
func (n *node) logic() boolFunc {
	decisive := n.op == opOr
	args := make([]boolFunc, len(n.args))
	for i, a := range n.args {
		args[i] = a.bool()
	}
	return func(s Scope, l *locals) (bool, error) {
		var failure error
		for _, f := range args {
			b, err := f(s, l)
			switch {
			case err != nil:
				if failure == nil {
					failure = err
				}
			case b == decisive:
				return decisive, nil
			}
		}
		return !decisive && failure == nil, failure
	}
}

// comparison compiles the six operators == != < <= > >=.
func (n *node) comparison() boolFunc {
	a, b := n.args[0], n.args[1]
	if b.constant != nil {
		return n.compareConstant(*b.constant)
	}
	switch a.typ.kind {
	case KindString:
		return compare(n.op, a.string(), b.string(), n.textOrder())
	case KindDecimal:
		return compare(n.op, a.decimal(), b.decimal(), decimal.Decimal.Cmp)
	case KindBool:
		left, right, equal := a.bool(), b.bool(), n.op == opEqual
		return func(s Scope, l *locals) (bool, error) {
			x, err := left(s, l)
			if err != nil {
				return false, err
			}
			y, err := right(s, l)
			return (x == y) == equal && err == nil, err
		}
	}
	return compare(n.op, a.number(), b.number(), cmp.Compare[int64])
}

// compareConstant compiles the comparison with a constant on the right, which
// is what most conditions are.
func (n *node) compareConstant(c Value) boolFunc {
	left, accept := n.args[0].value(), accepted(n.op)
	switch c.Kind() {
	case KindString:
		if n.op > opNotEqual {
			break
		}
		text, equal := c.text, n.op == opEqual
		return func(s Scope, l *locals) (bool, error) {
			v, err := left(s, l)
			return (v.text == text) == equal && err == nil, err
		}
	case KindDecimal:
		exact := c.Decimal()
		return func(s Scope, l *locals) (bool, error) {
			v, err := left(s, l)
			if err != nil {
				return false, err
			}
			if v.head == c.head && v.text == c.text { // of one scale
				return accept[cmp.Compare(v.number, c.number)+1], nil
			}
			return accept[v.Decimal().Cmp(exact)+1], nil
		}
	}
	texts := n.textOrder()
	return func(s Scope, l *locals) (bool, error) {
		v, err := left(s, l)
		if err != nil {
			return false, err
		}
		if c.Kind() == KindString {
			return accept[texts(v.text, c.text)+1], nil
		}
		return accept[cmp.Compare(v.number, c.number)+1], nil
	}
}

func compare[T any, F ~func(Scope, *locals) (T, error)](o op, left, right F, order func(a, b T) int) boolFunc {
	accept := accepted(o)
	return func(s Scope, l *locals) (bool, error) {
		x, err := left(s, l)
		if err != nil {
			return false, err
		}
		y, err := right(s, l)
		if err != nil {
			return false, err
		}
		return accept[order(x, y)+1], nil
	}
}

// accepted says for less, equal and greater whether the operator is true.
func accepted(o op) [3]bool {
	switch o {
	case opEqual:
		return [3]bool{false, true, false}
	case opNotEqual:
		return [3]bool{true, false, true}
	case opLess:
		return [3]bool{true, false, false}
	case opLessOrEqual:
		return [3]bool{true, true, false}
	case opGreater:
		return [3]bool{false, false, true}
	}
	return [3]bool{false, true, true}
}

func (n *node) stringTest() boolFunc {
	text := n.args[0].string()
	if n.op == opMatches {
		pattern := n.pattern
		return func(s Scope, l *locals) (bool, error) {
			x, err := text(s, l)
			return err == nil && pattern.MatchString(x), err
		}
	}
	test := strings.HasPrefix
	switch n.op {
	case opEndsWith:
		test = strings.HasSuffix
	case opContains:
		test = strings.Contains
	}
	part := n.args[1].string()
	return func(s Scope, l *locals) (bool, error) {
		x, err := text(s, l)
		if err != nil {
			return false, err
		}
		y, err := part(s, l)
		return err == nil && test(x, y), err
	}
}

// in compiles the operator in.
func (n *node) in() boolFunc {
	if n.args[1].constant != nil && n.args[0].typ == String {
		return inStrings(n.args[0].value(), n.args[1].items())
	}
	list, element := n.args[1].stream(), n.args[0].value()
	return func(s Scope, l *locals) (bool, error) {
		x, err := element(s, l)
		if err != nil {
			return false, err
		}
		c, err := list.open(s, l)
		if err != nil {
			return false, err
		}
		found := false
		for {
			v, more, err := list.next(s, l, &c)
			if err != nil {
				return false, err
			}
			if !more || found && !list.strict {
				return found, nil
			}
			found = found || same(x, v)
		}
	}
}

func inStrings(element valueFunc, items []Value) boolFunc {
	words := make([]string, len(items))
	for i, v := range items {
		words[i] = v.text
	}
	return func(s Scope, l *locals) (bool, error) {
		x, err := element(s, l)
		if err != nil {
			return false, err
		}
		for _, w := range words {
			if x.text == w {
				return true, nil
			}
		}
		return false, nil
	}
}

// same says whether two scalars are equal; a whole number equals its decimal.
func same(a, b Value) bool {
	switch {
	case a.Kind() == KindString:
		return a.text == b.text
	case a.Kind() == KindDecimal || b.Kind() == KindDecimal:
		return a.asDecimal().Cmp(b.asDecimal()) == 0
	}
	return a.number == b.number
}

func (v Value) asDecimal() decimal.Decimal {
	if v.Kind() == KindInt {
		return wholeDecimal(v.number)
	}
	return v.Decimal()
}

// length is the number of characters, as CEL counts it.
func length(text string) int64 { return int64(utf8.RuneCountInString(text)) }
