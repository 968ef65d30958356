package docform

import (
	"net/url"
	"slices"
	"strings"

	"premia/internal/core/condition"
	"premia/internal/core/document"
)

// Apply gives the document with what was typed into a sheet. Fields that the values
// do not have stay as they are, and so does each that was sent as it was drawn. The
// error says which place can't be written by a form.
func (c *Context) Apply(s *Sheet, typed url.Values) ([]byte, error) {
	w := &writer{c: *c, typed: typed, out: c.Source.Bytes()}
	for _, f := range s.Fields {
		w.field(f)
	}
	return w.out, w.err
}

// writer makes one change after another, each of the text that the one before left.
type writer struct {
	c     Context
	typed url.Values
	out   []byte
	err   error
}

// get gives what was typed, with line breaks as documents have them.
func (w *writer) get(name string) (string, bool) {
	values, ok := w.typed[name]
	if !ok || len(values) == 0 {
		return "", false
	}
	return strings.ReplaceAll(values[0], "\r\n", "\n"), true
}

// changed takes up the text after a change.
func (w *writer) changed(src []byte, err error) {
	if err == nil {
		var s *document.Source
		if s, err = document.Parse(w.c.Source.File(), src); err == nil {
			w.c.Source, w.out = s, src
			return
		}
	}
	w.err = err
}

func (w *writer) put(path string, v document.Value) {
	if w.err == nil {
		w.changed(w.c.Source.Put(path, v, w.c.Outline))
	}
}

func (w *writer) remove(path string) {
	if w.err == nil && w.c.Source.Has(path) {
		w.changed(w.c.Source.Remove(path))
	}
}

// set writes a text, or removes the place where it is empty.
func (w *writer) set(path, text string) {
	if text == "" {
		w.remove(path)
		return
	}
	w.put(path, document.Scalar(text))
}

func (w *writer) field(f *Field) {
	switch f.Kind {
	case Words:
		w.words(f, false)
	case Unit:
		w.words(f, true)
	case Lines:
		w.lines(f)
	case Checks:
		w.checks(f)
	case Map:
		w.entries(f)
	case Group:
		w.group(f)
	case Parts, Deeper:
		if f.Short {
			w.text(f)
		}
	case Condition:
		w.condition(f)
	case Moment:
		w.moment(f)
	case Span:
		w.span(f)
	default:
		w.text(f)
	}
}

// written gives what was typed as a document has it at a path.
func (w *writer) written(path, typed string) string {
	typed = strings.TrimSpace(typed)
	if o, ok := w.c.Outline.At(path); ok && (o.Numeric || o.Kind == document.KindWhole || o.Kind == document.KindDecimal) {
		return number(typed)
	}
	return typed
}

// text sets a value that was typed.
func (w *writer) text(f *Field) {
	typed, ok := w.get("v:" + f.Path)
	if !ok || typed == strings.ReplaceAll(f.Value, "\r\n", "\n") {
		return
	}
	w.set(f.Path, w.written(f.Path, typed))
}

func (w *writer) moment(f *Field) {
	date, ok := w.get("v:" + f.Path)
	clock, timed := w.get("t:" + f.Path)
	if !ok || f.Plain || !timed {
		w.text(f)
		return
	}
	if date == f.Value && clock == f.Clock {
		return
	}
	if date = strings.TrimSpace(date); date != "" && clock != "" {
		date += " " + clock
	}
	w.set(f.Path, date)
}

func (w *writer) span(f *Field) {
	count, ok := w.get("n:" + f.Path)
	unit, _ := w.get("u:" + f.Path)
	if !ok || f.Plain {
		w.text(f)
		return
	}
	if count == f.Count && (unit == f.Of || count == "") {
		return
	}
	if count = strings.TrimSpace(count); count != "" {
		count += unit
	}
	w.set(f.Path, count)
}

// words sets a text by language, or one for all languages.
func (w *writer) words(f *Field, forms bool) {
	all, typed := w.get("v:" + f.Path)
	changed := false
	for _, lang := range f.Fields {
		if forms {
			changed = w.forms(f, lang) || changed
		} else if said, ok := w.get("v:" + lang.Path); ok && said != lang.Value {
			w.perLanguage(f)
			w.set(lang.Path, strings.TrimSpace(said))
			changed = true
		}
	}
	switch {
	case changed:
		if keys, mapping := w.c.Source.KeysAt(f.Path); mapping && len(keys) == 0 {
			w.remove(f.Path)
		}
	case typed && all != f.Value:
		w.set(f.Path, strings.TrimSpace(all))
	}
}

// perLanguage makes of a text for all languages one of the first.
func (w *writer) perLanguage(f *Field) {
	if whole, scalar := w.c.Source.Text(f.Path); scalar && len(f.Fields) > 0 {
		_, lang := document.Parent(f.Fields[0].Path)
		w.put(f.Path, document.Entries().With(lang, document.Scalar(whole)))
	}
}

// forms sets the plural forms of a unit in a language.
func (w *writer) forms(f, lang *Field) bool {
	changed := false
	for _, form := range lang.Fields {
		said, ok := w.get("v:" + form.Path)
		if !ok || said == form.Value {
			continue
		}
		w.perLanguage(f)
		whole, scalar := w.c.Source.Text(lang.Path)
		if scalar && form.Key != "other" {
			w.put(lang.Path, document.Entries().With("other", document.Scalar(whole)))
		}
		if scalar && form.Key == "other" {
			w.set(lang.Path, strings.TrimSpace(said))
		} else {
			w.set(form.Path, strings.TrimSpace(said))
		}
		changed = true
	}
	if keys, mapping := w.c.Source.KeysAt(lang.Path); changed && mapping && len(keys) == 0 {
		w.remove(lang.Path)
	}
	return changed
}

// lines sets a list of texts, one on each line.
func (w *writer) lines(f *Field) {
	typed, ok := w.get("v:" + f.Path)
	if !ok {
		return
	}
	var texts []string
	for line := range strings.Lines(typed) {
		if line = strings.TrimSpace(line); line != "" {
			texts = append(texts, line)
		}
	}
	w.list(f, texts, strings.TrimSpace(typed) == strings.TrimSpace(f.Value))
}

// checks sets a list of words that were ticked.
func (w *writer) checks(f *Field) {
	if _, drawn := w.get("list:" + f.Path); !drawn {
		return
	}
	ticked, same := []string{}, true
	for _, o := range f.Options {
		on := slices.Contains(w.typed["v:"+f.Path], o.Value)
		same = same && on == o.On
		if on {
			ticked = append(ticked, o.Value)
		}
	}
	if same {
		w.list(f, ticked, true)
		return
	}
	// Words that were ticked before keep their order.
	n, _ := w.c.Source.Len(f.Path)
	var ordered []string
	for _, word := range append(w.c.texts(f.Path, n), ticked...) {
		if slices.Contains(ticked, word) && !slices.Contains(ordered, word) {
			ordered = append(ordered, word)
		}
	}
	w.list(f, ordered, false)
}

// list writes a list that may be there with nothing in it.
func (w *writer) list(f *Field, texts []string, same bool) {
	_, on := w.get("on:" + f.Path)
	_, asked := w.get("opt:" + f.Path)
	switch {
	case asked && f.Said && !on:
		w.remove(f.Path)
	case len(texts) == 0 && asked && on:
		if n, _ := w.c.Source.Len(f.Path); !f.Said || n > 0 {
			w.put(f.Path, document.Items())
		}
	case same:
	case len(texts) == 0:
		w.remove(f.Path)
	default:
		w.put(f.Path, document.Texts(texts...))
	}
}

// dropped tells whether a group or mapping was unticked, and takes it out.
func (w *writer) dropped(f *Field) bool {
	_, asked := w.get("opt:" + f.Path)
	_, on := w.get("on:" + f.Path)
	if !asked || on || !f.Said {
		return false
	}
	w.remove(f.Path)
	return true
}

// kept puts in a group or mapping that was ticked but has nothing in it, and takes
// one out that has lost all its parts.
func (w *writer) kept(f *Field) {
	_, asked := w.get("opt:" + f.Path)
	_, on := w.get("on:" + f.Path)
	keys, mapping := w.c.Source.KeysAt(f.Path)
	switch {
	case f.Key == "": // the rest of a group, or the sheet's own
	case asked && on && !w.c.Source.Has(f.Path):
		w.put(f.Path, document.Entries())
	case !asked && mapping && len(keys) == 0 && len(f.Fields) > 0 && !f.Optional:
		w.remove(f.Path)
	}
}

func (w *writer) entries(f *Field) {
	if w.dropped(f) {
		return
	}
	for _, entry := range f.Fields {
		w.field(entry)
	}
	key, _ := w.get("k:" + f.Path)
	value, _ := w.get("new:" + f.Path)
	if key = strings.TrimSpace(key); key != "" && value != "" {
		path := document.Join(f.Path, key)
		w.put(path, document.Scalar(w.written(path, value)))
	}
	w.kept(f)
}

func (w *writer) group(f *Field) {
	if w.dropped(f) {
		return
	}
	if typed, ok := w.get("v:" + f.Path); f.Short && ok && typed != f.Value && typed != "" {
		w.put(f.Path, document.Scalar(strings.TrimSpace(typed)))
		return
	} else if f.Short && ok && typed == "" && f.Value != "" {
		w.remove(f.Path)
	}
	for _, inner := range f.Fields {
		w.field(inner)
	}
	w.kept(f)
}

// condition sets a condition by its rows, or as a text.
func (w *writer) condition(f *Field) {
	if typed, ok := w.get("v:" + f.Path); ok && typed != f.Value {
		w.set(f.Path, strings.TrimSpace(typed))
		return
	}
	rows, either, drawn := w.rows(f)
	before, eitherBefore, _ := condition.Rows(f.Value)
	if !drawn || (slices.Equal(rows, before) && (either == eitherBefore || len(rows) < 2)) {
		return
	}
	kinds := map[string]condition.Kind{}
	for _, item := range []bool{true, false} {
		for _, r := range w.c.Readable(item) {
			kinds[r.Name] = r.Type.Kind()
		}
	}
	for i := range rows {
		switch kind, operator := kinds[rows[i].Field], rows[i].Operator; {
		case operator == condition.OneOf || operator == condition.NoneOf:
		case kind == condition.KindInt || kind == condition.KindDecimal:
			rows[i].Value = number(rows[i].Value)
		}
	}
	w.set(f.Path, condition.Join(rows, either, func(field string) condition.Kind { return kinds[field] }))
}

// rows reads the comparisons that were chosen.
func (w *writer) rows(f *Field) (rows []condition.Row, either, drawn bool) {
	for _, row := range f.Rows {
		name := RowName(f.Path, row.Index)
		field, ok := w.get(name + ":field")
		if !ok {
			continue
		}
		drawn = true
		operator, _ := w.get(name + ":is")
		value, _ := w.get(name + ":value")
		if field != "" && slices.Contains(condition.Operators(), operator) {
			rows = append(rows, condition.Row{Field: field, Operator: operator, Value: strings.TrimSpace(value)})
		}
	}
	join, _ := w.get("any:" + f.Path)
	return rows, join == "any", drawn
}
