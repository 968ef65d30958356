package file

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/govalues/decimal"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/money"
)

// builder makes events of rows.
type builder struct {
	m     *Mapping
	zone  *time.Location
	scale int // of the currency
	// data are the fields that the program declares, by event type.
	data map[string][]document.Entry[DataField]

	// Of the last moment that was read: lines of one event mostly share it.
	timeText string
	timeAt   calendar.Instant
	scratch  []byte
}

// newBuilder prepares the making of events for a program that the mapping fits.
func newBuilder(m *Mapping, p *engine.Program) (builder, error) {
	b := builder{m: m, zone: p.Zone, scale: p.Currency.Scale, data: map[string][]document.Entry[DataField]{}}
	if m.Time.Zone != "" {
		var err error
		if b.zone, err = calendar.Zone(m.Time.Zone); err != nil {
			return b, err
		}
	}
	for _, t := range m.Types {
		et := p.EventType(t.Event)
		if et == nil || b.data[t.Event] != nil {
			continue
		}
		for _, declared := range et.Fields {
			if field, mapped := m.Event.Data.Get(declared.ID); mapped {
				b.data[t.Event] = append(b.data[t.Event], document.Entry[DataField]{Key: declared.ID, Value: field})
			}
		}
	}
	return b, nil
}

// kind finds the type of event to which a row belongs.
func (b *builder) kind(values []string) *kind {
	for i := range b.m.compiled.types {
		if k := &b.m.compiled.types[i]; met(k.when, values) {
			return k
		}
	}
	return nil
}

// clean cleans a row's values.
func (b *builder) clean(values []string) {
	for i := range b.m.compiled.cleans {
		c := &b.m.compiled.cleans[i]
		values[c.slot] = c.of(values[c.slot])
	}
}

// left tells whether a row is left out, and whether as a guest's.
func (b *builder) left(values []string) (out, guest bool) {
	for i := range b.m.compiled.leave {
		if l := &b.m.compiled.leave[i]; met(l.when, values) {
			return true, l.guest
		}
	}
	return false, false
}

// begin makes an event of its first row, without items and time.
func (b *builder) begin(k *kind, values []string) (*event.Event, string) {
	f := &b.m.Event
	for _, t := range [...]*Template{&f.ID, &f.Member} {
		if column, empty := t.missing(values); empty {
			return nil, "the column " + column + " is empty"
		}
	}
	e := &event.Event{
		Type: k.event, ID: f.ID.of(values), Member: f.Member.of(values), Order: f.Order.of(values),
		Currency: f.Currency.of(values), Channel: f.Channel.of(values), Store: f.Store.of(values),
		Reference: f.Reference.of(values),
	}
	for _, a := range b.m.compiled.amounts {
		text := a.template.of(values)
		if text == "" {
			continue
		}
		minor, err := money.Parse(b.numeral(text), b.scale)
		if err != nil {
			return nil, a.key + ": " + err.Error()
		}
		if k.negative {
			minor = -minor
		}
		*a.field(e), e.Given = minor, e.Given|a.given
	}
	for _, field := range b.data[k.event] {
		text := field.Value.Value.of(values)
		if text == "" {
			continue
		}
		d, problem := b.datum(field.Key, field.Value.Type, text)
		if problem != "" {
			return nil, problem
		}
		e.Data = append(e.Data, d)
	}
	return e, ""
}

// differs names what a further row of the event says otherwise than its first.
func (b *builder) differs(e *event.Event, k *kind, values []string) (what string, differs bool) {
	f := &b.m.Event
	if k.event != e.Type {
		return "type", true
	}
	for _, field := range [...]struct {
		name string
		t    *Template
		was  string
	}{{"id", &f.ID, e.ID}, {"member", &f.Member, e.Member}, {"order", &f.Order, e.Order}} {
		if !field.t.given() {
			continue
		}
		var filled bool
		b.scratch, filled = field.t.append(b.scratch[:0], values)
		if filled != (field.was != "") || filled && string(b.scratch) != field.was {
			return field.name, true
		}
	}
	return "", false
}

func (b *builder) datum(name, kind, text string) (event.Datum, string) {
	d := event.Datum{Name: name, Kind: event.Text, Text: text}
	switch kind {
	case "truth":
		switch text {
		case "true", "1", "yes":
			return event.Datum{Name: name, Kind: event.Truth, Whole: 1}, ""
		case "false", "0", "no":
			return event.Datum{Name: name, Kind: event.Truth}, ""
		}
		return d, fmt.Sprintf("data.%s: %q is neither true nor false", name, text)
	case "number":
		numeral := b.numeral(text)
		if whole, err := strconv.ParseInt(numeral, 10, 64); err == nil {
			return event.Datum{Name: name, Kind: event.Whole, Whole: whole}, ""
		}
		value, err := decimal.Parse(numeral)
		if err != nil || strings.ContainsAny(numeral, "eE+") {
			return d, fmt.Sprintf("data.%s: %q is not a number", name, text)
		}
		value = value.Trim(0)
		if whole, _, ok := value.Int64(0); ok && value.Scale() == 0 {
			return event.Datum{Name: name, Kind: event.Whole, Whole: whole}, ""
		}
		return event.Datum{Name: name, Kind: event.Decimal, Decimal: value}, ""
	}
	return d, ""
}

// numeral turns a number as the file writes it into one with a point.
func (b *builder) numeral(text string) string {
	if b.m.Format.Decimal != "comma" {
		return text
	}
	if strings.Contains(text, ".") {
		// A point would group thousands, or the file mixes both: refuse either.
		return text + " "
	}
	return strings.Replace(text, ",", ".", 1)
}

// moment reads a row's time.
func (b *builder) moment(text string) (calendar.Instant, string) {
	if text == b.timeText && text != "" {
		return b.timeAt, ""
	}
	l := &b.m.Time.Layout
	at := calendar.None
	if l.pattern == "" {
		n, err := strconv.ParseInt(text, 10, 64)
		const most = int64(1) << 43 // far beyond any event's time, in milliseconds
		if err != nil || n < -most || n > most {
			return 0, fmt.Sprintf("the time %q is not a number of %s", text, strings.TrimPrefix(l.text, "unix "))
		}
		at = calendar.Instant(n) * l.unit
	} else {
		t, err := time.ParseInLocation(l.pattern, text, b.zone)
		if err != nil {
			return 0, fmt.Sprintf("the time %q is not written as %s", text, l.text)
		}
		at = calendar.Of(t)
	}
	b.timeText, b.timeAt = text, at
	return at, ""
}

// item makes an item of a row. skip tells that the row is left out as an odd
// one.
func (b *builder) item(k *kind, values []string) (i event.Item, skip bool, problem string) {
	f := b.m.Items
	i = event.Item{
		SKU: f.SKU.of(values), Name: f.Name.of(values), Category: f.Category.of(values), Brand: f.Brand.of(values),
		Quantity: 1_000,
	}
	if text := f.Quantity.of(values); f.Quantity.given() {
		quantity, err := money.Parse(b.numeral(text), event.QuantityScale)
		if err != nil {
			return i, false, "quantity: " + err.Error()
		}
		if k.negative {
			quantity = -quantity
		}
		i.Quantity = quantity
	}
	for _, p := range [...]struct {
		name  string
		t     *Template
		scale int
		to    *int64
		given *bool
	}{
		{"unit price", &f.UnitPrice, event.UnitPriceScale, &i.UnitPrice, &i.GivenUnitPrice},
		{"total", &f.Total, b.scale, &i.Total, &i.GivenTotal},
	} {
		text := p.t.of(values)
		if text == "" {
			continue
		}
		value, err := money.Parse(b.numeral(text), p.scale)
		if err != nil {
			return i, false, p.name + ": " + err.Error()
		}
		if p.name == "total" && k.negative {
			value = -value
		}
		*p.to, *p.given = value, true
	}
	skip, problem = b.odd(&i, k)
	return i, skip, problem
}

// odd applies the mapping's policy for rows that sell nothing.
func (b *builder) odd(i *event.Item, k *kind) (skip bool, problem string) {
	odd := &b.m.OddRows
	price := i.UnitPrice
	if !i.GivenUnitPrice {
		price = i.Total
	}
	for _, o := range [...]struct {
		is      bool
		policy  string
		problem string
	}{
		{i.Quantity == 0, odd.ZeroQuantity, "the quantity is zero"},
		{i.Quantity < 0, odd.WrongSign, "the quantity has the wrong sign for an event of type " + k.event},
		{price < 0, odd.NegativePrice, "the price is below zero"},
		{price == 0 && odd.ZeroPrice != "" && odd.ZeroPrice != "keep", odd.ZeroPrice, "the price is zero"},
	} {
		if !o.is {
			continue
		}
		if o.policy == "leave out" {
			return true, ""
		}
		return false, o.problem
	}
	return false, ""
}
