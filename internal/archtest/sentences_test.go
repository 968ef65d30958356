package archtest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"go.yaml.in/yaml/v3"

	"premia/internal/core/text"
	"premia/internal/testkit"
)

// sentence is where English words stand that people read in their own language.
type sentence struct {
	words  string
	folder string // of the package, from the root
	at     token.Position
}

// TestSentences wants the words of each sentence that is written in the code
// ([text.Sentence]) in every language, and none that nothing says. What is a sentence
// is told by the compiler's types, so that none can be forgotten.
func TestSentences(t *testing.T) {
	root := testkit.RepoRoot(t)
	found, problems := sentencesOf(t, root)
	if len(found) < 100 {
		t.Fatalf("only %d sentences were found in the code", len(found))
	}
	for _, p := range problems {
		t.Error(p)
	}
	kept := keptSentences(t, root)
	said := make(map[string][]string) // folders by words
	for _, s := range found {
		said[s.words] = append(said[s.words], s.folder)
		if _, has := kept[s.words]; !has {
			t.Errorf("%s: %q has no words in other languages: write them into words/sentences.yaml of %s", s.at, s.words, s.folder)
			kept[s.words] = nil
		}
	}
	for words, folders := range kept {
		if len(folders) > 0 && len(said[words]) == 0 {
			t.Errorf("%s/words/sentences.yaml: nothing says %q", folders[0], words)
		}
		for _, folder := range folders {
			if len(said[words]) > 0 && folder != generalWords && !slices.Contains(said[words], folder) {
				t.Errorf("%s/words/sentences.yaml: %q is said in %s; it stands there, or in %s", folder, words, said[words][0], generalWords)
			}
		}
	}
}

// generalWords is the folder of words that several packages say, and of what
// packages without words say.
const generalWords = "internal/i18n"

// keptSentences reads the folders in which sentences have their words.
func keptSentences(t *testing.T, root string) map[string][]string {
	kept := make(map[string][]string)
	files, err := filepath.Glob(filepath.Join(root, "internal", "*", "words", "sentences.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, deeper := range []string{"core/*", "core/mechanic/*", "connect/*", "web/*"} {
		more, _ := filepath.Glob(filepath.Join(root, "internal", deeper, "words", "sentences.yaml"))
		files = append(files, more...)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var all map[string]yaml.Node
		if err := yaml.Unmarshal(content, &all); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		folder, _ := filepath.Rel(root, filepath.Dir(filepath.Dir(file)))
		for words := range all {
			kept[words] = append(kept[words], filepath.ToSlash(folder))
		}
	}
	return kept
}

// sentencesOf finds all sentences, and places where one is made of what no test can know.
func sentencesOf(t *testing.T, root string) (found []sentence, problems []string) {
	list := exec.Command("go", "list", "-deps", "-export", "-f", `{{.ImportPath}}|{{.Export}}|{{.Dir}}|{{join .GoFiles ","}}`, "./internal/...", "./cmd/...")
	list.Dir = root
	var mistakes bytes.Buffer
	list.Stderr = &mistakes
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, mistakes.String())
	}
	exports := make(map[string]string)
	var ours [][]string
	for line := range strings.Lines(string(out)) {
		fields := strings.Split(strings.TrimSpace(line), "|")
		exports[fields[0]] = fields[1]
		if strings.HasPrefix(fields[0], module+"/") && fields[3] != "" {
			ours = append(ours, fields)
		}
	}
	fset := token.NewFileSet()
	from := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	for _, fields := range ours {
		x := &sentenceFinder{fset: fset, folder: strings.TrimPrefix(fields[0], module+"/"), info: &types.Info{Types: make(map[ast.Expr]types.TypeAndValue)}}
		x.read(t, fields[0], fields[2], strings.Split(fields[3], ","), from)
		found = append(found, x.found...)
		problems = append(problems, x.problems...)
	}
	return found, problems
}

// sentenceFinder looks through one package.
type sentenceFinder struct {
	fset     *token.FileSet
	folder   string
	info     *types.Info
	found    []sentence
	problems []string
}

func (x *sentenceFinder) read(t *testing.T, path, dir string, names []string, from types.Importer) {
	var files []*ast.File
	for _, name := range names {
		f, err := parser.ParseFile(x.fset, filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	config := types.Config{Importer: from}
	if _, err := config.Check(path, x.fset, files, x.info); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		ast.Inspect(f, x.look)
	}
}

// look finds the sentences of one node, and tells whether there may be more in it.
func (x *sentenceFinder) look(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.Field:
		x.tag(n)
	case *ast.CallExpr:
		return x.call(n)
	case ast.Expr:
		if words, is := x.constant(n); is {
			x.add(words, n)
			return false
		}
	}
	return true
}

// constant gives the words of a constant sentence.
func (x *sentenceFinder) constant(e ast.Expr) (string, bool) {
	tv := x.info.Types[e]
	if tv.Value == nil || tv.Value.Kind() != constant.String || !isSentence(tv.Type) {
		return "", false
	}
	return constant.StringVal(tv.Value), true
}

func isSentence(t types.Type) bool {
	named, is := types.Unalias(t).(*types.Named)
	return is && named.Obj().Name() == "Sentence" && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == module+"/internal/core/text"
}

// asWritten are packages that make sentences of words which are found elsewhere: the
// tags of documents, and the package of sentences itself.
var asWritten = []string{"internal/core/text", "internal/core/document"}

// call looks at text.Say and at conversions.
func (x *sentenceFinder) call(n *ast.CallExpr) bool {
	of := x.info.Types[n.Fun]
	if of.IsType() && isSentence(of.Type) {
		if words, is := x.constant(n); is {
			x.add(words, n)
			return false
		}
		if !isSentence(x.info.Types[n.Args[0]].Type) && !slices.Contains(asWritten, x.folder) {
			x.wrong(n, "a sentence is made of words that no test knows; write a constant, or text.Raw")
		}
		return true
	}
	if !isSay(n.Fun) || x.folder == asWritten[0] {
		return true
	}
	value := x.info.Types[n.Args[0]].Value
	if value == nil {
		if inner, is := n.Args[0].(*ast.CallExpr); !is || !strings.HasSuffix(types.ExprString(inner.Fun), ".Pattern") {
			x.wrong(n, "the words of text.Say are a constant, or another sentence's Pattern()")
		}
		return true
	}
	words := constant.StringVal(value)
	x.add(words, n)
	if places := text.Places(words); len(places) != len(n.Args)-1 {
		x.wrong(n, "%q has the places %v, and is given %d values", words, places, len(n.Args)-1)
	}
	for _, arg := range n.Args[1:] {
		if kind := x.info.Types[arg].Type; !sayable(kind) {
			x.wrong(arg, "a value of the type %s can't be said", kind)
		}
		ast.Inspect(arg, x.look)
	}
	return false
}

func isSay(fun ast.Expr) bool {
	selector, is := fun.(*ast.SelectorExpr)
	if !is || selector.Sel.Name != "Say" {
		return false
	}
	pkg, is := selector.X.(*ast.Ident)
	return is && pkg.Name == "text"
}

// sayable tells whether text.Say takes a value.
func sayable(t types.Type) bool {
	if isSentence(t) || types.Implements(t, types.Universe.Lookup("error").Type().Underlying().(*types.Interface)) {
		return true
	}
	if method, _, _ := types.LookupFieldOrMethod(t, true, nil, "String"); method != nil {
		return true
	}
	basic, is := types.Unalias(types.Default(t)).(*types.Basic)
	return is && slices.Contains([]types.BasicKind{types.String, types.Int, types.Int64}, basic.Kind())
}

// tag takes what documents say of keys that must be there, and of forms.
func (x *sentenceFinder) tag(f *ast.Field) {
	if f.Tag == nil {
		return
	}
	written, err := strconv.Unquote(f.Tag.Value)
	if err != nil {
		return
	}
	tag := reflect.StructTag(written)
	if strings.HasSuffix(tag.Get("doc"), ",required") {
		x.add(tag.Get("help"), f)
	}
	x.add(tag.Get("form"), f)
}

// add takes a sentence that has words of its own.
func (x *sentenceFinder) add(words string, n ast.Node) {
	bare := words
	for _, name := range text.Places(words) {
		bare = strings.ReplaceAll(bare, "{"+name+"}", "")
	}
	if strings.ContainsFunc(bare, unicode.IsLetter) {
		x.found = append(x.found, sentence{words, x.folder, x.fset.Position(n.Pos())})
	}
}

func (x *sentenceFinder) wrong(n ast.Node, format string, args ...any) {
	x.problems = append(x.problems, fmt.Sprintf("%s: %s", x.fset.Position(n.Pos()), fmt.Sprintf(format, args...)))
}
