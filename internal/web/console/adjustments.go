package console

import (
	"net/url"
	"slices"
	"strings"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/text"
	"premia/internal/journal"
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

// adjustmentsData is a page of what waits.
type adjustmentsData struct {
	Waiting []waitingView
	// Next is the address of those that came before; empty on the last page.
	Next string
}

// waitingShown is how many adjustments one page has.
const waitingShown = 50

// adjustments lists what waits for a second person, the latest first.
func (c *Console) adjustments(r *page.Context) error {
	waiting, err := c.app.WaitingAdjustments(r.Ctx())
	if err != nil {
		return err
	}
	p := c.app.Program()
	// What is of a wallet that the program has no more, nobody could approve.
	waiting = slices.DeleteFunc(waiting, func(a journal.Answer) bool { return p.WalletByID(a.Event.Wallet) == nil })
	var d adjustmentsData
	if at := slices.IndexFunc(waiting, func(a journal.Answer) bool { return a.Event.ID == r.Query().After }); at >= 0 {
		waiting = waiting[at+1:]
	}
	if len(waiting) > waitingShown {
		waiting = waiting[:waitingShown]
		d.Next = "/console/adjustments?after=" + url.QueryEscape(waiting[waitingShown-1].Event.ID)
	}
	for i := range waiting {
		a := &waiting[i]
		w := p.WalletByID(a.Event.Wallet)
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
		d.Waiting = append(d.Waiting, v)
	}
	return r.Page("adjustments", d)
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
