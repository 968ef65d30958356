package document

import (
	"bytes"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Edit gives a key at the top of a document another value: a text, a list of texts, or
// nothing, which removes the key.
type Edit struct {
	Key   string
	Value any
}

// Edited gives the document with other values at the top. Whatever else it says stays as
// it stood, comments included; a key that the document does not have is put before the
// first one. The error says which key can't be changed so: one of a document that was
// JSON, or whose value shares a line with another key.
func (s *Source) Edited(edits ...Edit) ([]byte, error) {
	if s.json || s.root == nil || s.root.Kind != yaml.MappingNode || s.root.Style&yaml.FlowStyle != 0 {
		return nil, fmt.Errorf("%s: only a document in YAML with a key on each line can be edited", s.file)
	}
	lines := s.splitLines()
	for _, e := range edits {
		said, err := e.line()
		if err != nil {
			return nil, err
		}
		first, last, comment := s.extent(e.Key)
		switch {
		case first == 0:
			lines[s.root.Content[0].Line-1] = append(slices.Clone(said), lines[s.root.Content[0].Line-1]...)
			continue
		case e.Value != nil && comment != "":
			said = append(append(bytes.TrimSuffix(said, []byte("\n")), "  "+comment...), '\n')
		}
		lines[first-1] = said
		for i := first; i < last; i++ {
			lines[i] = nil
		}
	}
	return bytes.Join(lines, nil), nil
}

// line writes a key with its value.
func (e Edit) line() ([]byte, error) {
	if e.Value == nil {
		return nil, nil
	}
	var value yaml.Node
	if err := value.Encode(e.Value); err != nil {
		return nil, fmt.Errorf("write %s: %w", e.Key, err)
	}
	value.Style |= yaml.FlowStyle
	out, err := yaml.Marshal(map[string]*yaml.Node{e.Key: &value})
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", e.Key, err)
	}
	return out, nil
}

// splitLines gives the text's lines, each with its end.
func (s *Source) splitLines() [][]byte {
	var out [][]byte
	for i, at := range s.lines {
		end := len(s.text)
		if i+1 < len(s.lines) {
			end = s.lines[i+1]
		}
		out = append(out, s.text[at:end])
	}
	return out
}

// extent gives the first and the last line of a key and its value, counted from 1, and
// the comment behind it; zero for a key that the document does not have.
func (s *Source) extent(key string) (first, last int, comment string) {
	for i := 0; i+1 < len(s.root.Content); i += 2 {
		if k, v := s.root.Content[i], s.root.Content[i+1]; k.Value == key {
			return k.Line, lastLine(v), v.LineComment
		}
	}
	return 0, 0, ""
}

// lastLine is the last line on which a value of a value begins.
func lastLine(n *yaml.Node) int {
	last := n.Line
	for _, c := range n.Content {
		last = max(last, lastLine(c))
	}
	return last
}
