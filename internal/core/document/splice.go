package document

import (
	"bytes"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// replace puts a value where n stands.
func (c *change) replace(n *yaml.Node, parents []parent, v Value) {
	from, to := c.start(n), c.end(n)
	inLines := isBlock(n) || n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0
	var key *yaml.Node
	if len(parents) > 0 {
		key = parents[len(parents)-1].key
	}
	if key == nil || (!inLines && !isNull(n)) {
		text := v.flow()
		if v.kind == yaml.ScalarNode && n.Kind == yaml.ScalarNode && !inLines {
			text = scalar(v.text, n.Style)
		}
		c.splice(from, to, text)
		return
	}
	// The value of a key that stands in lines, or is empty: from the colon on.
	colon := c.end(key) + bytes.IndexByte(c.text[c.end(key):], ':') + 1
	comment := ""
	if stop := c.lineEnd(colon); isBlock(n) && stop < to {
		comment = strings.TrimRight(string(c.text[colon:stop]), "\r")
	}
	c.splice(colon, max(to, colon), spaced(v.flow())+comment)
}

// add puts a value under a new key of a mapping, or behind the items of a list.
func (c *change) add(n *yaml.Node, parents []parent, at step, v Value) bool {
	switch {
	case n.Kind == yaml.ScalarNode:
		inside := Entries(Entry[Value]{at.key, v})
		if at.isIndex {
			inside = Items(v)
		}
		c.replace(n, parents, inside)
		return !at.isIndex || at.index == 0
	case at.isIndex:
		if n.Kind != yaml.SequenceNode || at.index != len(n.Content) {
			return false
		}
		c.appendItem(n, v)
		return true
	case n.Kind != yaml.MappingNode:
		return false
	}
	c.insertKey(n, c.before(n, parents, at.key), at.key, v)
	return true
}

// before is how many of a mapping's entries a new key stands behind, as its outline
// orders them.
func (c *change) before(n *yaml.Node, parents []parent, key string) int {
	path := ""
	if len(parents) > 0 {
		last := parents[len(parents)-1]
		path = last.path
		if last.key != nil {
			path = Join(path, last.key.Value)
		} else {
			path = Index(path, slices.Index(last.node.Content, n))
		}
	}
	count := len(n.Content) / 2
	if c.outline == nil {
		return count
	}
	o, ok := c.outline.At(path)
	if !ok || o.Kind != KindGroup {
		return count
	}
	place := func(name string) int {
		return slices.IndexFunc(o.Keys, func(k Key) bool { return k.Name == name })
	}
	own := place(key)
	if own < 0 {
		return count
	}
	for i := count; i > 0; i-- {
		if p := place(n.Content[2*i-2].Value); p >= 0 && p < own {
			return i
		}
	}
	return 0
}

// insertKey puts a key behind so many entries of a mapping.
func (c *change) insertKey(n *yaml.Node, behind int, key string, v Value) {
	inLine := scalar(key, 0) + ": " + v.flow()
	switch {
	case len(n.Content) == 0:
		c.splice(c.start(n), c.end(n), "{"+inLine+"}")
	case !isBlock(n) && behind == 0:
		at := c.start(n.Content[0])
		c.splice(at, at, inLine+", ")
	case !isBlock(n):
		at := c.end(n.Content[2*behind-1])
		c.splice(at, at, ", "+inLine)
	default:
		pad := strings.Repeat(" ", indentOf(n))
		entry := scalar(key, 0) + ":" + spaced(v.lines(indentOf(n)+2, false))
		if behind == 0 {
			at := c.start(n.Content[0])
			c.splice(at, at, entry+"\n"+pad)
			return
		}
		at := c.lineEnd(c.end(n.Content[2*behind-1]))
		gap := ""
		if indentOf(n) == 0 && c.blankLine(c.start(n.Content[2*behind-2])) && strings.Contains(entry, "\n") {
			gap = "\n"
		}
		c.splice(at, at, gap+"\n"+pad+entry)
	}
}

// appendItem puts an item behind those of a list.
func (c *change) appendItem(n *yaml.Node, v Value) {
	switch {
	case len(n.Content) == 0:
		c.splice(c.start(n), c.end(n), "["+v.flow()+"]")
	case !isBlock(n):
		at := c.end(n.Content[len(n.Content)-1])
		c.splice(at, at, ", "+v.flow())
	default:
		gap := "\n"
		last := n.Content[len(n.Content)-1]
		if len(n.Content) > 1 && c.blankLine(c.dash(n, last)) {
			gap = "\n\n"
		}
		at := c.lineEnd(c.end(last))
		text := "- " + v.lines(indentOf(n)+2, true)
		if last.Style&yaml.FlowStyle != 0 {
			text = "- " + v.flow()
		}
		c.splice(at, at, gap+strings.Repeat(" ", indentOf(n))+text)
	}
}

// blankLine tells whether an empty line stands above the line of an offset and its
// comments.
func (c *change) blankLine(at int) bool {
	first := c.above(at)
	return first > 0 && isBlank(c.text[c.lineStart(first-1):first-1])
}

// dash is the offset of the dash before an item of a list in lines.
func (c *change) dash(list, item *yaml.Node) int {
	line := c.offset(Pos{Line: item.Line, Column: 1})
	if item.Column == list.Column || bytes.IndexByte(c.text[line:c.start(item)], '-') < 0 {
		// The item begins on a line below its dash.
		return c.start(item)
	}
	return c.offset(Pos{Line: item.Line, Column: list.Column})
}

// remove cuts out what stands at the end of the parents.
func (c *change) remove(n *yaml.Node, parents []parent) {
	p := parents[len(parents)-1]
	step := 1
	if p.key != nil {
		step = 2
	}
	at := slices.Index(p.node.Content, n) / step
	switch {
	case len(p.node.Content) == step:
		empty := Items()
		if p.key != nil {
			empty = Entries()
		}
		c.replace(p.node, parents[:len(parents)-1], empty)
	case isBlock(p.node):
		c.cutLines(p, n, at, step)
	case at == 0:
		c.splice(c.start(p.node.Content[0]), c.start(p.node.Content[step]), "")
	default:
		c.splice(c.end(p.node.Content[at*step-1]), c.end(n), "")
	}
}

// cutLines cuts the lines of an entry or item out of a mapping or list in lines.
func (c *change) cutLines(p parent, n *yaml.Node, at, step int) {
	first := c.start(n)
	if p.key != nil {
		first = c.start(p.key)
	} else {
		first = c.dash(p.node, n)
	}
	end := c.end(n)
	if n.Value == "" && n.Kind == yaml.ScalarNode && n.Style == 0 && p.key != nil {
		end = c.end(p.key)
	}
	line := c.lineStart(first)
	if !isBlank(c.text[line:first]) {
		// The first key of an item, on the line of its dash: the next takes its place.
		next := c.start(p.node.Content[step])
		if between := c.text[end:next]; !isBlank(between) {
			next = end
		}
		c.splice(first, next, "")
		return
	}
	if at > 0 {
		line = c.above(first)
	}
	stop := min(c.lineEnd(end)+1, len(c.text))
	if line > 0 && isBlank(c.text[c.lineStart(line-1):line]) && (stop == len(c.text) || isBlank(c.text[stop:c.lineEnd(stop)])) {
		line = c.lineStart(line - 1) // no two empty lines remain
	}
	c.splice(line, stop, "")
}

// swap lets an item of a list and the next change places.
func (c *change) swap(list *yaml.Node, first int) {
	a, b := list.Content[first], list.Content[first+1]
	from, to := c.start(a), c.end(a)
	from2, to2 := c.start(b), c.end(b)
	if isBlock(list) {
		from, to = c.dash(list, a), c.lineEnd(to)
		from2, to2 = c.above(c.dash(list, b)), c.lineEnd(to2)
		if first > 0 || isBlank(c.text[c.lineStart(from):from]) {
			from = c.above(from)
		}
		if !isBlank(c.text[c.lineStart(from):from]) {
			from2 = c.start(b) // a list in a list begins on its dash's line
		}
	}
	c.out = slices.Concat(c.text[:from], c.text[from2:to2], c.text[to:from2], c.text[from:to], c.text[to2:])
}

func isBlank(text []byte) bool { return len(bytes.TrimSpace(text)) == 0 }
