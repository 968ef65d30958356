package condition

import (
	"cmp"
	"slices"
	"strings"

	"premia/internal/core/text"
)

// ordered checks the comparison of a field whose texts have an order: the other
// side is one of them, written out.
func (l *lowering) ordered(n *node) {
	for i, side := range n.args {
		if side.op != opField || side.field.Order == nil {
			continue
		}
		n.order = side.field.Order
		other := n.args[1-i]
		switch {
		case n.op == opIn:
			for _, item := range other.args {
				l.oneOf(item, n.order)
			}
		case other.op == opField && slices.Equal(other.field.Order, n.order):
		case other.op == opConstant:
			l.oneOf(other, n.order)
		case n.op > opNotEqual:
			l.errs = append(l.errs, l.source.at(other.char, text.Say("{Name} can only be compared with one of its values", side.name), text.Say("write one of {Words}", strings.Join(n.order, ", "))))
		}
	}
}

// oneOf reports a text that a field with an order never has.
func (l *lowering) oneOf(n *node, known []string) {
	if n.op != opConstant || n.constant == nil || n.constant.Kind() != KindString || slices.Contains(known, n.constant.Text()) {
		return
	}
	hint := didYouMean(n.constant.Text(), known, "write one of {Words}")
	l.errs = append(l.errs, l.source.at(n.char, text.Say("there is no {Name} here", n.constant.Text()), hint))
}

// textOrder compares texts, by their places where they have an order.
func (n *node) textOrder() func(a, b string) int {
	if n.order == nil {
		return strings.Compare
	}
	order := n.order
	return func(a, b string) int { return cmp.Compare(slices.Index(order, a), slices.Index(order, b)) }
}
