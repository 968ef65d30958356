package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"premia/programs"
)

// TestInitEveryProgram makes each ready program a shop's own, with another name,
// currency, time zone and order of languages: it has no mistakes, and its scenarios
// pass.
func TestInitEveryProgram(t *testing.T) {
	for _, name := range programs.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "own.yaml")
			args := []string{"init", "--program", name, "--name", "Own: #1", "--currency", "EUR", "--timezone", "Europe/Berlin", file}
			if src, _ := programs.Document(name); strings.Contains(string(src), "languages: [pl, en, cs, ru]") {
				args = append(args, "--languages", "ru,cs")
			}
			var out, errOut bytes.Buffer
			if code := run(args, nil, &out, &errOut); code != exitOK || !strings.Contains(out.String(), "passed") {
				t.Errorf("premia %q exits with %d and prints\n%s\n%s", args, code, &out, &errOut)
			}
		})
	}
}
