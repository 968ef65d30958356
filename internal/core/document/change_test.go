package document_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"premia/internal/core/document"
)

const changed = `# What it is.
program: Café   # the name

# Where it counts.
rules:
  # The first.
  - id: one   # its id
    when: a > 1 &&
      b < 2
    give: {beans: 1, stars: 2}   # both
    limits:   # few
      beans: {each day: 1}

  # The second.
  - id: two
    note: |
      Two lines
      of text.
    days: [mon, "tue"]

empty:
map: {}
last: 'it''s'
`

func TestPut(t *testing.T) {
	for _, c := range []struct {
		path string
		v    document.Value
		want []string // old and new, in turn
	}{
		{"program", document.Scalar("Bar"), []string{"program: Café  ", "program: Bar  "}},
		{"program", document.Scalar("a: b"), []string{"program: Café  ", "program: \"a: b\"  "}},
		{"rules[0].when", document.Scalar("c"), []string{"when: a > 1 &&\n      b < 2", "when: c"}},
		{"rules[0].give.stars", document.Scalar("3"), []string{"stars: 2}", "stars: 3}"}},
		{"rules[0].give.coins", document.Scalar("3"), []string{"stars: 2}", "stars: 2, coins: 3}"}},
		{"rules[0].limits", document.Scalar("none"), []string{"limits:   # few\n      beans: {each day: 1}", "limits: none   # few"}},
		{"rules[0].limits.stars", document.Entries().With("each day", document.Scalar("5")), []string{"{each day: 1}\n", "{each day: 1}\n      stars: {each day: 5}\n"}},
		{"rules[1].note", document.Scalar("one"), []string{"note: |\n      Two lines\n      of text.\n", "note: one\n"}},
		{"rules[1].days[1]", document.Scalar("wed"), []string{`"tue"`, `"wed"`}},
		{"rules[1].days[2]", document.Scalar("wed"), []string{`"tue"]`, `"tue", wed]`}},
		{"rules[2].id", document.Scalar("three"), []string{"\"tue\"]\n", "\"tue\"]\n\n  - id: three\n"}},
		{"empty", document.Scalar("no"), []string{"empty:\n", "empty: no\n"}},
		{"empty.deep", document.Texts("no"), []string{"empty:\n", "empty: {deep: [no]}\n"}},
		{"map.a", document.Items(), []string{"map: {}", "map: {a: []}"}},
		{"last", document.Scalar("it's 'so'"), []string{"'it''s'", "'it''s ''so'''"}},
		{"last", document.Scalar("two\nlines"), []string{"'it''s'", `"two\nlines"`}},
		{"more", document.Scalar("null"), []string{"'it''s'\n", "'it''s'\nmore: \"null\"\n"}},
	} {
		s := parsed(t, []byte(changed))
		got, err := s.Put(c.path, c.v, nil)
		if err != nil {
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		if want := strings.NewReplacer(c.want...).Replace(changed); string(got) != want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.path, got, want)
		}
	}
}

func TestRemoveMoveRename(t *testing.T) {
	s := parsed(t, []byte(changed))
	first := changed[strings.Index(changed, "  # The first"):strings.Index(changed, "\n  # The second")]
	second := changed[strings.Index(changed, "  # The second"):strings.Index(changed, "\nempty:")]
	for _, c := range []struct {
		what string
		do   func() ([]byte, error)
		want []string
	}{
		{"a key in a line", func() ([]byte, error) { return s.Remove("rules[0].give.beans") }, []string{"beans: 1, stars", "stars"}},
		{"the last key in a line", func() ([]byte, error) { return s.Remove("rules[0].give.stars") }, []string{"beans: 1, stars: 2", "beans: 1"}},
		{"an only key", func() ([]byte, error) { return s.Remove("rules[0].limits.beans") }, []string{"limits:   # few\n      beans: {each day: 1}", "limits: {}   # few"}},
		{"the key on the dash's line", func() ([]byte, error) { return s.Remove("rules[1].id") }, []string{"- id: two\n    note", "- note"}},
		{"a text in lines", func() ([]byte, error) { return s.Remove("rules[1].note") }, []string{"    note: |\n      Two lines\n      of text.\n", ""}},
		{"an item and its comment", func() ([]byte, error) { return s.Remove("rules[1]") }, []string{"\n" + second, ""}},
		{"an empty key", func() ([]byte, error) { return s.Remove("empty") }, []string{"empty:\n", ""}},
		{"nothing", func() ([]byte, error) { return s.Remove("nothing.here") }, nil},
		{"an item later", func() ([]byte, error) { return s.Move("rules[0]", true) }, []string{first + "\n" + second, second + "\n" + first}},
		{"an item earlier", func() ([]byte, error) { return s.Move("rules[1]", false) }, []string{first + "\n" + second, second + "\n" + first}},
		{"in a line", func() ([]byte, error) { return s.Move("rules[1].days[0]", true) }, []string{`mon, "tue"`, `"tue", mon`}},
		{"a key's word", func() ([]byte, error) { return s.Rename("rules[0].give.beans", "a b") }, []string{"{beans: 1,", "{a b: 1,"}},
	} {
		got, err := c.do()
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		if want := strings.NewReplacer(c.want...).Replace(changed); string(got) != want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.what, got, want)
		}
	}
}

func TestWhatCantBeChanged(t *testing.T) {
	s := parsed(t, []byte(changed))
	for what, do := range map[string]func() ([]byte, error){
		"a hole in a list":     func() ([]byte, error) { return s.Put("rules[5].id", document.Scalar("x"), nil) },
		"a key of a list":      func() ([]byte, error) { return s.Put("rules.id", document.Scalar("x"), nil) },
		"an item of mapping":   func() ([]byte, error) { return s.Put("map[0]", document.Scalar("x"), nil) },
		"no path":              func() ([]byte, error) { return s.Put("rules[x", document.Scalar("x"), nil) },
		"the whole":            func() ([]byte, error) { return s.Remove("") },
		"moving a key":         func() ([]byte, error) { return s.Move("program", true) },
		"renaming an item":     func() ([]byte, error) { return s.Rename("rules[0]", "x") },
		"a word that is taken": func() ([]byte, error) { return s.Rename("program", "rules") },
	} {
		if got, err := do(); err == nil {
			t.Errorf("%s was changed:\n%s", what, got)
		}
	}
}

func parsed(t testing.TB, src []byte) *document.Source {
	t.Helper()
	s, err := document.Parse("a.yaml", src)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// shipped are the documents of the ready programs and the one with every value.
func shipped(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("../../../programs/*/program.yaml")
	if err != nil || len(names) == 0 {
		t.Fatal("no programs", err)
	}
	all := map[string][]byte{}
	for _, name := range append(names, "../program/testdata/every-value.yaml") {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = src
	}
	return all
}

// TestChangesOfPrograms changes, removes and moves values of real documents at
// random. That nothing else is said afterwards is what every change checks of
// itself; here all comments must be there still, and whatever stands before and
// behind the change.
func TestChangesOfPrograms(t *testing.T) {
	chance := rand.New(rand.NewPCG(7, 11))
	for name, src := range shipped(t) {
		s := parsed(t, src)
		paths := allPaths(t, src)
		for range 40 {
			path := paths[chance.IntN(len(paths))]
			put, err := s.Put(path, document.Scalar("other: 1, # {"), nil)
			if err != nil {
				t.Errorf("%s: put %s: %v", name, path, err)
			} else if _, leaf := s.Text(path); leaf {
				keepsComments(t, name+" "+path, src, put)
			}
			if removed, err := s.Remove(path); err != nil {
				t.Errorf("%s: remove %s: %v", name, path, err)
			} else if len(removed) >= len(src) {
				t.Errorf("%s: %s was not removed", name, path)
			}
			if moved, err := s.Move(path, chance.IntN(2) == 0); err == nil {
				keepsComments(t, name+" moved "+path, src, moved)
			}
		}
	}
}

func keepsComments(t *testing.T, what string, before, after []byte) {
	t.Helper()
	if b, a := comments(t, before), comments(t, after); !slices.Equal(b, a) {
		t.Errorf("%s: the comments are others:\n%q\n%q", what, b, a)
	}
}

// comments lists the lines of all comments, sorted.
func comments(t *testing.T, src []byte) []string {
	var root yaml.Node
	if err := yaml.Unmarshal(src, &root); err != nil {
		t.Fatal(err)
	}
	var out []string
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		for _, c := range []string{n.HeadComment, n.LineComment, n.FootComment} {
			for line := range strings.Lines(c) {
				if line = strings.TrimSpace(line); line != "" {
					out = append(out, line)
				}
			}
		}
		for _, child := range n.Content {
			walk(child)
		}
	}
	walk(&root)
	slices.Sort(out)
	return out
}

// allPaths lists the paths of all values below the root.
func allPaths(t *testing.T, src []byte) []string {
	var root yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(src)).Decode(&root); err != nil {
		t.Fatal(err)
	}
	var out []string
	var walk func(n *yaml.Node, path string)
	walk = func(n *yaml.Node, path string) {
		if path != "" {
			out = append(out, path)
		}
		for i, child := range n.Content {
			switch {
			case n.Kind == yaml.SequenceNode:
				walk(child, document.Index(path, i))
			case i%2 == 1:
				walk(child, document.Join(path, n.Content[i-1].Value))
			}
		}
	}
	walk(root.Content[0], "")
	return out
}
