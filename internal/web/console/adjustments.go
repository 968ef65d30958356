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

// adjustments lists what waits for a second person, the latest first.
func (c *Console) adjustments(r *page.Context) error {
	waiting, err := c.app.WaitingAdjustments(r.Ctx())
	if err != nil {
		return err
	}
	l := &page.List{ID: "adjustments", Path: "/console/adjustments", Query: r.Query(), Empty: r.Say("console.adjustments.none"), Columns: []page.Column{
		{ID: "member", Label: r.Say("console.list.member")},
		{ID: "amount", Label: r.Say("console.adjust.amount"), Sorted: true, Number: true},
		{ID: "by", Label: r.Say("console.entry.by"), Sorted: true, Filter: true},
		{ID: "at", Label: r.Say("console.adjustments.asked"), Sorted: true},
		{ID: "reason", Label: r.Say("console.list.why"), Sorted: true},
		{ID: "reference", Label: r.Say("console.entry.reference"), Sorted: true},
	}}
	p, names := c.app.Program(), map[string]string{}
	for i := range waiting {
		a := &waiting[i]
		w := p.WalletByID(a.Event.Wallet)
		if w == nil {
			continue // the program has the wallet no more, and nobody could approve it
		}
		by, known := names[a.Event.By]
		if !known {
			if by, err = c.app.WhoActed(r.Ctx(), a.Event.By); err != nil {
				return err
			}
			names[a.Event.By] = by
		}
		v := &waitingView{
			ID: a.Event.ID, Member: a.Member.String(), At: a.Decision.At, Points: w.Points(a.Event.Amount), Taken: a.Event.Amount < 0,
			Reason: a.Event.Reason, Reference: a.Event.Reference, By: by, Own: a.Event.By == r.Visitor.UserID,
		}
		amount := page.Cell{Text: r.Say("page.value", "Value", v.Points), Sort: a.Event.Amount}
		l.Rows = append(l.Rows, page.Row{View: v, Cells: []page.Cell{
			plainCell(v.Member), amount, plainCell(by), {At: v.At}, plainCell(v.Reason), plainCell(v.Reference),
		}})
	}
	if l.Arrange(); !l.Query.CSV {
		// Only of those that are shown it is looked up who they are, since thousands may wait.
		for i := range l.Rows {
			if err := c.whoWaits(r, l.Rows[i].View.(*waitingView)); err != nil {
				return err
			}
		}
	}
	return r.List("adjustments", l, l)
}

// whoWaits says whose an adjustment is, and prepares the answer to it.
func (c *Console) whoWaits(r *page.Context, v *waitingView) error {
	v.Event = app.NewEventID()
	found, err := c.app.SearchMembers(r.Ctx(), v.Member, 1)
	for i := range found {
		v.Member, v.Name = found[i].ID.String(), found[i].Name()
	}
	return err
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
