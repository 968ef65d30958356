package portal

import (
	"html/template"
	"strings"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/reward"
	"premia/internal/core/text"
	"premia/internal/web/barcode"
	"premia/internal/web/page"
)

func (p *Portal) voucherRoutes() {
	p.area.Handle("GET /vouchers", page.Member, p.vouchers)
	p.area.Handle("GET /vouchers/{redemption}", page.Member, p.voucher)
}

// codeView is a code as a member shows it.
type codeView struct {
	Code, Reward string
	QR           template.HTML
	// State is usable, not_yet, over, used_up or blocked.
	State string
	Until calendar.Instant
	// Picture is nil for none.
	Picture *app.Picture
}

// takenView is a reward that the member took.
type takenView struct {
	ID, Reward, Status string
	At, Slot, Until    calendar.Instant
	Prices             []text.Points
	Money, PaysOut     text.Money
	Account            string
	Codes              []codeView
	// QR is that of the redemption, for rewards that have no code of their own.
	QR template.HTML
	// Sends tells that it is sent, to Address, of which Lacks tells that something is
	// missing; empty once it is under way.
	Sends, Lacks bool
	Address      []string
	// Open tells that the member still gets it, and Picture is nil for none.
	Open    bool
	Picture *app.Picture
}

// vouchersData are the member's codes and what they took.
type vouchersData struct {
	// Prizes are those that wait to be claimed.
	Prizes      []prizeView
	Ready, Gone []codeView
	Taken       []takenView
}

// sends is the fulfilment of rewards that are sent.
const sends = "send"

// mostVouchers are listed.
const mostVouchers = 30

func (p *Portal) vouchers(c *page.Context) error {
	codes, _, err := p.app.Vouchers(c.Ctx(), c.Visitor.Member.String(), mostVouchers)
	if err != nil {
		return err
	}
	var d vouchersData
	if d.Prizes, err = p.prizes(c, true); err != nil {
		return err
	}
	for i := range codes {
		if v := p.codeView(c, &codes[i]); v.State == app.CodeUsable || v.State == app.CodeNotYet {
			d.Ready = append(d.Ready, v)
		} else {
			d.Gone = append(d.Gone, v)
		}
	}
	taken, _, err := p.app.Redemptions(c.Ctx(), c.Visitor.Member.String(), mostVouchers)
	if err != nil {
		return err
	}
	for i := range taken {
		d.Taken = append(d.Taken, p.takenView(c, &taken[i]))
	}
	return c.Page("vouchers", d)
}

func (p *Portal) codeView(c *page.Context, x *app.CodeState) codeView {
	v := codeView{Code: x.Code.Code, State: x.State, QR: barcode.QR(x.Code.Code)}
	v.Reward, v.Picture = p.nameAndPicture(c, x.RewardID)
	if x.Until != calendar.Never && x.Until != calendar.None {
		v.Until = x.Until - 1 // the last moment at which it is good
	}
	return v
}

// nameAndPicture are those of a reward in the member's language: its id and none where the
// program has it no more. A picture that can't be read is left out.
func (p *Portal) nameAndPicture(c *page.Context, id string) (string, *app.Picture) {
	rules := p.app.Program()
	if rules == nil {
		return id, nil
	}
	for _, r := range reward.Rewards(rules) {
		if r.Source.ID != id {
			continue
		}
		picture, err := p.app.RewardPicture(c.Ctx(), r.Source, c.Lang)
		if err != nil {
			p.app.Log.Error("the picture of a reward", "reward", id, "error", err)
		}
		return app.CalledIn(rules, r.Source.Name, c.Lang), picture
	}
	return id, nil
}

func (p *Portal) takenView(c *page.Context, r *app.Redemption) takenView {
	rules, names := p.app.Program(), p.app.Journal.Rules().Names
	out := takenView{
		ID: r.ID, Status: r.Status, At: r.At, Slot: r.Slot, Until: r.Until, Sends: p.app.Fulfils(r.Reward) == sends,
	}
	out.Reward, out.Picture = p.nameAndPicture(c, strings.TrimPrefix(names.Name(r.Reward), reward.Kind+"."))
	switch r.Status {
	case ledger.HeldRedemption.String(), ledger.Ordered.String(), "ready", ledger.HandedOver.String(), "sent":
		out.Open = true
	}
	for i := range r.Price {
		if w := rules.Wallet(r.Price[i].Wallet); w != nil {
			out.Prices = append(out.Prices, text.Points{Minor: r.Price[i].Amount, Scale: w.Unit.Scale, Forms: w.Forms})
		}
	}
	money := func(minor int64) text.Money {
		return text.Money{Minor: minor, Scale: rules.Currency.Scale, Currency: rules.Currency.Code}
	}
	out.Money, out.PaysOut = money(r.Money), money(r.PaysOut)
	return out
}

// voucher shows one reward that the member took, with its codes, big enough for a till.
func (p *Portal) voucher(c *page.Context) error {
	id := c.R.PathValue("redemption")
	r, err := p.app.Redemption(c.Ctx(), id)
	if app.AsProblem(err).Code == app.CodeUnknownRedemption {
		return page.ErrNotFound
	}
	if err != nil {
		return err
	}
	if owner, err := p.app.Find(c.Ctx(), r.Member.String()); err != nil || owner != c.Visitor.Member {
		return page.ErrNotFound // of somebody else, of which nothing is told
	}
	d := p.takenView(c, &r)
	codes, err := p.app.VouchersOf(c.Ctx(), id)
	if err != nil {
		return err
	}
	for i := range codes {
		d.Codes = append(d.Codes, p.codeView(c, &codes[i]))
	}
	if card, err := p.app.RewardCard(c.Ctx(), id); err == nil && card.Code != "" {
		d.Codes = append(d.Codes, codeView{Code: card.Code, Reward: d.Reward, State: app.CodeUsable, QR: barcode.QR(card.Code)})
	}
	if d.PaysOut.Minor != 0 {
		d.Account = p.app.MaskedAccount(c.Ctx(), &r)
	}
	switch {
	case d.Sends && (d.Status == ledger.Ordered.String() || d.Status == "ready"):
		m, err := p.member(c)
		if err != nil {
			return err
		}
		d.Address, d.Lacks = app.AddressLines(m.Profile), len(app.Lacks(m.Profile)) > 0
	case d.Sends: // nothing to show at a till
	case len(d.Codes) == 0 && d.Open:
		d.QR = barcode.QR(id)
	}
	return c.Page("voucher", d)
}
