package document

import (
	"fmt"
	"reflect"

	"go.yaml.in/yaml/v3"

	"premia/internal/core/text"
)

// Read reads the document src into the value that into points to, a struct as a
// rule, and reports all problems at once; file is the name to show in them. The
// value is complete only when there are no problems. Source is nil only when src
// is not YAML at all.
//
// Read panics when into is not a pointer or its type has wrong tags, which is a
// mistake in the program, never in the document.
func Read(file string, src []byte, into any) (*Source, Problems) {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		panic(fmt.Sprintf("document: read into %T, not a pointer", into))
	}
	return read(file, src, expectedOf(v.Type().Elem()), func(d *decoder) {
		d.value(d.source.root, v.Elem(), nil, &rules{})
	})
}

// ReadSections reads a document whose top level consists of the keys of the
// struct that head points to and of one key for each section; together they are
// all the keys allowed there. Otherwise it is like [Read].
func ReadSections(file string, src []byte, head any, sections []Section) (*Source, Problems) {
	s, err := sectionsShape(head, sections)
	if err != nil {
		panic(err)
	}
	return read(file, src, s.expected(), func(d *decoder) {
		d.mapping(d.source.root, reflect.ValueOf(head).Elem(), s, nil)
	})
}

func read(file string, src []byte, expected text.Sentence, decode func(*decoder)) (*Source, Problems) {
	source, problem := parse(file, src)
	if problem != nil {
		return source, Problems{*problem}
	}
	d := &decoder{source: source, shapes: map[reflect.Type]*shape{}, badKeys: map[*yaml.Node]bool{}}
	if source.root == nil || isNull(source.root) {
		d.add(nil, nil, CodeEmpty, "the document is empty", expected)
		return source, d.problems
	}
	if d.inspect() {
		decode(d)
	}
	return source, d.finish()
}

// expectedOf says what a document must be, for the hint of an empty one.
func expectedOf(t reflect.Type) text.Sentence {
	if t.Kind() == reflect.Struct {
		if s, err := shapeOf(t); err == nil {
			return s.expected()
		}
	}
	return text.Say("write {What}", nameOfType(t))
}

func (s *shape) expected() text.Sentence {
	return text.Say("write a mapping with the keys {Keys}", enumerate(s.keys()))
}
