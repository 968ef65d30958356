package console

import (
	"net/http"
	"strconv"
	"strings"

	"premia/internal/app"
	"premia/internal/core/document"
	"premia/internal/core/fit"
	"premia/internal/core/money"
	"premia/internal/core/text"
	"premia/internal/web/page"
)

// amountsData is the form of the amounts in another currency than the ready program has.
type amountsData struct {
	setupHead
	// Factors is the form of the factor, Form that of the amounts.
	Factors, Form *page.Form
	Was, Currency string
	Proposed      bool
	Sections      []amountSection
}

// amountSection has the amounts of one part of the document.
type amountSection struct {
	Title string
	Rows  []amountRow
}

// amountRow is one amount: of which rule it is, and what.
type amountRow struct {
	ID, Field  string // the name of the field, and its id on the page
	Rule, What string
	Was        string
}

func (c *Console) setupAmounts(r *page.Context) error {
	s, h, on, err := c.at(r, "amounts")
	if !on || err != nil {
		return err
	}
	first, err := c.app.FirstProgram(r.Ctx())
	if err != nil {
		return err
	}
	f := page.NewForm()
	for _, a := range first.Amounts {
		f.Values[a.ID] = a.Now
	}
	factors := page.NewForm("factor", first.Factor.String())
	return c.amountsForm(r, http.StatusOK, &s, amountsData{setupHead: h, Factors: factors, Form: f})
}

// amountsForm shows the forms; what can't be kept of the amounts does not keep the page
// from being shown, so they are listed as they were proposed.
func (c *Console) amountsForm(r *page.Context, status int, s *app.Setup, d amountsData) error {
	first, err := c.app.FirstProgram(r.Ctx())
	if err != nil {
		return err
	}
	d.Was, d.Currency, d.Proposed = first.Was, s.Currency, first.Proposed && s.Factor == ""
	words := amountWords{r, first, c.app.Words.Has}
	for i := range first.Amounts {
		a := &first.Amounts[i]
		section, row := words.row(a)
		if n := len(d.Sections); n == 0 || d.Sections[n-1].Title != section {
			d.Sections = append(d.Sections, amountSection{Title: section})
		}
		of := &d.Sections[len(d.Sections)-1]
		row.Field = "amount-" + strconv.Itoa(i)
		of.Rows = append(of.Rows, row)
	}
	return r.PageStatus(status, "setup_amounts", d)
}

// setupPriced keeps the amounts, or reckons them by another factor.
func (c *Console) setupPriced(r *page.Context) error {
	s, h, on, err := c.at(r, "amounts")
	if !on || err != nil {
		return err
	}
	first, err := c.app.FirstProgram(r.Ctx())
	if err != nil {
		return err
	}
	reckon := r.Form("do") == "reckon"
	var said map[string]string
	f := page.NewForm()
	for _, a := range first.Amounts {
		if f.Values[a.ID] = a.Now; !reckon {
			if said == nil {
				said = make(map[string]string)
			}
			f.Values[a.ID] = r.Form(a.ID)
			said[a.ID] = decimalPoint(r.Form(a.ID))
		}
	}
	factors := page.NewForm("factor", r.Form("factor"))
	factor := decimalPoint(r.Form("factor"))
	if factor == first.Factor.String() {
		factor = s.Factor // the proposal stays one
	}
	if err := c.app.PriceProgram(r.Ctx(), factor, said); err != nil {
		if err := c.setupOver(r, err); err == nil {
			return nil
		}
		refused := f
		if app.AsProblem(err).Path == "factor" {
			refused = factors
		}
		if !r.Refuse(refused, err) {
			return err
		}
		return c.amountsForm(r, http.StatusUnprocessableEntity, &s, amountsData{setupHead: h, Factors: factors, Form: f})
	}
	if reckon {
		return r.Redirect(setupPath + "/amounts")
	}
	return r.Redirect(setupPath + "/look")
}

// decimalPoint takes an amount as people write it: with a comma or a point, and spaces.
func decimalPoint(written string) string {
	return strings.NewReplacer(" ", "", "\u00a0", "", ",", ".").Replace(strings.TrimSpace(written))
}

// amountWords names amounts in the visitor's language.
type amountWords struct {
	*page.Context
	first *app.Owned
	has   func(lang, id string) bool
}

// row says of which part of the document, of which rule, and what an amount is.
func (w *amountWords) row(a *fit.Amount) (section string, row amountRow) {
	var rule, what []string
	for _, path := range prefixes(a.Path) {
		parent, key := document.Parent(path)
		name := w.name(path)
		switch {
		case parent == "":
			section = w.key(key)
		case name != "":
			rule, what = append(rule, name), nil
		default:
			what = append(what, w.key(key))
		}
	}
	row = amountRow{ID: a.ID, Rule: strings.Join(rule, " · "), What: strings.Join(what, " · ")}
	if given := w.given(a.Path); given != "" {
		row.What += ": " + given
	}
	if a.Field != nil {
		row.What += ": " + w.Say("page.value", "Value", a.Field)
	}
	_, fraction, _ := strings.Cut(a.Was, ".")
	if minor, err := money.Parse(a.Was, len(fraction)); err == nil {
		row.Was = w.Say("console.setup.amounts.was", "Was", text.Money{Minor: minor, Scale: len(fraction), Currency: w.first.Was})
	}
	return section, row
}

// prefixes are the paths that lead to a place, from the outermost on.
func prefixes(path string) []string {
	var out []string
	for ; path != ""; path, _ = document.Parent(path) {
		out = append([]string{path}, out...)
	}
	return out
}

// name is what the document calls a place: in the visitor's language, by its id, or, in a
// list, by its number. It is empty for a key that is a word of documents.
func (w *amountWords) name(path string) string {
	source := w.first.Document.Source
	for _, at := range []string{".name." + w.Lang, ".name." + w.Lang + ".one", ".name", ".id"} {
		if said, ok := source.Text(path + at); ok {
			return said
		}
	}
	if parent, key := document.Parent(path); key == "" {
		return strings.TrimSuffix(strings.TrimPrefix(path, parent+"["), "]")
	}
	return ""
}

// key says a key of documents in words, and one that is a wallet's by its name.
func (w *amountWords) key(key string) string {
	if said, ok := w.first.Document.Source.Text(document.Join("wallets", key) + ".name." + w.Lang + ".one"); ok {
		return said
	}
	if id := "document.key." + strings.ReplaceAll(key, " ", "_"); w.has(w.Lang, id) {
		return w.Say(id)
	}
	return key
}

// given is what a rule gives for each so much money, where the path is of that; else empty.
func (w *amountWords) given(path string) string {
	parent, key := document.Parent(path)
	if key != "per" {
		return ""
	}
	var out []string
	source := w.first.Document.Source
	keys, _ := source.KeysAt(parent)
	for _, id := range keys {
		wallet := w.first.Document.Program.WalletByID(id)
		rate, _ := source.Text(document.Join(parent, id))
		if wallet == nil {
			continue
		}
		if minor, err := money.Parse(rate, wallet.Unit.Scale); err == nil {
			out = append(out, w.Say("page.value", "Value", wallet.Points(minor)))
		}
	}
	return strings.Join(out, ", ")
}

// leftOut is a scenario of the ready program that does not hold for this one, and why.
type leftOut struct {
	It  string
	Why []string
}

func leftOuts(r *page.Context, all []fit.LeftOut) []leftOut {
	var out []leftOut
	for _, l := range all {
		one := leftOut{It: l.It}
		for _, p := range l.Problems {
			one.Why = append(one.Why, r.Sentence(p.Message))
		}
		for _, f := range l.Failures {
			for _, d := range f.Differences {
				one.Why = append(one.Why, r.Say("console.setup.left.step", "Step", int64(f.Step), "What", d.What, "Got", d.Got, "Want", d.Want))
			}
		}
		out = append(out, one)
	}
	return out
}
