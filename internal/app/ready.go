package app

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/money"
	"premia/internal/core/program"
	"premia/internal/core/text"
	"premia/programs"
)

// The codes of problems with a ready program that is made somebody's own.
const (
	CodeNoReadyProgram  = "no_ready_program"
	CodeNoCurrency      = "no_currency"
	CodeCurrencyCoarse  = "currency_coarse"
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

// Document makes the document. It is not yet checked: a time zone may be none, and
// scenarios may come out otherwise. The error is a *Problem that names the field.
func (o *Own) Document() ([]byte, error) {
	ready, err := Ready(o.Program)
	if err != nil {
		return nil, err
	}
	if err := o.check(ready); err != nil {
		return nil, err
	}
	src, err := ready.Source.Edited(o.edits(ready)...)
	if err != nil {
		return nil, err
	}
	if was := ready.Head.Currency; o.Currency != "" {
		// Scenarios name the value on gift cards by its currency.
		src = bytes.ReplaceAll(src, []byte(giftCardsIn(was)), []byte(giftCardsIn(o.Currency)))
	}
	return src, nil
}

// giftCardsIn begins what a scenario expects of gift cards in a currency.
func giftCardsIn(currency string) string { return "gift_card_" + strings.ToLower(currency) + "." }

// check says what of the wishes can't be.
func (o *Own) check(ready *program.Document) error {
	if utf8.RuneCountInString(o.Name) > maxProgramName || !utf8.ValidString(o.Name) || strings.ContainsFunc(o.Name, unicode.IsControl) {
		return problem(CodeProgramName, "name", text.Say("a program's name is at most {Most} characters on one line", maxProgramName))
	}
	if o.Currency != "" {
		digits, known := money.CurrencyDigits(o.Currency)
		switch {
		case !known:
			return problem(CodeNoCurrency, "currency", text.Say("{Currency} is no ISO 4217 code of a currency, such as PLN", strconv.Quote(o.Currency)), "Key", text.Quoted(o.Currency))
		case digits < ready.Program.Currency.Scale && !ready.Source.Has("currency decimals"):
			return problem(CodeCurrencyCoarse, "currency", text.Say("amounts of {Currency} have {Digits} decimals, and those of the program {Program} have {Scale}; begin with its document in {CurrencyB}, and write amounts of your own", o.Currency, digits, o.Program, ready.Program.Currency.Scale, ready.Head.Currency), "Key", text.Quoted(o.Currency))
		}
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
	if o.Currency != "" && o.Currency != ready.Head.Currency {
		out = append(out, document.Edit{Key: "currency", Value: o.Currency})
	}
	if o.Timezone != "" && o.Timezone != ready.Head.Timezone {
		out = append(out, document.Edit{Key: "timezone", Value: o.Timezone})
	}
	if len(o.Languages) > 0 && !slices.Equal(o.Languages, ready.Head.Languages) {
		out = append(out, document.Edit{Key: "languages", Value: o.Languages})
	}
	return out
}

// AmountLine is a line of a document that has an amount of money.
type AmountLine struct {
	Line int // from 1
	Text string
}

// amount is how documents write money: with as many decimals as it has.
var amount = regexp.MustCompile(`\b[0-9]+\.[0-9]{2}\b`)

// currencyWords are how texts call a currency, beside its code.
var currencyWords = map[string][]string{
	"PLN": {"zł", "злот"}, "CZK": {"Kč", "korun", "крон"}, "EUR": {"€", "euro", "евро"}, "GBP": {"£", "pound", "фунт"},
}

// Amounts finds the lines before the scenarios that have amounts of money, or name the
// currency that was: what must be looked at where it is another one.
func Amounts(src []byte, was string) []AmountLine {
	names := append([]string{was}, currencyWords[was]...)
	var out []AmountLine
	for i, line := range bytes.Split(src, []byte("\n")) {
		text := string(line)
		if strings.HasPrefix(text, "scenarios:") {
			break
		}
		rule, _, _ := strings.Cut(text, " #")
		found := amount.MatchString(rule) && !strings.Contains(rule, "multiply:")
		for _, name := range names {
			found = found || strings.Contains(rule, name)
		}
		if found {
			out = append(out, AmountLine{i + 1, strings.TrimSpace(rule)})
		}
	}
	return out
}
