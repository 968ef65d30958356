package till

import (
	"net/http"
	"strings"

	"premia/internal/app"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/web/page"
)

func (t *Till) refundRoutes() {
	t.handle("GET /till/members/{member}/taken/{redemption}/back", t.refundForm)
	t.handle("POST /till/members/{member}/taken/{redemption}/back", t.refund)
}

// refundData is a reward that is given back, with what that would bring.
type refundData struct {
	Shell
	Member memberView
	Taken  *takenView
	Form   *page.Form
	// Restored comes back to the member, and Took is taken back of what the reward gave.
	Restored, Took []text.Points
	// WhyNot says why it can't be given back.
	WhyNot []string
}

func (t *Till) refundForm(r *request) error {
	return t.showRefund(r, http.StatusOK, page.NewForm("event", app.NewEventID()))
}

// refundOf makes the event by which a reward is given back.
func (t *Till) refundOf(r *request, id string) *event.Event {
	return r.at(&event.Event{ID: id, Type: event.Refund, Member: r.R.PathValue("member"), Redemption: r.R.PathValue("redemption")})
}

// showRefund shows what giving a reward back would bring, before it is booked.
func (t *Till) showRefund(r *request, status int, f *page.Form) error {
	m, v, err := t.takenHere(r)
	if err != nil {
		return err
	}
	d := refundData{Shell: r.shell(), Member: m, Taken: v, Form: f}
	e := t.refundOf(r, f.Get("event"))
	q, _, err := t.app.Quote(r.Ctx(), e)
	switch p := app.AsProblem(err); {
	case err != nil && (p.Code == app.CodeInternal || p.Code == app.CodeUnavailable):
		return err
	case err != nil:
		d.WhyNot = []string{r.Problem(err)}
	case q.Decision.Outcome.Refused():
		d.WhyNot = t.why(r, &journal.Answer{Decision: q.Decision, Event: e})
	default:
		d.Restored, d.Took = summed(q.Program, q.Decision, engine.Restored), summed(q.Program, q.Decision, engine.TookBack)
	}
	return r.PageStatus(status, "refund", d)
}

// refund gives a reward back, once for the id that its page drew.
func (t *Till) refund(r *request) error {
	f, err := r.ReadForm("event")
	if err != nil {
		return err
	}
	f.Values["event"] = app.DrawnEventID(f.Get("event"))
	return t.book(r, t.refundOf(r, f.Get("event")), func(words string) error {
		f.Problem = strings.TrimSpace(words)
		return t.showRefund(r, http.StatusUnprocessableEntity, f)
	})
}
