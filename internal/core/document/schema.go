package document

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"path"
	"reflect"
	"strings"

	"github.com/govalues/decimal"
)

const schemaDialect = "https://json-schema.org/draft/2020-12/schema"

// Schema is the JSON Schema (2020-12) of documents that [Read] reads into the
// type of root, a struct or a pointer to one; the same type gives the same bytes.
// It accepts every document that Read accepts. It cannot see all that Read sees:
// whether a key is written twice, or how the digits of a number are written. An
// error is a mistake in the Go type.
func Schema(root any, title string) ([]byte, error) {
	t := reflect.TypeOf(root)
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil {
		return nil, fmt.Errorf("document: a schema of nothing")
	}
	w := newSchemaWriter()
	if t.Kind() != reflect.Struct {
		top, err := w.of(t, &rules{})
		if err != nil {
			return nil, err
		}
		return w.finish(top, title)
	}
	s, err := shapeOf(t)
	if err != nil {
		return nil, err
	}
	return w.top(s, title)
}

// SchemaSections is the JSON Schema of documents that [ReadSections] reads.
func SchemaSections(head any, sections []Section, title string) ([]byte, error) {
	s, err := sectionsShape(head, sections)
	if err != nil {
		return nil, err
	}
	return newSchemaWriter().top(s, title)
}

// schemaWriter collects the definitions of the structs it meets, so that types
// may contain themselves.
type schemaWriter struct {
	names map[reflect.Type]string
	taken map[string]bool
	defs  map[string]any
}

func newSchemaWriter() *schemaWriter {
	return &schemaWriter{names: map[reflect.Type]string{}, taken: map[string]bool{}, defs: map[string]any{}}
}

func (w *schemaWriter) top(s *shape, title string) ([]byte, error) {
	top, err := w.object(s)
	if err != nil {
		return nil, err
	}
	return w.finish(top, title)
}

func (w *schemaWriter) finish(top map[string]any, title string) ([]byte, error) {
	top["$schema"] = schemaDialect
	if title != "" {
		top["title"] = title
	}
	if len(w.defs) > 0 {
		top["$defs"] = w.defs
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(top)
	return b.Bytes(), err
}

// object is the schema of a mapping with the keys of a shape.
func (w *schemaWriter) object(s *shape) (map[string]any, error) {
	properties := map[string]any{}
	var required []any
	for i := range s.fields {
		f := &s.fields[i]
		value, err := w.of(f.kind, &f.rules)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.key, err)
		}
		if f.help != "" {
			value["description"] = f.help
		}
		properties[f.key] = value
		if f.required {
			required = append(required, f.key)
		}
	}
	o := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		o["required"] = required
	}
	if s.rest == nil {
		return o, nil
	}
	element := reflect.New(s.rest.kind).Interface().(anyMap).elementType()
	others, err := w.of(element, s.rest.rules.forElements())
	if s.rest.help != "" && err == nil {
		others["description"] = s.rest.help
	}
	o["additionalProperties"] = others
	return o, err
}

// of is the schema of a value of type t under rules. The caller owns the map.
func (w *schemaWriter) of(t reflect.Type, r *rules) (map[string]any, error) {
	if t.Kind() == reflect.Pointer {
		return w.of(t.Elem(), r)
	}
	value := reflect.New(t).Interface()
	if own, ok := value.(interface{ JSONSchema() map[string]any }); ok {
		return w.define(t, func() (map[string]any, error) { return own.JSONSchema(), nil })
	}
	switch v := value.(type) {
	case *decimal.Decimal:
		return r.numberSchema(map[string]any{"type": []any{"number", "string"}, "pattern": decimalPattern}), nil
	case anyMap:
		return w.mapSchema(v, r)
	case encoding.TextUnmarshaler:
		return r.textSchema(), nil
	}
	switch t.Kind() {
	case reflect.String:
		return r.textSchema(), nil
	case reflect.Bool:
		return map[string]any{"type": "boolean"}, nil
	case reflect.Int, reflect.Int64:
		return r.numberSchema(map[string]any{"type": "integer"}), nil
	case reflect.Slice:
		items, err := w.of(t.Elem(), r.forElements())
		return bound(map[string]any{"type": "array", "items": items}, r, "minItems", "maxItems"), err
	case reflect.Struct:
		return w.define(t, func() (map[string]any, error) { return w.structSchema(t, value) })
	}
	return nil, fmt.Errorf("document: cannot read into %s", t)
}

func (w *schemaWriter) mapSchema(m anyMap, r *rules) (map[string]any, error) {
	values, err := w.of(m.elementType(), r.forElements())
	o := map[string]any{"type": "object", "additionalProperties": values}
	if r.keys != nil {
		o["propertyNames"] = map[string]any{"pattern": r.keys.String()}
	}
	return bound(o, r, "minProperties", "maxProperties"), err
}

// structSchema is the schema of a struct, which may have a short form.
func (w *schemaWriter) structSchema(t reflect.Type, value any) (map[string]any, error) {
	s, err := shapeOf(t)
	if err != nil {
		return nil, err
	}
	object, err := w.object(s)
	if _, ok := value.(shorthander); !ok || err != nil {
		return object, err
	}
	short := map[string]any{"type": []any{"string", "number", "boolean"}}
	if own, ok := value.(interface{ ShorthandSchema() map[string]any }); ok {
		short = own.ShorthandSchema()
	}
	return map[string]any{"anyOf": []any{short, object}}, nil
}

// define puts the schema of a type under $defs, once, and refers to it.
func (w *schemaWriter) define(t reflect.Type, schema func() (map[string]any, error)) (map[string]any, error) {
	name, known := w.names[t]
	if !known {
		name = w.nameOf(t)
		w.names[t] = name // before its fields, which may be of the same type
		definition, err := schema()
		if err != nil {
			return nil, err
		}
		w.defs[name] = definition
	}
	return map[string]any{"$ref": "#/$defs/" + name}, nil
}

// nameOf is a name under $defs that no other type has.
func (w *schemaWriter) nameOf(t reflect.Type) string {
	name := t.Name()
	if name == "" || strings.ContainsAny(name, "[]/") {
		name = "Value"
	}
	for _, candidate := range []string{name, path.Base(t.PkgPath()) + "." + name} {
		if !w.taken[candidate] {
			w.taken[candidate] = true
			return candidate
		}
	}
	for i := 2; ; i++ {
		if candidate := fmt.Sprintf("%s%d", name, i); !w.taken[candidate] {
			w.taken[candidate] = true
			return candidate
		}
	}
}

// textSchema also lets a number or a truth value through, since a plain scalar is
// taken as it stands in the text.
func (r *rules) textSchema() map[string]any {
	if len(r.enum) == 0 {
		s := map[string]any{"type": []any{"string", "number", "boolean"}}
		if r.pattern != nil {
			s["pattern"] = r.pattern.String()
		}
		return bound(s, r, "minLength", "maxLength")
	}
	words := make([]any, 0, len(r.enum))
	for _, word := range r.enum {
		words = append(words, word)
		if json.Valid([]byte(word)) && word != "null" {
			words = append(words, json.RawMessage(word))
		}
	}
	return map[string]any{"enum": words}
}

func (r *rules) numberSchema(s map[string]any) map[string]any {
	for key, limit := range map[string]*decimal.Decimal{"minimum": r.min, "maximum": r.max, "exclusiveMinimum": r.above} {
		if limit != nil {
			s[key] = json.Number(limit.String())
		}
	}
	return s
}

func bound(s map[string]any, r *rules, least, most string) map[string]any {
	if r.minLen != nil {
		s[least] = *r.minLen
	}
	if r.maxLen != nil {
		s[most] = *r.maxLen
	}
	return s
}
