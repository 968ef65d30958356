package app

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/govalues/decimal"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/fit"
	"premia/internal/core/money"
	"premia/internal/core/program"
	"premia/internal/core/text"
	"premia/programs"
)

// The codes of problems with a ready program that is made somebody's own.
const (
	CodeNoReadyProgram  = "no_ready_program"
	CodeNoCurrency      = "no_currency"
	CodeFactor          = "currency_factor"
	CodeAmount          = "currency_amount"
	CodeWholeAmount     = "currency_amount_whole"
	CodeNoTimezone      = "no_timezone"
	CodeLanguageLacking = "language_lacking"
	CodeProgramName     = "program_name"
)

// maxProgramName bounds a program's name, in characters.
const maxProgramName = 80

// Own says what somebody makes of a ready program. What is empty stays as it is there.
type Own struct {
	// Program is the ready program.
	Program string `json:"program,omitempty"`
	// Name is what members call the program, in every language.
	Name string `json:"name,omitempty"`
	// Currency is an ISO 4217 code, and Timezone a name such as Europe/Warsaw.
	Currency string `json:"currency,omitempty"`
	Timezone string `json:"timezone,omitempty"`
	// Languages are those that members read, the first for whoever has chosen none.
	Languages []string `json:"languages,omitempty"`
	// Factor is by what amounts are multiplied in another currency than the ready program
	// has; the one that is proposed if empty. Amounts, by their ids, stand instead of what
	// that comes to. Both are decimals with a point.
	Factor  string            `json:"factor,omitempty"`
	Amounts map[string]string `json:"amounts,omitempty"`
}

// Owned is a ready program that was made somebody's own.
type Owned struct {
	// Document is checked, and its scenarios pass.
	Document *program.Document
	// Was is the currency of the ready program, Factor by what its amounts were multiplied
	// for another one, and Proposed whether that is a proposal of ours. Unknown tells that we
	// have none to propose and nobody said any: the amounts then are what they were, in the
	// other currency. Amounts are those of its rules; none where the currency stays.
	Was      string
	Factor   decimal.Decimal
	Proposed bool
	Unknown  bool
	Amounts  []fit.Amount
	// LeftOut are scenarios of the ready program that do not hold for this one.
	LeftOut []fit.LeftOut
}

// Ready gives a ready program. The error is a *Problem if there is none of the name.
func Ready(name string) (*program.Document, error) {
	src, ok := programs.Document(name)
	if !ok {
		detail := text.Say("there is no ready program {Name}; premia init --list shows them", strconv.Quote(name))
		if near, found := document.Closest(name, programs.Names()); found {
			detail = text.Say("there is no ready program {Name}; did you mean {Near}?", strconv.Quote(name), strconv.Quote(near))
		}
		return nil, problem(CodeNoReadyProgram, "program", detail, "Key", text.Quoted(name))
	}
	doc, err := program.Load(name, src, engine.NewNames())
	if err != nil {
		return nil, fmt.Errorf("the ready program %s: %w", name, err)
	}
	return doc, nil
}

// Made makes the document that somebody takes at a moment, after whose day all ends that
// has dates, in their currency, and without the scenarios that do not hold so. The error
// is a *Problem that names the field, and of an amount its id.
func (o *Own) Made(now calendar.Instant) (*Owned, error) {
	ready, err := Ready(o.Program)
	if err != nil {
		return nil, err
	}
	if err := o.check(ready); err != nil {
		return nil, err
	}
	src, err := ahead(ready, o.day(now))
	if err != nil {
		return nil, err
	}
	out := &Owned{Was: ready.Head.Currency}
	if src, err = o.inMoney(out, src); err != nil {
		return nil, err
	}
	source, err := document.Parse(o.Program, src)
	if err != nil {
		return nil, err
	}
	if src, err = source.Edited(o.edits(ready)...); err != nil {
		return nil, err
	}
	if out.Document, out.LeftOut, err = fit.Kept(o.Program, src); err != nil {
		return nil, o.atAmount(invalidProgram(err))
	}
	return out, nil
}

// inMoney gives the document in the currency of one's own.
func (o *Own) inMoney(out *Owned, src []byte) ([]byte, error) {
	if o.Currency == "" || o.Currency == out.Was {
		return src, nil
	}
	doc, err := program.Load(o.Program, src, engine.NewNames())
	if err != nil {
		return nil, err
	}
	if out.Factor, out.Proposed = fit.Factor(out.Was, o.Currency); o.Factor != "" {
		if out.Factor, err = decimal.Parse(o.Factor); err != nil || !out.Factor.IsPos() || out.Factor.Scale() > factorDecimals || mostFactor.Less(out.Factor) {
			return nil, problem(CodeFactor, "factor", text.Say("{Factor} is nothing to multiply amounts by; write a number above zero, such as 0.25", strconv.Quote(o.Factor)), "Key", text.Quoted(o.Factor))
		}
	}
	out.Unknown = o.Factor == "" && !out.Proposed
	src, out.Amounts, err = fit.Convert(doc, o.Currency, out.Factor, o.Amounts)
	if err != nil {
		return nil, err
	}
	for _, a := range out.Amounts {
		if err := checkAmount(&a); err != nil {
			return nil, err
		}
	}
	return src, nil
}

// factorDecimals are the most of a factor, and mostFactor the largest that is one.
const factorDecimals = 6

var mostFactor = decimal.MustNew(1_000_000, 0)

// mostDigits are those of an amount before its point.
const mostDigits = 12

// checkAmount says if an amount is none of the currency.
func checkAmount(a *fit.Amount) error {
	d, err := decimal.Parse(a.Now)
	if err == nil && plainAmount.MatchString(a.Now) && d.IsPos() && d.Trim(0).Scale() <= a.Decimals {
		return nil
	}
	if a.Decimals == 0 {
		return problem(CodeWholeAmount, a.ID, text.Say("{Amount} is no whole amount above zero", strconv.Quote(a.Now)))
	}
	return problem(CodeAmount, a.ID, text.Say("{Amount} is no amount above zero with at most {Decimals} decimals", strconv.Quote(a.Now), a.Decimals), "Count", int64(a.Decimals))
}

var plainAmount = regexp.MustCompile(`^[0-9]{1,` + strconv.Itoa(mostDigits) + `}(?:\.[0-9]+)?$`)

// atAmount lets a mistake of the document stand at the amount that is the reason, where
// one of one's own is.
func (o *Own) atAmount(err error) error {
	var p *Problem
	if !errors.As(err, &p) {
		return err
	}
	for _, mistake := range p.Errors {
		path := document.Canonical(mistake.Path)
		if _, own := o.Amounts[path]; own {
			return &Problem{Code: p.Code, Path: path, Detail: mistake.Message, Errors: p.Errors}
		}
	}
	return err
}

// day is that of a moment in the program's own time zone, or by UTC where it is none.
func (o *Own) day(now calendar.Instant) document.Date {
	zone, err := calendar.Zone(o.Timezone)
	if err != nil {
		zone = time.UTC
	}
	year, month, day := now.In(zone).Date()
	return document.Date{Year: year, Month: month, Day: day}
}

// ahead gives a ready program's document with its dates ahead of a day.
func ahead(ready *program.Document, day document.Date) ([]byte, error) {
	years, err := fit.YearsBehind(ready, day)
	if err != nil {
		return nil, err
	}
	return fit.Moved(ready, years)
}

// check says what of the wishes can't be.
func (o *Own) check(ready *program.Document) error {
	if utf8.RuneCountInString(o.Name) > maxProgramName || !utf8.ValidString(o.Name) || strings.ContainsFunc(o.Name, unicode.IsControl) {
		return problem(CodeProgramName, "name", text.Say("a program's name is at most {Most} characters on one line", maxProgramName))
	}
	if o.Currency != "" {
		if _, known := money.CurrencyDigits(o.Currency); !known {
			return problem(CodeNoCurrency, "currency", text.Say("{Currency} is no ISO 4217 code of a currency, such as PLN", strconv.Quote(o.Currency)), "Key", text.Quoted(o.Currency))
		}
	}
	if err := o.checkZone(); err != nil {
		return err
	}
	for i, lang := range o.Languages {
		switch {
		case !slices.Contains(ready.Head.Languages, lang):
			return problem(CodeLanguageLacking, "languages", text.Say("the program {Program} is written in {Languages}, not in {Lang}", o.Program, strings.Join(ready.Head.Languages, ", "), strconv.Quote(lang)), "Key", text.Quoted(lang))
		case slices.Contains(o.Languages[:i], lang):
			return problem(CodeLanguageLacking, "languages", text.Say("the language {Lang} is named twice", lang), "Key", text.Quoted(lang))
		}
	}
	return nil
}

// checkZone says if a time zone is none.
func (o *Own) checkZone() error {
	if o.Timezone == "" {
		return nil
	}
	if _, err := time.LoadLocation(o.Timezone); err != nil || o.Timezone == "Local" {
		return problem(CodeNoTimezone, "timezone", text.Say("{Timezone} is no time zone, such as Europe/Warsaw", strconv.Quote(o.Timezone)), "Key", text.Quoted(o.Timezone))
	}
	return nil
}

// edits are the changes of the ready document. A name of one's own is the same in every
// language, so the titles go.
func (o *Own) edits(ready *program.Document) []document.Edit {
	var out []document.Edit
	if o.Name != "" && o.Name != ready.Head.Program {
		out = append(out, document.Edit{Key: "program", Value: o.Name}, document.Edit{Key: "title"})
	}
	if o.Timezone != "" && o.Timezone != ready.Head.Timezone {
		out = append(out, document.Edit{Key: "timezone", Value: o.Timezone})
	}
	if len(o.Languages) > 0 && !slices.Equal(o.Languages, ready.Head.Languages) {
		out = append(out, document.Edit{Key: "languages", Value: o.Languages})
	}
	return out
}
