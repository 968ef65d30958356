// Package document reads the documents that people write for Premia (the
// program, the mapping of an import) and says exactly what is wrong with them.
//
// A document is one YAML document, or JSON, which is a part of YAML. It is read
// strictly into Go structs whose tags describe it: an unknown key, a key written
// twice, a number where a text is due are problems, each with file, line, column
// and, where it helps, a hint. All problems are reported at once. From the same
// structs comes the JSON Schema that editors use.
//
// The package owns the form of a document. What the values mean together (does
// the wallet exist, is the condition of the right type) is checked by others,
// who report with [Source.Problem] so that their problems point into the text
// too.
//
// What always holds: numbers are exact, and never pass through a float; the
// features of YAML by which a document could mean something other than it shows
// (anchors, aliases, merge keys, tags, several documents) are refused; a document
// is bounded in size, depth and number of values, so that reading one from a
// stranger is safe; reading never panics, whatever the bytes.
//
// # Tags
//
// Only fields with a doc tag take part:
//
//	doc:"name"           the key
//	doc:"name,required"  the key must be present
//	doc:",rest"          a Map[T] that takes the keys no other field names
//	doc:",inline"        a struct whose fields stand at this level
//	help:"A sentence."   shown by editors, and as the hint when the key is missing
//	enum:"a|b c|d"       the texts allowed
//	min:"1" max:"9"      inclusive bounds of a number; above:"0" is exclusive
//	pattern:"^[a-z]+$"   what a text must match, in the syntax of both RE2 and ECMA 262
//	keys:"^[a-z]+$"      what the keys of a Map must match
//	form:"small letters" says a pattern in words, for the hint
//	min_len, max_len     characters of a text, items of a list, entries of a Map
//
// Bounds, enum and pattern of a list or a Map apply to its elements.
//
// # Types
//
// Fields are string, bool, int, int64, [decimal.Decimal], structs, slices, [Map],
// pointers to these (nil when the key is absent), and named types over them. A
// type with UnmarshalText([]byte) error is read from a scalar. A struct with
// Shorthand(text string) error may be written as a scalar as well as a mapping.
// An error from either becomes the problem's message, and what it advises
// ([text.Advise]) the hint. A type may describe itself to editors with
// JSONSchema() map[string]any, and a shorthand with
// ShorthandSchema() map[string]any.
//
// A string takes any scalar as it stands in the text: version: 1.10 is "1.10".
package document

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"premia/internal/core/text"
)

// Pos is a place in a document. Line and Column count from 1; Column counts
// characters, not bytes. The zero Pos means that the place is unknown.
type Pos struct {
	Line, Column int
}

// The codes of problems found by this package. They are stable: programs that
// show problems may rely on them.
const (
	CodeSyntax      = "syntax"        // not YAML
	CodeEncoding    = "encoding"      // not UTF-8, or a character that a document may not hold
	CodeTooLarge    = "too_large"     // over a bound of size, depth or number of values
	CodeForbidden   = "forbidden"     // YAML that documents do without: anchors, aliases, tags, several documents
	CodeEmpty       = "empty"         // no document, or a key without a value
	CodeUnknownKey  = "unknown_key"   // a key that means nothing at its place
	CodeDuplicate   = "duplicate_key" // a key written twice
	CodeMissing     = "missing"       // a required key is absent
	CodeWrongType   = "wrong_type"    // a list where a text is due, and so on
	CodeOutOfRange  = "out_of_range"  // a number, or a length, beyond its bounds
	CodeInvalid     = "invalid"       // a text that does not have the form it must
	CodeNotAllowed  = "not_allowed"   // a text that is not one of those allowed
	CodeTooManyMore = "too_many"      // further problems are not listed
)

// Problem is one mistake in a document.
type Problem struct {
	File string
	Pos  Pos
	// Path names the value from the root: "earn[2].when". Empty for the whole.
	Path string
	// Code is stable, for programs; see the Code constants.
	Code string
	// Message says what is wrong, Hint what to do about it. Hint may be empty.
	Message, Hint text.Sentence
}

// Error says the problem in one line, in English:
//
//	file.yaml:12:5: earn[2].wen: unknown key "wen"; did you mean "when"?
func (p Problem) Error() string { return p.In(text.Sentence.String) }

// In says the problem in one line, its sentences by say.
func (p Problem) In(say func(text.Sentence) string) string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File + ":")
	}
	if p.Pos != (Pos{}) {
		b.WriteString(strconv.Itoa(p.Pos.Line) + ":" + strconv.Itoa(p.Pos.Column) + ":")
	}
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(say(p.Sentence()))
	return b.String()
}

// Sentence says what is wrong and what to do about it, without the place.
func (p Problem) Sentence() text.Sentence {
	if p.Hint == "" {
		return p.Message
	}
	return text.Say("{What}; {Hint}", p.Message, p.Hint)
}

// Problems are all mistakes found in a document, in the order of the text. No
// problems is a nil slice; use [Problems.Err] where an error is returned, since a
// nil Problems inside an error interface is not a nil error.
type Problems []Problem

// Error lists all problems, one a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Sentence says all problems, one a line.
func (ps Problems) Sentence() text.Sentence {
	said := text.Sentence("")
	for i, p := range ps {
		place := p
		place.Message, place.Hint = "", ""
		one := text.Say("{Place}{What}", place.Error(), p.Sentence())
		if i > 0 {
			one = text.Say("{Before}\n{One}", said, one)
		}
		said = one
	}
	return said
}

// Err is nil when there are no problems.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

// Sort orders problems by file and position; those at one place keep their order.
func (ps Problems) Sort() {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column))
	})
}
