// Package program reads a program's document: one YAML text that says all the
// rules. It parses strictly, checks the whole and reports every mistake with
// its place, compiles the rules into an immutable [engine.Program], runs the
// document's scenarios, and describes the rules in words.
//
// A document that Load accepts can always be decided by: no event of a checked
// form makes its rules fail.
package program

import (
	"fmt"
	"strings"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

// Head is the part of a document that belongs to no mechanic.
type Head struct {
	Program   string        `doc:"program,required" max_len:"120" help:"the program's name"`
	Title     document.Text `doc:"title" help:"the program's name for members, where it differs by language"`
	Currency  string        `doc:"currency,required" pattern:"^[A-Z]{3}$" help:"the ISO 4217 code of the currency of all amounts"`
	Scale     *int          `doc:"currency decimals" min:"0" max:"6" help:"decimals of amounts of money; as usual for the currency if not said"`
	Timezone  string        `doc:"timezone,required" help:"the IANA time zone in which days begin, such as Europe/Warsaw"`
	Languages []string      `doc:"languages,required" enum:"en|pl|cs|ru" help:"the languages that members read; the first is the fallback"`
	Enrolment *Enrolment    `doc:"enrolment" help:"what happens with buyers who are not members"`
	Names     *CodeNames    `doc:"names" help:"what members call the codes that conditions compare with; a code without a name is quoted as it is"`
	Scenarios []Scenario    `doc:"scenarios" help:"tests of the program: events and what is to come of them"`
}

// Enrolment is the document's policy for buyers who are not members.
type Enrolment struct {
	Unknown     string         `doc:"unknown" enum:"refuse|enrol|guest" help:"an event of an unknown identity: refuse it (if not said), enrol the buyer, or keep it as a guest's"`
	ClaimWithin *document.Span `doc:"claim within" help:"how long a member may claim a purchase made as a guest; always if not said"`
}

// CodeNames are the names of codes, by the field that has the code.
type CodeNames struct {
	Category document.Map[document.Text] `doc:"category" help:"names of items' categories"`
	Channel  document.Map[document.Text] `doc:"channel" help:"names of channels"`
	Store    document.Map[document.Text] `doc:"store" help:"names of stores"`
}

var policies = map[string]engine.UnknownPolicy{
	"": engine.RefuseUnknown, "refuse": engine.RefuseUnknown, "enrol": engine.EnrolUnknown, "guest": engine.GuestUnknown,
}

// Document is a document that was read and compiled.
type Document struct {
	Program *engine.Program
	Head    Head
	Source  *document.Source
	// Amounts are the places of the document, its scenarios included, that have amounts of
	// money or of a wallet, in no order; one may be there twice.
	Amounts []engine.Amount

	scripts []script // the scenarios, ready to run
}

// Load reads, checks and compiles a document. The names of its parts are looked
// up in, and added to, names, which the program keeps. The error is of type
// [document.Problems] and lists all mistakes; the document is then nil.
func Load(file string, src []byte, names *engine.Names) (*Document, error) {
	return load(file, src, names, false)
}

// LoadPublished is Load for a document that was published once, and is the rules for what
// happened under it. That a part of it can never apply, as checks may have learnt to see
// since, is no reason not to read it.
func LoadPublished(file string, src []byte, names *engine.Names) (*Document, error) {
	return load(file, src, names, true)
}

func load(file string, src []byte, names *engine.Names, published bool) (*Document, error) {
	d := &Document{}
	pipeline := Pipeline()
	sections, all := sectionsOf(pipeline)
	source, problems := document.ReadSections(file, src, &d.Head, all)
	if source == nil {
		return nil, problems
	}
	d.Source = source
	d.Program = &engine.Program{Names: names}
	problems = append(problems, d.head()...)
	c := engine.NewCompiler(d.Program, source)
	for i, m := range pipeline {
		if declarer, ok := m.(engine.Declarer); ok {
			declarer.Declare(c, sections[i].Into)
		}
	}
	for i, m := range pipeline {
		if i == declaring() {
			if err := c.CloseEnv(); err != nil {
				return nil, unnamable(file, append(problems, c.Problems()...), err)
			}
		}
		if s := m.Compile(c, sections[i].Into); s != nil {
			c.Add(s)
		}
	}
	c.Close()
	d.checkScenarios(c)
	d.Amounts = c.Amounts()
	read := problems
	for _, p := range c.Problems() {
		if published && p.Code == neverApplies {
			continue
		}
		if !consequence(p, read) {
			problems = append(problems, p)
		}
	}
	if len(problems) > 0 {
		return nil, sorted(problems)
	}
	return d, nil
}

// neverApplies is the code of problems that a part of a document does nothing.
const neverApplies = "never_applies"

// unnamable says why conditions could not be compiled: what was found before, if
// anything, is what keeps the declarations from being names.
func unnamable(file string, problems document.Problems, err error) error {
	if len(problems) > 0 {
		return sorted(problems)
	}
	return fmt.Errorf("%s: %w", file, err)
}

// consequence tells whether a problem follows from one that reading found in
// the same place or deeper: what could not be read is missing later.
func consequence(p document.Problem, of document.Problems) bool {
	for _, q := range of {
		below, within := strings.CutPrefix(q.Path, p.Path)
		if within && (below == "" || p.Path == "" || below[0] == '.' || below[0] == '[') {
			return true
		}
	}
	return false
}

// sectionsOf gives each mechanic's section, and those that have a key.
func sectionsOf(pipeline []engine.Mechanic) (each, keyed []document.Section) {
	for _, m := range pipeline {
		s := m.Section()
		each = append(each, s)
		if s.Key != "" {
			keyed = append(keyed, s)
		}
	}
	return each, keyed
}

// Schema gives the JSON Schema of documents, for editors.
func Schema() ([]byte, error) {
	_, keyed := sectionsOf(Pipeline())
	return document.SchemaSections(&Head{}, keyed, "Premia program")
}

func sorted(p document.Problems) document.Problems {
	p.Sort()
	return p
}

// head checks the head and puts it into the program.
func (d *Document) head() document.Problems {
	var problems document.Problems
	report := func(path, code string, message, hint text.Sentence) {
		problems = append(problems, d.Source.Problem(path, code, message, hint))
	}
	h, p := &d.Head, d.Program
	digits, known := money.CurrencyDigits(h.Currency)
	if !known && h.Currency != "" {
		report("currency", "unknown_currency", text.Say("there is no currency {Currency}", h.Currency), "write an ISO 4217 code such as PLN, CZK, EUR or USD")
	}
	if h.Scale != nil {
		digits = *h.Scale
	}
	p.Currency = money.Unit{Code: h.Currency, Scale: digits}
	zone, err := calendar.Zone(h.Timezone)
	if err != nil && h.Timezone != "" {
		report("timezone", "unknown_timezone", text.Of(err), "")
	}
	if err != nil {
		// The rest is checked all the same; the document is refused anyway.
		zone = time.UTC
	}
	p.Zone = zone
	seen := map[string]bool{}
	for _, lang := range h.Languages {
		if seen[lang] {
			report("languages", "duplicate", text.Say("the language {Lang} is listed twice", lang), "list each language once")
		}
		seen[lang] = true
	}
	p.Languages = h.Languages
	if len(h.Languages) == 0 {
		report("languages", "missing", "a program needs a language", "list those that members read, such as [pl, en]")
		p.Languages = []string{"en"}
	}
	p.Title.Fallback = p.Languages[0]
	p.Title.Texts = map[string]string{p.Languages[0]: strings.TrimSpace(h.Program)}
	for lang, words := range h.Title {
		if lang == "" {
			lang = p.Languages[0]
		}
		p.Title.Texts[lang] = words
	}
	d.codeNames()
	if h.Enrolment != nil {
		p.Enrolment.Unknown = policies[h.Enrolment.Unknown]
		if h.Enrolment.ClaimWithin != nil {
			p.Enrolment.ClaimWithin = engine.Span(*h.Enrolment.ClaimWithin)
		}
	}
	return problems
}

// codeNames puts the names of codes into the program.
func (d *Document) codeNames() {
	p, names := d.Program, d.Head.Names
	if names == nil {
		return
	}
	p.CodeNames = make(map[string]map[string]text.Localized)
	for field, codes := range map[string]*document.Map[document.Text]{"category": &names.Category, "channel": &names.Channel, "store": &names.Store} {
		p.CodeNames[field] = make(map[string]text.Localized)
		for code, name := range codes.All() {
			p.CodeNames[field][code] = engine.LocalizedIn(p.Languages[0], name, code)
		}
	}
}
