package archtest

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// floors are the areas of the repository, each a folder in internal/ or at the
// root, by height. An area imports only what is on a lower floor, and itself.
var floors = map[string]int{
	"core": 0, "programs": 0,
	"config": 1, "i18n": 1, "outbound": 1,
	"store":   2,
	"journal": 3, "auth": 3,
	"app": 4,
	"api": 5, "web": 5, "connect": 5, "channel": 5, "job": 5, "insight": 5, "demo": 5,
	"cmd": 6, "bench": 6, "scripts": 6,
	"testkit": 7, "archtest": 7, "reliability": 8,
}

// coreFloors are the floors inside internal/core. On the two lowest, neighbours
// may import one another, since the compiler refuses circles; mechanics may not,
// since each comes in by the same door and must be able to leave by it.
var coreFloors = map[string]int{
	"money": 0, "text": 0, "calendar": 0, "code": 0, "bank": 0, "chance": 0,
	"price":        1, // arithmetic over money
	"pricehistory": 1,
	"document":     1, "condition": 1, "ledger": 1, "event": 1,
	"engine":        2,
	"mechanic/rule": 3, // what the rules of all mechanics have in common
	"mechanic":      4, // each of the other folders in mechanic
	"program":       5,
	"fit":           6, // what is made of a whole document
}

const (
	sociable = 1 // the highest floor of the core with imports between neighbours
	corePath = "internal/core"
)

func importsPointDown(h *house) []string {
	var problems []string
	for _, f := range h.files {
		if f.test {
			continue
		}
		problems = append(problems, h.unknownArea(f)...)
		for _, i := range f.imports() {
			to, ours := strings.CutPrefix(i.path, module+"/")
			if !ours {
				continue
			}
			if why := forbidden(f.folder(), to); why != "" {
				problems = append(problems, h.problem(i.at, "imports %s: %s", i.path, why))
			}
		}
	}
	return problems
}

func (h *house) unknownArea(f goFile) []string {
	if _, known := floors[area(f.folder())]; !known {
		return []string{h.problem(f.syntax.Package, "the folder %q has no floor: put its code where it belongs (%s), or give it a floor in internal/archtest", area(f.folder()), names(floors))}
	}
	if name, _ := coreName(f.folder()); f.in(corePath) {
		if _, known := coreFloors[name]; !known {
			return []string{h.problem(f.syntax.Package, "the core's package %q has no floor: put its code where it belongs (%s), or give it a floor in internal/archtest", name, names(coreFloors))}
		}
	}
	return nil
}

// forbidden says why a package may not import another; "" when it may. Both are
// folders from the repository's root.
func forbidden(from, to string) string {
	if area(from) != area(to) {
		if floors[area(from)] > floors[area(to)] {
			return ""
		}
		return fmt.Sprintf("%s is not below %s, and dependencies point down only", area(to), area(from))
	}
	if area(from) != "core" {
		return ""
	}
	fromName, fromPart := coreName(from)
	toName, toPart := coreName(to)
	switch {
	case coreFloors[fromName] > coreFloors[toName]:
		return ""
	case fromName == toName && fromPart == toPart:
		return ""
	case coreFloors[fromName] == coreFloors[toName] && coreFloors[fromName] <= sociable:
		return ""
	case fromName == "mechanic" && toName == "mechanic":
		return "mechanics don't know one another; what they share belongs to mechanic/rule or the engine"
	}
	return fmt.Sprintf("inside the core, %s is not below %s", toName, fromName)
}

// area is "store" for internal/store/sqlite, "cmd" for cmd/premia.
func area(folder string) string {
	folder = strings.TrimPrefix(folder, "internal/")
	first, _, _ := strings.Cut(folder, "/")
	return first
}

// coreName is the package of the core and, for a mechanic, which one:
// ("mechanic", "earn") for internal/core/mechanic/earn/any.
func coreName(folder string) (name, mechanic string) {
	parts := append(strings.Split(strings.TrimPrefix(folder, corePath+"/"), "/"), "")
	switch {
	case parts[0] != "mechanic":
		return parts[0], ""
	case parts[1] == "rule":
		return "mechanic/rule", ""
	}
	return parts[0], parts[1]
}

// impure are packages of the standard library that reach outside the program,
// with all below them.
var impure = []string{
	"crypto/rand", "database/sql", "io/ioutil", "log", "math/rand", "net/http", "net/rpc", "net/smtp",
	"os", "plugin", "runtime", "syscall", "testing", "unsafe",
}

// coreLibraries are the modules of others that the core may use.
var coreLibraries = []string{"github.com/govalues/decimal", "cel.dev/cel-go", "go.yaml.in/yaml/v3"}

func coreImports(h *house) []string {
	var problems []string
	for _, f := range h.own() {
		if !f.in(corePath) {
			continue
		}
		for _, i := range f.imports() {
			switch {
			case below(i.path, module): // importsPointDown judges these
			case i.path == "net" || slices.ContainsFunc(impure, func(p string) bool { return below(i.path, p) }):
				problems = append(problems, h.problem(i.at, "imports %s, and the core touches nothing outside itself", i.path))
			case standard(i.path):
			case !slices.ContainsFunc(coreLibraries, func(p string) bool { return below(i.path, p) }):
				problems = append(problems, h.problem(i.at, "imports %s; the core takes from others only %s", i.path, strings.Join(coreLibraries, ", ")))
			}
		}
	}
	return problems
}

func below(importPath, parent string) bool {
	return importPath == parent || strings.HasPrefix(importPath, parent+"/")
}

// standard says whether an import path is of the standard library, which has no
// point in its first part.
func standard(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".")
}

// badNames say nothing about what a package means.
var badNames = []string{"util", "utils", "common", "helper", "helpers", "misc", "shared", "lib"}

func packageNames(h *house) []string {
	var problems []string
	for _, f := range h.files {
		for _, name := range []string{f.syntax.Name.Name, path.Base(f.folder())} {
			if slices.Contains(badNames, strings.TrimSuffix(name, "_test")) {
				problems = append(problems, h.problem(f.syntax.Name.Pos(), "the name %q does not say what the package means", name))
				break
			}
		}
	}
	return problems
}

func names(floors map[string]int) string {
	return strings.Join(slices.Sorted(maps.Keys(floors)), ", ")
}
