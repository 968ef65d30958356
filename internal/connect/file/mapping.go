package file

import (
	"premia/internal/core/document"
)

// Mapping is the document that says how a file's lines become events.
type Mapping struct {
	Name     string               `doc:"mapping,required" max_len:"120" help:"what the mapping is for"`
	Format   Format               `doc:"format,required" help:"how the file is written"`
	Columns  document.Map[Column] `doc:"columns" help:"column: how its text is cleaned before anything reads it"`
	Group    *Group               `doc:"group" help:"which lines make up one event; each line is one if not said"`
	LeaveOut []LeaveOut           `doc:"leave out" max_len:"20" help:"lines that are counted and not imported"`
	Time     Time                 `doc:"time,required" help:"when the event happened; of several lines the earliest"`
	Types    []Type               `doc:"types,required" min_len:"1" max_len:"50" help:"which type of event a line belongs to; the first that fits counts"`
	Event    EventFields          `doc:"event,required" help:"what the event says, from its first line"`
	Items    *ItemFields          `doc:"items" help:"what each line adds as an item; without it events have no items"`
	OddRows  OddRows              `doc:"odd rows" help:"what happens with lines that sell nothing"`

	source   *document.Source
	compiled compiled
}

// Format is how a file is written.
type Format struct {
	Type      string   `doc:"type,required" enum:"csv|ndjson" help:"csv, or ndjson: a JSON object a line, in which the column value.amount is the key amount inside value"`
	Delimiter string   `doc:"delimiter" enum:"comma|semicolon|tab|pipe" help:"what stands between the fields of CSV; comma if not said"`
	Quote     string   `doc:"quote" enum:"double|single|none" help:"what stands around fields of CSV that hold delimiters; double if not said"`
	Header    []string `doc:"header" min_len:"1" max_len:"1000" help:"the names of the columns of CSV, where the file's first line does not say them"`
	Encoding  string   `doc:"encoding" enum:"utf-8|latin-1|windows-1250|windows-1251|windows-1252" help:"utf-8 if not said"`
	Decimal   string   `doc:"decimal" enum:"point|comma" help:"what stands before the decimals of numbers; point if not said"`
}

// Column says how a column's text is cleaned, in the order of the keys here.
type Column struct {
	Trim  bool   `doc:"trim" help:"remove spaces around the text"`
	Strip string `doc:"strip" min_len:"1" max_len:"60" help:"an ending that is removed, such as .0"`
	Case  string `doc:"case" enum:"lower|upper" help:"turn letters into small or capital ones"`
}

// Group says which lines make up one event.
type Group struct {
	By     string `doc:"by,required" help:"the column in which the lines of one event agree"`
	Within int    `doc:"within" min:"0" max:"10000" help:"how many other lines may stand between two lines of one event; 0, if not said, means that they follow one another"`
}

// LeaveOut names lines that are not imported.
type LeaveOut struct {
	When document.Map[Test] `doc:"when,required" min_len:"1" help:"column: what it must be; all of them"`
	As   string             `doc:"as" enum:"guest|other" help:"under which head they are counted; other if not said"`
}

// Test is a simple test of one column.
type Test struct {
	Equal  *string `doc:"equal" help:"the whole text"`
	Prefix string  `doc:"prefix" min_len:"1" help:"how the text begins"`
	Suffix string  `doc:"suffix" min_len:"1" help:"how the text ends"`
	Empty  *bool   `doc:"empty" help:"true: there is no text; false: there is some"`
}

// Shorthand reads a plain text as the whole text.
func (t *Test) Shorthand(text string) error {
	t.Equal = &text
	return nil
}

// Time says where the event's moment stands and how it is written.
type Time struct {
	Column string `doc:"column,required" help:"the column that holds it"`
	Layout Layout `doc:"layout,required" help:"RFC 3339, unix seconds, unix milliseconds, or a pattern such as YYYY-MM-DD hh:mm:ss"`
	Zone   string `doc:"zone" help:"the IANA time zone of the times in the file; the program's if not said"`
}

// Type says which lines belong to a type of event.
type Type struct {
	Event      string             `doc:"event,required" help:"the type: purchase, return, or one that the program declares"`
	When       document.Map[Test] `doc:"when" help:"column: what it must be; all of them. Without it, every line that fits no type above"`
	Quantities string             `doc:"quantities" enum:"positive|negative" help:"negative: the file writes goods given back with a minus; positive if not said"`
}

// EventFields are the event's own fields, as templates: text in which {Column}
// stands for the column's text. A field of which all columns are empty is left
// out.
type EventFields struct {
	ID                Template                `doc:"id,required" help:"the event's id, the same whenever the file is read, such as invoice:{InvoiceNo}"`
	Member            Template                `doc:"member" help:"an identity of the member, such as customer:{CustomerID}; without it all are guests"`
	Order             Template                `doc:"order" help:"the shop's number of the purchase"`
	Currency          Template                `doc:"currency" help:"the program's if not said"`
	Channel           Template                `doc:"channel"`
	Store             Template                `doc:"store"`
	Reference         Template                `doc:"reference"`
	Total             Template                `doc:"total" help:"what the customer pays, where it is not the sum of the items"`
	Tax               Template                `doc:"tax" help:"contained in the total"`
	Shipping          Template                `doc:"shipping" help:"contained in the total"`
	Discount          Template                `doc:"discount" help:"already taken off the total"`
	PaidWithGiftCards Template                `doc:"paid with gift cards"`
	PaidWithPoints    Template                `doc:"paid with points"`
	Data              document.Map[DataField] `doc:"data" max_len:"50" help:"field that the program declares: its value, for the types that have it"`
}

// DataField is a field of the program's own.
type DataField struct {
	Value Template `doc:"value,required" help:"the value, such as {Country}"`
	Type  string   `doc:"type" enum:"text|number|truth" help:"text if not said"`
}

// Shorthand reads a plain template as a text.
func (f *DataField) Shorthand(text string) error {
	return f.Value.UnmarshalText([]byte(text))
}

// ItemFields are the fields of an item, one for each line.
type ItemFields struct {
	SKU       Template `doc:"sku" help:"the stock number"`
	Name      Template `doc:"name"`
	Category  Template `doc:"category"`
	Brand     Template `doc:"brand"`
	Quantity  Template `doc:"quantity" help:"how many, or how much; one piece if not said"`
	UnitPrice Template `doc:"unit price" help:"the price of one, with at most six decimals"`
	Total     Template `doc:"total" help:"the price of the line, where it is not quantity × unit price"`
}

// OddRows says what happens with lines that sell nothing: they are kept as
// items, left out of their event and counted, or rejected with it.
type OddRows struct {
	ZeroPrice     string `doc:"zero price" enum:"keep|leave out|reject" help:"keep if not said"`
	NegativePrice string `doc:"negative price" enum:"leave out|reject" help:"reject if not said"`
	ZeroQuantity  string `doc:"zero quantity" enum:"leave out|reject" help:"reject if not said"`
	// WrongSign is a quantity below zero in a purchase, or one above zero where
	// returns are written with a minus.
	WrongSign string `doc:"wrong sign" enum:"leave out|reject" help:"a quantity below zero in a purchase, or above zero among negative returns; reject if not said"`
}

// ParseMapping reads and checks a mapping. The error is of type
// [document.Problems] and lists all mistakes with their places.
func ParseMapping(name string, src []byte) (*Mapping, error) {
	m := &Mapping{}
	source, problems := document.Read(name, src, m)
	if source == nil {
		return nil, problems
	}
	m.source = source
	if len(problems) == 0 {
		problems = m.check()
	}
	problems.Sort()
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return m, nil
}

// MappingSchema gives the JSON Schema of mappings, for editors.
func MappingSchema() ([]byte, error) { return document.Schema(&Mapping{}, "Premia mapping") }
