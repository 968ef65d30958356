package portal

import (
	"encoding/json"
	"net/http"
	"slices"

	"premia/internal/app"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/web/page"
)

func (p *Portal) profileRoutes() {
	p.area.Handle("GET /profile", page.Member, p.profile)
	p.area.Handle("POST /profile", page.Member, p.saveProfile)
	p.area.Handle("POST /profile/consents", page.Member, p.saveConsents)
	p.area.Handle("GET /profile/data", page.Member, p.data)
	p.area.Handle("GET /profile/leave", page.Member, p.leaveForm)
	p.area.Handle("POST /profile/leave", page.Member, p.leave)
}

// profileFields are those that members change themselves.
var profileFields = []string{"given_name", "family_name", "birth_date", "street", "postal_code", "city", "language"}

// profileData is what is known of the member.
type profileData struct {
	Form *page.Form
	// Cards are the numbers of the member's cards.
	Cards    []journal.Identity
	Consents []app.Consent
	// Event and ConsentEvent are the ids that the two forms carry.
	Event, ConsentEvent string
	Languages           []string
	// Invites, Gives, Families and GiftCards tell what the program has for members.
	Invites, Gives, Families, GiftCards bool
}

func (p *Portal) profile(c *page.Context) error {
	m, err := p.member(c)
	if err != nil {
		return err
	}
	f := page.NewForm()
	for _, name := range profileFields {
		f.Values[name] = m.Profile[name]
	}
	return p.showProfile(c, http.StatusOK, f)
}

func (p *Portal) showProfile(c *page.Context, status int, f *page.Form) error {
	m, err := p.member(c)
	if err != nil {
		return err
	}
	d := profileData{Form: f, Event: app.NewEventID(), ConsentEvent: app.NewEventID(), Languages: append([]string{""}, p.app.Words.Languages()...)}
	if d.Consents, err = p.app.Consents(c.Ctx(), m.ID); err != nil {
		return err
	}
	for _, name := range app.PortalConsents {
		if !slices.ContainsFunc(d.Consents, func(x app.Consent) bool { return x.Name == name }) {
			d.Consents = append(d.Consents, app.Consent{Name: name})
		}
	}
	for _, i := range m.Identities {
		if i.Kind != app.Email && i.Kind != app.Phone {
			d.Cards = append(d.Cards, i)
		}
	}
	friends, err := p.app.Referral(c.Ctx(), m.ID.String())
	if err != nil {
		return err
	}
	d.Invites, d.Gives, d.Families, d.GiftCards = friends.Active, len(p.app.Givable()) > 0, p.families() || m.Family != nil, p.giftCards()
	return c.PageStatus(status, "profile", d)
}

func (p *Portal) saveProfile(c *page.Context) error {
	f, err := c.ReadForm(append([]string{"event"}, profileFields...)...)
	if err != nil {
		return err
	}
	change := app.Change{EventID: eventID(c, f.Get("event")), Profile: make(map[string]string), Channel: "portal"}
	for _, name := range profileFields {
		change.Profile[name] = f.Get(name)
	}
	if _, err := p.app.Change(c.Ctx(), c.Visitor.Member.String(), change); err != nil {
		if !refuse(c, f, err) {
			return err
		}
		return p.showProfile(c, http.StatusUnprocessableEntity, f)
	}
	return c.Done("/profile", "portal.profile.saved")
}

// saveConsents keeps what the member agrees to; the terms stay as they are, since who
// does not accept them leaves.
func (p *Portal) saveConsents(c *page.Context) error {
	f, err := c.ReadForm("event")
	if err != nil {
		return err
	}
	before, err := p.app.Consents(c.Ctx(), c.Visitor.Member)
	if err != nil {
		return err
	}
	now := make(map[string]bool)
	for _, name := range app.PortalConsents {
		now[name] = false
	}
	for _, x := range before {
		now[x.Name] = x.Given
	}
	change := app.Change{EventID: eventID(c, f.Get("event")), Consents: make(map[string]bool), Channel: "portal"}
	for name, was := range now {
		if given := c.R.PostFormValue("consent_"+name) == "on"; name != app.TermsConsent && given != was {
			change.Consents[name] = given
		}
	}
	if len(change.Consents) > 0 {
		if _, err := p.app.Change(c.Ctx(), c.Visitor.Member.String(), change); err != nil {
			return err
		}
	}
	return c.Done("/profile", "portal.consents.saved")
}

// data sends all that is known of the member as a file.
func (p *Portal) data(c *page.Context) error {
	all, err := p.app.ExportOwn(c.Ctx(), c.Visitor.Member, c.Lang, p.client(c))
	if err != nil {
		return p.proveFirst(c, err, "/profile")
	}
	src, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return c.Content("application/json", "my-data.json", src)
}

func (p *Portal) leaveForm(c *page.Context) error {
	if err := p.app.Fresh(c.Ctx(), c.Visitor.Member, p.client(c)); err != nil {
		return p.proveFirst(c, err, "/profile/leave")
	}
	return p.showLeave(c, http.StatusOK, page.NewForm())
}

// leaveData is the form by which members leave, with what they lose.
type leaveData struct {
	Form *page.Form
	// Loses are balances and how many vouchers there are.
	Loses    []text.Points
	Vouchers int64
}

func (p *Portal) showLeave(c *page.Context, status int, f *page.Form) error {
	d := leaveData{Form: f}
	wallets, _, err := p.app.Wallets(c.Ctx(), c.Visitor.Member.String())
	if err != nil {
		return err
	}
	for i := range wallets {
		if n := wallets[i].Net() + wallets[i].Pending; n > 0 {
			d.Loses = append(d.Loses, wallets[i].Wallet.Points(n))
		}
	}
	codes, _, err := p.app.Vouchers(c.Ctx(), c.Visitor.Member.String(), app.MaxPage)
	if err != nil {
		return err
	}
	for i := range codes {
		if codes[i].State == app.CodeUsable || codes[i].State == app.CodeNotYet {
			d.Vouchers++
		}
	}
	return c.PageStatus(status, "leave", d)
}

func (p *Portal) leave(c *page.Context) error {
	f, err := c.ReadForm("sure")
	if err != nil {
		return err
	}
	if f.Get("sure") != "on" {
		f.Wrong("sure", c.Say("portal.leave.tick"))
		return p.showLeave(c, http.StatusUnprocessableEntity, f)
	}
	if _, err := p.app.EraseOwn(c.Ctx(), c.Visitor.Member, p.client(c)); err != nil {
		return p.proveFirst(c, err, "/profile/leave")
	}
	p.keep(c, "member", "", -1)
	return c.Done("/", "portal.left")
}
