package console

import (
	"net/http"
	"strconv"
	"strings"

	"premia/internal/app"
	"premia/internal/web/page"
)

// retentionPath is the page of the rules by which personal data is forgotten.
const retentionPath = "/console/retention"

func (c *Console) retentionRoutes(site *page.Site) {
	site.Nav(page.NavItem{Path: retentionPath, Label: "console.retention", Icon: "hourglass", Need: settingsWrite})
	c.area.Handle("GET "+retentionPath, settingsWrite, page.Proving(c.retention))
	c.area.Handle("POST "+retentionPath, settingsWrite, c.setRetention)
}

// retentionData is the rules and what they would forget now.
type retentionData struct {
	Form *page.Form
	app.RetentionPreview
	Known bool // whether it was counted
	Tried bool // whether it was counted of rules that are not kept
}

func (c *Console) retention(r *page.Context) error {
	rules, err := c.app.Retention(r.Ctx())
	if err != nil {
		return err
	}
	preview, err := c.app.PreviewRetention(r.Ctx(), rules)
	if err != nil {
		return err
	}
	f := page.NewForm("silent_months", strconv.Itoa(rules.SilentMonths), "message_days", strconv.Itoa(rules.MessageDays))
	return r.Page("retention", retentionData{Form: f, RetentionPreview: preview, Known: true})
}

// setRetention keeps the rules or, where that is asked for, only counts what they would
// forget.
func (c *Console) setRetention(r *page.Context) error {
	f, err := r.ReadForm("silent_months", "message_days", "try")
	if err != nil {
		return err
	}
	var rules app.Retention
	for _, field := range []struct {
		name string
		into *int
	}{{"silent_months", &rules.SilentMonths}, {"message_days", &rules.MessageDays}} {
		n, err := strconv.Atoi(strings.TrimSpace(f.Get(field.name)))
		if err != nil {
			n = -1
		}
		*field.into = n
	}
	preview, err := c.app.PreviewRetention(r.Ctx(), rules)
	if err == nil && f.Get("try") == "" {
		if err = c.app.SetRetention(r.Ctx(), rules); err == nil {
			return r.Done(retentionPath, "console.retention.saved")
		}
	}
	if err == nil {
		return r.Page("retention", retentionData{Form: f, RetentionPreview: preview, Known: true, Tried: true})
	}
	if app.AsProblem(err).Code == app.CodeProveAgain {
		return r.Prove()
	}
	if !r.Refuse(f, err) {
		return err
	}
	return r.PageStatus(http.StatusUnprocessableEntity, "retention", retentionData{Form: f})
}
