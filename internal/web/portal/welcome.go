package portal

import (
	"premia/internal/app"
	"premia/internal/web/page"
)

func (p *Portal) welcomeRoutes() {
	p.area.Handle("GET /{$}", page.Anyone, p.home)
	p.area.Handle("GET /how", page.Anyone, p.how)
}

// rulesData is what the program gives.
type rulesData struct {
	Sections []app.Section
}

// home is the first page: the card of a member, and for everybody else what the program
// gives, and how to join.
func (p *Portal) home(c *page.Context) error {
	if c.Visitor.Member != 0 {
		return p.memberHome(c)
	}
	c.W.Header().Set("Premia-Visitor", "nobody") // the service worker forgets the card
	sections, err := p.sections(c.Lang)
	if err != nil {
		return err
	}
	return c.Page("welcome", rulesData{sections})
}

// how says how it works, from the program that the engine runs.
func (p *Portal) how(c *page.Context) error {
	sections, err := p.sections(c.Lang)
	if err != nil {
		return err
	}
	return c.Page("how", rulesData{sections})
}
