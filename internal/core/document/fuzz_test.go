package document

import (
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// FuzzRead checks on any bytes: reading ends without a panic; problems are few,
// ordered, and stand inside the text; a source is there whenever reading
// succeeded; and what is read fits the schema.
func FuzzRead(f *testing.F) {
	for _, src := range schemaSamples {
		f.Add([]byte(src))
	}
	bad, err := os.ReadFile("testdata/bad.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range strings.Split(string(bad), "\n==== ") {
		_, src, _ := strings.Cut(c, "\n")
		src, _, _ = strings.Cut(src, "\n----\n")
		f.Add([]byte(src))
	}
	schema := compiledSchema(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		var to sampled
		source, problems := Read("f", src, &to)
		checkProblems(t, src, problems)
		if len(problems) > 0 {
			return
		}
		if source == nil {
			t.Fatal("no problems and no source")
		}
		checkPlaces(t, source, source.root, nil)
		if err := schema.Validate(asEditorsSee(source.root)); err != nil {
			t.Errorf("is read but does not fit the schema: %v", err)
		}
	})
}

// checkPlaces checks that each value is found by its path, and that every place
// inside a text lies in order between its beginning and its end.
func checkPlaces(t *testing.T, s *Source, n *yaml.Node, at *place) {
	t.Helper()
	path := at.String()
	if got, want := s.At(path), s.position(n, at); got != want {
		t.Errorf("%s is at %v, not %v", path, got, want)
	}
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i < len(n.Content); i += 2 {
			checkPlaces(t, s, n.Content[i+1], &place{parent: at, key: n.Content[i]})
		}
	case yaml.SequenceNode:
		for i, item := range n.Content {
			checkPlaces(t, s, item, &place{parent: at, index: i})
		}
	case yaml.ScalarNode:
		last := Pos{Line: n.Line, Column: n.Column}
		for offset := range min(len(n.Value), 100) {
			next := s.Inside(path, offset)
			if next.Line < last.Line || next.Line == last.Line && next.Column < last.Column {
				t.Errorf("%s[%d] is at %v, before %v", path, offset, next, last)
			}
			last = next
		}
	}
}

func checkProblems(t *testing.T, src []byte, problems Problems) {
	t.Helper()
	if len(problems) > maxProblems+1 {
		t.Errorf("%d problems", len(problems))
	}
	lines := len(lineStarts(src))
	for i, p := range problems {
		if p.Message == "" || p.Code == "" || p.File != "f" {
			t.Errorf("incomplete: %#v", p)
		}
		if len(src) <= MaxBytes && (p.Pos.Line < 1 || p.Pos.Line > lines || p.Pos.Column < 1 || p.Pos.Column > len(src)+1) {
			t.Errorf("outside the text: %v", p)
		}
		if i > 0 && p.Pos.Line < problems[i-1].Pos.Line {
			t.Errorf("out of order: %v after %v", p, problems[i-1])
		}
	}
}
