package document_test

import (
	"errors"

	"github.com/govalues/decimal"

	"premia/internal/core/document"
)

// program is a document with everything that tags can say.
type program struct {
	Name     document.Text          `doc:"name,required" max_len:"40" help:"What members call the program."`
	Currency string                 `doc:"currency,required" pattern:"^[A-Z]{3}$" form:"three capital letters, such as PLN"`
	Version  string                 `doc:"version" max_len:"10"`
	Public   bool                   `doc:"public"`
	Shards   int                    `doc:"shards" min:"1" max:"64"`
	Budget   *int64                 `doc:"budget" min:"0"`
	Langs    []string               `doc:"languages" enum:"en|pl|cs|ru" min_len:"1" max_len:"4"`
	Wallets  document.Map[wallet]   `doc:"wallets" keys:"^[a-z][a-z0-9-]*$" form:"small letters, digits and hyphens"`
	Earn     []rule                 `doc:"earn"`
	Labels   document.Map[[]string] `doc:"labels"`
	window   `doc:",inline"`
}

type window struct {
	From  *document.Moment `doc:"from"`
	Until document.Date    `doc:"until"`
}

type wallet struct {
	Unit    document.UnitName `doc:"unit"`
	Pending document.Span     `doc:"pending"`
	Expires expiry            `doc:"expires"`
}

// expiry may be written in short: never, or a span.
type expiry struct {
	Never bool          `doc:"never"`
	After document.Span `doc:"after,required"`
}

func (e *expiry) Shorthand(text string) error {
	if text == "never" {
		e.Never = true
		return nil
	}
	after, err := document.ParseSpan(text)
	e.After = after
	return err
}

type rule struct {
	ID     ruleID  `doc:"id,required" help:"A name for the rule."`
	When   string  `doc:"when"`
	Give   *give   `doc:"give"`
	Either []rule  `doc:"either"`
	Stop   verdict `doc:"stop" enum:"never|on match"`
}

type verdict string

// ruleID reads its own text.
type ruleID struct{ name string }

func (id *ruleID) UnmarshalText(text []byte) error {
	if string(text) == "all" {
		return errors.New(`"all" means every rule`)
	}
	id.name = string(text)
	return nil
}

type give struct {
	Per   *decimal.Decimal              `doc:"per" above:"0" max:"1000000"`
	Units document.Map[decimal.Decimal] `doc:",rest" min:"0" keys:"^[a-z]+$" min_len:"1"`
}

const sample = `# A program.
name: {en: Bean Club, pl: "Klub \u017Barna", ru: Клуб}
currency: PLN
version: 1.10
public: true
shards: 64
budget: 9223372036854775807
languages: [pl, en]
wallets:
  beans:
    unit:
      pl: {one: ziarno, few: ziarna, many: ziaren, other: ziarna}
      en: beans
    pending: 2w
    expires: {after: 1y6mo}
  cash:
    unit: 100
    expires: never
earn:
  - id: spend
    when: item.category != "gift-card"
    give: {per: 1.00, beans: 1, cash: "0.50"}
    stop: on match
  - id: 2
    either:
      - id: true
        when: >-
          event.total > 10
          && member.age >= 18
labels:
  b: [x]
  a: []
from: 2026-05-01T08:00:00+02:00
until: 2026-12-31
`
