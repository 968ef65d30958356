package portal

import (
	"net/http"

	"premia/internal/app"
	"premia/internal/web/page"
)

func (p *Portal) contactRoutes() {
	p.area.Handle("POST /profile/contacts", page.Member, p.addContact)
	p.area.Handle("GET /profile/contacts/code", page.Member, p.contactCodeForm)
	p.area.Handle("POST /profile/contacts/code", page.Member, p.contactCode)
	p.area.Handle("POST /profile/contacts/remove", page.Member, p.removeContact)
}

// contactCookie keeps the step in which a contact is proved.
const contactCookie = "contact"

// addContact sends a code to a further contact.
func (p *Portal) addContact(c *page.Context) error {
	f, err := c.ReadForm("contact")
	if err != nil {
		return err
	}
	step, err := p.app.BeginContact(c.Ctx(), c.Visitor.Member, f.Get("contact"), c.Lang, p.client(c))
	if err != nil && app.AsProblem(err).Code == app.CodeSignInAgain {
		return p.proveFirst(c, err, accessPath)
	}
	if err != nil {
		if !c.Refuse(f, err) {
			return err
		}
		return p.showAccess(c, http.StatusUnprocessableEntity, f)
	}
	p.keep(c, contactCookie, step, stepSeconds)
	return c.Redirect("/profile/contacts/code")
}

func (p *Portal) contactCodeForm(c *page.Context) error {
	if p.cookie(c, contactCookie) == "" {
		return c.Redirect(accessPath)
	}
	return c.Page("contact-code", formData{Form: page.NewForm()})
}

func (p *Portal) contactCode(c *page.Context) error {
	f, err := c.ReadForm("code")
	if err != nil {
		return err
	}
	err = p.app.FinishContact(c.Ctx(), c.Visitor.Member, p.cookie(c, contactCookie), f.Get("code"), c.Lang, p.client(c))
	switch code := app.AsProblem(err).Code; {
	case err == nil:
		p.keep(c, contactCookie, "", -1)
		return c.Done(accessPath, "portal.contact.added")
	case code == app.CodeSignInAgain:
		return p.proveFirst(c, err, accessPath)
	case code == app.CodeStepOver, code == app.CodeContactTaken:
		p.keep(c, contactCookie, "", -1)
		c.Notify("warning", c.Problem(err))
		return c.Redirect(accessPath)
	}
	f.Values["code"] = ""
	if !c.Refuse(f, err) {
		return err
	}
	return c.PageStatus(http.StatusUnprocessableEntity, "contact-code", formData{Form: f})
}

// removeContact takes a contact away; of the last way in it asks once more.
func (p *Portal) removeContact(c *page.Context) error {
	f, err := c.ReadForm("contact", "sure")
	if err != nil {
		return err
	}
	err = p.app.RemoveContact(c.Ctx(), c.Visitor.Member, f.Get("contact"), c.Lang, f.Get("sure") == "on", p.client(c))
	switch {
	case err == nil:
		return c.Done(accessPath, "portal.contact.removed")
	case app.AsProblem(err).Code == app.CodeLastWay:
		return c.PageStatus(http.StatusUnprocessableEntity, "contact-last", formData{Form: f})
	}
	return p.proveFirst(c, err, accessPath)
}
