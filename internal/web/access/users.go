package access

import (
	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/store"
	"premia/internal/web/page"
)

const usersPath = "/console/users"

func (x *Access) userRoutes() {
	x.area.Handle("GET "+usersPath, need(auth.UsersRead), x.users)
	x.area.Handle("GET "+usersPath+"/invite", need(auth.UsersWrite), page.Proving(x.inviteForm))
	x.area.Handle("POST "+usersPath+"/invite", need(auth.UsersWrite), x.invite)
	x.area.Handle("GET "+usersPath+"/{user}", need(auth.UsersRead), x.user)
	x.area.Handle("POST "+usersPath+"/{user}/role", need(auth.UsersWrite), x.changeRole)
	x.area.Handle("POST "+usersPath+"/{user}/disable", need(auth.UsersWrite), x.disable)
	x.area.Handle("POST "+usersPath+"/{user}/enable", need(auth.UsersWrite), x.enable)
	x.area.Handle("POST "+usersPath+"/{user}/factors/remove", need(auth.UsersWrite), x.removeFactors)
	x.area.Handle("POST "+usersPath+"/{user}/erase", need(auth.UsersWrite), x.eraseUser)
	x.area.Handle("POST "+usersPath+"/{user}/password-link", need(auth.UsersWrite), x.passwordLink)
	x.area.Handle("POST "+usersPath+"/{user}/sessions/{session}/revoke", need(auth.UsersWrite), x.revokeSession)
	x.area.Handle("POST /console/invitations/{invitation}/revoke", need(auth.UsersWrite), x.revokeInvitation)
}

// usersData is the page of users.
type usersData struct {
	Users, Invitations *page.List
	MayInvite          bool
}

// role says a role in words.
func role(r *page.Context, id string) string { return r.Say("access.role." + id) }

func (x *Access) users(r *page.Context) error {
	all, err := x.app.Users(r.Ctx())
	if err != nil {
		return err
	}
	l := &page.List{
		ID: "users", Path: usersPath, Label: r.Say("access.users"), Query: r.Query(), Search: r.Say("access.users.search"), Empty: r.Say("access.users.none"),
		Columns: []page.Column{
			{ID: "name", Label: r.Say("access.name.person"), Sorted: true},
			{ID: "email", Label: r.Say("access.email"), Sorted: true},
			{ID: "role", Label: r.Say("access.role"), Sorted: true, Filter: true},
			{ID: "factor", Label: r.Say("access.factor"), Sorted: true},
			{ID: "seen", Label: r.Say("access.seen"), Sorted: true},
			{ID: "state", Label: r.Say("access.state"), Sorted: true, Filter: true},
		},
	}
	for i := range all {
		u := &all[i]
		l.Rows = append(l.Rows, page.Row{Cells: []page.Cell{
			{Text: u.Name, Link: usersPath + "/" + u.ID}, {Text: u.Email}, {Text: role(r, u.Role)}, factorCell(r, u), {At: u.Seen}, stateCell(r, &u.User),
		}})
	}
	l.Arrange()
	invitations, err := x.invitations(r)
	if err != nil {
		return err
	}
	return r.List("users", l, usersData{l, invitations, r.Visitor.Meets(need(auth.UsersWrite))}, invitations)
}

func factorCell(r *page.Context, u *app.User) page.Cell {
	switch {
	case u.HasCode, len(u.Passkeys) > 0:
		return page.Cell{Text: r.Say("access.factor.yes"), Badge: "green"}
	case u.HasProvider && !u.HasPassword:
		return page.Cell{Text: r.Say("access.factor.provider"), Badge: "azure"}
	}
	return page.Cell{Text: r.Say("access.factor.no"), Badge: "yellow"}
}

func stateCell(r *page.Context, u *store.User) page.Cell {
	if u.Disabled != calendar.None {
		return page.Cell{Text: r.Say("access.state.disabled"), Badge: "secondary"}
	}
	return page.Cell{Text: r.Say("access.state.active"), Badge: "green"}
}

func (x *Access) invitations(r *page.Context) (*page.List, error) {
	all, err := x.app.Invitations(r.Ctx())
	if err != nil {
		return nil, err
	}
	l := &page.List{
		ID: "invitations", Path: usersPath, Label: r.Say("access.invitations"), Query: r.QueryOf("invitations"), Empty: r.Say("access.invitations.none"),
		Columns: []page.Column{
			{ID: "email", Label: r.Say("access.email"), Sorted: true},
			{ID: "role", Label: r.Say("access.role"), Sorted: true},
			{ID: "until", Label: r.Say("access.until"), Sorted: true},
			{ID: "actions"},
		},
	}
	for _, inv := range all {
		row := page.Row{Cells: []page.Cell{{Text: inv.Email}, {Text: role(r, inv.Role)}, {At: inv.Expires}, {}}}
		if r.Visitor.Meets(need(auth.UsersWrite)) {
			row.Cells[3].Actions = []page.Action{{
				Label: r.Say("access.take_back"), Path: "/console/invitations/" + inv.ID + "/revoke", Post: true,
				Danger: true, Confirm: r.Say("access.take_back.confirm", "Email", inv.Email),
			}}
		}
		l.Rows = append(l.Rows, row)
	}
	l.Arrange()
	return l, nil
}

// choice is an option of a select.
type choice struct{ Value, Label string }

// roles are those that the user may give.
func roles(r *page.Context) []choice {
	var all []choice
	for _, one := range auth.Roles() {
		if auth.MayGive(auth.Role(r.Visitor.Role), one) {
			all = append(all, choice{string(one), role(r, string(one)) + " – " + r.Say("access.role."+string(one)+".may")})
		}
	}
	return all
}

// inviteData is the form of an invitation, and its link once it was made.
type inviteData struct {
	Form  *page.Form
	Roles []choice
	Link  string
	Email string
}

func (x *Access) inviteForm(r *page.Context) error {
	return r.Page("invite", inviteData{Form: page.NewForm("email", "", "name", "", "role", string(auth.Supporter)), Roles: roles(r)})
}

func (x *Access) invite(r *page.Context) error {
	f, err := r.ReadForm("email", "name", "role")
	if err != nil {
		return err
	}
	inv, token, err := x.app.Invite(r.Ctx(), app.NewInvitation{Email: f.Get("email"), Name: f.Get("name"), Role: auth.Role(f.Get("role")), Language: r.Lang})
	if err != nil {
		if app.AsProblem(err).Code == app.CodeProveAgain || !r.Refuse(f, err) {
			return err
		}
		return r.PageStatus(page.StatusOf(app.AsProblem(err)), "invite", inviteData{Form: f, Roles: roles(r)})
	}
	return r.Page("invite", inviteData{Form: f, Email: inv.Email, Link: x.link(r, app.InvitationPath+token)})
}

// link gives the address of a path for people to copy.
func (x *Access) link(r *page.Context, path string) string {
	if link := x.app.Link(path); link != path {
		return link
	}
	return r.Origin() + path
}

// userData is the page of one user.
type userData struct {
	app.User
	Form     *page.Form
	Roles    []choice
	Sessions []store.Session
	// May tells that the visitor may change this user.
	May  bool
	Link string
}

func (x *Access) userData(r *page.Context) (userData, error) {
	u, err := x.app.User(r.Ctx(), r.R.PathValue("user"))
	if err != nil {
		return userData{}, err
	}
	sessions, err := x.app.Sessions(r.Ctx(), u.ID)
	return userData{
		User: u, Form: page.NewForm("role", u.Role), Roles: roles(r), Sessions: sessions,
		May: auth.MayGive(auth.Role(r.Visitor.Role), auth.Role(u.Role)),
	}, err
}

func (x *Access) user(r *page.Context) error {
	d, err := x.userData(r)
	if err != nil {
		return err
	}
	return r.Page("user", d)
}

// changed answers what was done to a user.
func (x *Access) changed(r *page.Context, err error, id string) error {
	if err != nil {
		return err
	}
	return r.Done(usersPath+"/"+r.R.PathValue("user"), id)
}

func (x *Access) changeRole(r *page.Context) error {
	f, err := r.ReadForm("role")
	if err != nil {
		return err
	}
	return x.changed(r, x.app.ChangeRole(r.Ctx(), r.R.PathValue("user"), auth.Role(f.Get("role"))), "access.user.saved")
}

func (x *Access) disable(r *page.Context) error {
	return x.changed(r, x.app.DisableUser(r.Ctx(), r.R.PathValue("user")), "access.user.disabled")
}

func (x *Access) enable(r *page.Context) error {
	return x.changed(r, x.app.EnableUser(r.Ctx(), r.R.PathValue("user")), "access.user.enabled")
}

func (x *Access) removeFactors(r *page.Context) error {
	return x.changed(r, x.app.RemoveFactors(r.Ctx(), r.R.PathValue("user")), "access.factors.removed")
}

func (x *Access) eraseUser(r *page.Context) error {
	if err := x.app.EraseUser(r.Ctx(), r.R.PathValue("user")); err != nil {
		return err
	}
	return r.Done(usersPath, "access.user.erased")
}

func (x *Access) passwordLink(r *page.Context) error {
	d, err := x.userData(r)
	if err != nil {
		return err
	}
	link, err := x.app.PasswordLink(r.Ctx(), d.Email)
	if err != nil {
		return err
	}
	d.Link = link
	if link[0] == '/' {
		d.Link = r.Origin() + link
	}
	return r.Page("user", d)
}

func (x *Access) revokeSession(r *page.Context) error {
	return x.changed(r, x.app.RevokeSession(r.Ctx(), r.R.PathValue("session")), "access.session.revoked")
}

func (x *Access) revokeInvitation(r *page.Context) error {
	if err := x.app.RevokeInvitation(r.Ctx(), r.R.PathValue("invitation")); err != nil {
		return err
	}
	return r.Done(usersPath, "access.invitation.revoked")
}
