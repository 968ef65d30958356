package till

import (
	"net/http"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/store"
	"premia/internal/web/page"
)

// The console's pages about tills.
const (
	tillsPath  = "/console/tills"
	ownPINPath = "/console/account/pin"
	pinsPath   = "/console/pins/"
)

func (t *Till) deskRoutes() {
	t.site.Nav(page.NavItem{Path: tillsPath, Label: "till.desk", Icon: "building-store", Need: page.Need(auth.UsersWrite), Group: "access.group"})
	t.desk.Handle("GET "+ownPINPath, page.Need(auth.AccountUse), t.ownPIN)
	t.desk.Handle("POST "+ownPINPath, page.Need(auth.AccountUse), t.setOwnPIN)
	t.desk.Handle("GET "+tillsPath, page.Need(auth.UsersWrite), t.tills)
	t.desk.Handle("POST "+tillsPath+"/{till}/close", page.Need(auth.UsersWrite), t.closeTill)
	t.desk.Handle("GET "+pinsPath+"{user}", page.Need(auth.UsersWrite), t.pinOf)
	t.desk.Handle("POST "+pinsPath+"{user}", page.Need(auth.UsersWrite), t.setPINOf)
	t.desk.Handle("POST "+pinsPath+"{user}/remove", page.Need(auth.UsersWrite), t.removePIN)
}

// pinData is the page where a PIN is set.
type pinData struct {
	Form *page.Form
	// Path is where the form goes; Who is whose it is, empty for one's own.
	Path, Who string
	Has       bool
	Min, Max  int
}

func (t *Till) showPIN(c *page.Context, status int, user, who, path string) func(*page.Form) error {
	return func(f *page.Form) error {
		has, err := t.app.HasPIN(c.Ctx(), user)
		if err != nil {
			return err
		}
		f.Values["pin"] = ""
		return c.PageStatus(status, "pin", pinData{f, path, who, has, auth.MinPIN, auth.MaxPIN})
	}
}

func (t *Till) ownPIN(c *page.Context) error {
	return t.showPIN(c, http.StatusOK, c.Visitor.UserID, "", ownPINPath)(page.NewForm("pin", ""))
}

func (t *Till) setOwnPIN(c *page.Context) error {
	return t.setPIN(c, c.Visitor.UserID, "", ownPINPath, "/console/account")
}

func (t *Till) setPIN(c *page.Context, user, who, path, done string) error {
	f, err := c.ReadForm("pin")
	if err != nil {
		return err
	}
	err = t.app.SetPIN(c.Ctx(), user, f.Get("pin"))
	if err == nil {
		return c.Done(done, "till.pin.set")
	}
	if app.AsProblem(err).Code == app.CodeProveAgain || !c.Refuse(f, err) {
		return err
	}
	return t.showPIN(c, http.StatusUnprocessableEntity, user, who, path)(f)
}

func (t *Till) pinOf(c *page.Context) error {
	u, err := t.app.User(c.Ctx(), c.R.PathValue("user"))
	if err != nil {
		return err
	}
	return t.showPIN(c, http.StatusOK, u.ID, u.Name, pinsPath+escaped(u.ID))(page.NewForm("pin", ""))
}

func (t *Till) setPINOf(c *page.Context) error {
	u, err := t.app.User(c.Ctx(), c.R.PathValue("user"))
	if err != nil {
		return err
	}
	return t.setPIN(c, u.ID, u.Name, pinsPath+escaped(u.ID), tillsPath)
}

func (t *Till) removePIN(c *page.Context) error {
	if err := t.app.RemovePIN(c.Ctx(), c.R.PathValue("user")); err != nil {
		return err
	}
	return c.Done(tillsPath, "till.pin.removed")
}

// tillsData are the tills, and who can unlock them.
type tillsData struct {
	Tills    []tillView
	Cashiers []cashierView
}

// tillView is a till as a manager sees it.
type tillView struct {
	store.Till
	SetUpBy, Unlocked string
}

// cashierView is somebody who may use tills.
type cashierView struct {
	ID, Name string
	HasPIN   bool
}

func (t *Till) tills(c *page.Context) error {
	all, err := t.app.Tills(c.Ctx())
	if err != nil {
		return err
	}
	users, err := t.app.Users(c.Ctx())
	if err != nil {
		return err
	}
	able, err := t.app.Cashiers(c.Ctx())
	if err != nil {
		return err
	}
	names, can := make(map[string]string), make(map[string]bool)
	for i := range able {
		can[able[i].ID] = true
	}
	var d tillsData
	for i := range users {
		u := &users[i]
		names[u.ID] = u.Name
		if u.Disabled == 0 && auth.Allows(auth.Role(u.Role), auth.TillUse) {
			d.Cashiers = append(d.Cashiers, cashierView{u.ID, u.Name, can[u.ID]})
		}
	}
	for _, one := range all {
		d.Tills = append(d.Tills, tillView{one, names[one.User], names[one.Cashier]})
	}
	return c.Page("tills", d)
}

func (t *Till) closeTill(c *page.Context) error {
	if err := t.app.CloseTill(c.Ctx(), c.R.PathValue("till")); err != nil {
		return err
	}
	return c.Done(tillsPath, "till.desk.closed")
}
