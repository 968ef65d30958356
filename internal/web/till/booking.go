package till

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"premia/internal/app"
	"premia/internal/core/event"
	"premia/internal/journal"
	"premia/internal/web/page"
)

// outcome is what a script hears of something that it sent to be booked.
type outcome struct {
	// State is booked, refused (decided, and nothing was given or taken), rejected (it
	// can't be booked so), absent (nothing is known of it), unknown, locked or no_till.
	State string `json:"state"`
	// To is the page that says more, and Words say why.
	To    string `json:"to,omitempty"`
	Words string `json:"words,omitempty"`
}

func asksByScript(c *page.Context) bool { return c.R.Header.Get("X-Till") != "" }

func answer(c *page.Context, status int, out outcome) error {
	c.W.Header().Set("Content-Type", "application/json")
	c.W.Header().Set("Cache-Control", "no-store")
	c.W.WriteHeader(status)
	return json.NewEncoder(c.W).Encode(out)
}

// drawn gives the id that a page drew for what it asks for; a new one where it has none.
func drawn(said string) string {
	if digits, ok := strings.CutPrefix(said, "evt_"); ok && len(digits) == 32 && strings.Trim(digits, "0123456789abcdef") == "" {
		return said
	}
	return app.NewEventID()
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
		// Something else was booked by the same page: that is what to look at.
		if asksByScript(r.Context) {
			return answer(r.Context, http.StatusConflict, outcome{State: "rejected", To: receiptPath(id), Words: r.Say("till.book.other")})
		}
		r.Notify("warning", r.Say("till.book.other"))
		return r.Redirect(receiptPath(id))
	case asksByScript(r.Context):
		return answer(r.Context, http.StatusUnprocessableEntity, outcome{State: "rejected", Words: r.Problem(err)})
	}
	return again(r.Problem(err))
}

func stateOf(a *journal.Answer) string {
	if a.Decision.Outcome.Refused() {
		return "refused"
	}
	return "booked"
}

// isBooked says whether something was booked, after a connection broke.
func (t *Till) isBooked(r *request) error {
	id := r.R.PathValue("event")
	found, err := t.app.Event(r.Ctx(), id)
	switch p := app.AsProblem(err); {
	case err == nil:
		return answer(r.Context, http.StatusOK, outcome{State: stateOf(&found), To: receiptPath(id)})
	case p.Code == app.CodeUnknownEvent:
		return answer(r.Context, http.StatusOK, outcome{State: "absent"})
	}
	return answer(r.Context, http.StatusServiceUnavailable, outcome{State: "unknown"})
}

// known goes on to the receipt of what was booked before by the same page.
func (t *Till) known(r *request, id string) (bool, error) {
	_, err := t.app.Event(r.Ctx(), id)
	if err != nil {
		if app.AsProblem(err).Code == app.CodeUnknownEvent {
			return false, nil
		}
		return false, err
	}
	r.Notify("warning", r.Say("till.book.before"))
	return true, r.Redirect(receiptPath(id))
}
