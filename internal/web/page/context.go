package page

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/text"
)

// Context is one request and its answer.
type Context struct {
	W       http.ResponseWriter
	R       *http.Request
	Lang    string
	Visitor Visitor
	area    *Area
	// done tells that the request did what it asked for.
	done bool
}

// Ctx is the request's context; it names who acts.
func (c *Context) Ctx() context.Context { return c.R.Context() }

// Say gives words in the visitor's language.
func (c *Context) Say(id string, namesAndValues ...any) string {
	return c.area.site.Words.Render(c.Lang, text.New(id, namesAndValues...))
}

// Form gives a value of the request's form or query, once it was read.
func (c *Context) Form(name string) string { return c.R.FormValue(name) }

// HTMX tells whether a part of a page is asked for rather than a page.
func (c *Context) HTMX() bool { return c.R.Header.Get("HX-Request") == "true" }

// View is what a layout and the templates of a page are given.
type View struct {
	Lang, Path string
	Languages  []string
	// Here is the entry of the navigation that the page belongs to.
	Here string
	// Asked are the values of the page's address but its language, so that another
	// language shows the same; nil where the page answers a form, and can't be asked for
	// again.
	Asked   *[]Pair
	Name    string // the workspace's
	Visitor Visitor
	Nav     []NavItem
	Notice  *Notice
	// Sandbox is the time of a workspace whose clock is moved on purpose; None of others.
	Sandbox calendar.Instant
	Data    any
}

// Pair is a name with its value.
type Pair struct{ Name, Value string }

// asked gives the values of an address, but its language.
func asked(r *http.Request) *[]Pair {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return nil
	}
	pairs := []Pair{}
	values := r.URL.Query()
	delete(values, "lang")
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			pairs = append(pairs, Pair{name, value})
		}
	}
	return &pairs
}

// Notice says at the top of a page what was done, or what was not.
type Notice struct {
	Kind string // "success", "warning" or "danger"
	Text string
}

// Page answers with a page: the template named name.html of the area, in its
// layout.
func (c *Context) Page(name string, data any) error { return c.PageStatus(http.StatusOK, name, data) }

// PageStatus answers with a page and a status, such as that of a form that needs
// to be mended.
func (c *Context) PageStatus(status int, name string, data any) error {
	set, err := c.area.page(c.Lang, name)
	if err != nil {
		return err
	}
	view := c.view(data)
	view.Notice = c.takeNotice()
	var out bytes.Buffer
	if err := set.ExecuteTemplate(&out, c.area.layout, view); err != nil {
		return err
	}
	return c.html(status, out.Bytes())
}

// Part answers with one template of a page, for htmx. It is given a View, too.
func (c *Context) Part(name, part string, data any) error {
	set, err := c.area.page(c.Lang, name)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := set.ExecuteTemplate(&out, part, c.view(data)); err != nil {
		return err
	}
	return c.html(http.StatusOK, out.Bytes())
}

// In gives one template of a page in a language: what somebody else than the visitor
// reads, such as on a receipt.
func (c *Context) In(lang, name, part string, data any) (template.HTML, error) {
	other := *c
	other.Lang = lang
	set, err := other.area.page(lang, name)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	err = set.ExecuteTemplate(&out, part, other.view(data))
	return template.HTML(out.String()), err
}

func (c *Context) view(data any) *View {
	s := c.area.site
	v := &View{Lang: c.Lang, Path: c.R.URL.Path, Languages: s.Words.Languages(), Name: s.Name(c.Lang), Visitor: c.Visitor, Data: data, Asked: asked(c.R)}
	if s.Sandbox != nil {
		v.Sandbox = s.Sandbox()
	}
	for _, item := range s.nav {
		if c.Visitor.Meets(item.Need) && (item.When == nil || item.When()) {
			v.Nav = append(v.Nav, item)
			// The first page stands above all others, which don't belong to it.
			if below(v.Path, item.Path) && len(item.Path) > len(v.Here) && item.Path != s.nav[0].Path {
				v.Here = item.Path
			}
		}
	}
	return v
}

// below tells whether a page is another one, or stands below it.
func below(path, other string) bool { return path == other || strings.HasPrefix(path, other+"/") }

func (c *Context) html(status int, body []byte) error {
	h := c.W.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", c.Lang)
	h.Add("Vary", "Accept-Encoding")
	if len(body) >= packedFrom && mayPack(c.R) {
		h.Set("Content-Encoding", "gzip")
		body = pack(body)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	c.W.WriteHeader(status)
	_, _ = c.W.Write(body) // nobody reads it any more if this fails
	return nil
}

// Redirect sends the visitor on to a page of this site.
func (c *Context) Redirect(to string) error {
	to = Local(to, "/")
	if c.HTMX() {
		c.W.Header().Set("HX-Redirect", to)
		c.W.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(c.W, c.R, to, http.StatusSeeOther)
	return nil
}

// noticeCookie carries a notice over a redirect.
const noticeCookie = "notice"

// Done sends the visitor on to a page that says what was done.
func (c *Context) Done(to, id string, namesAndValues ...any) error {
	c.done = true
	c.Notify("success", c.Say(id, namesAndValues...))
	return c.Redirect(to)
}

// Notify keeps a notice for the next page.
func (c *Context) Notify(kind, words string) {
	value, err := json.Marshal(Notice{Kind: kind, Text: words})
	if err != nil {
		return
	}
	c.setCookie(noticeCookie, base64.RawURLEncoding.EncodeToString(value), 60)
}

func (c *Context) setCookie(name, value string, age int) {
	http.SetCookie(c.W, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: age, HttpOnly: true, Secure: c.area.site.Secure,
		SameSite: http.SameSiteStrictMode,
	})
}

// takeNotice gives the notice that was kept for this page, once.
func (c *Context) takeNotice() *Notice {
	kept, err := c.R.Cookie(noticeCookie)
	if err != nil {
		return nil
	}
	c.setCookie(noticeCookie, "", -1)
	value, err := base64.RawURLEncoding.DecodeString(kept.Value)
	var n Notice
	if err != nil || json.Unmarshal(value, &n) != nil || (n.Kind != "success" && n.Kind != "warning" && n.Kind != "danger") {
		return nil
	}
	return &n
}

// Error is why a page can't be shown: words for people, and a status.
type Error struct {
	Status int
	ID     string // of the words
}

func (e *Error) Error() string { return e.ID }

// What pages refuse with.
var (
	ErrNotFound  = &Error{http.StatusNotFound, "page.error.not_found"}
	ErrForbidden = &Error{http.StatusForbidden, "page.error.forbidden"}
	errTooLarge  = &Error{http.StatusRequestEntityTooLarge, "page.error.too_large"}
	errMethod    = &Error{http.StatusMethodNotAllowed, "page.error.method"}
	errElsewhere = &Error{http.StatusForbidden, "page.error.elsewhere"}
	errMalformed = &Error{http.StatusBadRequest, "page.error.malformed"}
	errInternal  = &Error{http.StatusInternalServerError, "page.error.internal"}
)

// fail answers an error: with words that are safe for visitors, while what is
// internal is only logged.
func (c *Context) fail(err error) {
	if errors.Is(err, errSignIn) {
		_ = c.Redirect(c.signIn())
		return
	}
	var on *sendOn
	if errors.As(err, &on) {
		_ = c.Redirect(on.to)
		return
	}
	if c.Visitor.UserID != "" && app.AsProblem(err).Code == app.CodeProveAgain {
		_ = c.Prove()
		return
	}
	status, words := c.explain(err)
	if status >= http.StatusInternalServerError {
		c.area.site.Log.Error("a page failed", "method", c.R.Method, "path", c.R.URL.Path, "error", err)
	}
	c.W.Header().Set("Cache-Control", "no-store")
	in := c.area
	switch {
	case in.hasErrors():
	case in.layout == in.site.shell.layout && c.Visitor.UserID != "":
		c.area = in.site.shell // whoever is at work keeps the way to everything else
	default:
		c.area = in.site.plain
	}
	_, home := in.site.roomOf(c.R.URL.Path)
	data := map[string]any{"Text": words, "Status": status, "Home": home}
	var shown error
	if c.HTMX() {
		shown = c.partStatus(status, "problem", data)
	} else {
		shown = c.PageStatus(status, "error", data)
	}
	if c.area = in; shown != nil {
		in.site.Log.Error("the page of an error failed", "error", shown)
		http.Error(c.W, words, status)
	}
}

func (c *Context) partStatus(status int, part string, data any) error {
	set, err := c.area.page(c.Lang, "error")
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := set.ExecuteTemplate(&out, part, c.view(data)); err != nil {
		return err
	}
	return c.html(status, out.Bytes())
}

// explain gives an error's status and words.
func (c *Context) explain(err error) (int, string) {
	var large *http.MaxBytesError
	var own *Error
	switch p := app.AsProblem(err); {
	case errors.As(err, &own):
	case errors.As(err, &large):
		own = errTooLarge
	case p != nil && p.Code != app.CodeInternal:
		return StatusOf(p), c.Problem(p)
	default:
		own = errInternal
	}
	return own.Status, c.Say(own.ID)
}
