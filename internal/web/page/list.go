package page

import (
	"cmp"
	"encoding/csv"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"premia/internal/core/calendar"
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
	// Search is the label of the box by which rows are found; empty for none.
	Search string
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
}

// Row is a row, cell by cell.
type Row struct {
	Cells []Cell
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
}

// Query is how a list is asked for.
type Query struct {
	Search string // q
	Sort   string // sort: a column's id
	Down   bool   // dir=down
	After  string // after: a cursor
	CSV    bool   // format=csv
	// Filters are all other values.
	Filters url.Values
}

const pageSize = 50

// Query reads how a list is asked for.
func (c *Context) Query() Query {
	v := c.R.URL.Query()
	q := Query{Search: strings.TrimSpace(v.Get("q")), Sort: v.Get("sort"), Down: v.Get("dir") == "down", After: v.Get("after"), CSV: v.Get("format") == "csv"}
	for _, taken := range []string{"q", "sort", "dir", "after", "format", "lang"} {
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
	for name, value := range map[string]string{"q": q.Search, "sort": q.Sort, "after": q.After} {
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
	q.After = l.Next
	return l.Path + "?" + q.values().Encode()
}

// FirstPath is the address of the first page.
func (l *List) FirstPath() string {
	q := l.Query
	q.After = ""
	return l.Path + "?" + q.values().Encode()
}

// CSVPath is the address of the list as a file.
func (l *List) CSVPath() string {
	v := l.Query.values()
	v.Del("after")
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
	if words := strings.Fields(strings.ToLower(l.Query.Search)); len(words) > 0 {
		l.Rows = slices.DeleteFunc(l.Rows, func(r Row) bool { return !r.has(words) })
	}
	l.Total = len(l.Rows)
	if at := slices.IndexFunc(l.Columns, func(c Column) bool { return c.Sorted && c.ID == l.Query.Sort }); at >= 0 {
		slices.SortStableFunc(l.Rows, func(a, b Row) int {
			if l.Query.Down {
				a, b = b, a
			}
			return order(a.Cells[at], b.Cells[at])
		})
	}
	if l.Query.CSV {
		return
	}
	from := 0
	for _, digit := range l.Query.After {
		if digit < '0' || digit > '9' || from > len(l.Rows) {
			from = 0
			break
		}
		from = from*10 + int(digit-'0')
	}
	from = min(from, len(l.Rows))
	l.Rows = l.Rows[from:]
	if len(l.Rows) > pageSize {
		l.Rows, l.Next = l.Rows[:pageSize], strconv.Itoa(from+pageSize)
	}
}

func (r Row) has(words []string) bool {
	for _, word := range words {
		if !slices.ContainsFunc(r.Cells, func(c Cell) bool { return strings.Contains(strings.ToLower(c.Text), word) }) {
			return false
		}
	}
	return true
}

// order compares two cells of one column.
func order(a, b Cell) int {
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
	return strings.Compare(strings.ToLower(a.Text), strings.ToLower(b.Text))
}

// List answers with a page that shows a list, or with the list as a file if that
// is what was asked for.
func (c *Context) List(name string, l *List, data any) error {
	if !l.Query.CSV {
		return c.Page(name, data)
	}
	h := c.W.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+l.ID+`.csv"`)
	out := csv.NewWriter(c.W)
	head := make([]string, len(l.Columns))
	for i, column := range l.Columns {
		head[i] = column.Label
	}
	_ = out.Write(head)
	for _, row := range l.Rows {
		record := make([]string, len(row.Cells))
		for i, cell := range row.Cells {
			record[i] = c.plain(cell)
		}
		_ = out.Write(record)
	}
	out.Flush()
	return nil // who does not take the whole file sees that it is cut
}

// plain is a cell as a file has it. What a spreadsheet would take for a formula
// begins with an apostrophe.
func (c *Context) plain(cell Cell) string {
	if cell.At != 0 {
		return c.area.site.local(cell.At).Format(time.RFC3339)
	}
	if cell.Text != "" && strings.ContainsRune("=+-@\t\r", rune(cell.Text[0])) && cell.Sort == nil {
		return "'" + cell.Text
	}
	return cell.Text
}
