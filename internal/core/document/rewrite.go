package document

import (
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Scalars calls a function with the path and the text of each value of the document
// that has no parts, in their order.
func (s *Source) Scalars(visit func(path, text string)) { scalars(s.root, "", visit) }

func scalars(n *yaml.Node, path string, visit func(path, text string)) {
	if n == nil {
		return
	}
	switch n.Kind {
	case yaml.ScalarNode:
		visit(path, n.Value)
	case yaml.SequenceNode:
		for i, item := range n.Content {
			scalars(item, Index(path, i), visit)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			scalars(n.Content[i+1], Join(path, n.Content[i].Value), visit)
		}
	}
}

// Rewritten gives the document with other texts at the paths of values that have no
// parts, in the quotes in which they stood. Nothing else changes. The error says which
// path can't be written so.
func (s *Source) Rewritten(texts map[string]string) ([]byte, error) {
	type part struct {
		from, to int
		text     string
	}
	want := clone(s.root)
	var parts []part
	for _, path := range slices.Sorted(maps.Keys(texts)) {
		n, _, whole := s.find(path)
		if !whole || n.Kind != yaml.ScalarNode || n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
			return nil, fmt.Errorf("%s: there is no text on a line at %s", s.file, path)
		}
		parts = append(parts, part{s.start(n), s.end(n), scalar(texts[path], n.Style)})
		putNode(want, path, Scalar(texts[path]))
	}
	slices.SortFunc(parts, func(a, b part) int { return a.from - b.from })
	var out []byte
	at := 0
	for _, p := range parts {
		out = append(append(out, s.text[at:p.from]...), p.text...)
		at = p.to
	}
	out = append(out, s.text[at:]...)
	after, problem := parse(s.file, out)
	if problem != nil || after.root == nil || !same(want, after.root) {
		return nil, fmt.Errorf("%s: what stands there can only be changed in the text itself", s.file)
	}
	return out, nil
}
