package console

import (
	"encoding/json"
	"net/http"
	"strings"

	"premia/internal/app"
	"premia/internal/core/document"
	"premia/internal/core/program"
	"premia/internal/web/docform"
	"premia/internal/web/page"
)

func (c *Console) textRoutes() {
	c.area.Handle("GET /console/program/drafts/{draft}/text", programRead, c.draftText)
	c.area.Upload("POST /console/program/drafts/{draft}/text", programWrite, maxSent, c.saveText)
	c.area.Upload("POST /console/program/drafts/{draft}/check", programWrite, maxSent, c.checkText)
	c.area.Upload("POST /console/program/complete", programWrite, maxSent, c.complete)
	c.area.Handle("GET /console/program/drafts/{draft}/scenarios", programRead, c.scenarios)
	c.area.Handle("GET /console/program/drafts/{draft}/words", programRead, c.inWords)
}

// textData is what the page of a draft's text shows.
type textData struct {
	draftData
	Text string
	// Conflict tells that somebody else changed the draft meanwhile.
	Conflict bool
}

func (c *Console) draftText(r *page.Context) error {
	d, err := c.draft(r, "text")
	if err != nil {
		return err
	}
	return r.Page("program_text", textData{draftData: d, Text: string(d.Document)})
}

// typed gives the document that was typed, with line feeds as documents have them.
func typed(r *page.Context) []byte {
	return []byte(strings.ReplaceAll(r.R.PostFormValue("document"), "\r\n", "\n"))
}

// write saves what was typed. The problem is set where it was refused.
func (c *Console) write(r *page.Context) (textData, error) {
	if err := r.R.ParseForm(); err != nil {
		return textData{}, err
	}
	d, err := c.draft(r, "text")
	if err != nil {
		return textData{}, err
	}
	text := typed(r)
	out := textData{draftData: d, Text: string(text)}
	if r.Form("as_new") != "" {
		return out, c.keepAsNew(r, &out, text)
	}
	if err := c.keep(r, &out.Draft, text); err != nil {
		p := app.AsProblem(err)
		if p.Code == app.CodeInternal || p.Code == app.CodeUnavailable {
			return out, err
		}
		out.Problem, out.Conflict = r.Problem(err), p.Code == app.CodeDraftChanged
	}
	out.Reading = c.app.Read(text)
	return out, nil
}

// keepAsNew saves what was typed as a draft of its own.
func (c *Console) keepAsNew(r *page.Context, out *textData, text []byte) error {
	d, err := c.app.SaveDraft(r.Ctx(), "", app.DraftChange{Title: out.Title, Document: text})
	out.Draft, out.Base = d, draftPath(d.ID)
	return err
}

// saveText saves the text without a script's help.
func (c *Console) saveText(r *page.Context) error {
	d, err := c.write(r)
	switch {
	case err != nil:
		return err
	case d.Problem != "":
		return r.PageStatus(http.StatusUnprocessableEntity, "program_text", d)
	}
	return r.Done(d.Base+"/text", "console.program.saved")
}

// checkText saves the text while it is typed, and says what is wrong with it.
func (c *Console) checkText(r *page.Context) error {
	d, err := c.write(r)
	if err != nil {
		return err
	}
	if !d.Conflict {
		r.W.Header().Set("X-Seen", d.Seen())
	}
	return r.Part("program_text", "checked", d)
}

// suggestion is one way to go on, as the page's script reads it.
type suggestion struct {
	Text string `json:"text"`
	Help string `json:"help,omitempty"`
}

// complete answers what may follow the text before the cursor.
func (c *Console) complete(r *page.Context) error {
	if err := r.R.ParseForm(); err != nil {
		return err
	}
	o, err := c.app.Outline()
	if err != nil {
		return err
	}
	before := strings.ReplaceAll(r.R.PostFormValue("before"), "\r\n", "\n")
	var s *document.Source
	if whole, err := document.Parse("program", typed(r)); err == nil {
		s = whole
	} else if p := c.live(r); p != nil {
		s = p
	}
	got := o.Complete(before, func(path string, key bool) []string { return program.NamesAt(s, path, key) })
	out := struct {
		Word  string       `json:"word"`
		Items []suggestion `json:"items"`
	}{got.Word, []suggestion{}}
	for _, item := range got.Items {
		if id := docform.HelpID(item.Help); item.Help != "" && c.app.Words.Has(r.Lang, id) {
			item.Help = r.Say(id)
		}
		out.Items = append(out.Items, suggestion(item))
	}
	r.W.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(r.W).Encode(out)
}

// live is the form of the program in force; nil if there is none.
func (c *Console) live(r *page.Context) *document.Source {
	v, err := c.app.Version(r.Ctx(), 0)
	if err != nil {
		return nil
	}
	s, err := document.Parse("program", v.Document)
	if err != nil {
		return nil
	}
	return s
}

// scenarios shows what the draft's scenarios come to.
func (c *Console) scenarios(r *page.Context) error {
	d, err := c.draft(r, "scenarios")
	if err != nil {
		return err
	}
	return r.Page("program_scenarios", d)
}

// wordsData is what the page of a draft in words shows.
type wordsData struct {
	draftData
	In       string
	Sections []app.Section
}

// inWords says the draft's rules in a language that its members read.
func (c *Console) inWords(r *page.Context) error {
	d, err := c.draft(r, "words")
	if err != nil {
		return err
	}
	out := wordsData{draftData: d, In: r.Lang}
	for _, lang := range document.Languages() {
		if r.Form("in") == lang {
			out.In = lang
		}
	}
	if p := d.Reading.Program; p != nil {
		out.Sections = c.app.DescribeProgram(p, out.In)
	}
	return r.Page("program_words", out)
}
