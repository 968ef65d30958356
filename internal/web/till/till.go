// Package till is the pages at /till, for cashiers with a tablet or a phone: find or
// enrol a member, book a purchase, hand out rewards, take goods back. Each file has the
// pages of one subject.
//
// A device becomes a till once, by a user who may use tills, and cashiers unlock it by
// their PIN; all that is booked names the cashier and the till's branch. What always
// holds: whatever gives or takes value carries an id that was drawn with its page, so
// that it is booked once however often it is sent.
package till

import (
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/web/page"
)

//go:embed templates
var templates embed.FS

//go:embed words/*.yaml
var words embed.FS

// Words are those of the till.
func Words() fs.FS { return words }

// channel is that of all events of tills.
const channel = "till"

// use is what all pages of the till need.
const use = page.Need(auth.TillUse)

// Till has what its pages need.
type Till struct {
	app  *app.App
	site *page.Site
	area *page.Area
	// desk is for the pages in the console about tills.
	desk *page.Area
}

// Add adds the till to a site.
func Add(site *page.Site, a *app.App) *Till {
	files, err := fs.Sub(templates, "templates")
	if err != nil {
		panic("till: the templates are gone: " + err.Error())
	}
	desk, err := fs.Sub(templates, "templates/desk")
	if err != nil {
		panic("till: the templates of the console are gone: " + err.Error())
	}
	t := &Till{app: a, site: site, area: site.Area("till", files), desk: site.Area("console", desk)}
	site.Room("/till", t.area)
	t.area.Funcs(func(string) template.FuncMap {
		return template.FuncMap{"list": func(all ...string) []string { return all }}
	})
	t.unlockRoutes()
	t.findRoutes()
	t.enrolRoutes()
	t.purchaseRoutes()
	t.receiptRoutes()
	t.rewardRoutes()
	t.refundRoutes()
	t.returnRoutes()
	t.deskRoutes()
	for _, pattern := range []string{
		"/till/find", "/till/members/{member}/phone", "/till/members/{member}/purchase/book",
		"/till/members/{member}/return/{purchase}/book",
	} {
		t.handle("GET "+pattern, func(r *request) error { return r.Redirect(local(r.R.URL.EscapedPath())) })
	}
	return t
}

// Shell is what stands around every page of the till.
type Shell struct {
	// Till and Branch name the device; empty where it is none yet.
	Till, Branch string
	// Cashier has unlocked it; empty while it is locked. After Idle seconds without use it
	// locks itself.
	Cashier string
	Idle    int
}

// request is a request of an unlocked till.
type request struct {
	*page.Context
	till *app.Till
	// member tells that what is made of it is for the member to read.
	member bool
}

// toCashiers is the prefix of the words in which cashiers read what is said to members
// elsewhere.
const toCashiers = "till.to."

// reader is the prefix of the words of whoever reads what is made of the request.
func (r *request) reader() string {
	if r.member {
		return ""
	}
	return toCashiers
}

func (r *request) shell() Shell { return shellOf(r.till) }

func shellOf(t *app.Till) Shell {
	s := Shell{Till: t.Name, Branch: t.Store, Idle: app.TillIdle}
	if t.Who != nil {
		s.Cashier = t.Who.Name
	}
	return s
}

// handle adds a page that only an unlocked till shows.
func (t *Till) handle(pattern string, h func(*request) error) {
	t.area.Handle(pattern, use, func(c *page.Context) error {
		device, err := t.app.TillOf(c.Ctx(), token(c.R, t.site.Secure))
		switch {
		case app.AsProblem(err).Code == app.CodeNoTill && err != nil:
			return t.away(c, "no_till", "/till/set-up")
		case err != nil:
			return err
		case device.Who == nil:
			return t.away(c, "locked", "/till/unlock"+nextOf(c))
		}
		return h(&request{Context: c, till: device})
	})
}

// away sends a device on that can't show a page now.
func (t *Till) away(c *page.Context, state, to string) error {
	if asksByScript(c) {
		return answer(c, http.StatusForbidden, outcome{State: state, To: to})
	}
	return c.Redirect(to)
}

// nextOf remembers the page that was asked for, where it can be asked for again.
func nextOf(c *page.Context) string {
	next := c.R.URL.RequestURI()
	if c.R.Method != http.MethodGet || strings.HasPrefix(next, "/till/booked/") || strings.HasPrefix(next, "/till/here") {
		from, err := url.Parse(c.R.Referer())
		if err != nil || from.Host != c.R.Host || !strings.HasPrefix(from.Path, "/till") {
			return ""
		}
		next = from.RequestURI()
	}
	return "?next=" + url.QueryEscape(next)
}

// sentOnly are the ends of addresses that only forms are sent to.
var sentOnly = []string{"/find", "/phone", "/book"}

// local gives an address of the till to go on to, which can be asked for.
func local(next string) string {
	if next = page.Local(next, "/till"); next != "/till" && !strings.HasPrefix(next, "/till/") && !strings.HasPrefix(next, "/till?") {
		return "/till"
	}
	for _, end := range sentOnly {
		next = strings.TrimSuffix(next, end)
	}
	return next
}

// rules are the program in force. Without one a till has nothing to do.
func (t *Till) rules() (*engine.Program, error) {
	if p := t.app.Program(); p != nil {
		return p, nil
	}
	return nil, &page.Error{Status: http.StatusServiceUnavailable, ID: "till.no_program"}
}

// memberPath is the address of a member's pages.
func memberPath(id ledger.MemberID) string { return "/till/members/" + id.String() }

// Gate knows tills by their cookie, on the till's pages alone, and everybody else by
// another gate.
type Gate struct {
	page.Gate
	App *app.App
	// Secure tells that visitors come by TLS only.
	Secure bool
}

// Visitor says who sends a request. At a till that is the cashier, who may use the till
// there and nothing else, whatever their role.
func (g Gate) Visitor(r *http.Request) (page.Visitor, error) {
	kept := token(r, g.Secure)
	if kept == "" || r.URL.Path != "/till" && !strings.HasPrefix(r.URL.Path, "/till/") {
		return g.Gate.Visitor(r)
	}
	device, err := g.App.TillOf(r.Context(), kept)
	if err != nil {
		if app.AsProblem(err).Code == app.CodeNoTill {
			return g.Gate.Visitor(r)
		}
		return page.Visitor{}, err
	}
	who := device.Actor(page.AddressOf(r))
	return page.Visitor{
		UserID: who.ID, Name: who.Name, Role: string(who.Role), Only: string(who.Only), Session: who.Session, Address: who.Address,
		May: func(permission string) bool { return permission == string(auth.TillUse) },
	}, nil
}

// cookieName is that of the cookie that makes a device a till. With TLS its prefix has
// browsers take it over TLS alone.
func cookieName(secure bool) string {
	if secure {
		return "__Secure-premia-till"
	}
	return "premia-till"
}

// token gives the token of a till that a device keeps; empty if it has none.
func token(r *http.Request, secure bool) string {
	kept, err := r.Cookie(cookieName(secure))
	if err != nil {
		return ""
	}
	return kept.Value
}

// keep has the device keep the token of its till, which goes to the till's pages alone.
func (t *Till) keep(c *page.Context, token string, lasts time.Duration) {
	http.SetCookie(c.W, &http.Cookie{
		Name: cookieName(t.site.Secure), Value: token, Path: "/till", MaxAge: int(lasts.Seconds()),
		HttpOnly: true, Secure: t.site.Secure, SameSite: http.SameSiteStrictMode,
	})
}
