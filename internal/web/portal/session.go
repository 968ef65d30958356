package portal

import (
	"net/http"

	"premia/internal/app"
	"premia/internal/web/page"
)

// Gate knows members by the session in their cookie, and everybody else by another
// gate.
type Gate struct {
	page.Gate
	App *app.App
	// Secure tells that visitors come by TLS only.
	Secure bool
}

// Visitor says who sends a request.
func (g Gate) Visitor(r *http.Request) (page.Visitor, error) {
	v, err := g.Gate.Visitor(r)
	if err != nil || v.Member != 0 {
		return v, err
	}
	kept, err := r.Cookie(cookieName(g.Secure, "member"))
	if err != nil {
		return v, nil
	}
	x, err := g.App.MemberSessionOf(r.Context(), kept.Value, clientOf(r, kept.Value))
	if err != nil {
		if app.AsProblem(err).Code == app.CodeSignedOut {
			err = nil
		}
		return v, err
	}
	v.Member = x.Member
	return v, nil
}

// cookieName is that of a cookie of members. With TLS its prefix has browsers take it
// from this very host alone, for all paths.
func cookieName(secure bool, what string) string {
	if secure {
		return "__Host-premia-" + what
	}
	return "premia-" + what
}

func clientOf(r *http.Request, token string) app.Client {
	return app.Client{Address: page.AddressOf(r), Agent: r.UserAgent(), Token: token}
}

func (p *Portal) client(c *page.Context) app.Client { return clientOf(c.R, p.cookie(c, "member")) }

func (p *Portal) cookie(c *page.Context, what string) string {
	return c.Kept(cookieName(p.site.Secure, what))
}

// keep has the browser keep a cookie for so many seconds; -1 forgets it.
func (p *Portal) keep(c *page.Context, what, value string, seconds int) {
	c.Keep(cookieName(p.site.Secure, what), value, seconds)
}

// remember has the browser keep a new session.
func (p *Portal) remember(c *page.Context, in app.MemberSignedIn) {
	p.keep(c, "step", "", -1)
	p.keep(c, "member", in.Token, int(in.Lasts.Seconds()))
}

// enter has the browser keep a new session, and goes on to where the member wanted.
func (p *Portal) enter(c *page.Context, in app.MemberSignedIn, next string) error {
	p.remember(c, in)
	return c.Redirect(page.Local(next, "/"))
}
