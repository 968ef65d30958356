package console

import (
	"net/http"
	"strconv"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/web/page"
)

func (c *Console) reviewRoutes() {
	c.area.Handle("GET /console/program/drafts/{draft}/review", programRead, c.review)
	c.area.Handle("POST /console/program/drafts/{draft}/cost", programRead, c.cost)
	c.area.Handle("POST /console/program/drafts/{draft}/publish", programPublish, c.publishDraft)
	c.area.Handle("POST /console/program/drafts/{draft}/request", programWrite, c.requestPublishing)
	c.area.Handle("POST /console/program/drafts/{draft}/back", programPublish, c.sendBack)
}

// reviewData is what is looked at before a draft is published.
type reviewData struct {
	draftData
	Form    *page.Form
	Changes []app.Changed
	Lines   []app.Line
	// Live is the version that the draft is compared with; 0 for none.
	Live int64
	// Moved tells that another version went live since the draft was begun.
	Moved bool
	// Members is how many members the change concerns.
	Members int64
	// More tells that they are more than were counted.
	More bool
	// Two tells that the workspace asks for a second person, and Mine that the visitor
	// can't be that one.
	Two, Mine  bool
	MayPublish bool
	// Failing is how many scenarios come out otherwise, and Bind tells that the workspace
	// lets nobody publish then.
	Failing int
	Bind    bool
	Zone    string
	// MayReplay tells that the draft can be replayed. Cost is what came of it, and
	// CostProblem what kept it from it.
	MayReplay   bool
	Cost        *costView
	CostProblem string
}

func (c *Console) review(r *page.Context) error {
	d, err := c.reviewed(r)
	if err != nil {
		return err
	}
	return r.Page("program_review", d)
}

func (c *Console) reviewed(r *page.Context) (reviewData, error) {
	d, err := c.draft(r, "review")
	if err != nil {
		return reviewData{}, err
	}
	out := reviewData{draftData: d, Form: page.NewForm("when", "now", "at", "", "comment", d.Comment), MayPublish: r.Visitor.Meets(programPublish), Zone: "UTC"}
	if d.LiveFrom != calendar.None && d.LiveFrom > c.app.Journal.Now() {
		out.Form.Values["when"] = "later"
		out.Form.Values["at"] = d.LiveFrom.In(c.zone()).Format(momentInput)
	}
	var before *engine.Program
	if p := c.app.Program(); p != nil {
		before, out.Live, out.Zone = p, int64(p.Version), p.Zone.String()
		live, err := c.app.Version(r.Ctx(), 0)
		if err != nil {
			return out, err
		}
		out.Lines = app.TextDifference(live.Document, d.Document)
	}
	out.MayReplay = c.costs.of != nil && before != nil && d.Reading.Program != nil
	out.Moved = open(&d.Draft) && d.Draft.Base != out.Live
	if d.Reading.Program != nil {
		out.Changes = c.app.Differences(before, d.Reading.Program, r.Lang)
	}
	if out.Members, _, err = c.app.Store.CountUpTo(r.Ctx(), mostCounted+1, 0); err != nil {
		return out, err
	}
	if out.Members > mostCounted {
		out.Members, out.More = mostCounted, true
	}
	settings, err := c.app.AccessSettings(r.Ctx())
	out.Two = settings.TwoPublish && out.Live > 0
	out.Failing, out.Bind = app.FailingScenarios(d.Reading.Failures), settings.ScenariosBind
	out.Mine = r.Visitor.UserID == d.Author || (out.Waiting() && r.Visitor.UserID == d.Requester)
	return out, err
}

// mostCounted is up to how many members are counted for whoever publishes.
const mostCounted = 100_000

// momentInput is how a browser writes a moment without a zone.
const momentInput = "2006-01-02T15:04"

// zone is the program's time zone.
func (c *Console) zone() *time.Location {
	if p := c.app.Program(); p != nil {
		return p.Zone
	}
	return time.UTC
}

// publishDraft publishes now or at a moment, as it was said on the page.
func (c *Console) publishDraft(r *page.Context) error {
	form, err := r.ReadForm("when", "at", "comment", "despite")
	if err != nil {
		return err
	}
	d, err := c.reviewed(r)
	if err != nil {
		return err
	}
	form.Values["when"] = r.R.PostFormValue("when")
	d.Form = form
	if d.Draft.Changed != seen(r) {
		form.Problem = r.Say("problem.draft_changed")
		return r.PageStatus(http.StatusUnprocessableEntity, "program_review", d)
	}
	if !d.Waiting() && !c.settle(r, &d) {
		return r.PageStatus(http.StatusUnprocessableEntity, "program_review", d)
	}
	despite, _ := strconv.Atoi(form.Get("despite"))
	p, err := c.app.PublishDraft(r.Ctx(), d.ID, despite)
	switch {
	case err != nil && d.Failing > 0 && despite != d.Failing && app.AsProblem(err).Code == app.CodeProgramInvalid:
		form.Wrong("despite", r.Say("console.program.review.despite_wrong"))
		return r.PageStatus(http.StatusUnprocessableEntity, "program_review", d)
	case err != nil && !r.Refuse(form, err):
		return err
	case err != nil:
		return r.PageStatus(http.StatusUnprocessableEntity, "program_review", d)
	case p.LiveFrom > c.app.Journal.Now():
		return r.Done(programPath, "console.program.scheduled", "Version", int64(p.Version))
	}
	return r.Done(programPath, "console.program.published", "Version", int64(p.Version))
}

// settle keeps the comment and the moment with the draft. It is false where something
// is wrong with them.
func (c *Console) settle(r *page.Context, d *reviewData) bool {
	from := calendar.None
	if d.Form.Get("when") == "later" {
		at, err := time.ParseInLocation(momentInput, d.Form.Get("at"), c.zone())
		from = calendar.Of(at)
		if err != nil || from <= c.app.Journal.Now() {
			d.Form.Wrong("at", r.Say("console.program.review.at_wrong"))
			return false
		}
	}
	saved, err := c.app.SaveDraft(r.Ctx(), d.ID, app.DraftChange{
		Title: d.Title, Document: d.Document, Comment: d.Form.Get("comment"), LiveFrom: from, Seen: d.Draft.Changed,
	})
	if err != nil {
		d.Form.Problem = r.Problem(err)
		return false
	}
	d.Draft = saved
	return true
}

// requestPublishing asks for a second person.
func (c *Console) requestPublishing(r *page.Context) error {
	form, err := r.ReadForm("when", "at", "comment")
	if err != nil {
		return err
	}
	d, err := c.reviewed(r)
	if err != nil {
		return err
	}
	d.Form = form
	ok := d.Draft.Changed == seen(r) && c.settle(r, &d)
	if ok {
		if err := c.app.RequestPublishing(r.Ctx(), d.ID); err == nil {
			return r.Done(programPath, "console.program.requested")
		} else if !r.Refuse(form, err) {
			return err
		}
	}
	return r.PageStatus(http.StatusUnprocessableEntity, "program_review", d)
}

// sendBack refuses to publish what somebody asked for, with a reason.
func (c *Console) sendBack(r *page.Context) error {
	if err := c.app.SendBack(r.Ctx(), r.R.PathValue("draft"), r.Form("reason")); err != nil {
		return err
	}
	return r.Done(programPath, "console.program.sent_back")
}

// versionData is what the page of a published version shows.
type versionData struct {
	app.Version
	Text    string
	Who     string
	Changes []app.Changed
	Lines   []app.Line
	// Live is the version in force; 0 if there is none.
	Live                 int64
	MayWrite, MayPublish bool
	Two                  bool
}

func (c *Console) version(r *page.Context) error {
	number, err := strconv.ParseInt(r.R.PathValue("version"), 10, 64)
	if err != nil || number <= 0 {
		return page.ErrNotFound
	}
	v, err := c.app.Version(r.Ctx(), number)
	if err != nil {
		return err
	}
	who, err := c.app.Publishers(r.Ctx())
	if err != nil {
		return err
	}
	settings, err := c.app.AccessSettings(r.Ctx())
	if err != nil {
		return err
	}
	d := versionData{
		Version: v, Text: string(v.Document), Who: who[number], Two: settings.TwoPublish,
		MayWrite: r.Visitor.Meets(programWrite), MayPublish: r.Visitor.Meets(page.Need(auth.ProgramPublish)),
	}
	if live, err := c.app.Version(r.Ctx(), 0); err == nil && !v.Live {
		d.Live = live.Version
		d.Lines = app.TextDifference(live.Document, v.Document)
		d.Changes = c.app.Differences(c.app.Program(), c.app.Read(v.Document).Program, r.Lang)
	}
	return r.Page("program_version", d)
}

// publishAgain rolls back to a version.
func (c *Console) publishAgain(r *page.Context) error {
	number, err := strconv.ParseInt(r.R.PathValue("version"), 10, 64)
	if err != nil || number <= 0 {
		return page.ErrNotFound
	}
	p, err := c.app.PublishAgain(r.Ctx(), number)
	if err != nil {
		return err
	}
	return r.Done(programPath, "console.program.rolled_back", "Old", number, "Version", int64(p.Version))
}
