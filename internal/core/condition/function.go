package condition

import (
	"strings"

	"cel.dev/cel-go/common/decls"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// op is what a node of the checked tree does.
type op uint8

const (
	opConstant op = iota
	opVariable
	opLocal // a comprehension's variable
	opField
	opHas
	opList
	opExists
	opAll
	opExistsOne
	opMap
	opFilter
	opAnd
	opOr
	opNot
	opTernary
	opEqual
	opNotEqual
	opLess
	opLessOrEqual
	opGreater
	opGreaterOrEqual
	opAdd
	opSubtract
	opMultiply
	opDivide
	opModulo
	opNegate
	opIn
	opSize
	opSum
	opStartsWith
	opEndsWith
	opContains
	opMatches
	opLowerASCII
	opMin
	opMax
	opFloor
	opCeil
	opToDecimal
	opYear
	opMonth
	opDate
	opDayOfMonth
	opDayOfWeek
	opDayOfYear
	opHours
	opMinutes
	opSeconds
	opMilliseconds
	opDecimalLiteral   // the rewritten literal with a point
	opTimestampLiteral // timestamp("…")
	opDurationLiteral  // duration("…")
	opLoop             // serves only the expansion of macros
)

// decimalLiteral is the function that a literal with a point is rewritten to;
// an expression cannot write its name.
const decimalLiteral = "@decimal"

// overload is one signature of a function or operator.
type overload struct {
	function string
	id       string
	member   bool
	args     []*types.Type
	result   *types.Type
	op       op
}

var overloads = allOverloads()

// overloadOps finds an overload's op by its id.
var overloadOps = func() map[string]op {
	ops := make(map[string]op, len(overloads))
	for _, o := range overloads {
		ops[o.id] = o.op
	}
	return ops
}()

type signatures []overload

func (s *signatures) add(function string, member bool, o op, result *types.Type, args ...*types.Type) {
	names := make([]string, len(args))
	for i, a := range args {
		names[i] = strings.NewReplacer("(", "_", ")", "").Replace(a.String())
	}
	style := ""
	if member {
		style = "of_"
	}
	id := function + ":" + style + strings.Join(names, "_")
	*s = append(*s, overload{function: function, id: id, member: member, args: args, result: result, op: o})
}

func allOverloads() []overload {
	var s signatures
	s.logic()
	s.comparisons()
	s.arithmetic()
	s.lists()
	s.strings()
	s.moments()
	return s
}

// scalarTypes are the types of single values; Bool, which has no order, first.
func scalarTypes() []*types.Type {
	return []*types.Type{types.BoolType, types.IntType, decimalType, types.StringType, types.TimestampType, types.DurationType}
}

func (s *signatures) logic() {
	b, list := types.BoolType, types.NewListType(types.NewTypeParamType("A"))
	s.add(operators.LogicalAnd, false, opAnd, b, b, b)
	s.add(operators.LogicalOr, false, opOr, b, b, b)
	s.add(operators.LogicalNot, false, opNot, b, b)
	s.add(operators.NotStrictlyFalse, false, opLoop, b, b)
	for _, t := range scalarTypes() {
		s.add(operators.Conditional, false, opTernary, t, b, t, t)
	}
	s.add(operators.Conditional, false, opLoop, list, b, list, list)
	s.add(operators.Conditional, false, opTernary, decimalType, b, types.IntType, decimalType)
	s.add(operators.Conditional, false, opTernary, decimalType, b, decimalType, types.IntType)
}

func (s *signatures) comparisons() {
	equal := map[string]op{operators.Equals: opEqual, operators.NotEquals: opNotEqual}
	order := map[string]op{
		operators.Less: opLess, operators.LessEquals: opLessOrEqual,
		operators.Greater: opGreater, operators.GreaterEquals: opGreaterOrEqual,
	}
	compare := func(operators map[string]op, of []*types.Type) {
		for name, o := range operators {
			for _, t := range of {
				s.add(name, false, o, types.BoolType, t, t)
			}
			s.add(name, false, o, types.BoolType, types.IntType, decimalType)
			s.add(name, false, o, types.BoolType, decimalType, types.IntType)
		}
	}
	compare(order, scalarTypes()[1:])
	compare(equal, scalarTypes())
}

func (s *signatures) arithmetic() {
	i, d := types.IntType, decimalType
	numeric := map[string]op{
		operators.Add: opAdd, operators.Subtract: opSubtract,
		operators.Multiply: opMultiply, operators.Divide: opDivide,
	}
	for name, o := range numeric {
		s.add(name, false, o, i, i, i)
		s.mixed(name, o)
	}
	s.add(operators.Modulo, false, opModulo, i, i, i)
	s.add(operators.Negate, false, opNegate, i, i)
	s.add(operators.Negate, false, opNegate, d, d)
	for name, o := range map[string]op{"min": opMin, "max": opMax} {
		s.add(name, false, o, i, i, i)
		s.mixed(name, o)
	}
	s.add("floor", false, opFloor, i, d)
	s.add("ceil", false, opCeil, i, d)
	s.add("decimal", false, opToDecimal, d, i)
	s.add(decimalLiteral, false, opDecimalLiteral, d, types.StringType)
}

// mixed adds the signatures that give a decimal.
func (s *signatures) mixed(name string, o op) {
	i, d := types.IntType, decimalType
	s.add(name, false, o, d, d, d)
	s.add(name, false, o, d, i, d)
	s.add(name, false, o, d, d, i)
}

func (s *signatures) lists() {
	list := types.NewListType(types.NewTypeParamType("A"))
	s.add(operators.Add, false, opLoop, list, list, list)
	s.add("size", false, opSize, types.IntType, list)
	s.add("size", true, opSize, types.IntType, list)
	for _, t := range scalarTypes() {
		s.add(operators.In, false, opIn, types.BoolType, t, types.NewListType(t))
	}
	s.add(operators.In, false, opIn, types.BoolType, decimalType, types.NewListType(types.IntType))
	s.add(operators.In, false, opIn, types.BoolType, types.IntType, types.NewListType(decimalType))
	s.add("sum", true, opSum, types.IntType, types.NewListType(types.IntType))
	s.add("sum", true, opSum, decimalType, types.NewListType(decimalType))
}

func (s *signatures) strings() {
	t := types.StringType
	s.add("size", false, opSize, types.IntType, t)
	s.add("size", true, opSize, types.IntType, t)
	s.add("startsWith", true, opStartsWith, types.BoolType, t, t)
	s.add("endsWith", true, opEndsWith, types.BoolType, t, t)
	s.add("contains", true, opContains, types.BoolType, t, t)
	s.add("matches", true, opMatches, types.BoolType, t, t)
	s.add("lowerAscii", true, opLowerASCII, t, t)
}

func (s *signatures) moments() {
	at, d := types.TimestampType, types.DurationType
	s.add("timestamp", false, opTimestampLiteral, at, types.StringType)
	s.add("duration", false, opDurationLiteral, d, types.StringType)
	s.add(operators.Add, false, opAdd, at, at, d)
	s.add(operators.Add, false, opAdd, at, d, at)
	s.add(operators.Add, false, opAdd, d, d, d)
	s.add(operators.Subtract, false, opSubtract, at, at, d)
	s.add(operators.Subtract, false, opSubtract, d, at, at)
	s.add(operators.Subtract, false, opSubtract, d, d, d)
	for name, o := range map[string]op{
		"getFullYear": opYear, "getMonth": opMonth, "getDate": opDate, "getDayOfMonth": opDayOfMonth,
		"getDayOfWeek": opDayOfWeek, "getDayOfYear": opDayOfYear, "getHours": opHours,
		"getMinutes": opMinutes, "getSeconds": opSeconds, "getMilliseconds": opMilliseconds,
	} {
		s.add(name, true, o, types.IntType, at)
	}
}

// functionDecls are the functions as cel-go declares them, in a fixed order.
func functionDecls() []*decls.FunctionDecl {
	var order []string
	byName := make(map[string][]decls.FunctionOpt)
	for _, o := range overloads {
		if byName[o.function] == nil {
			order = append(order, o.function)
		}
		if o.member {
			byName[o.function] = append(byName[o.function], decls.MemberOverload(o.id, o.args, o.result))
		} else {
			byName[o.function] = append(byName[o.function], decls.Overload(o.id, o.args, o.result))
		}
	}
	out := make([]*decls.FunctionDecl, 0, len(order))
	for _, name := range order {
		f, err := decls.NewFunction(name, byName[name]...)
		if err != nil {
			panic("condition: the table of functions contradicts itself: " + err.Error())
		}
		out = append(out, f)
	}
	return out
}
