package portal

import (
	"strings"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/mechanic/contest"
	"premia/internal/web/page"
)

func (p *Portal) prizeRoutes() {
	p.area.Handle("POST /contests/{contest}/claim", page.Member, p.claimPrize)
}

// prizeView is what a ticket of the member's has won.
type prizeView struct {
	Contest, Title, Prize, Ticket string
	// Waits tells that it can be claimed until the end of the day of Until, and Over that
	// it was not claimed in time; neither that it is the member's.
	Waits, Over bool
	Until, At   calendar.Instant
	// Event is the id that the form carries.
	Event string
}

// prizes are what the member won lately; with open only what can be claimed.
func (p *Portal) prizes(c *page.Context, open bool) ([]prizeView, error) {
	all, err := p.app.PrizesOf(c.Ctx(), c.Visitor.Member.String())
	if err != nil {
		return nil, err
	}
	var out []prizeView
	for i := range all {
		x := &all[i]
		v := prizeView{
			Contest: x.Contest, Title: c.Say("page.value", "Value", x.Title), Prize: c.Say("page.value", "Value", x.Prize), Ticket: x.Ticket,
			Waits: x.State == contest.Waits, Over: x.State == contest.Over, At: x.At,
		}
		if x.Until != calendar.None {
			v.Until = x.Until - 1 // the last moment at which it can be claimed
		}
		if v.Waits {
			v.Event = app.NewEventID()
		}
		if v.Waits || !open {
			out = append(out, v)
		}
	}
	return out, nil
}

// claimPrize claims all that the member won in a contest and has not claimed.
func (p *Portal) claimPrize(c *page.Context) error {
	f, err := c.ReadForm("event")
	if err != nil {
		return err
	}
	e := &event.Event{
		ID: eventID(c, f.Get("event")) + "-prize", Type: event.ContestClaim, Member: c.Visitor.Member.String(),
		Contest: c.R.PathValue("contest"), Channel: "portal",
	}
	answer, err := p.app.Record(c.Ctx(), e)
	if err != nil {
		if !c.Refuse(f, err) {
			return err
		}
		c.Notify("danger", f.Problem)
		return c.Redirect("/goals")
	}
	if !app.Applied(&answer) {
		c.Notify("danger", strings.Join(p.app.WhyNot(&answer, c.Lang), " "))
		return c.Redirect("/goals")
	}
	return c.Done("/goals", "portal.prize.claimed")
}
