package condition

import (
	"embed"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/govalues/decimal"

	"premia/internal/core/text"
)

// Words are the catalogues of the messages that describe conditions, one file
// per language in the format of go-i18n.
//
//go:embed words/*.yaml
var Words embed.FS

// Words describes the expression for members. Whatever has no good phrase is
// the message "condition.formula", which quotes the source.
func (x *Expression) Words() text.Message {
	d := describer{x.source, x.env.zone}
	return d.condition(x.root)
}

// PartWords describes part i, 0 ≤ i < [Expression.Parts].
func (x *Expression) PartWords(i int) text.Message {
	d := describer{x.source, x.env.zone}
	return d.condition(x.parts[i].node)
}

// FieldWords names a declared field, for explanations: its label or the message
// "condition.field.<object>.<field>". It is nil if the field is not declared.
func (e *Env) FieldWords(f FieldID) any {
	place, ok := e.fields[f]
	if !ok {
		return nil
	}
	return nameWords(place.object, place.field)
}

// ValueWords is a scalar as an argument of a message, for explanations; nil if
// it is absent, an object or a list.
func (e *Env) ValueWords(v Value) any {
	if !(Type{kind: v.Kind()}).scalar() {
		return nil
	}
	return describer{zone: e.zone}.value(v)
}

// ReadWords is a value that part i read first ([Outcome.Read]) as an argument of
// a message, for explanations; nil if it is said as any value of its kind.
func (x *Expression) ReadWords(i int, v Value) any {
	if read := x.parts[i].read; read != nil && read.field != nil && read.field.Say != nil {
		return read.field.Say(v)
	}
	return nil
}

type describer struct {
	source *source
	zone   *time.Location
}

// condition describes a node of type Bool, and any other by its source.
func (d describer) condition(n *node) text.Message {
	m, ok := d.phrase(n)
	if !ok {
		return text.New("condition.formula", "Source", text.Quoted(d.source.snippet(n)))
	}
	return m
}

func (d describer) phrase(n *node) (text.Message, bool) {
	switch n.op {
	case opAnd:
		return text.New("condition.and", "Items", text.List{Items: d.conditions(n)}), true
	case opOr:
		return text.New("condition.or", "Items", text.List{Items: d.conditions(n), Or: true}), true
	case opNot:
		return d.negation(n.args[0])
	case opHas:
		return text.New("condition.has", "Field", fieldWords(n)), true
	case opField:
		return text.New("condition.is_true", "Field", fieldWords(n)), n.typ == Bool
	case opExists, opAll, opExistsOne:
		return d.loop(n)
	case opIn:
		return d.membership(n, "condition.one_of")
	}
	if n.op >= opEqual && n.op <= opGreaterOrEqual {
		return d.comparison(n)
	}
	return d.stringTest(n)
}

// conditions describes the arguments of && or ||; one that is itself such a
// list is put between brackets.
func (d describer) conditions(n *node) []any {
	out := make([]any, len(n.args))
	for i, a := range n.args {
		m := d.condition(a)
		if a.op == opAnd || a.op == opOr {
			m = text.New("condition.group", "Condition", m)
		}
		out[i] = m
	}
	return out
}

// opposites are the operators that say the contrary.
var opposites = map[op]op{
	opEqual: opNotEqual, opNotEqual: opEqual, opLess: opGreaterOrEqual,
	opGreaterOrEqual: opLess, opGreater: opLessOrEqual, opLessOrEqual: opGreater,
}

// negation describes what must not hold.
func (d describer) negation(n *node) (text.Message, bool) {
	if opposite, ok := opposites[n.op]; ok {
		contrary := *n
		contrary.op = opposite
		return d.comparison(&contrary)
	}
	switch n.op {
	case opNot:
		return d.phrase(n.args[0])
	case opHas:
		return text.New("condition.has_not", "Field", fieldWords(n)), true
	case opField:
		return text.New("condition.is_false", "Field", fieldWords(n)), true
	case opIn:
		return d.membership(n, "condition.none_of")
	case opExists:
		if isItems(n.args[0]) {
			return text.New("condition.no_item", "Condition", d.condition(n.args[1])), true
		}
	}
	inner, ok := d.phrase(n)
	return text.New("condition.not", "Condition", inner), ok
}

// isItems says whether the list is a field with objects, such as the items of an
// event.
func isItems(n *node) bool {
	return n.op == opField && n.typ.kind == KindList && n.typ.elem == KindObject
}

var loopPhrases = map[op]string{
	opExists: "condition.any_item", opAll: "condition.every_item", opExistsOne: "condition.one_item",
}

func (d describer) loop(n *node) (text.Message, bool) {
	if !isItems(n.args[0]) {
		return text.Message{}, false
	}
	return text.New(loopPhrases[n.op], "Condition", d.condition(n.args[1])), true
}

var comparisonPhrases = map[op]string{
	opEqual: "condition.equal", opNotEqual: "condition.not_equal",
	opLess: "condition.less", opLessOrEqual: "condition.less_or_equal",
	opGreater: "condition.greater", opGreaterOrEqual: "condition.greater_or_equal",
}

// mirrored are the operators with the sides exchanged.
var mirrored = map[op]op{
	opEqual: opEqual, opNotEqual: opNotEqual, opLess: opGreater,
	opGreater: opLess, opLessOrEqual: opGreaterOrEqual, opGreaterOrEqual: opLessOrEqual,
}

func (d describer) comparison(n *node) (text.Message, bool) {
	o, left, right := n.op, n.args[0], n.args[1]
	if left.constant != nil {
		o, left, right = mirrored[o], right, left
	}
	subject, ok := d.subject(left)
	if !ok {
		return text.Message{}, false
	}
	if right.constant != nil && right.typ == Bool {
		if right.constant.Bool() == (o == opEqual) {
			return text.New("condition.is_true", "Field", subject), true
		}
		return text.New("condition.is_false", "Field", subject), true
	}
	if comparesNone(o, left, right) {
		return text.New("condition.none_before"), true
	}
	value, ok := d.object(left, right)
	id := comparisonPhrases[o]
	if _, named := value.(text.Localized); named && o != opEqual && o != opNotEqual {
		id += ".ranked" // a level is not "at least" another, but as high or higher
	}
	return text.New(id, "Field", subject, "Value", value), ok
}

// FirstPurchase tells whether the condition asks, whatever else it asks, that the member
// has bought nothing before.
func (x *Expression) FirstPurchase() bool {
	all := []*node{x.root}
	if x.root.op == opAnd {
		all = x.root.args
	}
	return slices.ContainsFunc(all, func(n *node) bool {
		switch {
		case n.op < opEqual || n.op > opGreaterOrEqual:
			return false
		case n.args[0].constant != nil:
			return comparesNone(mirrored[n.op], n.args[1], n.args[0])
		}
		return comparesNone(n.op, n.args[0], n.args[1])
	})
}

// comparesNone tells whether a comparison is true of those who have bought nothing.
func comparesNone(o op, left, right *node) bool {
	if left.op == opToDecimal {
		left = left.args[0]
	}
	if left.op != opField || left.object.Name != "member" || left.field.Name != "purchases" || right.constant == nil {
		return false
	}
	var bound int64
	switch v := right.constant; v.Kind() {
	case KindInt:
		bound = v.Int()
	case KindDecimal:
		whole, _, ok := v.Decimal().Int64(0)
		if !ok || !v.Decimal().IsInt() {
			return false
		}
		bound = whole
	default:
		return false
	}
	return (o == opEqual || o == opLessOrEqual) && bound == 0 || o == opLess && bound == 1
}

// subject is what a phrase speaks of: a field, the number of a list's elements,
// the sum of a field over the items.
func (d describer) subject(n *node) (any, bool) {
	switch n.op {
	case opField:
		return fieldWords(n), true
	case opLocal, opVariable:
		return text.New("condition.element"), n.op == opLocal
	case opToDecimal, opLowerASCII:
		return d.subject(n.args[0])
	case opSize:
		if n.args[0].op == opField && n.args[0].typ.kind == KindList {
			return text.New("condition.number_of", "Field", fieldWords(n.args[0])), true
		}
	case opSum:
		list := n.args[0]
		if list.op == opMap && isItems(list.args[0]) && list.args[1].op == opField {
			return text.New("condition.sum_of", "Field", fieldWords(list.args[1])), true
		}
	}
	return nil, false
}

// object is what a subject is compared with.
func (d describer) object(subject, n *node) (any, bool) {
	if n.constant != nil {
		return d.valueOf(subject, *n.constant), true
	}
	return d.subject(n)
}

// valueOf is a value that a subject is compared with, as the subject's field
// says its values.
func (d describer) valueOf(subject *node, v Value) any {
	if f := sayingField(subject); f != nil && f.Say != nil {
		if said := f.Say(v); said != nil {
			return said
		}
	}
	return d.value(v)
}

// sayingField is the field whose values a subject has; nil if it is none's.
func sayingField(n *node) *Field {
	switch n.op {
	case opField:
		return n.field
	case opToDecimal, opLowerASCII:
		return sayingField(n.args[0])
	case opSum:
		if list := n.args[0]; list.op == opMap {
			return sayingField(list.args[1])
		}
	}
	return nil
}

func (d describer) value(v Value) any {
	switch v.Kind() {
	case KindBool:
		if v.Bool() {
			return text.New("condition.yes")
		}
		return text.New("condition.no")
	case KindInt:
		return v.Int()
	case KindDecimal:
		return number(v.Decimal())
	case KindTimestamp:
		return d.moment(v.Time().In(d.zone))
	case KindDuration:
		return span(v.Duration())
	}
	return text.Quoted(v.Text())
}

// number is a decimal that each language writes in its own way: an amount of a
// unit without a name. One of more digits than that holds stays as it is.
func number(d decimal.Decimal) any {
	coefficient := d.Coef()
	if coefficient > math.MaxInt64 {
		return d.String()
	}
	minor := int64(coefficient)
	if d.IsNeg() {
		minor = -minor
	}
	return text.Points{Minor: minor, Scale: d.Scale()}
}

// moment is a day if it is the midnight that the day begins with.
func (d describer) moment(t time.Time) any {
	year, month, day := t.Date()
	if t.Equal(time.Date(year, month, day, 0, 0, 0, 0, d.zone)) {
		return text.Date{Year: year, Month: month, Day: day}
	}
	return text.Moment(t)
}

// span is a duration of whole minutes in days, hours and minutes; any other as
// Go writes it.
func span(d time.Duration) any {
	if d <= 0 || d%time.Minute != 0 {
		return d.String()
	}
	const day = 24 * time.Hour
	return text.Span{Days: int(d / day), Hours: int(d % day / time.Hour), Minutes: int(d % time.Hour / time.Minute)}
}

// membership describes in: a field in a list of constants, or a constant in a
// field that is a list.
func (d describer) membership(n *node, id string) (text.Message, bool) {
	element, list := n.args[0], n.args[1]
	if list.op == opField && element.constant != nil {
		contains := map[string]string{"condition.one_of": "condition.list_has", "condition.none_of": "condition.list_has_not"}
		return text.New(contains[id], "Field", fieldWords(list), "Value", d.valueOf(list, *element.constant)), true
	}
	subject, ok := d.subject(element)
	if !ok || list.op != opList || list.constant == nil || len(list.args) == 0 {
		return text.Message{}, false
	}
	values := make([]any, len(list.args))
	for i, v := range list.items() {
		values[i] = d.valueOf(element, v)
	}
	return text.New(id, "Field", subject, "Values", text.List{Items: values, Or: true}), true
}

var stringPhrases = map[op]string{
	opStartsWith: "condition.starts_with", opEndsWith: "condition.ends_with", opContains: "condition.contains",
}

func (d describer) stringTest(n *node) (text.Message, bool) {
	id, known := stringPhrases[n.op]
	if !known {
		return text.Message{}, false
	}
	subject, ok := d.subject(n.args[0])
	if !ok || n.args[1].constant == nil {
		return text.Message{}, false
	}
	return text.New(id, "Field", subject, "Value", d.value(*n.args[1].constant)), true
}

// nameWords names a field by its label or by "condition.field.<object>.<field>",
// where <object> ends at the first point: wallet.beans and wallet.stars share
// their words.
func nameWords(o *object, f *Field) any {
	if len(f.Label.Texts) > 0 {
		return f.Label
	}
	object, _, _ := strings.Cut(o.Name, ".")
	return text.New("condition.field." + object + "." + f.Name)
}

// fieldWords names a field; within an object that has a label of its own, as
// part of that.
func fieldWords(n *node) any {
	name, owner := nameWords(n.object, n.field), n.args[0]
	if owner.op == opField && len(owner.field.Label.Texts) > 0 {
		return text.New("condition.field_of", "Owner", owner.field.Label, "Field", name)
	}
	return name
}
