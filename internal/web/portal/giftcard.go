package portal

import (
	"net/http"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/text"
	"premia/internal/web/page"
)

func (p *Portal) giftCardRoutes() {
	p.area.Handle("GET /gift-card", page.Member, func(c *page.Context) error {
		return p.showGiftCard(c, http.StatusOK, giftCardData{Form: page.NewForm("code", "")})
	})
	p.area.Handle("POST /gift-card", page.Member, p.giftCard)
}

// giftCardData is what is on a gift card.
type giftCardData struct {
	Form *page.Form
	// Known tells that there is one with the code.
	Known  bool
	Title  string
	Status string
	Has    text.Points
	Held   text.Points
	Parts  []dated
}

func (p *Portal) giftCards() bool {
	rules := p.app.Program()
	return rules != nil && len(rules.GiftCards) > 0
}

func (p *Portal) showGiftCard(c *page.Context, status int, d giftCardData) error {
	if !p.giftCards() {
		return page.ErrNotFound
	}
	return c.PageStatus(status, "gift-card", d)
}

// giftCard shows what is on the gift card with a code. How often one may ask is bounded,
// so that nobody tries codes.
func (p *Portal) giftCard(c *page.Context) error {
	f, err := c.ReadForm("code")
	if err != nil {
		return err
	}
	d := giftCardData{Form: f}
	card, err := p.app.GiftCard(c.Ctx(), f.Get("code"))
	if err != nil {
		if !c.Refuse(f, err) {
			return err
		}
		return p.showGiftCard(c, page.StatusOf(app.AsProblem(err)), d)
	}
	if card.Wallet == nil {
		return page.ErrNotFound // of a program that is no more
	}
	d.Known, d.Status = true, card.Status
	if kind, err := p.app.GiftCardKind(card.Kind); err == nil {
		d.Title = c.Say("page.value", "Value", p.app.Program().Rules[kind.Rule].Title)
	}
	w := card.Wallet
	d.Has, d.Held = w.Points(card.Available), w.Points(card.Balance.Held)
	for i := range card.Lots {
		if l := &card.Lots[i]; l.Remaining > 0 && l.ExpiresAt != calendar.Never {
			d.Parts = append(d.Parts, dated{w.Points(l.Remaining), l.ExpiresAt - 1})
		}
	}
	return p.showGiftCard(c, http.StatusOK, d)
}
