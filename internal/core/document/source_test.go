package document

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestAt(t *testing.T) {
	src := "name: x\ntree:\n  - name: y\n    \"a.b\": 1\n    words: [p, q]\n  - name: z\n"
	var to sampled
	source, problems := Read("f", []byte(src), &to)
	if problems != nil {
		t.Fatal(problems)
	}
	for path, want := range map[string]Pos{
		"":                     {1, 1},
		"name":                 {1, 7},
		"tree":                 {2, 1},
		"tree[0]":              {3, 5},
		"tree[0].name":         {3, 11},
		`tree[0]["a.b"]`:       {4, 12},
		"tree[0].words":        {5, 5},
		"tree[0].words[1]":     {5, 16},
		"tree[1].when":         {6, 5}, // its nearest ancestor
		"tree[7].name":         {2, 1},
		"tree[0].words[1].x.y": {5, 16},
		"zzz[0]":               {1, 1},
		"tree[":                {2, 1},
		`tree["`:               {2, 1},
	} {
		if got := source.At(path); got != want {
			t.Errorf("%s is at %v, not %v", path, got, want)
		}
	}
	p := source.Problem("tree[1].name", "condition", "is no condition", "write one")
	if p.Error() != "f:6:11: tree[1].name: is no condition; write one" {
		t.Error(p)
	}
}

// A path is taken apart into the keys and indexes it was made of.
func TestPathsCanBeTakenApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steps := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
			if rapid.Bool().Draw(t, "index") {
				return step{index: rapid.IntRange(0, 1000).Draw(t, "i"), isIndex: true}
			}
			return step{key: rapid.String().Draw(t, "key")}
		}), 0, 6).Draw(t, "steps")
		path := ""
		for _, s := range steps {
			if s.isIndex {
				path = Index(path, s.index)
			} else {
				path = Join(path, s.key)
			}
		}
		rest := path
		for i, want := range steps {
			got, after, ok := nextStep(rest)
			if !ok || got != want {
				t.Fatalf("step %d of %s is %+v, not %+v", i, path, got, want)
			}
			rest = after
		}
		if rest != "" {
			t.Fatalf("%q of %s remains", rest, path)
		}
	})
}

// written is a text in one of YAML's styles, as an author could write it.
type written struct {
	value  strings.Builder
	source strings.Builder
	// places holds, for each character of the value other than white space, its
	// offset in the value and in the source.
	places [][2]int
}

func (w *written) put(value, source string) {
	if strings.TrimSpace(value) != "" {
		w.places = append(w.places, [2]int{w.value.Len(), w.source.Len()})
	}
	w.value.WriteString(value)
	w.source.WriteString(source)
}

// drawWritten writes words with single spaces in a style; style and the way of
// each character and of each space between words are drawn.
func drawWritten(t *rapid.T) *written {
	w := &written{}
	style := rapid.SampledFrom([]string{"plain", "single", "double", "literal", "folded"}).Draw(t, "style")
	w.source.WriteString("name: " + map[string]string{"single": "'", "double": `"`, "literal": "|-2 # c\n  ", "folded": ">-\n  "}[style])
	words := rapid.SliceOfN(rapid.StringOfN(rapid.SampledFrom([]rune(`abż😀'"\(=`)), 1, 5, -1), 1, 6).Draw(t, "words")
	for i, word := range words {
		if i > 0 {
			w.space(t, style)
		}
		if style == "plain" {
			word = "w" + strings.Trim(word, `'"`)
		}
		for _, r := range word {
			w.put(string(r), escaped(t, style, r))
		}
	}
	w.source.WriteString(map[string]string{"single": "'", "double": `"`}[style] + "\n")
	return w
}

// space writes the space between two words: as it is, or as the end of a line.
func (w *written) space(t *rapid.T, style string) {
	switch breaks := rapid.IntRange(0, 2).Draw(t, "breaks"); {
	case breaks == 0:
		w.put(" ", " ")
	case style == "literal":
		w.put(strings.Repeat("\n", breaks), strings.Repeat("\n", breaks)+"  ")
	case breaks == 1:
		w.put(" ", "\n  ")
	default:
		w.put("\n", "\n\n  ")
	}
}

func escaped(t *rapid.T, style string, r rune) string {
	switch {
	case style == "single" && r == '\'':
		return "''"
	case style == "double" && (r == '"' || r == '\\'):
		return `\` + string(r)
	case style == "double" && rapid.IntRange(0, 3).Draw(t, "escape") == 0:
		return fmt.Sprintf(`\U%08X`, r)
	}
	return string(r)
}

// Inside finds each character of a text where it was written, whatever the style;
// and the text is read as it was meant.
func TestInsideFollowsEveryStyle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWritten(t)
		src := w.source.String()
		var to struct {
			Name string `doc:"name"`
		}
		source, problems := Read("f", []byte(src), &to)
		if problems != nil {
			t.Fatalf("%s%v", src, problems)
		}
		if to.Name != w.value.String() {
			t.Fatalf("%sis read as %q, not %q", src, to.Name, w.value.String())
		}
		for _, place := range w.places {
			before := src[:place[1]]
			want := Pos{Line: strings.Count(before, "\n") + 1, Column: utf8.RuneCountInString(before[strings.LastIndex(before, "\n")+1:]) + 1}
			if got := source.Inside("name", place[0]); got != want {
				t.Fatalf("%scharacter at %d is at %v, not %v", src, place[0], got, want)
			}
		}
	})
}

func TestInsideOutOfRange(t *testing.T) {
	var to sampled
	source, _ := Read("f", []byte("name: abc\nwords:\n  - \"x\\\n     y\"\n"), &to)
	for _, c := range []struct {
		path   string
		offset int
		want   Pos
	}{
		{"name", 3, Pos{1, 10}}, {"name", 99, Pos{1, 10}}, {"name", -1, Pos{1, 7}},
		{"words", 5, Pos{2, 1}}, {"words[0]", 1, Pos{4, 6}}, {"words[0].x", 1, Pos{3, 5}},
	} {
		if got := source.Inside(c.path, c.offset); got != c.want {
			t.Errorf("%s[%d] is at %v, not %v", c.path, c.offset, got, c.want)
		}
	}
}
