package condition

import (
	"slices"
	"sync"
	"time"

	"github.com/govalues/decimal"

	"premia/internal/core/text"
)

// Expression is a compiled condition or formula. It is immutable and safe for
// concurrent use.
type Expression struct {
	env    *Env
	source *source
	root   *node
	want   Type
	fields []FieldID
	parts  []part

	loops     bool // whether an evaluation needs locals
	asBool    boolFunc
	asNumber  numberFunc
	asDecimal decimalFunc
	asString  stringFunc
}

// part is one condition of those joined by && at the top.
type part struct {
	node *node
	test boolFunc
	read *node     // what it reads first, or nil
	get  valueFunc // its value
}

// Outcome is what [Expression.Test] found.
type Outcome struct {
	// Met says whether the condition holds.
	Met bool
	// Part is the number, from 0, of the first part that does not hold or, if
	// Err is set, that failed. It is 0 if Met.
	Part int
	// Read is the first value that this part reads, absent if there is none; a
	// list or an object if that is what it reads first.
	Read Value
	// ReadField is the field that Read is of; 0 if it is of a variable or if
	// the part reads nothing.
	ReadField FieldID
	// Err is why it cannot be said whether the condition holds; Met is false.
	Err error
}

// Compile checks an expression of the wanted type, one of Bool, Int, Decimal,
// String, Timestamp and Duration, and makes it ready. An expression of type Int
// serves where Decimal is wanted. The error is of type [Errors].
func (e *Env) Compile(src string, want Type) (*Expression, error) {
	c, errs := e.parseAndCheck(src)
	if errs != nil {
		return nil, errs
	}
	l := &lowering{checked: c, env: e}
	root := l.lower(c.ast.Expr())
	if l.errs == nil {
		root = l.expect(root, want)
	}
	if l.errs == nil {
		l.fold(root)
	}
	if l.errs == nil && root.cost() > MaxCost {
		l.errs = Errors{c.source.at(root.char, "the expression could take too long: it goes over lists within lists, or searches long texts often",
			"go over a list once, or split the expression into several rules")}
	}
	if l.errs != nil {
		return nil, l.errs.sorted()
	}
	x := &Expression{env: e, source: c.source, root: root, want: want}
	x.compile()
	return x, nil
}

// expect refuses an expression of another type than the wanted.
func (l *lowering) expect(root *node, want Type) *node {
	if !want.scalar() {
		l.errs = append(l.errs, l.source.at(0, text.Say("{Type} cannot be the result of an expression", want.Sentence()), ""))
		return root
	}
	if want == Decimal {
		root = widen(root)
	}
	if root.typ != want {
		message := text.Say("this gives {Type}, but {Wanted} is needed here", root.typ.Sentence(), want.Sentence())
		if want == Bool {
			message = text.Say("this gives {Type}, but a condition must be true or false", root.typ.Sentence())
		}
		l.errs = append(l.errs, l.source.at(0, message, ""))
	}
	return root
}

func (x *Expression) compile() {
	x.loops = x.root.hasLoops()
	fields := make(map[FieldID]bool)
	x.root.collectFields(fields)
	for f := range fields {
		x.fields = append(x.fields, f)
	}
	slices.Sort(x.fields)
	switch x.want.kind {
	case KindBool:
		x.compileParts()
	case KindDecimal:
		x.asDecimal = x.root.decimal()
	case KindString:
		x.asString = x.root.string()
	default:
		x.asNumber = x.root.number()
	}
}

func (x *Expression) compileParts() {
	x.asBool = x.root.bool()
	nodes := []*node{x.root}
	if x.root.op == opAnd {
		nodes = x.root.args
	}
	for _, n := range nodes {
		p := part{node: n, test: n.bool(), read: n.firstRead()}
		if p.read != nil {
			p.get = p.read.fetch()
		}
		x.parts = append(x.parts, p)
	}
}

// firstRead is the leftmost value that the node reads; it is always read, since
// every operation begins with its first argument.
func (n *node) firstRead() *node {
	if n.op == opHas {
		return &node{op: opField, typ: n.field.Type, args: n.args, field: n.field, object: n.object, name: n.name}
	}
	if n.op == opField || n.op == opVariable {
		return n
	}
	for _, a := range n.args {
		if r := a.firstRead(); r != nil {
			return r
		}
	}
	return nil
}

func (n *node) hasLoops() bool {
	return n.op >= opExists && n.op <= opFilter || slices.ContainsFunc(n.args, (*node).hasLoops)
}

func (n *node) collectFields(into map[FieldID]bool) {
	if n.field != nil {
		into[n.field.ID] = true
	}
	for _, a := range n.args {
		a.collectFields(into)
	}
}

// Source is the expression as it was written.
func (x *Expression) Source() string { return x.source.text }

// Type is the type of the expression's value.
func (x *Expression) Type() Type { return x.want }

// Fields are the fields that the expression reads or asks for, in ascending
// order; the caller must not change them.
func (x *Expression) Fields() []FieldID { return x.fields }

// Constant is the value of an expression that has the same value in every
// scope: one that reads nothing, or whose && or || is decided without reading.
func (x *Expression) Constant() (Value, bool) {
	if x.root.constant == nil {
		return Value{}, false
	}
	return *x.root.constant, true
}

// Parts is the number of conditions joined by && at the top, at least 1; it is
// 0 if the expression is no condition.
func (x *Expression) Parts() int { return len(x.parts) }

// localsPool spares an allocation for each expression with loops.
var localsPool = sync.Pool{New: func() any { return new(locals) }}

func (x *Expression) locals() *locals {
	if !x.loops {
		return nil
	}
	return localsPool.Get().(*locals)
}

func release(l *locals) {
	if l != nil {
		*l = locals{}
		localsPool.Put(l)
	}
}

// evaluate runs a closure with locals if it needs some. A nil closure means that
// the expression has another type.
func evaluate[T any, F ~func(Scope, *locals) (T, error)](x *Expression, f F, s Scope) (T, error) {
	if f == nil {
		var none T
		return none, ErrKind
	}
	l := x.locals()
	v, err := f(s, l)
	release(l)
	return v, err
}

// Bool evaluates a condition. The error is an [*Absent] or one of the package's
// evaluation errors; [ErrKind] if the expression is of another type.
func (x *Expression) Bool(s Scope) (bool, error) { return evaluate(x, x.asBool, s) }

// Int evaluates a formula of type Int; errors as of Bool.
func (x *Expression) Int(s Scope) (int64, error) {
	if x.want != Int {
		return 0, ErrKind
	}
	return evaluate(x, x.asNumber, s)
}

// Decimal evaluates a formula of type Decimal; errors as of Bool.
func (x *Expression) Decimal(s Scope) (decimal.Decimal, error) { return evaluate(x, x.asDecimal, s) }

// Text evaluates a formula of type String; errors as of Bool.
func (x *Expression) Text(s Scope) (string, error) { return evaluate(x, x.asString, s) }

// Time evaluates a formula of type Timestamp, in the environment's zone; errors
// as of Bool.
func (x *Expression) Time(s Scope) (time.Time, error) {
	if x.want != Timestamp {
		return time.Time{}, ErrKind
	}
	us, err := evaluate(x, x.asNumber, s)
	if err != nil {
		return time.Time{}, err
	}
	return time.UnixMicro(us).In(x.env.zone), nil
}

// Duration evaluates a formula of type Duration; errors as of Bool.
func (x *Expression) Duration(s Scope) (time.Duration, error) {
	if x.want != Duration {
		return 0, ErrKind
	}
	us, err := evaluate(x, x.asNumber, s)
	return time.Duration(us) * time.Microsecond, err
}

// Value evaluates an expression of any type; errors as of Bool.
func (x *Expression) Value(s Scope) (Value, error) {
	switch x.want.kind {
	case KindBool:
		b, err := x.Bool(s)
		return BoolValue(b), err
	case KindDecimal:
		d, err := x.Decimal(s)
		return DecimalValue(d), err
	case KindString:
		text, err := x.Text(s)
		return StringValue(text), err
	}
	v, err := evaluate(x, x.asNumber, s)
	return numeric(x.want.kind, v), err
}

// Test evaluates a condition and says which of its parts decided. It agrees
// with Bool: a part that does not hold decides even if an earlier one failed.
func (x *Expression) Test(s Scope) Outcome {
	if x.asBool == nil {
		return Outcome{Err: ErrKind}
	}
	l := x.locals()
	out := x.test(s, l)
	release(l)
	return out
}

func (x *Expression) test(s Scope, l *locals) Outcome {
	var failure error
	failed := 0
	for i := range x.parts {
		met, err := x.parts[i].test(s, l)
		switch {
		case err != nil && failure == nil:
			failure, failed = err, i
		case err == nil && !met:
			return x.unmet(s, l, i, nil)
		}
	}
	if failure != nil {
		return x.unmet(s, l, failed, failure)
	}
	return Outcome{Met: true}
}

func (x *Expression) unmet(s Scope, l *locals, i int, failure error) Outcome {
	out := Outcome{Part: i, Err: failure}
	p := &x.parts[i]
	if p.read == nil {
		return out
	}
	if p.read.field != nil {
		out.ReadField = p.read.field.ID
	}
	if v, err := p.get(s, l); err == nil {
		out.Read = v
	}
	return out
}
