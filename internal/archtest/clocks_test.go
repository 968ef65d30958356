package archtest

import (
	"go/ast"
	"path"
	"slices"
)

// machinesClock are the types and functions of what goes by the machine's clock, by
// their packages: who signs in and until when, links and keys, tills, the audit trail,
// messages, webhooks and backups. A sandbox's own clock, that of the journal, may be a
// year ahead of the browsers and servers that these are about.
var machinesClock = map[string][]string{
	"store": {
		"Session", "MemberSession", "Token", "Attempts", "Credential", "User", "Invitation", "Till",
		"Audit", "Message", "Endpoint", "Delivery", "APIKey",
	},
	"auth": {"Key", "NewToken", "TokenHash"},
	"jwt":  {"ParseWithClaims"},
	"app":  {"SignedIn", "MemberSignedIn", "Session", "Till", "BackupPlan", "Webhook"},
}

// clocksApart forbids the journal's clock in files that are about what goes by the
// machine's.
func clocksApart(h *house) []string {
	var problems []string
	for _, f := range h.own() {
		about := ""
		var taken []ast.Node
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && slices.Contains(machinesClock[x.Name], n.Sel.Name) {
					about = x.Name + "." + n.Sel.Name
				}
				if x, ok := n.X.(*ast.SelectorExpr); ok && x.Sel.Name == "Journal" && n.Sel.Name == "Now" {
					taken = append(taken, n)
				}
			case *ast.TypeSpec:
				if name := n.Name.Name; slices.Contains(machinesClock[path.Base(f.folder())], name) {
					about = name
				}
			}
			return true
		})
		if about == "" {
			continue
		}
		for _, n := range taken {
			problems = append(problems, h.problem(n.Pos(), "takes the journal's clock, which a sandbox moves, in a file about %s, which goes by the machine's", about))
		}
	}
	return problems
}
