package console

import (
	"errors"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/store"
	"premia/internal/web/page"
)

const (
	// mostImported is how many bytes a file of codes may have that a browser sends; larger
	// ones are for the command line.
	mostImported = 16 << 20
	// mostRejects is how many lines are shown that can't be imported.
	mostRejects = 200
)

// importData is the page on which a file of codes is imported, with the lines that can't
// be.
type importData struct {
	Title   string
	Form    *formCard
	Rejects []rejectLine
	// More is how many lines there are beside those.
	More int64
}

type rejectLine struct {
	Line      int64
	Code, Why string
}

// importForm is the form of a file of codes.
func (c *Console) importForm(r *page.Context, form *page.Form) importData {
	f := c.codesForm(r, form)
	f.Path, f.Submit, f.Upload = codesPath+"/import", r.Say("console.codes.import.do"), true
	fields := f.Fields
	f.Fields = nil
	if form.Get("batch") == "" || form.Get("name") != "" { // an import that was stopped has its name
		f.Fields = append(f.Fields, fields[0])
	}
	f.Fields = append(f.Fields, fields[1],
		field{Name: "file", Label: r.Say("console.codes.import.file"), Type: "file", Accept: ".csv,text/csv", Required: true, Hint: r.Say("console.codes.import.hint")},
		fields[3], fields[5])
	return importData{Title: r.Say("console.codes.import"), Form: f}
}

// newImport begins an import, or goes on with one that was stopped half-way.
func (c *Console) newImport(r *page.Context) error {
	if p := c.app.Program(); p == nil || len(withCodes(p)) == 0 {
		return c.noCodes(r, r.Say("console.codes.import"))
	}
	form := page.NewForm("batch", "", "name", "", "reward", r.Form("reward"), "uses", "1", "until", "")
	if id := r.Form("batch"); id != "" {
		b, err := c.app.CodeBatch(r.Ctx(), id)
		if err != nil {
			return err
		}
		form = page.NewForm("batch", b.ID, "name", "", "reward", c.app.RewardID(b.Reward), "uses", strconv.FormatInt(b.Uses, 10), "until", "")
		if b.Until != calendar.Never {
			form.Values["until"] = c.app.LocalDay(b.Until)
		}
	}
	return r.Page("codes_import", c.importForm(r, form))
}

// importCodes makes a batch of the codes of a file: of all of them, or of none, with what
// is wrong with which line.
func (c *Console) importCodes(r *page.Context) error {
	file, _, err := r.R.FormFile("file")
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		// What was typed beside the file is behind it, and not read.
		d := c.importForm(r, page.NewForm("batch", "", "name", "", "reward", "", "uses", "1", "until", ""))
		d.Form.Form.Wrong("file", r.Say("console.codes.import.large", "Most", int64(mostImported>>20)))
		return r.PageStatus(http.StatusRequestEntityTooLarge, "codes_import", d)
	}
	form := page.NewForm()
	for _, name := range []string{"batch", "name", "reward", "uses", "until"} {
		form.Values[name] = r.R.PostFormValue(name)
	}
	form.Values["file"] = ""
	d := c.importForm(r, form)
	if err != nil {
		form.Wrong("file", r.Say("console.codes.import.missing"))
		return r.PageStatus(http.StatusUnprocessableEntity, "codes_import", d)
	}
	defer file.Close()
	id := c.batchNamed(r, form)
	if !form.OK() {
		return r.PageStatus(http.StatusUnprocessableEntity, "codes_import", d)
	}
	known, err := c.app.CodeBatch(r.Ctx(), id)
	if err != nil && app.AsProblem(err).Code != app.CodeUnknownBatch {
		return err
	}
	again := err == nil && known.Finished != calendar.None
	b, err := c.imported(r, &d, id, form, file)
	if err != nil && !c.refuseCodes(r, form, err) {
		return err
	}
	if err != nil || !form.OK() {
		return r.PageStatus(http.StatusUnprocessableEntity, "codes_import", d)
	}
	to := codesPath + "/" + url.PathEscape(b.ID)
	if again { // the same file was sent twice
		return r.Redirect(to)
	}
	return r.Done(to, "console.codes.import.done", "Number", b.Made)
}

func (c *Console) imported(r *page.Context, d *importData, id string, form *page.Form, file multipart.File) (b store.CodeBatch, err error) {
	n := app.NewCodes{ID: id, Reward: form.Get("reward"), Uses: wholeNumber(form.Get("uses")), From: calendar.Beginning, Until: calendar.Never}
	if written := form.Get("until"); written != "" {
		if n.Until, err = c.app.Moment(written); err != nil {
			form.Wrong("until", r.Problem(err))
			return b, nil
		}
	}
	if n.ID == "" {
		n.ID = strings.TrimPrefix(app.NewEventID(), "evt_")
		form.Values["batch"] = n.ID
	}
	return c.app.ImportCodes(r.Ctx(), n, file, func(x app.CodeReject) error {
		if len(d.Rejects) == mostRejects {
			d.More++
			return nil
		}
		d.Rejects = append(d.Rejects, rejectLine{int64(x.Line), x.Code, c.app.Words.Render(r.Lang, x.Why)})
		return nil
	})
}
