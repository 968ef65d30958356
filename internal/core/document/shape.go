package document

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/govalues/decimal"
)

// shape is what a struct's tags say about a mapping: which keys it has and where
// their values go.
type shape struct {
	fields []field
	byKey  map[string]*field
	rest   *field // takes the keys that no field names; nil when there is none
}

// field is one key of a mapping.
type field struct {
	key      string
	required bool
	help     string
	rules    rules
	kind     reflect.Type
	index    []int         // where in the struct
	section  reflect.Value // or, for a section, the value itself
}

func (f *field) target(of reflect.Value) reflect.Value {
	if f.section.IsValid() {
		return f.section
	}
	return of.FieldByIndex(f.index)
}

// keys are the keys that the shape names, in the order of the struct.
func (s *shape) keys() []string {
	keys := make([]string, len(s.fields))
	for i := range s.fields {
		keys[i] = s.fields[i].key
	}
	return keys
}

// rules bound a value; the zero rules allow everything.
type rules struct {
	enum            []string
	min, max, above *decimal.Decimal
	pattern, keys   *regexp.Regexp
	form            string
	minLen, maxLen  *int
}

// forElements are the rules that a list or Map passes to its elements.
func (r *rules) forElements() *rules {
	return &rules{enum: r.enum, min: r.min, max: r.max, above: r.above, pattern: r.pattern, form: r.form}
}

// shapeOf reads the tags of a struct. An error is a mistake in the Go type.
func shapeOf(t reflect.Type) (*shape, error) {
	s := &shape{}
	if err := s.addFields(t, nil); err != nil {
		return nil, err
	}
	return s, s.link()
}

// link fills byKey and refuses a key named twice.
func (s *shape) link() error {
	s.byKey = make(map[string]*field, len(s.fields))
	for i := range s.fields {
		f := &s.fields[i]
		if s.byKey[f.key] != nil {
			return fmt.Errorf("document: the key %q is defined twice", f.key)
		}
		s.byKey[f.key] = f
	}
	return nil
}

func (s *shape) addFields(t reflect.Type, prefix []int) error {
	for i := range t.NumField() {
		sf := t.Field(i)
		tag, ok := sf.Tag.Lookup("doc")
		if !ok {
			continue
		}
		index := append(append([]int(nil), prefix...), i)
		if err := s.addField(sf, tag, index); err != nil {
			return fmt.Errorf("document: field %s of %s: %w", sf.Name, t, err)
		}
	}
	return nil
}

func (s *shape) addField(sf reflect.StructField, tag string, index []int) error {
	key, option, _ := strings.Cut(tag, ",")
	r, err := rulesOf(sf.Tag)
	if err != nil {
		return err
	}
	f := field{key: key, help: sf.Tag.Get("help"), rules: r, kind: sf.Type, index: index}
	switch {
	case !sf.IsExported() && option != "inline":
		return fmt.Errorf("has a doc tag but is not exported")
	case option == "inline" && key == "" && sf.Type.Kind() == reflect.Struct:
		return s.addFields(sf.Type, index)
	case option == "rest" && key == "" && s.rest == nil && reflect.PointerTo(sf.Type).Implements(anyMapType):
		s.rest = &f
		return nil
	case key != "" && (option == "" || option == "required"):
		f.required = option == "required"
		s.fields = append(s.fields, f)
		return nil
	}
	return fmt.Errorf("the tag doc:%q does not fit", tag)
}

func rulesOf(tag reflect.StructTag) (r rules, err error) {
	if list := tag.Get("enum"); list != "" {
		r.enum = strings.Split(list, "|")
	}
	r.form = tag.Get("form")
	for name, to := range map[string]**decimal.Decimal{"min": &r.min, "max": &r.max, "above": &r.above} {
		if text, ok := tag.Lookup(name); ok {
			bound, err := decimal.Parse(text)
			if err != nil {
				return r, fmt.Errorf("tag %s: %w", name, err)
			}
			*to = &bound
		}
	}
	for name, to := range map[string]**regexp.Regexp{"pattern": &r.pattern, "keys": &r.keys} {
		if text, ok := tag.Lookup(name); ok {
			if *to, err = regexp.Compile(text); err != nil {
				return r, fmt.Errorf("tag %s: %w", name, err)
			}
		}
	}
	for name, to := range map[string]**int{"min_len": &r.minLen, "max_len": &r.maxLen} {
		if text, ok := tag.Lookup(name); ok {
			n, err := strconv.Atoi(text)
			if err != nil {
				return r, fmt.Errorf("tag %s: %w", name, err)
			}
			*to = &n
		}
	}
	return r, nil
}

// Section is one key at the top of a document whose value somebody else defines:
// a mechanic adds its part of the program this way.
type Section struct {
	Key string
	// Into points to what the section is read into: a struct, a slice or a Map.
	Into     any
	Help     string
	Required bool
}

// sectionsShape is the shape of a top level made of a struct and sections.
func sectionsShape(head any, sections []Section) (*shape, error) {
	t := reflect.TypeOf(head)
	if t == nil || t.Kind() != reflect.Pointer || t.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("document: the head is %T, not a pointer to a struct", head)
	}
	s := &shape{}
	if err := s.addFields(t.Elem(), nil); err != nil {
		return nil, err
	}
	for _, section := range sections {
		v := reflect.ValueOf(section.Into)
		if section.Key == "" || v.Kind() != reflect.Pointer || v.IsNil() {
			return nil, fmt.Errorf("document: section %q is read into %T, not a pointer", section.Key, section.Into)
		}
		s.fields = append(s.fields, field{
			key: section.Key, required: section.Required, help: section.Help,
			kind: v.Type().Elem(), section: v.Elem(),
		})
	}
	return s, s.link()
}
