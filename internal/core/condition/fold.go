package condition

import (
	"slices"

	"premia/internal/core/text"
)

// fold computes what depends on nothing, from the leaves up, and reports what
// would fail whenever it is evaluated. The tree keeps its shape, which words and
// parts are made from.
func (l *lowering) fold(n *node) {
	for _, a := range n.args {
		l.fold(a)
	}
	if n.constant != nil {
		return
	}
	if n.op == opAnd || n.op == opOr {
		n.foldLogic()
		return
	}
	if !n.foldable() {
		return
	}
	if n.op == opList {
		v := ListValue(len(n.args))
		n.constant = &v
		return
	}
	v, err := n.value()(nil, &locals{})
	if err != nil {
		l.errs = append(l.errs, l.source.at(n.char, text.Say("this always fails: {Why}", err), ""))
		return
	}
	n.constant = &v
}

func (n *node) foldable() bool {
	switch n.op {
	case opVariable, opLocal, opField, opHas, opFilter, opMap:
		return false
	case opExists, opAll, opExistsOne, opSum, opSize, opIn:
		return !n.readsAnything() && !n.readsOuter(n.outermost())
	}
	return !slices.ContainsFunc(n.args, func(a *node) bool { return a.constant == nil })
}

// outermost is the slot of the node's first loop, or one beyond all slots.
func (n *node) outermost() int {
	if n.op >= opExists && n.op <= opFilter {
		return n.slot
	}
	slot := MaxLoops
	for _, a := range n.args {
		slot = min(slot, a.outermost())
	}
	return slot
}

// foldLogic gives && its value if one argument is false for certain or all are
// true, and || likewise.
func (n *node) foldLogic() {
	decisive := n.op == opOr
	all := true
	for _, a := range n.args {
		if a.constant == nil {
			all = false
		} else if a.constant.Bool() == decisive {
			v := BoolValue(decisive)
			n.constant = &v
			return
		}
	}
	if all {
		v := BoolValue(!decisive)
		n.constant = &v
	}
}

// items are the elements of a constant list.
func (n *node) items() []Value {
	out := make([]Value, len(n.args))
	for i, a := range n.args {
		out[i] = *a.constant
	}
	return out
}
