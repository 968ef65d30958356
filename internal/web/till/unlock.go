package till

import (
	"net/http"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/store"
	"premia/internal/web/page"
)

func (t *Till) unlockRoutes() {
	t.area.Handle("GET /till/set-up", use, t.setUpForm)
	t.area.Handle("POST /till/set-up", use, t.setUp)
	t.area.Handle("GET /till/unlock", use, t.unlockForm)
	t.area.Handle("POST /till/unlock", use, t.unlock)
	t.area.Handle("POST /till/lock", use, t.lock)
}

// setUpData is the page where a device becomes a till.
type setUpData struct {
	Shell
	Form *page.Form
	// HasPIN tells that the user can unlock it afterwards.
	HasPIN   bool
	Min, Max int
}

func (t *Till) setUpForm(c *page.Context) error {
	if _, err := t.app.TillOf(c.Ctx(), token(c.R, t.site.Secure)); err == nil {
		return c.Redirect("/till")
	}
	return t.showSetUp(c, http.StatusOK, page.NewForm("name", "", "store", "", "pin", ""))
}

func (t *Till) showSetUp(c *page.Context, status int, f *page.Form) error {
	has, err := t.app.HasPIN(c.Ctx(), c.Visitor.UserID)
	if err != nil {
		return err
	}
	f.Values["pin"] = ""
	return c.PageStatus(status, "set-up", setUpData{Form: f, HasPIN: has, Min: auth.MinPIN, Max: auth.MaxPIN})
}

// setUp makes the device a till, and signs its browser out of the console: what stays
// behind on a counter can do no more than a till.
func (t *Till) setUp(c *page.Context) error {
	if _, err := t.app.TillOf(c.Ctx(), token(c.R, t.site.Secure)); err == nil {
		return c.Redirect("/till")
	}
	f, err := c.ReadForm("name", "store", "pin")
	if err != nil {
		return err
	}
	has, err := t.app.HasPIN(c.Ctx(), c.Visitor.UserID)
	if err != nil {
		return err
	}
	if !has {
		err = t.app.SetPIN(c.Ctx(), c.Visitor.UserID, f.Get("pin"))
	}
	if err != nil {
		return t.setUpAgain(c, f, err)
	}
	kept, lasts, err := t.app.OpenTill(c.Ctx(), f.Get("name"), f.Get("store"))
	if err != nil {
		return t.setUpAgain(c, f, err)
	}
	t.keep(c, kept, lasts)
	if old := c.SessionToken(); old != "" {
		if err := t.app.SignOut(c.Ctx(), old); err != nil {
			return err
		}
		c.EndSession()
	}
	return c.Done("/till", "till.set_up.done")
}

func (t *Till) setUpAgain(c *page.Context, f *page.Form, err error) error {
	if app.AsProblem(err).Code == app.CodeProveAgain || !c.Refuse(f, err) {
		return err
	}
	return t.showSetUp(c, http.StatusUnprocessableEntity, f)
}

// unlockData is the page of a locked till.
type unlockData struct {
	Shell
	Form     *page.Form
	Cashiers []store.User
	Next     string
}

func (t *Till) unlockForm(c *page.Context) error {
	return t.showUnlock(c, http.StatusOK, page.NewForm("user", "", "pin", ""), local(c.Form("next")))
}

func (t *Till) showUnlock(c *page.Context, status int, f *page.Form, next string) error {
	device, err := t.app.TillOf(c.Ctx(), token(c.R, t.site.Secure))
	if err != nil {
		if app.AsProblem(err).Code == app.CodeNoTill {
			return c.Redirect("/till/set-up")
		}
		return err
	}
	if device.Who != nil && status == http.StatusOK {
		return c.Redirect(next)
	}
	cashiers, err := t.app.Cashiers(c.Ctx())
	if err != nil {
		return err
	}
	f.Values["pin"] = ""
	if f.Get("user") == "" && len(cashiers) == 1 {
		f.Values["user"] = cashiers[0].ID
	}
	return c.PageStatus(status, "unlock", unlockData{shellOf(device), f, cashiers, next})
}

func (t *Till) unlock(c *page.Context) error {
	f, err := c.ReadForm("user", "pin", "next")
	if err != nil {
		return err
	}
	next := local(f.Get("next"))
	err = t.app.UnlockTill(c.Ctx(), token(c.R, t.site.Secure), f.Get("user"), f.Get("pin"), c.Visitor.Address)
	if err == nil {
		return c.Redirect(next)
	}
	p := app.AsProblem(err)
	if p.Code == app.CodeNoTill || !c.Refuse(f, err) {
		return err
	}
	return t.showUnlock(c, page.StatusOf(p), f, next)
}

func (t *Till) lock(c *page.Context) error {
	if err := t.app.LockTill(c.Ctx(), token(c.R, t.site.Secure)); err != nil && app.AsProblem(err).Code != app.CodeNoTill {
		return err
	}
	return c.Redirect("/till/unlock")
}
