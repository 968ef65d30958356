package web

import (
	"net/http"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/web/page"
)

// Gate knows users by the session in their cookie.
type Gate struct {
	App *app.App
	// Secure tells that visitors come by TLS only.
	Secure bool
}

// factorPath is where users get a second factor.
const factorPath = "/console/account"

// polled are the paths that an open page asks for again and again by itself. Whoever left
// it open is not there, and is signed out as if it were closed.
var polled = map[string]bool{"/console/live": true, "/console/charts": true}

// Visitor says who sends a request.
func (g Gate) Visitor(r *http.Request) (page.Visitor, error) {
	v := page.Visitor{Address: page.AddressOf(r)}
	kept, err := r.Cookie(page.SessionCookie(g.Secure))
	if err != nil {
		return v, nil
	}
	s, err := g.App.SessionOf(r.Context(), kept.Value, app.Client{Address: v.Address, Agent: r.UserAgent(), ByItself: polled[r.URL.Path]})
	if err != nil {
		if app.AsProblem(err).Code == app.CodeSignedOut {
			err = nil
		}
		return v, err
	}
	who := s.Actor()
	v.UserID, v.Name, v.Role, v.Session, v.Proved = who.ID, who.Name, string(who.Role), who.Session, who.Proved
	v.ProofEnds = s.ProofEnds
	v.May = func(permission string) bool { return who.Allows(auth.Permission(permission)) }
	if s.NeedsFactor {
		v.Must = factorPath
	}
	return v, nil
}
