package document

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Value is what an edit writes: a text, a list or a mapping. The zero Value is none.
type Value struct {
	kind    yaml.Kind
	text    string
	items   []Value
	entries []Entry[Value]
}

// Scalar is a text, a number or a truth value, as it is to stand in the document.
func Scalar(text string) Value { return Value{kind: yaml.ScalarNode, text: text} }

// Items is a list.
func Items(items ...Value) Value { return Value{kind: yaml.SequenceNode, items: items} }

// Texts is a list of texts.
func Texts(texts ...string) Value {
	items := make([]Value, len(texts))
	for i, text := range texts {
		items[i] = Scalar(text)
	}
	return Items(items...)
}

// Entries is a mapping.
func Entries(entries ...Entry[Value]) Value { return Value{kind: yaml.MappingNode, entries: entries} }

// With is the mapping with one more entry.
func (v Value) With(key string, value Value) Value {
	v.kind = yaml.MappingNode
	v.entries = append(v.entries[:len(v.entries):len(v.entries)], Entry[Value]{key, value})
	return v
}

// IsNone tells whether there is no value.
func (v Value) IsNone() bool { return v.kind == 0 }

// node is the value as the parser would read it.
func (v Value) node() *yaml.Node {
	n := &yaml.Node{Kind: v.kind, Value: v.text, Tag: "!!str"}
	for _, item := range v.items {
		n.Content = append(n.Content, item.node())
	}
	for _, e := range v.entries {
		n.Content = append(n.Content, Scalar(e.Key).node(), e.Value.node())
	}
	return n
}

// flow writes the value on one line.
func (v Value) flow() string {
	var parts []string
	switch v.kind {
	case yaml.SequenceNode:
		for _, item := range v.items {
			parts = append(parts, item.flow())
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case yaml.MappingNode:
		for _, e := range v.entries {
			parts = append(parts, scalar(e.Key, 0)+": "+e.Value.flow())
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return scalar(v.text, 0)
}

// longLine is how many characters a mapping may take on one line.
const longLine = 100

// lines writes the value behind a key or a dash whose own children are indented by
// indent: on the same line where it is short, and else a key on each line.
func (v Value) lines(indent int, behindDash bool) string {
	flat := v.flow()
	if v.kind == yaml.ScalarNode && behindKey(v.text) {
		return v.text
	}
	if v.kind == yaml.ScalarNode || len(v.items)+len(v.entries) == 0 ||
		(!behindDash && utf8.RuneCountInString(flat)+indent <= longLine) || (behindDash && v.kind == yaml.SequenceNode) {
		return flat
	}
	var b strings.Builder
	pad := "\n" + strings.Repeat(" ", indent)
	for i, e := range v.entries {
		if i > 0 || !behindDash {
			b.WriteString(pad)
		}
		b.WriteString(scalar(e.Key, 0) + ":" + spaced(e.Value.lines(indent+2, false)))
	}
	for _, item := range v.items {
		b.WriteString(pad + "- " + item.lines(indent+2, true))
	}
	return b.String()
}

// spaced puts a space before a value that stays on the line of its key.
func spaced(value string) string {
	if strings.HasPrefix(value, "\n") {
		return value
	}
	return " " + value
}

// scalar writes a text so that it is read back as it is: plain where that is
// possible, or in quotes of the given style.
func scalar(text string, style yaml.Style) string {
	switch {
	case style&yaml.DoubleQuotedStyle != 0:
		return doubleQuoted(text)
	case style&yaml.SingleQuotedStyle == 0 && readsPlain(text):
		return text
	case strings.ContainsFunc(text, needsEscape):
		return doubleQuoted(text)
	case style&yaml.SingleQuotedStyle == 0 && !strings.ContainsAny(text, `"\`):
		return doubleQuoted(text)
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// needsEscape tells whether only an escape keeps a character as it is.
func needsEscape(r rune) bool { return isBreak(r) || r == '\t' || !allowedCharacter(r) }

func doubleQuoted(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case needsEscape(r):
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// readsPlain tells whether a text without quotes means itself, behind a key as well
// as between brackets.
func readsPlain(text string) bool {
	if text == "" || strings.ContainsFunc(text, needsEscape) || strings.TrimSpace(text) != text {
		return false
	}
	return meansItself("["+text+"]", text, 1) && behindKey(text)
}

// behindKey tells whether a text without quotes means itself at the end of a line
// that it shares with its key.
func behindKey(text string) bool {
	return text != "" && !strings.ContainsFunc(text, needsEscape) && strings.TrimSpace(text) == text && meansItself("k: "+text, text, 2)
}

// meansItself tells whether the last of so many values that a form is read as is the
// text.
func meansItself(form, text string, values int) bool {
	root, err := nextDocument(yaml.NewDecoder(strings.NewReader(form)))
	if err != nil || len(root.Content) != 1 || len(root.Content[0].Content) != values {
		return false
	}
	n := root.Content[0].Content[values-1]
	return n.Kind == yaml.ScalarNode && n.Style == 0 && n.Value == text && !isNull(n) && n.Tag != "!!merge"
}
