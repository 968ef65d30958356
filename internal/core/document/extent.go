package document

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// isBlock tells whether n is a mapping or list written line by line, by its
// indentation.
func isBlock(n *yaml.Node) bool {
	return n.Kind != yaml.ScalarNode && n.Style&yaml.FlowStyle == 0 && len(n.Content) > 0
}

// start is the offset in the text at which n begins: of a mapping in lines its first
// key, of a list in lines its first dash.
func (s *Source) start(n *yaml.Node) int { return s.offset(Pos{Line: n.Line, Column: n.Column}) }

// end is the offset behind the last byte of n.
func (s *Source) end(n *yaml.Node) int {
	switch {
	case n.Kind == yaml.ScalarNode:
		return s.scalarEnd(n)
	case len(n.Content) == 0:
		return s.closing(s.start(n) + 1)
	}
	at := s.end(n.Content[len(n.Content)-1])
	if isBlock(n) || !strings.ContainsRune("[{", rune(s.text[s.start(n)])) {
		return at // in lines, or the pair of a list in brackets
	}
	return s.closing(at)
}

// closing is the offset behind the bracket that closes a list or mapping whose
// values end before at.
func (s *Source) closing(at int) int {
	for at < len(s.text) {
		switch s.text[at] {
		case ']', '}':
			return at + 1
		case '#':
			at += max(0, bytes.IndexByte(s.text[at:], '\n'))
		}
		at++
	}
	return len(s.text)
}

func (s *Source) scalarEnd(n *yaml.Node) int {
	at := s.start(n)
	switch {
	case n.Value == "" && n.Style == 0:
		return at
	case n.Style&yaml.SingleQuotedStyle != 0:
		for at++; at < len(s.text); at++ {
			if s.text[at] != '\'' {
				continue
			}
			if at+1 >= len(s.text) || s.text[at+1] != '\'' {
				return at + 1
			}
			at++
		}
		return at
	case n.Style&yaml.DoubleQuotedStyle != 0:
		for at++; at < len(s.text) && s.text[at] != '"'; at++ {
			if s.text[at] == '\\' {
				at++
			}
		}
		return min(at+1, len(s.text))
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return s.blockEnd(at)
	}
	w := walker{text: s.text, at: at, style: n.Style}
	return w.follow(n.Value, len(n.Value))
}

// blockEnd is the end of a text in lines whose sign, | or >, stands at the offset:
// all lines that are indented as its first, but not the empty ones after them.
func (s *Source) blockEnd(at int) int {
	end := s.lineEnd(at)
	indent := -1
	for next := end + 1; next < len(s.text); {
		stop := s.lineEnd(next)
		line := s.text[next:stop]
		text := bytes.TrimLeft(line, " ")
		if len(bytes.TrimSpace(text)) > 0 {
			if indent < 0 {
				indent = len(line) - len(text)
			}
			if len(line)-len(text) < indent || indent == 0 {
				return end
			}
			end = stop
		}
		next = stop + 1
	}
	return end
}

// lineStart is the offset of the first byte of the line that at stands in.
func (s *Source) lineStart(at int) int { return bytes.LastIndexByte(s.text[:at], '\n') + 1 }

// lineEnd is the offset of the line's end, before its line feed.
func (s *Source) lineEnd(at int) int {
	if length := bytes.IndexByte(s.text[at:], '\n'); length >= 0 {
		return at + length
	}
	return len(s.text)
}

// indentOf is how many characters stand before n in its line.
func indentOf(n *yaml.Node) int { return n.Column - 1 }

// above is the start of the comment lines that stand right above the line of an
// offset, at its indentation; the line's own start where there are none.
func (s *Source) above(at int) int {
	first := s.lineStart(at)
	indent := utf8.RuneCount(s.text[first:at])
	for first > 0 {
		before := s.lineStart(first - 1)
		line := s.text[before : first-1]
		text := bytes.TrimLeft(line, " ")
		if len(text) == 0 || text[0] != '#' || len(line)-len(text) != indent {
			break
		}
		first = before
	}
	return first
}
