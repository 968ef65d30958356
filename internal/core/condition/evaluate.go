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
)

// locals are the elements that the loops stand at. An expression without loops
// is evaluated without them.
type locals struct {
	slots [MaxLoops]Value
}

// read compiles a variable, a local or a field; the value has the declared kind.
func (n *node) read() valueFunc {
	kind, absent := n.typ.kind, n.absent()
	if n.op == opField && n.args[0].op == opVariable { // the usual case, without a call between
		id, variable, noObject := n.field.ID, n.args[0].variable, n.args[0].absent()
		return func(s Scope, _ *locals) (Value, error) {
			object := s.Var(variable)
			if object.Kind() != KindObject {
				return Value{}, mismatched(object, noObject)
			}
			v := s.Field(object.Object(), id)
			if v.Kind() != kind {
				return Value{}, mismatched(v, absent)
			}
			return v, nil
		}
	}
	get := n.fetch()
	return func(s Scope, l *locals) (Value, error) {
		v, err := get(s, l)
		if err == nil && v.Kind() != kind {
			return Value{}, mismatched(v, absent)
		}
		return v, err
	}
}

// fetch compiles them without the check of the kind.
func (n *node) fetch() valueFunc {
	switch n.op {
	case opVariable:
		id := n.variable
		return func(s Scope, _ *locals) (Value, error) { return s.Var(id), nil }
	case opLocal:
		slot := n.slot
		return func(_ Scope, l *locals) (Value, error) { return l.slots[slot], nil }
	}
	object, id := n.args[0].read(), n.field.ID
	return func(s Scope, l *locals) (Value, error) {
		v, err := object(s, l)
		if err != nil {
			return Value{}, err
		}
		return s.Field(v.Object(), id), nil
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
	if v.Kind() == KindAbsent {
		return absent
	}
	return ErrKind
}

// value compiles a node of any type but a list that is no field.
func (n *node) value() valueFunc {
	switch {
	case n.constant != nil:
		v := *n.constant
		return func(Scope, *locals) (Value, error) { return v, nil }
	case n.isRead():
		return n.read()
	}
	switch n.typ.kind {
	case KindBool:
		return wrap(n.bool(), BoolValue)
	case KindDecimal:
		return wrap(n.decimal(), DecimalValue)
	case KindString:
		return wrap(n.string(), StringValue)
	}
	kind := n.typ.kind
	return wrap(n.number(), func(number int64) Value { return numeric(kind, number) })
}

func wrap[T any, F ~func(Scope, *locals) (T, error)](f F, of func(T) Value) valueFunc {
	return func(s Scope, l *locals) (Value, error) {
		v, err := f(s, l)
		if err != nil {
			return Value{}, err
		}
		return of(v), nil
	}
}

func (n *node) isRead() bool { return n.op == opVariable || n.op == opLocal || n.op == opField }

// string compiles a node of type String.
func (n *node) string() stringFunc {
	switch {
	case n.constant != nil:
		text := n.constant.text
		return func(Scope, *locals) (string, error) { return text, nil }
	case n.isRead():
		read := n.read()
		return func(s Scope, l *locals) (string, error) {
			v, err := read(s, l)
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
