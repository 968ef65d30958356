package access

import (
	"encoding/json"
	"html/template"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/web/barcode"
	"premia/internal/web/page"
)

func (x *Access) factorRoutes() {
	own := need(auth.AccountUse)
	x.area.Handle("POST "+accountPath+"/code/begin", own, x.beginCode)
	x.area.Handle("GET "+accountPath+"/code", own, x.newCode)
	x.area.Handle("POST "+accountPath+"/code", own, x.finishCode)
	x.area.Handle("POST "+accountPath+"/code/remove", own, x.removeCode)
	x.area.Handle("POST "+accountPath+"/recovery", own, x.recovery)
	x.area.Handle("POST "+accountPath+"/passkeys/ask", own, x.beginPasskey)
	x.area.Handle("POST "+accountPath+"/passkeys", own, x.finishPasskey)
	x.area.Handle("POST "+accountPath+"/passkeys/remove", own, x.removePasskey)
}

// codeData is what a user sees who gets a second factor.
type codeData struct {
	Form   *page.Form
	Secret string
	QR     template.HTML
	// Recovery are new recovery codes, shown this once.
	Recovery []string
}

func (x *Access) beginCode(r *page.Context) error {
	_, _, token, err := x.app.BeginCode(r.Ctx())
	if err != nil {
		return err
	}
	r.SetStep(token)
	return r.Redirect(accountPath + "/code")
}

func (x *Access) codeData(r *page.Context, f *page.Form) (codeData, error) {
	address, secret, err := x.app.PendingCode(r.Ctx(), r.Step())
	if err != nil {
		return codeData{}, err
	}
	return codeData{Form: f, Secret: secret, QR: barcode.QR(address)}, nil
}

func (x *Access) newCode(r *page.Context) error {
	d, err := x.codeData(r, page.NewForm("code", ""))
	if err != nil {
		return err
	}
	return r.Page("new-code", d)
}

func (x *Access) finishCode(r *page.Context) error {
	f, err := r.ReadForm("code")
	if err != nil {
		return err
	}
	codes, err := x.app.FinishCode(r.Ctx(), r.Step(), f.Get("code"))
	if err != nil {
		f.Values["code"] = ""
		d, failed := x.codeData(r, f)
		if failed != nil || !r.Refuse(f, err) {
			return err
		}
		return r.PageStatus(page.StatusOf(app.AsProblem(err)), "new-code", d)
	}
	r.SetStep("")
	return r.Page("recovery", codeData{Recovery: codes})
}

func (x *Access) removeCode(r *page.Context) error {
	if err := x.app.RemoveCode(r.Ctx()); err != nil {
		return err
	}
	return r.Done(accountPath, "access.code.removed")
}

func (x *Access) recovery(r *page.Context) error {
	codes, err := x.app.NewRecovery(r.Ctx())
	if err != nil {
		return err
	}
	return r.Page("recovery", codeData{Recovery: codes})
}

func (x *Access) beginPasskey(r *page.Context) error {
	options, token, err := x.app.BeginPasskey(r.Ctx(), r.Origin())
	if err != nil {
		return r.Then("", err)
	}
	r.SetChallenge(token)
	return r.JSON(json.RawMessage(options))
}

func (x *Access) finishPasskey(r *page.Context) error {
	src, err := r.Body(page.MaxPasskey)
	if err != nil {
		return err
	}
	err = x.app.FinishPasskey(r.Ctx(), r.Origin(), r.Challenge(), r.R.URL.Query().Get("name"), src)
	if err != nil {
		return r.Then("", err)
	}
	u, err := x.app.User(r.Ctx(), r.Visitor.UserID)
	id := "access.passkey.added"
	if u.Recovery == 0 {
		id = "access.passkey.added.first"
	}
	r.Notify("success", r.Say(id))
	return r.Then(accountPath, err)
}

func (x *Access) removePasskey(r *page.Context) error {
	f, err := r.ReadForm("passkey")
	if err != nil {
		return err
	}
	if err := x.app.RemovePasskey(r.Ctx(), f.Get("passkey")); err != nil {
		return err
	}
	return r.Done(accountPath, "access.passkey.removed")
}
