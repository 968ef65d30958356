package portal

import (
	"strings"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/web/page"
)

func (p *Portal) offerRoutes() {
	p.area.Handle("POST /offers/{offer}/activate", page.Member, func(c *page.Context) error { return p.offerStep(c, event.Activation, "portal.offer.activated") })
	p.area.Handle("POST /offers/{offer}/give-up", page.Member, func(c *page.Context) error { return p.offerStep(c, event.Deactivation, "portal.offer.given_up") })
	p.area.Handle("POST /choices/{choice}", page.Member, p.choose)
}

// offerView is an offer as it is for the member.
type offerView struct {
	ID, Name       string
	Terms, WhyNot  []string
	Active, CanAdd bool
	GiveUp         bool
	Until          calendar.Instant
}

// choiceView is what the member can choose for a period.
type choiceView struct {
	ID, Name, Chosen string
	Until            calendar.Instant
	Options          []optionView
}

// optionView is one of them.
type optionView struct{ ID, Name string }

// offers adds what is for this member alone.
func (p *Portal) offers(c *page.Context, d *rewardsData) error {
	all, err := p.app.Offers(c.Ctx(), c.Visitor.Member.String())
	if err != nil {
		return err
	}
	rules := p.app.Program()
	title := func(rule ledger.Name) string { return c.Say("page.value", "Value", rules.Rules[rule].Title) }
	for i := range all.Offers {
		d.Offers = append(d.Offers, p.offerView(c, &all.Offers[i], title))
	}
	for i := range all.Choices {
		x := &all.Choices[i]
		v := choiceView{ID: x.ID, Name: title(x.Rule), Until: x.Until - 1}
		for _, o := range x.Options {
			v.Options = append(v.Options, optionView{o.ID, title(o.Rule)})
			if o.ID == x.Chosen {
				v.Chosen = title(o.Rule)
			}
		}
		d.Choices = append(d.Choices, v)
	}
	return nil
}

func (p *Portal) offerView(c *page.Context, o *app.OfferOf, title func(ledger.Name) string) offerView {
	outcome := o.Why.Decision.Outcome
	v := offerView{ID: o.ID, Name: title(o.Rule), Active: outcome == engine.AlreadyActivated, CanAdd: outcome == engine.Applied}
	v.GiveUp = o.GiveUp && v.Active
	if !v.Active && !v.CanAdd && outcome != engine.AppliesByItself {
		v.WhyNot = p.app.WhyNot(&o.Why, c.Lang)
	}
	for _, m := range o.Terms {
		v.Terms = append(v.Terms, p.app.Words.Render(c.Lang, m))
	}
	if o.Until != calendar.Never {
		v.Until = o.Until - 1 // the last moment at which it is there
	}
	return v
}

// offerStep activates an offer, or gives it up.
func (p *Portal) offerStep(c *page.Context, kind, done string) error {
	return p.decide(c, &event.Event{Type: kind, Offer: c.R.PathValue("offer")}, done)
}

func (p *Portal) choose(c *page.Context) error {
	return p.decide(c, &event.Event{Type: event.Choice, Choosing: c.R.PathValue("choice"), Option: c.R.PostFormValue("option")}, "portal.choice.made")
}

// decide records what the member asks for on the page of rewards, and goes back there
// with what came of it.
func (p *Portal) decide(c *page.Context, e *event.Event, done string) error {
	f, err := c.ReadForm("event")
	if err != nil {
		return err
	}
	e.ID, e.Member, e.Channel = eventID(c, f.Get("event"))+"-"+e.Type+"-"+e.Offer+e.Choosing, c.Visitor.Member.String(), "portal"
	answer, err := p.app.Record(c.Ctx(), e)
	if err != nil {
		if !c.Refuse(f, err) {
			return err
		}
		c.Notify("danger", f.Problem)
		return c.Redirect("/rewards")
	}
	if !app.Applied(&answer) {
		c.Notify("danger", strings.Join(p.app.WhyNot(&answer, c.Lang), " "))
		return c.Redirect("/rewards")
	}
	return c.Done("/rewards", done)
}
