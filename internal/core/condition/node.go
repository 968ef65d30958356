package condition

import (
	"regexp"
	"slices"
	"time"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"premia/internal/core/text"
)

// node is an expression after checking: typed, resolved, and with the
// conversions from whole numbers to decimals written out. Closures, cost and
// words are all made from it.
type node struct {
	op   op
	typ  Type
	args []*node // a loop's args are its list and the body or bodies
	char int     // where it begins in the source

	name         string // of a variable, local or field, as it is written
	variable     VarID
	field        *Field
	object       *object // the type that the field belongs to
	slot         int     // of a local or a loop: its depth among the loops
	pattern      *regexp.Regexp
	instructions int64          // the size of the pattern's program
	zone         *time.Location // of the parts of a moment
	order        []string       // of a comparison of texts that have one

	constant *Value // the value, if it depends on nothing
}

// lowering makes nodes of cel-go's tree.
type lowering struct {
	*checked
	env   *Env
	loops []loopVariable
	errs  Errors
}

type loopVariable struct {
	name string
	typ  Type
}

func (l *lowering) fail(id int64, message, hint text.Sentence) *node {
	l.errs = append(l.errs, l.source.at(l.start(id), message, hint))
	return &node{op: opConstant, char: l.start(id)}
}

// lower makes the node of an expression. After an error it goes on with a
// stand-in, so that all errors are found.
func (l *lowering) lower(e ast.Expr) *node {
	n := l.shape(e)
	n.char = l.start(e.ID())
	return n
}

func (l *lowering) shape(e ast.Expr) *node {
	switch e.Kind() {
	case ast.LiteralKind:
		return l.literal(e)
	case ast.IdentKind:
		return l.ident(e)
	case ast.SelectKind:
		return l.selection(e)
	case ast.CallKind:
		return l.call(e)
	case ast.ListKind:
		return l.list(e)
	case ast.ComprehensionKind:
		return l.loop(e)
	}
	return l.fail(e.ID(), "this is not available", "")
}

func constant(t Type, v Value) *node { return &node{op: opConstant, typ: t, constant: &v} }

func (l *lowering) literal(e ast.Expr) *node {
	switch v := e.AsLiteral().(type) {
	case types.Bool:
		return constant(Bool, BoolValue(bool(v)))
	case types.Int:
		return constant(Int, IntValue(int64(v)))
	case types.String:
		return constant(String, StringValue(string(v)))
	}
	return l.fail(e.ID(), "this literal is not available", "")
}

func (l *lowering) ident(e ast.Expr) *node {
	name := e.AsIdent()
	for slot := len(l.loops) - 1; slot >= 0; slot-- {
		if l.loops[slot].name == name {
			return &node{op: opLocal, typ: l.loops[slot].typ, slot: slot, name: name}
		}
	}
	if len(name) > 0 && name[0] == '.' {
		name = name[1:]
	}
	v := l.env.variables[name]
	if v == nil {
		return l.fail(e.ID(), text.Say("{Name} is not a value", name), "")
	}
	return &node{op: opVariable, typ: v.Type, variable: v.ID, name: name}
}

func (l *lowering) selection(e ast.Expr) *node {
	sel := e.AsSelect()
	base := l.lower(sel.Operand())
	o := l.env.objects[base.typ.object]
	if base.typ.kind != KindObject || o == nil || o.byName[sel.FieldName()] == nil {
		return l.fail(e.ID(), text.Say("there is no field {Field} here", sel.FieldName()), "")
	}
	f := o.byName[sel.FieldName()]
	n := &node{op: opField, typ: f.Type, args: []*node{base}, field: f, object: o, name: base.name + "." + f.Name}
	if sel.IsTestOnly() {
		n.op, n.typ = opHas, Bool
	}
	return n
}

// list refuses the lists that cel-go would give elements of any type.
func (l *lowering) list(e ast.Expr) *node {
	n := &node{op: opList}
	for i, elem := range e.AsList().Elements() {
		a := l.lower(elem)
		if i > 0 && a.typ != n.args[0].typ && a.typ.kind != KindAbsent && n.args[0].typ.kind != KindAbsent {
			l.fail(elem.ID(), text.Say("the list mixes {Type} and {Other}", n.args[0].typ.plural(), a.typ.plural()), "write elements of one type")
		}
		n.args = append(n.args, a)
	}
	if len(n.args) > MaxListLength {
		return l.fail(e.ID(), "the list is too long", "")
	}
	if len(n.args) > 0 {
		n.typ = ListOf(n.args[0].typ)
	} else if t, ok := fromCEL(l.ast.GetType(e.ID())); ok {
		n.typ = t
	} else {
		return l.fail(e.ID(), "an empty list is of no use here", "write its elements")
	}
	if len(n.args) > 0 && n.typ.elem == KindAbsent {
		return l.fail(e.ID(), "lists of lists are not available", "")
	}
	return n
}

// loop recognises the expansions of cel-go's macros by their shape.
func (l *lowering) loop(e ast.Expr) *node {
	c := e.AsComprehension()
	source := l.lower(c.IterRange())
	if source.typ.kind != KindList {
		return l.fail(c.IterRange().ID(), text.Say("this needs a list, but it is {Type}", source.typ.Sentence()), "")
	}
	if len(l.loops) == MaxLoops {
		return l.fail(e.ID(), "loops are nested too deeply", "split the expression into several rules")
	}
	n := &node{args: []*node{source}, slot: len(l.loops), name: c.IterVar()}
	l.loops = append(l.loops, loopVariable{c.IterVar(), source.typ.Elem()})
	l.loopBody(n, c)
	l.loops = l.loops[:len(l.loops)-1]
	return n
}

func (l *lowering) loopBody(n *node, c ast.ComprehensionExpr) {
	step := c.LoopStep().AsCall()
	body := func(e ast.Expr) { n.args = append(n.args, l.lower(e)) }
	switch {
	case step.FunctionName() == operators.LogicalOr:
		n.op, n.typ = opExists, Bool
		body(step.Args()[1])
	case step.FunctionName() == operators.LogicalAnd:
		n.op, n.typ = opAll, Bool
		body(step.Args()[1])
	case c.AccuInit().Kind() == ast.LiteralKind:
		n.op, n.typ = opExistsOne, Bool
		body(step.Args()[0])
	default:
		l.listLoop(n, c, step)
	}
}

// listLoop is filter, map, or map with a filter, which becomes a map over a
// filter.
func (l *lowering) listLoop(n *node, c ast.ComprehensionExpr, step ast.CallExpr) {
	if step.FunctionName() == operators.Conditional {
		filter := &node{op: opFilter, typ: n.args[0].typ, args: []*node{n.args[0], l.lower(step.Args()[0])}, slot: n.slot, name: n.name, char: n.args[0].char}
		step = step.Args()[1].AsCall()
		element := step.Args()[1].AsList().Elements()[0]
		if element.Kind() == ast.IdentKind && element.AsIdent() == c.IterVar() {
			*n = *filter
			return
		}
		n.args[0] = filter
	}
	element := step.Args()[1].AsList().Elements()[0]
	body := l.lower(element)
	n.op, n.typ = opMap, ListOf(body.typ)
	n.args = append(n.args, body)
	if body.typ.kind == KindList {
		l.fail(element.ID(), "lists of lists are not available", "")
	}
}

func (l *lowering) call(e ast.Expr) *node {
	call := e.AsCall()
	var args []*node
	if call.IsMemberFunction() {
		args = append(args, l.lower(call.Target()))
	}
	for _, a := range call.Args() {
		args = append(args, l.lower(a))
	}
	ids := l.ast.GetOverloadIDs(e.ID())
	t, ok := fromCEL(l.ast.GetType(e.ID()))
	if len(ids) != 1 || !ok {
		if len(l.errs) > 0 { // an argument has no type; that was said
			return &node{op: opConstant}
		}
		return l.fail(e.ID(), "the values here have no single type", "")
	}
	n := &node{op: overloadOps[ids[0]], typ: t, args: args, zone: l.env.zone}
	switch n.op {
	case opAnd, opOr:
		n.args = flatten(n.op, args)
	case opLoop:
		return l.fail(e.ID(), "lists can be neither added nor chosen", "")
	case opMatches, opDecimalLiteral, opTimestampLiteral, opDurationLiteral:
		return l.fromLiteral(e, n)
	case opToDecimal:
		return widen(args[0])
	case opTernary:
		widenMixed(args[1:])
	case opIn:
		if args[1].typ.elem == KindDecimal {
			args[0] = widen(args[0])
		}
	}
	if n.op >= opEqual && n.op <= opDivide || n.op == opMin || n.op == opMax {
		widenMixed(args)
	}
	if n.op >= opEqual && n.op <= opGreaterOrEqual || n.op == opIn {
		l.ordered(n)
	}
	return n
}

// flatten gathers a && (b && c) into one node's arguments.
func flatten(o op, args []*node) []*node {
	var out []*node
	for _, a := range args {
		if a.op == o {
			out = append(out, a.args...)
		} else {
			out = append(out, a)
		}
	}
	return out
}

// widenMixed makes decimals of whole numbers where the two arguments differ.
func widenMixed(args []*node) {
	for i, other := range []int{1, 0} {
		if args[i].typ == Int && args[other].typ == Decimal {
			args[i] = widen(args[i])
		}
	}
}

func widen(n *node) *node {
	if n.typ != Int {
		return n
	}
	return &node{op: opToDecimal, typ: Decimal, args: []*node{n}, char: n.char, name: n.name}
}

// readsAnything says whether the value depends on the scope.
func (n *node) readsAnything() bool {
	return n.op == opVariable || n.op == opField || n.op == opHas || slices.ContainsFunc(n.args, (*node).readsAnything)
}

// readsOuter says whether it depends on a loop outside the slot.
func (n *node) readsOuter(slot int) bool {
	return n.op == opLocal && n.slot < slot ||
		slices.ContainsFunc(n.args, func(a *node) bool { return a.readsOuter(slot) })
}
