package console

import (
	"errors"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/text"
	"premia/internal/web/barcode"
	"premia/internal/web/page"
	"premia/programs"
)

// setupPath is where the way to the first program begins.
const setupPath = "/console/setup"

// settingsWrite is what whoever sets the workspace up must be allowed.
const settingsWrite = page.Need(auth.SettingsWrite)

// setupSteps are the pages of the way in their order.
func setupSteps(s *app.Setup) []string {
	if s.InOtherMoney() {
		return []string{"program", "name", "amounts", "look", "check", "done"}
	}
	return []string{"program", "name", "look", "check", "done"}
}

func (c *Console) setupRoutes(site *page.Site) {
	c.area.Handle("GET "+setupPath, settingsWrite, c.setup)
	c.area.Handle("GET "+setupPath+"/program", settingsWrite, c.setupGallery)
	c.area.Handle("POST "+setupPath+"/program", settingsWrite, c.setupChoose)
	c.area.Handle("GET "+setupPath+"/name", settingsWrite, c.setupName)
	c.area.Handle("POST "+setupPath+"/name", settingsWrite, c.setupNamed)
	c.area.Handle("GET "+setupPath+"/amounts", settingsWrite, c.setupAmounts)
	c.area.Handle("POST "+setupPath+"/amounts", settingsWrite, c.setupPriced)
	c.area.Handle("GET "+setupPath+"/look", settingsWrite, c.setupLook)
	c.area.Upload("POST "+setupPath+"/look", settingsWrite, app.MaxLogo+page.MaxForm, c.setupLooked)
	c.area.Handle("GET "+setupPath+"/check", settingsWrite, c.setupCheck)
	c.area.Handle("POST "+setupPath+"/draft", programWrite, c.setupDraft)
	c.area.Handle("POST "+setupPath+"/publish", programPublish, c.setupPublish)
	c.area.Handle("GET "+setupPath+"/done", settingsWrite, func(r *page.Context) error { return c.setupDone(r, site) })
	c.area.Handle("GET /console/poster", page.Need(auth.HomeRead), c.poster)
}

// setsUp tells whether the visitor is one to lead through the set-up: there is no program,
// and they may make one.
func (c *Console) setsUp(r *page.Context) bool {
	return c.app.Program() == nil && r.Visitor.Meets(settingsWrite) && r.Visitor.Meets(programPublish)
}

// nextStep is the first page that was not answered.
func nextStep(s *app.Setup) string {
	switch {
	case s.Done:
		return "done"
	case s.Program == "":
		return "program"
	case !s.Named:
		return "name"
	case s.InOtherMoney() && !s.Priced:
		return "amounts"
	case !s.Looked:
		return "look"
	}
	return "check"
}

// setup goes on where somebody stopped.
func (c *Console) setup(r *page.Context) error {
	s, err := c.app.Setup(r.Ctx())
	if err != nil {
		return err
	}
	return r.Redirect(setupPath + "/" + nextStep(&s))
}

// setupStep is a page of the way, for its heading.
type setupStep struct {
	ID            string
	Now, Open     bool
	Number, Total int
}

// setupHead is what all pages of the way show.
type setupHead struct {
	Step  string
	Steps []setupStep
	Back  string
}

// at lets somebody look at a step if all before it were answered; others are sent to the
// step that comes next.
func (c *Console) at(r *page.Context, step string) (s app.Setup, h setupHead, on bool, err error) {
	if s, err = c.app.Setup(r.Ctx()); err != nil {
		return s, h, false, err
	}
	next, steps := nextStep(&s), setupSteps(&s)
	reached, here := slices.Index(steps, next), slices.Index(steps, step)
	if here < 0 || here > reached || s.Done && step != "done" {
		return s, h, false, r.Redirect(setupPath + "/" + next)
	}
	h.Step = step
	for i, id := range steps {
		h.Steps = append(h.Steps, setupStep{ID: id, Now: i == here, Open: i <= reached && i != here && !s.Done, Number: i + 1, Total: len(steps)})
	}
	if here > 0 {
		h.Back = setupPath + "/" + steps[here-1]
	}
	return s, h, true, nil
}

// galleryData is the page of ready programs.
type galleryData struct {
	setupHead
	Ready []galleryCard
}

// galleryCard is a ready program to choose.
type galleryCard struct {
	Name, Title string
	Icon        string
	Cost        text.Percent
	Chosen      bool
}

var galleryIcons = map[string]string{
	"cafe": "rubber-stamp", "online-shop": "shopping-cart", "fashion": "sparkles", "hotel": "building-store", "grocer": "basket",
	"pharmacy": "heart", "clubcard": "credit-card", "membership": "truck", "vip-club": "crown", "cashback-club": "cash",
}

func (c *Console) setupGallery(r *page.Context) error {
	s, h, on, err := c.at(r, "program")
	if !on || err != nil {
		return err
	}
	d := galleryData{setupHead: h}
	for _, one := range programs.Gallery() {
		ready, err := app.Ready(one.Name)
		if err != nil {
			return err
		}
		d.Ready = append(d.Ready, galleryCard{
			Name: one.Name, Title: app.Titled(ready, r.Lang), Icon: galleryIcons[one.Name], Cost: text.Percent(one.Cost),
			Chosen: one.Name == s.Program,
		})
	}
	return r.Page("setup_program", d)
}

func (c *Console) setupChoose(r *page.Context) error {
	if err := c.app.ChooseReady(r.Ctx(), r.Form("program")); err != nil {
		return c.setupOver(r, err)
	}
	return r.Redirect(setupPath + "/name")
}

// setupOver sends those on who come to a way that was gone already.
func (c *Console) setupOver(r *page.Context, err error) error {
	var p *app.Problem
	if errors.As(err, &p) && p.Code == app.CodeSetUp {
		return r.Redirect(setupPath + "/done")
	}
	return err
}

// checkData is what members will read before the program is published.
type checkData struct {
	setupHead
	First     *app.Owned
	Examples  examples
	Scenarios int
	Title     string
	Sections  []app.Section
	Languages []string
	Shown     string
	Palette   app.Palette
	MayDraft  bool
	MayFinish bool
}

func (c *Console) setupCheck(r *page.Context) error {
	_, h, on, err := c.at(r, "check")
	if !on || err != nil {
		return err
	}
	first, err := c.app.FirstProgram(r.Ctx())
	if err != nil {
		return err
	}
	look, err := c.app.Appearance(r.Ctx())
	if err != nil {
		return err
	}
	d := checkData{setupHead: h, First: first, Examples: examplesOf(r, first), Scenarios: first.Document.Scenarios(), Languages: first.Document.Program.Languages, Shown: r.Form("words"), Palette: look.Palette(),
		MayDraft: r.Visitor.Meets(programWrite), MayFinish: r.Visitor.Meets(programPublish)}
	if !slices.Contains(d.Languages, d.Shown) {
		d.Shown = d.Languages[0]
		if slices.Contains(d.Languages, r.Lang) {
			d.Shown = r.Lang
		}
	}
	d.Title = app.Titled(first.Document, d.Shown)
	d.Sections = c.app.DescribeProgram(first.Document.Program, d.Shown)
	return r.Page("setup_check", d)
}

func (c *Console) setupDraft(r *page.Context) error {
	_, _, on, err := c.at(r, "check")
	if !on || err != nil {
		return err
	}
	id, err := c.app.DraftOfSetup(r.Ctx())
	if err != nil {
		return err
	}
	return r.Done("/console/program/drafts/"+id+"/text", "console.setup.drafted")
}

func (c *Console) setupPublish(r *page.Context) error {
	_, _, on, err := c.at(r, "check")
	if !on || err != nil {
		return err
	}
	if _, err := c.app.FinishSetup(r.Ctx(), r.Say("console.setup.comment")); err != nil {
		return err
	}
	return r.Done(setupPath+"/done", "console.setup.published")
}

// doneData is what to do next.
type doneData struct {
	setupHead
	Name   string
	Portal string
	// Here tells that nobody but this machine can open the address, Mute that nothing
	// can be sent to members.
	Here, Mute bool
	Next       []nextThing
}

// nextThing is something to do once there is a program.
type nextThing struct{ ID, Path, Icon string }

func (c *Console) setupDone(r *page.Context, site *page.Site) error {
	_, h, on, err := c.at(r, "done")
	if !on || err != nil {
		return err
	}
	h.Back = ""
	d := doneData{setupHead: h, Name: c.app.Called(r.Ctx(), r.Lang), Portal: c.app.Link("/"), Here: c.app.OnlyHere(), Mute: !c.app.Reachable()}
	for _, next := range []nextThing{
		{"till", "/till", "barcode"}, {"portal", "/", "device-mobile"}, {"poster", "/console/poster", "qrcode"},
		{"invite", "/console/users/invite", "user-plus"}, {"key", "/console/keys/new", "key"}, {"program", programPath, "file-text"},
	} {
		if offered(site, next.Path, r.Visitor) {
			d.Next = append(d.Next, next)
		}
	}
	return r.Page("setup_done", d)
}

// offered tells whether the site has a page and the visitor may see it.
func offered(site *page.Site, path string, v page.Visitor) bool {
	for _, route := range site.Routes() {
		address, _ := strings.CutPrefix(route.Pattern, http.MethodGet+" ")
		if address == path || address == path+"{$}" {
			return v.Meets(route.Need)
		}
	}
	return false
}

// posterData is a sheet to print, by which customers come to the portal.
type posterData struct {
	Here        bool // only this machine can open the address
	Portal      string
	QR          template.HTML
	Theme, Logo string // addresses of the style sheet and, if there is one, of the logo
	Parts       []posterPart
}

// posterPart is what the poster says in a language: what the program is called, and in
// short what it brings.
type posterPart struct {
	Lang, Name, Words string
	Gains             []string
}

// posterGains are said in each language.
const posterGains = 3

func (c *Console) poster(r *page.Context) error {
	look, err := c.app.Appearance(r.Ctx())
	if err != nil {
		return err
	}
	d := posterData{Portal: c.app.Link("/"), Here: c.app.OnlyHere(), Theme: look.Address("theme.css")}
	d.QR = barcode.QR(d.Portal)
	if len(look.Logo) > 0 {
		d.Logo = look.Address("logo.png")
	}
	languages := []string{r.Lang}
	if p := c.app.Program(); p != nil {
		languages = p.Languages
	}
	for _, lang := range languages {
		part := posterPart{Lang: lang, Name: c.app.Called(r.Ctx(), lang), Words: c.app.Words.Render(lang, text.New("console.poster.words"))}
		sections, err := c.app.Describe(0, lang)
		if err != nil && c.app.Program() != nil {
			return err
		}
		for _, s := range app.Gains(app.StillSo(sections, c.app.Journal.Now())) {
			if len(part.Gains) < posterGains {
				part.Gains = append(part.Gains, strings.TrimSuffix(s.Heading+". "+s.Gist, ". "))
			}
		}
		d.Parts = append(d.Parts, part)
	}
	return r.Page("poster", d)
}
