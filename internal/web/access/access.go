// Package access is the pages by which people of the business get in and say who may do
// what: signing in, invitations, forgotten passwords, one's own account, users and
// their roles, API keys, the audit trail and the outbox.
//
// It decides nothing; package app does. What always holds: a password, a token or a key
// stands on no page but the one that shows a new key once.
package access

import (
	"embed"
	"html/template"
	"io/fs"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/web/page"
)

//go:embed templates
var templates embed.FS

//go:embed words/*.yaml
var words embed.FS

// Words are those of these pages.
func Words() fs.FS { return words }

// Access has what its pages need.
type Access struct {
	app *app.App
	// door is for those who are not in yet, and area for those who are.
	door, area *page.Area
}

// Add adds the pages to a site.
func Add(site *page.Site, a *app.App) *Access {
	files, err := fs.Sub(templates, "templates")
	if err != nil {
		panic("access: the templates are gone: " + err.Error())
	}
	x := &Access{app: a, door: site.Area("plain", files), area: site.Area("console", files)}
	x.door.Funcs(x.funcs)
	x.area.Funcs(x.funcs)
	site.Nav(navigation...)
	x.signInRoutes()
	x.welcomeRoutes()
	x.accountRoutes()
	x.factorRoutes()
	x.userRoutes()
	x.keyRoutes()
	x.auditRoutes()
	return x
}

// funcs are what these templates may call beside those of all pages:
//
//	mails     whether e-mail can be sent
//	onlyhere  whether only this machine opens the addresses of links
func (x *Access) funcs(string) template.FuncMap {
	return template.FuncMap{"mails": func() bool { return x.app.CanSend(app.EmailChannel) }, "onlyhere": x.app.OnlyHere}
}

// need names a permission as what a route needs.
func need(p auth.Permission) page.Need { return page.Need(p) }

// navigation in its order.
var navigation = []page.NavItem{
	{Path: "/console/users", Label: "access.users", Icon: "users-group", Key: "u", Need: need(auth.UsersRead), Group: "access.group"},
	{Path: "/console/keys", Label: "access.keys", Icon: "key", Key: "k", Need: need(auth.KeysWrite), Group: "access.group"},
	{Path: "/console/audit", Label: "access.audit", Icon: "history", Key: "a", Need: need(auth.AuditRead), Group: "access.group"},
	{Path: "/console/outbox", Label: "access.outbox", Icon: "mail", Need: need(auth.MessagesRead), Group: "access.group"},
	{Path: "/console/access", Label: "access.settings", Icon: "shield-check", Need: need(auth.SettingsWrite), Group: "access.group"},
}
