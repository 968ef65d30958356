// Package custom declares the program's own event types, with the fields that
// conditions may read: reviews, visits, deliveries, surveys. A type that every
// program has, such as purchase, may be given more fields.
package custom

import (
	"embed"
	"io/fs"
	"strings"

	"premia/internal/core/condition"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/text"
)

//go:embed words
var words embed.FS

// Type is one event type of the document.
type Type struct {
	Name   document.Text       `doc:"name" help:"what members call it"`
	Fields document.Map[Field] `doc:"fields" help:"what the event carries: name: {type: text}"`
}

// Field is one field of an event type.
type Field struct {
	Type     string        `doc:"type,required" enum:"text|whole|decimal|truth"`
	Name     document.Text `doc:"name" help:"what members call it"`
	Required bool          `doc:"required"`
}

// Shorthand reads a field that is only a type.
func (f *Field) Shorthand(s string) error {
	if _, ok := kinds[s]; !ok {
		return text.Advise(text.Say("{Text} is no type of a field", quote(s)), "write text, whole, decimal or truth")
	}
	f.Type = s
	return nil
}

func quote(s string) string { return "\"" + s + "\"" }

var kinds = map[string]condition.Type{
	"text": condition.String, "whole": condition.Int, "decimal": condition.Decimal, "truth": condition.Bool,
}

// Mechanic is the door of the program's own event types.
type Mechanic struct{}

// Section gives the key events.
func (Mechanic) Section() document.Section {
	return document.Section{Key: "events", Into: &document.Map[Type]{}, Help: "event types beyond purchases, declared by the program"}
}

// Words are the catalogues of event types.
func (Mechanic) Words() fs.FS { return words }

// Compile declares the event types and what conditions may read of them.
func (Mechanic) Compile(c *engine.Compiler, section any) engine.Stage {
	declared := section.(*document.Map[Type])
	fields := map[string]engine.EventField{}
	var order []string
	for id, t := range declared.All() {
		path := "events." + id
		if !identifier(id) {
			c.Problem(path, "invalid", text.Say("an event type's id is small letters, digits, - and _, and begins with a letter: {ID}", id), "its name, for people, may be anything")
		}
		et := engine.EventType{ID: id, Name: c.Program.Names.Number("event." + id), Title: c.Localized(t.Name, id)}
		for name, f := range t.Fields.All() {
			if !fieldName(name) {
				c.Problem(document.Join(path+".fields", name), "invalid", text.Say("a field's id is small letters, digits and _, and begins with a letter: {Name}", name), "its name, for people, may be anything")
				continue
			}
			kind, ok := kinds[f.Type]
			if !ok {
				continue // reading has said so
			}
			field := engine.EventField{ID: name, Kind: kind, Title: c.Localized(f.Name, name), Required: f.Required}
			et.Fields = append(et.Fields, field)
			known, twice := fields[name]
			switch {
			case !twice:
				fields[name] = field
				order = append(order, name)
			case known.Kind != field.Kind:
				c.Problem(path+".fields."+name, "ambiguous", text.Say("another event type has a field {Name} of another type", name), "give the field the same type everywhere, or another name")
			}
		}
		c.Program.Types = append(c.Program.Types, et)
	}
	order = readyMade(c, fields, order)
	declareData(c, fields, order)
	return nil
}

func identifier(s string) bool {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z'
		if !letter && (i == 0 || (r != '_' && r != '-' && (r < '0' || r > '9'))) {
			return false
		}
	}
	return s != ""
}

// fieldName tells whether conditions can name a field so.
func fieldName(s string) bool { return identifier(s) && !strings.Contains(s, "-") }

// declareData lets conditions read event.data.<field>.
func declareData(c *engine.Compiler, fields map[string]engine.EventField, order []string) {
	if len(order) == 0 {
		return
	}
	var declared []engine.Field
	for _, name := range order {
		f := fields[name]
		declared = append(declared, engine.Field{
			Name: name, Kind: f.Kind, Doc: "the field " + name + " of the program's own events", Label: f.Title,
			Read: func(t *engine.Turn) condition.Value { return value(t.Event, name, f.Kind) },
		})
	}
	c.Object("data", false, declared...)
	data := c.ObjectValue("data")
	c.ExtendEvent(engine.Field{Name: "data", Kind: condition.ObjectOf("data"), Doc: "the fields of the program's own event types", Read: func(*engine.Turn) condition.Value { return data }})
}

// value reads a datum as the declared type; one that is not there, or of
// another type, is absent.
func value(e *event.Event, name string, kind condition.Type) condition.Value {
	for i := range e.Data {
		d := &e.Data[i]
		if d.Name != name {
			continue
		}
		switch {
		case kind == condition.String && d.Kind == event.Text:
			return condition.StringValue(d.Text)
		case kind == condition.Int && d.Kind == event.Whole:
			return condition.IntValue(d.Whole)
		case kind == condition.Bool && d.Kind == event.Truth:
			return condition.BoolValue(d.Whole != 0)
		case kind == condition.Decimal && d.Kind == event.Decimal:
			return condition.DecimalValue(d.Decimal)
		case kind == condition.Decimal && d.Kind == event.Whole:
			return engine.Exact(d.Whole, 0)
		}
	}
	return condition.Value{}
}

// CheckData checks an event's data against its declared type and names the
// first field that is wrong; ok is true when all is well. The type is nil where
// the program declares nothing for it.
func CheckData(et *engine.EventType, e *event.Event) (field string, problem text.Sentence, ok bool) {
	if et == nil {
		if len(e.Data) > 0 {
			return e.Data[0].Name, text.Say("the program declares no fields of its own for events of type {Type}", e.Type), false
		}
		return "", "", true
	}
	for i := range e.Data {
		known := false
		for _, f := range et.Fields {
			known = known || f.ID == e.Data[i].Name
		}
		if !known {
			return e.Data[i].Name, text.Say("the event type {Type} declares no such field", et.ID), false
		}
	}
	for _, f := range et.Fields {
		given := false
		for i := range e.Data {
			given = given || e.Data[i].Name == f.ID
		}
		switch {
		case given && value(e, f.ID, f.Kind).Absent():
			return f.ID, text.Say("it must be {Type}", f.Kind.Sentence()), false
		case !given && f.Required:
			return f.ID, "it is required", false
		}
	}
	return "", "", true
}
