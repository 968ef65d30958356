package archtest

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
)

// impureNames are the names in pure packages that are not pure: they read the
// clock, wait, read the machine's settings, or write to the terminal.
var impureNames = map[string][]string{
	"time": {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Local", "LoadLocation"},
	"fmt":  {"Print", "Printf", "Println", "Scan", "Scanf", "Scanln"},
}

// corePurity forbids in internal/core what would make two runs differ: the
// clock, goroutines, and package variables that change after they are made.
func corePurity(h *house) []string {
	var problems []string
	variables := packageVariables(h)
	for _, f := range h.own() {
		if !f.in(corePath) {
			continue
		}
		packages := importNames(f)
		for _, declaration := range f.syntax.Decls {
			function, isFunction := declaration.(*ast.FuncDecl)
			setup := isFunction && function.Name.Name == "init" && function.Recv == nil
			ast.Inspect(declaration, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.GoStmt:
					problems = append(problems, h.problem(n.Pos(), "starts a goroutine; the core is one thread of thought"))
				case *ast.SelectorExpr:
					if x, ok := n.X.(*ast.Ident); ok && x.Obj == nil && slices.Contains(impureNames[packages[x.Name]], n.Sel.Name) {
						problems = append(problems, h.problem(n.Pos(), "uses %s.%s; what the core needs from outside comes as an argument", x.Name, n.Sel.Name))
					}
				case *ast.AssignStmt:
					if n.Tok == token.DEFINE || setup {
						return true
					}
					for _, target := range n.Lhs {
						problems = append(problems, h.changed(target, variables[f.folder()])...)
					}
				case *ast.IncDecStmt:
					problems = append(problems, h.changed(n.X, variables[f.folder()])...)
				}
				return true
			})
		}
	}
	return problems
}

// importNames are the names by which a file calls its imports.
func importNames(f goFile) map[string]string {
	packages := map[string]string{}
	for n, i := range f.imports() {
		name := path.Base(i.path)
		if spec := f.syntax.Imports[n]; spec.Name != nil {
			name = spec.Name.Name
		}
		packages[name] = i.path
	}
	return packages
}

// packageVariables are the package-level variables of each folder of the core,
// with the declaration of each.
func packageVariables(h *house) map[string]map[string]*ast.ValueSpec {
	all := map[string]map[string]*ast.ValueSpec{}
	for _, f := range h.own() {
		if !f.in(corePath) {
			continue
		}
		if all[f.folder()] == nil {
			all[f.folder()] = map[string]*ast.ValueSpec{}
		}
		for _, declaration := range f.syntax.Decls {
			general, ok := declaration.(*ast.GenDecl)
			if !ok || general.Tok != token.VAR {
				continue
			}
			for _, spec := range general.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					all[f.folder()][name.Name] = spec.(*ast.ValueSpec)
				}
			}
		}
	}
	return all
}

// changed reports an assignment to a package variable, or to a part of one. The
// parser resolves a name within its file; a name that it leaves open belongs to
// the package.
func (h *house) changed(target ast.Expr, variables map[string]*ast.ValueSpec) []string {
	for {
		switch inner := target.(type) {
		case *ast.IndexExpr:
			target = inner.X
		case *ast.SelectorExpr:
			target = inner.X
		case *ast.StarExpr:
			target = inner.X
		case *ast.ParenExpr:
			target = inner.X
		case *ast.Ident:
			spec, found := variables[inner.Name]
			if !found || inner.Obj != nil && inner.Obj.Decl != spec {
				return nil
			}
			return []string{h.problem(inner.Pos(), "changes the package variable %s; the core keeps no state", inner.Name)}
		default:
			return nil
		}
	}
}

// valueFolders hold code that money and points pass through.
var valueFolders = []string{corePath, "internal/journal", "internal/store", "internal/app"}

// floatsAllowed are the files there that may use floats, each with the reason.
// A reason is never "it is more convenient": no amount may pass through one.
var floatsAllowed = map[string]string{}

var floatName = regexp.MustCompile(`(?i)float(32|64)`)

// noFloats forbids floating-point types, functions and literals, so that no
// amount is ever rounded unseen.
func noFloats(h *house) []string {
	var problems []string
	for _, f := range h.own() {
		_, allowed := floatsAllowed[f.path]
		if allowed || !slices.ContainsFunc(valueFolders, f.in) {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				if floatName.MatchString(n.Name) {
					problems = append(problems, h.problem(n.Pos(), "uses %s; value is counted in integers and exact decimals", n.Name))
				}
			case *ast.BasicLit:
				if n.Kind == token.FLOAT {
					problems = append(problems, h.problem(n.Pos(), "has the floating-point literal %s; value is counted in integers and exact decimals", n.Value))
				}
			}
			return true
		})
	}
	return problems
}
