package page

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/ledger"
	"premia/internal/i18n"
)

// Need is what a route needs of its visitor: one of the constants here, or the
// name of a permission that a user's role must have.
type Need string

// What a route may need beside permissions.
const (
	Anyone Need = "anyone" // nobody in particular
	User   Need = "user"   // some signed-in user of the business, whatever the role
	Member Need = "member" // a signed-in member
)

// Visitor is who sends a request.
type Visitor struct {
	// UserID, Name and Role are those of a user of the business; empty for others.
	UserID, Name, Role string
	// Session is that of a user, and Proved tells that they proved lately who they are,
	// as dangerous acts ask; ProofEnds that it was so long ago that a form which is begun
	// now may be sent too late.
	Session           string
	Proved, ProofEnds bool
	// Only narrows a user to one permission; empty narrows nothing.
	Only string
	// Address is the network address, without a port.
	Address string
	// Must is the page where a user has to do something first, such as to get a second
	// factor; empty for none. Pages below it stay open.
	Must string
	// Member is the signed-in member; 0 for none. A visitor may be both.
	Member ledger.MemberID
	// May tells whether the user has a permission; nil has none.
	May func(permission string) bool
}

// Meets tells whether the visitor has what a route needs.
func (v Visitor) Meets(n Need) bool {
	switch n {
	case Anyone:
		return true
	case User:
		return v.UserID != ""
	case Member:
		return v.Member != 0
	}
	return v.UserID != "" && v.May != nil && v.May(string(n))
}

// Gate says who visits.
type Gate interface {
	Visitor(r *http.Request) (Visitor, error)
}

// Strangers is a gate that takes every visitor for nobody in particular.
type Strangers struct{}

// Visitor gives nobody.
func (Strangers) Visitor(*http.Request) (Visitor, error) { return Visitor{}, nil }

// Handler answers a request or says why it can't.
type Handler func(*Context) error

// Route is an address and what it needs.
type Route struct {
	Pattern string // as net/http's: "GET /console/members/{member}"
	Need    Need
	// MaxBody is how many bytes a request's body may have; 0 is MaxForm.
	MaxBody int64
	handle  Handler
	area    *Area
}

// MaxForm bounds the body of a form in bytes.
const MaxForm = 256 << 10

// Handle adds a route. It panics where it needs nothing, since every route must
// say what it needs.
func (a *Area) Handle(pattern string, need Need, h Handler) {
	a.Upload(pattern, need, MaxForm, h)
}

// Upload adds a route whose requests may be larger than a form.
func (a *Area) Upload(pattern string, need Need, maxBody int64, h Handler) {
	if need == "" {
		panic("page: the route " + pattern + " does not say what it needs")
	}
	route := Route{Pattern: pattern, Need: need, MaxBody: maxBody, handle: h, area: a}
	a.site.routes = append(a.site.routes, route)
	a.site.mux.Handle(pattern, a.site.origin.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.site.serve(w, r, route)
	})))
}

func (s *Site) serve(w http.ResponseWriter, r *http.Request, route Route) {
	r.Body = http.MaxBytesReader(w, r.Body, route.MaxBody)
	acts, trail := s.Acts[route.Pattern], (*app.Trail)(nil)
	if acts != "" && !strings.HasPrefix(acts, "-") {
		var ctx context.Context
		ctx, trail = app.WithTrail(r.Context())
		r = r.WithContext(ctx)
	}
	begun := &begun{ResponseWriter: w}
	c := &Context{W: begun, R: r, Lang: s.language(w, r), area: route.area}
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if p == http.ErrAbortHandler || begun.yes {
			panic(p) // half a page is better cut off than taken for the whole
		}
		c.fail(fmt.Errorf("it panicked: %v\n%s", p, debug.Stack()))
	}()
	err := s.enter(c, route.Need)
	if err == nil && r.Method != http.MethodGet && c.Visitor.UserID == "" && c.Visitor.Member == 0 {
		// Each form by itself, so that what is sent to one keeps nobody from another.
		if wait := s.asks.refused("form of strangers "+route.Pattern, app.Network(AddressOf(r)), Bound{Minute: s.PerMinute}); wait > 0 {
			err = app.TooOften(wait)
		}
	}
	if err == nil {
		err = readable(c.R)
	}
	if err == nil {
		err = c.within(route.Pattern)
	}
	if err == nil {
		err = route.handle(c)
	}
	switch {
	case err != nil && begun.yes:
		s.Log.Error("an answer ended early", "path", r.URL.Path, "error", err)
		panic(http.ErrAbortHandler)
	case err != nil:
		c.fail(err)
	case trail != nil && c.done && c.Visitor.UserID != "" && !trail.Told(acts):
		s.Unaudited(route.Pattern)
	}
}

// Undeclared gives the patterns of routes that change something and say not what the
// audit trail is told, and of those that are declared and do not exist.
func (s *Site) Undeclared() (all []string) {
	left := maps.Clone(s.Acts)
	for i := range s.routes {
		pattern := s.routes[i].Pattern
		if _, declared := left[pattern]; !declared && !strings.HasPrefix(pattern, "GET ") {
			all = append(all, pattern)
		}
		delete(left, pattern)
	}
	return slices.AppendSeq(all, maps.Keys(left))
}

// begun remembers whether an answer was begun.
type begun struct {
	http.ResponseWriter
	yes bool
}

// Unwrap lets http.ResponseController reach the writer below.
func (b *begun) Unwrap() http.ResponseWriter { return b.ResponseWriter }

// WriteHeader begins the answer.
func (b *begun) WriteHeader(status int) {
	b.yes = true
	b.ResponseWriter.WriteHeader(status)
}

// Write begins the answer, or goes on with it.
func (b *begun) Write(p []byte) (int, error) {
	b.yes = true
	return b.ResponseWriter.Write(p)
}

// readable reads a form before anything else does: whoever asks for a single value is
// told of no error.
func readable(r *http.Request) error {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "application/x-www-form-urlencoded" {
		return nil
	}
	err := r.ParseForm()
	var large *http.MaxBytesError
	if err != nil && !errors.As(err, &large) {
		return errMalformed
	}
	return err
}

// enter lets the visitor in, or says what they are to do first.
func (s *Site) enter(c *Context, need Need) error {
	var err error
	if c.Visitor, err = s.Gate.Visitor(c.R); err != nil {
		return err
	}
	if c.Visitor.Meets(need) {
		if need != Anyone || c.Visitor.UserID != "" || c.Visitor.Member != 0 {
			c.W.Header().Set("Cache-Control", "no-store")
		}
		c.R = c.R.WithContext(c.acting(c.R.Context(), need))
		if must := c.Visitor.Must; must != "" && need != Anyone && need != Member && !strings.HasPrefix(c.R.URL.Path, "/console/account") && c.R.URL.Path != ProvePath && c.R.URL.Path != "/console/sign-out" {
			return &sendOn{must}
		}
		return nil
	}
	if c.Visitor.UserID != "" && need != Member {
		return ErrForbidden
	}
	return errSignIn
}

// acting names in a context who does what the request asks for: on the pages of members
// the member, even if a user signed in with the same browser.
func (c *Context) acting(ctx context.Context, need Need) context.Context {
	switch {
	case c.Visitor.UserID != "" && need != Member:
		v := &c.Visitor
		return app.WithActor(ctx, auth.Actor{
			Kind: auth.KindUser, ID: v.UserID, Name: v.Name, Role: auth.Role(v.Role), Only: auth.Permission(v.Only),
			Address: v.Address, Session: v.Session, Proved: v.Proved,
		})
	case c.Visitor.Member != 0:
		return app.WithActor(ctx, auth.Actor{Kind: auth.KindMember, ID: c.Visitor.Member.String(), Address: c.Visitor.Address})
	}
	return ctx
}

// AddressOf gives the network address that a request came from, without the port.
func AddressOf(r *http.Request) string {
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return address
}

// sendOn sends the visitor on to another page.
type sendOn struct{ to string }

func (s *sendOn) Error() string { return "page: go to " + s.to + " first" }

// errSignIn sends the visitor to sign in.
var errSignIn = errors.New("page: sign in first")

// signIn is where those go who must sign in, and from there to where they wanted.
func (c *Context) signIn() string {
	door := "/sign-in"
	if p := c.R.URL.Path; strings.HasPrefix(p, "/console") || strings.HasPrefix(p, "/till") {
		door = "/console/sign-in"
	}
	if c.R.Method != http.MethodGet {
		return door
	}
	return door + "?next=" + url.QueryEscape(c.R.URL.RequestURI())
}

// Local gives an address of this site to which a visitor may be sent on: a path,
// never another host. Anything else gives the fallback.
func Local(address, fallback string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(u.Path, "/") ||
		strings.HasPrefix(address, "//") || strings.ContainsAny(address, "\\\r\n\t") {
		return fallback
	}
	return address
}

// langCookie keeps the language that a visitor chose.
const langCookie = "lang"

// language is what the visitor chose, now (?lang=) or before, or what the browser
// asks for.
func (s *Site) language(w http.ResponseWriter, r *http.Request) string {
	w.Header().Add("Vary", "Accept-Language, Cookie")
	if asked := r.URL.Query().Get("lang"); asked != "" {
		lang := i18n.Match(asked)
		http.SetCookie(w, &http.Cookie{
			Name: langCookie, Value: lang, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: s.Secure,
			SameSite: http.SameSiteLaxMode,
		})
		return lang
	}
	if kept, err := r.Cookie(langCookie); err == nil {
		return i18n.Match(kept.Value)
	}
	return i18n.Match(r.Header.Get("Accept-Language"))
}

// headers are those of every answer. The policy lets pages use this host's files
// and nothing else.
func (s *Site) headers(h http.Header) {
	h.Set(
		"Content-Security-Policy",
		"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=(), payment=(), usb=()")
	if s.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}
