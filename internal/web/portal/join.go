package portal

import (
	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/web/page"
)

func (p *Portal) joinForm(c *page.Context) error {
	if c.Visitor.Member != 0 {
		return c.Redirect("/")
	}
	secret, _ := auth.NewToken()
	return c.Page("join", p.formData(page.NewForm("ref", c.Form("ref"), "click", c.Form("click"), "secret", secret), c.Form("next")))
}

func (p *Portal) join(c *page.Context) error {
	f, err := c.ReadForm("contact", "given_name", "birth_date", "ref", "click", "secret", "terms", "email", "sms", "next")
	if err != nil {
		return err
	}
	j := app.Join{
		Contact: f.Get("contact"), GivenName: f.Get("given_name"), BirthDate: f.Get("birth_date"), Language: c.Lang,
		ReferredBy: f.Get("ref"), Click: f.Get("click"), Consents: make(map[string]bool),
	}
	for _, name := range app.PortalConsents {
		j.Consents[name] = f.Get(name) == "on"
	}
	if !p.app.Reachable() {
		in, err := p.app.JoinHere(c.Ctx(), j, f.Get("secret"), p.client(c))
		if err != nil {
			return p.again(c, "join", f, err)
		}
		return p.enter(c, in, f.Get("next"))
	}
	step, err := p.app.BeginJoin(c.Ctx(), j, p.client(c))
	if err != nil {
		return p.again(c, "join", f, err)
	}
	return p.sent(c, step, f.Get("next"))
}
