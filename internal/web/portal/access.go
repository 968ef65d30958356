package portal

import (
	"net/http"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/store"
	"premia/internal/web/page"
)

// accessPath is the page on which members see by what they sign in.
const accessPath = "/profile/access"

func (p *Portal) accessRoutes() {
	p.area.Handle("GET "+accessPath, page.Member, p.access)
	p.area.Handle("POST /profile/sign-out-others", page.Member, p.signOutOthers)
}

// contactView is an address or a number of the member's.
type contactView struct {
	Kind, Value string
	// Reached tells that codes can be sent there now.
	Reached bool
}

// accessData is by what a member signs in, and where they are signed in.
type accessData struct {
	// Form is that of a further contact.
	Form     *page.Form
	Contacts []contactView
	Passkeys []store.MemberPasskey
	Sessions []sessionView
	// Fresh tells that the session of this browser began lately.
	Fresh bool
}

// sessionView is a browser that the member is signed in with.
type sessionView struct {
	Device string
	Seen   calendar.Instant
	Here   bool
}

// contacts are those of a member, e-mail addresses first.
func (p *Portal) contacts(m *app.Member) []contactView {
	var out []contactView
	for _, way := range []struct{ kind, channel string }{{app.Email, app.EmailChannel}, {app.Phone, app.SMSChannel}} {
		for _, i := range m.Identities {
			if i.Kind == way.kind {
				out = append(out, contactView{i.Kind, i.Value, p.app.CanSend(way.channel)})
			}
		}
	}
	return out
}

func (p *Portal) access(c *page.Context) error {
	return p.showAccess(c, http.StatusOK, page.NewForm("contact", ""))
}

func (p *Portal) showAccess(c *page.Context, status int, f *page.Form) error {
	m, err := p.member(c)
	if err != nil {
		return err
	}
	d := accessData{Form: f, Contacts: p.contacts(&m), Fresh: p.app.Fresh(c.Ctx(), m.ID, p.client(c)) == nil}
	if d.Passkeys, err = p.app.MemberPasskeys(c.Ctx(), m.ID); err != nil {
		return err
	}
	sessions, err := p.app.MemberSessions(c.Ctx(), m.ID)
	if err != nil {
		return err
	}
	here, err := p.app.MemberSessionOf(c.Ctx(), p.cookie(c, "member"), p.client(c))
	if err != nil {
		return err
	}
	for _, x := range sessions {
		device := page.Device(x.Agent)
		if device == "" {
			device = c.Say("portal.session.unknown")
		}
		d.Sessions = append(d.Sessions, sessionView{device, x.Seen, x.ID == here.ID})
	}
	return c.PageStatus(status, "access", d)
}

func (p *Portal) signOutOthers(c *page.Context) error {
	if err := p.app.EndMemberSessions(c.Ctx(), c.Visitor.Member, p.cookie(c, "member")); err != nil {
		return err
	}
	return c.Done(accessPath, "portal.sessions.ended")
}
