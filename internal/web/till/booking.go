package till

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"premia/internal/app"
	"premia/internal/core/event"
	"premia/internal/journal"
	"premia/internal/web/page"
)

// outcome is what a script hears of something that it sent to be booked.
type outcome struct {
	// State is booked, refused (decided, and nothing was given or taken), rejected (it
	// can't be booked so), absent (nothing is known of it), left (the cashier gave it up,
	// and it can't be booked any more), unknown, locked, unlocked or no_till.
	State string `json:"state"`
	// To is the page that says more, and Words say why. Undo is the page that undoes what
	// was booked; empty where nothing does.
	To    string `json:"to,omitempty"`
	Words string `json:"words,omitempty"`
	Undo  string `json:"undo,omitempty"`
}

func asksByScript(c *page.Context) bool { return c.R.Header.Get("X-Till") != "" }

func answer(c *page.Context, status int, out outcome) error {
	c.W.Header().Set("Content-Type", "application/json")
	c.W.Header().Set("Cache-Control", "no-store")
	c.W.WriteHeader(status)
	return json.NewEncoder(c.W).Encode(out)
}

func receiptPath(id string) string { return "/till/receipts/" + escaped(id) }

func escaped(part string) string { return url.PathEscape(part) }

// at says in an event where it happens.
func (r *request) at(e *event.Event) *event.Event {
	e.Channel, e.Store = channel, r.till.Store
	return e
}

// book sends an event that has a drawn id, and goes on to its receipt. Where it can't
// be booked, again shows the page once more with what is wrong.
func (t *Till) book(r *request, e *event.Event, again func(words string) error) error {
	id := e.ID // the event is the journal's from now on
	return t.booked(r, id, func(ctx context.Context) (journal.Answer, error) { return t.app.Record(ctx, e) }, again)
}

// booked does something under a drawn id. What was begun is ended even if the till hangs
// up meanwhile: it asks again.
func (t *Till) booked(r *request, id string, do func(context.Context) (journal.Answer, error), again func(words string) error) error {
	decided, err := do(context.WithoutCancel(r.Ctx()))
	switch p := app.AsProblem(err); {
	case err == nil && asksByScript(r.Context):
		return answer(r.Context, http.StatusOK, outcome{State: stateOf(&decided), To: receiptPath(id)})
	case err == nil:
		return r.Redirect(receiptPath(id))
	case p.Code == app.CodeInternal || p.Code == app.CodeUnavailable:
		if asksByScript(r.Context) {
			return answer(r.Context, http.StatusServiceUnavailable, outcome{State: "unknown"})
		}
		return err
	case p.Code == app.CodeIDReused:
		return t.reused(r, id)
	case asksByScript(r.Context):
		return answer(r.Context, http.StatusUnprocessableEntity, outcome{State: "rejected", Words: r.Problem(err)})
	}
	return again(r.Problem(err))
}

// reused answers where the same page booked something else before, or was left: that is
// what to look at.
func (t *Till) reused(r *request, id string) error {
	before, err := t.app.Event(r.Ctx(), id)
	switch {
	case err != nil:
		return err
	case app.Left(&before):
		return t.leftBefore(r)
	case asksByScript(r.Context):
		return answer(r.Context, http.StatusConflict, outcome{State: "rejected", To: receiptPath(id), Words: r.Say("till.book.other")})
	}
	r.Notify("warning", r.Say("till.book.other"))
	return r.Redirect(receiptPath(id))
}

// leftBefore says that what comes now was given up before.
func (t *Till) leftBefore(r *request) error {
	to := "/till"
	if member := r.R.PathValue("member"); member != "" {
		to = "/till/members/" + escaped(member)
	}
	if asksByScript(r.Context) {
		return answer(r.Context, http.StatusConflict, outcome{State: "left", To: to})
	}
	r.Notify("warning", r.Say("till.book.left.before"))
	return r.Redirect(to)
}

func stateOf(a *journal.Answer) string {
	switch {
	case app.Left(a):
		return "left"
	case a.Decision.Outcome.Refused():
		return "refused"
	}
	return "booked"
}

// isBooked says whether something was booked, after a connection broke.
func (t *Till) isBooked(r *request) error {
	id := r.R.PathValue("event")
	found, err := t.app.Event(r.Ctx(), id)
	if err == nil {
		err = t.finish(context.WithoutCancel(r.Ctx()), &found)
	}
	switch p := app.AsProblem(err); {
	case err == nil:
		return answer(r.Context, http.StatusOK, t.outcomeOf(&found))
	case p.Code == app.CodeUnknownEvent:
		return answer(r.Context, http.StatusOK, outcome{State: "absent"})
	}
	return answer(r.Context, http.StatusServiceUnavailable, outcome{State: "unknown"})
}

// outcomeOf says what a script hears of something that was booked, or left.
func (t *Till) outcomeOf(a *journal.Answer) outcome {
	out := outcome{State: stateOf(a)}
	if out.State != "left" {
		out.To, out.Undo = receiptPath(a.Event.ID), undoPath(a)
	}
	return out
}

// undoPath is the page that shows what undoing would take back, for what can be undone.
func undoPath(a *journal.Answer) string {
	if a.Member == 0 || a.Decision.Outcome.Refused() {
		return ""
	}
	switch a.Event.Type {
	case event.Purchase:
		return memberPath(a.Member) + "/return/" + escaped(a.Event.ID)
	case event.Redemption:
		return memberPath(a.Member) + "/taken/" + escaped(a.Event.ID)
	case event.Confirmation, event.Fulfilment:
		return memberPath(a.Member) + "/taken/" + escaped(a.Event.Redemption)
	}
	return ""
}

// leave gives up what a page was to book, wherever on its way it is: it can't arrive any
// more. What had arrived is said.
func (t *Till) leave(r *request) error {
	before, err := t.app.Leave(r.Ctx(), r.R.PathValue("event"))
	switch {
	case err != nil:
		return answer(r.Context, http.StatusServiceUnavailable, outcome{State: "unknown"})
	case before != nil:
		if err := t.finish(context.WithoutCancel(r.Ctx()), before); err != nil {
			return answer(r.Context, http.StatusServiceUnavailable, outcome{State: "unknown"})
		}
		return answer(r.Context, http.StatusOK, t.outcomeOf(before))
	}
	return answer(r.Context, http.StatusOK, outcome{State: "left"})
}

// finish does what of a booking a gift card has part in, where a broken connection or a
// server's end came between.
func (t *Till) finish(ctx context.Context, a *journal.Answer) error {
	if err := t.app.FinishCard(ctx, a); err != nil {
		return err
	}
	_, err := t.app.FinishReturn(ctx, a)
	return err
}

// known goes on to the receipt of what was booked before by the same page. A page that was
// left gets an id anew.
func (t *Till) known(r *request, f *page.Form) (bool, error) {
	id := f.Get("event")
	before, err := t.app.Event(r.Ctx(), id)
	switch {
	case err != nil && app.AsProblem(err).Code == app.CodeUnknownEvent:
		return false, nil
	case err != nil:
		return false, err
	case app.Left(&before):
		f.Values["event"] = app.NewEventID()
		return false, nil
	}
	r.Notify("warning", r.Say("till.book.before"))
	return true, r.Redirect(receiptPath(id))
}
