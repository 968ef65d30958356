package portal

import (
	"maps"
	"net/http"
	"strings"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/money"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/web/page"
)

func (p *Portal) rewardRoutes() {
	p.area.Handle("GET /rewards", page.Member, p.rewards)
	p.area.Handle("GET /rewards/{reward}", page.Member, p.reward)
	p.area.Handle("POST /rewards/{reward}", page.Member, p.redeem)
	p.area.Handle("GET "+app.PicturePath+"{digest}/{size}", page.Anyone, p.picture)
}

// picture sends a picture, which other sites may show as well: a shop's, for instance.
func (p *Portal) picture(c *page.Context) error {
	file, kind, err := p.app.PictureFile(c.Ctx(), c.R.PathValue("digest"), c.R.PathValue("size"))
	if err != nil {
		return err
	}
	c.W.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	return p.send(c, kind, "public, max-age=31536000, immutable", file)
}

// rewardView is a reward as a member reads it.
type rewardView struct {
	ID, Name, Description, Where, Partner string
	Prices                                []text.Points
	Money                                 text.Money
	// Left is how many there are still; -1 for any number.
	Left      int64
	Available bool
	WhyNot    []string
	// Value says what a voucher takes off, or what is on a gift card.
	Value []string
	Parts []string
	// Picture is nil for none.
	Picture *app.Picture
	// Costs is what leaves the balance, a text.List, and Due what is to be paid, a
	// text.Money, as a question says both; empty texts for nothing.
	Costs, Due any
	// Sends tells that it is sent to the member's address.
	Sends bool
	// Pays tells that it pays money to a bank account, and Booked that a time is chosen.
	Pays, Booked bool
	Slots        []slotView
}

// slotView is a time at which a reward can be booked.
type slotView struct {
	Value string
	At    calendar.Instant
	Left  int64
}

// rewardData is the page of a reward with its form.
type rewardData struct {
	Reward rewardView
	Form   *page.Form
	// Prove tells that the member has to prove who they are before money is paid out.
	Prove bool
	// Amount is the most that can be turned into money now.
	Amount text.Points
}

func (p *Portal) rewardView(c *page.Context, r *app.RewardOf) (rewardView, error) {
	picture, err := p.app.RewardPicture(c.Ctx(), r.Source, c.Lang)
	rules, from := p.app.Program(), r.Source
	out := rewardView{
		ID: from.ID, Name: app.CalledIn(rules, from.Name, c.Lang),
		Description: app.CalledIn(rules, from.Description, c.Lang), Where: app.CalledIn(rules, from.Where, c.Lang),
		Partner: from.Partner, Left: r.Left, Pays: r.PaysOut(), Booked: r.Booked(),
		Picture: picture, Sends: from.Fulfilment == sends,
	}
	var costs text.List
	for _, price := range r.Prices {
		out.Prices = append(out.Prices, text.Points{Minor: price.Minor, Scale: price.Wallet.Unit.Scale, Forms: price.Wallet.Forms})
		costs.Items = append(costs.Items, price.Wallet.Points(price.Minor))
	}
	out.Money = text.Money{Minor: r.Money, Scale: rules.Currency.Scale, Currency: rules.Currency.Code}
	if out.Costs, out.Due = "", ""; r.Money != 0 {
		out.Due = out.Money
	}
	if len(costs.Items) > 0 && !out.Pays {
		out.Costs = costs
	}
	for _, m := range r.ValueWords(rules) {
		out.Value = append(out.Value, p.app.Words.Render(c.Lang, m))
	}
	for _, part := range r.Parts {
		out.Parts = append(out.Parts, app.CalledIn(rules, part.Source.Name, c.Lang))
	}
	if out.Available = r.Why == nil || app.Applied(r.Why); !out.Available {
		out.WhyNot = p.app.WhyNot(r.Why, c.Lang)
	}
	return out, err
}

// rewardsData is the catalogue with what is for this member alone.
type rewardsData struct {
	Ready, Later []rewardView
	Offers       []offerView
	Choices      []choiceView
	Balances     []balance
	Event        string
}

func (p *Portal) rewards(c *page.Context) error {
	all, err := p.app.Rewards(c.Ctx(), c.Visitor.Member.String())
	if err != nil {
		return err
	}
	d := rewardsData{Event: app.NewEventID()}
	wallets, _, err := p.app.Wallets(c.Ctx(), c.Visitor.Member.String())
	if err != nil {
		return err
	}
	strange := make(map[ledger.Name]bool)
	for i := range wallets {
		if w := &wallets[i]; !p.app.Concerns(w) {
			strange[w.Wallet.Name] = true
		} else if w.Wallet.Gift == nil {
			d.Balances = append(d.Balances, balanceOf(w))
		}
	}
	now := p.app.Journal.Now()
	for i := range all {
		if !offered(&all[i], strange, now) {
			continue
		}
		v, err := p.rewardView(c, &all[i])
		if err != nil {
			return err
		}
		if v.Available {
			d.Ready = append(d.Ready, v)
		} else {
			d.Later = append(d.Later, v)
		}
	}
	if err := p.offers(c, &d); err != nil {
		return err
	}
	return c.Page("rewards", d)
}

// offered tells whether a reward is one for the member to look at: a code for everybody nobody
// takes here, what is over nobody can have, and what costs something that the member has
// nothing to do with is for others.
func offered(r *app.RewardOf, strange map[ledger.Name]bool, now calendar.Instant) bool {
	for _, price := range r.Prices {
		if strange[price.Wallet.Name] {
			return false
		}
	}
	return r.Source.Code == "" && now < r.Window.Until
}

// findReward gives the reward that the address names.
func (p *Portal) findReward(c *page.Context) (*app.RewardOf, error) {
	all, err := p.app.Rewards(c.Ctx(), c.Visitor.Member.String())
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Source.ID == c.R.PathValue("reward") && all[i].Source.Code == "" {
			return &all[i], nil
		}
	}
	return nil, page.ErrNotFound
}

func (p *Portal) reward(c *page.Context) error {
	m, err := p.member(c)
	if err != nil {
		return err
	}
	f := page.NewForm("event", app.NewEventID(), "slot", "", "amount", "", "iban", "", "holder", "")
	for _, name := range sentTo {
		f.Values[name] = m.Profile[name]
	}
	return p.showReward(c, http.StatusOK, f)
}

func (p *Portal) showReward(c *page.Context, status int, f *page.Form) error {
	r, err := p.findReward(c)
	if err != nil {
		return err
	}
	view, err := p.rewardView(c, r)
	if err != nil {
		return err
	}
	d := rewardData{Reward: view, Form: f, Prove: r.PaysOut() && p.app.Fresh(c.Ctx(), c.Visitor.Member, p.client(c)) != nil}
	if r.PaysOut() {
		w := r.Prices[0].Wallet
		d.Amount = w.Points(r.Offered)
		if f.Get("amount") == "" && f.OK() {
			f.Values["amount"] = money.Format(r.Offered, w.Unit.Scale)
		}
	}
	if r.Booked() {
		slots, err := p.app.Slots(c.Ctx(), r.Source.ID, calendar.None, calendar.None)
		if err != nil {
			return err
		}
		for _, s := range slots {
			if s.Left > 0 {
				d.Reward.Slots = append(d.Reward.Slots, slotView{s.At.String(), s.At, s.Left})
			}
		}
	}
	return c.PageStatus(status, "reward", d)
}

// eventID is the id of the event that a form of this member asks for. What a form says
// can't be the id of an event of somebody else.
func eventID(c *page.Context, said string) string {
	return "portal-" + c.Visitor.Member.String() + "-" + app.DrawnEventID(said)
}

func (p *Portal) redeem(c *page.Context) error {
	f, err := c.ReadForm(append([]string{"event", "slot", "amount", "iban", "holder"}, sentTo...)...)
	if err != nil {
		return err
	}
	r, err := p.findReward(c)
	if err != nil {
		return err
	}
	e := &event.Event{ID: eventID(c, f.Get("event")), Type: event.Redemption, Member: c.Visitor.Member.String(), Reward: r.Source.ID, Channel: "portal"}
	if r.Booked() {
		slots, err := p.app.Slots(c.Ctx(), r.Source.ID, calendar.None, calendar.None)
		if err != nil {
			return err
		}
		for _, s := range slots {
			if s.At.String() == f.Get("slot") {
				e.Slot = s.At
			}
		}
	}
	if r.PaysOut() {
		if err := p.app.Fresh(c.Ctx(), c.Visitor.Member, p.client(c)); err != nil {
			return p.proveFirst(c, err, "/rewards/"+r.Source.ID)
		}
		amount, err := page.AmountOf(f.Get("amount"), r.Prices[0].Wallet.Unit.Scale)
		if err != nil {
			f.Wrong("amount", c.Say("portal.give.wrong_amount"))
			return p.showReward(c, http.StatusUnprocessableEntity, f)
		}
		r.TakeFor(e, amount)
	}
	if r.Source.Fulfilment == sends {
		if err := p.sendTo(c, f); err != nil {
			return err
		}
		if !f.OK() {
			return p.showReward(c, http.StatusUnprocessableEntity, f)
		}
	}
	id := e.ID // the event is the journal's from now on
	answer, err := p.take(c, r, e, f)
	if err != nil {
		if !c.Refuse(f, renamed(err)) {
			return err
		}
		return p.showReward(c, http.StatusUnprocessableEntity, f)
	}
	if !app.Applied(&answer) {
		f.Problem = strings.Join(p.app.WhyNot(&answer, c.Lang), " ")
		f.Values["event"] = app.NewEventID() // this one is answered for ever
		return p.showReward(c, http.StatusUnprocessableEntity, f)
	}
	said := "portal.redeemed"
	if r.Source.Fulfilment == sends {
		said = "portal.redeemed.send"
	}
	return c.Done("/vouchers/"+id, said)
}

// sentTo are the values of the profile that a form asks for where something is sent.
var sentTo = []string{"given_name", "family_name", "street", "postal_code", "city"}

// sendTo keeps in the member's profile where something is to be sent; the form says what
// lacks or can't be so.
func (p *Portal) sendTo(c *page.Context, f *page.Form) error {
	m, err := p.member(c)
	if err != nil {
		return err
	}
	change := app.Change{EventID: eventID(c, ""), Profile: make(map[string]string), Channel: "portal"}
	said := maps.Clone(m.Profile)
	if said == nil {
		said = make(map[string]string)
	}
	for _, name := range sentTo {
		if value := strings.TrimSpace(f.Get(name)); value != m.Profile[name] {
			change.Profile[name], said[name] = value, value
		}
	}
	for _, name := range app.Lacks(said) {
		f.Wrong(name, c.Say("portal.send.lacks"))
	}
	if !f.OK() || len(change.Profile) == 0 {
		return nil
	}
	if _, err := p.app.Change(c.Ctx(), c.Visitor.Member.String(), change); err != nil && !refuse(c, f, err) {
		return err
	}
	return nil
}

// take records the redemption, with the account where the reward pays money.
func (p *Portal) take(c *page.Context, r *app.RewardOf, e *event.Event, f *page.Form) (journal.Answer, error) {
	if r.PaysOut() {
		return p.app.RecordPayout(c.Ctx(), e, app.BankAccount{IBAN: f.Get("iban"), Name: f.Get("holder")})
	}
	return p.app.Record(c.Ctx(), e)
}

// renamed gives the problem of an account the names of this form's fields.
func renamed(err error) error {
	p := app.AsProblem(err)
	switch p.Path {
	case "bank_account.iban":
		p.Path = "iban"
	case "bank_account.name":
		p.Path = "holder"
	}
	return p
}
