package document

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// Bytes gives the whole text as it was read: without a byte order mark.
func (s *Source) Bytes() []byte { return slices.Clone(s.text) }

// Text gives the text of the scalar at a path, and whether there is one.
func (s *Source) Text(path string) (string, bool) {
	n, _, whole := s.find(path)
	if !whole || n.Kind != yaml.ScalarNode {
		return "", false
	}
	return n.Value, true
}

// KeysAt gives the keys of the mapping at a path in their order, and whether there
// is one.
func (s *Source) KeysAt(path string) ([]string, bool) {
	n, _, whole := s.find(path)
	if !whole || n.Kind != yaml.MappingNode {
		return nil, false
	}
	keys := make([]string, 0, len(n.Content)/2)
	for i := 0; i < len(n.Content); i += 2 {
		keys = append(keys, n.Content[i].Value)
	}
	return keys, true
}

// Len gives how many items the list at a path has, and whether there is one.
func (s *Source) Len(path string) (int, bool) {
	n, _, whole := s.find(path)
	if !whole || n.Kind != yaml.SequenceNode {
		return 0, false
	}
	return len(n.Content), true
}

// clone copies a tree.
func clone(n *yaml.Node) *yaml.Node {
	copied := *n
	copied.Content = make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		copied.Content[i] = clone(child)
	}
	return &copied
}

// same tells whether two trees say the same. The order of a mapping's keys is free
// here, as only a new key has a place of its own.
func same(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || len(a.Content) != len(b.Content) || isNull(a) != isNull(b) {
		return false
	}
	switch a.Kind {
	case yaml.ScalarNode:
		return a.Value == b.Value
	case yaml.SequenceNode:
		for i := range a.Content {
			if !same(a.Content[i], b.Content[i]) {
				return false
			}
		}
		return true
	}
	for i := 0; i < len(a.Content); i += 2 {
		other, _ := childOf(b, step{key: a.Content[i].Value}, nil)
		if other == nil || !same(a.Content[i+1], other) {
			return false
		}
	}
	return true
}

// follow gives what stands at a path of a tree, nil if nothing does, and all that
// the path leads through.
func follow(n *yaml.Node, path string) (*yaml.Node, []parent) {
	c := &change{Source: &Source{root: n}}
	found, parents, rest := c.walk(path)
	if rest != "" {
		return nil, parents
	}
	return found, parents
}

// putNode puts a value at a path of a tree.
func putNode(root *yaml.Node, path string, v Value) bool {
	if found, _ := follow(root, path); found != nil {
		*found = *v.node()
		return true
	}
	c := &change{Source: &Source{root: root}}
	n, _, rest := c.walk(path)
	s, deeper, ok := nextStep(rest)
	v, wrapped := under(deeper, v)
	if !ok || !wrapped {
		return false
	}
	switch {
	case n.Kind == yaml.ScalarNode && s.isIndex:
		*n = *Items(v).node()
	case n.Kind == yaml.ScalarNode:
		*n = *Entries(Entry[Value]{s.key, v}).node()
	case s.isIndex:
		n.Content = append(n.Content, v.node())
	default:
		n.Content = append(n.Content, Scalar(s.key).node(), v.node())
	}
	return true
}

// removeNode takes what stands at a path out of a tree.
func removeNode(root *yaml.Node, path string) bool {
	found, parents := follow(root, path)
	if found == nil || len(parents) == 0 {
		return false
	}
	p := parents[len(parents)-1]
	at := slices.Index(p.node.Content, found)
	if p.key != nil {
		p.node.Content = slices.Delete(p.node.Content, at-1, at+1)
	} else {
		p.node.Content = slices.Delete(p.node.Content, at, at+1)
	}
	return true
}

// swapNodes lets an item of a list change places with the one at an index.
func swapNodes(root *yaml.Node, path string, other int) bool {
	found, parents := follow(root, path)
	if found == nil {
		return false
	}
	list := parents[len(parents)-1].node.Content
	at := slices.Index(list, found)
	list[at], list[other] = list[other], list[at]
	return true
}
