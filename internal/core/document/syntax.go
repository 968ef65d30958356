package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"premia/internal/core/text"
)

// mistake is one usual way to get YAML wrong.
type mistake struct {
	// detail is what the parser says; "" fits everything.
	detail string
	// line, when set, is the form of the line at fault; its first group, if it
	// matched, is the place.
	line          *regexp.Regexp
	message, hint text.Sentence
}

// gluedKey is a key without the space after its colon.
var gluedKey = regexp.MustCompile(`^\s*(?:- +)*[\w-]+(:)\S`)

// mistakes are tried in order; the first that fits explains the error.
var mistakes = []mistake{
	{"", regexp.MustCompile(`^ *(\t)`),
		"a tab is used for indentation", "indent with spaces"},
	{"exceeded max depth", nil,
		"the document is nested too deep", ""},
	{"mapping values are not allowed", regexp.MustCompile(`^\s*(?:- +)*[^\s:][^:]*:\s.*?(:)(?:\s|$)`),
		"a value on the line of its key holds a second colon", "put a text that holds a colon between quotes"},
	{"mapping values are not allowed", nil,
		"the line is indented deeper than the line above allows", "indent the keys of one mapping equally"},
	{"did not find expected key", regexp.MustCompile(`:\s+(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*([^\s#])`),
		"text follows the closing quote", `put the whole value between quotes of the other kind: '"a" == b'`},
	{"did not find expected key", nil,
		"the line does not fit the lines above", "indent it by as many spaces as the keys it belongs with"},
	{"did not find expected '-'", nil,
		"the line does not fit the list above", "begin each item with a dash, and indent an item's keys equally"},
	{"could not find expected ':'", gluedKey,
		"the colon has no space after it", "write a space between the colon and the value"},
	{"could not find expected ':'", nil,
		"the line has no key with a colon", "write key: value"},
	{"did not find expected ',' or ']'", regexp.MustCompile(`(\[)`),
		"a list in brackets is not closed, or misses a comma", "close it with ], and write a comma between its items"},
	{"did not find expected ',' or '}'", regexp.MustCompile(`(\{)`),
		"a mapping in braces is not closed, or misses a comma", "close it with }, and write a comma between its entries"},
	{"did not find expected node content", regexp.MustCompile(`([\]},])`),
		"a bracket, brace or comma stands where a value is due", "remove it, or put a text that begins with it between quotes"},
	{"unexpected end of stream", regexp.MustCompile(`(?:^|[\s\[{,:])(["'])`),
		"a quote is not closed", "write the closing quote"},
	{"unexpected end of stream", nil,
		"a quote or bracket is not closed", "write the closing one"},
	{"cannot start any token", regexp.MustCompile("(?:^|[\\s\\[{,])([@`%])"),
		"a text cannot begin with this character", "put the text between quotes"},
	{"unknown escape character", regexp.MustCompile(`(\\[^0abtnvfre "'\\N_LPxuU])`),
		"a backslash between double quotes begins an escape that does not exist", "use single quotes, or write the backslash twice"},
	{"invalid Unicode character escape", regexp.MustCompile(`(\\[uU])`),
		"an escape stands for no character", "write the character itself"},
	{"block sequence entries are not allowed", regexp.MustCompile(`:\s+(-)\s`),
		"a list begins on the line of its key", "begin the list on the next line"},
	{"expected comment or line break", regexp.MustCompile(`([|>])`),
		"a text begins with | or >, which announce a block of lines", "put the text between quotes, or begin it on the next line"},
	{"tab character", nil,
		"a tab is used for indentation", "indent with spaces"},
	{"unknown directive", nil,
		"a line begins with %", "remove it, or put a text that begins with % between quotes"},
	{"", regexp.MustCompile(`(?:^|[\s\[{,])([!&*])`),
		"a text cannot begin with this character", "put the text between quotes"},
}

var (
	parserLine    = regexp.MustCompile(`^line (\d+): `)
	jsonStart     = regexp.MustCompile(`^\s*(\{\s*["}]|\[\s*[\[{"0-9\]-])`)
	unknownAnchor = regexp.MustCompile(`unknown anchor '(.*)' referenced`)
)

// syntaxProblem turns an error of the YAML parser into one that says where and
// why. The parser names a line only sometimes, and then often a wrong one.
func (s *Source) syntaxProblem(err error) *Problem {
	detail := strings.TrimPrefix(err.Error(), "yaml: ")
	named := 0
	if m := parserLine.FindStringSubmatch(detail); m != nil {
		named, _ = strconv.Atoi(m[1])
		detail = detail[len(m[0]):]
	}
	if p := s.jsonProblem(); p != nil && !strings.Contains(detail, "exceeded max depth") {
		return p
	}
	line := s.faultyLine(named)
	if m := unknownAnchor.FindStringSubmatch(detail); m != nil {
		p := s.problemInLine(line, max(0, strings.Index(s.line(line), "*"+m[1])), CodeForbidden)
		p.Message = text.Say("the alias *{Value} is not allowed", m[1])
		p.Hint = "write the value out, or put a text that begins with * between quotes"
		return p
	}
	if line > 1 && strings.Contains(detail, "mapping values are not allowed") && gluedKey.MatchString(s.line(line-1)) {
		// What looks like a key without its space is a text to the parser, which
		// stumbles only over the key after it.
		line, detail = line-1, "could not find expected ':'"
	}
	return s.explain(detail, line)
}

// explain finds the mistake that fits a line.
func (s *Source) explain(detail string, line int) *Problem {
	written := s.line(line)
	for _, m := range mistakes {
		if !strings.Contains(detail, m.detail) {
			continue
		}
		start := len(written) - len(strings.TrimLeft(written, " "))
		if m.line != nil {
			groups := m.line.FindStringSubmatchIndex(written)
			if groups == nil {
				continue
			}
			start = groups[2]
		}
		p := s.problemInLine(line, start, CodeSyntax)
		if m.detail == "exceeded max depth" {
			p.Code = CodeTooLarge
		}
		p.Message, p.Hint = m.message, m.hint
		return p
	}
	p := s.problemInLine(line, 0, CodeSyntax)
	p.Message, p.Hint = text.Say("this is not YAML: {Detail}", detail), "put a text with special characters between quotes"
	return p
}

func (s *Source) problemInLine(line, offset int, code string) *Problem {
	column := utf8.RuneCountInString(s.line(line)[:offset]) + 1
	return &Problem{File: s.file, Pos: Pos{Line: line, Column: column}, Code: code}
}

// line is the text of a line, counted from 1, with its end.
func (s *Source) line(number int) string {
	end := len(s.text)
	if number < len(s.lines) {
		end = s.lines[number]
	}
	return string(s.text[s.lines[number-1]:end])
}

// jsonProblem is the problem of a document that was meant as JSON, whose parser
// knows the exact place; nil when it was not.
func (s *Source) jsonProblem() *Problem {
	if s.json || !jsonStart.Match(s.text) {
		return nil
	}
	var syntax *json.SyntaxError
	var value any
	if err := json.Unmarshal(s.text, &value); !errors.As(err, &syntax) {
		return nil
	}
	offset := min(max(int(syntax.Offset)-1, 0), len(s.text))
	return &Problem{File: s.file, Pos: s.pos(offset), Code: CodeSyntax, Message: text.Say("this is not JSON: {Detail}", syntax),
		Hint: "check the commas, quotes and brackets before this place"}
}

// retryBytes bounds the work spent on finding the line of a syntax error.
const retryBytes = 4 << 20

// faultyLine finds the line at fault: the one after the longest part of the
// document, in whole lines, that is YAML by itself. For a bracket or quote left
// open it is the line where it opens. When it takes too long to find, it is the
// line that the parser named, or the last it read.
func (s *Source) faultyLine(named int) int {
	reader := &slowReader{text: s.text}
	if decodes(yaml.NewDecoder(reader)) {
		return max(named, 1) // an error in a second document
	}
	last := s.pos(max(0, len(bytes.TrimSpace(s.text[:reader.at]))-1)).Line
	work := 0
	for line := last; line > 1; line-- {
		part := s.text[:s.lines[line-1]]
		if work += len(part); work > retryBytes {
			return max(named, 1)
		}
		if decodes(yaml.NewDecoder(bytes.NewReader(part))) {
			return line
		}
	}
	return 1
}

func decodes(dec *yaml.Decoder) bool {
	_, err := nextDocument(dec)
	return err == nil || errors.Is(err, io.EOF)
}

// slowReader hands out a byte at a time, so that it knows how far the parser got.
type slowReader struct {
	text []byte
	at   int
}

func (r *slowReader) Read(p []byte) (int, error) {
	if r.at == len(r.text) {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	p[0] = r.text[r.at]
	r.at++
	return 1, nil
}
