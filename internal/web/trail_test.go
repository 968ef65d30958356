package web_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"premia/internal/core/calendar"
	"premia/internal/i18n"
	"premia/internal/store"
	"premia/internal/web"
)

// TestTrailHasWords reads in the source which details the audit trail is told, and looks
// that there are words for each.
func TestTrailHasWords(t *testing.T) {
	t.Parallel()
	words, err := i18n.Load(web.Words()...)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../app/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no source: %v", err)
	}
	told := map[string]bool{"event": true, "outcome": true, "live_from": true, "number": true, "member": true}
	from := map[string]int{"audited": 3, "noteSystem": 4, "changeUser": 4}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name := ""
			switch f := call.Fun.(type) {
			case *ast.Ident:
				name = f.Name
			case *ast.SelectorExpr:
				name = f.Sel.Name
			}
			first, ok := from[name]
			for i := first; ok && i < len(call.Args); i += 2 {
				if text, is := call.Args[i].(*ast.BasicLit); is {
					detail, _ := strconv.Unquote(text.Value)
					told[detail] = true
				}
			}
			return true
		})
	}
	if len(told) < 30 {
		t.Errorf("only %d details were found", len(told))
	}
	for detail := range told {
		if id := "access.detail." + detail; !words.Has("en", id) {
			t.Errorf("there are no words for the detail %q: %s", detail, id)
		}
	}
}

// TestTrailInWords shows rows of the audit trail in Polish: what was done, to what and how
// stands there without the codes under which it is kept.
func TestTrailInWords(t *testing.T) {
	t.Parallel()
	server, _, a := open(t, everybody{})
	for _, row := range []store.Audit{
		{Action: "session.started", Target: "inv_abc", Details: `{"method":"password+code"}`},
		{Action: "user.changed", Target: "usr_gone", Details: `{"role":"cashier","before":"support"}`},
		{Action: "program.published", Target: "7", Details: `{"live_from":"2026-03-05T11:30:00Z"}`},
		{Action: "program.published", Target: "1", Details: `{"live_from":"the beginning"}`},
		{Action: "settings.changed", Target: "access", Details: `{"second_factor":true,"two_publish":false}`},
		{Action: "event.adjustment", Target: "mem_XYZ", Details: `{"event":"evt_1","outcome":"insufficient_balance"}`},
		{Action: "event.profile", Target: "mem_XYZ", Details: `{"event":"evt_2","outcome":"applied"}`},
		{Action: "nothing.known", Target: "odd <b>thing</b>", Details: `{"strange":"<i>value</i>","number":12}`},
	} {
		row.At, row.Kind = calendar.Instant(1_700_000_000_000_000), "system"
		if err := a.Store.Change(t.Context(), func(tx *store.Tx) error { return tx.Audit(t.Context(), row) }); err != nil {
			t.Fatal(err)
		}
	}
	p := visit(t, server)
	_, page := p.send("GET", "/console/audit?lang=pl")
	for _, want := range []string{
		"sposób: hasło, kod", "zaproszenie", "rola: kasjer", "wersja 7", "obowiązuje od: 5 marca 2026", "od początku",
		"wymagany drugi składnik: tak", "publikują dwie osoby: nie", "uczestnik XYZ", "wpis: evt_2",
		"odd &lt;b&gt;thing&lt;/b&gt;", "strange: &lt;i&gt;value&lt;/i&gt;", "numer: 12", `<option value="session.started">`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the trail does not say %q", want)
		}
	}
	for _, raw := range []string{"password+code", "2026-03-05T", "insufficient_balance", "outcome", ">session.started<"} {
		if strings.Contains(page, raw) {
			t.Errorf("the trail says %q", raw)
		}
	}
	if _, some := p.send("GET", "/console/audit?lang=pl&action=program."); strings.Contains(some, "hasło, kod") || !strings.Contains(some, "wersja 7") || !strings.Contains(some, `<option value="program." selected>`) {
		t.Error("the beginning of several actions does not choose them")
	}
}
