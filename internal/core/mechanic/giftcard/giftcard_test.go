package giftcard_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/giftcard"
	"premia/internal/core/program"
	"premia/internal/i18n"
	"premia/internal/testkit"
)

// Gift cards do what their scenarios say, and the program tells members of them in
// every language.
func TestCards(t *testing.T) {
	src, err := os.ReadFile("testdata/cards.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d, err := program.Load("cards.yaml", src, engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range program.RunScenarios(d) {
		t.Errorf("%s, step %d: %+v", f.Scenario, f.Step, f.Differences)
	}
	c, err := i18n.Load(program.Catalogs()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range c.Languages() {
		var b strings.Builder
		for _, section := range program.Describe(d.Program) {
			b.WriteString(c.Render(lang, section.Heading) + "\n")
			for _, line := range section.Lines {
				b.WriteString("- " + c.Render(lang, line) + "\n")
			}
			b.WriteByte('\n')
		}
		if strings.Contains(b.String(), "⟦") {
			t.Errorf("something has no words in %s", lang)
		}
		testkit.Golden(t, "cards."+lang+".txt", []byte(b.String()))
	}
}

// Kinds with mistakes are reported with all of them at once.
func TestBadCards(t *testing.T) {
	src, err := os.ReadFile("testdata/bad.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, err = program.Load("bad.yaml", src, engine.NewNames())
	var problems document.Problems
	if !errors.As(err, &problems) {
		t.Fatal(err)
	}
	var report bytes.Buffer
	for _, p := range problems {
		fmt.Fprintf(&report, "%s\n", p)
	}
	testkit.Golden(t, "bad.yaml.golden", report.Bytes())
}

// Texts that can be no codes are refused, and patterns whose codes could be guessed.
func TestMalformedCodes(t *testing.T) {
	for _, text := range []string{"", "A", "12345", "ab cd-e", strings.Repeat("A", 65), "GIFT-1234-ÄÖÜ", "GIFT/1234/5678"} {
		if normal, err := giftcard.NormalCode(text); !errors.Is(err, giftcard.ErrMalformedCode) {
			t.Errorf("%q is %q", text, normal)
		}
	}
	if normal, err := giftcard.NormalCode(" gift 0o1l "); err != nil || normal != "61FT0011" {
		t.Errorf("%q %v", normal, err)
	}
	for _, pattern := range []string{"", "GIFT", "GIFT-####", "gift-####-####-####-#", strings.Repeat("#", 21)} {
		if _, err := giftcard.ParsePattern(pattern); err == nil {
			t.Errorf("the pattern %q is accepted", pattern)
		}
	}
}
