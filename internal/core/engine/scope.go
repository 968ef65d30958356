package engine

import (
	"errors"

	"github.com/govalues/decimal"

	"premia/internal/core/calendar"
	"premia/internal/core/condition"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
)

// fact reads one declared field; index is the item's number for fields of an
// item.
type fact func(t *Turn, index int32) condition.Value

// RuleEvents are the built-in event types that rules may be about. A claim is
// decided as the purchase that it is about.
var RuleEvents = []string{event.Purchase, event.Return, event.Enrolment, event.Profile}

// The objects of an environment. A mechanic's own objects follow.
const (
	objectEvent condition.ObjectID = iota
	objectItem
	objectMember
	objectTime
	objectOwn
)

// The roots that every expression may start from.
const (
	varEvent condition.VarID = iota
	varItem
	varMember
	varTime
	varOwn
)

// field declares a field read by f.
func (c *Compiler) field(o *condition.Object, name string, kind condition.Type, doc string, f fact) {
	c.Program.facts = append(c.Program.facts, f)
	c.Program.recorded = append(c.Program.recorded, c.recordable(o, name, kind))
	o.Fields = append(o.Fields, condition.Field{Name: name, Type: kind, ID: condition.FieldID(len(c.Program.facts)), Doc: doc})
}

// recordable gives the number under which a purchase keeps what it read of a
// field: facts of the member, which are others later. What the event itself says
// is in the event.
func (c *Compiler) recordable(o *condition.Object, name string, kind condition.Type) ledger.Name {
	switch o.ID {
	case objectEvent, objectItem, objectTime:
		return 0
	}
	if kind.Kind() == condition.KindObject || o.Name == "data" {
		return 0
	}
	return c.Program.Names.Number("field." + o.Name + "." + name)
}

// Field is a field of an object that a mechanic adds to the environment.
type Field struct {
	Name  string
	Kind  condition.Type
	Doc   string
	Label text.Localized
	Read  func(t *Turn) condition.Value
	// Say is [condition.Field.Say], and Order [condition.Field.Order].
	Say   func(condition.Value) any
	Order []string
}

// Object adds an object to what conditions may read, as a root variable of that
// name. Fields of type ObjectOf another added object nest it: their Read gives
// no value, and the object's own fields are asked.
func (c *Compiler) Object(name string, root bool, fields ...Field) {
	id := objectOwn + condition.ObjectID(len(c.objects)-int(objectOwn))
	o := condition.Object{Name: name, ID: id}
	for _, f := range fields {
		read := f.Read
		c.field(&o, f.Name, f.Kind, f.Doc, func(t *Turn, _ int32) condition.Value { return read(t) })
		last := &o.Fields[len(o.Fields)-1]
		last.Label, last.Say, last.Order = f.Label, f.Say, f.Order
	}
	c.objects = append(c.objects, o)
	if root {
		c.rootVars = append(c.rootVars, condition.Variable{Name: name, Type: condition.ObjectOf(name), ID: varOwn + condition.VarID(len(c.rootVars))})
		c.Program.roots = append(c.Program.roots, id)
	}
}

// ObjectValue is the value of a field that nests the named object.
func (c *Compiler) ObjectValue(name string) condition.Value {
	for i := range c.objects {
		if c.objects[i].Name == name {
			return condition.ObjectValue(condition.ObjectRef{Object: c.objects[i].ID})
		}
	}
	panic("engine: no object " + name)
}

// declareBuiltIn declares what every program's conditions may read.
func (c *Compiler) declareBuiltIn() {
	c.objects = []condition.Object{c.eventObject(), c.itemObject(), c.memberObject(), c.timeObject()}
	for i := range c.objects {
		for j := range c.objects[i].Fields {
			f := &c.objects[i].Fields[j]
			f.Say = c.saying(f.Name)
		}
	}
}

func textOf(s string) condition.Value {
	if s == "" {
		return condition.Value{}
	}
	return condition.StringValue(s)
}

func moment(at calendar.Instant) condition.Value {
	if at == calendar.None {
		return condition.Value{}
	}
	return condition.TimestampMicroValue(int64(at))
}

// Exact gives an amount in minor units as a condition's decimal.
func Exact(minor int64, scale int) condition.Value {
	d, err := decimal.New(minor, scale)
	if err != nil {
		return condition.Value{}
	}
	return condition.DecimalValue(d)
}

func (c *Compiler) eventObject() condition.Object {
	o := condition.Object{Name: "event", ID: objectEvent}
	scale := c.Program.Currency.Scale
	add := func(name string, kind condition.Type, doc string, f func(e *event.Event) condition.Value) {
		c.field(&o, name, kind, doc, func(t *Turn, _ int32) condition.Value { return f(t.Event) })
	}
	add("type", condition.String, "the event's type", func(e *event.Event) condition.Value { return textOf(e.Type) })
	add("total", condition.Decimal, "what the customer pays, in the program's currency", func(e *event.Event) condition.Value { return Exact(e.Total, scale) })
	add("currency", condition.String, "the currency's code", func(e *event.Event) condition.Value { return textOf(e.Currency) })
	add("channel", condition.String, "where it happened: app, web, store …", func(e *event.Event) condition.Value { return textOf(e.Channel) })
	add("store", condition.String, "the store's id", func(e *event.Event) condition.Value { return textOf(e.Store) })
	add("order", condition.String, "the order's number", func(e *event.Event) condition.Value { return textOf(e.Order) })
	add("quantity", condition.Decimal, "the number of goods, all items together", func(e *event.Event) condition.Value {
		sum := int64(0)
		for i := range e.Items {
			sum += e.Items[i].Quantity
		}
		return Exact(sum, event.QuantityScale)
	})
	add("items", condition.ListOf(condition.ObjectOf("item")), "the items", func(e *event.Event) condition.Value {
		return condition.ObjectListValue(objectItem, 0, int32(len(e.Items)))
	})
	c.field(&o, "time", condition.Timestamp, "when it happened", func(t *Turn, _ int32) condition.Value { return moment(t.At) })
	return o
}

func (c *Compiler) itemObject() condition.Object {
	o := condition.Object{Name: "item", ID: objectItem}
	scale := c.Program.Currency.Scale
	add := func(name string, kind condition.Type, doc string, f func(i *event.Item) condition.Value) {
		c.field(&o, name, kind, doc, func(t *Turn, index int32) condition.Value { return f(t.itemAt(index)) })
	}
	add("sku", condition.String, "the item's stock number, empty if not given", func(i *event.Item) condition.Value { return condition.StringValue(i.SKU) })
	add("name", condition.String, "the item's name, empty if not given", func(i *event.Item) condition.Value { return condition.StringValue(i.Name) })
	add("category", condition.String, "the item's category, empty if not given", func(i *event.Item) condition.Value { return condition.StringValue(i.Category) })
	add("brand", condition.String, "the item's brand, empty if not given", func(i *event.Item) condition.Value { return condition.StringValue(i.Brand) })
	add("quantity", condition.Decimal, "how many, or how much", func(i *event.Item) condition.Value { return Exact(i.Quantity, event.QuantityScale) })
	add("unit_price", condition.Decimal, "the price of one", func(i *event.Item) condition.Value { return Exact(i.UnitPrice, event.UnitPriceScale) })
	add("total", condition.Decimal, "the price of the line", func(i *event.Item) condition.Value { return Exact(i.Total, scale) })
	return o
}

func (c *Compiler) memberObject() condition.Object {
	o := condition.Object{Name: "member", ID: objectMember}
	scale := c.Program.Currency.Scale
	add := func(name string, kind condition.Type, doc string, f func(s *ledger.State) condition.Value) {
		c.field(&o, name, kind, doc, func(t *Turn, _ int32) condition.Value { return f(t.State) })
	}
	add("enrolled", condition.Bool, "whether the person is a member, and no guest", func(s *ledger.State) condition.Value { return condition.BoolValue(s.EnrolledAt != calendar.None) })
	add("enrolled_at", condition.Timestamp, "since when the person is a member", func(s *ledger.State) condition.Value { return moment(s.EnrolledAt) })
	add("purchases", condition.Int, "how many purchases there were before this event", func(s *ledger.State) condition.Value { return condition.IntValue(s.Purchases) })
	add("spend", condition.Decimal, "the totals of the purchases before this event", func(s *ledger.State) condition.Value { return Exact(s.Spend, scale) })
	add("first_purchase", condition.Timestamp, "when the first purchase was", func(s *ledger.State) condition.Value { return moment(s.FirstPurchaseAt) })
	add("last_purchase", condition.Timestamp, "when the last purchase was", func(s *ledger.State) condition.Value { return moment(s.LastPurchaseAt) })
	for _, known := range MemberFacts {
		add(known.Name, condition.String, known.Doc, func(s *ledger.State) condition.Value {
			v, _ := s.Fact(known.Name)
			return textOf(v)
		})
	}
	return o
}

// MemberFacts are the facts of a member that every program knows. They are
// derived, never personal values.
var MemberFacts = []struct{ Name, Doc string }{
	{"language", "the member's language: en, pl, cs or ru"},
	{"age_band", "the member's age band, such as 18-24"},
	{"birthday_month", "the month of the birthday, 01 to 12"},
	{"gender", "as the member says"},
	{"city", "the member's city"},
	{"country", "the member's country"},
}

// Weekdays are the names of days in documents, Monday first.
var Weekdays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// numbers are the whole numbers from one to another, both included.
func numbers(from, until int64) (all []condition.Value) {
	for n := from; n <= until; n++ {
		all = append(all, condition.IntValue(n))
	}
	return all
}

func texts(words []string) (all []condition.Value) {
	for _, word := range words {
		all = append(all, condition.StringValue(word))
	}
	return all
}

func (c *Compiler) timeObject() condition.Object {
	o := condition.Object{Name: "time", ID: objectTime}
	zone := c.Program.Zone
	c.field(&o, "hour", condition.Int, "the hour of the day, 0 to 23, in the program's zone", func(t *Turn, _ int32) condition.Value {
		return condition.IntValue(int64(t.At.In(zone).Hour()))
	})
	c.field(&o, "weekday", condition.String, "mon, tue, wed, thu, fri, sat or sun", func(t *Turn, _ int32) condition.Value {
		return condition.StringValue(Weekdays[(t.At.In(zone).Weekday()+6)%7])
	})
	c.field(&o, "day", condition.Int, "the day of the month, 1 to 31", func(t *Turn, _ int32) condition.Value {
		return condition.IntValue(int64(t.At.In(zone).Day()))
	})
	c.field(&o, "month", condition.Int, "the month, 1 to 12", func(t *Turn, _ int32) condition.Value {
		return condition.IntValue(int64(t.At.In(zone).Month()))
	})
	for i, values := range [][]condition.Value{numbers(0, 23), texts(Weekdays), numbers(1, 31), numbers(1, 12)} {
		o.Fields[i].Values = values
	}
	c.field(&o, "date", condition.String, "the date, such as 2026-05-01", func(t *Turn, _ int32) condition.Value {
		return condition.StringValue(t.At.In(zone).Format("2006-01-02"))
	})
	return o
}

// CloseEnv fixes what conditions may read; objects can't be added after it. It
// fails when mechanics declare objects that contradict one another.
func (c *Compiler) CloseEnv() error {
	vars := []condition.Variable{
		{Name: "event", Type: condition.ObjectOf("event"), ID: varEvent},
		{Name: "member", Type: condition.ObjectOf("member"), ID: varMember},
		{Name: "time", Type: condition.ObjectOf("time"), ID: varTime},
	}
	vars = append(vars, c.rootVars...)
	var err error
	if c.Program.env, err = condition.NewEnv(c.Program.Zone, vars, c.objects); err != nil {
		return text.Say("declare what conditions may read: {Why}", err)
	}
	vars = append(vars, condition.Variable{Name: "item", Type: condition.ObjectOf("item"), ID: varItem})
	if c.Program.itemEnv, err = condition.NewEnv(c.Program.Zone, vars, c.objects); err != nil {
		return text.Say("declare what conditions on items may read: {Why}", err)
	}
	return nil
}

// ExtendEvent adds a field to what conditions may read of the event; it is used
// before CloseEnv.
func (c *Compiler) ExtendEvent(f Field) {
	o := &c.objects[objectEvent]
	c.field(o, f.Name, f.Kind, f.Doc, func(t *Turn, _ int32) condition.Value { return f.Read(t) })
}

// neverTrue reports a condition that nothing can meet, at the place where it asks for too
// much.
func (c *Compiler) neverTrue(path string, x *condition.Expression) {
	why, never := x.Contradiction()
	if !never {
		return
	}
	message := text.Sentence("this condition can never be true")
	if why.About != "" {
		message = text.Say("this condition can never be true: it leaves no value for {Field}", why.About)
	}
	p := c.Source.Problem(path, "never_true", message, "remove the rule, or mend the condition")
	p.Pos = c.Source.Inside(path, why.Offset)
	c.problems = append(c.problems, p)
}

// expression compiles src in the closed environment and reports its mistakes at
// their places.
func (c *Compiler) expression(path, src string, item bool, want condition.Type) *condition.Expression {
	if src == "" {
		return nil
	}
	env := c.Program.env
	if item {
		env = c.Program.itemEnv
	}
	x, err := env.Compile(src, want)
	if err == nil {
		c.neverTrue(path, x)
		c.compared(path, x)
		return x
	}
	var mistakes condition.Errors
	if !errors.As(err, &mistakes) {
		c.Problem(path, "condition", text.Of(err), "")
	}
	for _, e := range mistakes {
		p := c.Source.Problem(path, "condition", e.Message, e.Hint)
		p.Pos = c.Source.Inside(path, e.Offset)
		c.problems = append(c.problems, p)
	}
	return nil
}

// Var gives a root object to a condition.
func (t *Turn) Var(v condition.VarID) condition.Value {
	switch v {
	case varEvent:
		return condition.ObjectValue(condition.ObjectRef{Object: objectEvent})
	case varItem:
		return condition.ObjectValue(condition.ObjectRef{Object: objectItem, Index: int32(t.item)})
	case varMember:
		return condition.ObjectValue(condition.ObjectRef{Object: objectMember})
	case varTime:
		return condition.ObjectValue(condition.ObjectRef{Object: objectTime})
	}
	return condition.ObjectValue(condition.ObjectRef{Object: t.Program.roots[v-varOwn]})
}

// Field gives a field's value to a condition.
func (t *Turn) Field(o condition.ObjectRef, f condition.FieldID) condition.Value {
	if recorded := t.Program.recorded[f-1]; recorded != 0 && t.keeps() {
		return t.kept(recorded, f, o.Index)
	}
	return t.Program.facts[f-1](t, o.Index)
}

// Element is never asked: no declared field is a list of scalars.
func (t *Turn) Element(condition.ObjectRef, condition.FieldID, int) condition.Value {
	return condition.Value{}
}

// Readable lists the fields that conditions of the program may speak of, and with
// item those on one item of a purchase.
func (p *Program) Readable(item bool) []condition.Readable {
	env := p.env
	if item {
		env = p.itemEnv
	}
	if env == nil {
		return nil
	}
	return env.Readable()
}

// FieldWords names a field of conditions, as an argument of a message.
func (p *Program) FieldWords(f condition.FieldID) any { return p.env.FieldWords(f) }
