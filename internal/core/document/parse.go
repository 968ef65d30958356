package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"premia/internal/core/text"
)

// The bounds of a document. A program of a large chain has some thousand values.
const (
	MaxBytes  = 1 << 20
	MaxDepth  = 32
	MaxValues = 100_000
	// MaxKey bounds a key, in bytes, so that paths stay readable.
	MaxKey = 200
)

var byteOrderMark = []byte("\xef\xbb\xbf")

// parse turns src into the tree of its one document. Source is nil when src is
// not YAML.
func parse(file string, src []byte) (*Source, *Problem) {
	s := &Source{file: file, text: bytes.TrimPrefix(src, byteOrderMark)}
	if len(src) > MaxBytes {
		message := text.Say("the document has {Count} bytes, more than the {Most} allowed", len(src), MaxBytes)
		return nil, &Problem{File: file, Code: CodeTooLarge, Message: message, Hint: "split it, or move long texts elsewhere"}
	}
	s.lines = lineStarts(s.text)
	if p := s.checkCharacters(); p != nil {
		return nil, p
	}
	if s.json = jsonStart.Match(s.text) && json.Valid(s.text); s.json {
		s.text = yamlOfJSON(s.text)
		s.lines = lineStarts(s.text)
	}
	dec := yaml.NewDecoder(bytes.NewReader(s.text))
	first, err := nextDocument(dec)
	if errors.Is(err, io.EOF) {
		return s, nil
	}
	if err != nil {
		return nil, s.syntaxProblem(err)
	}
	if len(first.Content) > 0 {
		s.root = first.Content[0]
	}
	second, err := nextDocument(dec)
	switch {
	case errors.Is(err, io.EOF):
		return s, nil
	case err != nil:
		return nil, s.syntaxProblem(err)
	}
	return s, &Problem{File: file, Pos: Pos{Line: second.Line, Column: second.Column}, Code: CodeForbidden,
		Message: "a second document begins here", Hint: "keep one document in a file, and remove the line ---"}
}

// jsonOnly is what JSON has and the YAML parser refuses: tabs between values, the
// escape of a slash, and two escapes for a character beyond U+FFFF; or an escaped
// backslash, which must not be taken for the beginning of another escape.
var jsonOnly = regexp.MustCompile(`\t|\\\\|\\/|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}`)

// yamlOfJSON writes valid JSON so that the YAML parser takes it. Lines stay; in a
// line, columns after a shortened escape are less by one or two.
func yamlOfJSON(text []byte) []byte {
	return jsonOnly.ReplaceAllFunc(text, func(found []byte) []byte {
		switch string(found) {
		case "\t":
			return []byte(" ")
		case `\/`:
			return []byte("/")
		case `\\`:
			return found
		}
		// The form admits only hexadecimal digits.
		high, _ := strconv.ParseUint(string(found[2:6]), 16, 32)
		low, _ := strconv.ParseUint(string(found[8:12]), 16, 32)
		return fmt.Appendf(nil, `\U%08X`, utf16.DecodeRune(rune(high), rune(low)))
	})
}

// nextDocument reads one document. The parser is known to panic on some
// malformed input; that is a syntax error too.
func nextDocument(dec *yaml.Decoder) (n yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("yaml: %v", r)
		}
	}()
	err = dec.Decode(&n)
	return n, err
}

// checkCharacters finds the first byte that a text document may not hold.
func (s *Source) checkCharacters() *Problem {
	for i := 0; i < len(s.text); {
		r, size := utf8.DecodeRune(s.text[i:])
		message, hint := text.Sentence(""), text.Sentence("")
		switch {
		case r == utf8.RuneError && size == 1:
			message = text.Say("the byte 0x{Code} is not UTF-8", fmt.Sprintf("%02X", s.text[i]))
			hint = "save the file in the encoding UTF-8"
		case !allowedCharacter(r):
			message = text.Say("the control character U+{Code} is not allowed", fmt.Sprintf("%04X", r))
			hint = "a document is plain text; is this the right file?"
		}
		if message != "" {
			return &Problem{File: s.file, Pos: s.pos(i), Code: CodeEncoding, Message: message, Hint: hint}
		}
		i += size
	}
	return nil
}

// allowedCharacter tells whether a character may stand in a document, or be made
// by an escape in it: YAML's printable characters, without a byte order mark.
func allowedCharacter(r rune) bool {
	switch {
	case r == '\t', r == '\n', r == '\r', r == '\u0085':
		return true
	case r < 0x20, r >= 0x7f && r < 0xa0, r == 0xfeff, r == 0xfffe, r == 0xffff:
		return false
	}
	return true
}
