package campaign_test

import (
	"testing"

	"premia/internal/testkit/mechanics"
)

// example is written as a row of a table, without the names of its fields.
type example mechanics.Example

const (
	noon   = "2026-05-04 12:00"
	basket = `"total": "100.00", "items": [
		{"sku": "A", "category": "coffee", "total": "60.00"}, {"sku": "B", "category": "tea", "total": "39.50"}, {"sku": "C", "category": "cake", "total": "0.50"}]`
	spend = `
earn: [{id: spend, give: {points: 1, per: 1.00}}]
campaigns:
`
)

func buy(total string) string { return mechanics.Bought(noon, `"total": "`+total+`"`) }

func TestMultipliers(t *testing.T) {
	for _, x := range []example{
		{"doubles what was earned", spend + `
- {id: a, multiply: {points: 2}}`, []string{buy("10.99")}, []string{"spend points 10, a points 10"}},
		{"adds factors of several campaigns", spend + `
- {id: a, multiply: {points: 2}}
- {id: b, multiply: {points: 1.5}}`, []string{buy("11.00")}, []string{"spend points 11, a points 11, b points 5"}},
		{"multiplies only what matching items earned", spend + `
- {id: a, items: item.category == "tea", multiply: {points: 3}}
- {id: b, items: item.category == "gift", multiply: {points: 3}}`, []string{mechanics.Bought(noon, basket)}, []string{"spend points 100, a points 78, b no_items"}},
		{"multiplies the items that both rules count", `
earn: [{id: spend, items: item.category != "tea", give: {points: 1, per: 1.00}}]
campaigns:
- {id: a, items: 'item.category in ["tea", "cake", "coffee"]', multiply: {points: 2}}
- {id: b, items: item.category == "tea", multiply: {points: 2}}`, []string{mechanics.Bought(noon, basket)}, []string{"spend points 60, a points 60, b too_little"}},
		{"multiplies what limits left", `
earn: [{id: spend, give: {points: 1, per: 1.00}, limits: {points: {each event: 30}}}]
campaigns:
- {id: a, multiply: {points: 2}}`, []string{buy("80.00")}, []string{"spend points 30 (each event), a points 30"}},
		{"does not multiply campaigns", spend + `
- {id: a, bonus: {points: 100}}
- {id: b, multiply: {points: 2}}`, []string{buy("10.00")}, []string{"spend points 10, a points 100, b points 10"}},
		{"says when it is paused: nothing", spend + `
- {id: a, paused: true, bonus: {points: 100}}`, []string{buy("10.00")}, []string{"spend points 10"}},
		{"is about the event that it names", spend + `
- {id: a, on: enrolment, bonus: {points: 100}}`, []string{buy("10.00")}, []string{"spend points 10"}},
	} {
		mechanics.Example(x).Check(t)
	}
}

func TestThresholds(t *testing.T) {
	const steps = `
- id: a
  thresholds: [{from: 50.00, bonus: {points: 5}}, {from: 100.00, bonus: {points: 20, stamps: 1}}]`
	for _, x := range []example{
		{"gives by the highest threshold that is reached", spend + steps,
			[]string{buy("49.99"), buy("50.00"), buy("99.99"), buy("100.00")},
			[]string{"spend points 49, a too_little", "spend points 50, a points 5", "spend points 99, a points 5", "spend points 100, a points 20, a stamps 1"}},
		{"counts matching items", spend + steps + `
  items: item.category == "coffee"`, []string{mechanics.Bought(noon, basket)}, []string{"spend points 100, a points 5"}},
		{"counts all parts of a campaign towards its limit", spend + `
- {id: a, multiply: {points: 2}, bonus: {points: 30}, limits: {points: {each event: 40}}}`,
			[]string{buy("25.00")}, []string{"spend points 25, a points 25, a points 15 (each event)"}},
	} {
		mechanics.Example(x).Check(t)
	}
}

func TestStacking(t *testing.T) {
	for _, x := range []example{
		{"takes the best for the member", spend + `
- {id: a, multiply: {points: 2}, stacking: {group: g}}
- {id: b, bonus: {points: 30}, stacking: {group: g}}
- {id: c, bonus: {points: 1}}`, []string{buy("10.00"), buy("50.00")},
			[]string{"spend points 10, c points 1, b points 30, a outdone", "spend points 50, c points 1, a points 50, b outdone"}},
		{"takes the first of highest priority", spend + `
- {id: a, bonus: {points: 99}, stacking: {group: g, take: first}}
- {id: b, bonus: {points: 30}, stacking: {group: g, take: first, priority: 5}}
- {id: c, bonus: {points: 40}, stacking: {group: h, take: first}}`, []string{buy("10.00")},
			[]string{"spend points 10, b points 30, a outdone, c points 40"}},
		{"takes the next where the first does not apply", spend + `
- {id: a, bonus: {points: 99}, when: event.total > 50.00, stacking: {group: g, take: first, priority: 9}}
- {id: b, bonus: {points: 30}, stacking: {group: g, take: first, priority: 5}}`, []string{buy("10.00")},
			[]string{"spend points 10, a not_met, b points 30"}},
		{"falls to the next where the budget is spent", spend + `
- {id: a, bonus: {points: 90}, limits: {points: {in total: 100}}, stacking: {group: g}}
- {id: b, bonus: {points: 30}, stacking: {group: g}}`, []string{buy("10.00"), buy("10.00"), buy("10.00")},
			[]string{
				"spend points 10, a points 90, b outdone", "spend points 10, a points 10 (in total), b outdone",
				"spend points 10, a budget_spent (in total), b points 30",
			}},
		{"falls to the next, of the first, too", spend + `
- {id: a, bonus: {points: 90}, limits: {times: {in total: 1}}, stacking: {group: g, take: first, priority: 2}}
- {id: b, bonus: {points: 30}, stacking: {group: g, take: first}}`, []string{buy("10.00"), buy("10.00")},
			[]string{"spend points 10, a points 90, b outdone", "spend points 10, a budget_spent (in total), b points 30"}},
		{"knows by the member's limits what is best", spend + `
- {id: a, bonus: {points: 90}, limits: {points: {each member: 100}}, stacking: {group: g}}
- {id: b, bonus: {points: 30}, stacking: {group: g}}`, []string{buy("10.00"), buy("10.00")},
			[]string{"spend points 10, a points 90, b outdone", "spend points 10, b points 30, a outdone"}},
		{"compares several parts under one limit", spend + `
- {id: a, multiply: {points: 2}, bonus: {points: 50}, limits: {points: {each event: 60}}, stacking: {group: g}}
- {id: b, bonus: {points: 55}, stacking: {group: g}}
- {id: c, bonus: {points: 70}, when: event.total < 40.00, stacking: {group: g}}`, []string{buy("40.00"), buy("39.00")},
			[]string{
				"spend points 40, c not_met, a points 40, a points 20 (each event), b outdone",
				"spend points 39, c points 70, a outdone, b outdone",
			}},
		{"compares very large amounts", spend + `
- {id: a, multiply: {points: 3}, stacking: {group: g}}
- {id: b, bonus: {points: 1}, stacking: {group: g}}`, []string{buy("5000000000.00")},
			[]string{"spend points 5000000000, a points 10000000000, b outdone"}},
	} {
		mechanics.Example(x).Check(t)
	}
}
