package custom_test

import (
	"strings"
	"testing"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/custom"
	"premia/internal/testkit/mechanics"
)

const rules = `
events:
  review:
    name: {en: coffee review, pl: opinia o kawie, cs: recenze kávy, ru: отзыв о кофе}
    fields:
      stars: {type: whole, required: true, name: {en: stars, pl: gwiazdki, cs: hvězdičky, ru: звёзды}}
      text: text
      score: decimal
      photo: truth
wallets: {points: {name: points}}
earn:
  - {id: r, on: review, when: event.data.stars >= 4, give: {points: 5}}
`

func TestBadTypes(t *testing.T) {
	const wallets = "wallets: {points: {name: points}}\n"
	mechanics.RefusedAs(t, wallets+`events: {Review: {}}`, "events.Review", "invalid")
	mechanics.RefusedAs(t, wallets+`events: {review: {fields: {a-b: text}}}`, "events.review.fields.a-b", "invalid")
	mechanics.RefusedAs(t, wallets+`events: {review: {fields: {a: text}}, visit: {fields: {a: whole}}}`, "events.visit.fields.a", "ambiguous")
	mechanics.RefusedAs(t, wallets+`events: {review: {fields: {a: {}}}}`, "events.review.fields.a.type", document.CodeMissing)
}

func datum(name string, kind event.Kind, whole int64) event.Datum {
	return event.Datum{Name: name, Kind: kind, Whole: whole}
}

// Conditions read the fields, and nothing else decides by them.
func TestFieldsInConditions(t *testing.T) {
	for stars, want := range map[int64]int64{3: 0, 4: 5} {
		m := &mechanics.Member{T: t, Program: mechanics.Load(t, rules), State: ledger.State{Status: ledger.Active}, ID: 7}
		out := m.Decide(event.Event{ID: "r", Type: "review", Data: []event.Datum{datum("stars", event.Whole, stars)}})
		if got := m.Balance("points").Available; out.Outcome != engine.Applied || got != want {
			t.Errorf("%d stars: %s with %d points, want %d", stars, out.Outcome, got, want)
		}
	}
}

func TestCheckData(t *testing.T) {
	p := mechanics.Load(t, rules)
	stars := datum("stars", event.Whole, 5)
	for name, c := range map[string]struct {
		data  []event.Datum
		field string // that is wrong; empty if none is
	}{
		"all fields":         {[]event.Datum{datum("photo", event.Truth, 1), datum("score", event.Whole, 2), stars, {Name: "text", Kind: event.Text, Text: "x"}}, ""},
		"only what it needs": {[]event.Datum{stars}, ""},
		"a field too few":    {nil, "stars"},
		"a field too many":   {[]event.Datum{datum("color", event.Whole, 1), stars}, "color"},
		"another type":       {[]event.Datum{{Name: "stars", Kind: event.Text, Text: "5"}}, "stars"},
	} {
		field, why, ok := custom.CheckData(p.EventType("review"), &event.Event{Type: "review", Data: c.data})
		if field != c.field || ok != (c.field == "") || ok != (why == "") {
			t.Errorf("%s: %q is wrong (%s), want %q", name, field, why, c.field)
		}
	}
	if _, _, ok := custom.CheckData(nil, &event.Event{Type: "visit", Data: []event.Datum{stars}}); ok {
		t.Error("data of a type without fields are accepted")
	}
}

func TestWords(t *testing.T) {
	p := mechanics.Load(t, rules)
	for lang, want := range map[string][2]string{
		"en": {"Coffee review:", "stars: at least 4."}, "pl": {"Opinia o kawie:", "gwiazdki: co najmniej 4."},
		"cs": {"Recenze kávy:", "hvězdičky: alespoň 4."}, "ru": {"Отзыв о кофе:", "звёзды: не меньше 4."},
	} {
		if said := mechanics.Described(t, p, lang); !strings.Contains(said, want[0]) || !strings.Contains(said, want[1]) || strings.Contains(said, "⟦") {
			t.Errorf("in %s: %s, want %q", lang, said, want)
		}
	}
}
