package challenge

import (
	"io/fs"
	"strconv"

	"github.com/govalues/decimal"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/rule"
)

// Card is one stamp card of the document.
type Card struct {
	rule.Common `doc:",inline"`
	rule.Window `doc:",inline"`
	Paused      bool              `doc:"paused" help:"keep the card and give no stamps"`
	Stamps      string            `doc:"stamps" enum:"items|events" help:"what a stamp is for: each whole item (if not said), or each event"`
	Unit        document.UnitName `doc:"unit" help:"what members call a stamp: {en: {one: coffee, other: coffees}}"`
	Full        int64             `doc:"full,required" min:"1" max:"1000" help:"how many stamps a card has; more begin the next card"`
	Prize       `doc:",inline"`
	Valid       *document.Span            `doc:"valid" help:"how long a card is good from its first stamp; for ever if not said"`
	Cards       *Repeat                   `doc:"cards" help:"how many cards a member can fill; any number if not said"`
	Limits      document.Map[rule.Limits] `doc:"limits" help:"wallet (or times): the most it gives"`
	Pending     *rule.Pending             `doc:"pending" help:"how long the award waits; as the wallet if not said"`
	Expires     *rule.Expires             `doc:"expires" help:"when the award is gone; as the wallet if not said"`
}

// Cards is the door of stamp cards.
type Cards struct{}

// Section gives the key stamp cards.
func (Cards) Section() document.Section {
	return document.Section{Key: "stamp cards", Into: &[]Card{}, Help: "cards that are full after so many items or purchases"}
}

// Words gives none: they are with the challenges'.
func (Cards) Words() fs.FS { return nil }

// Compile checks the stamp cards.
func (Cards) Compile(c *engine.Compiler, section any) engine.Stage {
	s := &stage{}
	for i := range *section.(*[]Card) {
		x := &(*section.(*[]Card))[i]
		t := compileCard(c, "stamp cards["+strconv.Itoa(i)+"]", x)
		t.paused = x.Paused
		s.trackers = append(s.trackers, t)
	}
	return s.orNil()
}

func compileCard(c *engine.Compiler, path string, x *Card) *tracker {
	t := &tracker{
		Compiled: rule.CompileCommon(c, path, "card", &x.Common), kind: aCard,
		measure: stamps, frame: always, currency: c.Program.Currency,
		forms: unitForms(c, path+".unit", x.Unit),
	}
	if x.Stamps == "events" {
		t.measure = events
	}
	t.on, t.pending, t.expires = x.On, x.Pending, x.Expires
	t.window = rule.CompileWindow(c, path, t.Name, &x.Window)
	if x.Valid != nil {
		t.frame = fromFirst
		if t.span = engine.Span(*x.Valid); t.span.IsZero() {
			c.Problem(path+".valid", "never_applies", "a card of no time is gone at once", "write a length of time such as 6mo")
		}
	}
	if x.Cards != nil {
		t.repeat = x.Cards.Times
	}
	if full, err := decimal.New(x.Full, 0); err == nil {
		t.addGoal(c, path, ".full", full, &x.Prize)
	}
	t.finish(c, path, x.Limits)
	return t
}
