package condition

import (
	"github.com/govalues/decimal"
)

// The closures that an expression is compiled to, by the type that they give.
// Moments and durations are numbers of microseconds.
type (
	boolFunc    func(s Scope, l *locals) (bool, error)
	numberFunc  func(s Scope, l *locals) (int64, error)
	decimalFunc func(s Scope, l *locals) (decimal.Decimal, error)
	stringFunc  func(s Scope, l *locals) (string, error)
	valueFunc   func(s Scope, l *locals) (Value, error)
	objectFunc  func(s Scope, l *locals) (ObjectRef, error)
)

// locals are the elements that the loops stand at. An expression without loops
// is evaluated without them.
type locals struct {
	slots [MaxLoops]Value
}

// read compiles a variable, a local or a field; the value has the declared kind.
func (n *node) read() valueFunc {
	kind := n.typ.kind
	get := n.fetch()
	absent := n.absent()
	return func(s Scope, l *locals) (Value, error) {
		v, err := get(s, l)
		if err == nil && v.kind != kind {
			return Value{}, mismatched(v, absent)
		}
		return v, err
	}
}

// fetch is read without the check of the kind.
func (n *node) fetch() valueFunc {
	if n.constant != nil {
		v := *n.constant
		return func(Scope, *locals) (Value, error) { return v, nil }
	}
	switch n.op {
	case opVariable:
		id := n.variable
		return func(s Scope, _ *locals) (Value, error) { return s.Var(id), nil }
	case opLocal:
		slot := n.slot
		return func(_ Scope, l *locals) (Value, error) { return l.slots[slot], nil }
	}
	id, base := n.field.ID, n.args[0]
	if base.op == opVariable { // the usual case, without a call between
		variable, absent := base.variable, base.absent()
		return func(s Scope, _ *locals) (Value, error) {
			v := s.Var(variable)
			if v.kind != KindObject {
				return Value{}, mismatched(v, absent)
			}
			return s.Field(v.Object(), id), nil
		}
	}
	object := base.reference()
	return func(s Scope, l *locals) (Value, error) {
		ref, err := object(s, l)
		if err != nil {
			return Value{}, err
		}
		return s.Field(ref, id), nil
	}
}

// absent is the error of reading the node where there is nothing. It is made
// when the expression is compiled, so that an absent value costs nothing.
func (n *node) absent() *Absent {
	a := &Absent{Name: n.name}
	if n.field != nil {
		a.Field = n.field.ID
	}
	return a
}

func mismatched(v Value, absent *Absent) error {
	if v.kind == KindAbsent {
		return absent
	}
	return ErrKind
}

func (n *node) reference() objectFunc {
	get := n.read()
	return func(s Scope, l *locals) (ObjectRef, error) {
		v, err := get(s, l)
		return v.Object(), err
	}
}

// value compiles a node of any type but a list made by a loop.
func (n *node) value() valueFunc {
	switch n.typ.kind {
	case KindBool:
		f := n.bool()
		return func(s Scope, l *locals) (Value, error) {
			b, err := f(s, l)
			return BoolValue(b), err
		}
	case KindInt, KindTimestamp, KindDuration:
		f, kind := n.number(), n.typ.kind
		return func(s Scope, l *locals) (Value, error) {
			number, err := f(s, l)
			return Value{kind: kind, number: number}, err
		}
	case KindDecimal:
		f := n.decimal()
		return func(s Scope, l *locals) (Value, error) {
			d, err := f(s, l)
			return DecimalValue(d), err
		}
	case KindString:
		f := n.string()
		return func(s Scope, l *locals) (Value, error) {
			text, err := f(s, l)
			return StringValue(text), err
		}
	}
	if n.op == opList {
		return n.constantList()
	}
	return n.read()
}

// constantList compiles a list literal whose elements are constants.
func (n *node) constantList() valueFunc {
	list := &List{}
	for _, a := range n.args {
		list.Items = append(list.Items, *a.constant)
	}
	return func(Scope, *locals) (Value, error) { return ListValue(list), nil }
}

func (n *node) isRead() bool { return n.op == opVariable || n.op == opLocal || n.op == opField }

// string compiles a node of type String.
func (n *node) string() stringFunc {
	switch {
	case n.constant != nil:
		text := n.constant.text
		return func(Scope, *locals) (string, error) { return text, nil }
	case n.isRead():
		get, absent := n.fetch(), n.absent()
		return func(s Scope, l *locals) (string, error) {
			v, err := get(s, l)
			if err == nil && v.kind != KindString {
				err = mismatched(v, absent)
			}
			return v.text, err
		}
	case n.op == opTernary:
		return choose(n.args[0].bool(), n.args[1].string(), n.args[2].string())
	}
	return lowerASCII(n.args[0].string())
}

// choose is the operator ? : for values of any type.
func choose[T any, F ~func(Scope, *locals) (T, error)](when boolFunc, then, otherwise F) F {
	return func(s Scope, l *locals) (T, error) {
		b, err := when(s, l)
		switch {
		case err != nil:
			var none T
			return none, err
		case b:
			return then(s, l)
		}
		return otherwise(s, l)
	}
}

func lowerASCII(of stringFunc) stringFunc {
	return func(s Scope, l *locals) (string, error) {
		text, err := of(s, l)
		if err != nil {
			return "", err
		}
		for i := 0; i < len(text); i++ {
			if 'A' <= text[i] && text[i] <= 'Z' {
				return lowered(text, i), nil
			}
		}
		return text, nil
	}
}

// lowered changes the letters A to Z from the byte on.
func lowered(text string, from int) string {
	b := []byte(text)
	for i := from; i < len(b); i++ {
		if 'A' <= b[i] && b[i] <= 'Z' {
			b[i] += 'a' - 'A'
		}
	}
	return string(b)
}
