package document

import (
	"encoding"
	"fmt"
	"reflect"
	"regexp"

	"github.com/govalues/decimal"
)

// Kind is what an [Outline] says may be written.
type Kind uint8

// The kinds of values.
const (
	KindText    Kind = iota + 1
	KindChoice       // one of Choices
	KindTruth        // true or false
	KindWhole        // a whole number
	KindDecimal      // an exact number
	KindDate         // 2026-05-01
	KindMoment       // a date, perhaps with a time of day
	KindSpan         // a length of time
	KindWords        // a text in several languages
	KindUnit         // a unit's name in the plural forms of several languages
	KindList         // items, each as Element says
	KindMap          // entries of any key, each as Element says
	KindGroup        // the Keys, and where Element is set any other key
)

// Outline is what may be written at a place of a document: the same as the JSON
// Schema says, in the order in which the types say it, for forms and completion.
// Types that contain themselves give outlines that do.
type Outline struct {
	Kind    Kind
	Choices []string
	// Least, Most and Above bound a number; nil where nothing does.
	Least, Most, Above *decimal.Decimal
	// Pattern is what a text must match, and Form says it in words.
	Pattern, Form string
	// MinLen and MaxLen bound a length; MaxLen is 0 where nothing does.
	MinLen, MaxLen int
	Keys           []Key
	Element        *Outline
	// KeyPattern is what the keys of a map must match.
	KeyPattern string
	// Short tells that a group may be written as one text as well.
	Short bool
	// Numeric tells that a text may be a number, too: an amount of money, or a word.
	Numeric bool
}

// Key is one key of a group.
type Key struct {
	Name, Help string
	Required   bool
	Value      *Outline
}

// Key gives what the group says of a key.
func (o *Outline) Key(name string) (Key, bool) {
	for _, k := range o.Keys {
		if k.Name == name {
			return k, true
		}
	}
	return Key{}, false
}

// At gives the outline of the place that a path leads to. It is false where no
// document can have such a place.
func (o *Outline) At(path string) (*Outline, bool) {
	for path != "" {
		s, rest, ok := nextStep(path)
		if !ok {
			return nil, false
		}
		if o, ok = o.below(s); !ok {
			return nil, false
		}
		path = rest
	}
	return o, true
}

func (o *Outline) below(s step) (*Outline, bool) {
	switch {
	case s.isIndex:
		return o.Element, o.Kind == KindList
	case o.Kind == KindGroup:
		if k, ok := o.Key(s.key); ok {
			return k.Value, true
		}
		return o.Element, o.Element != nil
	case o.Kind == KindMap:
		return o.Element, true
	}
	return nil, false
}

// OutlineSections gives the outline of documents that [ReadSections] reads. An
// error is a mistake in the Go type.
func OutlineSections(head any, sections []Section) (*Outline, error) {
	s, err := sectionsShape(head, sections)
	if err != nil {
		return nil, err
	}
	top := &Outline{Kind: KindGroup}
	return top, outliner{}.fill(top, s)
}

// outliner keeps the outlines of structs that it has met, so that types may contain
// themselves.
type outliner map[reflect.Type]*Outline

func (all outliner) fill(o *Outline, s *shape) error {
	for i := range s.fields {
		f := &s.fields[i]
		value, err := all.of(f.kind, &f.rules)
		if err != nil {
			return fmt.Errorf("%s: %w", f.key, err)
		}
		o.Keys = append(o.Keys, Key{Name: f.key, Help: f.help, Required: f.required, Value: value})
	}
	if s.rest == nil {
		return nil
	}
	var err error
	o.KeyPattern = patternOf(s.rest.rules.keys)
	o.Element, err = all.of(reflect.New(s.rest.kind).Interface().(anyMap).elementType(), s.rest.rules.forElements())
	return err
}

// of is the outline of a value of type t under rules.
func (all outliner) of(t reflect.Type, r *rules) (*Outline, error) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	o := &Outline{Choices: r.enum, Least: r.min, Most: r.max, Above: r.above, Pattern: patternOf(r.pattern), Form: r.form}
	if r.minLen != nil {
		o.MinLen = *r.minLen
	}
	if r.maxLen != nil {
		o.MaxLen = *r.maxLen
	}
	var err error
	switch v := reflect.New(t).Interface().(type) {
	case *decimal.Decimal:
		o.Kind = KindDecimal
	case anyMap:
		o.Kind, o.KeyPattern = KindMap, patternOf(r.keys)
		o.Element, err = all.of(v.elementType(), r.forElements())
	case *Text:
		o.Kind = KindWords
	case *UnitName:
		o.Kind = KindUnit
	case *Date:
		o.Kind = KindDate
	case *Moment:
		o.Kind = KindMoment
	case *Span:
		o.Kind = KindSpan
	case encoding.TextUnmarshaler:
		o.Kind = textKind(r)
		o.Numeric = v.UnmarshalText([]byte("1.50")) == nil && v.UnmarshalText([]byte("nothing")) != nil
	default:
		return all.plain(o, t, r)
	}
	return o, err
}

// plain outlines the types that the kinds of Go say.
func (all outliner) plain(o *Outline, t reflect.Type, r *rules) (*Outline, error) {
	var err error
	switch t.Kind() {
	case reflect.String:
		o.Kind = textKind(r)
	case reflect.Bool:
		o.Kind = KindTruth
	case reflect.Int, reflect.Int64:
		o.Kind = KindWhole
	case reflect.Slice:
		o.Kind = KindList
		o.Choices = nil
		o.Element, err = all.of(t.Elem(), r.forElements())
	case reflect.Struct:
		return all.group(t)
	default:
		err = fmt.Errorf("document: cannot read into %s", t)
	}
	return o, err
}

func (all outliner) group(t reflect.Type) (*Outline, error) {
	if known := all[t]; known != nil {
		return known, nil
	}
	s, err := shapeOf(t)
	if err != nil {
		return nil, err
	}
	_, short := reflect.New(t).Interface().(shorthander)
	o := &Outline{Kind: KindGroup, Short: short}
	all[t] = o // before its fields, which may be of the same type
	return o, all.fill(o, s)
}

func textKind(r *rules) Kind {
	if len(r.enum) > 0 {
		return KindChoice
	}
	return KindText
}

func patternOf(r *regexp.Regexp) string {
	if r == nil {
		return ""
	}
	return r.String()
}
