package access

import (
	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/store"
	"premia/internal/web/page"
)

const accountPath = "/console/account"

func (x *Access) accountRoutes() {
	own := need(auth.AccountUse)
	x.area.Handle("GET "+accountPath, own, x.account)
	x.area.Handle("POST "+accountPath, own, x.rename)
	x.area.Handle("POST "+accountPath+"/password", own, x.changePassword)
	x.area.Handle("POST "+accountPath+"/sessions/{session}/revoke", own, x.revokeOwn)
	x.area.Handle("POST "+accountPath+"/sessions/revoke-others", own, x.revokeOthers)
}

// accountData is what a user sees of themselves.
type accountData struct {
	app.User
	Form, PasswordForm *page.Form
	Sessions           []store.Session
	// Current is the session of this browser.
	Current string
	Must    bool
	Min     int
}

func (x *Access) accountData(r *page.Context, f, password *page.Form) (accountData, error) {
	u, err := x.app.User(r.Ctx(), r.Visitor.UserID)
	if err != nil {
		return accountData{}, err
	}
	sessions, err := x.app.Sessions(r.Ctx(), u.ID)
	if f == nil {
		f = page.NewForm("name", u.Name, "language", u.Language)
	}
	if password == nil {
		password = page.NewForm("current", "", "password", "")
	}
	return accountData{
		User: u, Form: f, PasswordForm: password, Sessions: sessions, Current: r.Visitor.Session,
		Must: r.Visitor.Must != "", Min: auth.MinPassword,
	}, err
}

func (x *Access) account(r *page.Context) error {
	d, err := x.accountData(r, nil, nil)
	if err != nil {
		return err
	}
	return r.Page("account", d)
}

// again shows the account with what is wrong in one of its forms.
func (x *Access) again(r *page.Context, problem error, f, password *page.Form) error {
	if !r.Refuse(first(f, password), problem) {
		return problem
	}
	d, err := x.accountData(r, f, password)
	if err != nil {
		return err
	}
	return r.PageStatus(page.StatusOf(app.AsProblem(problem)), "account", d)
}

func first(a, b *page.Form) *page.Form {
	if a != nil {
		return a
	}
	return b
}

func (x *Access) rename(r *page.Context) error {
	f, err := r.ReadForm("name", "language")
	if err != nil {
		return err
	}
	if err := x.app.Rename(r.Ctx(), f.Get("name"), f.Get("language")); err != nil {
		return x.again(r, err, f, nil)
	}
	r.SetLanguage(f.Get("language"))
	return r.Done(accountPath, "access.account.saved")
}

func (x *Access) changePassword(r *page.Context) error {
	f, err := r.ReadForm("current", "password")
	if err != nil {
		return err
	}
	if err := x.app.ChangePassword(r.Ctx(), f.Get("current"), f.Get("password")); err != nil {
		f.Values["current"], f.Values["password"] = "", ""
		if app.AsProblem(err).Code == app.CodeProveAgain {
			return err
		}
		return x.again(r, err, nil, f)
	}
	return r.Done(accountPath, "access.password.changed")
}

func (x *Access) revokeOwn(r *page.Context) error {
	if err := x.app.RevokeSession(r.Ctx(), r.R.PathValue("session")); err != nil {
		return err
	}
	return r.Done(accountPath, "access.session.revoked")
}

func (x *Access) revokeOthers(r *page.Context) error {
	if err := x.app.RevokeOtherSessions(r.Ctx()); err != nil {
		return err
	}
	return r.Done(accountPath, "access.session.revoked")
}
