package console

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"premia/internal/app"
	"premia/internal/core/condition"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/program"
	"premia/internal/web/docform"
	"premia/internal/web/page"
)

func (c *Console) formRoutes() {
	c.area.Handle("GET /console/program/drafts/{draft}/form", programRead, c.form)
	c.area.Handle("GET /console/program/drafts/{draft}/new", programRead, c.newPart)
	c.area.Handle("POST /console/program/drafts/{draft}/form", programWrite, c.saveForm)
	c.area.Handle("POST /console/program/drafts/{draft}/part", programWrite, c.changePart)
}

// formData is what a sheet of a draft's forms shows.
type formData struct {
	draftData
	Sheet *docform.Sheet
	// Unreadable tells that the text is not YAML, so that no form can be made of it.
	Unreadable bool
	say        func(id string, namesAndValues ...any) string
	has        func(id string) bool
	readable   map[bool][]condition.Readable
	words      func(condition.FieldID) string
	// owners are names of the document's own parts by their ids.
	owners map[string]string
}

// Label names a key of the document in words.
func (d formData) Label(key string) string {
	if id := "document.key." + strings.ReplaceAll(key, " ", "_"); d.has(id) {
		return d.say(id)
	}
	return key
}

// Word names a word that the document may say.
func (d formData) Word(word string) string {
	if id := "document.choice." + strings.NewReplacer(" ", "_", "-", "_").Replace(word); d.has(id) {
		return d.say(id)
	}
	return word
}

// Help says a key's help in words.
func (d formData) Help(help string) string {
	if id := docform.HelpID(help); d.has(id) {
		return d.say(id)
	}
	return help
}

// Link is the address of a sheet.
func (d formData) Link(path string) string {
	if path == "" {
		return d.Base + "/form"
	}
	return d.Base + "/form?at=" + url.QueryEscape(path)
}

// Used are the lists, mappings and groups below the sheet's own fields; those of the
// whole document that say nothing yet are Unused.
func (d formData) Used() []*docform.Field { return d.below(true) }

// Unused are what the whole document could say, too.
func (d formData) Unused() []*docform.Field { return d.below(false) }

func (d formData) below(used bool) (out []*docform.Field) {
	for _, f := range d.Sheet.Fields {
		if f.Kind != docform.Parts && f.Kind != docform.Deeper {
			continue
		}
		if (d.Sheet.Path != "" || f.Said) == used {
			out = append(out, f)
		}
	}
	// Examples are many, and few people come for them.
	slices.SortStableFunc(out, func(a, b *docform.Field) int {
		return cmp.Compare(lastOf(a.Path), lastOf(b.Path))
	})
	return out
}

func lastOf(path string) int {
	if path == scenariosKey {
		return 1
	}
	return 0
}

// scenariosKey is the document's key of examples.
const scenariosKey = "scenarios"

// Above is the sheet that the sheet's place is part of.
func (d formData) Above() string {
	parent, _ := document.Parent(d.Sheet.Path)
	return parent
}

// Renamed tells whether the sheet's place has a key that the document chose.
func (d formData) Renamed() bool {
	_, key := document.Parent(d.Sheet.Path)
	return key != "" && d.Sheet.Exists && d.Sheet.Crumbs[len(d.Sheet.Crumbs)-1].Own
}

// Key is the key of the sheet's place.
func (d formData) Key() string {
	_, key := document.Parent(d.Sheet.Path)
	return key
}

// Operators are the ways to compare.
func (d formData) Operators() []string { return condition.Operators() }

// OperatorWords says a way to compare.
func (d formData) OperatorWords(operator string) string {
	return d.say("console.condition." + operatorNames[operator])
}

// operatorNames are the operators as the ids of words have them.
var operatorNames = map[string]string{
	condition.Is: "is", condition.IsNot: "is_not", condition.AtLeast: "at_least", condition.AtMost: "at_most",
	condition.MoreThan: "more_than", condition.LessThan: "less_than", condition.OneOf: "one_of", condition.NoneOf: "none_of",
	condition.BeginsWith: "begins_with", condition.EndsWith: "ends_with", condition.Contains: "contains",
	condition.IsKnown: "is_known", condition.IsUnknown: "is_unknown", condition.IsTrue: "is_true", condition.IsFalse: "is_false",
}

// ReadableField is a field that a condition may speak of.
type ReadableField struct{ Name, Words string }

// Readable lists what the condition of a field may speak of, and what it does
// already.
func (d formData) Readable(f *docform.Field) []ReadableField {
	var out []ReadableField
	known := map[string]bool{}
	for _, r := range d.readable[program.IsItemCondition(f.Path)] {
		known[r.Name] = true
		words := d.words(r.ID)
		if words == "" {
			words = r.Name
		}
		out = append(out, ReadableField{r.Name, words})
	}
	d.tellApart(out)
	for _, row := range f.Rows {
		if row.Field != "" && !known[row.Field] {
			out = append(out, ReadableField{row.Field, row.Field})
		}
	}
	return out
}

// tellApart adds to fields of the same words what they belong to, as a wallet of several.
func (d formData) tellApart(fields []ReadableField) {
	times := map[string]int{}
	for _, f := range fields {
		times[f.Words]++
	}
	for i, f := range fields {
		parts := strings.Split(f.Name, ".")
		if times[f.Words] < 2 || len(parts) < 2 {
			continue
		}
		owner := parts[len(parts)-2]
		fields[i].Words = d.say("console.condition.field.of", "Field", f.Words, "Owner", cmp.Or(d.owners[owner], owner))
	}
}

// Units are the units of lengths of time.
func (d formData) Units() []string { return docform.Units() }

// Row begins the names of a comparison's fields.
func (d formData) Row(f *docform.Field, r docform.Row) string {
	return docform.RowName(f.Path, r.Index)
}

// forms makes the forms of a draft.
func (c *Console) forms(r *page.Context, d draftData) (*docform.Context, formData, error) {
	data := formData{draftData: d, say: r.Say, has: func(id string) bool { return c.app.Words.Has(r.Lang, id) }, readable: map[bool][]condition.Readable{}}
	o, err := c.app.Outline()
	if err != nil {
		return nil, data, err
	}
	p := d.Reading.Program
	if p == nil {
		p = c.app.Program() // while the draft has mistakes
	}
	if p != nil {
		data.readable[true], data.readable[false] = p.Readable(true), p.Readable(false)
	}
	data.words, data.owners = c.fieldWords(r, p), map[string]string{}
	if p != nil {
		for i := range p.Wallets {
			data.owners[p.Wallets[i].ID] = unitName(r, p.Wallets[i].ID, p.Wallets[i].Forms)
		}
	}
	s := d.Reading.Source
	if data.Unreadable = s == nil; data.Unreadable {
		return nil, data, nil
	}
	return &docform.Context{
		Outline: o, Source: s, Problems: d.Reading.Problems, Language: r.Lang,
		Names:      func(path string, key bool) []string { return program.NamesAt(s, path, key) },
		Conditions: program.IsCondition,
		Readable:   func(item bool) []condition.Readable { return data.readable[item] },
	}, data, nil
}

// fieldWords says what a field of conditions is, in the visitor's language.
func (c *Console) fieldWords(r *page.Context, p *engine.Program) func(condition.FieldID) string {
	return func(f condition.FieldID) string {
		words := p.FieldWords(f)
		if words == nil {
			return ""
		}
		said := r.Say("page.value", "Value", words)
		if strings.Contains(said, "⟦") {
			return ""
		}
		return said
	}
}

func (c *Console) form(r *page.Context) error {
	d, err := c.draft(r, "form")
	if err != nil {
		return err
	}
	return c.showForm(r, http.StatusOK, d, r.Form("at"))
}

func (c *Console) showForm(r *page.Context, status int, d draftData, path string) error {
	forms, data, err := c.forms(r, d)
	if err != nil {
		return err
	}
	if !data.Unreadable {
		var ok bool
		if data.Sheet, ok = forms.Open(path); !ok {
			return page.ErrNotFound
		}
	}
	return r.PageStatus(status, "program_form", data)
}

// newPart opens the sheet of an entry that has no key yet, once it was named.
func (c *Console) newPart(r *page.Context) error {
	key := strings.TrimSpace(r.Form("key"))
	base := draftPath(r.R.PathValue("draft")) + "/form?at="
	if key == "" {
		return r.Redirect(base + url.QueryEscape(r.Form("in")))
	}
	return r.Redirect(base + url.QueryEscape(document.Join(r.Form("in"), key)))
}

// saveForm puts what was typed into a sheet into the draft.
func (c *Console) saveForm(r *page.Context) error {
	if err := r.R.ParseForm(); err != nil {
		return err
	}
	d, err := c.draft(r, "form")
	if err != nil {
		return err
	}
	path := r.R.PostFormValue("at")
	forms, data, err := c.forms(r, d)
	if err != nil || data.Unreadable {
		return c.refuseForm(r, d, path, err)
	}
	sheet, ok := forms.Open(path)
	if !ok {
		return page.ErrNotFound
	}
	document, err := forms.Apply(sheet, r.R.PostForm)
	if err != nil {
		d.Problem = r.Say("console.program.form.only_text")
		return c.showForm(r, http.StatusUnprocessableEntity, d, path)
	}
	if err := c.keep(r, &d.Draft, document); err != nil {
		return c.refuseForm(r, d, path, err)
	}
	to := d.Base + "/form?at=" + url.QueryEscape(path)
	if next := r.R.PostFormValue("next"); next != "" {
		to = d.Base + "/form?at=" + url.QueryEscape(next)
	}
	if d.Reading = c.app.Read(document); len(d.Reading.Problems) > 0 {
		r.Notify("warning", r.Say("console.program.form.saved_wrong", "Count", int64(len(d.Reading.Problems))))
		return r.Redirect(to)
	}
	return r.Done(to, "console.program.saved")
}

// refuseForm shows a sheet again with why it was not saved.
func (c *Console) refuseForm(r *page.Context, d draftData, path string, err error) error {
	if p := app.AsProblem(err); err == nil || p.Code == app.CodeInternal || p.Code == app.CodeUnavailable {
		return err
	}
	fresh, failed := c.draft(r, "form")
	if failed != nil {
		return failed
	}
	fresh.Problem = r.Problem(err)
	return c.showForm(r, http.StatusUnprocessableEntity, fresh, path)
}

// changePart removes, moves or renames an item or an entry.
func (c *Console) changePart(r *page.Context) error {
	if err := r.R.ParseForm(); err != nil {
		return err
	}
	d, err := c.draft(r, "form")
	if err != nil {
		return err
	}
	path, back := r.R.PostFormValue("path"), r.R.PostFormValue("at")
	s := d.Reading.Source
	if s == nil {
		return r.Redirect(d.Base + "/form")
	}
	var out []byte
	switch r.R.PostFormValue("do") {
	case "remove":
		out, err = s.Remove(path)
	case "up":
		out, err = s.Move(path, false)
	case "down":
		out, err = s.Move(path, true)
	case "rename":
		out, err = s.Rename(path, strings.TrimSpace(r.R.PostFormValue("key")))
	default:
		return page.ErrNotFound
	}
	if err != nil {
		d.Problem = r.Say("console.program.form.only_text")
		return c.showForm(r, http.StatusUnprocessableEntity, d, back)
	}
	if err := c.keep(r, &d.Draft, out); err != nil {
		return c.refuseForm(r, d, back, err)
	}
	return r.Done(d.Base+"/form?at="+url.QueryEscape(back), "console.program.saved")
}
