package file

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// row is one record of a file: a line, or several where a quoted field spans
// them.
type row struct {
	line int
	raw  string
	// values are the texts of the mapping's columns, by slot, good until the next
	// row; nil for Premia's own events.
	values []string
	// problem says why the row can not be read; the values are then as far as
	// they could be.
	problem string
}

// rows reads the records of a file.
type rows interface {
	// next gives the next row; io.EOF at the end.
	next(r *row) error
}

func notUTF8(text string) bool { return !utf8.ValidString(text) }

const (
	problemUTF8 = "the line is not valid UTF-8; save the file as UTF-8, or say its encoding in the mapping"
	problemLong = "the line is longer than 256 KiB"
)

// csvRows reads CSV as RFC 4180 has it. A quote inside an unquoted field is
// text.
type csvRows struct {
	lines     *lines
	delimiter byte
	quote     byte  // 0 for none
	width     int   // the number of columns
	at        []int // of each slot, the field
	fields    []string
	values    []string
	lineBuf   []line
}

// maxRowLines bounds the lines that a quoted field may span.
const maxRowLines = 100

func (c *csvRows) next(r *row) error {
	for {
		first, err := c.lines.next()
		if err != nil {
			return err
		}
		if first.text == "" {
			continue
		}
		*r = row{line: first.no, raw: first.text, values: c.values}
		clear(c.values)
		c.read(r, first)
		return nil
	}
}

// read splits a row into its fields and gives the slots their values.
func (c *csvRows) read(r *row, first line) {
	switch {
	case first.tooLong:
		r.problem = problemLong
		return
	case notUTF8(first.text):
		r.problem = problemUTF8
		r.raw = strings.ToValidUTF8(r.raw, "\uFFFD")
	}
	problem := c.gather(r, first)
	for slot, at := range c.at {
		if at < len(c.fields) {
			c.values[slot] = c.fields[at]
		}
	}
	switch {
	case r.problem != "":
	case problem != "":
		r.problem = problem
	case len(c.fields) != c.width:
		r.problem = fmt.Sprintf("the line has %d fields, but the header has %d", len(c.fields), c.width)
	}
}

// gather splits the row, taking in further lines while a quote is open. If none
// of them closes it, they are rows of their own.
func (c *csvRows) gather(r *row, first line) (problem string) {
	open, problem := c.split(first.text)
	if !open {
		return problem
	}
	c.lineBuf = c.lineBuf[:0]
	text := first.text
	for open && len(c.lineBuf) < maxRowLines {
		more, err := c.lines.next()
		if err != nil {
			break
		}
		c.lineBuf = append(c.lineBuf, more)
		if more.tooLong || notUTF8(more.text) || len(text)+len(more.text) > maxLine {
			break
		}
		text += "\n" + more.text
		open, problem = c.split(text)
	}
	if open {
		c.lines.pushBack(c.lineBuf)
		_, _ = c.split(first.text)
		return "a quote is opened and not closed"
	}
	r.raw = text
	return problem
}

// split cuts a text into fields. open tells that it ends inside quotes.
func (c *csvRows) split(text string) (open bool, problem string) {
	c.fields = c.fields[:0]
	for {
		if c.quote != 0 && text != "" && text[0] == c.quote {
			field, rest, closed := c.quoted(text[1:])
			c.fields = append(c.fields, field)
			if !closed {
				return true, ""
			}
			if rest == "" {
				return false, problem
			}
			if rest[0] != c.delimiter {
				problem = "text stands after a closing quote; a quote inside a quoted field is written twice"
				end := strings.IndexByte(rest, c.delimiter)
				if end < 0 {
					return false, problem
				}
				rest = rest[end:]
			}
			text = rest[1:]
			continue
		}
		end := strings.IndexByte(text, c.delimiter)
		if end < 0 {
			c.fields = append(c.fields, text)
			return false, problem
		}
		c.fields = append(c.fields, text[:end])
		text = text[end+1:]
	}
}

// quoted reads a field after its opening quote.
func (c *csvRows) quoted(text string) (field, rest string, closed bool) {
	var doubled strings.Builder
	for {
		end := strings.IndexByte(text, c.quote)
		if end < 0 {
			return doubled.String() + text, "", false
		}
		if end+1 == len(text) || text[end+1] != c.quote {
			if doubled.Len() == 0 {
				return text[:end], text[end+1:], true
			}
			doubled.WriteString(text[:end])
			return doubled.String(), text[end+1:], true
		}
		doubled.WriteString(text[:end+1])
		text = text[end+2:]
	}
}

// header reads the first line of a file as the names of its columns.
func (c *csvRows) header() ([]string, error) {
	first, err := c.lines.next()
	switch {
	case errors.Is(err, io.EOF):
		return nil, errors.New("the file is empty; its first line must name the columns")
	case err != nil:
		return nil, err
	case first.tooLong:
		return nil, errors.New("the header: " + problemLong)
	case notUTF8(first.text):
		return nil, errors.New("the header: " + problemUTF8)
	}
	if open, problem := c.split(first.text); open || problem != "" {
		return nil, errors.New("the header is not a line of CSV; is the mapping's quote right?")
	}
	names := make([]string, len(c.fields))
	for i, name := range c.fields {
		names[i] = strings.TrimSpace(name)
	}
	return names, nil
}

// jsonRows reads a JSON object from each line.
type jsonRows struct {
	lines   *lines
	columns []named
	values  []string
	native  bool // Premia's own events, which are decoded elsewhere
}

func (j *jsonRows) next(r *row) error {
	for {
		l, err := j.lines.next()
		if err != nil {
			return err
		}
		if strings.TrimSpace(l.text) == "" {
			continue
		}
		*r = row{line: l.no, raw: l.text, values: j.values}
		clear(j.values)
		switch {
		case l.tooLong:
			r.problem = problemLong
		case notUTF8(l.text):
			r.problem, r.raw = problemUTF8, strings.ToValidUTF8(l.text, "\uFFFD")
		case !j.native:
			r.problem = j.read(l.text)
		}
		return nil
	}
}

// read gives the slots their values from an object.
func (j *jsonRows) read(text string) (problem string) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil || object == nil {
		return "the line is not a JSON object: " + jsonProblem(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return "something stands after the JSON object"
	}
	for slot, c := range j.columns {
		value, ok := at(object, c.column)
		if !ok {
			return fmt.Sprintf("%s is an object or a list, not a value", c.column)
		}
		j.values[slot] = value
	}
	return ""
}

func jsonProblem(err error) string {
	switch {
	case err == nil:
		return "it is null"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "it ends in the middle"
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}

// at gives the value at a path such as value.amount; empty where there is none.
func at(object map[string]any, path string) (value string, ok bool) {
	v, found := object[path]
	for !found {
		key, rest, nested := strings.Cut(path, ".")
		inner, isObject := object[key].(map[string]any)
		if !nested || !isObject {
			return "", true
		}
		object, path = inner, rest
		v, found = object[path]
	}
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return fmt.Sprint(v), true
	}
	return "", false
}
