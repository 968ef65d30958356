package page

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/i18n"
)

// List is a table that can be sorted, filtered, paged and exported. Those that
// fit in memory are arranged by [List.Arrange]; those that don't come arranged
// from the database, with Next set to the cursor of the next page.
type List struct {
	ID      string // of the element, for htmx
	Path    string // of the page that shows it
	Label   string // what it lists, where a page has several; empty for one alone
	Columns []Column
	Rows    []Row
	Query   Query
	// Next is the cursor of the next page; empty on the last.
	Next string
	// Total is how many rows there are on all pages; -1 where nobody counted.
	Total int
	// Search is the label of the box by which rows are found; empty for the usual one of
	// a list that was arranged, and for none of others.
	Search string
	// Choices are what the list can be narrowed to.
	Choices []Choice
	// More gives the rows of the page that begins at a cursor, so that a file has all of
	// them; nil where Rows has.
	More func(after string) (rows []Row, next string, err error)
	// Arranged tells that the list has all its rows, and found and sorted them itself.
	Arranged bool
	// Empty is what is said where there is nothing, and Start the page and the label
	// of what to do then.
	Empty, StartPath, StartLabel string
}

// Column is a column of a list.
type Column struct {
	ID     string // in addresses
	Label  string // in words
	Sorted bool   // whether it can be sorted by
	Number bool   // aligned to the end
	Filter bool   // whether the list can be narrowed to each of its values
}

// Choice is something by which a list can be narrowed: a filter and its values.
type Choice struct {
	ID, Label string
	Options   []Option
	// Value is the one that is chosen; empty for all.
	Value string
}

// Option is a value of a filter.
type Option struct{ Value, Label string }

// Row is a row, cell by cell.
type Row struct {
	Cells []Cell
	// View is what a page draws that draws its rows itself.
	View any
}

// Cell is one cell: text, and what it links to.
type Cell struct {
	Text string
	Link string
	// Badge colours the text: "green", "red", "yellow", "azure", "secondary".
	Badge string
	// Sort is what the cell is ordered by; nil is Text.
	Sort any // int64, time.Time or string
	// At is a moment, which the template writes in words.
	At calendar.Instant
	// Actions are links and buttons at the end of a row.
	Actions []Action
}

// Action is what can be done with a row.
type Action struct {
	Label, Path, Icon string
	// Post asks by a form rather than a link, after Confirm was answered, if given.
	Post    bool
	Confirm string
	Danger  bool
	// Name and Value are sent with the form, if a name is given.
	Name, Value string
}

// Query is how a list is asked for.
type Query struct {
	Search string // q
	Sort   string // sort: a column's id
	Down   bool   // dir=down
	After  string // after: a cursor
	// Back are the cursors of the pages that were turned before this one, the last of
	// them last; the first page has an empty one.
	Back []string // back
	CSV  bool     // format=csv
	// List is the id of the list that is asked for, where a page has several.
	List string
	// Filters are all other values.
	Filters url.Values
	// lang is the language by which a list is ordered.
	lang string
}

const pageSize = 50

// mostBack is how many pages can be turned back one by one; further back is the first.
const mostBack = 20

// Query reads how a list is asked for.
// What is asked of another list of the page is not for it.
func (c *Context) Query() Query {
	if c.R.URL.Query().Get("list") != "" {
		return Query{lang: c.Lang}
	}
	return c.asked()
}

// QueryOf reads how a further list of the page is asked for.
func (c *Context) QueryOf(list string) Query {
	if c.R.URL.Query().Get("list") != list {
		return Query{List: list, lang: c.Lang}
	}
	return c.asked()
}

func (c *Context) asked() Query { return queryOf(c.R.URL.Query(), c.Lang) }

// queryOf reads how a list is asked for by the values of an address.
func queryOf(v url.Values, lang string) Query {
	q := Query{
		List: v.Get("list"), Search: strings.TrimSpace(v.Get("q")), Sort: v.Get("sort"), Down: v.Get("dir") == "down",
		After: v.Get("after"), CSV: v.Get("format") == "csv", lang: lang,
	}
	if q.After != "" {
		q.Back = v["back"][max(len(v["back"])-mostBack, 0):]
	}
	for _, taken := range []string{"q", "sort", "dir", "after", "back", "format", "lang", "list"} {
		v.Del(taken)
	}
	q.Filters = v
	return q
}

// values writes the query as an address has it.
func (q Query) values() url.Values {
	v := url.Values{}
	for name, all := range q.Filters {
		v[name] = all
	}
	if q.After != "" && len(q.Back) > 0 {
		v["back"] = q.Back
	}
	for name, value := range map[string]string{"q": q.Search, "sort": q.Sort, "after": q.After, "list": q.List} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if q.Down {
		v.Set("dir", "down")
	}
	return v
}

// SortPath is the address of the list sorted by a column, or the other way round
// where it is so already.
func (l *List) SortPath(column string) string {
	q := l.Query
	q.Down = q.Sort == column && !q.Down
	q.Sort, q.After = column, ""
	return l.Path + "?" + q.values().Encode()
}

// NextPath is the address of the next page.
func (l *List) NextPath() string {
	q := l.Query
	if !l.Arranged {
		q.Back = append(slices.Clone(q.Back), q.After)
		q.Back = q.Back[max(len(q.Back)-mostBack, 0):]
	}
	q.After = l.Next
	return l.Path + "?" + q.values().Encode()
}

// PreviousPath is the address of the page before; empty on the first, and where nobody
// turned the pages to come here.
func (l *List) PreviousPath() string {
	q := l.Query
	switch from := l.from(); {
	case q.After == "":
		return ""
	case l.Arranged && from > pageSize:
		q.After = strconv.Itoa(from - pageSize)
	case l.Arranged:
		q.After = ""
	case len(q.Back) == 0:
		return ""
	default:
		q.After, q.Back = q.Back[len(q.Back)-1], q.Back[:len(q.Back)-1]
	}
	return l.Path + "?" + q.values().Encode()
}

// Whole tells that the page has all rows of the list.
func (l *List) Whole() bool { return l.Next == "" && l.Query.After == "" }

// From is the place in the list of the page's first row, and To that of its last, where
// rows are counted.
func (l *List) From() int { return l.from() + 1 }

// To is the place of the page's last row.
func (l *List) To() int { return l.from() + len(l.Rows) }

// from is how many rows come before the page of a list that has all of them.
func (l *List) from() int {
	if n, err := strconv.ParseUint(l.Query.After, 10, 31); err == nil && l.Arranged {
		return min(int(n), max(l.Total, 0))
	}
	return 0
}

// FirstPath is the address of the first page.
func (l *List) FirstPath() string {
	q := l.Query
	q.After = ""
	return l.Path + "?" + q.values().Encode()
}

// AllPath is the address of the list with nothing looked for or chosen.
func (l *List) AllPath() string {
	q := l.Query
	q.After, q.Search, q.Filters = "", "", l.Hidden()
	return l.Path + "?" + q.values().Encode()
}

// CSVPath is the address of the list as a file.
func (l *List) CSVPath() string {
	v := l.Query.values()
	v.Del("after")
	v.Del("back")
	v.Set("format", "csv")
	return l.Path + "?" + v.Encode()
}

// Direction says how a column is sorted, as aria-sort has it.
func (l *List) Direction(column string) string {
	switch {
	case l.Query.Sort != column:
		return "none"
	case l.Query.Down:
		return "descending"
	}
	return "ascending"
}

// Arrange finds, sorts and cuts the rows of a list that has all of them.
func (l *List) Arrange() {
	l.Arranged = true
	l.narrow()
	if words := strings.Fields(l.Query.Search); len(words) > 0 {
		l.Rows = slices.DeleteFunc(l.Rows, func(r Row) bool { return !r.has(words) })
	}
	l.Total = len(l.Rows)
	if at := l.sortedBy(); at >= 0 {
		words := i18n.Order(l.Query.lang)
		slices.SortStableFunc(l.Rows, func(a, b Row) int {
			if l.Query.Down {
				a, b = b, a
			}
			return order(a.Cells[at], b.Cells[at], words)
		})
	}
	if l.Query.CSV {
		return // a file has all of them
	}
	from := l.from()
	l.Rows = l.Rows[from:]
	if len(l.Rows) > pageSize {
		l.Rows, l.Next = l.Rows[:pageSize], strconv.Itoa(from+pageSize)
	}
}

// sortedBy is the place of the column by which the list is sorted; -1 for none.
func (l *List) sortedBy() int {
	return slices.IndexFunc(l.Columns, func(c Column) bool { return c.Sorted && c.ID == l.Query.Sort })
}

// narrow leaves the rows that have what was chosen of each filter, after what can be
// chosen was read from all of them.
func (l *List) narrow() {
	for at, column := range l.Columns {
		if !column.Filter {
			continue
		}
		choice := Choice{ID: column.ID, Label: column.Label}
		for i := range l.Rows {
			if value := l.Rows[i].Cells[at].Text; value != "" && !slices.Contains(choice.Options, Option{value, value}) {
				choice.Options = append(choice.Options, Option{value, value})
			}
		}
		order := i18n.Order(l.Query.lang)
		slices.SortFunc(choice.Options, func(a, b Option) int { return order(a.Label, b.Label) })
		if asked := l.Query.Filters.Get(column.ID); slices.Contains(choice.Options, Option{asked, asked}) {
			choice.Value = asked
		}
		l.Choices = append(l.Choices, choice)
	}
	for _, choice := range l.Choices {
		if choice.Value == "" {
			continue
		}
		at := slices.IndexFunc(l.Columns, func(c Column) bool { return c.ID == choice.ID })
		l.Rows = slices.DeleteFunc(l.Rows, func(r Row) bool { return r.Cells[at].Text != choice.Value })
	}
	l.Choices = slices.DeleteFunc(l.Choices, func(c Choice) bool { return len(c.Options) < 2 && c.Value == "" })
}

// Hidden are the filters of the query for which the list has no field.
func (l *List) Hidden() url.Values {
	out := url.Values{}
	for name, all := range l.Query.Filters {
		if !slices.ContainsFunc(l.Choices, func(c Choice) bool { return c.ID == name }) {
			out[name] = all
		}
	}
	if l.Query.List != "" {
		out.Set("list", l.Query.List)
	}
	return out
}

// Narrowed tells that something is looked for or chosen, so that there may be more.
func (l *List) Narrowed() bool {
	return l.Query.Search != "" || slices.ContainsFunc(l.Choices, func(c Choice) bool { return c.Value != "" })
}

// Offers tells whether there is anything to look for or to choose.
func (l *List) Offers() bool {
	return l.Search != "" || len(l.Choices) > 0 || l.Arranged && (len(l.Rows) > 0 || l.Narrowed())
}

// has tells that each word stands in the row: as it is typed or, with letters in it, in
// another script or without its accents.
func (r Row) has(words []string) bool {
	for _, word := range words {
		folded := i18n.Fold(word)
		if !slices.ContainsFunc(r.Cells, func(c Cell) bool {
			return strings.Contains(strings.ToLower(c.Text), strings.ToLower(word)) || folded != "" && strings.Contains(i18n.Fold(c.Text), folded)
		}) {
			return false
		}
	}
	return true
}

// order compares two cells of one column, and their texts as words are compared.
func order(a, b Cell, words func(a, b string) int) int {
	switch x := a.Sort.(type) {
	case int64:
		if y, ok := b.Sort.(int64); ok {
			return cmp.Compare(x, y)
		}
	case time.Time:
		if y, ok := b.Sort.(time.Time); ok {
			return x.Compare(y)
		}
	}
	if a.At != 0 || b.At != 0 {
		return cmp.Compare(a.At, b.At)
	}
	return words(a.Text, b.Text)
}
