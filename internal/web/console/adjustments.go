package console

import (
	"strings"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/text"
	"premia/internal/web/page"
)

func (c *Console) adjustmentRoutes() {
	need := page.Need(auth.ApproveAdjustments)
	c.area.Handle("GET /console/adjustments", need, c.adjustments)
	c.area.Handle("POST /console/adjustments/approve", need, c.approve)
	c.area.Handle("POST /console/adjustments/reject", need, c.reject)
}

// waitingView is an adjustment that waits for a second person.
type waitingView struct {
	ID, Member, Name  string
	At                calendar.Instant
	Points            text.Points
	Taken             bool
	Reason, Reference string
	By                string
	// Own tells that the visitor made it, so that another person decides.
	Own bool
	// Event is the id of the answer, so that it is given once.
	Event string
}

// adjustments lists what waits for a second person.
func (c *Console) adjustments(r *page.Context) error {
	waiting, err := c.app.WaitingAdjustments(r.Ctx())
	if err != nil {
		return err
	}
	p := c.app.Program()
	var all []waitingView
	for i := range waiting {
		a := &waiting[i]
		w := p.WalletByID(a.Event.Wallet)
		if w == nil {
			continue // the program has the wallet no more, and nobody could approve it
		}
		v := waitingView{
			ID: a.Event.ID, Member: a.Member.String(), At: a.Decision.At, Points: w.Points(a.Event.Amount), Taken: a.Event.Amount < 0,
			Reason: a.Event.Reason, Reference: a.Event.Reference, Own: a.Event.By == r.Visitor.UserID, Event: app.NewEventID(),
		}
		if v.By, err = c.app.WhoActed(r.Ctx(), a.Event.By); err != nil {
			return err
		}
		found, err := c.app.SearchMembers(r.Ctx(), v.Member, 1)
		if err != nil {
			return err
		}
		for i := range found {
			v.Member, v.Name = found[i].ID.String(), found[i].Name()
		}
		all = append(all, v)
	}
	return r.Page("adjustments", all)
}

func (c *Console) approve(r *page.Context) error {
	return c.decide(r, event.Approval, "console.adjustments.approved")
}

func (c *Console) reject(r *page.Context) error {
	return c.decide(r, event.Rejection, "console.adjustments.rejected")
}

// decide answers an adjustment that waits. Whoever made it is refused by the rules.
func (c *Console) decide(r *page.Context, kind, said string) error {
	const to = "/console/adjustments"
	f, err := r.ReadForm("event", "about", "reason")
	if err != nil {
		return err
	}
	answer, err := c.app.Record(r.Ctx(), &event.Event{ID: f.Get("event"), Type: kind, About: f.Get("about"), Reason: strings.TrimSpace(f.Get("reason"))})
	if err != nil || !happened(&answer) {
		return c.failed(r, to, &answer, err)
	}
	return r.Done(to, said)
}
