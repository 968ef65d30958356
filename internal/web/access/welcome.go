package access

import (
	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/web/page"
)

func (x *Access) welcomeRoutes() {
	x.door.Handle("GET "+app.InvitationPath+"{token}", page.Anyone, x.welcomeForm)
	x.door.Handle("POST "+app.InvitationPath+"{token}", page.Anyone, x.welcome)
	x.door.Handle("GET /console/forgotten", page.Anyone, x.forgottenForm)
	x.door.Handle("POST /console/forgotten", page.Anyone, x.forgotten)
	x.door.Handle("GET "+app.PasswordPath+"{token}", page.Anyone, x.passwordForm)
	x.door.Handle("POST "+app.PasswordPath+"{token}", page.Anyone, x.password)
}

// welcomeData is what somebody sees who was invited.
type welcomeData struct {
	Form *page.Form
	// Email is that of the invitation; empty for the first owner, who says their own.
	Email, Role string
	Path        string
	Min         int
	Provider    string
}

func (x *Access) welcomeForm(r *page.Context) error {
	inv, err := x.app.Invitation(r.Ctx(), r.R.PathValue("token"))
	if err != nil {
		return err
	}
	return r.Page("welcome", x.welcomeData(r, inv.Email, inv.Role, page.NewForm("email", "", "name", inv.Name, "password", "")))
}

func (x *Access) welcomeData(r *page.Context, email, role string, f *page.Form) welcomeData {
	d := welcomeData{Form: f, Email: email, Role: role, Path: r.R.URL.Path, Min: auth.MinPassword}
	if email != "" {
		d.Provider = x.app.HasProvider()
	}
	return d
}

func (x *Access) welcome(r *page.Context) error {
	f, err := r.ReadForm("email", "name", "password")
	if err != nil {
		return err
	}
	token := r.R.PathValue("token")
	inv, err := x.app.Invitation(r.Ctx(), token)
	if err != nil {
		return err
	}
	in, err := x.app.Accept(r.Ctx(), token, app.Acceptance{Email: f.Get("email"), Name: f.Get("name"), Password: f.Get("password"), Language: r.Lang}, r.Client())
	if err != nil {
		f.Values["password"] = ""
		if !r.Refuse(f, err) {
			return err
		}
		return r.PageStatus(page.StatusOf(app.AsProblem(err)), "welcome", x.welcomeData(r, inv.Email, inv.Role, f))
	}
	return x.enter(r, &in, home)
}

func (x *Access) forgottenForm(r *page.Context) error {
	return r.Page("forgotten", doorData{Form: page.NewForm("email", "")})
}

func (x *Access) forgotten(r *page.Context) error {
	f, err := r.ReadForm("email")
	if err != nil {
		return err
	}
	if err := x.app.AskPassword(r.Ctx(), f.Get("email"), r.Client()); err != nil {
		if !r.Refuse(f, err) {
			return err
		}
		return r.PageStatus(page.StatusOf(app.AsProblem(err)), "forgotten", doorData{Form: f})
	}
	return r.Done(signInPath, "access.forgotten.sent")
}

func (x *Access) passwordForm(r *page.Context) error {
	u, err := x.app.PasswordUser(r.Ctx(), r.R.PathValue("token"))
	if err != nil {
		return err
	}
	return r.Page("password", welcomeData{Form: page.NewForm("password", ""), Email: u.Email, Path: r.R.URL.Path, Min: auth.MinPassword})
}

func (x *Access) password(r *page.Context) error {
	f, err := r.ReadForm("password")
	if err != nil {
		return err
	}
	token := r.R.PathValue("token")
	u, err := x.app.PasswordUser(r.Ctx(), token)
	if err != nil {
		return err
	}
	known, err := x.app.ResetPassword(r.Ctx(), token, f.Get("password"), r.Client())
	if err != nil {
		f.Values["password"] = ""
		if !r.Refuse(f, err) {
			return err
		}
		return r.PageStatus(page.StatusOf(app.AsProblem(err)), "password", welcomeData{Form: f, Email: u.Email, Path: r.R.URL.Path, Min: auth.MinPassword})
	}
	r.EndSession()
	r.SetBrowser(known)
	return r.Done(signInPath, "access.password.changed")
}
