package document_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"premia/internal/core/document"
)

var update = flag.Bool("update", false, "rewrite testdata/bad.txt with what is reported now")

const badFile = "testdata/bad.txt"

// TestBadDocuments reads the documents of testdata/bad.txt, each followed by the
// problems that must be reported, word for word.
func TestBadDocuments(t *testing.T) {
	content, err := os.ReadFile(badFile)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	preface, cases, _ := strings.Cut(string(content), "\n==== ")
	out.WriteString(preface)
	for _, c := range strings.Split(cases, "\n==== ") {
		name, rest, _ := strings.Cut(c, "\n")
		src, want, ok := strings.Cut(rest, "\n----\n")
		if !ok {
			t.Fatalf("%s: no line ----", name)
		}
		var p program
		// Tabs and spaces at line ends are spelt out so that editors keep them.
		source, problems := document.Read("p.yaml", []byte(strings.NewReplacer("<TAB>", "\t", "<END>", "", "<NUL>", "\x00", "<BAD>", "\xff").Replace(src)), &p)
		got := problems.Error()
		if diff := cmp.Diff(strings.TrimRight(want, "\n"), got); diff != "" && !*update {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
		if source == nil && problems[0].Code != document.CodeSyntax && problems[0].Code != document.CodeEncoding && problems[0].Code != document.CodeForbidden {
			t.Errorf("%s: no source", name)
		}
		out.WriteString("\n==== " + name + "\n" + src + "\n----\n" + got + "\n")
	}
	if *update {
		if err := os.WriteFile(badFile, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBounds(t *testing.T) {
	min := "name: x\ncurrency: PLN\n"
	deep := min + "earn: " + strings.Repeat("[{id: a, either: ", 15) + "[{id: a}]" + strings.Repeat("}]", 15)
	for name, c := range map[string]struct{ src, want string }{
		"size":       {strings.Repeat("#", document.MaxBytes+1), "p.yaml: the document has 1048577 bytes, more than the 1048576 allowed; split it, or move long texts elsewhere"},
		"depth":      {deep, "the document is nested more than 32 levels deep"},
		"flow depth": {strings.Repeat("[", 20000), "p.yaml:1:1: the document is nested too deep"},
		"values":     {min + "labels: {a: [" + strings.Repeat("x,", document.MaxValues) + "]}", "the document has more than 100000 values"},
		"key":        {min + strings.Repeat("k", document.MaxKey+1) + ": 1", "p.yaml:3:1: a key has more than 200 bytes"},
	} {
		var p program
		_, problems := document.Read("p.yaml", []byte(c.src), &p)
		if len(problems) != 1 || problems[0].Code != document.CodeTooLarge || !strings.Contains(problems.Error(), c.want) {
			t.Errorf("%s: %v", name, problems)
		}
	}
	var p program
	within := min + "labels: {a: [" + strings.Repeat("x,", document.MaxValues-50) + "]} #"
	within += strings.Repeat("#", document.MaxBytes-len(within))
	if _, problems := document.Read("p.yaml", []byte(within), &p); problems != nil {
		t.Errorf("a document within the bounds: %v", problems)
	}
	if _, problems := document.Read("p.yaml", []byte(min+"earn: "+strings.Repeat("[{id: a, either: ", 15)+"[]"+strings.Repeat("}]", 15)), &p); problems != nil {
		t.Errorf("a document of 32 levels: %v", problems)
	}
}
