package till

import (
	"html/template"
	"net/http"
	"slices"
	"strings"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/store"
	"premia/internal/web/barcode"
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
	t.desk.Handle("GET "+ownPINPath, page.Need(auth.AccountUse), page.Proving(t.ownPIN))
	t.desk.Handle("POST "+ownPINPath, page.Need(auth.AccountUse), t.setOwnPIN)
	t.desk.Handle("GET "+tillsPath, page.Need(auth.UsersWrite), t.tills)
	t.desk.Handle("POST "+tillsPath, page.Need(auth.UsersWrite), t.makeTill)
	t.desk.Handle("POST "+tillsPath+"/{till}/link", page.Need(auth.UsersWrite), t.linkTill)
	t.desk.Handle("POST "+tillsPath+"/{till}/close", page.Need(auth.UsersWrite), t.closeTill)
	t.desk.Handle("GET "+pinsPath+"{user}", page.Need(auth.UsersWrite), page.Proving(t.pinOf))
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
	// Form makes another till; Stores are the branches that it offers.
	Form     *page.Form
	Stores   []string
	Tills    []tillView
	Cashiers []cashierView
}

// tillView is a till as a manager sees it.
type tillView struct {
	store.Till
	SetUpBy, Unlocked string
	// Waits tells that no device has become it yet.
	Waits bool
}

// cashierView is somebody who may use tills.
type cashierView struct {
	ID, Name string
	HasPIN   bool
}

func (t *Till) tills(c *page.Context) error {
	return t.showTills(c, http.StatusOK, page.NewForm("name", "", "store", ""))
}

func (t *Till) showTills(c *page.Context, status int, f *page.Form) error {
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
	d := tillsData{Form: f, Stores: t.storesOf(all)}
	for i := range users {
		u := &users[i]
		names[u.ID] = u.Name
		if u.Disabled == 0 && auth.Allows(auth.Role(u.Role), auth.TillUse) {
			d.Cashiers = append(d.Cashiers, cashierView{u.ID, u.Name, can[u.ID]})
		}
	}
	for _, one := range all {
		d.Tills = append(d.Tills, tillView{one, names[one.User], names[one.Cashier], app.Waits(&one)})
	}
	return c.PageStatus(status, "tills", d)
}

// storesOf lists the branches that the program names, and those of the tills.
func (t *Till) storesOf(all []store.Till) []string {
	var out []string
	if p := t.app.Program(); p != nil {
		for id := range p.CodeNames["store"] {
			out = append(out, id)
		}
	}
	for i := range all {
		out = append(out, all[i].Store)
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(s string) bool { return s == "" })
}

// linkData shows, this once, the link that makes a device a till.
type linkData struct {
	Name, Store, Link string
	QR                template.HTML
	// Here tells that the link leads nowhere but on this machine.
	Here bool
}

func (t *Till) makeTill(c *page.Context) error {
	f, err := c.ReadForm("name", "store")
	if err != nil {
		return err
	}
	_, link, err := t.app.MakeTill(c.Ctx(), f.Get("name"), f.Get("store"))
	if err != nil {
		if app.AsProblem(err).Code == app.CodeProveAgain || !c.Refuse(f, err) {
			return err
		}
		return t.showTills(c, http.StatusUnprocessableEntity, f)
	}
	return t.showLink(c, f.Get("name"), f.Get("store"), link)
}

func (t *Till) linkTill(c *page.Context) error {
	x, link, err := t.app.LinkTill(c.Ctx(), c.R.PathValue("till"))
	if err != nil {
		return err
	}
	return t.showLink(c, x.Name, x.Store, link)
}

func (t *Till) showLink(c *page.Context, name, branch, link string) error {
	if strings.HasPrefix(link, "/") {
		link = c.Origin() + link
	}
	return c.Page("link", linkData{name, branch, link, barcode.QR(link), t.app.OnlyHere()})
}

func (t *Till) closeTill(c *page.Context) error {
	if err := t.app.CloseTill(c.Ctx(), c.R.PathValue("till")); err != nil {
		return err
	}
	return c.Done(tillsPath, "till.desk.closed")
}
