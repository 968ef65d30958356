package document

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"premia/internal/core/text"
)

// inspect walks the whole tree before it is decoded and reports what no document
// may contain, wherever it stands. It is false when the tree is too large or deep
// to go on.
func (d *decoder) inspect() bool {
	return d.inspectNode(d.source.root, nil, 1)
}

func (d *decoder) inspectNode(n *yaml.Node, at *place, depth int) bool {
	d.values++
	switch {
	case d.values > MaxValues:
		d.add(n, at, CodeTooLarge, text.Say("the document has more than {Count} values", MaxValues), "")
		return false
	case depth > MaxDepth && n.Kind != yaml.ScalarNode:
		d.add(n, at, CodeTooLarge, text.Say("the document is nested more than {Count} levels deep", MaxDepth), "")
		return false
	}
	d.inspectStyle(n, at)
	switch n.Kind {
	case yaml.MappingNode:
		return d.inspectMapping(n, at, depth)
	case yaml.SequenceNode:
		for i, item := range n.Content {
			if !d.inspectNode(item, &place{parent: at, index: i}, depth+1) {
				return false
			}
		}
	}
	return true
}

// inspectStyle reports YAML's ways to let a text mean something other than it
// shows.
func (d *decoder) inspectStyle(n *yaml.Node, at *place) {
	switch {
	case n.Kind == yaml.AliasNode:
		d.add(n, at, CodeForbidden, text.Say("the alias *{Value} is not allowed", n.Value), "write the value out, or put a text that begins with * between quotes")
	case n.Anchor != "":
		d.add(n, at, CodeForbidden, text.Say("the anchor &{Anchor} is not allowed", n.Anchor), "remove it, or put a text that begins with & between quotes")
	case n.Style&yaml.TaggedStyle != 0, d.startsWith(n, '!'):
		d.add(n, at, CodeForbidden, "a tag (a word that begins with !) is not allowed", "remove it, or put a text that begins with ! between quotes")
	case n.Kind == yaml.ScalarNode:
		for _, r := range n.Value {
			if !allowedCharacter(r) {
				d.add(n, at, CodeEncoding, text.Say("the text holds the control character U+{Code}", fmt.Sprintf("%04X", r)), "remove the escape that makes it")
				return
			}
		}
	}
}

// startsWith tells whether the text of n begins with c. A plain scalar cannot
// begin with an indicator, so this finds the tag ! that the parser drops.
func (d *decoder) startsWith(n *yaml.Node, c byte) bool {
	if n.Kind == yaml.ScalarNode && n.Value == "" && n.Style == 0 {
		return false
	}
	text, at := d.source.text, d.cursor.moveTo(d.source, Pos{Line: n.Line, Column: n.Column})
	return at < len(text) && text[at] == c
}

// cursor finds the offsets of positions that are asked for in the order of the
// text, in one pass over it, however long its lines are.
type cursor struct {
	pos    Pos
	offset int
}

func (c *cursor) moveTo(s *Source, pos Pos) int {
	if pos.Line != c.pos.Line || pos.Column < c.pos.Column {
		c.pos, c.offset = Pos{Line: pos.Line, Column: 1}, s.offset(Pos{Line: pos.Line, Column: 1})
	}
	for ; c.pos.Column < pos.Column && c.offset < len(s.text); c.pos.Column++ {
		_, size := utf8.DecodeRune(s.text[c.offset:])
		c.offset += size
	}
	return c.offset
}

func (d *decoder) inspectMapping(n *yaml.Node, at *place, depth int) bool {
	seen := make(map[string]*yaml.Node, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		d.values++
		if !d.inspectKey(key, at) {
			d.badKeys[key] = true
			continue
		}
		here := &place{parent: at, key: key}
		if first := seen[key.Value]; first != nil {
			d.badKeys[key] = true
			d.addAt(Pos{Line: key.Line, Column: key.Column}, here.String(), CodeDuplicate,
				text.Say("the key {Value} is written twice: here and at line {Line}, column {Column}", strconv.Quote(key.Value), first.Line, first.Column),
				"keep one of them")
			continue
		}
		seen[key.Value] = key
		if !d.inspectNode(value, here, depth+1) {
			return false
		}
	}
	return true
}

// inspectKey reports a key that is not a plain word or quoted text.
func (d *decoder) inspectKey(key *yaml.Node, at *place) bool {
	report := func(code string, message, hint text.Sentence) bool {
		d.addAt(Pos{Line: key.Line, Column: key.Column}, at.String(), code, message, hint)
		return false
	}
	switch {
	case key.Kind == yaml.AliasNode || key.Anchor != "" || key.Style&yaml.TaggedStyle != 0 || d.startsWith(key, '!'):
		d.inspectStyle(key, at)
		return false
	case key.Kind != yaml.ScalarNode:
		return report(CodeWrongType, text.Say("a key must be a word, not {Found}", nameOfNode(key)), "put a text with braces or brackets between quotes")
	case key.Tag == "!!merge":
		return report(CodeForbidden, "the merge key << is not allowed", "write the keys out")
	case isNull(key) || strings.TrimSpace(key.Value) == "":
		return report(CodeEmpty, "a key is empty", "write a word before the colon")
	case len(key.Value) > MaxKey:
		return report(CodeTooLarge, text.Say("a key has more than {Count} bytes", MaxKey), "")
	case strings.ContainsFunc(key.Value, func(r rune) bool { return !allowedCharacter(r) || isBreak(r) || r == '\t' }):
		return report(CodeEncoding, text.Say("the key {Key} holds a control character", strconv.Quote(key.Value)), "")
	}
	return true
}
