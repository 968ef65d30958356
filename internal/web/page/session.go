package page

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"premia/internal/app"
)

// ProvePath is the page where a user proves once more who they are.
const ProvePath = "/console/prove"

// SessionCookie is the name of the cookie that has a user's session. With TLS its
// prefix has browsers take it from this very host alone, for all paths.
func SessionCookie(secure bool) string {
	if secure {
		return "__Host-premia"
	}
	return "premia"
}

// stepCookie is the name of the cookie that ties a step under way to the browser.
func (c *Context) stepCookie() string { return SessionCookie(c.area.site.Secure) + "-step" }

// SetSession has the browser keep the token of a session.
func (c *Context) SetSession(token string, longest time.Duration) {
	c.Keep(SessionCookie(c.area.site.Secure), token, int(longest.Seconds()))
}

// browserCookie is the name of the cookie by which a browser is known after a sign-in.
func (c *Context) browserCookie() string { return SessionCookie(c.area.site.Secure) + "-browser" }

// SetBrowser has the browser keep for a year the token by which it is known, also when
// nobody is signed in; an empty one changes nothing.
func (c *Context) SetBrowser(token string) {
	if token != "" {
		c.Keep(c.browserCookie(), token, 365*24*3600)
	}
}

// EndSession has the browser forget its session.
func (c *Context) EndSession() { c.Keep(SessionCookie(c.area.site.Secure), "", -1) }

// SetStep has the browser keep the token of a step under way, for ten minutes; an empty
// one is forgotten.
func (c *Context) SetStep(token string) {
	age := 600
	if token == "" {
		age = -1
	}
	c.Keep(c.stepCookie(), token, age)
}

// Step gives the token of the step under way; empty if there is none.
func (c *Context) Step() string { return c.Kept(c.stepCookie()) }

// SetChallenge has the browser keep the token of what a device was asked to sign, beside
// the step under way, which goes on if the device does not.
func (c *Context) SetChallenge(token string) { c.Keep(c.stepCookie()+"-passkey", token, 600) }

// Challenge gives the token of what a device was asked to sign; empty if there is none.
func (c *Context) Challenge() string { return c.Kept(c.stepCookie() + "-passkey") }

// SessionToken gives the token that the browser keeps; empty if it has none.
func (c *Context) SessionToken() string { return c.Kept(SessionCookie(c.area.site.Secure)) }

// SetLanguage has the browser keep a language.
func (c *Context) SetLanguage(lang string) { c.Keep(langCookie, lang, 365*24*3600) }

// Keep has the browser keep a cookie for so many seconds; -1 forgets it. Lax lets it come
// along when somebody opens a link in a message; what changes something is refused to other
// sites anyway.
func (c *Context) Keep(name, value string, age int) {
	http.SetCookie(c.W, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: age, HttpOnly: true, Secure: c.area.site.Secure, SameSite: http.SameSiteLaxMode})
}

// Kept gives what the browser keeps under a cookie's name; empty if it keeps nothing.
func (c *Context) Kept(name string) string {
	kept, err := c.R.Cookie(name)
	if err != nil {
		return ""
	}
	return kept.Value
}

// Origin is that of the page, as browsers and passkeys name it.
func (c *Context) Origin() string {
	scheme := "http://"
	if c.area.site.Secure {
		scheme = "https://"
	}
	return scheme + c.R.Host
}

// Client says which browser sends the request.
func (c *Context) Client() app.Client {
	return app.Client{Address: AddressOf(c.R), Agent: c.R.UserAgent(), Token: c.SessionToken(), Browser: c.Kept(c.browserCookie())}
}

// Proving asks a user to prove once more who they are before a form is shown that needs it
// when it is sent, so that nothing is typed in vain.
func Proving(form Handler) Handler {
	return func(c *Context) error {
		if c.Visitor.UserID != "" && (!c.Visitor.Proved || c.Visitor.ProofEnds) {
			return c.Prove()
		}
		return form(c)
	}
}

// Prove sends a user to prove once more who they are, and from there back.
func (c *Context) Prove() error {
	back := c.R.URL.RequestURI()
	if c.R.Method != http.MethodGet {
		back = "/console/account"
		if from, err := url.Parse(c.R.Referer()); err == nil && from.Host == c.R.Host && (strings.HasPrefix(from.Path, "/console") || strings.HasPrefix(from.Path, "/till")) {
			back = from.RequestURI()
		}
	}
	return c.Redirect(ProvePath + "?next=" + url.QueryEscape(back))
}
