package portal

import (
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/family"
	"premia/internal/core/text"
	"premia/internal/web/barcode"
	"premia/internal/web/page"
)

const (
	familyPath     = "/family"
	joinFamilyPath = familyPath + "/join/"
)

func (p *Portal) familyRoutes() {
	p.area.Handle("GET "+familyPath, page.Member, p.family)
	p.area.Handle("POST "+familyPath, page.Member, p.foundFamily)
	p.area.Handle("POST "+familyPath+"/invite", page.Member, p.inviteToFamily)
	p.area.Handle("POST "+familyPath+"/remove", page.Member, func(c *page.Context) error { return p.headStep(c, family.Remove, "portal.family.removed") })
	p.area.Handle("POST "+familyPath+"/head", page.Member, func(c *page.Context) error { return p.headStep(c, family.HandOver, "portal.family.handed_over") })
	p.area.Handle("POST "+familyPath+"/leave", page.Member, p.leaveFamily)
	p.area.Handle("GET "+joinFamilyPath+"{family}", page.Member, p.joinFamilyForm)
	p.area.Handle("POST "+joinFamilyPath+"{family}", page.Member, p.joinFamily)
}

// kinView is one of a family, as the others read it.
type kinView struct {
	ID, Name            string
	Head, Invited, Self bool
	Since               calendar.Instant
}

// moveView is what one of the family brought, or drew.
type moveView struct {
	Name   string
	At     calendar.Instant
	Points text.Points
}

// familyData is the member's family; without one, how one begins.
type familyData struct {
	Form *page.Form
	// Rules say how families work, from the program that the engine runs.
	Rules []string
	// In tells that the member belongs to one, and Head that they lead it.
	In, Head bool
	Balances []balance
	Kin      []kinView
	Moves    []moveView
	// Link is what those open whom the family has invited.
	Link  string
	QR    template.HTML
	Event string
}

// shownMoves are listed.
const shownMoves = 12

func (p *Portal) families() bool {
	rules := p.app.Program()
	return rules != nil && len(rules.FamilyWallets) > 0
}

func (p *Portal) family(c *page.Context) error {
	return p.showFamily(c, http.StatusOK, page.NewForm("card", ""))
}

func (p *Portal) showFamily(c *page.Context, status int, f *page.Form) error {
	mine, err := p.app.FamilyOf(c.Ctx(), c.Visitor.Member.String())
	if err != nil {
		return err
	}
	if mine == nil && !p.families() {
		return page.ErrNotFound
	}
	d := familyData{Form: f, Event: app.NewEventID()}
	sections, err := p.sections(c.Lang)
	if err != nil {
		return err
	}
	for i := range sections {
		if sections[i].ID == "family.heading" {
			d.Rules = sections[i].Lines
		}
	}
	if mine != nil {
		err = p.familyView(c, mine, &d)
	}
	if err != nil {
		return err
	}
	return c.PageStatus(status, "family", d)
}

// familyView adds the member's family.
func (p *Portal) familyView(c *page.Context, mine *app.Family, d *familyData) error {
	d.In = true
	for i := range mine.Wallets {
		d.Balances = append(d.Balances, balanceOf(&mine.Wallets[i]))
	}
	names := make(map[ledger.MemberID]string)
	for _, k := range mine.Kin {
		v := kinView{ID: k.Member.String(), Head: k.Standing == ledger.Head, Invited: k.Standing < ledger.Belongs, Self: k.Member == c.Visitor.Member, Since: k.Since}
		name := p.app.GivenName
		if v.Invited {
			name = p.app.Shown // who has not joined is told of as to anybody
		}
		var err error
		if v.Name, err = name(c.Ctx(), k.Member); err != nil {
			return err
		}
		names[k.Member] = v.Name
		d.Kin = append(d.Kin, v)
		d.Head = d.Head || v.Self && v.Head
	}
	moves, err := p.app.FamilyMoves(c.Ctx(), mine.ID, shownMoves)
	if err != nil {
		return err
	}
	for _, m := range moves {
		d.Moves = append(d.Moves, moveView{names[m.Member], m.At, m.Wallet.Points(m.Amount)})
	}
	if d.Head {
		d.Link = c.Origin() + joinFamilyPath + mine.ID.String()
		d.QR = barcode.QR(d.Link)
	}
	return nil
}

// changeFamily does what the member wants, once for a form, and says what came of it.
// Who shares what a member has is for the member alone to say.
func (p *Portal) changeFamily(c *page.Context, act app.FamilyAct, event, done string) error {
	if err := p.app.Own(c.Ctx(), c.Visitor.Member, p.client(c)); err != nil {
		back := familyPath // the page of a family's link, or where all else is done
		if act.Do == family.Join {
			back = c.R.URL.Path
		}
		return p.proveFirst(c, err, back)
	}
	act.EventID = eventID(c, event) + "-" + act.Do
	answer, _, err := p.app.ChangeFamily(c.Ctx(), act)
	if err != nil {
		return p.familyProblem(c, err)
	}
	if !app.Applied(&answer) {
		c.Notify("danger", strings.Join(p.app.WhyNot(&answer, c.Lang), " "))
		return c.Redirect(familyPath)
	}
	return c.Done(familyPath, done)
}

func (p *Portal) familyProblem(c *page.Context, err error) error {
	if app.AsProblem(err).Code == app.CodeInternal {
		return err
	}
	c.Notify("danger", c.Problem(err))
	return c.Redirect(familyPath)
}

func (p *Portal) foundFamily(c *page.Context) error {
	f, err := c.ReadForm("event")
	if err != nil {
		return err
	}
	return p.changeFamily(c, app.FamilyAct{Do: family.Found, Member: c.Visitor.Member.String()}, f.Get("event"), "portal.family.founded")
}

// own gives the member's family; the error is that of a page where there is none.
func (p *Portal) own(c *page.Context) (*app.Family, error) {
	mine, err := p.app.FamilyOf(c.Ctx(), c.Visitor.Member.String())
	if err == nil && mine == nil {
		err = page.ErrNotFound
	}
	return mine, err
}

func (p *Portal) inviteToFamily(c *page.Context) error {
	f, err := c.ReadForm("event", "card")
	if err != nil {
		return err
	}
	if err := p.app.Own(c.Ctx(), c.Visitor.Member, p.client(c)); err != nil {
		return p.proveFirst(c, err, familyPath)
	}
	mine, err := p.own(c)
	if err != nil {
		return err
	}
	act := app.FamilyAct{
		EventID: eventID(c, f.Get("event")) + "-" + family.Invite, Do: family.Invite, Family: mine.ID.String(),
		Member: app.Card + ":" + onlyLettersAndDigits(f.Get("card")), By: c.Visitor.Member.String(),
	}
	answer, _, err := p.app.ChangeFamily(c.Ctx(), act)
	switch {
	case err != nil && app.AsProblem(err).Path == "member":
		f.Wrong("card", c.Problem(err))
	case err != nil:
		return p.familyProblem(c, err)
	case !app.Applied(&answer):
		f.Wrong("card", strings.Join(p.app.WhyNot(&answer, c.Lang), " "))
	default:
		return c.Done(familyPath, "portal.family.invited")
	}
	return p.showFamily(c, http.StatusUnprocessableEntity, f)
}

// headStep does what the head of a family may do with one of it.
func (p *Portal) headStep(c *page.Context, do, done string) error {
	f, err := c.ReadForm("event", "member")
	if err != nil {
		return err
	}
	mine, err := p.own(c)
	if err != nil {
		return err
	}
	return p.changeFamily(c, app.FamilyAct{Do: do, Family: mine.ID.String(), Member: f.Get("member"), By: c.Visitor.Member.String()}, f.Get("event"), done)
}

func (p *Portal) leaveFamily(c *page.Context) error {
	f, err := c.ReadForm("event")
	if err != nil {
		return err
	}
	mine, err := p.own(c)
	if err != nil {
		return err
	}
	return p.changeFamily(c, app.FamilyAct{Do: family.Leave, Family: mine.ID.String(), Member: c.Visitor.Member.String()}, f.Get("event"), "portal.family.left")
}

// joinFamilyForm asks before one joins. It says nothing of the family, since anybody may
// have the link.
func (p *Portal) joinFamilyForm(c *page.Context) error {
	return c.Page("family-join", familyData{Event: app.NewEventID(), Link: joinFamilyPath + url.PathEscape(c.R.PathValue("family"))})
}

func (p *Portal) joinFamily(c *page.Context) error {
	f, err := c.ReadForm("event")
	if err != nil {
		return err
	}
	return p.changeFamily(
		c, app.FamilyAct{Do: family.Join, Family: c.R.PathValue("family"), Member: c.Visitor.Member.String()},
		f.Get("event"), "portal.family.joined",
	)
}
