package offer_test

import (
	"testing"

	"premia/internal/testkit/mechanics"
)

func TestScenarios(t *testing.T) { mechanics.Stories(t, "testdata/offers.yaml", 12) }

func TestMistakesInDocuments(t *testing.T) {
	const wallets = "wallets: {points: {name: points}}\n"
	const a = "offers: [{id: a, bonus: {points: 1}"
	for _, x := range []struct{ section, path, code string }{
		{"offers: [{id: a}]", "offers[0]", "missing"},
		{a + ", discount: {percent: 5}}]", "offers[0]", "ambiguous"},
		{a + ", group: weekly}]", "offers[0].group", "unknown_group"},
		{a + ", give up: true}]", "offers[0].give up", "never_applies"},
		{a + ", lasts: 7d}]", "offers[0].lasts", "never_applies"},
		{a + ", activate: true, lasts: 0d}]", "offers[0].lasts", "out_of_range"},
		{a + ", from: 2026-05-10, until: 2026-05-04}]", "offers[0].until", "never_applies"},
		{a + ", from: 2026-05-11, until: 2026-05-17, rotation: {each: week, of: 3, first: 2026-05-04}}]", "offers[0].rotation", "never_applies"},
		{a + ", for: '1 > 2'}]", "offers[0].for", "never_true"},
		{a + ", stacking: {alone: true}}]", "offers[0].stacking.alone", "never_applies"},
		{a + ", after return: gone}]", "offers[0].after return", "never_applies"},
		{"returns: {}\n" + a + ", after return: gone}]", "offers[0].after return", "never_applies"},
		{a + "}, {id: a, bonus: {points: 1}}]", "offers[1].id", "duplicate_id"},
		{"offers: [{id: a, discount: {percent: 5}, on: enrolment}]", "offers[0].on", "never_applies"},
		{"offers: [{id: a, discount: {percent: 5}, expires: never}]", "offers[0].expires", "never_applies"},
		{"offers: [{id: a, discount: {percent: 5}, limits: {points: {each day: 1}}}]", "offers[0].limits.points", "never_applies"},
		{"offer groups: {weekly: {choose: 1}}", "offer groups.weekly", "never_applies"},
		{"offer groups: {weekly: {choose: 1}}\n" + a + ", group: weekly}]", "offer groups.weekly.choose", "never_applies"},
		{"choices: [{id: c, name: C, each: month, options: {x: {name: X, items: item.sku == \"x\"}, y: {name: Y, items: item.sku == \"y\"}}}]", "choices[0]", "missing"},
		{"choices: [{id: c, name: C, each: month, options: {x: {name: X, items: item.sku == \"x\"}}, bonus: {points: 1}}]", "choices[0].options", "never_applies"},
	} {
		mechanics.RefusedAs(t, wallets+x.section, x.path, x.code)
	}
}
