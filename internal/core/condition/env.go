package condition

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"

	"cel.dev/cel-go/checker"
	"cel.dev/cel-go/common/containers"
	"cel.dev/cel-go/common/decls"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/parser"

	"premia/internal/core/text"
)

// Field is a declared field of an object.
type Field struct {
	Name string
	Type Type
	ID   FieldID
	// Doc says in a sentence what the field is, for editors.
	Doc string
	// Label names the field in words if its author did; otherwise it is named by
	// the message "condition.field.<object>.<field>".
	Label text.Localized
	// Say gives a value of the field as an argument of a message, where people
	// read it otherwise than as a bare value of its kind: an amount with its
	// currency, a code by its name. Nil, and a nil result, leave it as it is.
	Say func(Value) any
	// Order are all values of a text field that has an order, the lowest first:
	// < and its like compare by their places, and no other text can be compared
	// with the field. Nil for ordinary texts.
	Order []string
	// Values are all values that the field can have, where they are few; nil if it can
	// have any.
	Values []Value
}

// Object is a declared object type. Its name serves messages and labels; an
// expression never writes it.
type Object struct {
	Name   string
	ID     ObjectID
	Fields []Field
}

// Variable is a name that an expression may start from.
type Variable struct {
	Name string
	Type Type
	ID   VarID
	Doc  string
}

// Env is what an expression may speak of. It is immutable and safe for
// concurrent use.
type Env struct {
	zone      *time.Location
	objects   map[string]*object
	variables map[string]*Variable
	fields    map[FieldID]fieldPlace
	parser    *parser.Parser
	checker   *checker.Env
}

type object struct {
	Object
	byName map[string]*Field
}

type fieldPlace struct {
	object *object
	field  *Field
}

var (
	identifier = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)
	objectName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_-]*(\.[a-zA-Z_][a-zA-Z0-9_-]*)*$`)
)

// NewEnv declares an environment whose moments are read in the given zone. It
// refuses names and identifiers that are declared twice or are no identifiers,
// and types that are not declared.
func NewEnv(zone *time.Location, variables []Variable, objects []Object) (*Env, error) {
	e := &Env{
		zone:      zone,
		objects:   make(map[string]*object, len(objects)),
		variables: make(map[string]*Variable, len(variables)),
		fields:    make(map[FieldID]fieldPlace),
	}
	if zone == nil {
		return nil, fmt.Errorf("an environment needs a time zone")
	}
	if err := e.declareObjects(objects); err != nil {
		return nil, err
	}
	if err := e.declareVariables(variables); err != nil {
		return nil, err
	}
	return e, e.prepare()
}

func (e *Env) declareObjects(objects []Object) error {
	ids := make(map[ObjectID]string, len(objects))
	for _, declared := range objects {
		o := &object{Object: declared, byName: make(map[string]*Field, len(declared.Fields))}
		if !objectName.MatchString(o.Name) {
			return fmt.Errorf("the object name %q is not a name", o.Name)
		}
		if e.objects[o.Name] != nil || ids[o.ID] != "" {
			return fmt.Errorf("the object %s (number %d) is declared twice", o.Name, o.ID)
		}
		e.objects[o.Name], ids[o.ID] = o, o.Name
		for i := range o.Fields {
			if err := e.declareField(o, &o.Fields[i]); err != nil {
				return err
			}
		}
	}
	for _, place := range e.fields {
		if err := e.known(place.field.Type); err != nil {
			return fmt.Errorf("field %s.%s: %w", place.object.Name, place.field.Name, err)
		}
	}
	return nil
}

func (e *Env) declareField(o *object, f *Field) error {
	if !identifier.MatchString(f.Name) {
		return fmt.Errorf("the field name %q of %s is not a name", f.Name, o.Name)
	}
	if o.byName[f.Name] != nil {
		return fmt.Errorf("the field %s.%s is declared twice", o.Name, f.Name)
	}
	if f.ID == 0 {
		return fmt.Errorf("the field %s.%s needs a number above 0", o.Name, f.Name)
	}
	if twin, taken := e.fields[f.ID]; taken {
		return fmt.Errorf("the fields %s.%s and %s.%s have one number, %d", twin.object.Name, twin.field.Name, o.Name, f.Name, f.ID)
	}
	o.byName[f.Name] = f
	e.fields[f.ID] = fieldPlace{o, f}
	return nil
}

func (e *Env) declareVariables(variables []Variable) error {
	ids := make(map[VarID]string, len(variables))
	for i := range variables {
		v := variables[i]
		if !identifier.MatchString(v.Name) {
			return fmt.Errorf("the variable name %q is not a name", v.Name)
		}
		if e.variables[v.Name] != nil || ids[v.ID] != "" {
			return fmt.Errorf("the variable %s (number %d) is declared twice", v.Name, v.ID)
		}
		if err := e.known(v.Type); err != nil {
			return fmt.Errorf("variable %s: %w", v.Name, err)
		}
		if v.Type.kind == KindList {
			return fmt.Errorf("the variable %s is a list; lists are fields of objects", v.Name)
		}
		e.variables[v.Name], ids[v.ID] = &v, v.Name
	}
	return nil
}

// known refuses types that no value can have.
func (e *Env) known(t Type) error {
	part := t
	if t.kind == KindList {
		part = t.Elem()
	}
	switch {
	case part.kind == KindObject && e.objects[part.object] == nil:
		return fmt.Errorf("the object type %q is not declared", part.object)
	case part.kind == KindObject, part.scalar():
		return nil
	}
	return fmt.Errorf("%s is not a type for values", t)
}

// prepare builds the parser and the checker.
func (e *Env) prepare() error {
	var err error
	e.parser, err = parser.NewParser(
		parser.EnablePrattParser(true),
		parser.Macros(parser.AllMacros...),
		parser.MaxRecursionDepth(MaxDepth),
		parser.ErrorReportingLimit(20),
		parser.MaxExpressionNodeCount(2*MaxSourceLength),
		parser.EnableIdentEscapeSyntax(false),
	)
	if err != nil {
		return err
	}
	e.checker, err = checker.NewEnv(containers.DefaultContainer, provider{e})
	if err != nil {
		return err
	}
	for _, f := range functionDecls() {
		if err := e.checker.AddFunctions(f); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.variables)) {
		if err := e.checker.AddIdents(decls.NewVariable(name, toCEL(e.variables[name].Type))); err != nil {
			return err
		}
	}
	return nil
}

// Zone is the time zone that moments are read in.
func (e *Env) Zone() *time.Location { return e.zone }

// FieldName is a field as "object.field", or "" if it is not declared.
func (e *Env) FieldName(f FieldID) string {
	place, ok := e.fields[f]
	if !ok {
		return ""
	}
	return place.object.Name + "." + place.field.Name
}

// objectPrefix keeps the names of object types apart from anything that an
// expression can write.
const objectPrefix = "object:"

var decimalType = types.NewOpaqueType("decimal")

func toCEL(t Type) *types.Type {
	switch t.kind {
	case KindBool:
		return types.BoolType
	case KindInt:
		return types.IntType
	case KindDecimal:
		return decimalType
	case KindString:
		return types.StringType
	case KindTimestamp:
		return types.TimestampType
	case KindDuration:
		return types.DurationType
	case KindObject:
		return types.NewObjectType(objectPrefix + t.object)
	case KindList:
		return types.NewListType(toCEL(t.Elem()))
	}
	return types.ErrorType
}

// fromCEL is the inverse of toCEL; ok is false for types that we do not have.
func fromCEL(t *types.Type) (_ Type, ok bool) {
	switch t.Kind() {
	case types.BoolKind:
		return Bool, true
	case types.IntKind:
		return Int, true
	case types.StringKind:
		return String, true
	case types.TimestampKind:
		return Timestamp, true
	case types.DurationKind:
		return Duration, true
	case types.OpaqueKind:
		return Decimal, t.TypeName() == decimalType.TypeName()
	case types.StructKind:
		return ObjectOf(t.TypeName()[len(objectPrefix):]), true
	case types.ListKind:
		elem, ok := fromCEL(t.Parameters()[0])
		return ListOf(elem), ok && elem.kind != KindList
	}
	return Type{}, false
}

// provider tells cel-go's checker about the object types.
type provider struct{ env *Env }

func (p provider) object(structType string) *object {
	if len(structType) <= len(objectPrefix) {
		return nil
	}
	return p.env.objects[structType[len(objectPrefix):]]
}

func (p provider) EnumValue(name string) ref.Val { return types.NewErr("no enumeration %s", name) }

func (p provider) FindIdent(string) (ref.Val, bool) { return nil, false }

func (p provider) FindStructType(name string) (*types.Type, bool) {
	if p.object(name) == nil {
		return nil, false
	}
	return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
}

func (p provider) FindStructFieldNames(name string) ([]string, bool) {
	o := p.object(name)
	if o == nil {
		return nil, false
	}
	return slices.Sorted(maps.Keys(o.byName)), true
}

func (p provider) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	o := p.object(name)
	if o == nil || o.byName[field] == nil {
		return nil, false
	}
	return &types.FieldType{Type: toCEL(o.byName[field].Type)}, true
}

func (p provider) NewValue(name string, _ map[string]ref.Val) ref.Val {
	return types.NewErr("objects such as %s cannot be made", name)
}
