package console

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/store"
	"premia/internal/web/page"
)

// What the pages of the program need.
const (
	programRead    = page.Need(auth.ProgramRead)
	programWrite   = page.Need(auth.ProgramWrite)
	programPublish = page.Need(auth.ProgramPublish)
)

// programPath is where the pages of the program begin.
const programPath = "/console/program"

// maxSent bounds a document as a form sends it: each byte may take three.
const maxSent = 3*app.MaxDocument + page.MaxForm

func (c *Console) programRoutes() {
	c.area.Handle("GET /console/program", programRead, c.program)
	c.area.Handle("GET /console/program/versions/{version}", programRead, c.version)
	c.area.Handle("POST /console/program/versions/{version}/again", programPublish, c.publishAgain)
	c.area.Handle("POST /console/program/drafts", programWrite, c.beginDraft)
	c.area.Handle("GET /console/program/drafts/{draft}", programRead, c.openDraft)
	c.area.Handle("POST /console/program/drafts/{draft}/discard", programWrite, c.discardDraft)
	c.area.Handle("POST /console/program/drafts/{draft}/restore", programWrite, c.restoreDraft)
	c.area.Handle("POST /console/program/drafts/{draft}/rename", programWrite, c.renameDraft)
	c.textRoutes()
	c.formRoutes()
	c.reviewRoutes()
	c.wishRoutes()
}

// programData is what the program's first page shows.
type programData struct {
	Live      *app.Version
	Scheduled []app.Version
	Drafts    []draftLine
	Gone      []draftLine
	Versions  *page.List
	Wishes    []wishCard
	MayWrite  bool
	Names     map[string]string
}

// draftLine is a draft in a list.
type draftLine struct {
	store.Draft
	Who     string
	Waiting bool
}

func (c *Console) program(r *page.Context) error {
	versions, err := c.app.Versions(r.Ctx())
	if err != nil {
		return err
	}
	who, err := c.app.Publishers(r.Ctx())
	if err != nil {
		return err
	}
	d := programData{MayWrite: r.Visitor.Meets(programWrite), Wishes: wishCards()}
	for i := range versions {
		switch {
		case versions[i].Live:
			d.Live = &versions[i]
		case versions[i].LiveFrom > c.app.Journal.Now():
			d.Scheduled = append(d.Scheduled, versions[i])
		}
	}
	if d.Drafts, err = c.drafts(r, c.app.Drafts); err != nil {
		return err
	}
	if d.Gone, err = c.drafts(r, c.app.DiscardedDrafts); err != nil {
		return err
	}
	d.Versions = versionList(r, versions, who, c.app.Journal.Now())
	return r.List("program", d.Versions, d)
}

// drafts lists drafts with the names of who changed them.
func (c *Console) drafts(r *page.Context, of func(context.Context) ([]store.Draft, error)) ([]draftLine, error) {
	drafts, err := of(r.Ctx())
	if err != nil {
		return nil, err
	}
	names, err := c.app.UserNames(r.Ctx())
	if err != nil {
		return nil, err
	}
	out := make([]draftLine, len(drafts))
	for i := range drafts {
		editor := cmp.Or(drafts[i].Editor, drafts[i].Author)
		out[i] = draftLine{drafts[i], cmp.Or(names[editor], editor), drafts[i].State == store.DraftRequested}
	}
	return out, nil
}

// versionList is the table of published versions, the newest first.
func versionList(r *page.Context, versions []app.Version, who map[int64]string, now calendar.Instant) *page.List {
	l := &page.List{
		ID: "versions", Path: programPath, Query: r.Query(), Search: r.Say("console.program.versions.search"), Empty: r.Say("console.program.versions.none"),
		Columns: []page.Column{
			{ID: "version", Label: r.Say("console.program.version"), Sorted: true},
			{ID: "state", Label: r.Say("console.program.state"), Sorted: true, Filter: true},
			{ID: "from", Label: r.Say("console.program.live_from"), Sorted: true},
			{ID: "who", Label: r.Say("console.program.who"), Sorted: true},
			{ID: "comment", Label: r.Say("console.program.comment"), Sorted: true},
		},
	}
	for _, v := range slices.Backward(versions) {
		state, colour := "past", "secondary"
		switch {
		case v.Live:
			state, colour = "live", "green"
		case v.LiveFrom > now:
			state, colour = "scheduled", "azure"
		}
		from := v.LiveFrom
		if from == calendar.Beginning {
			from = v.Published
		}
		l.Rows = append(l.Rows, page.Row{Cells: []page.Cell{
			{Text: strconv.FormatInt(v.Version, 10), Link: versionPath(v.Version), Sort: v.Version},
			{Text: r.Say("console.program.state." + state), Badge: colour},
			{At: from},
			{Text: cmp.Or(who[v.Version], r.Say("console.program.nobody"))},
			{Text: v.Comment},
		}})
	}
	l.Arrange()
	return l
}

func versionPath(version int64) string {
	return programPath + "/versions/" + strconv.FormatInt(version, 10)
}

func draftPath(id string) string { return programPath + "/drafts/" + url.PathEscape(id) }

// beginDraft begins a draft from a version, and opens it as forms or as text.
func (c *Console) beginDraft(r *page.Context) error {
	version, _ := strconv.ParseInt(r.Form("version"), 10, 64)
	v, err := c.app.Version(r.Ctx(), version)
	if err != nil {
		return err
	}
	title := r.Form("title")
	if title == "" {
		title = r.Say("console.program.draft.of", "Version", v.Version)
	}
	d, err := c.app.SaveDraft(r.Ctx(), "", app.DraftChange{Title: title, Document: v.Document})
	if err != nil {
		return err
	}
	view := "/form"
	if r.Form("as") == "text" {
		view = "/text"
	}
	if at := r.Form("at"); at != "" && view == "/form" {
		view += "?at=" + url.QueryEscape(at)
	}
	return r.Redirect(draftPath(d.ID) + view)
}

func (c *Console) openDraft(r *page.Context) error {
	return r.Redirect(draftPath(r.R.PathValue("draft")) + "/form")
}

func (c *Console) discardDraft(r *page.Context) error {
	if err := c.app.DiscardDraft(r.Ctx(), r.R.PathValue("draft")); err != nil {
		return err
	}
	return r.Done(programPath, "console.program.draft.discarded")
}

func (c *Console) restoreDraft(r *page.Context) error {
	if err := c.app.RestoreDraft(r.Ctx(), r.R.PathValue("draft")); err != nil {
		return err
	}
	return r.Done(programPath, "console.program.draft.restored")
}

// renameDraft gives a draft another title, and leaves all else of it as it is.
func (c *Console) renameDraft(r *page.Context) error {
	if err := c.app.RenameDraft(r.Ctx(), r.R.PathValue("draft"), r.Form("title")); err != nil {
		return refuse(r, programPath, err)
	}
	return r.Done(programPath, "console.program.draft.renamed")
}

// draftData is what every page of a draft shows.
type draftData struct {
	store.Draft
	Tab      string
	Base     string // path
	MayWrite bool
	Who      string
	Reading  app.Reading
	Problem  string
}

// draft opens a draft for one of its pages.
func (c *Console) draft(r *page.Context, tab string) (draftData, error) {
	d, err := c.app.Draft(r.Ctx(), r.R.PathValue("draft"))
	if err != nil {
		return draftData{}, err
	}
	names, err := c.app.UserNames(r.Ctx())
	if err != nil {
		return draftData{}, err
	}
	editor := cmp.Or(d.Editor, d.Author)
	return draftData{
		Draft: d, Tab: tab, Base: draftPath(d.ID), Who: cmp.Or(names[editor], editor), Reading: c.app.Read(d.Document),
		MayWrite: r.Visitor.Meets(programWrite) && open(&d),
	}, nil
}

func open(d *store.Draft) bool { return d.State == store.DraftOpen || d.State == store.DraftRequested }

// Seen is the draft's last change as forms send it back.
func (d draftData) Seen() string { return strconv.FormatInt(int64(d.Changed), 10) }

// Waiting tells that the draft waits for a second person.
func (d draftData) Waiting() bool { return d.State == store.DraftRequested }

// seen reads which change of a draft a form was drawn from; without it, none, so
// that nothing is written over.
func seen(r *page.Context) calendar.Instant {
	at, err := strconv.ParseInt(r.Form("seen"), 10, 64)
	if err != nil || at <= 0 {
		return 1
	}
	return calendar.Instant(at)
}

// keep saves a draft's document as a form changed it.
func (c *Console) keep(r *page.Context, d *store.Draft, document []byte) error {
	saved, err := c.app.SaveDraft(r.Ctx(), d.ID, app.DraftChange{
		Title: d.Title, Comment: d.Comment, LiveFrom: d.LiveFrom, Document: document, Seen: seen(r),
	})
	if err == nil {
		*d = saved
	}
	return err
}
