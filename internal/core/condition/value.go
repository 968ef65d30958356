package condition

import (
	"math"
	"strconv"
	"time"

	"github.com/govalues/decimal"
)

// Identifiers that the declarer of an environment chooses. A [Scope] is asked
// by these numbers, so that it can answer with a switch.
type (
	// FieldID names a field; it is unique in an [Env] and not 0.
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
	// Element is element i of a field that is a list of scalars, for 0 ≤ i < the
	// length that Field gave. Lists of objects are not asked for: their elements
	// follow from [ObjectListValue].
	Element(obj ObjectRef, f FieldID, i int) Value
}

// Value is one value of any kind; the zero Value is absent. It has four words,
// so that it is passed in registers.
type Value struct {
	head   uint32 // the kind, then eight bits of a decimal's scale, then an ObjectID
	number int64  // bool, int, microseconds, coefficient, object index, length, or first<<32|length
	text   string // a string, or a decimal whose coefficient needs 64 bits
}

const wideDecimal = 0xff // the scale of a decimal that is kept as text

func head(k Kind, scale uint8, object ObjectID) uint32 {
	return uint32(k) | uint32(scale)<<8 | uint32(object)<<16
}

func numeric(k Kind, number int64) Value { return Value{head: uint32(k), number: number} }

// BoolValue is true or false.
func BoolValue(b bool) Value {
	if b {
		return numeric(KindBool, 1)
	}
	return numeric(KindBool, 0)
}

// IntValue is a whole number.
func IntValue(n int64) Value { return numeric(KindInt, n) }

// DecimalValue is an exact decimal.
func DecimalValue(d decimal.Decimal) Value {
	coefficient := d.Coef()
	if coefficient > math.MaxInt64 {
		return Value{head: head(KindDecimal, wideDecimal, 0), text: d.String()}
	}
	number := int64(coefficient)
	if d.IsNeg() {
		number = -number
	}
	return Value{head: head(KindDecimal, uint8(d.Scale()), 0), number: number}
}

// MinorValue is the exact decimal minor / 10^scale, such as an amount of money
// in minor units. The scale is from 0 to 19.
func MinorValue(minor int64, scale int) Value {
	if minor == math.MinInt64 { // its coefficient needs 64 bits
		return DecimalValue(decimal.MustNew(minor, scale))
	}
	return Value{head: head(KindDecimal, uint8(scale), 0), number: minor}
}

// StringValue is a string. It should have at most [MaxStringLength] bytes, which
// the cost of an expression is reckoned with.
func StringValue(s string) Value { return Value{head: uint32(KindString), text: s} }

// TimestampValue is a moment, cut to microseconds.
func TimestampValue(t time.Time) Value { return numeric(KindTimestamp, t.UnixMicro()) }

// TimestampMicroValue is the moment so many microseconds after 1970 UTC.
func TimestampMicroValue(us int64) Value { return numeric(KindTimestamp, us) }

// DurationValue is a duration, cut to microseconds.
func DurationValue(d time.Duration) Value { return numeric(KindDuration, d.Microseconds()) }

// ObjectValue refers to an object.
func ObjectValue(ref ObjectRef) Value {
	return Value{head: head(KindObject, 0, ref.Object), number: int64(ref.Index)}
}

// ObjectListValue is a list of count objects of one type with the indexes
// first, first+1, …
func ObjectListValue(object ObjectID, first, count int32) Value {
	return Value{head: head(KindList, 0, object), number: int64(first)<<32 | int64(max(count, 0))}
}

// ListValue is a list of count scalars, which the Scope gives one by one.
func ListValue(count int) Value { return numeric(KindList, int64(uint32(max(count, 0)))) }

// Kind is the value's kind.
func (v Value) Kind() Kind { return Kind(v.head) }

// Absent says whether there is no value.
func (v Value) Absent() bool { return v.Kind() == KindAbsent }

// Bool is the value of kind KindBool.
func (v Value) Bool() bool { return v.number != 0 }

// Int is the value of kind KindInt.
func (v Value) Int() int64 { return v.number }

// Decimal is the value of kind KindDecimal.
func (v Value) Decimal() decimal.Decimal {
	scale := uint8(v.head >> 8)
	if scale == wideDecimal {
		return decimal.MustParse(v.text)
	}
	d, _ := decimal.New(v.number, int(scale)) // it was taken from a decimal
	return d
}

// Text is the value of kind KindString.
func (v Value) Text() string { return v.text }

// Time is the value of kind KindTimestamp, in UTC.
func (v Value) Time() time.Time { return time.UnixMicro(v.number).UTC() }

// Duration is the value of kind KindDuration.
func (v Value) Duration() time.Duration { return time.Duration(v.number) * time.Microsecond }

// Object is the value of kind KindObject.
func (v Value) Object() ObjectRef {
	return ObjectRef{Object: ObjectID(v.head >> 16), Index: int32(v.number)}
}

// Len is the number of elements of a value of kind KindList.
func (v Value) Len() int { return int(uint32(v.number)) }

// At is element i of a list of objects, 0 ≤ i < Len.
func (v Value) At(i int) Value {
	return Value{head: v.head - uint32(KindList) + uint32(KindObject), number: v.number>>32 + int64(i)}
}

// String is the value for logs and test failures.
func (v Value) String() string {
	switch v.Kind() {
	case KindBool:
		return strconv.FormatBool(v.Bool())
	case KindInt:
		return strconv.FormatInt(v.number, 10)
	case KindDecimal:
		return v.Decimal().String()
	case KindString:
		return strconv.Quote(v.text)
	case KindTimestamp:
		return v.Time().Format(time.RFC3339Nano)
	case KindDuration:
		return v.Duration().String()
	case KindObject:
		return "object " + strconv.Itoa(int(v.head>>16)) + "[" + strconv.FormatInt(v.number, 10) + "]"
	case KindList:
		return "list of " + strconv.Itoa(v.Len())
	}
	return "absent"
}
