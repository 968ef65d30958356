package event

import (
	"slices"
	"strings"
)

func (d *decoder) items() *Problem {
	if d.peek() != '[' {
		return d.wrongType("a list of items", "")
	}
	d.pos++
	for first := true; ; first = false {
		d.in, d.key = inEvent, "items"
		more, p := d.another(first, ']')
		if p != nil || !more {
			return p
		}
		if d.peek() != '{' {
			return d.wrongType("an item", `write it as {"sku": "A-1", "quantity": 2, "unit_price": "9.90"}`)
		}
		if len(d.event.Items) == MaxItems {
			return d.at(d.pos, tooMany(CodeTooManyItems, "an event has at most {Count} items", MaxItems))
		}
		d.in, d.index = inItem, len(d.event.Items)
		d.event.Items = append(d.event.Items, Item{Quantity: oneUnit})
		if p := d.item(&d.event.Items[d.index]); p != nil {
			return p
		}
	}
}

// oneUnit is the quantity of an item that tells none.
const oneUnit = 1_000

func (d *decoder) item(i *Item) *Problem {
	d.pos++
	for seen, first := uint64(0), true; ; first = false {
		offset, more, p := d.nextKey(first)
		if p != nil || !more {
			return p
		}
		f := itemField(d.key)
		if p := d.known(f, &seen, offset, itemKeys); p != nil {
			return p
		}
		if p := d.itemField(i, f); p != nil {
			return p
		}
	}
}

func (d *decoder) itemField(i *Item, f field) *Problem {
	if text := i.text(f); text != nil {
		return d.plainText(text, MaxTextLength)
	}
	offset := d.pos
	switch f {
	case fieldQuantity:
		if p := d.measured(&i.Quantity, quantities); p != nil {
			return p
		}
		return d.at(offset, quantityProblem(i.Quantity))
	case fieldUnitPrice:
		i.GivenUnitPrice = true
		if p := d.measured(&i.UnitPrice, unitPrices); p != nil {
			return p
		}
		return d.at(offset, amountProblem(d.key, i.UnitPrice, false))
	default: // fieldTotal
		i.GivenTotal = true
		return d.money(&i.Total)
	}
}

func (d *decoder) data() *Problem {
	if d.peek() != '{' {
		return d.wrongType("an object with the event's own fields", "")
	}
	d.pos++
	d.in = inData
	for first := true; ; first = false {
		offset, more, p := d.nextKey(first)
		if p != nil {
			return p
		}
		if !more {
			d.in = inEvent
			return nil
		}
		if !d.stored && len(d.event.Data) == MaxData {
			d.in, d.key = inEvent, "data"
			return d.at(offset, tooMany(CodeTooManyData, "an event has at most {Count} fields in data", MaxData))
		}
		if p := d.datum(offset); p != nil {
			return p
		}
	}
}

// datum reads one field into its place in the order of names. To what a caller sent the journal adds digests of
// personal values, of which a member may have many, so that the bounds of data
// are not those of stored events.
func (d *decoder) datum(keyOffset int) *Problem {
	if p := d.at(keyOffset, nameProblem(d.key)); p != nil {
		return p
	}
	datum := Datum{Name: d.key}
	if p := d.datumValue(&datum); p != nil {
		return p
	}
	i, found := slices.BinarySearchFunc(d.event.Data, datum.Name, compareName)
	if found {
		return d.at(keyOffset, duplicate(d.key))
	}
	d.event.Data = slices.Insert(d.event.Data, i, datum)
	return nil
}

func compareName(d Datum, name string) int { return strings.Compare(d.Name, name) }

func (d *decoder) datumValue(datum *Datum) *Problem {
	offset := d.pos
	rest := d.src[d.pos:]
	switch {
	case d.peek() == '"':
		datum.Kind = Text
		most := MaxTextLength
		if d.stored {
			most = MaxEncodedBytes
		}
		return d.plainText(&datum.Text, most)
	case strings.HasPrefix(rest, "true"):
		datum.Kind, datum.Whole = Truth, 1
		d.pos += len("true")
		return nil
	case strings.HasPrefix(rest, "false"):
		datum.Kind = Truth
		d.pos += len("false")
		return nil
	}
	numeral, ok := d.numeral()
	if !ok {
		return d.wrongType("a text, a number or a truth value", "data holds no objects and no lists; send a field for each value")
	}
	return d.at(offset, datum.number(numeral))
}
