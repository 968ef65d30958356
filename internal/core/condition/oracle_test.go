package condition

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/decls"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"github.com/govalues/decimal"
)

// The fields of the tests' environment.
const (
	eventChannel FieldID = iota + 1
	eventTotal
	eventQuantity
	eventUrgent
	eventAt
	eventItems
	eventTags
	eventScores
	eventRates
	eventData
	dataColor
	dataWeight
	itemCategory
	itemTotal
	itemQuantity
	itemFresh
)

const (
	objectEvent ObjectID = iota + 1
	objectData
	objectItem
)

const (
	varEvent VarID = iota + 1
	varItem
)

var testObjects = []Object{
	{Name: "event", ID: objectEvent, Fields: []Field{
		{Name: "channel", Type: String, ID: eventChannel},
		{Name: "total", Type: Decimal, ID: eventTotal},
		{Name: "quantity", Type: Int, ID: eventQuantity},
		{Name: "urgent", Type: Bool, ID: eventUrgent},
		{Name: "at", Type: Timestamp, ID: eventAt},
		{Name: "items", Type: ListOf(ObjectOf("item")), ID: eventItems},
		{Name: "tags", Type: ListOf(String), ID: eventTags},
		{Name: "scores", Type: ListOf(Int), ID: eventScores},
		{Name: "rates", Type: ListOf(Decimal), ID: eventRates},
		{Name: "data", Type: ObjectOf("event.data"), ID: eventData},
	}},
	{Name: "event.data", ID: objectData, Fields: []Field{
		{Name: "color", Type: String, ID: dataColor},
		{Name: "weight", Type: Decimal, ID: dataWeight},
	}},
	{Name: "item", ID: objectItem, Fields: []Field{
		{Name: "category", Type: String, ID: itemCategory},
		{Name: "total", Type: Decimal, ID: itemTotal},
		{Name: "quantity", Type: Int, ID: itemQuantity},
		{Name: "fresh", Type: Bool, ID: itemFresh},
	}},
}

func testEnv(tb testing.TB) *Env {
	tb.Helper()
	zone := time.FixedZone("east", 2*60*60)
	e, err := NewEnv(zone, []Variable{
		{Name: "event", Type: ObjectOf("event"), ID: varEvent},
		{Name: "item", Type: ObjectOf("item"), ID: varItem},
	}, testObjects)
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

type place struct {
	object ObjectRef
	field  FieldID
}

// mapScope is a scope in maps; item 0 is the variable item, the others are the
// event's items.
type mapScope struct {
	values map[place]Value
	lists  map[place][]Value
}

func newMapScope() *mapScope {
	return &mapScope{values: make(map[place]Value), lists: make(map[place][]Value)}
}

func (m *mapScope) Var(v VarID) Value {
	if v == varEvent {
		return ObjectValue(ObjectRef{Object: objectEvent})
	}
	return ObjectValue(ObjectRef{Object: objectItem})
}

func (m *mapScope) Field(obj ObjectRef, f FieldID) Value {
	if list, ok := m.lists[place{obj, f}]; ok {
		return ListValue(len(list))
	}
	return m.values[place{obj, f}]
}

func (m *mapScope) Element(obj ObjectRef, f FieldID, i int) Value {
	return m.lists[place{obj, f}][i]
}

func (m *mapScope) set(o ObjectID, index int32, f FieldID, v Value) {
	m.values[place{ObjectRef{o, index}, f}] = v
}

// The oracle: cel-go evaluates the same checked tree with values of its own.

type decimalVal struct{ decimal.Decimal }

func (d decimalVal) ConvertToNative(reflect.Type) (any, error) { return nil, fmt.Errorf("no") }
func (d decimalVal) ConvertToType(ref.Type) ref.Val            { return types.NewErr("no") }
func (d decimalVal) Type() ref.Type                            { return decimalType }
func (d decimalVal) Value() any                                { return d.Decimal }
func (d decimalVal) Equal(other ref.Val) ref.Val {
	return types.Bool(d.Cmp(asDecimal(other)) == 0)
}

func asDecimal(v ref.Val) decimal.Decimal {
	if i, ok := v.(types.Int); ok {
		return decimal.MustNew(int64(i), 0)
	}
	return v.(decimalVal).Decimal
}

// objectVal is an object as cel-go reads it.
type objectVal struct {
	scope  *mapScope
	object ObjectRef
}

func (o objectVal) ConvertToNative(reflect.Type) (any, error) { return nil, fmt.Errorf("no") }
func (o objectVal) ConvertToType(ref.Type) ref.Val            { return types.NewErr("no") }
func (o objectVal) Type() ref.Type                            { return types.NewObjectType("object") }
func (o objectVal) Value() any                                { return o }
func (o objectVal) Equal(ref.Val) ref.Val                     { return types.NewErr("no") }

func (o objectVal) field(name ref.Val) Value {
	for _, declared := range testObjects {
		for _, f := range declared.Fields {
			if declared.ID == o.object.Object && f.Name == string(name.(types.String)) {
				return o.scope.Field(o.object, f.ID)
			}
		}
	}
	return Value{}
}

func (o objectVal) IsSet(name ref.Val) ref.Val {
	return types.Bool(!o.field(name).Absent())
}

func (o objectVal) Get(name ref.Val) ref.Val {
	v := o.field(name)
	if v.Kind() != KindList {
		return toRef(o.scope, v)
	}
	var elements []ref.Val
	for _, declared := range testObjects[0].Fields {
		if declared.Name != string(name.(types.String)) {
			continue
		}
		for i := range v.Len() {
			if declared.Type.Elem().Kind() == KindObject {
				elements = append(elements, toRef(o.scope, v.At(i)))
			} else {
				elements = append(elements, toRef(o.scope, o.scope.Element(o.object, declared.ID, i)))
			}
		}
	}
	return types.NewRefValList(types.DefaultTypeAdapter, elements)
}

func toRef(scope *mapScope, v Value) ref.Val {
	switch v.Kind() {
	case KindBool:
		return types.Bool(v.Bool())
	case KindInt:
		return types.Int(v.Int())
	case KindDecimal:
		return decimalVal{v.Decimal()}
	case KindString:
		return types.String(v.Text())
	case KindTimestamp:
		return types.Timestamp{Time: v.Time()}
	case KindDuration:
		return types.Duration{Duration: v.Duration()}
	case KindObject:
		return objectVal{scope, v.Object()}
	}
	return types.NewErr("absent")
}

// adapter leaves our values as they are.
type adapter struct{}

func (adapter) NativeToValue(v any) ref.Val {
	if r, ok := v.(ref.Val); ok {
		return r
	}
	return types.DefaultTypeAdapter.NativeToValue(v)
}

func oracleEnv(tb testing.TB, e *Env) *cel.Env {
	tb.Helper()
	functions := make(map[string][]cel.FunctionOpt)
	for _, o := range overloads {
		declare := decls.Overload
		if o.member {
			declare = decls.MemberOverload
		}
		var binding decls.OverloadOpt
		apply := oracleFunction(o, e)
		switch len(o.args) {
		case 1:
			binding = decls.UnaryBinding(func(a ref.Val) ref.Val { return apply(a) })
		case 2:
			binding = decls.BinaryBinding(func(a, b ref.Val) ref.Val { return apply(a, b) })
		default:
			binding = decls.FunctionBinding(apply)
		}
		options := []decls.OverloadOpt{binding}
		if o.function == operators.NotStrictlyFalse {
			options = append(options, decls.OverloadIsNonStrict())
		}
		functions[o.function] = append(functions[o.function], declare(o.id, o.args, o.result, options...))
	}
	var options []cel.EnvOption
	for name, overloads := range functions {
		options = append(options, cel.Function(name, append(overloads, decls.DisableTypeGuards(true))...))
	}
	options = append(options, cel.CustomTypeProvider(provider{e}), cel.CustomTypeAdapter(adapter{}))
	env, err := cel.NewCustomEnv(options...)
	if err != nil {
		tb.Fatal(err)
	}
	return env
}

func result(v any, err error) ref.Val {
	if err != nil {
		return types.NewErr("%v", err)
	}
	return v.(ref.Val)
}

func decimalResult(d decimal.Decimal, err error) ref.Val { return result(decimalVal{d}, err) }

// oracleFunction is the meaning of a signature in cel-go's values.
func oracleFunction(o overload, e *Env) func(args ...ref.Val) ref.Val {
	name := o.function
	decimals := o.result == decimalType || (len(o.args) > 0 && o.args[0] == decimalType) || (len(o.args) > 1 && o.args[1] == decimalType)
	return func(args ...ref.Val) ref.Val {
		if name == operators.NotStrictlyFalse {
			if b, ok := args[0].(types.Bool); ok {
				return b
			}
			return types.True
		}
		switch {
		case name == operators.In:
			return oracleIn(args[0], args[1])
		case name == "sum":
			return oracleSum(args[0], o.result)
		case decimals:
			return oracleDecimal(name, args)
		}
		return oracleOther(name, args, e)
	}
}

func elements(list ref.Val) []ref.Val {
	var out []ref.Val
	l := list.(interface {
		Size() ref.Val
		Get(ref.Val) ref.Val
	})
	for i := types.Int(0); i < l.Size().(types.Int); i++ {
		out = append(out, l.Get(i))
	}
	return out
}

func oracleIn(x, list ref.Val) ref.Val {
	for _, v := range elements(list) {
		if _, wide := v.(decimalVal); wide {
			x, v = v, x
		}
		if x.Equal(v) == types.True {
			return types.True
		}
		if _, wide := x.(decimalVal); wide {
			x, v = v, x
		}
	}
	return types.False
}

func oracleSum(list ref.Val, of *types.Type) ref.Val {
	if of == decimalType {
		var sum decimal.Decimal
		var err error
		for _, v := range elements(list) {
			if sum, err = sum.Add(asDecimal(v)); err != nil {
				return types.NewErr("overflow")
			}
		}
		return decimalVal{sum}
	}
	var sum ref.Val = types.Int(0)
	for _, v := range elements(list) {
		if sum = sum.(types.Int).Add(v); types.IsError(sum) {
			return sum
		}
	}
	return sum
}

func oracleDecimal(name string, args []ref.Val) ref.Val {
	if name == decimalLiteral {
		return decimalResult(decimal.Parse(string(args[0].(types.String))))
	}
	a := asDecimal(args[0])
	switch name {
	case operators.Negate:
		return decimalVal{a.Neg()}
	case "decimal":
		return decimalVal{a}
	case "floor", "ceil":
		whole := a.Floor(0)
		if name == "ceil" {
			whole = a.Ceil(0)
		}
		n, _, ok := whole.Int64(0)
		if !ok {
			return types.NewErr("overflow")
		}
		return types.Int(n)
	}
	b := asDecimal(args[1])
	switch name {
	case operators.Add:
		return decimalResult(a.Add(b))
	case operators.Subtract:
		return decimalResult(a.Sub(b))
	case operators.Multiply:
		return decimalResult(a.Mul(b))
	case operators.Divide:
		return decimalResult(a.Quo(b))
	case "min":
		return decimalVal{a.Min(b)}
	case "max":
		return decimalVal{a.Max(b)}
	}
	return oracleOrder(name, a.Cmp(b))
}

func oracleOrder(name string, order int) ref.Val {
	switch name {
	case operators.Less:
		return types.Bool(order < 0)
	case operators.LessEquals:
		return types.Bool(order <= 0)
	case operators.Greater:
		return types.Bool(order > 0)
	case operators.GreaterEquals:
		return types.Bool(order >= 0)
	}
	return types.NewErr("no function %s", name)
}

// oracleOther leaves whole numbers, texts, moments and durations to cel-go's own
// operations.
func oracleOther(name string, args []ref.Val, e *Env) ref.Val {
	switch name {
	case operators.LogicalNot:
		return !args[0].(types.Bool)
	case operators.Add:
		return args[0].(interface{ Add(ref.Val) ref.Val }).Add(args[1])
	case operators.Subtract:
		return args[0].(interface{ Subtract(ref.Val) ref.Val }).Subtract(args[1])
	case operators.Multiply:
		return args[0].(types.Int).Multiply(args[1])
	case operators.Divide:
		return args[0].(types.Int).Divide(args[1])
	case operators.Modulo:
		return args[0].(types.Int).Modulo(args[1])
	case operators.Negate:
		return args[0].(types.Int).Negate()
	case "min":
		return min(args[0].(types.Int), args[1].(types.Int))
	case "max":
		return max(args[0].(types.Int), args[1].(types.Int))
	case "size":
		return args[0].(interface{ Size() ref.Val }).Size()
	case "timestamp":
		t, err := time.Parse(time.RFC3339, string(args[0].(types.String)))
		return result(types.Timestamp{Time: t}, err)
	case "duration":
		d, err := time.ParseDuration(string(args[0].(types.String)))
		return result(types.Duration{Duration: d}, err)
	}
	if t, ok := args[0].(types.Timestamp); ok && strings.HasPrefix(name, "get") {
		return types.Timestamp{Time: t.In(e.Zone())}.Receive(name, oraclePart[name], nil)
	}
	if text, ok := args[0].(types.String); ok && len(args) < 3 {
		if v := oracleText(name, string(text), args); v != nil {
			return v
		}
	}
	return oracleOrder(name, int(args[0].(interface{ Compare(ref.Val) ref.Val }).Compare(args[1]).(types.Int)))
}

// oraclePart are cel-go's ids of the functions on moments.
var oraclePart = map[string]string{
	"getFullYear": "timestamp_to_year", "getMonth": "timestamp_to_month", "getDate": "timestamp_to_day_of_month_1_based",
	"getDayOfMonth": "timestamp_to_day_of_month", "getDayOfWeek": "timestamp_to_day_of_week",
	"getDayOfYear": "timestamp_to_day_of_year", "getHours": "timestamp_to_hours", "getMinutes": "timestamp_to_minutes",
	"getSeconds": "timestamp_to_seconds", "getMilliseconds": "timestamp_to_milliseconds",
}

func oracleText(name, text string, args []ref.Val) ref.Val {
	if name == "lowerAscii" {
		return types.String(strings.Map(func(r rune) rune {
			if 'A' <= r && r <= 'Z' {
				return r - 'A' + 'a'
			}
			return r
		}, text))
	}
	if len(args) < 2 {
		return nil
	}
	other, _ := args[1].(types.String)
	switch name {
	case "startsWith":
		return types.Bool(strings.HasPrefix(text, string(other)))
	case "endsWith":
		return types.Bool(strings.HasSuffix(text, string(other)))
	case "contains":
		return types.Bool(strings.Contains(text, string(other)))
	case "matches":
		met, err := regexp.MatchString(string(other), text)
		return result(types.Bool(met), err)
	}
	return nil
}

// failer is a test of package testing or of rapid.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// oracle evaluates with cel-go; ok is false if that gives an error.
func oracle(tb failer, env *cel.Env, e *Env, src string, scope *mapScope) (_ ref.Val, ok bool) {
	tb.Helper()
	c, errs := e.parseAndCheck(src)
	if errs != nil {
		tb.Fatalf("%s: %v", src, errs)
	}
	program, err := env.PlanProgram(c.ast)
	if err != nil {
		tb.Fatalf("%s: %v", src, err)
	}
	out, _, err := program.Eval(map[string]any{
		"event": objectVal{scope, ObjectRef{Object: objectEvent}},
		"item":  objectVal{scope, ObjectRef{Object: objectItem}},
	})
	if err != nil || types.IsUnknownOrError(out) {
		return nil, false
	}
	return out, true
}
