package document_test

import (
	"testing"

	"premia/internal/core/document"
)

// TestRewritten changes texts in every place and quotes that they may have: all else
// stays, and so do the comments.
func TestRewritten(t *testing.T) {
	t.Parallel()
	src := "# first\na: 1.00 # one\n'b c': {d: \"2.00\", e: ['3', 4]}\nf:\n  - g: 5 # five\n    \"h\": x y\n"
	source, err := document.Parse("own.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	source.Scalars(func(path, text string) { paths = append(paths, path+"="+text) })
	want := []string{"a=1.00", `["b c"].d=2.00`, `["b c"].e[0]=3`, `["b c"].e[1]=4`, "f[0].g=5", "f[0].h=x y"}
	if len(paths) != len(want) {
		t.Fatalf("the texts are %q, want %q", paths, want)
	}
	for i := range want {
		if paths[i] != want[i] {
			t.Errorf("text %d is %s, want %s", i, paths[i], want[i])
		}
	}
	got, err := source.Rewritten(map[string]string{"a": "0.25", `["b c"].d`: "12.50", `["b c"].e[0]`: "it's", `["b c"].e[1]`: "a: b", "f[0].h": "z"})
	if err != nil {
		t.Fatal(err)
	}
	if want := "# first\na: 0.25 # one\n'b c': {d: \"12.50\", e: ['it''s', \"a: b\"]}\nf:\n  - g: 5 # five\n    \"h\": z\n"; string(got) != want {
		t.Errorf("the document is\n%s\nwant\n%s", got, want)
	}
	if _, err := source.Rewritten(map[string]string{"f": "1"}); err == nil {
		t.Error("a list was written over")
	}
}
