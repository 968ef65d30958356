// Package console is the pages at /console, for those who run a program. Each
// file has the pages of one subject, with templates of the same name.
package console

import (
	"embed"
	"io/fs"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/web/page"
)

//go:embed templates
var templates embed.FS

//go:embed words/*.yaml
var words embed.FS

// Words are those of the console.
func Words() fs.FS { return words }

// Console has what its pages need.
type Console struct {
	app  *app.App
	area *page.Area
	// costs replays drafts, where the server can.
	costs costing
}

// Add adds the console to a site.
func Add(site *page.Site, a *app.App) *Console {
	files, err := fs.Sub(templates, "templates")
	if err != nil {
		panic("console: the templates are gone: " + err.Error())
	}
	c := &Console{app: a, area: site.Area("console", files)}
	site.Room("/console", c.area)
	site.Nav(navigation...)
	c.homeRoutes()
	c.programRoutes()
	c.retentionRoutes(site)
	c.sandboxRoutes(site)
	c.setupRoutes(site)
	c.memberRoutes()
	c.adjustmentRoutes()
	c.workRoutes(site)
	return c
}

// navigation in its order. Entries of one group stand together.
var navigation = []page.NavItem{
	{Path: "/console", Label: "console.home", Icon: "home", Key: "h", Need: page.User},
	{Path: "/console/members", Label: "console.members", Icon: "users", Key: "m", Need: page.Need(auth.MembersSee)},
	{Path: "/console/adjustments", Label: "console.adjustments", Icon: "adjustments", Key: "s", Need: page.Need(auth.ApproveAdjustments)},
	{Path: "/till", Label: "till.title", Icon: "building-store", Key: "t", Need: page.Need(auth.TillUse)},
	{Path: "/console/program", Label: "console.program", Icon: "file-text", Key: "p", Need: programRead},
}
