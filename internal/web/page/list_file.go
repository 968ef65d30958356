package page

import (
	"encoding/csv"
	"io"
	"time"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/i18n"
)

// List answers with a page that shows lists, or with that of them as a file of which one
// was asked for.
func (c *Context) List(name string, l *List, data any, others ...*List) error {
	for _, one := range append([]*List{l}, others...) {
		if one != nil && one.Query.CSV {
			return c.sendList(one)
		}
	}
	return c.Page(name, data)
}

// mark is that of UTF-8 at the beginning of a file, by which spreadsheets know it.
const mark = "\uFEFF"

// sendList answers with all rows of a list, as CSV that spreadsheets of the visitor's
// language open right: with the mark of UTF-8, and with semicolons where the comma is that
// of decimals.
func (c *Context) sendList(l *List) error {
	return c.File("text/csv; charset=utf-8", l.ID+".csv", func(w io.Writer) error {
		_, _ = io.WriteString(w, mark)
		out := csv.NewWriter(w)
		out.Comma = i18n.ListSeparator(c.Lang)
		var head []string
		for _, column := range l.Columns {
			if column.Label != "" {
				head = append(head, Defused(column.Label))
			}
		}
		_ = out.Write(head) // who does not take the whole file sees that it is cut
		rows, next := l.Rows, l.Next
		for {
			for _, row := range rows {
				_ = out.Write(c.record(l, row))
			}
			if out.Flush(); l.More == nil || next == "" || out.Error() != nil {
				return nil
			}
			var err error
			if rows, next, err = l.More(next); err != nil {
				return err
			}
		}
	})
}

// record is a row as a file has it: without what can be done with it.
func (c *Context) record(l *List, row Row) []string {
	var out []string
	for i, cell := range row.Cells {
		if l.Columns[i].Label != "" {
			out = append(out, c.plain(cell))
		}
	}
	return out
}

// plain is a cell as a file has it.
func (c *Context) plain(cell Cell) string {
	if cell.At != calendar.None {
		return c.area.site.local(cell.At).Format(time.RFC3339)
	}
	if cell.Sort != nil {
		return cell.Text // a number, perhaps below zero
	}
	return Defused(cell.Text)
}

// Defused is a text of a file as spreadsheets may open it: what they would take for a
// formula begins with an apostrophe.
func Defused(s string) string { return app.NoFormula(s) }
