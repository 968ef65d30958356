package portal

import (
	"html/template"
	"net/http"
	"strings"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
	"premia/internal/web/barcode"
	"premia/internal/web/page"
)

// givePath is where members give to one another; below givenPath stand the links.
const (
	givePath  = "/give"
	givenPath = givePath + "/link/"
)

func (p *Portal) giveRoutes() {
	p.area.Handle("GET "+givePath, page.Member, p.giveForm)
	p.area.Handle("POST "+givePath, page.Member, p.wished(p.give))
	p.area.Handle("POST "+givePath+"/send", page.Member, p.wished(p.sendGift))
	p.area.Handle("POST "+givePath+"/answer", page.Member, p.answerGift)
	p.area.Handle("POST "+givePath+"/take-back", page.Member, p.takeGiftBack)
	p.area.Handle("GET "+givenPath+"{secret}", page.Member, p.giftLink)
	p.area.Handle("POST "+givenPath+"{secret}", page.Member, p.answerLink)
}

// giftView is a present as a member reads it.
type giftView struct {
	ID     string
	Points text.Points
	// Who gives it, or receives it: a nickname or initials, empty where nobody is to
	// know; Link tells that whoever has its link receives it.
	Who   string
	Link  bool
	Until calendar.Instant
	// WhyNot says why it was not given, though it was accepted.
	WhyNot string
}

// unitView is a wallet of which one may give.
type unitView struct {
	ID  string
	Has text.Points
}

// giveData is what a member gives, and is given. What is Over was accepted and not given.
type giveData struct {
	Form           *page.Form
	Units          []unitView
	For, Out, Over []giftView
}

// confirmData is what is about to be given, and to whom.
type confirmData struct {
	Form *page.Form
	Gift giftView
}

// linkData is the page of a link: with what the giver sends on, or with the question
// whether one accepts.
type linkData struct {
	Gift giftView
	Mine bool
	Link string
	Post string
	QR   template.HTML
}

var giveFields = []string{"wallet", "amount", "card", "secret"}

func (p *Portal) giveForm(c *page.Context) error {
	return p.showGive(c, http.StatusOK, page.NewForm("card", c.Form("card")))
}

func (p *Portal) showGive(c *page.Context, status int, f *page.Form) error {
	units, err := p.units(c)
	if err != nil {
		return err
	}
	if len(units) == 0 {
		return page.ErrNotFound
	}
	d := giveData{Form: f, Units: units}
	if d.For, err = p.giftsFor(c); err != nil {
		return err
	}
	if err := p.giftsOf(c, &d); err != nil {
		return err
	}
	return c.PageStatus(status, "give", d)
}

// giftsOf are the member's own presents: those that wait, and those that were not given.
func (p *Portal) giftsOf(c *page.Context, d *giveData) error {
	all, err := p.app.PresentsOf(c.Ctx(), c.Visitor.Member)
	if err != nil {
		return err
	}
	for i := range all {
		v, known, err := p.giftView(c, &all[i], all[i].To)
		switch {
		case err != nil:
			return err
		case !known:
		case all[i].NotGiven:
			why, err := p.app.WhyNotGiven(c.Ctx(), &all[i], c.Lang)
			if err != nil {
				return err
			}
			v.WhyNot = strings.Join(why, " ")
			d.Over = append(d.Over, v)
		default:
			d.Out = append(d.Out, v)
		}
	}
	return nil
}

// units are the wallets of which the member may give, with what is there: the family's
// where families share it.
func (p *Portal) units(c *page.Context) ([]unitView, error) {
	var out []unitView
	givable := p.app.Givable()
	if len(givable) == 0 {
		return nil, nil
	}
	m, err := p.member(c)
	if err != nil {
		return nil, err
	}
	for _, w := range givable {
		has := int64(0)
		all := m.Wallets
		if m.Family != nil {
			all = append(all, m.Family.Wallets...)
		}
		for i := range all {
			if all[i].Wallet.Name == w.Name {
				has += all[i].Available
			}
		}
		out = append(out, unitView{w.ID, w.Points(has)})
	}
	return out, nil
}

// giftsFor are the presents that wait for the member.
func (p *Portal) giftsFor(c *page.Context) ([]giftView, error) {
	if len(p.app.Givable()) == 0 {
		return nil, nil
	}
	waiting, err := p.app.PresentsFor(c.Ctx(), c.Visitor.Member)
	if err != nil {
		return nil, err
	}
	var out []giftView
	for i := range waiting {
		v, known, err := p.giftView(c, &waiting[i], waiting[i].From)
		if err != nil {
			return nil, err
		}
		if known {
			out = append(out, v)
		}
	}
	return out, nil
}

// giftView shows a present with the other member; it is unknown where the program has
// its wallet no more.
func (p *Portal) giftView(c *page.Context, x *app.Present, other ledger.MemberID) (v giftView, known bool, err error) {
	w := p.app.Program().WalletByID(x.Wallet)
	if w == nil {
		return v, false, nil
	}
	v = giftView{ID: x.ID, Points: w.Points(x.Amount), Link: x.Link(), Until: x.Until - 1}
	if other != 0 {
		v.Who, err = p.app.Shown(c.Ctx(), other)
	}
	return v, true, err
}

// readGift reads what is to be given, and says at its fields what is wrong; nil then.
func (p *Portal) readGift(c *page.Context, f *page.Form) *app.NewPresent {
	w := p.givable(f.Get("wallet"))
	if w == nil {
		f.Problem = c.Say("portal.give.no_wallet")
		return nil
	}
	amount, err := page.AmountOf(f.Get("amount"), w.Unit.Scale)
	if err != nil {
		f.Wrong("amount", c.Say("portal.give.wrong_amount"))
		return nil
	}
	return &app.NewPresent{From: c.Visitor.Member, Secret: f.Get("secret"), Card: onlyLettersAndDigits(f.Get("card")), Wallet: w.ID, Amount: amount}
}

func (p *Portal) givable(id string) *engine.Wallet {
	all := p.app.Givable()
	for _, w := range all {
		if w.ID == id || id == "" && len(all) == 1 {
			return w
		}
	}
	return nil
}

// onlyLettersAndDigits leaves out the spaces and hyphens with which numbers are written.
func onlyLettersAndDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u00a0' {
			return -1
		}
		return r
	}, s)
}

// wished reads what a member wants to give, whom the session must be known to belong to, for
// what is done next.
func (p *Portal) wished(next func(*page.Context, *page.Form, *app.NewPresent) error) page.Handler {
	return func(c *page.Context) error {
		if err := p.app.Own(c.Ctx(), c.Visitor.Member, p.client(c)); err != nil {
			return p.proveFirst(c, err, givePath)
		}
		f, err := c.ReadForm(giveFields...)
		if err != nil {
			return err
		}
		n := p.readGift(c, f)
		if n == nil {
			return p.showGive(c, http.StatusUnprocessableEntity, f)
		}
		return next(c, f, n)
	}
}

// give shows what is about to be given, and to whom.
func (p *Portal) give(c *page.Context, f *page.Form, n *app.NewPresent) error {
	to, answer, err := p.app.TryPresent(c.Ctx(), n)
	if err != nil {
		if !p.refuseGift(c, f, err) {
			return err
		}
		return p.showGive(c, http.StatusUnprocessableEntity, f)
	}
	if !app.Applied(answer) {
		f.Wrong("amount", strings.Join(p.app.WhyNot(answer, c.Lang), " "))
		return p.showGive(c, http.StatusUnprocessableEntity, f)
	}
	x := app.Present{From: n.From, To: to, Wallet: n.Wallet, Amount: n.Amount}
	v, _, err := p.giftView(c, &x, to)
	if err != nil {
		return err
	}
	f.Values["secret"], _ = auth.NewToken()
	f.Values["wallet"], f.Values["card"] = n.Wallet, n.Card
	return c.Page("give-confirm", confirmData{f, v})
}

// refuseGift says at the field of the card that there is no such member.
func (p *Portal) refuseGift(c *page.Context, f *page.Form, err error) bool {
	switch app.AsProblem(err).Path {
	case "to", "member":
		f.Wrong("card", c.Problem(err))
		return true
	}
	return c.Refuse(f, err)
}

// sendGift lets a present wait for whom it is meant for.
func (p *Portal) sendGift(c *page.Context, f *page.Form, n *app.NewPresent) error {
	made, err := p.app.MakePresent(c.Ctx(), n)
	switch {
	case err != nil && p.refuseGift(c, f, err):
		return p.showGive(c, http.StatusUnprocessableEntity, f)
	case err != nil:
		return err
	case made.Link():
		return c.Redirect(givenPath + n.Secret)
	}
	return c.Done(givePath, "portal.give.sent")
}

// answerGift accepts or refuses a present that is meant for the member.
func (p *Portal) answerGift(c *page.Context) error {
	f, err := c.ReadForm("gift", "answer")
	if err != nil {
		return err
	}
	waiting, err := p.app.PresentsFor(c.Ctx(), c.Visitor.Member)
	if err != nil {
		return err
	}
	x, err := app.PresentByID(waiting, f.Get("gift"))
	if err == nil {
		return p.answer(c, x, f.Get("answer"))
	}
	return p.giftOver(c, err)
}

// answer does what the member answers to a present.
func (p *Portal) answer(c *page.Context, x *app.Present, said string) error {
	if said == "refuse" {
		if err := p.app.EndPresent(c.Ctx(), x, c.Visitor.Member); err != nil {
			return p.giftOver(c, err)
		}
		return c.Done("/", "portal.give.refused")
	}
	answer, err := p.app.AcceptPresent(c.Ctx(), x, c.Visitor.Member)
	if err != nil {
		return p.giftOver(c, err)
	}
	if !app.Applied(&answer) {
		// How much the giver has, and which of the rules it was, is the giver's own.
		why := "portal.give.not_allowed"
		if answer.Decision.Outcome == engine.Insufficient {
			why = "portal.give.not_enough"
		}
		c.Notify("warning", c.Say(why))
		return c.Redirect("/")
	}
	return c.Done("/", "portal.give.accepted", "Points", p.app.Program().WalletByID(x.Wallet).Points(x.Amount))
}

// giftOver says why nothing came of an answer.
func (p *Portal) giftOver(c *page.Context, err error) error {
	if problem := app.AsProblem(err); problem.Code == app.CodeInternal {
		return err
	}
	c.Notify("warning", c.Problem(err))
	return c.Redirect("/")
}

func (p *Portal) takeGiftBack(c *page.Context) error {
	f, err := c.ReadForm("gift")
	if err != nil {
		return err
	}
	open, err := p.app.PresentsOf(c.Ctx(), c.Visitor.Member)
	if err != nil {
		return err
	}
	x, err := app.PresentByID(open, f.Get("gift"))
	if err == nil {
		err = p.app.EndPresent(c.Ctx(), x, c.Visitor.Member)
	}
	switch {
	case err != nil:
		return p.giftOver(c, err)
	case x.NotGiven:
		return c.Redirect(givePath)
	}
	return c.Done(givePath, "portal.give.taken_back")
}

// giftLink is what the giver sends on, and what the receiver opens.
func (p *Portal) giftLink(c *page.Context) error {
	secret := c.R.PathValue("secret")
	x, err := p.app.PresentByLink(c.Ctx(), secret)
	if err != nil {
		return p.giftOver(c, err)
	}
	d := linkData{Mine: x.From == c.Visitor.Member, Link: c.Origin() + givenPath + secret, Post: givenPath + secret}
	var known bool
	if d.Gift, known, err = p.giftView(c, &x, x.From); err != nil || !known {
		return firstError(err, page.ErrNotFound)
	}
	if d.Mine {
		d.QR = barcode.QR(d.Link)
	}
	return c.Page("give-link", d)
}

func firstError(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

func (p *Portal) answerLink(c *page.Context) error {
	f, err := c.ReadForm("answer")
	if err != nil {
		return err
	}
	x, err := p.app.PresentByLink(c.Ctx(), c.R.PathValue("secret"))
	if err != nil {
		return p.giftOver(c, err)
	}
	return p.answer(c, &x, f.Get("answer"))
}
