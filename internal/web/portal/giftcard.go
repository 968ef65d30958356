package portal

import (
	"net/http"
	"strings"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/money"
	"premia/internal/core/text"
	"premia/internal/web/page"
)

func (p *Portal) giftCardRoutes() {
	p.area.Handle("GET /gift-card", page.Member, func(c *page.Context) error {
		return p.showGiftCard(c, http.StatusOK, giftCardData{Form: page.NewForm("code", "")})
	})
	p.area.Handle("POST /gift-card", page.Member, p.giftCard)
	p.area.Handle("POST /gift-card/add", page.Member, p.addGiftCard)
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
	// Becomes is what it is on the member's balance; nothing where it can only be paid with.
	Becomes text.Points
	// Amount is what is on it, as the form has it, and Event the id of its being added.
	Amount, Event string
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
	return p.lookAt(c, http.StatusOK, f)
}

// lookAt shows what is on the card whose code a form has.
func (p *Portal) lookAt(c *page.Context, status int, f *page.Form) error {
	d := giftCardData{Form: f}
	card, err := p.app.GiftCard(c.Ctx(), f.Get("code"))
	if err != nil {
		return p.noGiftCard(c, f, err)
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
	if card.Into != nil && card.Status == "active" && card.Available > 0 {
		d.Becomes = card.Into.Points(card.Available * card.Times)
		d.Amount, d.Event = money.Format(card.Available, w.Unit.Scale), app.NewEventID()
	}
	for i := range card.Lots {
		if l := &card.Lots[i]; l.Remaining > 0 && l.ExpiresAt != calendar.Never {
			d.Parts = append(d.Parts, dated{w.Points(l.Remaining), l.ExpiresAt - 1})
		}
	}
	return p.showGiftCard(c, status, d)
}

// noGiftCard says at the code what is wrong with it.
func (p *Portal) noGiftCard(c *page.Context, f *page.Form, err error) error {
	if !c.Refuse(f, err) {
		return err
	}
	return p.showGiftCard(c, page.StatusOf(app.AsProblem(err)), giftCardData{Form: f})
}

// addGiftCard puts what is on a gift card on the member's balance, once for the id that
// the page drew: as much as it said, or nothing.
func (p *Portal) addGiftCard(c *page.Context) error {
	f, err := c.ReadForm("code", "amount", "event")
	if err != nil {
		return err
	}
	w, err := p.app.CardWallet("")
	if err != nil {
		return page.ErrNotFound
	}
	amount, err := page.AmountOf(f.Get("amount"), w.Unit.Scale)
	if err != nil {
		return p.lookAt(c, http.StatusUnprocessableEntity, f)
	}
	_, answer, err := p.app.MoveCard(c.Ctx(), f.Get("code"), &app.NewMove{EventID: app.DrawnEventID(f.Get("event")), Amount: amount, To: c.Visitor.Member.String()})
	if err != nil {
		return p.noGiftCard(c, f, err)
	}
	if !app.Applied(&answer) {
		f.Problem = strings.Join(p.app.WhyNot(&answer, c.Lang), " ")
		return p.lookAt(c, http.StatusUnprocessableEntity, f)
	}
	return c.Done("/", "portal.gift_card.added")
}
