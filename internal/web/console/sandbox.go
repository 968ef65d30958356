package console

import (
	"net/http"
	"time"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/web/page"
)

func (c *Console) sandboxRoutes(site *page.Site) {
	need := page.Need(auth.SettingsWrite)
	site.Nav(page.NavItem{Path: "/console/sandbox", Label: "console.sandbox", Icon: "flask", Need: need, When: c.app.Sandbox})
	c.area.Handle("GET /console/sandbox", need, c.sandbox)
	c.area.Handle("POST /console/sandbox", need, c.moveClock)
}

// sandboxData is what the page of a sandbox shows.
type sandboxData struct {
	Now   calendar.Instant
	Form  *page.Form
	Steps []sandboxStep
}

// sandboxStep is a button that moves the clock on by a span.
type sandboxStep struct {
	Value, Label string
	span         calendar.Span
}

var sandboxSteps = []sandboxStep{
	{"day", "console.sandbox.day", calendar.Span{Days: 1}},
	{"week", "console.sandbox.week", calendar.Span{Days: 7}},
	{"month", "console.sandbox.month", calendar.Span{Months: 1}},
	{"year", "console.sandbox.year", calendar.Span{Years: 1}},
}

// moment is how a browser writes a day and a time.
const localMoment = "2006-01-02T15:04"

func (c *Console) sandbox(r *page.Context) error {
	if !c.app.Sandbox() {
		return page.ErrNotFound
	}
	return r.Page("sandbox", sandboxData{c.app.Journal.Now(), page.NewForm(), sandboxSteps})
}

func (c *Console) moveClock(r *page.Context) error {
	form, err := r.ReadForm("to")
	if err != nil {
		return err
	}
	now, zone := c.app.Journal.Now(), time.UTC
	if p := c.app.Program(); p != nil {
		zone = p.Zone
	}
	var to calendar.Instant
	for _, step := range sandboxSteps {
		if r.Form("by") == step.Value {
			to = calendar.Add(now, step.span, zone)
		}
	}
	if to == 0 {
		at, err := time.ParseInLocation(localMoment, form.Get("to"), zone)
		if err != nil {
			form.Wrong("to", r.Say("console.sandbox.bad_time"))
			return r.PageStatus(http.StatusUnprocessableEntity, "sandbox", sandboxData{now, form, sandboxSteps})
		}
		to = calendar.Of(at)
	}
	members, err := c.app.MoveClock(r.Ctx(), to)
	if err != nil {
		if r.Refuse(form, err) {
			return r.PageStatus(http.StatusUnprocessableEntity, "sandbox", sandboxData{now, form, sandboxSteps})
		}
		return err
	}
	return r.Done("/console/sandbox", "console.sandbox.moved", "Count", int64(members))
}
