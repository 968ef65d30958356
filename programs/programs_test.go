package programs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/adjustment"
	"premia/internal/core/program"
	"premia/internal/i18n"
	"premia/programs"
)

// notToBeginWith are the demo's program, which has a bit of everything, and those of
// histories that come with them.
var notToBeginWith = append([]string{"coffee"}, ownHistory...)

// ownHistory are programs of histories that come with them, not for others to begin
// with.
var ownHistory = []string{"online-retail"}

// common are sections that say with what other mechanics work, and reward nobody by
// themselves.
var common = []string{"wallets", "events", "returns", "adjustments"}

// TestEachHasAMechanicOfItsOwn finds in each program that others begin with a mechanic
// that none of the other programs uses, by the sections of their documents.
func TestEachHasAMechanicOfItsOwn(t *testing.T) {
	users := map[string][]string{} // by section
	var ready []string
	for _, name := range programs.Names() {
		if slices.Contains(notToBeginWith, name) {
			continue
		}
		ready = append(ready, name)
		src, _ := programs.Document(name)
		d, err := program.Load(name+"/program.yaml", src, engine.NewNames())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range program.Pipeline() {
			if key := m.Section().Key; key != "" && d.Source.Has(key) && !slices.Contains(common, key) {
				users[key] = append(users[key], name)
			}
		}
	}
	if len(ready) < 10 {
		t.Errorf("there are %d programs to begin with, want 10 or more", len(ready))
	}
	for _, name := range ready {
		var own []string
		for key, names := range users {
			if slices.Equal(names, []string{name}) {
				own = append(own, key)
			}
		}
		slices.Sort(own)
		if len(own) == 0 {
			t.Errorf("%s has no mechanic that no other program has; add one that suits the business", name)
		}
		t.Logf("%s alone has %s", name, strings.Join(own, ", "))
	}
}

// TestReadyPrograms holds each ready program to what people may expect of it: its
// scenarios tell its fine points and pass, and it can be read in every language.
func TestReadyPrograms(t *testing.T) {
	words, err := i18n.Load(program.Catalogs()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range programs.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src, ok := programs.Document(name)
			if !ok || !strings.HasSuffix(programs.About(src), ".") {
				t.Fatalf("there is a program %s: %t; it begins with %q", name, ok, programs.About(src))
			}
			d, err := program.Load(name+"/program.yaml", src, engine.NewNames())
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range program.RunScenarios(d) {
				t.Errorf("%s:%d: %s, step %d: %+v", f.File, f.Pos.Line, f.Scenario, f.Step, f.Differences)
			}
			for i := range d.Program.Wallets {
				w := &d.Program.Wallets[i]
				most, limited := adjustment.Alone(d.Program, w.ID)
				if w.Gift == nil && w.Currency == "" && (!limited || most <= 0) {
					t.Errorf("one person may adjust any number of %s, or none: %d", w.ID, most)
				}
			}
			if slices.Contains(ownHistory, name) {
				return
			}
			if d.Scenarios() < 8 {
				t.Errorf("%d scenarios, want 8 or more", d.Scenarios())
			}
			for _, lang := range document.Languages() {
				if !slices.Contains(d.Program.Languages, lang) {
					t.Errorf("it is not written in %s", lang)
				}
				for _, s := range program.Describe(d.Program) {
					for _, line := range s.Lines {
						if said := words.Render(lang, line); strings.Contains(said, "⟦") {
							t.Errorf("%s: %s", lang, said)
						}
					}
				}
			}
		})
	}
}

// TestGalleryCosts compares what the gallery says of costs with the programs' pages.
func TestGalleryCosts(t *testing.T) {
	pages, err := filepath.Glob("../docs/programs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	if got := len(programs.Gallery()); got != len(pages)-1 { // the README
		t.Errorf("the gallery has %d programs, and there are %d pages", got, len(pages)-1)
	}
	for _, ready := range programs.Gallery() {
		if _, ok := programs.Document(ready.Name); !ok {
			t.Errorf("there is no program %s", ready.Name)
		}
		said, err := os.ReadFile("../docs/programs/" + ready.Name + ".md")
		if err != nil {
			t.Fatal(err)
		}
		if cost := regexp.MustCompile(`cost as a share of sales +([0-9.]+) %`).FindSubmatch(said); cost == nil || string(cost[1]) != ready.Cost {
			t.Errorf("%s costs %s %% in the gallery, and its page says %s", ready.Name, ready.Cost, cost)
		}
	}
}
