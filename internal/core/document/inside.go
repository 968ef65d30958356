package document

import (
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Inside is the position of the byte at offset of the text at path, as it was
// read: where in the document an error inside a condition stands. Escapes,
// folded lines and the indentation of blocks are followed; an offset inside white
// space that YAML folded gives the end of the word before it. When the value is no
// text it is [Source.At].
func (s *Source) Inside(path string, offset int) Pos {
	n, at, whole := s.find(path)
	if !whole || n.Kind != yaml.ScalarNode || offset < 0 {
		return s.position(n, at)
	}
	w := walker{text: s.text, at: s.offset(Pos{Line: n.Line, Column: n.Column}), style: n.Style}
	w.enter()
	if offset > len(n.Value) {
		offset = len(n.Value)
	}
	return s.pos(w.follow(n.Value, offset))
}

// walker follows a scalar's value through the text that it was read from. It
// relies on every style of YAML keeping the characters other than white space in
// their order.
type walker struct {
	text  []byte
	at    int
	style yaml.Style
}

// enter steps over what stands before the scalar's own text.
func (w *walker) enter() {
	switch {
	case w.style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		w.at++
	case w.style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		for w.at < len(w.text) && !isBreak(w.rune()) {
			w.next()
		}
		w.skipSpace()
	}
}

// follow returns the place in the text of value[offset].
func (w *walker) follow(value string, offset int) int {
	for i := 0; i < offset && w.at < len(w.text); {
		if !isSpace(w.rune()) {
			size := w.character(value[i:])
			if i+size > offset {
				return w.at
			}
			w.step()
			i += size
			continue
		}
		run := spaceRun(value[i:])
		if end := w.spaceEnd(); end-w.at == run || i+run > offset {
			// The same white space on both sides, or the target inside it.
			w.at += min(run, offset-i, end-w.at)
			i += min(run, offset-i)
			continue
		}
		w.skipSpace()
		i += run
	}
	if w.joinsLines() {
		w.step()
	}
	return w.at
}

// character is how many bytes of value the character at the walker stands for.
func (w *walker) character(value string) int {
	_, size := utf8.DecodeRuneInString(value)
	if w.joinsLines() {
		return 0
	}
	return size
}

// step moves over one character with its escape.
func (w *walker) step() {
	switch {
	case w.joinsLines():
		w.next()
		w.skipSpace()
	case w.style&yaml.DoubleQuotedStyle != 0 && w.text[w.at] == '\\':
		w.at += escapeLength(w.text[w.at:])
	case w.style&yaml.SingleQuotedStyle != 0 && w.text[w.at] == '\'':
		w.at += 2
	default:
		w.next()
	}
	w.at = min(w.at, len(w.text))
}

// joinsLines tells whether a backslash ends the line here, which joins the next
// to it.
func (w *walker) joinsLines() bool {
	if w.style&yaml.DoubleQuotedStyle == 0 || w.at >= len(w.text) || w.text[w.at] != '\\' {
		return false
	}
	r, _ := utf8.DecodeRune(w.text[w.at+1:])
	return isBreak(r)
}

// escapeLength is the length of the escape that text begins with.
func escapeLength(text []byte) int {
	if len(text) < 2 {
		return len(text)
	}
	switch text[1] {
	case 'x':
		return 4
	case 'u':
		return 6
	case 'U':
		return 10
	}
	_, size := utf8.DecodeRune(text[1:])
	return 1 + size
}

func (w *walker) rune() rune {
	r, _ := utf8.DecodeRune(w.text[w.at:])
	return r
}

func (w *walker) next() {
	_, size := utf8.DecodeRune(w.text[w.at:])
	w.at += size
}

func (w *walker) skipSpace() { w.at = w.spaceEnd() }

func (w *walker) spaceEnd() int { return w.at + spaceRun(string(w.text[w.at:])) }

// spaceRun is the length of the white space that text begins with.
func spaceRun(text string) int {
	for i, r := range text {
		if !isSpace(r) {
			return i
		}
	}
	return len(text)
}

func isSpace(r rune) bool { return r == ' ' || r == '\t' || isBreak(r) }
