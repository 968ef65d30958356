package program

import (
	"embed"
	"io/fs"

	"premia/internal/core/condition"
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/money"
	"premia/internal/core/pricehistory"
	"premia/internal/core/text"
)

//go:embed words
var words embed.FS

// Catalogs are the words of everything that programs, descriptions and
// explanations say, to be loaded into one catalogue.
func Catalogs() []fs.FS {
	all := []fs.FS{words, condition.Words, rule.Words(), pricehistory.Words()}
	for _, m := range Pipeline() {
		if own := m.Words(); own != nil {
			all = append(all, own)
		}
	}
	return all
}

var policyWords = map[engine.UnknownPolicy]string{
	engine.RefuseUnknown: "program.refuse", engine.EnrolUnknown: "program.enrol", engine.GuestUnknown: "program.guest",
}

// Describe says for members how the program works: the program itself first, and
// then its mechanics in the order of the pipeline.
func Describe(p *engine.Program) []engine.Section {
	d := &engine.Description{Program: p}
	d.Section(text.New("program.heading", "Title", p.Title))
	d.Say(text.New("program.currency", "Currency", p.Currency.Code))
	if usual, known := money.CurrencyDigits(p.Currency.Code); !known || usual != p.Currency.Scale {
		d.Say(text.New("program.decimals", "Count", int64(p.Currency.Scale)))
	}
	d.Say(text.New("program.timezone", "Zone", p.Zone.String()))
	d.Say(text.New(policyWords[p.Enrolment.Unknown]))
	if within := p.Enrolment.ClaimWithin; !within.IsZero() {
		span := text.Span{Years: within.Years, Months: within.Months, Days: within.Days, Hours: within.Minutes / 60, Minutes: within.Minutes % 60}
		d.Say(text.New("program.claim_within", "Span", span))
	}
	for _, s := range p.Stages() {
		if describer, ok := s.(engine.Describer); ok {
			describer.Describe(d)
		}
	}
	return d.Sections
}
