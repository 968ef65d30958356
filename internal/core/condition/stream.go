package condition

import "github.com/govalues/decimal"

// stream walks over a list without building it: the elements of a field or of a
// literal, each passed through the filters and maps that stand upon it.
type stream struct {
	list     valueFunc   // the field's list, or nil if elements are given
	owner    valueFunc   // the object that has the field
	field    FieldID     // of the list
	kind     Kind        // of the elements
	elements []valueFunc // of a literal
	stages   []stage
	// strict says that taking an element can fail, so that a consumer who has
	// seen enough must still take the rest: a list that fails is no list.
	strict bool
}

// stage is a filter (keep) or a map (turn) with the slot that its body reads.
type stage struct {
	slot int
	keep boolFunc
	turn valueFunc
}

type cursor struct {
	list  Value
	owner ObjectRef
	i, n  int
}

// stream compiles a node of a list type.
func (n *node) stream() *stream {
	switch n.op {
	case opField:
		return &stream{list: n.read(), owner: n.args[0].read(), field: n.field.ID, kind: n.typ.elem}
	case opList:
		st := &stream{strict: n.constant == nil, elements: make([]valueFunc, len(n.args))}
		for i, a := range n.args {
			st.elements[i] = a.value()
		}
		return st
	}
	st := n.args[0].stream()
	st.strict = true
	if n.op == opFilter {
		st.stages = append(st.stages, stage{slot: n.slot, keep: n.args[1].bool()})
	} else {
		st.stages = append(st.stages, stage{slot: n.slot, turn: n.args[1].value()})
	}
	return st
}

func (st *stream) open(s Scope, l *locals) (cursor, error) {
	if st.list == nil {
		return cursor{n: len(st.elements)}, nil
	}
	v, err := st.list(s, l)
	if err != nil {
		return cursor{}, err
	}
	c := cursor{list: v, n: v.Len()}
	if c.n > MaxListLength {
		return cursor{}, ErrListTooLong
	}
	if st.kind != KindObject {
		owner, err := st.owner(s, l)
		if err != nil {
			return cursor{}, err
		}
		c.owner = owner.Object()
	}
	return c, nil
}

// next takes the next element; more is false behind the last.
func (st *stream) next(s Scope, l *locals, c *cursor) (v Value, more bool, err error) {
	for c.i < c.n {
		if v, err = st.element(s, l, c); err != nil {
			return v, false, err
		}
		c.i++
		kept := true
		for i := 0; kept && i < len(st.stages); i++ {
			if v, kept, err = st.stages[i].apply(s, l, v); err != nil {
				return v, false, err
			}
		}
		if kept {
			return v, true, nil
		}
	}
	return Value{}, false, nil
}

func (st *stream) element(s Scope, l *locals, c *cursor) (Value, error) {
	switch {
	case st.list == nil:
		return st.elements[c.i](s, l)
	case st.kind == KindObject:
		return c.list.At(c.i), nil
	}
	v := s.Element(c.owner, st.field, c.i)
	if v.Kind() != st.kind {
		return v, ErrKind
	}
	return v, nil
}

func (st *stage) apply(s Scope, l *locals, v Value) (Value, bool, error) {
	l.slots[st.slot] = v
	if st.keep != nil {
		kept, err := st.keep(s, l)
		return v, kept, err
	}
	turned, err := st.turn(s, l)
	return turned, true, err
}

// quantifier compiles exists, all and exists_one.
func (n *node) quantifier() boolFunc {
	list, body, slot := n.args[0].stream(), n.args[1].bool(), n.slot
	if n.op == opExistsOne {
		return existsOne(list, body, slot)
	}
	decisive := n.op == opExists
	return func(s Scope, l *locals) (bool, error) {
		c, err := list.open(s, l)
		if err != nil {
			return false, err
		}
		var failure error
		decided := false
		for {
			v, more, err := list.next(s, l, &c)
			switch {
			case err != nil:
				return false, err
			case !more && decided:
				return decisive, nil
			case !more:
				return !decisive && failure == nil, failure
			case decided:
				continue
			}
			l.slots[slot] = v
			b, err := body(s, l)
			switch {
			case err != nil && failure == nil:
				failure = err
			case err == nil && b == decisive && !list.strict:
				return decisive, nil
			case err == nil && b == decisive:
				decided = true
			}
		}
	}
}

func existsOne(list *stream, body boolFunc, slot int) boolFunc {
	return func(s Scope, l *locals) (bool, error) {
		c, err := list.open(s, l)
		if err != nil {
			return false, err
		}
		count := 0
		for {
			v, more, err := list.next(s, l, &c)
			if err != nil || !more {
				return err == nil && count == 1, err
			}
			l.slots[slot] = v
			b, err := body(s, l)
			if err != nil {
				return false, err
			}
			if b {
				count++
			}
		}
	}
}

// size compiles the length of a string or a list.
func (n *node) size() numberFunc {
	if n.args[0].typ == String {
		f := n.args[0].string()
		return func(s Scope, l *locals) (int64, error) {
			text, err := f(s, l)
			return length(text), err
		}
	}
	list := n.args[0].stream()
	return func(s Scope, l *locals) (int64, error) {
		c, err := list.open(s, l)
		if err != nil {
			return 0, err
		}
		if !list.strict {
			return int64(c.n), nil
		}
		var count int64
		for {
			_, more, err := list.next(s, l, &c)
			if err != nil || !more {
				return count, err
			}
			count++
		}
	}
}

func (n *node) sumInts() numberFunc {
	list := n.args[0].stream()
	return func(s Scope, l *locals) (int64, error) {
		c, err := list.open(s, l)
		if err != nil {
			return 0, err
		}
		var sum int64
		for {
			v, more, err := list.next(s, l, &c)
			if err != nil || !more {
				return sum, err
			}
			if sum, err = addInts(sum, v.number); err != nil {
				return 0, err
			}
		}
	}
}

// sumDecimals adds in the list's order.
func (n *node) sumDecimals() decimalFunc {
	list, add := n.args[0].stream(), decimalOperations[opAdd]
	return func(s Scope, l *locals) (decimal.Decimal, error) {
		c, err := list.open(s, l)
		if err != nil {
			return decimal.Decimal{}, err
		}
		var sum decimal.Decimal
		for {
			v, more, err := list.next(s, l, &c)
			if err != nil || !more {
				return sum, err
			}
			if sum, err = add(sum, v.Decimal()); err != nil {
				return decimal.Decimal{}, err
			}
		}
	}
}
