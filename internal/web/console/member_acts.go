package console

import (
	"net/http"
	"strings"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/mechanic/adjustment"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/web/page"
)

// needAdjust is what it takes to give and take value by hand.
const needAdjust = page.Need(auth.Adjust)

// memberPath is the address of a member's page.
func memberPath(id string) string { return "/console/members/" + id }

// happened tells whether an event did what it asked for.
func happened(a *journal.Answer) bool {
	return a.Decision.Outcome == engine.Applied || a.Decision.Outcome == engine.WaitsForGiftCard
}

// failed goes back to a page that says why nothing came of an act. Errors that are no
// visitor's to mend stay.
func (c *Console) failed(r *page.Context, to string, answer *journal.Answer, err error) error {
	p := app.AsProblem(err)
	switch {
	case err == nil:
		r.Notify("danger", strings.Join(c.app.WhyNotOf(answer, r.Lang), " "))
	case p.Code == app.CodeInternal, p.Code == app.CodeProveAgain, p.Code == app.CodeUnavailable:
		return err
	default:
		r.Notify("danger", r.Problem(err))
	}
	return r.Redirect(to)
}

// block keeps a member from earning, and unblock lets them again.
func (c *Console) block(r *page.Context) error {
	return c.setBlocked(r, true, "console.member.blocked")
}
func (c *Console) unblock(r *page.Context) error {
	return c.setBlocked(r, false, "console.member.unblocked")
}

func (c *Console) setBlocked(r *page.Context, blocked bool, said string) error {
	to := memberPath(r.R.PathValue("member"))
	answer, err := c.app.Change(r.Ctx(), r.R.PathValue("member"), app.Change{EventID: r.R.PostFormValue("event"), Blocked: &blocked})
	if err != nil {
		return c.failed(r, to, nil, err)
	}
	return r.Done(memberPath(answer.Member.String()), said)
}

// adjustData is the form by which value is given or taken.
type adjustData struct {
	memberHead
	Form    *page.Form
	Wallets []walletView
	Options []option
	Acts    []option
	// Limits are what one person may adjust in wallets that are bounded, and Unlimited
	// tells that there are others.
	Limits    text.List
	Unlimited bool
	// Sure is set where it is asked whether that is to happen.
	Sure *sureData
}

// sureData says what an adjustment would do.
type sureData struct {
	Points text.Points
	Taken  bool
	// Worth is nil where the wallet is worth nothing in money.
	Worth any
	// Now and Then are the balance before and after.
	Now, Then text.Points
	// Limited tells that the program bounds what one person may, to Most, and Waits that
	// this is more.
	Limited, Waits bool
	Most           text.Points
}

var adjustFields = []string{"event", "do", "wallet", "amount", "reason", "reference", "sure"}

func (c *Console) newAdjustment(r *page.Context) error {
	return c.showAdjustment(r, http.StatusOK, page.NewForm("event", app.NewEventID(), "do", "give", "wallet", "", "amount", "", "reason", "", "reference", ""), nil)
}

// showAdjustment shows the form or, with an adjustment, what that would do.
func (c *Console) showAdjustment(r *page.Context, status int, f *page.Form, sure *event.Event) error {
	head, m, err := c.head(r)
	if err != nil {
		return err
	}
	p := c.app.Program()
	if p == nil {
		return page.ErrNotFound
	}
	d := adjustData{memberHead: head, Form: f, Limits: text.List{Or: true}, Acts: []option{{"give", r.Say("console.adjust.give")}, {"take", r.Say("console.adjust.take")}}}
	for i := range m.Wallets {
		w := &m.Wallets[i]
		if w.Wallet.Gift != nil {
			continue
		}
		d.Wallets = append(d.Wallets, c.walletView(r, p, w))
		d.Options = append(d.Options, option{w.Wallet.ID, r.Say("console.adjust.wallet.now", "Balance", w.Wallet.Points(w.Net()))})
		if most, limited := adjustment.Alone(p, w.Wallet.ID); limited {
			d.Limits.Items = append(d.Limits.Items, w.Wallet.Points(most))
		} else {
			d.Unlimited = true
		}
		if sure != nil && sure.Wallet == w.Wallet.ID {
			d.Sure = sureOf(p, w, sure.Amount)
		}
	}
	return r.PageStatus(status, "member-adjust", d)
}

func sureOf(p *engine.Program, w *app.WalletOf, amount int64) *sureData {
	size, points := max(amount, -amount), w.Wallet.Points
	d := &sureData{Points: points(size), Taken: amount < 0, Now: points(w.Net()), Then: points(w.Net() + amount)}
	if worth, known := app.WorthOf(p, w.Wallet, size); known {
		d.Worth = worth
	}
	most, limited := adjustment.Alone(p, w.Wallet.ID)
	d.Limited, d.Most, d.Waits = limited, points(most), limited && size > most
	return d
}

// adjust gives or takes value, after it was asked whether that is meant. The form's event
// id makes it happen once.
func (c *Console) adjust(r *page.Context) error {
	f, err := r.ReadForm(adjustFields...)
	if err != nil {
		return err
	}
	p := c.app.Program()
	if p == nil {
		return page.ErrNotFound
	}
	e, w := c.adjustmentOf(r, p, f)
	if !f.OK() {
		return c.showAdjustment(r, http.StatusUnprocessableEntity, f, nil)
	}
	switch f.Get("sure") {
	case "yes":
	case "no":
		return c.showAdjustment(r, http.StatusOK, f, nil)
	default:
		return c.showAdjustment(r, http.StatusOK, f, e)
	}
	answer, err := c.app.Record(r.Ctx(), e)
	if err != nil {
		if !r.Refuse(f, err) {
			return err
		}
		return c.showAdjustment(r, http.StatusUnprocessableEntity, f, nil)
	}
	return c.adjusted(r, f, &answer, w)
}

// adjustmentOf reads the form, with what is wrong at its fields.
func (c *Console) adjustmentOf(r *page.Context, p *engine.Program, f *page.Form) (*event.Event, *engine.Wallet) {
	e := &event.Event{
		ID: f.Get("event"), Type: event.Adjustment, Member: r.R.PathValue("member"), Wallet: f.Get("wallet"), Given: event.GivenAmount,
		Reason: strings.TrimSpace(f.Get("reason")), Reference: strings.TrimSpace(f.Get("reference")), At: calendar.None,
	}
	if e.Reason == "" {
		f.Wrong("reason", r.Say("console.adjust.reason.missing"))
	}
	w := p.WalletByID(e.Wallet)
	if w == nil || w.Gift != nil || w.Currency != "" {
		f.Wrong("wallet", r.Say("console.adjust.wallet.missing"))
		return e, w
	}
	var err error
	if e.Amount, err = page.AmountOf(f.Get("amount"), w.Unit.Scale); err != nil {
		wrong := "console.adjust.amount.wrong"
		if w.Unit.Scale == 0 {
			wrong = "console.adjust.amount.whole"
		}
		f.Wrong("amount", r.Say(wrong, "Decimals", int64(w.Unit.Scale)))
	}
	if f.Get("do") == "take" {
		e.Amount = -e.Amount
	}
	return e, w
}

// adjusted says what became of an adjustment.
func (c *Console) adjusted(r *page.Context, f *page.Form, answer *journal.Answer, w *engine.Wallet) error {
	to := memberPath(answer.Member.String())
	switch {
	case answer.Decision.Outcome == engine.WaitsForApproval:
		r.Notify("warning", r.Say("console.adjust.waits"))
		return r.Redirect(to)
	case !happened(answer):
		f.Problem = strings.Join(c.app.WhyNotOf(answer, r.Lang), " ")
		f.Values["event"] = app.NewEventID() // the refusal is the answer to the other one for ever
		return c.showAdjustment(r, http.StatusUnprocessableEntity, f, nil)
	}
	_, amount := app.Adjusted(answer)
	return r.Done(to, "console.adjust.done", "Points", w.Points(amount))
}

// undo moves back what an adjustment moved.
func (c *Console) undo(r *page.Context) error {
	to := memberPath(r.R.PathValue("member"))
	answer, err := c.app.UndoAdjustment(r.Ctx(), r.R.PostFormValue("event"), r.Say("console.adjust.undo.reason"))
	switch {
	case err != nil || answer.Decision.Outcome != engine.WaitsForApproval && !happened(&answer):
		return c.failed(r, to, &answer, err)
	case answer.Decision.Outcome == engine.WaitsForApproval:
		r.Notify("warning", r.Say("console.adjust.waits"))
		return r.Redirect(to)
	}
	return r.Done(to, "console.adjust.undone")
}

// takeBack undoes a redemption: what it cost comes back to where it came from.
func (c *Console) takeBack(r *page.Context) error {
	to := memberPath(r.R.PathValue("member"))
	id := r.R.PostFormValue("redemption")
	e, err := c.app.TakingBack(r.Ctx(), id)
	if err != nil {
		return c.failed(r, to, nil, err)
	}
	e.ID, e.Reason = r.R.PostFormValue("event"), r.Say("console.reward.back.reason")
	answer, err := c.app.Record(r.Ctx(), e)
	if err != nil || !happened(&answer) {
		return c.failed(r, to, &answer, err)
	}
	return r.Done(to, "console.reward.back.done")
}

// localMoney is an amount of the program's currency, a text.Money; nil for none.
func localMoney(p *engine.Program, minor int64) any {
	if minor == 0 {
		return nil
	}
	return p.Money(minor)
}
