// Package portal is the pages at /, for members on their phones: what the program
// gives, joining and signing in, the card, the balance, rewards and vouchers, goals,
// history with its reasons, and what is known of them. Each file has the pages of one
// subject.
//
// What always holds: a member sees nothing of another, and what a page shows of the
// rules comes from the document that the engine runs.
package portal

import (
	"embed"
	"html/template"
	"io/fs"
	"strings"
	"sync"

	"premia/internal/app"
	"premia/internal/core/engine"
	"premia/internal/web/page"
)

//go:embed templates
var templates embed.FS

//go:embed static
var static embed.FS

//go:embed words/*.yaml
var words embed.FS

// Words are those of the portal.
func Words() fs.FS { return words }

// Files are the portal's own styles and scripts.
func Files() fs.FS { return sub(static, "static") }

func sub(files fs.FS, folder string) fs.FS {
	in, err := fs.Sub(files, folder)
	if err != nil {
		panic("portal: the folder " + folder + " is gone: " + err.Error())
	}
	return in
}

// Portal has what its pages need.
type Portal struct {
	app  *app.App
	site *page.Site
	area *page.Area
	// version changes with the templates and words of this package.
	version []byte

	rules described
}

// Add adds the portal to a site.
func Add(site *page.Site, a *app.App) *Portal {
	p := &Portal{app: a, site: site, area: site.Area("portal", sub(templates, "templates")), version: digest(templates, words)}
	p.area.Funcs(p.funcs)
	site.Room("/", p.area)
	p.lookRoutes()
	p.welcomeRoutes()
	p.signInRoutes()
	p.cardRoutes()
	p.rewardRoutes()
	p.offerRoutes()
	p.voucherRoutes()
	p.goalRoutes()
	p.prizeRoutes()
	p.historyRoutes()
	p.friendRoutes()
	p.giveRoutes()
	p.familyRoutes()
	p.giftCardRoutes()
	p.profileRoutes()
	p.accessRoutes()
	p.passkeyRoutes()
	p.contactRoutes()
	return p
}

// funcs are what the portal's templates may call beside those of all pages:
//
//	brand     how the workspace looks
//	tab       the tab to which a path belongs; empty for none
//	here      what aria-current says of a tab: page on its own page, true below it
func (p *Portal) funcs(lang string) template.FuncMap {
	return template.FuncMap{
		"brand": func() (*brand, error) { return p.brand(lang) },
		"tab":   tabOf,
		"here": func(path, tab string) string {
			if path == tab {
				return "page"
			}
			return "true"
		},
	}
}

// tabs are the tabs by the beginnings of the paths that belong to them.
var tabs = map[string]string{
	"/card": "/", "/rewards": "/rewards", "/offers": "/rewards", "/choices": "/rewards", "/vouchers": "/rewards", "/goals": "/goals", "/contests": "/goals",
	"/history": "/history", "/profile": "/profile", "/friends": "/profile", "/give": "/profile", "/family": "/profile", "/gift-card": "/profile",
}

// tabOf gives the tab to which a path belongs, that of the longest beginning; empty for
// what belongs to none, such as how it works.
func tabOf(path string) string {
	if path == "/" {
		return "/"
	}
	longest := ""
	for begins := range tabs {
		if len(begins) > len(longest) && (path == begins || strings.HasPrefix(path, begins+"/")) {
			longest = begins
		}
	}
	return tabs[longest]
}

// described keeps how the program in force reads, by language.
type described struct {
	mu       sync.Mutex
	program  *engine.Program
	sections map[string][]app.Section
}

// sections say the rules of the program in force, without what is over; nil if there is none.
func (p *Portal) sections(lang string) ([]app.Section, error) {
	all, err := p.allSections(lang)
	return app.StillSo(all, p.app.Journal.Now()), err
}

// allSections say what is over, too.
func (p *Portal) allSections(lang string) ([]app.Section, error) {
	d := &p.rules
	d.mu.Lock()
	defer d.mu.Unlock()
	now := p.app.Program()
	if now == nil {
		return nil, nil
	}
	if d.program != now {
		d.program, d.sections = now, make(map[string][]app.Section)
	}
	if said := d.sections[lang]; said != nil {
		return said, nil
	}
	said, err := p.app.Describe(now.Version, lang)
	d.sections[lang] = said
	return said, err
}
