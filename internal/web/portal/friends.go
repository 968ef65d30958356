package portal

import (
	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/text"
	"premia/internal/web/barcode"
	"premia/internal/web/page"

	"html/template"
)

func (p *Portal) friendRoutes() {
	p.area.Handle("GET /friends", page.Member, p.friends)
}

// friendView is what a member may know of somebody whom they brought.
type friendView struct {
	JoinedAt calendar.Instant
	Bought   bool
	Rewards  []text.Points
}

// friendsData is how a member brings others.
type friendsData struct {
	Active     bool
	Code, Link string
	QR         template.HTML
	Friends    []friendView
}

// linkOf is the link that brings friends of a member.
func linkOf(c *page.Context, r app.Referral) string {
	if r.Link != "" {
		return r.Link
	}
	return c.Origin() + "/join?ref=" + r.Code
}

// ownLink is the link of the member who looks; empty where there are no referrals.
func (p *Portal) ownLink(c *page.Context) (string, error) {
	r, err := p.app.Referral(c.Ctx(), c.Visitor.Member.String())
	if err != nil || !r.Active {
		return "", err
	}
	return linkOf(c, r), nil
}

func (p *Portal) friends(c *page.Context) error {
	r, err := p.app.Referral(c.Ctx(), c.Visitor.Member.String())
	if err != nil {
		return err
	}
	d := friendsData{Active: r.Active, Code: r.Code, Link: linkOf(c, r)}
	d.QR = barcode.QR(d.Link)
	rules := p.app.Program()
	for i := range r.Friends {
		f := &r.Friends[i]
		v := friendView{JoinedAt: f.JoinedAt, Bought: f.Bought}
		for _, got := range f.Rewards {
			if w := rules.Wallet(got.Wallet); w != nil && got.Amount > 0 && w.Gift == nil {
				v.Rewards = append(v.Rewards, text.Points{Minor: got.Amount, Scale: w.Unit.Scale, Forms: w.Forms})
			}
		}
		d.Friends = append(d.Friends, v)
	}
	return c.Page("friends", d)
}
