package portal

import (
	"net/http"
	"strings"

	"premia/internal/app"
	"premia/internal/core/event"
	"premia/internal/web/page"
)

func (p *Portal) signInRoutes() {
	p.area.Handle("GET /sign-in", page.Anyone, p.signInForm)
	p.area.Handle("POST /sign-in", page.Anyone, p.signIn)
	p.area.Handle("GET /sign-in/code", page.Anyone, p.codeForm)
	p.area.Handle("POST /sign-in/code", page.Anyone, p.code)
	p.area.Handle("GET /sign-in/link/{token}", page.Anyone, p.linkForm)
	p.area.Handle("POST /sign-in/link/{token}", page.Anyone, p.link)
	p.area.Handle("GET /sign-in/shop", page.Anyone, p.shopForm)
	p.area.Handle("POST /sign-in/shop", page.Anyone, p.shop)
	p.area.Handle("GET /join", page.Anyone, p.joinForm)
	p.area.Handle("POST /join", page.Anyone, p.join)
	p.area.Handle("POST /sign-out", page.Anyone, p.signOut)
}

// formData is a form with what stands around it.
type formData struct {
	Form *page.Form
	Next string
	// Post is where the form goes.
	Post string
	// Email and SMS tell by which ways a code can come.
	Email, SMS bool
	// Contact is the id of the words for what may be typed there.
	Contact  string
	Consents []string
}

func (p *Portal) formData(f *page.Form, next string) formData {
	d := formData{
		Form: f, Next: page.Local(next, ""), Email: p.app.CanSend(app.EmailChannel), SMS: p.app.CanSend(app.SMSChannel),
		Contact: "portal.contact", Consents: app.PortalConsents,
	}
	switch {
	case !d.SMS && d.Email:
		d.Contact = "portal.contact.email"
	case d.SMS && !d.Email:
		d.Contact = "portal.contact.phone"
	}
	return d
}

func (p *Portal) signInForm(c *page.Context) error {
	if c.Visitor.Member != 0 {
		return c.Redirect(page.Local(c.Form("next"), "/"))
	}
	return c.Page("sign-in", p.formData(page.NewForm(), c.Form("next")))
}

func (p *Portal) signIn(c *page.Context) error {
	f, err := c.ReadForm("contact", "next")
	if err != nil {
		return err
	}
	step, err := p.app.BeginMemberSignIn(c.Ctx(), f.Get("contact"), c.Lang, p.client(c))
	if err != nil {
		return p.again(c, "sign-in", f, err)
	}
	return p.sent(c, step, f.Get("next"))
}

// again shows a form once more with what is wrong.
func (p *Portal) again(c *page.Context, name string, f *page.Form, err error) error {
	if !refuse(c, f, err) {
		return err
	}
	return c.PageStatus(http.StatusUnprocessableEntity, name, p.formData(f, f.Get("next")))
}

// refuse is page.Context's, with words of the portal for what members type.
func refuse(c *page.Context, f *page.Form, err error) bool {
	problem := app.AsProblem(err)
	field := strings.TrimPrefix(problem.Path, "profile.")
	_, has := f.Values[field]
	switch {
	case problem.Code != event.CodeInvalid || !has:
	case field == "birth_date":
		f.Wrong(field, c.Say("portal.wrong.birth_date"))
		return true
	default:
		f.Wrong(field, c.Say("portal.wrong.value"))
		return true
	}
	return c.Refuse(f, err)
}

// stepSeconds is how long the browser keeps the token of a step, as long as it is good.
const stepSeconds = 600

// sent goes on to where the code is typed.
func (p *Portal) sent(c *page.Context, step, next string) error {
	p.keep(c, "step", step, stepSeconds)
	p.keep(c, "next", page.Local(next, "/"), stepSeconds)
	return c.Redirect("/sign-in/code")
}

func (p *Portal) codeForm(c *page.Context) error {
	if p.cookie(c, "step") == "" {
		return c.Redirect("/sign-in")
	}
	return c.Page("code", p.formData(page.NewForm(), ""))
}

func (p *Portal) code(c *page.Context) error {
	f, err := c.ReadForm("code")
	if err != nil {
		return err
	}
	in, err := p.app.FinishMemberCode(c.Ctx(), p.cookie(c, "step"), f.Get("code"), p.client(c))
	if err != nil && app.AsProblem(err).Code == app.CodeStepOver {
		p.keep(c, "step", "", -1)
		c.Notify("warning", c.Problem(err))
		return c.Redirect("/sign-in")
	}
	if err != nil {
		f.Values["code"] = ""
		return p.again(c, "code", f, err)
	}
	return p.enter(c, in, p.cookie(c, "next"))
}

// linkForm asks for a click before a link is taken: those who look into mail for viruses
// open links, too.
func (p *Portal) linkForm(c *page.Context) error {
	if err := p.app.MemberLink(c.Ctx(), c.R.PathValue("token")); err != nil {
		return p.over(c, err)
	}
	return c.Page("link", formData{Form: page.NewForm(), Post: c.R.URL.Path})
}

// over says on the page of signing in why a link or a token is not taken.
func (p *Portal) over(c *page.Context, err error) error {
	f := page.NewForm()
	if !c.Refuse(f, err) {
		return err
	}
	return c.PageStatus(page.StatusOf(app.AsProblem(err)), "sign-in", p.formData(f, ""))
}

func (p *Portal) link(c *page.Context) error {
	in, err := p.app.FinishMemberLink(c.Ctx(), c.R.PathValue("token"), p.client(c))
	if err != nil {
		return p.over(c, err)
	}
	return p.enter(c, in, p.cookie(c, "next"))
}

func (p *Portal) shopForm(c *page.Context) error {
	f := page.NewForm("token", c.Form("token"))
	if err := p.app.ShopToken(c.Ctx(), f.Get("token")); err != nil {
		return p.over(c, err)
	}
	return c.Page("link", formData{Form: f, Post: "/sign-in/shop", Next: page.Local(c.Form("next"), "")})
}

func (p *Portal) shop(c *page.Context) error {
	f, err := c.ReadForm("token", "next")
	if err != nil {
		return err
	}
	in, err := p.app.FinishShopToken(c.Ctx(), f.Get("token"), p.client(c))
	if err != nil {
		return p.over(c, err)
	}
	return p.enter(c, in, f.Get("next"))
}

func (p *Portal) signOut(c *page.Context) error {
	if err := p.app.MemberSignOut(c.Ctx(), p.cookie(c, "member")); err != nil {
		return err
	}
	p.keep(c, "member", "", -1)
	return c.Done("/", "portal.signed_out")
}
