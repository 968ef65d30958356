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
	// Unknown tells that the amounts were not converted, as nobody knows by what.
	Unknown  bool
	Sections []amountSection
	Examples examples
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
		f.Values[a.ID] = inWriting(r.Lang, a.Now)
	}
	factors := page.NewForm("factor", inWriting(r.Lang, first.Factor.String()))
	return c.amountsForm(r, http.StatusOK, &s, amountsData{setupHead: h, Factors: factors, Form: f})
}

// amountsForm shows the forms; what can't be kept of the amounts does not keep the page
// from being shown, so they are listed as they were proposed.
func (c *Console) amountsForm(r *page.Context, status int, s *app.Setup, d amountsData) error {
	first, err := c.app.FirstProgram(r.Ctx())
	if err != nil {
		return err
	}
	d.Was, d.Currency, d.Proposed, d.Unknown = first.Was, s.Currency, first.Proposed && s.Factor == "", first.Unknown
	d.Examples = examplesOf(r, first)
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
		if f.Values[a.ID] = inWriting(r.Lang, a.Now); !reckon {
			if said == nil {
				said = make(map[string]string)
			}
			f.Values[a.ID] = r.Form(a.ID)
			said[a.ID] = decimalPoint(r.Form(a.ID))
		}
	}
	factors := page.NewForm("factor", r.Form("factor"))
	factor := decimalPoint(r.Form("factor"))
	if factor == first.Factor.String() && !(reckon && first.Unknown) {
		factor = s.Factor // the proposal stays one, but whoever says 1 has said it
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

// inWriting writes a decimal with the sign that the language has.
func inWriting(lang, number string) string {
	if lang == "en" {
		return number
	}
	return strings.Replace(number, ".", ",", 1)
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
		name := w.name(path)
		switch parent, _ := document.Parent(path); {
		case parent == "":
			section = w.key(path)
		case name != "":
			rule, what = append(rule, name), nil
		default:
			what = append(what, w.key(path))
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

// name is what the document calls a place: in the visitor's language, or by its id. It is
// empty for a key that is a word of documents.
func (w *amountWords) name(path string) string {
	source := w.first.Document.Source
	for _, at := range []string{".name." + w.Lang, ".name." + w.Lang + ".one", ".name", ".id"} {
		if said, ok := source.Text(path + at); ok {
			return said
		}
	}
	return ""
}

// key says in words what a place is called in documents: a wallet by its name, and an item
// of a list by its number, from 1.
func (w *amountWords) key(path string) string {
	parent, key := document.Parent(path)
	if key == "" {
		i, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(path, parent+"["), "]"))
		return strconv.Itoa(i + 1)
	}
	if name := w.name(document.Join("wallets", key)); name != "" && parent != "" {
		return name
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

// examples are the scenarios that came along with a ready program, and those that did not.
type examples struct {
	Kept, All int64
	Left      []leftOut
}

func examplesOf(r *page.Context, first *app.Owned) examples {
	out := examples{Kept: int64(first.Document.Scenarios()), Left: leftOuts(r, first.LeftOut)}
	out.All = out.Kept + int64(len(out.Left))
	return out
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
			one.Why = append(one.Why, r.Say("console.setup.left.wrong", "Step", stepOf(p.Path), "What", r.Sentence(p.Message)))
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

// stepOf is the number, from 1, of the step of a scenario that a path is in.
func stepOf(path string) int64 {
	_, after, _ := strings.Cut(path, ".steps[")
	digits, _, _ := strings.Cut(after, "]")
	i, _ := strconv.ParseInt(digits, 10, 64)
	return i + 1
}
