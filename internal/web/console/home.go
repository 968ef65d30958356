package console

import (
	"premia/internal/core/text"
	"premia/internal/web/page"
)

func (c *Console) homeRoutes() {
	c.area.Handle("GET /console", page.User, c.home)
}

// homeData is what the home page shows.
type homeData struct {
	Title   text.Localized
	Version uint32
}

func (c *Console) home(r *page.Context) error {
	if c.setsUp(r) {
		return r.Redirect(setupPath)
	}
	var d homeData
	if p := c.app.Program(); p != nil {
		d = homeData{p.Title, p.Version}
	}
	return r.Page("home", d)
}
