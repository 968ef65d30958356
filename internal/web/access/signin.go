package access

import (
	"encoding/json"
	"net/http"
	"net/url"

	"premia/internal/app"
	"premia/internal/web/page"
)

const (
	home       = "/console"
	signInPath = "/console/sign-in"
	codePath   = "/console/sign-in/code"
	backPath   = "/console/sign-in/provider/back"
)

func (x *Access) signInRoutes() {
	x.door.Handle("GET "+signInPath, page.Anyone, x.signInForm)
	x.door.Handle("POST "+signInPath, page.Anyone, x.signIn)
	x.door.Handle("GET "+codePath, page.Anyone, x.codeForm)
	x.door.Handle("POST "+codePath, page.Anyone, x.code)
	x.door.Handle("POST /console/sign-in/passkey/ask", page.Anyone, x.askPasskey)
	x.door.Handle("POST /console/sign-in/passkey", page.Anyone, x.signInPasskey)
	x.door.Handle("GET /console/sign-in/provider", page.Anyone, x.provider)
	x.door.Handle("GET "+backPath, page.Anyone, x.providerBack)
	x.door.Handle("POST /console/sign-out", page.User, x.signOut)
	x.door.Handle("GET "+page.ProvePath, page.User, x.proveForm)
	x.door.Handle("POST "+page.ProvePath, page.User, x.prove)
	x.door.Handle("POST /console/prove/passkey", page.User, x.provePasskey)
}

// doorData is what the pages at the door show.
type doorData struct {
	Form *page.Form
	// Next is where the user was going.
	Next string
	// Provider is the name of the identity provider; empty for none.
	Provider string
	// HasCode tells that the user has codes of an app, and HasPasskey that they have a
	// passkey: something of both is asked for beside the password.
	HasCode, HasPasskey bool
	Name                string
}

func next(r *page.Context) string { return page.Local(r.Form("next"), home) }

// Again is the query that keeps where the user was going.
func (d doorData) Again() string { return "?next=" + url.QueryEscape(d.Next) }

func (x *Access) signInForm(r *page.Context) error {
	owned, err := x.app.HasOwner(r.Ctx())
	if err != nil {
		return err
	}
	if !owned {
		return r.Page("first", nil)
	}
	return r.Page("sign-in", doorData{Form: page.NewForm("email", "", "password", ""), Next: next(r), Provider: x.app.HasProvider()})
}

func (x *Access) signIn(r *page.Context) error {
	f, err := r.ReadForm("email", "password")
	if err != nil {
		return err
	}
	in, err := x.app.SignIn(r.Ctx(), f.Get("email"), f.Get("password"), r.Client())
	if err != nil {
		f.Values["password"] = ""
		if !r.Refuse(f, err) {
			return err
		}
		return r.PageStatus(page.StatusOf(app.AsProblem(err)), "sign-in", doorData{Form: f, Next: next(r), Provider: x.app.HasProvider()})
	}
	if in.Step != "" {
		r.SetStep(in.Step)
		return r.Redirect(codePath + "?next=" + url.QueryEscape(next(r)))
	}
	return x.enter(r, &in, next(r))
}

// enter has the browser keep a session and sends the user on.
func (x *Access) enter(r *page.Context, in *app.SignedIn, to string) error {
	x.keep(r, in)
	return r.Redirect(to)
}

func (x *Access) keep(r *page.Context, in *app.SignedIn) {
	r.SetSession(in.Token, in.Lasts)
	r.SetBrowser(in.Browser)
	r.SetStep("")
	r.SetLanguage(in.User.Language)
}

// secondStep is what is asked for after the password. Of a step that is over, the page
// asks for a code, and says so when one comes.
func (x *Access) secondStep(r *page.Context, f *page.Form) (d doorData, err error) {
	d = doorData{Form: f, Next: next(r)}
	d.HasCode, d.HasPasskey, err = x.app.SecondStep(r.Ctx(), r.Step())
	if err != nil && app.AsProblem(err).Code == app.CodeStepOver {
		d.HasCode, err = true, nil
	}
	return d, err
}

func (x *Access) codeForm(r *page.Context) error {
	d, err := x.secondStep(r, page.NewForm("code", ""))
	if err != nil {
		return err
	}
	return r.Page("code", d)
}

func (x *Access) code(r *page.Context) error {
	f, err := r.ReadForm("code")
	if err != nil {
		return err
	}
	in, err := x.app.SignInCode(r.Ctx(), r.Step(), f.Get("code"), r.Client())
	if err != nil {
		f.Values["code"] = ""
		if !r.Refuse(f, err) {
			return err
		}
		d, failed := x.secondStep(r, f)
		if failed != nil {
			return failed
		}
		return r.PageStatus(page.StatusOf(app.AsProblem(err)), "code", d)
	}
	return x.enter(r, &in, next(r))
}

// askPasskey answers with what the browser is to ask a device.
func (x *Access) askPasskey(r *page.Context) error {
	options, token, err := x.app.AskPasskey(r.Ctx(), r.Origin())
	if err != nil {
		return err
	}
	r.SetChallenge(token)
	return r.JSON(json.RawMessage(options))
}

func (x *Access) signInPasskey(r *page.Context) error {
	to := page.Local(r.R.URL.Query().Get("next"), home)
	src, err := r.Body(page.MaxPasskey)
	if err != nil {
		return err
	}
	in, err := x.app.SignInPasskey(r.Ctx(), r.Origin(), r.Challenge(), src, r.Client())
	if err == nil {
		x.keep(r, &in)
	}
	return r.Then(to, err)
}

func (x *Access) provider(r *page.Context) error {
	address, token, err := x.app.BeginProvider(r.Ctx(), r.Origin()+backPath, next(r))
	if err != nil {
		return err
	}
	r.SetStep(token)
	// The one address of another host that visitors are sent to: the provider's, from
	// the workspace's configuration.
	http.Redirect(r.W, r.R, address, http.StatusSeeOther)
	return nil
}

func (x *Access) providerBack(r *page.Context) error {
	query := r.R.URL.Query()
	in, to, err := x.app.FinishProvider(r.Ctx(), r.Step(), query.Get("state"), query.Get("code"), r.Client())
	if err != nil {
		f := page.NewForm("email", "", "password", "")
		if !r.Refuse(f, err) {
			return err
		}
		r.SetStep("")
		return r.PageStatus(page.StatusOf(app.AsProblem(err)), "sign-in", doorData{Form: f, Next: home, Provider: x.app.HasProvider()})
	}
	return x.enter(r, &in, page.Local(to, home))
}

func (x *Access) signOut(r *page.Context) error {
	if err := x.app.SignOut(r.Ctx(), r.SessionToken()); err != nil {
		return err
	}
	r.EndSession()
	r.W.Header().Set("Clear-Site-Data", `"cache"`)
	return r.Done(signInPath, "access.signed_out")
}

func (x *Access) proveData(r *page.Context, f *page.Form) (doorData, error) {
	u, err := x.app.User(r.Ctx(), r.Visitor.UserID)
	return doorData{Form: f, Next: next(r), Provider: x.app.HasProvider(), HasCode: u.HasCode, HasPasskey: len(u.Passkeys) > 0, Name: u.Name}, err
}

func (x *Access) proveForm(r *page.Context) error {
	d, err := x.proveData(r, page.NewForm("password", "", "code", ""))
	if err != nil {
		return err
	}
	return r.Page("prove", d)
}

func (x *Access) prove(r *page.Context) error {
	f, err := r.ReadForm("password", "code")
	if err != nil {
		return err
	}
	if err := x.app.Prove(r.Ctx(), f.Get("password"), f.Get("code")); err != nil {
		f.Values["password"], f.Values["code"] = "", ""
		if !r.Refuse(f, err) {
			return err
		}
		d, failed := x.proveData(r, f)
		if failed != nil {
			return failed
		}
		return r.PageStatus(page.StatusOf(app.AsProblem(err)), "prove", d)
	}
	return r.Redirect(next(r))
}

func (x *Access) provePasskey(r *page.Context) error {
	to := page.Local(r.R.URL.Query().Get("next"), home)
	src, err := r.Body(page.MaxPasskey)
	if err != nil {
		return err
	}
	return r.Then(to, x.app.ProvePasskey(r.Ctx(), r.Origin(), r.Challenge(), src))
}
