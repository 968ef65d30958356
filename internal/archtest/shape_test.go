package archtest

import (
	"fmt"
	"go/ast"
	"maps"
	"regexp"
	"slices"
	"strings"
)

const (
	longestFunction = 70
	longestFile     = 500
)

// tooLong are functions and files that may be longer, each with the reason. It
// is empty, and better so: what is too long wants to be two things.
var tooLong = map[string]string{}

func functionSizes(h *house) []string {
	var problems []string
	for _, f := range h.own() {
		for _, declaration := range f.syntax.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok {
				continue
			}
			lines := h.fset.Position(function.End()).Line - h.fset.Position(function.Pos()).Line + 1
			if _, allowed := tooLong[f.path+" "+function.Name.Name]; lines > longestFunction && !allowed {
				problems = append(problems, h.problem(function.Pos(), "the function %s has %d lines, more than %d", function.Name.Name, lines, longestFunction))
			}
		}
	}
	return problems
}

func fileSizes(h *house) []string {
	var problems []string
	for _, f := range h.own() {
		lines := h.fset.File(f.syntax.FileStart).LineCount()
		if _, allowed := tooLong[f.path]; lines > longestFile && !allowed {
			problems = append(problems, h.problem(f.syntax.Package, "the file has %d lines, more than %d", lines, longestFile))
		}
	}
	return problems
}

// packageComments wants a comment that begins "Package NAME" for each package,
// and any comment for a command.
func packageComments(h *house) []string {
	first := map[string]goFile{} // of each folder
	described := map[string]bool{}
	for _, f := range h.files {
		if f.test {
			continue
		}
		if _, seen := first[f.folder()]; !seen {
			first[f.folder()] = f
		}
		text := f.syntax.Doc.Text()
		name := f.syntax.Name.Name
		if name == "main" && text != "" || strings.HasPrefix(text, "Package "+name+" ") {
			described[f.folder()] = true
		}
	}
	var problems []string
	for _, folder := range slices.Sorted(maps.Keys(first)) {
		if f := first[folder]; !described[folder] {
			problems = append(problems, h.problem(f.syntax.Package, "no file of the package %s has a comment that says what it means, what it owns and what always holds", f.syntax.Name.Name))
		}
	}
	return problems
}

// machinePath matches an absolute path that exists on somebody's machine only.
var machinePath = regexp.MustCompile("(?:^|[\\s\"'`(=<>,;]|:/{0,2})(/(?:work|root|home|Users)/\\S*)")

// examplePath is how guides name a reader's own folder.
const examplePath = "/home/you/"

func noMachinePaths(h *house) []string {
	var problems []string
	for _, f := range h.texts {
		if strings.HasPrefix(f.path, "internal/archtest/") {
			continue // its examples
		}
		number := 0
		for line := range strings.Lines(f.text) {
			number++
			found := machinePath.FindStringSubmatch(line)
			if found != nil && !strings.HasPrefix(found[1], examplePath) {
				problems = append(problems, fmt.Sprintf("%s:%d: has the path of a machine: %s", f.path, number, found[1]))
			}
		}
	}
	return problems
}

// drawn is the document that draws the house.
const drawn = "docs/architecture.md"

// houseDrawn says which rooms, the folders right under internal, internal/core and
// internal/web, the drawing of the house lacks.
func houseDrawn(h *house) []string {
	i := slices.IndexFunc(h.texts, func(f textFile) bool { return f.path == drawn })
	if i < 0 {
		return nil
	}
	_, house, _ := strings.Cut(h.texts[i].text, "## The house")
	house, _, _ = strings.Cut(house, "\n## ")
	var problems []string
	seen := map[string]bool{}
	for _, f := range h.own() {
		parts := strings.Split(f.folder(), "/")
		if parts[0] != "internal" || len(parts) < 2 {
			continue
		}
		room := parts[1]
		if (room == "core" || room == "web") && len(parts) > 2 {
			room = parts[2]
		}
		if !seen[room] && !regexp.MustCompile(`(?m)^  .*\b`+regexp.QuoteMeta(room)+`\b`).MatchString(house) {
			problems = append(problems, h.problem(f.syntax.Name.Pos(), "%s does not draw %s", drawn, room))
		}
		seen[room] = true
	}
	return problems
}
