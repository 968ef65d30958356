package file

import (
	"strconv"
	"strings"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/text"
)

// Template is text in which {Column} stands for a column's text.
type Template struct {
	text  string
	parts []part
}

// part is literal text, or a column.
type part struct {
	literal string
	column  string
	slot    int // the column's place among those that the mapping reads
}

// UnmarshalText reads a template.
func (t *Template) UnmarshalText(src []byte) error {
	rest := string(src)
	t.text = rest
	for rest != "" {
		literal, after, found := strings.Cut(rest, "{")
		if strings.Contains(literal, "}") {
			return text.Advise(text.Say("{Text} closes a brace that was not opened", strconv.Quote(string(src))), "write a column as {Column}")
		}
		if literal != "" {
			t.parts = append(t.parts, part{literal: literal})
		}
		if !found {
			return nil
		}
		column, tail, closed := strings.Cut(after, "}")
		if !closed || column == "" || strings.Contains(column, "{") {
			return text.Advise(text.Say("{Text} opens a brace without a column", strconv.Quote(string(src))), "write a column as {Column}")
		}
		t.parts = append(t.parts, part{column: column})
		rest = tail
	}
	return nil
}

// JSONSchema describes a template to editors.
func (Template) JSONSchema() map[string]any {
	return map[string]any{"type": "string", "description": "text in which {Column} stands for a column", "minLength": 1}
}

func (t *Template) given() bool { return len(t.parts) > 0 }

// single gives the slot of a template that is one column and nothing else.
func (t *Template) single() (slot int, ok bool) {
	if len(t.parts) != 1 || t.parts[0].column == "" {
		return 0, false
	}
	return t.parts[0].slot, true
}

// append writes the text for a row. filled is false where the template names
// columns and all of them are empty.
func (t *Template) append(dst []byte, values []string) (out []byte, filled bool) {
	columns := false
	for i := range t.parts {
		p := &t.parts[i]
		if p.column == "" {
			dst = append(dst, p.literal...)
			continue
		}
		columns = true
		filled = filled || values[p.slot] != ""
		dst = append(dst, values[p.slot]...)
	}
	return dst, filled || !columns
}

// of gives the text for a row, empty where its columns are; the row's own text
// where the template is one column.
func (t *Template) of(values []string) string {
	if slot, ok := t.single(); ok {
		return values[slot]
	}
	text, filled := t.append(nil, values)
	if !filled {
		return ""
	}
	return string(text)
}

// missing names a column of the template that is empty in the row.
func (t *Template) missing(values []string) (column string, ok bool) {
	for i := range t.parts {
		if p := &t.parts[i]; p.column != "" && values[p.slot] == "" {
			return p.column, true
		}
	}
	return "", false
}

// Layout is how moments are written in a file.
type Layout struct {
	text    string
	pattern string           // of the standard library; empty for numbers
	unit    calendar.Instant // of a number
	zoned   bool
}

// layoutWords are the parts of a pattern, longest first, as the standard library
// writes them.
var layoutWords = []struct{ word, pattern string }{
	{"YYYY", "2006"}, {"YY", "06"}, {"MM", "01"}, {"M", "1"}, {"DD", "02"}, {"D", "2"},
	{"hh", "15"}, {"mm", "04"}, {"ss", "05"},
}

// UnmarshalText reads a layout.
func (l *Layout) UnmarshalText(src []byte) error {
	l.text = string(src)
	switch l.text {
	case "RFC 3339":
		l.pattern, l.zoned = time.RFC3339Nano, true
		return nil
	case "unix seconds":
		l.unit = calendar.Second
		return nil
	case "unix milliseconds":
		l.unit = calendar.Second / 1000
		return nil
	}
	for _, word := range [...]string{"YY", "M", "D"} {
		if !strings.Contains(l.text, word) {
			return text.Advise(text.Say("the layout {Text} has no {Word}", strconv.Quote(l.text), word),
				"write RFC 3339, unix seconds, unix milliseconds, or a pattern of YYYY, MM, DD, hh, mm and ss, such as DD.MM.YYYY hh:mm")
		}
	}
	return l.parsePattern()
}

func (l *Layout) parsePattern() error {
	var b strings.Builder
next:
	for rest := l.text; rest != ""; {
		for _, w := range layoutWords {
			if strings.HasPrefix(rest, w.word) {
				b.WriteString(w.pattern)
				rest = rest[len(w.word):]
				continue next
			}
		}
		if c := rest[0]; c != 'T' && ('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9') {
			return text.Advise(text.Say("the layout {Text} has the letter {Letter}, which means nothing", strconv.Quote(l.text), strconv.QuoteRune(rune(c))),
				"a pattern is made of YYYY, MM, DD, hh (00 to 23), mm and ss, with signs between them")
		}
		b.WriteByte(rest[0])
		rest = rest[1:]
	}
	l.pattern = b.String()
	return nil
}

// JSONSchema describes a layout to editors.
func (Layout) JSONSchema() map[string]any {
	return map[string]any{"type": "string", "examples": []any{"YYYY-MM-DD hh:mm:ss", "DD.MM.YYYY", "RFC 3339", "unix seconds"}}
}
