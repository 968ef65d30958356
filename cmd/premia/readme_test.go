package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"premia/internal/testkit"
)

var yamlInReadme = regexp.MustCompile("(?s)```yaml\n(program:.*?)```")

// TestReadme runs the program that the README shows, and makes the two mistakes
// whose messages it shows.
func TestReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join(testkit.RepoRoot(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	shown := yamlInReadme.FindSubmatch(readme)
	if shown == nil {
		t.Fatal("the README shows no program")
	}
	file := filepath.Join(t.TempDir(), "example.yaml")
	program := func(document, command string, args ...string) string {
		t.Helper()
		if err := os.WriteFile(file, []byte(document), 0o600); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		run(append([]string{"program", command, file}, args...), nil, &out, &out)
		return strings.ReplaceAll(out.String(), file, "example.yaml")
	}
	document := string(shown[1])
	if out := program(document, "test"); !strings.Contains(out, "1 scenario passed") {
		t.Errorf("its scenario: %s", out)
	}
	wrong := strings.NewReplacer("multiply", "multply", `event.channel == "app"`, "event.channel == 5").Replace(document)
	for what, out := range map[string]string{
		"mistakes":    program(wrong, "check"),
		"description": program(document, "describe", "--lang", "en"),
	} {
		if at := strings.Index(out, "Promotion:"); at >= 0 {
			out = out[at:]
		}
		if out == "" || !bytes.Contains(readme, []byte(strings.TrimSpace(out))) {
			t.Errorf("the README shows other %s than these:\n%s", what, out)
		}
	}
}

// TestReadmeNamesTheCommands holds the README's table against what the binary can do.
func TestReadmeNamesTheCommands(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join(testkit.RepoRoot(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var help bytes.Buffer
	run([]string{"--help"}, nil, &help, &help)
	commands := regexp.MustCompile(`(?m)^  ([a-z][a-z-]*)(?: ([a-z-]+))?  +[A-Z]`).FindAllStringSubmatch(help.String(), -1)
	if len(commands) < 40 {
		t.Fatalf("these are all: %q", commands)
	}
	for _, command := range commands {
		row := regexp.MustCompile("(?m)^\\| (?:.*)`"+command[1]+"[ `].*$").FindAllString(string(readme), -1)
		if named := strings.Join(row, "\n"); named == "" || command[2] != "" && !strings.Contains(named, "`"+command[2]+"`") && !strings.Contains(named, "`"+command[1]+" "+command[2]+"`") {
			t.Errorf("the README's table lacks premia %s %s", command[1], command[2])
		}
	}
}
