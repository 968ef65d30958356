package document

import (
	"slices"
	"sort"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"premia/internal/core/text"
)

// Source remembers where each value of a document stood, so that checks made
// after reading can point into the text. It is immutable.
type Source struct {
	file string
	// text is what the parser read: without a byte order mark, and JSON as YAML.
	text []byte
	json bool // whether it was valid JSON
	// lines holds the offset at which each line begins.
	lines []int
	root  *yaml.Node // nil for a document without a value
}

// File is the name given to [Read].
func (s *Source) File() string { return s.file }

// Has tells whether the document says something at the path.
func (s *Source) Has(path string) bool {
	n, _, whole := s.find(path)
	return n != nil && whole
}

// At is the position of the value at path: of a scalar, where its text begins;
// of a mapping or list under a key, where the key stands. When the document has
// no such value it is the position of the nearest ancestor that it has.
func (s *Source) At(path string) Pos {
	n, at, _ := s.find(path)
	return s.position(n, at)
}

// Problem makes a problem about the value at path, for checks made after reading.
func (s *Source) Problem(path, code string, message, hint text.Sentence) Problem {
	return Problem{File: s.file, Pos: s.At(path), Path: path, Code: code, Message: message, Hint: hint}
}

// Says tells whether a key or a value of the document is one of the words.
func (s *Source) Says(words ...string) bool { return says(s.root, words) }

func says(n *yaml.Node, words []string) bool {
	if n == nil {
		return false
	}
	if n.Kind == yaml.ScalarNode {
		return slices.Contains(words, n.Value)
	}
	return slices.ContainsFunc(n.Content, func(child *yaml.Node) bool { return says(child, words) })
}

// find follows path as far as the document goes, and says whether to its end.
func (s *Source) find(path string) (n *yaml.Node, at *place, whole bool) {
	n = s.root
	for path != "" && n != nil {
		next, rest, ok := nextStep(path)
		if !ok {
			return n, at, false
		}
		child, childAt := childOf(n, next, at)
		if child == nil {
			return n, at, false
		}
		n, at, path = child, childAt, rest
	}
	return n, at, n != nil
}

// position is where a problem about n, which stands at place at, is shown.
func (s *Source) position(n *yaml.Node, at *place) Pos {
	switch {
	case n == nil:
		return Pos{Line: 1, Column: 1}
	case n.Kind == yaml.ScalarNode && !(n.Value == "" && n.Style == 0), at == nil, at.key == nil:
		return Pos{Line: n.Line, Column: n.Column}
	}
	return Pos{Line: at.key.Line, Column: at.key.Column}
}

// offset is the place of pos in the text, in bytes.
func (s *Source) offset(pos Pos) int {
	if pos.Line < 1 || pos.Line > len(s.lines) {
		return len(s.text)
	}
	at := s.lines[pos.Line-1]
	for range pos.Column - 1 {
		_, size := utf8.DecodeRune(s.text[at:])
		at += size
	}
	return at
}

// pos is the position of the byte at offset.
func (s *Source) pos(offset int) Pos {
	line := sort.SearchInts(s.lines, offset+1) - 1
	return Pos{Line: line + 1, Column: utf8.RuneCount(s.text[s.lines[line]:offset]) + 1}
}

// lineStarts finds the offset of each line's first byte. Lines end as YAML 1.1
// has it, which the parser counts by: LF, CR LF, CR, NEL, LS and PS.
func lineStarts(text []byte) []int {
	starts := []int{0}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		i += size
		if r == '\r' && i < len(text) && text[i] == '\n' {
			i++
		}
		if isBreak(r) {
			starts = append(starts, i)
		}
	}
	return starts
}

func isBreak(r rune) bool {
	return r == '\n' || r == '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029'
}

// childOf is the value one step below n, or nil.
func childOf(n *yaml.Node, s step, at *place) (*yaml.Node, *place) {
	switch {
	case s.isIndex && n.Kind == yaml.SequenceNode && s.index < len(n.Content):
		return n.Content[s.index], &place{parent: at, index: s.index}
	case !s.isIndex && n.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if key := n.Content[i]; key.Kind == yaml.ScalarNode && key.Value == s.key {
				return n.Content[i+1], &place{parent: at, key: key}
			}
		}
	}
	return nil, nil
}
