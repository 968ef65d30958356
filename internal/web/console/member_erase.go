package console

import (
	"encoding/json"
	"net/http"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/text"
	"premia/internal/web/page"
)

// eraseData says what erasing a member takes away, and what stays and why.
type eraseData struct {
	memberHead
	Form       *page.Form
	Identities []string
	Profile    []string
	Facts      []string
	Accounts   int64
	Purchases  int64
	Spend      any
	Balances   []text.Points
}

func (c *Console) previewErasure(r *page.Context) error {
	return c.showErasure(r, http.StatusOK, page.NewForm("event", app.NewEventID(), "sure", ""))
}

func (c *Console) showErasure(r *page.Context, status int, f *page.Form) error {
	head, _, err := c.head(r)
	if err != nil {
		return err
	}
	x, err := c.app.PreviewErasure(r.Ctx(), head.ID)
	if err != nil {
		return err
	}
	d := eraseData{memberHead: head, Form: f, Profile: profileNames(r, x.Profile), Facts: x.Facts, Accounts: int64(x.BankAccounts), Purchases: x.Purchases}
	if p := c.app.Program(); p != nil {
		d.Spend = localMoney(p, x.Spend)
	}
	for _, i := range x.Identities {
		d.Identities = append(d.Identities, shownIdentity(i, true))
	}
	for i := range x.Wallets {
		w := &x.Wallets[i]
		if all := w.Pending + w.Available + w.Held; all > 0 && w.Wallet.Gift == nil {
			d.Balances = append(d.Balances, w.Wallet.Points(all))
		}
	}
	return r.PageStatus(status, "member-erase", d)
}

// erase forgets who a member is. The box must be ticked, since nothing brings it back.
func (c *Console) erase(r *page.Context) error {
	f, err := r.ReadForm("event", "sure")
	if err != nil {
		return err
	}
	if f.Get("sure") != "on" {
		f.Wrong("sure", r.Say("console.erase.tick"))
		return c.showErasure(r, http.StatusUnprocessableEntity, f)
	}
	if _, err := c.app.Erase(r.Ctx(), f.Get("event"), r.R.PathValue("member")); err != nil {
		return c.failed(r, "/console/members", nil, err)
	}
	return r.Done("/console/members", "console.erase.done")
}

// exportMember gives all that is known of a member as a file.
func (c *Console) exportMember(r *page.Context) error {
	data, err := c.app.ExportMember(r.Ctx(), r.R.PathValue("member"), r.Lang)
	if err != nil {
		return err
	}
	src, err := json.MarshalIndent(data, "", "  ")
	if err != nil {
		return err
	}
	return r.Content("application/json", data.Member+".json", src)
}

// erasedData says when a member was erased, and what remains and why.
type erasedData struct {
	// Known tells that the journal says when: that was on Day.
	Known     bool
	Day       text.Date
	Purchases int64
	Spend     any
}

// erased is the page of a member who was erased: nothing on it says who that was.
func (c *Console) erased(r *page.Context) error {
	x, err := c.app.ErasedMember(r.Ctx(), r.R.PathValue("member"))
	if err != nil {
		return err
	}
	d := erasedData{Known: x.At != calendar.None, Day: dateOf(x.At, c.zone()), Purchases: x.Purchases}
	if p := c.app.Program(); p != nil {
		d.Spend = localMoney(p, x.Spend)
	}
	return r.Page("member-erased", d)
}
