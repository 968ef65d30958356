package event

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"premia/internal/core/document"
	"premia/internal/core/text"
)

// reader pulls tokens out of one JSON text and knows where it stands, so that a
// problem can name its place. The text is valid UTF-8; texts without escapes are
// parts of it, so reading them costs nothing.
type reader struct {
	src string
	pos int

	in    section
	index int    // of the item or the payment
	key   string // within the section; empty at its beginning
}

// section is the object that is being read.
type section uint8

const (
	inEvent section = iota
	inItem
	inData
	inPay
)

// path names the value that is being read.
func (r *reader) path() string {
	path := ""
	switch r.in {
	case inItem:
		path = document.Index("items", r.index)
	case inData:
		path = "data"
	case inPay:
		path = document.Index("pay", r.index)
	}
	if r.key == "" {
		return path
	}
	return document.Join(path, r.key)
}

// at places a problem at the current path and an offset. Nil stays nil.
func (r *reader) at(offset int, p *Problem) *Problem {
	if p != nil {
		p.Path, p.Offset = r.path(), offset
	}
	return p
}

// peek skips white space and gives the next byte, 0 at the end.
func (r *reader) peek() byte {
	for ; r.pos < len(r.src); r.pos++ {
		switch c := r.src[r.pos]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// unexpected says that something else was due at the position.
func (r *reader) unexpected(due text.Sentence) *Problem {
	if r.pos >= len(r.src) {
		return r.at(r.pos, problem(CodeSyntax, text.Say("the JSON ends where {Due} is due", due), "send the whole event"))
	}
	c, _ := utf8.DecodeRuneInString(r.src[r.pos:])
	return r.at(r.pos, problem(CodeSyntax,
		text.Say("not JSON: {Character} at byte {Offset} where {Due} is due", strconv.QuoteRune(c), r.pos, due), ""))
}

// expect consumes one byte.
func (r *reader) expect(c byte, due text.Sentence) *Problem {
	if r.peek() != c {
		return r.unexpected(due)
	}
	r.pos++
	return nil
}

// another moves to the next element before the closing byte of an object or a
// list; more is false when that was consumed.
func (r *reader) another(first bool, closing byte) (more bool, p *Problem) {
	c := r.peek()
	if c == closing {
		r.pos++
		return false, nil
	}
	if first {
		return true, nil
	}
	if c != ',' {
		return false, r.unexpected(text.Say("a comma or {Closing}", string(rune(closing))))
	}
	r.pos++
	return true, nil
}

// nextKey reads the next key of an object and its colon. It sets r.key and
// leaves the position at the value; more is false at the object's end.
func (r *reader) nextKey(first bool) (offset int, more bool, p *Problem) {
	r.key = ""
	if more, p = r.another(first, '}'); !more {
		return 0, false, p
	}
	if r.peek() != '"' {
		return 0, false, r.unexpected("a key between quotation marks")
	}
	offset = r.pos
	key, p := r.text()
	if p != nil {
		return 0, false, p
	}
	if p = r.expect(':', "a colon"); p != nil {
		return 0, false, p
	}
	if key == "" {
		return 0, false, r.at(offset, problem(CodeUnknownKey, "a key must not be empty", ""))
	}
	r.key = key
	r.peek()
	return offset, true, nil
}

// text reads a JSON string; the position is at its quotation mark.
func (r *reader) text() (string, *Problem) {
	start := r.pos + 1
	for i := start; i < len(r.src); i++ {
		switch c := r.src[i]; {
		case c == '"':
			r.pos = i + 1
			return r.src[start:i], nil
		case c == '\\':
			return r.escapedText(start, i)
		case c < ' ':
			r.pos = i
			return "", r.at(i, controlCharacter(rune(c)))
		}
	}
	r.pos = len(r.src)
	return "", r.unexpected("a closing quotation mark")
}

// escapedText reads on from the first backslash at i.
func (r *reader) escapedText(start, i int) (string, *Problem) {
	text := append(make([]byte, 0, i-start+32), r.src[start:i]...)
	for i < len(r.src) {
		switch c := r.src[i]; {
		case c == '"':
			r.pos = i + 1
			return string(text), nil
		case c < ' ':
			r.pos = i
			return "", r.at(i, controlCharacter(rune(c)))
		case c != '\\':
			text = append(text, c)
			i++
		default:
			r.pos = i
			char, width, p := r.escape()
			if p != nil {
				return "", p
			}
			text = utf8.AppendRune(text, char)
			i += width
		}
	}
	r.pos = len(r.src)
	return "", r.unexpected("a closing quotation mark")
}

// escape reads the escape at the position without moving.
func (r *reader) escape() (char rune, width int, p *Problem) {
	rest := r.src[r.pos:]
	if len(rest) < 2 {
		r.pos = len(r.src)
		return 0, 0, r.unexpected("the rest of an escape")
	}
	if i := strings.IndexByte(`"\/bfnrt`, rest[1]); i >= 0 {
		return rune("\"\\/\b\f\n\r\t"[i]), 2, nil
	}
	first, ok := unicodeEscape(rest)
	if !ok {
		r.pos++
		return 0, 0, r.unexpected(`one of "\/bfnrt or u and four hexadecimal digits`)
	}
	if !utf16.IsSurrogate(first) {
		return first, 6, nil
	}
	second, ok := unicodeEscape(rest[6:])
	if char = utf16.DecodeRune(first, second); !ok || char == utf8.RuneError {
		return 0, 0, r.at(r.pos, problem(CodeEncoding, "an escape is half of a surrogate pair", "send texts in UTF-8, without escapes"))
	}
	return char, 12, nil
}

// unicodeEscape reads \u and four hexadecimal digits.
func unicodeEscape(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	var char rune
	for i := 2; i < 6; i++ {
		c := s[i]
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		char = char<<4 | rune(c)
	}
	return char, true
}

// numeral reads a run of the characters that numbers are made of, without
// asking whether they make one. ok is false when there is none; names such as
// NaN and -Infinity are taken, so that they are refused as numbers.
func (r *reader) numeral() (numeral string, ok bool) {
	start := r.pos
	for r.pos < len(r.src) && isNumeric(r.src[r.pos]) {
		r.pos++
	}
	for _, name := range [...]string{"NaN", "Infinity"} {
		if r.pos-start <= 1 && strings.HasPrefix(r.src[r.pos:], name) {
			r.pos += len(name)
		}
	}
	return r.src[start:r.pos], r.pos > start
}

func isNumeric(c byte) bool {
	return '0' <= c && c <= '9' || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E'
}

// wrongType says that a value of another type was due at the position.
func (r *reader) wrongType(due, hint text.Sentence) *Problem {
	found := text.Sentence("")
	switch c := r.peek(); {
	case c == '{':
		found = "an object"
	case c == '[':
		found = "a list"
	case c == '"':
		found = "a text"
	case c == '-' || '0' <= c && c <= '9':
		found = "a number"
	case strings.HasPrefix(r.src[r.pos:], "null"):
		found, hint = "null", "leave the key out when there is nothing to say"
	case strings.HasPrefix(r.src[r.pos:], "true"), strings.HasPrefix(r.src[r.pos:], "false"):
		found = "a truth value"
	default:
		return r.unexpected(due)
	}
	return r.at(r.pos, problem(CodeWrongType, text.Say("{Found} stands where {Due} is due", found, due), hint))
}
