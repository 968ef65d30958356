package portal

import (
	"cmp"
	"encoding/json"
	"net/url"

	"premia/internal/app"
	"premia/internal/web/page"
)

func (p *Portal) passkeyRoutes() {
	p.area.Handle("POST /sign-in/passkey/ask", page.Anyone, p.askPasskey)
	p.area.Handle("POST /sign-in/passkey", page.Anyone, p.signInPasskey)
	p.area.Handle("POST /profile/passkeys/ask", page.Member, p.beginPasskey)
	p.area.Handle("POST /profile/passkeys", page.Member, p.finishPasskey)
	p.area.Handle("POST /profile/passkeys/remove", page.Member, p.removePasskey)
	p.area.Handle("GET /profile/prove", page.Member, p.proveForm)
	p.area.Handle("POST /profile/prove", page.Member, p.prove)
}

// The cookie of a challenge is not that of a code: browsers ask for one by themselves
// where somebody is typing.
const passkeyCookie = "passkey"

// challenge keeps a step and answers the script with what the device is to be asked.
func (p *Portal) challenge(c *page.Context, options []byte, token string, err error) error {
	if err != nil {
		return c.Then("", err)
	}
	p.keep(c, passkeyCookie, token, stepSeconds)
	return c.JSON(json.RawMessage(options))
}

func (p *Portal) askPasskey(c *page.Context) error {
	options, token, err := p.app.AskMemberPasskey(c.Ctx(), c.Origin(), p.client(c))
	return p.challenge(c, options, token, err)
}

func (p *Portal) signInPasskey(c *page.Context) error {
	src, err := c.Body(page.MaxPasskey)
	if err != nil {
		return err
	}
	in, err := p.app.SignInMemberPasskey(c.Ctx(), c.Origin(), p.cookie(c, passkeyCookie), src, p.client(c))
	p.keep(c, passkeyCookie, "", -1)
	if err == nil {
		p.remember(c, in)
	}
	return c.Then(page.Local(c.R.URL.Query().Get("next"), "/"), err)
}

func (p *Portal) beginPasskey(c *page.Context) error {
	options, token, err := p.app.BeginMemberPasskey(c.Ctx(), c.Visitor.Member, c.Origin(), p.client(c))
	return p.challenge(c, options, token, err)
}

func (p *Portal) finishPasskey(c *page.Context) error {
	src, err := c.Body(page.MaxPasskey)
	if err != nil {
		return err
	}
	name := cmp.Or(c.R.URL.Query().Get("name"), c.Say("portal.passkey.name.default"))
	made := app.NewPasskey{Origin: c.Origin(), Token: p.cookie(c, passkeyCookie), Name: name, Language: c.Lang, Response: src}
	err = p.app.FinishMemberPasskey(c.Ctx(), c.Visitor.Member, made, p.client(c))
	p.keep(c, passkeyCookie, "", -1)
	if err == nil {
		c.Notify("success", c.Say("portal.passkey.added"))
	}
	return c.Then(accessPath, err)
}

func (p *Portal) removePasskey(c *page.Context) error {
	f, err := c.ReadForm("passkey")
	if err != nil {
		return err
	}
	if err := p.app.RemoveMemberPasskey(c.Ctx(), c.Visitor.Member, f.Get("passkey"), c.Lang, p.client(c)); err != nil {
		return p.proveFirst(c, err, accessPath)
	}
	return c.Done(accessPath, "portal.passkey.removed")
}

// proveFirst sends a member to prove who they are where that is why something was
// refused, and from there back to a page; other errors stay.
func (p *Portal) proveFirst(c *page.Context, err error, next string) error {
	if app.AsProblem(err).Code != app.CodeSignInAgain {
		return err
	}
	return c.Redirect(provePath + "?next=" + url.QueryEscape(next))
}

const provePath = "/profile/prove"

// proveData is the page on which a member proves once more who they are.
type proveData struct {
	Next string
	// Contacts are where a code can be sent.
	Contacts []contactView
	Passkeys bool
	Form     *page.Form
}

func (p *Portal) proveData(c *page.Context, f *page.Form, next string) (proveData, error) {
	m, err := p.member(c)
	if err != nil {
		return proveData{}, err
	}
	d := proveData{Next: page.Local(next, accessPath), Form: f}
	for _, v := range p.contacts(&m) {
		if v.Reached {
			d.Contacts = append(d.Contacts, v)
		}
	}
	keys, err := p.app.MemberPasskeys(c.Ctx(), m.ID)
	d.Passkeys = len(keys) > 0
	return d, err
}

func (p *Portal) proveForm(c *page.Context) error {
	d, err := p.proveData(c, page.NewForm(), c.Form("next"))
	if err != nil {
		return err
	}
	return c.Page("prove", d)
}

// prove sends a code to a contact of the member's own.
func (p *Portal) prove(c *page.Context) error {
	f, err := c.ReadForm("contact", "next")
	if err != nil {
		return err
	}
	d, err := p.proveData(c, f, f.Get("next"))
	if err != nil {
		return err
	}
	for _, own := range d.Contacts {
		if own.Value != f.Get("contact") {
			continue
		}
		step, err := p.app.BeginMemberSignIn(c.Ctx(), own.Value, c.Lang, p.client(c))
		if err == nil {
			return p.sent(c, step, d.Next)
		}
		if !c.Refuse(f, err) {
			return err
		}
		f.Problem, f.Problems = cmp.Or(f.Problem, f.Problems["contact"]), map[string]string{}
		return c.PageStatus(page.StatusOf(app.AsProblem(err)), "prove", d)
	}
	return page.ErrNotFound
}
