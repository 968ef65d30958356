package condition

// cost is the number of steps of an evaluation in the worst case. It never
// overflows: it stops counting above MaxCost.
func (n *node) cost() int64 {
	if n.constant != nil {
		return 1
	}
	total := n.ownCost()
	if n.op >= opExists && n.op <= opFilter {
		rounds := n.args[0].length()
		total += n.args[0].cost()
		for _, body := range n.args[1:] {
			total += rounds * (1 + body.cost())
		}
		return min(total, MaxCost+1)
	}
	for _, a := range n.args {
		total = min(total+a.cost(), MaxCost+1)
	}
	return total
}

// ownCost is that of the operation itself.
func (n *node) ownCost() int64 {
	const comparison = 1 + MaxStringLength/500 // comparing strings is quick
	switch n.op {
	case opIn:
		if n.args[1].op == opList && n.args[1].constant != nil {
			return 1 + int64(len(n.args[1].args))/10
		}
		return n.args[1].length() * comparison
	case opSum:
		return n.args[0].length()
	case opSize:
		if n.args[0].typ.kind == KindList && (n.args[0].op == opFilter || n.args[0].op == opMap) {
			return n.args[0].length()
		}
	case opStartsWith, opEndsWith, opLowerASCII:
		return 1 + MaxStringLength/100
	case opContains:
		return 1 + MaxStringLength/20
	case opMatches:
		// A match takes, per character, at most one step of the machine for each
		// of the pattern's instructions; forty of them count as one step of ours.
		return 1 + MaxStringLength/40*(4+n.instructions)
	case opEqual, opNotEqual, opLess, opLessOrEqual, opGreater, opGreaterOrEqual:
		return comparison
	}
	return 1
}

// length is the greatest number of elements of a list.
func (n *node) length() int64 {
	switch n.op {
	case opList:
		return int64(len(n.args))
	case opFilter, opMap:
		return n.args[0].length()
	}
	return MaxListLength
}
