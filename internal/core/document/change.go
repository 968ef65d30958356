package document

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Parse reads a document's form alone, whatever its keys mean, so that it can be
// looked at and changed. The error is of type [Problems].
func Parse(file string, src []byte) (*Source, error) {
	s, problem := parse(file, src)
	if problem != nil {
		return nil, Problems{*problem}
	}
	d := &decoder{source: s, badKeys: map[*yaml.Node]bool{}}
	if s.root == nil || s.root.Kind != yaml.MappingNode {
		d.add(nil, nil, CodeEmpty, "the document is no mapping", "write a key, a colon and a value on each line")
	} else {
		d.inspect()
	}
	if problems := d.finish(); len(problems) > 0 {
		return nil, problems
	}
	return s, nil
}

// Put gives the document with another value at a path, whose mappings and lists are
// made where they are missing; an index may be one more than the last. Nothing else
// changes: comments, order, spaces and line breaks stay as they are, apart from
// comments inside the value that is replaced. A new key stands where the outline has
// it; a nil outline puts it last. The error says which path can't be written so.
func (s *Source) Put(path string, v Value, o *Outline) ([]byte, error) {
	if text, is := s.Text(path); is && v.kind == yaml.ScalarNode && text == v.text && !s.isNullAt(path) {
		return slices.Clone(s.text), nil
	}
	c := &change{Source: s, outline: o}
	n, parents, rest := c.walk(path)
	if rest == "" {
		c.replace(n, parents, v)
	} else {
		next, deeper, ok := nextStep(rest)
		v, okay := under(deeper, v)
		if !ok || !okay || !c.add(n, parents, next, v) {
			return nil, fmt.Errorf("%s: there is no place %s", s.file, path)
		}
	}
	return c.finish(path, func(root *yaml.Node) bool { return putNode(root, path, v) })
}

func (s *Source) isNullAt(path string) bool {
	n, _, whole := s.find(path)
	return whole && isNull(n)
}

// under wraps a value in the mappings and lists that a path leads through.
func under(path string, v Value) (Value, bool) {
	if path == "" {
		return v, true
	}
	s, rest, ok := nextStep(path)
	if !ok || (s.isIndex && s.index != 0) {
		return v, false
	}
	inner, ok := under(rest, v)
	if s.isIndex {
		return Items(inner), ok
	}
	return Entries(Entry[Value]{s.key, inner}), ok
}

// Remove gives the document without what stands at a path, its key and the comments
// right above it; nothing else changes. A mapping or list that loses its last part
// stays, empty. A path that says nothing changes nothing.
func (s *Source) Remove(path string) ([]byte, error) {
	c := &change{Source: s}
	n, parents, rest := c.walk(path)
	if rest != "" {
		return slices.Clone(s.text), nil
	}
	if len(parents) == 0 {
		return nil, fmt.Errorf("%s: the whole document can't be removed", s.file)
	}
	c.remove(n, parents)
	return c.finish(path, func(root *yaml.Node) bool { return removeNode(root, path) })
}

// Move gives the document with an item of a list before the one before it, or with
// later behind the one behind it, each with its comments.
func (s *Source) Move(path string, later bool) ([]byte, error) {
	c := &change{Source: s}
	n, parents, rest := c.walk(path)
	if rest != "" || len(parents) == 0 || parents[len(parents)-1].node.Kind != yaml.SequenceNode {
		return nil, fmt.Errorf("%s: there is no item %s", s.file, path)
	}
	list := parents[len(parents)-1].node
	at := slices.Index(list.Content, n)
	other := at - 1
	if later {
		other = at + 1
	}
	if other < 0 || other >= len(list.Content) {
		return slices.Clone(s.text), nil
	}
	c.swap(list, min(at, other))
	return c.finish(path, func(root *yaml.Node) bool { return swapNodes(root, path, other) })
}

// Rename gives the document with another word for the key of a mapping.
func (s *Source) Rename(path, key string) ([]byte, error) {
	c := &change{Source: s}
	_, parents, rest := c.walk(path)
	if rest != "" || len(parents) == 0 || parents[len(parents)-1].key == nil {
		return nil, fmt.Errorf("%s: there is no key %s", s.file, path)
	}
	p := parents[len(parents)-1]
	for i := 0; i < len(p.node.Content); i += 2 {
		if p.node.Content[i].Value == key && p.node.Content[i] != p.key {
			return nil, fmt.Errorf("%s: there is a key %s already", s.file, key)
		}
	}
	c.splice(c.start(p.key), c.end(p.key), scalar(key, p.key.Style))
	return c.finish(path, func(root *yaml.Node) bool {
		_, parents := follow(root, path)
		parents[len(parents)-1].key.Value = key
		return true
	})
}

// change is one edit under way: at most one part of the text is replaced.
type change struct {
	*Source
	outline *Outline
	out     []byte
}

// parent is a mapping or list that a path leads through, and the key below it.
type parent struct {
	node *yaml.Node
	key  *yaml.Node // nil for an item of a list
	path string     // of the node
}

// walk follows a path as far as the document goes.
func (c *change) walk(path string) (n *yaml.Node, parents []parent, rest string) {
	n = c.root
	here, rest := "", path
	for rest != "" {
		s, deeper, ok := nextStep(rest)
		if !ok {
			return n, parents, rest
		}
		child, at := childOf(n, s, nil)
		if child == nil {
			return n, parents, rest
		}
		parents = append(parents, parent{node: n, key: at.key, path: here})
		here = path[:len(path)-len(deeper)]
		n, rest = child, deeper
	}
	return n, parents, ""
}

// splice replaces a part of the text.
func (c *change) splice(from, to int, text string) {
	c.out = slices.Concat(c.text[:from], []byte(text), c.text[to:])
}

// finish gives the changed text, once it was read again and says what it must: the
// same as the document with the change made to its values.
func (c *change) finish(path string, expected func(root *yaml.Node) bool) ([]byte, error) {
	want := clone(c.root)
	if !expected(want) {
		return nil, fmt.Errorf("%s: there is no place %s", c.file, path)
	}
	after, problem := parse(c.file, c.out)
	if problem != nil || after.root == nil || !same(want, after.root) {
		return nil, fmt.Errorf("%s: %s stands in a form that only the text itself can change", c.file, path)
	}
	return c.out, nil
}
