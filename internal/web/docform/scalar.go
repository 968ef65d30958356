package docform

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"premia/internal/core/condition"
	"premia/internal/core/document"
)

// longText is from how many characters on a text may take several lines.
const longText = 300

// emptyRows is how many comparisons can be added to a condition at once.
const emptyRows = 2

var (
	plainMoment = regexp.MustCompile(`^([0-9]{4}-[0-9]{2}-[0-9]{2})(?: ([0-9]{2}:[0-9]{2}(?::[0-9]{2})?))?$`)
	plainSpan   = regexp.MustCompile(`^([0-9]+)(mo|y|w|d|h|m)$`)
)

// Units are the units of lengths of time, as a document has them.
func Units() []string { return []string{"d", "w", "mo", "y", "h", "m"} }

// scalar is a value without parts.
func (c *Context) scalar(f *Field, o *document.Outline) {
	switch o.Kind {
	case document.KindChoice:
		f.choose(o.Choices)
	case document.KindTruth:
		f.Kind = Truth
	case document.KindWhole, document.KindDecimal:
		f.Kind, f.Value = Number, c.shown(f.Value)
	case document.KindDate:
		f.Kind = Date
	case document.KindMoment:
		f.Kind = Moment
		m := plainMoment.FindStringSubmatch(f.Value)
		if len(f.Problems) > 0 {
			m = nil // a browser would show a day that does not exist as none
		}
		if f.Plain = m == nil && f.Value != ""; m != nil {
			f.Value, f.Clock = m[1], m[2]
		}
	case document.KindSpan:
		f.Kind = Span
		m := plainSpan.FindStringSubmatch(f.Value)
		if f.Plain = m == nil && f.Value != ""; m != nil {
			f.Count, f.Of = m[1], m[2]
		}
	default:
		if o.Numeric {
			f.Value = c.shown(f.Value)
		}
		c.text(f, o)
	}
}

var (
	typedNumber = regexp.MustCompile(`^([-+]?[0-9]+)(?:[.,]([0-9]+))?$`)
	grouping    = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "")
)

// shown writes a number of the document as the reader's language does.
func (c *Context) shown(said string) string {
	if c.Language == "" || c.Language == "en" || !typedNumber.MatchString(said) {
		return said
	}
	return strings.Replace(said, ".", ",", 1)
}

// number reads a number that was typed, with a comma or a point and with or without
// spaces between thousands, as the document writes it. What is no number stays as it is.
func number(typed string) string {
	m := typedNumber.FindStringSubmatch(grouping.Replace(typed))
	switch {
	case m == nil:
		return typed
	case m[2] == "":
		return m[1]
	}
	return m[1] + "." + m[2]
}

func (f *Field) choose(words []string) {
	f.Kind = Choice
	if f.Value != "" && !slices.Contains(words, f.Value) {
		words = append(slices.Clone(words), f.Value)
	}
	for _, word := range words {
		f.Options = append(f.Options, Option{word, word == f.Value})
	}
}

func (c *Context) text(f *Field, o *document.Outline) {
	f.Kind = Text
	switch {
	case c.Conditions(f.Path):
		f.Kind = Condition
		rows, either, ok := condition.Rows(f.Value)
		f.Either, f.Simple = either, ok || f.Value == ""
		if !f.Simple {
			return
		}
		for range emptyRows {
			rows = append(rows, condition.Row{})
		}
		for i, row := range rows {
			f.Rows = append(f.Rows, Row{row, i})
		}
	case o.MaxLen > longText, strings.ContainsAny(f.Value, "\n\r"):
		f.Kind = Long
	}
}

// languages are those that texts of the document are asked for in.
func (c *Context) languages(path string) []string {
	var out []string
	n, _ := c.Source.Len("languages")
	for _, lang := range c.texts("languages", n) {
		if slices.Contains(document.Languages(), lang) && !slices.Contains(out, lang) {
			out = append(out, lang)
		}
	}
	if len(out) == 0 {
		return document.Languages()
	}
	keys, _ := c.Source.KeysAt(path)
	for _, lang := range keys {
		if slices.Contains(document.Languages(), lang) && !slices.Contains(out, lang) {
			out = append(out, lang)
		}
	}
	return out
}

// words has a text in each language; Value is the one for all.
func (c *Context) words(f *Field) {
	f.Kind = Words
	for _, lang := range c.languages(f.Path) {
		path := document.Join(f.Path, lang)
		value, said := c.Source.Text(path)
		one := &Field{Path: path, Key: lang, Kind: Text, Value: value, Said: said}
		if strings.ContainsAny(value, "\n\r") || len(value) > longText/2 {
			one.Kind = Long
		}
		f.Fields = append(f.Fields, one)
	}
}

// Forms are the plural forms of a language, in CLDR's order.
func Forms(lang string) []string {
	if lang == "en" {
		return []string{"one", "other"}
	}
	return []string{"one", "few", "many", "other"}
}

// unit has a unit's name in the forms of each language; Value is the one for all.
func (c *Context) unit(f *Field) {
	f.Kind = Unit
	for _, lang := range c.languages(f.Path) {
		path := document.Join(f.Path, lang)
		whole, scalar := c.Source.Text(path)
		one := &Field{Path: path, Key: lang, Kind: Words, Value: whole, Said: c.Source.Has(path)}
		forms := Forms(lang)
		keys, _ := c.Source.KeysAt(path)
		for _, form := range keys {
			if !slices.Contains(forms, form) && slices.Contains(Forms("pl"), form) {
				forms = append([]string{form}, forms...)
			}
		}
		for _, form := range forms {
			deep := document.Join(path, form)
			value, said := c.Source.Text(deep)
			if scalar && form == "other" {
				value, said = whole, true
			}
			one.Fields = append(one.Fields, &Field{Path: deep, Key: form, Kind: Text, Value: value, Said: said})
		}
		f.Fields = append(f.Fields, one)
	}
}

// RowName begins the names of a comparison's fields.
func RowName(path string, index int) string {
	return "row:" + path + ":" + strconv.Itoa(index)
}
