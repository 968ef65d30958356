package condition

import "premia/internal/core/text"

// Kind is the shape of a value.
type Kind uint8

// The kinds. KindAbsent is the kind of the zero [Value].
const (
	KindAbsent Kind = iota
	KindBool
	KindInt
	KindDecimal
	KindString
	KindTimestamp
	KindDuration
	KindObject
	KindList
)

// Type is the static type of an expression, a field or a variable. Types are
// comparable with ==.
type Type struct {
	kind   Kind
	elem   Kind   // of a list's elements
	object string // name of the object type, of an object or a list's elements
}

// The types that have no parameters.
var (
	Bool      = Type{kind: KindBool}
	Int       = Type{kind: KindInt}
	Decimal   = Type{kind: KindDecimal}
	String    = Type{kind: KindString}
	Timestamp = Type{kind: KindTimestamp}
	Duration  = Type{kind: KindDuration}
)

// ObjectOf is the type of an object declared under the name.
func ObjectOf(name string) Type { return Type{kind: KindObject, object: name} }

// ListOf is the type of a list. Lists of lists do not exist: the result of
// ListOf(ListOf(t)) is refused by [NewEnv].
func ListOf(elem Type) Type {
	if elem.kind == KindList {
		return Type{kind: KindList}
	}
	return Type{kind: KindList, elem: elem.kind, object: elem.object}
}

// Kind is the type's kind.
func (t Type) Kind() Kind { return t.kind }

// Elem is the type of a list's elements.
func (t Type) Elem() Type { return Type{kind: t.elem, object: t.object} }

// Object is the name of the object type of an object, or of a list's elements.
func (t Type) Object() string { return t.object }

func (t Type) number() bool { return t.kind == KindInt || t.kind == KindDecimal }

// scalar says whether values of the type stand for themselves.
func (t Type) scalar() bool { return t.kind >= KindBool && t.kind <= KindDuration }

// String names the type in a sentence, with its article, in English.
func (t Type) String() string { return t.Sentence().String() }

// Sentence names the type in a sentence, with its article.
func (t Type) Sentence() text.Sentence {
	switch t.kind {
	case KindBool:
		return "true or false"
	case KindInt:
		return "a whole number"
	case KindDecimal:
		return "a decimal number"
	case KindString:
		return "a string"
	case KindTimestamp:
		return "a moment"
	case KindDuration:
		return "a duration"
	case KindObject:
		return text.Say("the object {Object}", t.object)
	case KindList:
		return text.Say("a list of {Elements}", t.Elem().plural())
	}
	return "an unknown type"
}

func (t Type) plural() text.Sentence {
	switch t.kind {
	case KindBool:
		return "true or false"
	case KindInt:
		return "whole numbers"
	case KindDecimal:
		return "decimal numbers"
	case KindString:
		return "strings"
	case KindTimestamp:
		return "moments"
	case KindDuration:
		return "durations"
	case KindObject:
		return text.Say("{Object} objects", t.object)
	}
	return "unknown things"
}
