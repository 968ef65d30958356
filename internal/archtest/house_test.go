package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"premia/internal/testkit"
)

// module is the path that our imports begin with.
const module = "premia"

// house is the source of the repository, parsed.
type house struct {
	fset  *token.FileSet
	files []goFile
	texts []textFile // every text file, those of Go included
}

type goFile struct {
	path      string // slash-separated, from the repository's root
	syntax    *ast.File
	test      bool
	generated bool
}

type textFile struct {
	path string
	text string
}

// rule finds what breaks it: one "file:line: what and why" for each place.
type rule func(*house) []string

// rules are all rules of the house, by the name of the test that checks them.
var rules = map[string]rule{
	"imports point down only":               importsPointDown,
	"the core imports only what is pure":    coreImports,
	"the core is pure":                      corePurity,
	"packages are named after what they do": packageNames,
	"no floats near value":                  noFloats,
	"functions fit a screen":                functionSizes,
	"files stay short":                      fileSizes,
	"words stand once":                      wordsOnce,
	"every package says what it is":         packageComments,
	"no path of a machine":                  noMachinePaths,
	"clocks are kept apart":                 clocksApart,
	"the house is as it is drawn":           houseDrawn,
}

func TestHouse(t *testing.T) {
	h, err := load(os.DirFS(testkit.RepoRoot(t)))
	if err != nil {
		t.Fatal(err)
	}
	if len(h.files) == 0 {
		t.Fatal("there is no Go file in the repository")
	}
	for name, check := range rules {
		t.Run(name, func(t *testing.T) {
			for _, problem := range check(h) {
				t.Error(problem)
			}
		})
	}
}

// textKinds are the kinds of file whose text is the project's own.
var textKinds = []string{".go", ".md", ".sql", ".yaml", ".yml", ".html", ".sh", ".mod", "Makefile", ".ci/run"}

func load(root fs.FS) (*house, error) {
	h := &house{fset: token.NewFileSet()}
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if foreign(name) {
				return fs.SkipDir
			}
			return nil
		}
		if !slices.ContainsFunc(textKinds, func(kind string) bool { return strings.HasSuffix(name, kind) }) {
			return nil
		}
		return h.read(root, name)
	})
	return h, err
}

// foreign folders hold what tools made or others wrote.
func foreign(folder string) bool {
	base := path.Base(folder)
	if folder == "." || folder == ".ci" || folder == ".github" {
		return false
	}
	return strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || slices.Contains([]string{"bin", "dist", "vendor", "node_modules"}, base)
}

func (h *house) read(root fs.FS, name string) error {
	source, err := fs.ReadFile(root, name)
	if err != nil {
		return err
	}
	h.texts = append(h.texts, textFile{name, string(source)})
	if !strings.HasSuffix(name, ".go") || strings.Contains(name, "testdata/") {
		return nil
	}
	syntax, err := parser.ParseFile(h.fset, name, source, parser.ParseComments)
	if err != nil {
		return err
	}
	h.files = append(h.files, goFile{
		path: name, syntax: syntax,
		test: strings.HasSuffix(name, "_test.go"), generated: ast.IsGenerated(syntax),
	})
	return nil
}

// own are the files that the team wrote and that are no tests.
func (h *house) own() []goFile {
	return slices.DeleteFunc(slices.Clone(h.files), func(f goFile) bool { return f.test || f.generated })
}

func (h *house) problem(at token.Pos, format string, args ...any) string {
	position := h.fset.Position(at)
	return fmt.Sprintf("%s:%d: %s", position.Filename, position.Line, fmt.Sprintf(format, args...))
}

// folder is the file's folder, which is its package's import path without the
// module.
func (f goFile) folder() string { return path.Dir(f.path) }

// in says whether the file is in the folder or below it.
func (f goFile) in(folder string) bool { return strings.HasPrefix(f.path, folder+"/") }

// imported is an import path and where it stands.
type imported struct {
	path string
	at   token.Pos
}

func (f goFile) imports() []imported {
	var all []imported
	for _, spec := range f.syntax.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser has refused such a file
		}
		all = append(all, imported{name, spec.Pos()})
	}
	return all
}
