package document

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/govalues/decimal"
	"go.yaml.in/yaml/v3"

	"premia/internal/core/text"
)

// maxProblems bounds the list of problems; nobody mends more at a time.
const maxProblems = 100

// decoder carries one reading.
type decoder struct {
	source   *Source
	shapes   map[reflect.Type]*shape
	values   int
	cursor   cursor
	badKeys  map[*yaml.Node]bool // keys that inspect reported
	problems Problems
	further  int // problems found beyond maxProblems
}

// nodeReader is a type of this package that reads more than a scalar.
type nodeReader interface {
	readNode(d *decoder, n *yaml.Node, at *place, r *rules)
}

// shorthander is a struct that may also be written as a scalar.
type shorthander interface {
	Shorthand(text string) error
}

var anyMapType = reflect.TypeFor[anyMap]()

// add reports a problem about the value n, which stands at place at.
func (d *decoder) add(n *yaml.Node, at *place, code string, message, hint text.Sentence) {
	d.addAt(d.source.position(n, at), at.String(), code, message, hint)
}

func (d *decoder) addAt(pos Pos, path, code string, message, hint text.Sentence) {
	if len(d.problems) == maxProblems {
		d.further++
		return
	}
	d.problems = append(d.problems, Problem{File: d.source.file, Pos: pos, Path: path, Code: code, Message: message, Hint: hint})
}

// finish sorts the problems and says how many were left out.
func (d *decoder) finish() Problems {
	d.problems.Sort()
	if d.further > 0 {
		last := d.problems[len(d.problems)-1]
		d.problems = append(d.problems, Problem{File: d.source.file, Pos: last.Pos, Code: CodeTooManyMore,
			Message: text.Say("{Further} more problems are not listed", d.further), Hint: "mend these first"})
	}
	return d.problems
}

// value reads the node n, which stands at place at, into v.
func (d *decoder) value(n *yaml.Node, v reflect.Value, at *place, r *rules) {
	switch {
	case n.Kind == yaml.AliasNode:
		return // reported by inspect
	case isNull(n):
		d.empty(n, at)
		return
	case v.Kind() == reflect.Pointer:
		fresh := reflect.New(v.Type().Elem())
		d.value(n, fresh.Elem(), at, r)
		v.Set(fresh)
		return
	}
	switch to := v.Addr().Interface().(type) {
	case *decimal.Decimal:
		d.decimal(n, to, at, r)
		return
	case anyMap:
		d.entries(n, to, at, r)
		return
	case nodeReader:
		to.readNode(d, n, at, r)
		return
	case encoding.TextUnmarshaler:
		if text, ok := d.scalar(n, at, nameOfType(v.Type())); ok && d.textRules(n, text, at, r) {
			d.custom(n, at, to.UnmarshalText([]byte(text)))
		}
		return
	case shorthander:
		if n.Kind == yaml.ScalarNode {
			d.custom(n, at, to.Shorthand(n.Value))
			return
		}
	}
	d.kind(n, v, at, r)
}

// kind reads the kinds of Go that need no method.
func (d *decoder) kind(n *yaml.Node, v reflect.Value, at *place, r *rules) {
	switch v.Kind() {
	case reflect.String:
		if text, ok := d.scalar(n, at, "a text"); ok && d.textRules(n, text, at, r) {
			v.SetString(text)
		}
	case reflect.Bool:
		d.boolean(n, v, at)
	case reflect.Int, reflect.Int64:
		d.integer(n, v, at, r)
	case reflect.Slice:
		d.list(n, v, at, r)
	case reflect.Struct:
		s, err := d.shape(v.Type())
		if err != nil {
			panic(err)
		}
		d.mapping(n, v, s, at)
	default:
		panic(fmt.Sprintf("document: cannot read into %s", v.Type()))
	}
}

func (d *decoder) shape(t reflect.Type) (*shape, error) {
	if s := d.shapes[t]; s != nil {
		return s, nil
	}
	s, err := shapeOf(t)
	d.shapes[t] = s
	return s, err
}

func (d *decoder) empty(n *yaml.Node, at *place) {
	hint := text.Sentence("write a value after the colon, or remove the key")
	switch {
	case n.Value != "" && n.Value != "~":
		hint = text.Say("remove the key, or write {Value} between quotes if the word itself is meant", strconv.Quote(n.Value))
	case at != nil && at.key == nil:
		hint = "write a value after the dash, or remove it"
	}
	d.add(n, at, CodeEmpty, "the value is empty", hint)
}

func (d *decoder) wrongType(n *yaml.Node, at *place, expected, hint text.Sentence) {
	d.add(n, at, CodeWrongType, text.Say("expected {Expected}, found {Found}", expected, nameOfNode(n)), hint)
}

// custom reports the error of a type that reads its own text.
func (d *decoder) custom(n *yaml.Node, at *place, err error) {
	if err == nil {
		return
	}
	d.add(n, at, CodeInvalid, text.Of(err), text.HintOf(err))
}

// scalar is the text of n, when n is a scalar.
func (d *decoder) scalar(n *yaml.Node, at *place, expected text.Sentence) (string, bool) {
	if n.Kind != yaml.ScalarNode {
		hint := text.Sentence("")
		if n.Style&yaml.FlowStyle != 0 {
			hint = "put a text that begins with a brace or bracket between quotes"
		}
		d.wrongType(n, at, expected, hint)
		return "", false
	}
	return n.Value, true
}

// list reads a sequence into a slice.
func (d *decoder) list(n *yaml.Node, v reflect.Value, at *place, r *rules) {
	if n.Kind != yaml.SequenceNode {
		hint := text.Sentence("begin each item with a dash on a line of its own, or write [ ]")
		if n.Kind == yaml.ScalarNode && len(n.Value) <= 40 && !strings.ContainsAny(n.Value, "\n,[]{}") {
			hint = text.Say("a list of one is written [{Value}]", n.Value)
		}
		d.wrongType(n, at, "a list", hint)
		return
	}
	d.length(n, at, r, len(n.Content), countedItems)
	items := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	forItems := r.forElements()
	for i, item := range n.Content {
		d.value(item, items.Index(i), &place{parent: at, index: i}, forItems)
	}
	v.Set(items)
}

// entries reads a mapping into a Map.
func (d *decoder) entries(n *yaml.Node, m anyMap, at *place, r *rules) {
	if n.Kind != yaml.MappingNode {
		d.wrongType(n, at, "a mapping", "write a key, a colon and a value for each entry")
		return
	}
	forValues := r.forElements()
	d.pairs(n, at, func(key, value *yaml.Node, here *place) {
		d.entry(key, value, m, here, r, forValues)
	})
	d.length(n, at, r, m.size(), countedEntries)
}

func (d *decoder) entry(key, value *yaml.Node, m anyMap, here *place, r, forValues *rules) {
	if r.keys != nil && !r.keys.MatchString(key.Value) {
		d.addAt(Pos{Line: key.Line, Column: key.Column}, here.String(), CodeInvalid,
			text.Say("the key {Value} does not have the form it must", strconv.Quote(key.Value)), r.formHint(r.keys.String()))
		return
	}
	m.readEntry(d, key.Value, value, here, forValues)
}

// mapping reads a mapping into the fields of a struct.
func (d *decoder) mapping(n *yaml.Node, v reflect.Value, s *shape, at *place) {
	if n.Kind != yaml.MappingNode {
		if n.Kind != yaml.AliasNode {
			d.wrongType(n, at, "a mapping", text.Say("its keys are {Keys}", enumerate(s.keys())))
		}
		return
	}
	found := make(map[string]bool, len(s.fields))
	d.pairs(n, at, func(key, value *yaml.Node, here *place) {
		f := s.byKey[key.Value]
		switch {
		case f != nil:
			found[f.key] = true
			d.value(value, f.target(v), here, &f.rules)
		case s.rest != nil:
			m := s.rest.target(v).Addr().Interface().(anyMap)
			d.entry(key, value, m, here, &s.rest.rules, s.rest.rules.forElements())
		default:
			d.unknownKey(key, here, s.keys())
		}
	})
	for i := range s.fields {
		if f := &s.fields[i]; f.required && !found[f.key] {
			d.addAt(d.source.position(n, at), Join(at.String(), f.key), CodeMissing, text.Say("the key {Key} is missing", strconv.Quote(f.key)), text.Sentence(f.help))
		}
	}
	if s.rest != nil {
		d.length(n, at, &s.rest.rules, s.rest.target(v).Addr().Interface().(anyMap).size(), countedEntries)
	}
}

// pairs calls do for each key of n, except those that inspect has refused.
func (d *decoder) pairs(n *yaml.Node, at *place, do func(key, value *yaml.Node, here *place)) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key := n.Content[i]; !d.badKeys[key] {
			do(key, n.Content[i+1], &place{parent: at, key: key})
		}
	}
}

func (d *decoder) unknownKey(key *yaml.Node, here *place, known []string) {
	d.addAt(Pos{Line: key.Line, Column: key.Column}, here.String(), CodeUnknownKey,
		text.Say("unknown key {Value}", strconv.Quote(key.Value)), suggest(key.Value, known, "the keys here are {Keys}"))
}

// suggest is the hint for a word that is none of those known, which stand in the one
// place of list.
func suggest(word string, known []string, list text.Sentence) text.Sentence {
	if meant, ok := Closest(word, known); ok {
		return text.Say("did you mean {Near}?", strconv.Quote(meant))
	}
	return text.Say(list.Pattern(), enumerate(known))
}

// textRules checks a text against its rules.
func (d *decoder) textRules(n *yaml.Node, written string, at *place, r *rules) bool {
	if len(r.enum) > 0 && !slices.Contains(r.enum, written) {
		d.add(n, at, CodeNotAllowed, text.Say("{Text} is not one of the words allowed", quoteShort(written)), suggest(written, r.enum, "write one of {Words}"))
		return false
	}
	if r.pattern != nil && !r.pattern.MatchString(written) {
		d.add(n, at, CodeInvalid, text.Say("{Text} does not have the form it must", quoteShort(written)), r.formHint(r.pattern.String()))
		return false
	}
	return d.length(n, at, r, utf8.RuneCountInString(written), countedCharacters)
}

// counted says that there are too few or too many of something: how many there are,
// and how many there must or may be.
type counted struct{ few, many text.Sentence }

var (
	countedItems      = counted{"{Count} items, fewer than the {Bound} required", "{Count} items, more than the {Bound} allowed"}
	countedEntries    = counted{"{Count} entries, fewer than the {Bound} required", "{Count} entries, more than the {Bound} allowed"}
	countedCharacters = counted{"{Count} characters, fewer than the {Bound} required", "{Count} characters, more than the {Bound} allowed"}
)

func (d *decoder) length(n *yaml.Node, at *place, r *rules, length int, of counted) bool {
	switch {
	case r.minLen != nil && length < *r.minLen:
		d.add(n, at, CodeOutOfRange, text.Say(of.few.Pattern(), length, *r.minLen), "")
	case r.maxLen != nil && length > *r.maxLen:
		d.add(n, at, CodeOutOfRange, text.Say(of.many.Pattern(), length, *r.maxLen), "")
	default:
		return true
	}
	return false
}

func (r *rules) formHint(pattern string) text.Sentence {
	if r.form != "" {
		return text.Say("write {Form}", text.Sentence(r.form))
	}
	return text.Say("it must match {Pattern}", pattern)
}
