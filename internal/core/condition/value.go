package condition

import (
	"strconv"
	"time"

	"github.com/govalues/decimal"
)

// Identifiers that the declarer of an environment chooses. A [Scope] is asked
// by these numbers, so that it can answer with a switch.
type (
	// FieldID names a field; it is unique in an [Env].
	FieldID uint16
	// ObjectID names an object type; it is unique in an [Env].
	ObjectID uint16
	// VarID names a variable; it is unique in an [Env].
	VarID uint16
)

// ObjectRef is one object at hand during an evaluation: which type it has and
// which one of its kind it is. What an index means is the [Scope]'s affair; the
// elements of an object list have consecutive indexes.
type ObjectRef struct {
	Object ObjectID
	Index  int32
}

// Scope gives the facts that an expression reads. A value that does not exist
// is the zero Value. The kind of a value must be the declared one.
type Scope interface {
	// Var is the value of a variable.
	Var(v VarID) Value
	// Field is the value of a field of an object.
	Field(obj ObjectRef, f FieldID) Value
}

// List is a list of values of one kind.
type List struct {
	Items []Value
}

// Value is one value of any kind; the zero Value is absent. It has nine words
// so that it is passed in registers.
type Value struct {
	kind    Kind
	object  ObjectID
	number  int64 // bool, int, microseconds, object index, or first<<32|count of an object list
	decimal decimal.Decimal
	text    string
	list    *List
}

// BoolValue is true or false.
func BoolValue(b bool) Value {
	if b {
		return Value{kind: KindBool, number: 1}
	}
	return Value{kind: KindBool}
}

// IntValue is a whole number.
func IntValue(n int64) Value { return Value{kind: KindInt, number: n} }

// DecimalValue is an exact decimal.
func DecimalValue(d decimal.Decimal) Value { return Value{kind: KindDecimal, decimal: d} }

// StringValue is a string. It should have at most [MaxStringLength] bytes, which
// the cost of an expression is reckoned with.
func StringValue(s string) Value { return Value{kind: KindString, text: s} }

// TimestampValue is a moment, cut to microseconds.
func TimestampValue(t time.Time) Value { return Value{kind: KindTimestamp, number: t.UnixMicro()} }

// TimestampMicroValue is the moment so many microseconds after 1970 UTC.
func TimestampMicroValue(us int64) Value { return Value{kind: KindTimestamp, number: us} }

// DurationValue is a duration, cut to microseconds.
func DurationValue(d time.Duration) Value {
	return Value{kind: KindDuration, number: d.Microseconds()}
}

// ObjectValue refers to an object.
func ObjectValue(ref ObjectRef) Value {
	return Value{kind: KindObject, object: ref.Object, number: int64(ref.Index)}
}

// ObjectListValue is a list of count objects of one type with the indexes
// first, first+1, …
func ObjectListValue(object ObjectID, first, count int32) Value {
	return Value{kind: KindList, object: object, number: int64(first)<<32 | int64(uint32(max(count, 0)))}
}

// ListValue is a list of scalars. The list must not change while an evaluation
// runs; nil is the empty list.
func ListValue(l *List) Value {
	if l == nil {
		l = &emptyList
	}
	return Value{kind: KindList, list: l}
}

var emptyList List

// Kind is the value's kind.
func (v Value) Kind() Kind { return v.kind }

// Absent says whether there is no value.
func (v Value) Absent() bool { return v.kind == KindAbsent }

// Bool is the value of kind KindBool.
func (v Value) Bool() bool { return v.number != 0 }

// Int is the value of kind KindInt.
func (v Value) Int() int64 { return v.number }

// Decimal is the value of kind KindDecimal.
func (v Value) Decimal() decimal.Decimal { return v.decimal }

// Text is the value of kind KindString.
func (v Value) Text() string { return v.text }

// Time is the value of kind KindTimestamp, in UTC.
func (v Value) Time() time.Time { return time.UnixMicro(v.number).UTC() }

// Duration is the value of kind KindDuration.
func (v Value) Duration() time.Duration { return time.Duration(v.number) * time.Microsecond }

// Object is the value of kind KindObject.
func (v Value) Object() ObjectRef { return ObjectRef{Object: v.object, Index: int32(v.number)} }

// Len is the number of elements of a value of kind KindList.
func (v Value) Len() int {
	if v.list != nil {
		return len(v.list.Items)
	}
	return int(uint32(v.number))
}

// At is element i of a value of kind KindList, 0 ≤ i < Len.
func (v Value) At(i int) Value {
	if v.list != nil {
		return v.list.Items[i]
	}
	return Value{kind: KindObject, object: v.object, number: v.number>>32 + int64(i)}
}

// String is the value for logs and test failures.
func (v Value) String() string {
	switch v.kind {
	case KindBool:
		return strconv.FormatBool(v.Bool())
	case KindInt:
		return strconv.FormatInt(v.number, 10)
	case KindDecimal:
		return v.decimal.String()
	case KindString:
		return strconv.Quote(v.text)
	case KindTimestamp:
		return v.Time().Format(time.RFC3339Nano)
	case KindDuration:
		return v.Duration().String()
	case KindObject:
		return "object " + strconv.Itoa(int(v.object)) + "[" + strconv.FormatInt(v.number, 10) + "]"
	case KindList:
		return "list of " + strconv.Itoa(v.Len())
	}
	return "absent"
}
