package docform_test

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v3"

	"premia/internal/core/condition"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/program"
	"premia/internal/i18n"
	"premia/internal/testkit"
	"premia/internal/web/docform"
)

func contextOf(t testing.TB, src []byte) *docform.Context {
	t.Helper()
	s, err := document.Parse("program", src)
	if err != nil {
		t.Fatalf("%v\n%s", err, src)
	}
	return withSource(t, s)
}

var outline = sync.OnceValues(program.Outline)

func withSource(t testing.TB, s *document.Source) *docform.Context {
	o, err := outline()
	if err != nil {
		t.Fatal(err)
	}
	return &docform.Context{
		Outline: o, Source: s, Language: "pl",
		Names:      func(path string, key bool) []string { return program.NamesAt(s, path, key) },
		Conditions: program.IsCondition,
		Readable:   func(bool) []condition.Readable { return nil },
	}
}

// drawn is what a browser sends of a sheet that nobody touched.
func drawn(s *docform.Sheet) url.Values {
	v := url.Values{}
	for _, f := range s.Fields {
		draw(v, f)
	}
	return v
}

func draw(v url.Values, f *docform.Field) {
	if f.Optional && f.Key != "" && f.Kind != docform.Parts && f.Kind != docform.Deeper {
		v.Set("opt:"+f.Path, "1")
		if f.Said {
			v.Set("on:"+f.Path, "on")
		}
	}
	switch f.Kind {
	case docform.Moment, docform.Span:
		drawTime(v, f)
	case docform.Checks:
		v.Set("list:"+f.Path, "1")
		for _, o := range f.Options {
			if o.On {
				v.Add("v:"+f.Path, o.Value)
			}
		}
	case docform.Map:
		v.Set("k:"+f.Path, "")
		v.Set("new:"+f.Path, "")
	case docform.Group, docform.Parts, docform.Deeper:
		if f.Short {
			v.Set("v:"+f.Path, f.Value)
		}
	case docform.Condition:
		v.Set("v:"+f.Path, f.Value)
		v.Set("any:"+f.Path, "all")
		if f.Either {
			v.Set("any:"+f.Path, "any")
		}
		for _, row := range f.Rows {
			name := docform.RowName(f.Path, row.Index)
			v.Set(name+":field", row.Field)
			v.Set(name+":is", row.Operator)
			v.Set(name+":value", row.Value)
		}
	default:
		v.Set("v:"+f.Path, strings.ReplaceAll(f.Value, "\n", "\r\n"))
	}
	for _, inner := range f.Fields {
		draw(v, inner)
	}
}

func drawTime(v url.Values, f *docform.Field) {
	switch {
	case f.Plain:
		v.Set("v:"+f.Path, f.Value)
	case f.Kind == docform.Moment:
		v.Set("v:"+f.Path, f.Value)
		v.Set("t:"+f.Path, f.Clock)
	default:
		v.Set("n:"+f.Path, f.Count)
		v.Set("u:"+f.Path, "d")
		if f.Of != "" {
			v.Set("u:"+f.Path, f.Of)
		}
	}
}

// sheets opens all sheets that links lead to, from the first on.
func sheets(t testing.TB, c *docform.Context) map[string]*docform.Sheet {
	all := map[string]*docform.Sheet{}
	var open func(path string)
	var follow func(f *docform.Field)
	follow = func(f *docform.Field) {
		for _, p := range f.Parts {
			open(p.Path)
		}
		if f.Kind == docform.Deeper {
			open(f.Path)
		}
		for _, inner := range f.Fields {
			follow(inner)
		}
	}
	open = func(path string) {
		if all[path] != nil {
			return
		}
		s, ok := c.Open(path)
		if !ok {
			t.Fatalf("a link leads to %s, where nothing can be", path)
		}
		all[path] = s
		// What is not there yet is as empty as any other.
		if !s.Exists && path != "" {
			return
		}
		for _, f := range s.Fields {
			follow(f)
		}
	}
	open("")
	return all
}

func shipped(t testing.TB) map[string][]byte {
	root := testkit.RepoRoot(t)
	names, err := filepath.Glob(filepath.Join(root, "programs", "*", "program.yaml"))
	if err != nil || len(names) == 0 {
		t.Fatal("no programs", err)
	}
	all := map[string][]byte{}
	for _, name := range append(names, filepath.Join(root, "internal/core/program/testdata/every-value.yaml")) {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = src
	}
	return all
}

// TestUntouchedSheetsChangeNothing saves every sheet of every program as it was
// drawn: not a byte changes.
func TestUntouchedSheetsChangeNothing(t *testing.T) {
	for name, src := range shipped(t) {
		c := contextOf(t, src)
		count := 0
		for path, s := range sheets(t, c) {
			if strings.HasPrefix(path, "scenarios[") && !strings.Contains(path, "[0]") {
				continue // they are all alike
			}
			count++
			got, err := c.Apply(s, drawn(s))
			if err != nil {
				t.Errorf("%s: %s: %v", name, path, err)
			} else if !bytes.Equal(got, src) {
				t.Errorf("%s: %s was saved as drawn, and became\n%s", name, path, firstDifference(src, got))
			}
		}
		if count < 10 {
			t.Errorf("%s has only %d sheets", name, count)
		}
	}
}

func firstDifference(a, b []byte) string {
	at := 0
	for at < len(a) && at < len(b) && a[at] == b[at] {
		at++
	}
	return string(b[max(0, at-80):min(len(b), at+120)])
}

// TestEveryKeyCanBeSetByAForm writes the document with every key anew, value by
// value, each by the sheet that links lead to. It must come to mean the same.
func TestEveryKeyCanBeSetByAForm(t *testing.T) {
	every := shipped(t)[filepath.Join(testkit.RepoRoot(t), "internal/core/program/testdata/every-value.yaml")]
	var root yaml.Node
	if err := yaml.Unmarshal(every, &root); err != nil {
		t.Fatal(err)
	}
	w := &typist{t: t, src: []byte("program: begun\n")}
	w.write(root.Content[0], "")
	want, err := program.Load("want", every, engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	got, err := program.Load("got", w.src, engine.NewNames())
	if err != nil {
		t.Fatalf("%v\n%s", err, w.src)
	}
	if a, b := described(t, want.Program), described(t, got.Program); a != b {
		t.Errorf("the program that was typed means something else:\n%s", firstDifference([]byte(a), []byte(b)))
	}
}

// described says a program in every language.
func described(t *testing.T, p *engine.Program) string {
	words, err := i18n.Load(program.Catalogs()...)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, s := range program.Describe(p) {
		for _, lang := range document.Languages() {
			b.WriteString(words.Render(lang, s.Heading) + "\n")
			for _, line := range s.Lines {
				b.WriteString(words.Render(lang, line) + "\n")
			}
		}
	}
	return b.String()
}

// typist types values into sheets.
type typist struct {
	t   *testing.T
	src []byte
}

// write types what a tree says, from a path on.
func (w *typist) write(n *yaml.Node, path string) {
	c := contextOf(w.t, w.src)
	o, ok := c.Outline.At(path)
	switch {
	case n.Kind == yaml.ScalarNode:
		w.set(path, n.Value)
	case n.Kind == yaml.SequenceNode && (len(n.Content) == 0 || ok && o.Kind == document.KindList && n.Content[0].Kind == yaml.ScalarNode && o.Element.Kind != document.KindWords && o.Element.Kind != document.KindGroup):
		var texts []string
		for _, item := range n.Content {
			texts = append(texts, item.Value)
		}
		w.set(path, texts...)
	case n.Kind == yaml.SequenceNode:
		for i, item := range n.Content {
			w.write(item, document.Index(path, i))
		}
	case len(n.Content) == 0:
		w.set(path)
	default:
		for i := 0; i < len(n.Content); i += 2 {
			w.write(n.Content[i+1], document.Join(path, n.Content[i].Value))
		}
	}
}

// set types a value into its field.
func (w *typist) set(path string, values ...string) {
	c := contextOf(w.t, w.src)
	s, f, ok := find(c, path)
	if !ok {
		w.t.Fatalf("no sheet has a field for %s", path)
	}
	typed := drawn(s)
	w.fill(typed, f, path, values)
	got, err := c.Apply(s, typed)
	if err != nil {
		w.t.Fatalf("%s: %v", path, err)
	}
	if after := contextOf(w.t, got); !after.Source.Has(path) {
		w.t.Fatalf("%s was typed into %v and is not there:\n%v\n%s", path, f, typed, got)
	}
	w.src = got
}

func (w *typist) fill(typed url.Values, f *docform.Field, path string, values []string) {
	if typed.Has("opt:" + f.Path) {
		typed.Set("on:"+f.Path, "on")
	}
	switch {
	case f.Kind == docform.Map && f.Path != path:
		_, key := document.Parent(path)
		typed.Set("k:"+f.Path, key)
		typed.Set("new:"+f.Path, values[0])
	case f.Kind == docform.Moment:
		date, clock, _ := strings.Cut(values[0], " ")
		typed.Set("v:"+path, date)
		typed.Set("t:"+path, clock)
	case f.Kind == docform.Span:
		at := strings.IndexFunc(values[0], func(r rune) bool { return r < '0' || r > '9' })
		typed.Set("n:"+path, values[0][:at])
		typed.Set("u:"+path, values[0][at:])
	case f.Kind == docform.Checks:
		typed["v:"+path] = values
	case f.Kind == docform.Words && len(f.Fields) > 0 && f.Path == path: // one form for all numbers
		typed.Set("v:"+document.Join(path, "other"), values[0])
	case len(values) > 0:
		typed.Set("v:"+path, strings.Join(values, "\r\n"))
	}
}

// find goes from sheet to sheet as links lead, to the field that sets a path.
func find(c *docform.Context, path string) (*docform.Sheet, *docform.Field, bool) {
	at := ""
	for range 12 {
		s, ok := c.Open(at)
		if !ok {
			return nil, nil, false
		}
		f := within(s.Fields, path)
		switch {
		case f == nil:
			return nil, nil, false
		case f.Kind == docform.Parts && f.Path != path:
			next := f.NewPath
			for _, p := range f.Parts {
				if covers(p.Path, path) {
					next = p.Path
				}
			}
			if f.Keyed() && next == f.NewPath {
				next = keyed(f.Path, path)
			}
			at = next
		case f.Kind == docform.Deeper && at != f.Path:
			at = f.Path
		default:
			return s, f, true
		}
	}
	return nil, nil, false
}

// keyed is the path of the entry below a mapping that a path leads through.
func keyed(mapping, path string) string {
	for {
		parent, _ := document.Parent(path)
		if parent == mapping {
			return path
		}
		path = parent
	}
}

func covers(f, path string) bool {
	rest, ok := strings.CutPrefix(path, f)
	return ok && (rest == "" || f == "" || rest[0] == '.' || rest[0] == '[')
}

// within finds the deepest field that covers a path.
func within(fields []*docform.Field, path string) *docform.Field {
	var best *docform.Field
	for _, f := range fields {
		if !covers(f.Path, path) {
			continue
		}
		if best == nil || len(f.Path) > len(best.Path) || f.Path == best.Path && f.Kind != docform.Group {
			best = f
		}
	}
	if best == nil || best.Kind == docform.Parts {
		return best
	}
	if inner := within(best.Fields, path); inner != nil {
		return inner
	}
	if best.Path == path || best.Kind == docform.Map || best.Kind == docform.Deeper || best.Kind == docform.Lines || best.Kind == docform.Checks {
		return best
	}
	return nil
}

// TestSingleEditsChangeOnlyThat types one other value into programs at random.
func TestSingleEditsChangeOnlyThat(t *testing.T) {
	chance := rand.New(rand.NewPCG(3, 5))
	all := shipped(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		src := all[name]
		c := contextOf(t, src)
		var leaves []string
		collect(c.Source, "", &leaves)
		for range 15 {
			path := leaves[chance.IntN(len(leaves))]
			s, f, ok := find(c, path)
			if !ok {
				t.Fatalf("%s: no field for %s", name, path)
			}
			switch f.Kind {
			case docform.Lines, docform.Checks, docform.Span, docform.Moment:
				continue
			}
			typed := drawn(s)
			(&typist{t: t}).fill(typed, f, path, []string{"9 other"})
			got, err := c.Apply(s, typed)
			if err != nil {
				t.Errorf("%s: %s: %v", name, path, err)
				continue
			}
			onlyThat(t, name+" "+path, src, got)
		}
	}
}

// onlyThat holds two texts against one another: they differ in one stretch.
func onlyThat(t *testing.T, what string, a, b []byte) {
	from := 0
	for from < len(a) && from < len(b) && a[from] == b[from] {
		from++
	}
	to := 0
	for to < len(a)-from && to < len(b)-from && a[len(a)-1-to] == b[len(b)-1-to] {
		to++
	}
	if was, is := string(a[from:len(a)-to]), string(b[from:len(b)-to]); strings.Contains(is, "\n") || strings.Contains(was, " #") || is == "" {
		t.Errorf("%s: %q became %q", what, was, is)
	}
}

func collect(s *document.Source, path string, out *[]string) {
	if _, scalar := s.Text(path); scalar {
		*out = append(*out, path)
	}
	n, _ := s.Len(path)
	for i := range n {
		collect(s, document.Index(path, i), out)
	}
	keys, _ := s.KeysAt(path)
	for _, key := range keys {
		collect(s, document.Join(path, key), out)
	}
}
