package file

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/event"
	"premia/internal/core/text"
)

// compiled is a mapping in the form that rows are read by. Columns are numbered
// by slots, in the order in which the mapping first names them.
type compiled struct {
	columns []named
	slots   map[string]int
	cleans  []clean
	leave   []leave
	types   []kind
	group   int // slot; -1 without groups
	time    int // slot
	amounts []amount
}

// named is a column and where in the mapping it is named first.
type named struct{ column, path string }

// clean is a column's cleaning.
type clean struct {
	slot int
	Column
}

// condition is a test of one column.
type condition struct {
	slot int
	test Test
}

// leave is lines that are left out.
type leave struct {
	when  []condition
	guest bool
}

// kind is a type of event.
type kind struct {
	event    string
	when     []condition
	negative bool
}

// amount is a field of money of the event.
type amount struct {
	key      string
	template *Template
	given    event.Field
	field    func(*event.Event) *int64
}

// checker collects the problems of a mapping.
type checker struct {
	m        *Mapping
	problems document.Problems
}

func (c *checker) problem(path, code string, message, hint text.Sentence) {
	c.problems = append(c.problems, c.m.source.Problem(path, code, message, hint))
}

// check checks what the keys mean together, and compiles the mapping.
func (m *Mapping) check() document.Problems {
	c := checker{m: m}
	x := &m.compiled
	x.slots, x.group = map[string]int{}, -1
	c.format()
	x.time = c.slot("time.column", m.Time.Column)
	if m.Time.Zone != "" {
		if _, err := calendar.Zone(m.Time.Zone); err != nil {
			c.problem("time.zone", "unknown_timezone", text.Of(err), "")
		}
	}
	if m.Group != nil {
		x.group = c.slot("group.by", m.Group.By)
	}
	for i, l := range m.LeaveOut {
		path := document.Join(document.Index("leave out", i), "when")
		x.leave = append(x.leave, leave{when: c.conditions(path, l.When), guest: l.As == "guest"})
	}
	c.types()
	c.event()
	c.items()
	for name, column := range m.Columns.All() {
		slot, read := x.slots[name]
		if !read {
			c.problem(document.Join("columns", name), "never_applies", text.Say("nothing reads the column {Name}", strconv.Quote(name)), "remove it, or name the column as it stands in a template")
			continue
		}
		x.cleans = append(x.cleans, clean{slot, column})
	}
	return c.problems
}

func (c *checker) format() {
	f := &c.m.Format
	if f.Type == "ndjson" {
		for key, said := range map[string]bool{"delimiter": f.Delimiter != "", "quote": f.Quote != "", "header": f.Header != nil} {
			if said {
				c.problem("format."+key, "never_applies", text.Say("{Key} is for CSV only", key), "remove it")
			}
		}
	}
	seen := map[string]bool{}
	for i, name := range f.Header {
		if seen[name] {
			c.problem(document.Index("format.header", i), "duplicate", text.Say("the column {Name} is listed twice", strconv.Quote(name)), "give each column a name of its own")
		}
		seen[name] = true
	}
}

// slot gives a column its number; with a header in the mapping the column must
// be in it.
func (c *checker) slot(path, column string) int {
	x := &c.m.compiled
	if slot, known := x.slots[column]; known {
		return slot
	}
	slot := len(x.columns)
	x.slots[column] = slot
	x.columns = append(x.columns, named{column, path})
	if header := c.m.Format.Header; header != nil && c.m.Format.Type == "csv" {
		if _, err := find(column, header); err != nil {
			c.problem(path, "unknown_column", text.Of(err), hintFor(column, header))
		}
	}
	return slot
}

func (c *checker) conditions(path string, when document.Map[Test]) []condition {
	var all []condition
	for column, test := range when.All() {
		here := document.Join(path, column)
		said := 0
		for _, there := range [...]bool{test.Equal != nil, test.Prefix != "", test.Suffix != "", test.Empty != nil} {
			if there {
				said++
			}
		}
		if said != 1 {
			c.problem(here, "ambiguous", text.Say("a test of a column says one thing, this says {Count}", said), "write one of equal, prefix, suffix and empty")
		}
		all = append(all, condition{c.slot(here, column), test})
	}
	return all
}

func (c *checker) types() {
	for i, t := range c.m.Types {
		path := document.Index("types", i)
		if i > 0 && c.m.Types[i-1].When.Len() == 0 {
			c.problem(path, "never_applies", "the type before has no condition, so no line ever comes here", "put the type without a condition last")
		}
		c.m.compiled.types = append(c.m.compiled.types, kind{
			event: t.Event, when: c.conditions(path+".when", t.When), negative: t.Quantities == "negative",
		})
	}
}

// template numbers the columns of a template; copies of the template share them.
func (c *checker) template(path string, t *Template) {
	for i := range t.parts {
		if p := &t.parts[i]; p.column != "" {
			p.slot = c.slot(path, p.column)
		}
	}
}

func (c *checker) event() {
	e := &c.m.Event
	if !e.ID.columns() {
		c.problem("event.id", "invalid", "every event would have the same id", "name a column that tells events apart, such as order:{OrderNumber}")
	}
	for _, f := range [...]struct {
		key string
		t   *Template
	}{
		{"id", &e.ID}, {"member", &e.Member}, {"order", &e.Order}, {"currency", &e.Currency},
		{"channel", &e.Channel}, {"store", &e.Store}, {"reference", &e.Reference},
	} {
		c.template("event."+f.key, f.t)
	}
	for _, a := range e.amounts() {
		if a.template.given() {
			c.template("event."+a.key, a.template)
			c.m.compiled.amounts = append(c.m.compiled.amounts, a)
		}
	}
	for name, f := range e.Data.All() {
		c.template(document.Join("event.data", name), &f.Value)
	}
}

func (t *Template) columns() bool {
	for i := range t.parts {
		if t.parts[i].column != "" {
			return true
		}
	}
	return false
}

// amounts are the event's fields of money.
func (e *EventFields) amounts() []amount {
	return []amount{
		{"total", &e.Total, event.GivenTotal, func(e *event.Event) *int64 { return &e.Total }},
		{"tax", &e.Tax, event.GivenTax, func(e *event.Event) *int64 { return &e.Tax }},
		{"shipping", &e.Shipping, event.GivenShipping, func(e *event.Event) *int64 { return &e.Shipping }},
		{"discount", &e.Discount, event.GivenDiscount, func(e *event.Event) *int64 { return &e.Discount }},
		{"paid with gift cards", &e.PaidWithGiftCards, event.GivenPaidWithGiftCards, func(e *event.Event) *int64 { return &e.PaidWithGiftCards }},
		{"paid with points", &e.PaidWithPoints, event.GivenPaidWithPoints, func(e *event.Event) *int64 { return &e.PaidWithPoints }},
	}
}

func (c *checker) items() {
	i := c.m.Items
	if i == nil {
		if !c.m.Event.Total.given() && c.m.Group != nil {
			c.problem("group", "ambiguous", "lines are grouped, but they neither become items nor is there a total", "write items, or event.total")
		}
		return
	}
	for _, f := range [...]struct {
		key string
		t   *Template
	}{
		{"sku", &i.SKU}, {"name", &i.Name}, {"category", &i.Category}, {"brand", &i.Brand},
		{"quantity", &i.Quantity}, {"unit price", &i.UnitPrice}, {"total", &i.Total},
	} {
		c.template("items."+f.key, f.t)
	}
	if !i.UnitPrice.given() && !i.Total.given() {
		c.problem("items", "missing", "items need a price", "write unit price, or total")
	}
}

// find gives the place of a column in a header.
func find(column string, header []string) (int, error) {
	at := -1
	for i, name := range header {
		if name != column {
			continue
		}
		if at >= 0 {
			return 0, fmt.Errorf("the column %q stands twice in the header", column)
		}
		at = i
	}
	if at < 0 {
		return 0, text.Say("there is no column {Column}", strconv.Quote(column))
	}
	return at, nil
}

// hintFor tells which column was probably meant by one that can not be found.
func hintFor(column string, header []string) text.Sentence {
	if slices.Contains(header, column) {
		return "give each column a name of its own in the file, or all of them in the mapping, under format.header"
	}
	if near, ok := document.Closest(column, header); ok {
		return text.Say("did you mean {Near}?", strconv.Quote(near))
	}
	const shown = 20
	if len(header) > shown {
		return text.Say("the columns are {Columns} and {Count} more", strings.Join(header[:shown], ", "), len(header)-shown)
	}
	return text.Say("the columns are {Columns}", strings.Join(header, ", "))
}

// met tells whether all conditions are met.
func met(all []condition, values []string) bool {
	for i := range all {
		if !all[i].test.met(values[all[i].slot]) {
			return false
		}
	}
	return true
}

func (t *Test) met(text string) bool {
	switch {
	case t.Equal != nil:
		return text == *t.Equal
	case t.Prefix != "":
		return strings.HasPrefix(text, t.Prefix)
	case t.Suffix != "":
		return strings.HasSuffix(text, t.Suffix)
	}
	return (text == "") == *t.Empty
}

// of cleans a text.
func (c *Column) of(text string) string {
	if c.Trim {
		text = strings.TrimSpace(text)
	}
	if c.Strip != "" {
		text = strings.TrimSuffix(text, c.Strip)
	}
	switch c.Case {
	case "lower":
		return strings.ToLower(text)
	case "upper":
		return strings.ToUpper(text)
	}
	return text
}
