package portal

import (
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

func (p *Portal) friends(c *page.Context) error {
	r, err := p.app.Referral(c.Ctx(), c.Visitor.Member.String())
	if err != nil {
		return err
	}
	d := friendsData{Active: r.Active, Code: r.Code, Link: r.Link}
	if d.Link == "" {
		d.Link = c.Origin() + "/join?ref=" + r.Code
	}
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
