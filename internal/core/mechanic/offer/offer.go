// Package offer is promotions that members have: everybody, those whom a condition
// names, or those to whom an offer was given. Some a member must first activate, of a
// group perhaps only so many in a period; and a member may choose, for a period, what
// earns more. What they give is reckoned as campaigns and promotions are.
//
// What always holds: a member never activates more of a group than may be chosen in a
// period; an offer gives only within its time, and where it needs activating only to
// who had it active at the event's moment; purchases are undone by what was active
// when they were made; and what ended is forgotten.
package offer

import (
	"embed"
	"io/fs"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/rule"
)

//go:embed words
var words embed.FS

// Offer is one offer of the document.
type Offer struct {
	rule.Common `doc:",inline"`
	rule.Window `doc:",inline"`
	Rotation    *Rotation      `doc:"rotation" help:"only in every so many weeks or months, so that offers take turns: {each: week, of: 4, first: 2026-05-04}"`
	Paused      bool           `doc:"paused" help:"keep the offer and let it give nothing"`
	For         string         `doc:"for" max_len:"4096" help:"who can have it: a condition on the member and the wallets; everybody if not said"`
	Personal    bool           `doc:"personal" help:"only members to whom it was given can have it"`
	Activate    bool           `doc:"activate" help:"the member must activate it first; offers of a group always"`
	Group       string         `doc:"group" max_len:"60" help:"one of the offer groups, of which a member can activate only so many"`
	Lasts       *document.Span `doc:"lasts" help:"how long it can be used once it is active; to the end of the group's period, or of the offer, if not said"`
	GiveUp      bool           `doc:"give up" help:"a member can give it up again, until it was used"`
	rule.Extra  `doc:",inline"`
	Discount    *rule.Discount         `doc:"discount" help:"what it takes off baskets at list prices, instead of giving"`
	Stacking    *rule.DiscountStacking `doc:"stacking" help:"how it goes together with other offers"`
	AfterReturn string                 `doc:"after return" enum:"back|gone" help:"whether its use comes back when nothing of the purchase remains: back if not said"`
}

// Rotation lets offers take turns.
type Rotation struct {
	Each  string          `doc:"each,required" enum:"day|week|month" help:"the length of a turn"`
	Of    int             `doc:"of,required" min:"2" max:"100" help:"how many turns there are until it is this offer's again"`
	First document.Moment `doc:"first,required" help:"a day of one of its turns"`
}

// Group is offers of which a member activates a few.
type Group struct {
	Name   document.Text `doc:"name" help:"the group's name for members"`
	Choose int           `doc:"choose,required" min:"1" max:"50" help:"how many of its offers a member can activate"`
	Each   string        `doc:"each" enum:"day|week|month|quarter|year" help:"in each such period; at one time if not said"`
}

// Choice is what a member chooses for a period.
type Choice struct {
	ID         string                `doc:"id,required" pattern:"^[a-z][a-z0-9_]*$" max_len:"60" help:"the choice's own name: small letters, digits, _"`
	Name       document.Text         `doc:"name,required" help:"its name for members"`
	Each       string                `doc:"each,required" enum:"day|week|month|quarter|year" help:"for how long a member chooses"`
	Options    *document.Map[Option] `doc:"options,required" help:"what can be chosen, by id"`
	Change     string                `doc:"change" enum:"never|until used" help:"whether a member can choose anew before the period ends: never if not said"`
	On         string                `doc:"on" help:"the event type that it is about; purchase if not said"`
	When       string                `doc:"when" max_len:"4096" help:"a condition on the event, the member, the wallets and the time"`
	For        string                `doc:"for" max_len:"4096" help:"who can choose: a condition on the member and the wallets; everybody if not said"`
	rule.Extra `doc:",inline"`
}

// Option is what can be chosen.
type Option struct {
	Name  document.Text `doc:"name,required" help:"its name for members"`
	Items string        `doc:"items,required" max_len:"4096" help:"a condition on each item; what of these is bought counts"`
}

// Mechanic is the door of offers. It comes before the mechanics with conditions,
// which may read offer.ID: whether the member has it active.
type Mechanic struct{}

// Section gives the key offers.
func (Mechanic) Section() document.Section {
	return document.Section{Key: "offers", Into: &[]Offer{}, Help: "promotions that members have, and perhaps activate first"}
}

// Words are the catalogues of offers.
func (Mechanic) Words() fs.FS { return words }

// Groups is the door of offer groups.
type Groups struct{}

// Section gives the key offer groups.
func (Groups) Section() document.Section {
	return document.Section{Key: "offer groups", Into: &document.Map[Group]{}, Help: "offers of which a member activates only so many, by id"}
}

// Words gives none: they are with those of offers.
func (Groups) Words() fs.FS { return nil }

// Choices is the door of choices. It comes before the mechanics with conditions,
// which may read choice.ID: what the member chose.
type Choices struct{}

// Section gives the key choices.
func (Choices) Section() document.Section {
	return document.Section{Key: "choices", Into: &[]Choice{}, Help: "what a member chooses for a period, such as what earns more this month"}
}

// Words gives none: they are with those of offers.
func (Choices) Words() fs.FS { return nil }

// Rules is the door of what offers and choices give. It has no section of its own:
// the others declare, before conditions can be read.
type Rules struct{}

// Section gives no key.
func (Rules) Section() document.Section { return document.Section{} }

// Words gives none: they are with those of offers.
func (Rules) Words() fs.FS { return nil }

// silent is a stage that only declares.
type silent struct{}

// Apply does nothing.
func (silent) Apply(*engine.Turn) {}

type declaredOffers struct {
	silent
	list []Offer
}

type declaredGroups struct {
	silent
	groups *document.Map[Group]
}

type declaredChoices struct {
	silent
	list []Choice
}
