package archtest

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

// TestRules shows each rule a small tree that breaks it and one that keeps it.
// A wanted problem is "path:line" and a word of its text.
func TestRules(t *testing.T) {
	for _, c := range []struct {
		rule  string
		tree  map[string]string
		wants []string
	}{
		{"imports point down only", map[string]string{
			"cmd/premia/main.go":             pkg("main", "premia/internal/api", "premia/internal/store", "premia/internal/config"),
			"internal/api/api.go":            pkg("api", "premia/internal/web", "premia/internal/app", "premia/internal/api/problem"),
			"internal/store/store.go":        pkg("store", "premia/internal/core/ledger", "premia/internal/journal"),
			"internal/store/store_test.go":   pkg("store", "premia/internal/testkit"),
			"internal/journal/journal.go":    pkg("journal", "premia/internal/testkit"),
			"internal/strange/strange.go":    pkg("strange"),
			"internal/core/ledger/ledger.go": pkg("ledger", "premia/internal/core/document", "premia/internal/core/engine"),
			"internal/core/odd/odd.go":       pkg("odd"),
			"internal/core/engine/engine.go": pkg("engine", "premia/internal/core/ledger", "premia/internal/core/mechanic/earn"),
			"internal/core/mechanic/earn/a.go": pkg("earn", "premia/internal/core/engine", "premia/internal/core/mechanic/earn/rate",
				"premia/internal/core/mechanic/tier", "premia/internal/core/program"),
			"internal/core/mechanic/tier/t.go": pkg("tier", "premia/internal/core/mechanic/rule"),
			"internal/core/mechanic/rule/r.go": pkg("rule", "premia/internal/core/engine", "premia/internal/core/mechanic/tier"),
			"internal/core/program/program.go": pkg("program", "premia/internal/core/mechanic/earn", "premia/internal/i18n"),
		}, []string{
			"internal/api/api.go:3: web",
			"internal/store/store.go:4: journal",
			"internal/journal/journal.go:3: testkit",
			"internal/strange/strange.go:1: strange",
			"internal/core/ledger/ledger.go:4: engine",
			"internal/core/odd/odd.go:1: odd",
			"internal/core/engine/engine.go:4: mechanic",
			"internal/core/mechanic/earn/a.go:5: know one another",
			"internal/core/mechanic/earn/a.go:6: program",
			"internal/core/mechanic/rule/r.go:4: not below",
			"internal/core/program/program.go:4: i18n",
		}},
		{"the core imports only what is pure", map[string]string{
			"internal/core/money/a.go": pkg("money", "time", "embed", "io/fs", "net/url", "github.com/govalues/decimal",
				"os", "net", "net/http", "math/rand/v2", "database/sql/driver", "github.com/google/uuid", "cel.dev/cel-gone"),
			"internal/core/money/a_test.go": pkg("money", "os"),
			"internal/store/a.go":           pkg("store", "os"),
		}, []string{
			"internal/core/money/a.go:8: os", "internal/core/money/a.go:9: net", "internal/core/money/a.go:10: net/http",
			"internal/core/money/a.go:11: math/rand", "internal/core/money/a.go:12: database/sql",
			"internal/core/money/a.go:13: uuid", "internal/core/money/a.go:14: cel-gone",
		}},
		{"the core is pure", map[string]string{
			"internal/core/money/a.go": lines("package money", `import "time"`, `import t "time"`, `import "fmt"`,
				"var table = map[string]int{}",
				"func init() { table[``] = 1; count = 2 }",
				"func a() { _ = time.Now() }",
				"func b() { go a() }",
				"func c() { table[``] = 2 }",
				"func d() { count++ }",
				"func e() { other.field = 1 }",
				"func f() { table := map[string]int{}; table[``] = 1; var count int; count = 1; _ = count }",
				"func g(count int) { count++; time := clock{}; _ = time.Now() }",
				"var now = t.Now",
				"func h() { fmt.Println(fmt.Sprint()); _ = time.Unix(0, 0) }",
				"func (clock) init() { *pointer = 1 }"),
			"internal/core/money/b.go": lines("package money", "var count int", "var other struct{ field int }", "var pointer *int", "type clock struct{}"),
			"internal/store/a.go":      lines("package store", `import "time"`, "var count int", "func a() { count++; go a(); time.Now() }"),
		}, []string{
			"internal/core/money/a.go:7: time.Now", "internal/core/money/a.go:8: goroutine", "internal/core/money/a.go:9: table",
			"internal/core/money/a.go:10: count", "internal/core/money/a.go:11: other", "internal/core/money/a.go:14: t.Now",
			"internal/core/money/a.go:15: fmt.Println", "internal/core/money/a.go:16: pointer",
		}},
		{"packages are named after what they do", map[string]string{
			"internal/api/utils/a.go":      pkg("answer"),
			"internal/api/b/b.go":          pkg("helpers"),
			"internal/api/b/b_test.go":     pkg("helpers_test"),
			"internal/api/utility/good.go": pkg("utility"),
		}, []string{"internal/api/utils/a.go:1: utils", "internal/api/b/b.go:1: helpers", "internal/api/b/b_test.go:1: helpers_test"}},
		{"no floats near value", map[string]string{
			"internal/core/money/a.go":      lines("package money", "var a float64", "var b = 1.5", "var c, d = x.Float32(), 15"),
			"internal/core/money/a_test.go": lines("package money", "var a float64"),
			"internal/core/money/gen.go":    lines("// Code generated by a tool. DO NOT EDIT.", "package money", "var g float64"),
			"internal/app/a.go":             lines("package app", "func f(x float32) {}"),
			"internal/insight/a.go":         lines("package insight", "var a float64"),
		}, []string{"internal/core/money/a.go:2: float64", "internal/core/money/a.go:3: 1.5", "internal/core/money/a.go:4: Float32", "internal/app/a.go:2: float32"}},
		{"functions fit a screen", map[string]string{
			"internal/app/a.go":      lines("package app", "func long() {"+strings.Repeat("\n", 70)+"}", "func short() {"+strings.Repeat("\n", 69)+"}"),
			"internal/app/a_test.go": lines("package app", "func long() {"+strings.Repeat("\n", 70)+"}"),
		}, []string{"internal/app/a.go:2: long has 71 lines"}},
		{"files stay short", map[string]string{
			"internal/app/a.go":      "package app" + strings.Repeat("\n", 501),
			"internal/app/b.go":      "package app" + strings.Repeat("\n", 500),
			"internal/app/a_test.go": "package app" + strings.Repeat("\n", 501),
		}, []string{"internal/app/a.go:1: 501 lines"}},
		{"words stand once", map[string]string{
			"internal/app/words/en.yaml":          lines("# a.b: no", `a.b: "one"`, `a.c: {one: "x", other: "y"}`),
			"internal/app/words/pl.yaml":          lines(`a.b: "jeden"`),
			"internal/web/words/en.yaml":          lines(`c: "two"`, `a.b: "other"`, `c: "three"`),
			"internal/app/testdata/words/en.yaml": lines(`c: "a test's own"`),
		}, []string{"internal/web/words/en.yaml:2: a.b", "internal/web/words/en.yaml:3: c"}},
		{"every package says what it is", map[string]string{
			"internal/app/a.go":      "package app\n",
			"internal/app/b.go":      "// Package app is described.\npackage app\n",
			"internal/api/a.go":      "// Something else.\npackage api\n",
			"internal/web/a.go":      "package web\n",
			"internal/web/a_test.go": "// Package web is described by a test only.\npackage web\n",
			"cmd/premia/main.go":     "// Command premia is the program.\npackage main\n",
			"cmd/other/main.go":      "package main\n",
		}, []string{"cmd/other/main.go:1: main", "internal/api/a.go:2: api", "internal/web/a.go:1: web"}},
		{"clocks are kept apart", map[string]string{
			"internal/app/a.go":      lines("package app", "func a() { _ = store.Session{Created: a.Journal.Now()} }"),
			"internal/app/b.go":      lines("package app", "type SignedIn struct{}", "func b() { _ = a.Journal.Now() }"),
			"internal/app/c.go":      lines("package app", "func c() { _ = store.Member{At: a.Journal.Now()} }"),
			"internal/app/d.go":      lines("package app", "func d() { _ = store.Session{Created: a.wall()} }"),
			"internal/app/a_test.go": lines("package app", "func a() { _ = store.Session{Created: a.Journal.Now()} }"),
			"internal/web/a/a.go":    lines("package a", "func a(in app.SignedIn) { _ = x.app.Journal.Now() }"),
			"internal/web/a/till.go": lines("package a", "type Till struct{}", "func b() { _ = x.app.Journal.Now() }"),
		}, []string{"internal/app/a.go:2: store.Session", "internal/app/b.go:3: SignedIn", "internal/web/a/a.go:2: app.SignedIn"}},
		{"the house is as it is drawn", map[string]string{
			"docs/architecture.md":           "## The house\n  app      use cases\n  core/    pure\n    money, text\n## More\n  fit\n",
			"internal/app/a.go":              "package app\n",
			"internal/core/money/a.go":       "package money\n",
			"internal/core/fit/a.go":         "package fit\n",
			"internal/core/fit/b.go":         "package fit\n",
			"internal/core/other/a_test.go":  "package other\n",
			"internal/mail/template/mail.go": "package template\n",
		}, []string{"internal/core/fit/a.go:1: docs/architecture.md does not draw fit", "internal/mail/template/mail.go:1: docs/architecture.md does not draw mail"}},
		{"no path of a machine", map[string]string{
			"README.md":                    "see /root/notes and https://premia.example/home/page\n",
			"docs/a.sql":                   "-- good: /home/you/premia, GET /v1/work/items\n-- sqlite:///work/x.db\n",
			"internal/app/testdata/a.yaml": "path: '/home/anna/x'\n",
			"programs/picture.svg":         "/root/is/not/text\n",
			".git/config.yaml":             "/root/is/not/ours\n",
		}, []string{"README.md:1: /root/notes", "docs/a.sql:2: /work/x.db", "internal/app/testdata/a.yaml:1: /home/anna"}},
	} {
		t.Run(c.rule, func(t *testing.T) { testRule(t, rules[c.rule], c.tree, c.wants) })
	}
}

func testRule(t *testing.T, check rule, tree map[string]string, wants []string) {
	root := fstest.MapFS{}
	for name, text := range tree {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	h, err := load(root)
	if err != nil {
		t.Fatal(err)
	}
	problems := check(h)
	for _, want := range wants {
		place, word, _ := strings.Cut(want, ": ")
		found := false
		for i, problem := range problems {
			if strings.HasPrefix(problem, place+": ") && strings.Contains(problem, word) {
				problems = append(problems[:i], problems[i+1:]...)
				found = true
				break
			}
		}
		if !found {
			t.Errorf("it does not see %s", want)
		}
	}
	for _, problem := range problems {
		t.Errorf("it sees what is allowed: %s", problem)
	}
}

// pkg is the source of a package with one import a line, from line 3.
func pkg(name string, imports ...string) string {
	text := fmt.Sprintf("package %s; import (\n\n", name)
	for _, i := range imports {
		text += fmt.Sprintf("%q\n", i)
	}
	return text + ")\n"
}

func lines(all ...string) string { return strings.Join(all, "\n") + "\n" }
