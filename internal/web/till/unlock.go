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
	t.handle("GET /till/here", t.here)
	t.area.Handle("GET "+app.DeviceLinkPath+"{token}", page.Anyone, t.openForm)
	t.area.Handle("POST "+app.DeviceLinkPath+"{token}", page.Anyone, t.open)
}

// here keeps a till unlocked while a cashier types.
func (t *Till) here(r *request) error {
	return answer(r.Context, http.StatusOK, outcome{State: "unlocked"})
}

// openData is the page on which a device becomes the till of a link.
type openData struct {
	Shell
	Name, Store string
}

func (t *Till) openForm(c *page.Context) error {
	c.W.Header().Set("Cache-Control", "no-store")
	x, err := t.app.LinkedTill(c.Ctx(), c.R.PathValue("token"))
	if err != nil {
		return overLink(err)
	}
	return c.Page("open", openData{Name: x.Name, Store: x.Store})
}

// open makes the device the till of a link. A browser that is signed in to the console is
// signed out of it, as by setUp.
func (t *Till) open(c *page.Context) error {
	c.W.Header().Set("Cache-Control", "no-store")
	kept, lasts, err := t.app.OpenLinkedTill(c.Ctx(), c.R.PathValue("token"), page.AddressOf(c.R))
	if err != nil {
		return overLink(err)
	}
	t.keep(c, kept, lasts)
	if err := t.signOut(c); err != nil {
		return err
	}
	return c.Done("/till/unlock", "till.set_up.done")
}

// overLink says of a link that is over where there is another one.
func overLink(err error) error {
	if code := app.AsProblem(err).Code; code == app.CodeStepOver || code == app.CodeNoTill {
		return &page.Error{Status: http.StatusGone, ID: "till.open.over"}
	}
	return err
}

// signOut signs the device's browser out of the console: what stays behind on a counter
// can do no more than a till.
func (t *Till) signOut(c *page.Context) error {
	old := c.SessionToken()
	if old == "" {
		return nil
	}
	if err := t.app.SignOut(c.Ctx(), old); err != nil {
		return err
	}
	c.EndSession()
	return nil
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

// setUp makes the device of whoever is signed in a till.
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
	if err := t.signOut(c); err != nil {
		return err
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
	switch {
	case f.Get("user") != "":
	case len(cashiers) == 1:
		f.Values["user"] = cashiers[0].ID
	default:
		f.Values["user"] = device.Cashier // whom the till locked by itself
	}
	return c.PageStatus(status, "unlock", unlockData{shellOf(device), f, cashiers, next})
}

func (t *Till) unlock(c *page.Context) error {
	f, err := c.ReadForm("user", "pin", "next")
	if err != nil {
		return err
	}
	next, kept := local(f.Get("next")), token(c.R, t.site.Secure)
	err = t.app.UnlockTill(c.Ctx(), kept, f.Get("user"), f.Get("pin"), c.Visitor.Address)
	if err == nil {
		t.keep(c, kept, app.TillLasts) // which the unlocking counts anew
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
	return c.Redirect("/till/unlock" + nextOf(c))
}
