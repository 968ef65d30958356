package document

import (
	"strings"
	"testing"
)

func TestComplete(t *testing.T) {
	o, err := OutlineSections(&struct {
		Name  string         `doc:"name"`
		Tree  []sampled      `doc:"tree"`
		Store Map[[]sampled] `doc:"store"`
	}{}, []Section{{Key: "deep", Into: &sampled{}}})
	if err != nil {
		t.Fatal(err)
	}
	names := func(path string, key bool) []string {
		if key {
			return []string{"own"}
		}
		return []string{path + "!"}
	}
	for _, c := range []struct{ before, path, word, items string }{
		{"", "", "", "name: |tree: |store: |deep: "},
		{"name: x\nt", "", "t", "tree: "},
		{"na", "", "na", "name: "},
		{"name: ", "name", "", "name!"},
		{"tree:\n  - code: a\n    ki", "tree[0]", "ki", "kind: "},
		{"tree:\n  - code: a\n    kind: ", "tree[0].kind", "", "1|true|on match"},
		{"tree:\n- code: a\n- kind: o", "tree[0].kind", "o", "on match"},
		{"tree:\n  - code: a\n    short:\n      te", "tree[0].short", "te", "text: "},
		{"tree:\n  - short: {te", "tree[0].short", "te", "text: "},
		{"tree:\n  - public: t", "tree[0].public", "t", "true"},
		{"tree: [{kind: ", "tree[0].kind", "", "1|true|on match"},
		{"deep:\n  words: [a, ", "deep.words[0]", "", "deep.words[0]!"},
		{"deep:\n  # a comment\n  count: 1\n\n  sho", "deep", "sho", "short: "},
		{"deep:\n  tree:\n    - code: b\n      short:\n        text: \"x: {\"\n    - ki", "deep.tree[0]", "ki", "kind: "},
		{"deep:\n  ow", "deep", "ow", "own: "},
		{"nothing:\n  here:\n    ", "nothing.here", "", ""},
		{"deep: {code: a, ki", "deep", "ki", "kind: "},
		{"deep: {code: \"a, {\", ki", "deep", "ki", "kind: "},
	} {
		got := o.Complete(c.before, names)
		var items []string
		for _, s := range got.Items {
			items = append(items, s.Text)
		}
		if got.Path != c.path || got.Word != c.word || strings.Join(items, "|") != c.items {
			t.Errorf("%q: at %q with %q: %s", c.before, got.Path, got.Word, strings.Join(items, "|"))
		}
	}
}

func TestCompleteKnowsWhatIsThere(t *testing.T) {
	o, err := OutlineSections(&sampled{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	none := func(string, bool) []string { return nil }
	for before, gone := range map[string]string{"code: a\n": "code: ", "short: {text: a, ": "text: "} {
		for _, s := range o.Complete(before, none).Items {
			if s.Text == gone {
				t.Errorf("%q: %s stands there already", before, gone)
			}
		}
	}
	// Whatever is written, completing never panics.
	for _, before := range []string{"- - -", "}}]]", "a: {b: [", "\t: x", "'", "\"a\": {\"b", "-", ": ", "a:\n -\n   - b: {c"} {
		o.Complete(before, none)
	}
}
