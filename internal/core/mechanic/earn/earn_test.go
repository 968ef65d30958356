package earn_test

import (
	"testing"

	"premia/internal/testkit/mechanics"
)

// example is written as a row of a table, without the names of its fields.
type example mechanics.Example

const (
	noon   = "2026-05-04 12:00" // a Monday
	basket = `"total": "100.00", "tax": "20.00", "shipping": "10.00", "paid_with_gift_cards": "15.00", "paid_with_points": "5.00", "items": [
		{"sku": "A", "category": "coffee", "brand": "x", "quantity": "2", "unit_price": "20.00"},
		{"sku": "B", "category": "tea", "brand": "x", "quantity": "1.5", "unit_price": "20.00"},
		{"sku": "C", "category": "cake", "total": "20.00"}]`
)

func TestWhatCounts(t *testing.T) {
	for _, x := range []example{
		{"leaves out gift cards and points where nothing is said", `
earn: [{id: a, give: {points: 1, per: 1.00}}]`, []string{mechanics.Bought(noon, basket)}, []string{"a points 80"}},
		{"counts all", `
earn: [{id: a, without: [], give: {points: 1, per: 1.00}}]`, []string{mechanics.Bought(noon, basket)}, []string{"a points 100"}},
		{"leaves out tax", `
earn: [{id: a, without: [tax], give: {points: 1, per: 1.00}}]`, []string{mechanics.Bought(noon, basket)}, []string{"a points 80"}},
		{"leaves out shipping", `
earn: [{id: a, without: [shipping], give: {points: 1, per: 1.00}}]`, []string{mechanics.Bought(noon, basket)}, []string{"a points 90"}},
		{"leaves out everything", `
earn: [{id: a, without: [tax, shipping, gift cards, points], give: {points: 1, per: 1.00}}]`, []string{mechanics.Bought(noon, basket)}, []string{"a points 50"}},
		{"shares among items what was paid otherwise", `
earn: [{id: a, items: item.category == "tea", give: {cash: 1, per: 1.00}}]`, []string{mechanics.Bought(noon, basket)}, []string{"a cash 23.33"}}, // 30/90 of 100-10-15-5
		{"counts no shipping for items", `
earn: [{id: a, without: [], items: item.category == "coffee", give: {points: 1, per: 1.00}}]`, []string{mechanics.Bought(noon, basket)}, []string{"a points 40"}},
		{"counts items", `
earn: [{id: a, give: {stamps: 1, per: item}}, {id: b, items: item.brand == "x", give: {stamps: 1, per: item}}]`,
			[]string{mechanics.Bought(noon, basket)}, []string{"a stamps 4, b stamps 3"}},
		{"finds no such item", `
earn: [{id: a, items: item.category == "gift", give: {stamps: 1, per: item}}]`, []string{mechanics.Bought(noon, basket)}, []string{"a no_items"}},
		{"knows an absent field from a condition that is not met", `
earn: [{id: a, when: event.channel == "app", give: {stamps: 1}}]`,
			[]string{mechanics.Bought(noon, `"total": "1.00"`), mechanics.Bought(noon, `"total": "1.00", "channel": "web"`), mechanics.Bought(noon, `"total": "1.00", "channel": "app"`)},
			[]string{"a missing", "a not_met", "a stamps 1"}},
	} {
		mechanics.Example(x).Check(t)
	}
}

func TestRates(t *testing.T) {
	buy := func(total string) string { return mechanics.Bought(noon, `"total": "`+total+`"`) }
	for _, x := range []example{
		{"gives a percentage of money in the wallet's unit", `
earn: [{id: a, give: {cash: 2.5%}}, {id: b, give: {points: 10%}}]`, []string{buy("33.33"), buy("9.99")}, []string{"a cash 0.83, b points 3", "a cash 0.24, b too_little"}},
		{"gives for each full amount in proportion", `
earn: [{id: a, give: {points: 3, per: 2.50}}]`, []string{buy("2.49"), buy("2.50"), buy("10.84")}, []string{"a points 2", "a points 3", "a points 13"}},
		{"gives by a formula", `
earn: [{id: a, give: {cash: event.total * 0.015 + 1.00}}]`, []string{buy("33.33")}, []string{"a cash 1.49"}},
		{"gives nothing for a formula below zero", `
earn: [{id: a, give: {points: event.total - 50.00}}]`, []string{buy("33.33"), buy("60.00")}, []string{"a too_little", "a points 10"}},
		{"gives in several wallets", `
earn: [{id: a, give: {points: 5, cash: 0.50}}]`, []string{buy("1.00")}, []string{"a points 5, a cash 0.50"}},
		{"multiplies what other rules gave in the wallet", `
earn: [{id: a, give: {points: 1, per: 1.00}}, {id: b, give: {points: 5, cash: 1}}, {id: c, multiply: {points: 1.5}}]`,
			[]string{buy("11.00")}, []string{"a points 11, b points 5, b cash 1.00, c points 8"}},
		{"multiplies not what the same rule gave", `
earn: [{id: a, give: {points: 10}, multiply: {points: 2}}, {id: b, give: {points: 3}}]`, []string{buy("1.00")}, []string{"a points 10, b points 3, a points 3"}},
	} {
		mechanics.Example(x).Check(t)
	}
	for rounding, want := range map[string]string{"floor": "1.22", "ceiling": "1.23", "half up": "1.23", "half even": "1.22", "toward zero": "1.22"} {
		mechanics.Example{It: "rounds " + rounding, Rules: `
earn: [{id: a, rounding: ` + rounding + `, give: {cash: 10%}}]`, Events: []string{buy("12.25")}, Want: []string{"a cash " + want}}.Check(t)
	}
}

func TestLimits(t *testing.T) {
	buy := func(day string) string { return mechanics.Bought(day+" 12:00", `"total": "40.00"`) }
	in := func(store, day string) string {
		return mechanics.Bought(day+" 12:00", `"total": "40.00", "store": "`+store+`"`)
	}
	for _, x := range []example{
		{"gives each event at most", `
earn: [{id: a, give: {points: 1, per: 1.00}, limits: {points: {each event: 25}}}]`, []string{buy("2026-05-04"), buy("2026-05-04")},
			[]string{"a points 25 (each event)", "a points 25 (each event)"}},
		{"gives each day at most, and the rest of it", `
earn: [{id: a, give: {points: 1, per: 1.00}, limits: {points: {each day: 70}}}]`,
			[]string{buy("2026-05-04"), buy("2026-05-04"), buy("2026-05-04"), buy("2026-05-05")},
			[]string{"a points 40", "a points 30 (each day)", "a limit_reached (each day)", "a points 40"}},
		{"begins weeks on Monday", `
earn: [{id: a, give: {points: 1, per: 1.00}, limits: {points: {each week: 40}}}]`,
			[]string{buy("2026-05-04"), buy("2026-05-10"), buy("2026-05-11")}, []string{"a points 40", "a limit_reached (each week)", "a points 40"}},
		{"gives each month and each year at most", `
earn: [{id: a, give: {points: 1, per: 1.00}, limits: {points: {each month: 60, each year: 90}}}]`,
			[]string{buy("2026-05-04"), buy("2026-05-31"), buy("2026-06-01"), buy("2027-01-01")},
			[]string{"a points 40", "a points 20 (each month)", "a points 30 (each year)", "a points 40"}},
		{"gives each member at most", `
earn: [{id: a, give: {points: 1, per: 1.00}, limits: {points: {each member: 50}}}]`,
			[]string{buy("2026-05-04"), buy("2028-05-04")}, []string{"a points 40", "a points 10 (each member)"}},
		{"gives nothing rather than a part", `
earn: [{id: a, give: {points: 1, per: 1.00}, limits: {points: {each day: 70, whole: true}}}]`,
			[]string{buy("2026-05-04"), buy("2026-05-04")}, []string{"a points 40", "a limit_reached (each day)"}},
		{"counts times, one for each event and all wallets", `
earn: [{id: a, give: {points: 5, stamps: 1}, limits: {times: {each day: 2}}}]`,
			[]string{buy("2026-05-04"), buy("2026-05-04"), buy("2026-05-04")},
			[]string{"a points 5, a stamps 1", "a points 5, a stamps 1", "a limit_reached (each day), a limit_reached (each day)"}},
		{"keeps the limits of wallets apart", `
earn: [{id: a, give: {points: 50, stamps: 1}, limits: {points: {each day: 60}, stamps: {each day: 3}}}]`,
			[]string{buy("2026-05-04"), buy("2026-05-04")}, []string{"a points 50, a stamps 1", "a points 10 (each day), a stamps 1"}},
		{"gives what a budget leaves", `
earn: [{id: a, give: {points: 1, per: 1.00}, limits: {points: {in total: 70}}}]`,
			[]string{buy("2026-05-04"), buy("2026-05-04"), buy("2026-05-04")}, []string{"a points 40", "a points 30 (in total)", "a budget_spent (in total)"}},
		{"takes nothing from a budget when the uses are over", `
earn: [{id: a, give: {points: 1, per: 1.00}, limits: {points: {in total: 100}, times: {in total: 1}}}, {id: b, when: event.total < 1.00, give: {points: 1}}]`,
			[]string{buy("2026-05-04"), buy("2026-05-04")}, []string{"a points 40, b not_met", "a budget_spent (in total), b not_met"}},
		{"gives all members together so much a day", `
earn: [{id: a, give: {points: 1, per: 1.00}, limits: {points: {in total each day: 70, in total: 130}}}]`,
			[]string{buy("2026-05-04"), buy("2026-05-04"), buy("2026-05-05"), buy("2026-05-06"), buy("2026-05-07")},
			[]string{"a points 40", "a points 30 (in total each day)", "a points 40", "a points 20 (in total)", "a budget_spent (in total)"}},
		{"gives each store its own budget, each month anew", `
earn: [{id: a, give: {points: 1, per: 1.00}, limits: {points: {each store each month: 60}, times: {each store: 4}}}]`,
			[]string{in("north", "2026-05-04"), in("north", "2026-05-31"), in("south", "2026-05-31"), in("north", "2026-06-01"), in("north", "2026-07-01"), in("north", "2026-08-01"), buy("2026-06-01")},
			[]string{"a points 40", "a points 20 (each store each month)", "a points 40", "a points 40", "a points 40", "a budget_spent (each store)", "a points 40"}},
		{"limits what it gives in money", `
earn: [{id: a, give: {coins: 3}, limits: {money: {in total: 2.00, each day: 1.00}}}]`,
			[]string{buy("2026-05-04"), buy("2026-05-04"), buy("2026-05-05"), buy("2026-05-06")},
			[]string{"a coins 3", "a coins 1 (each day)", "a coins 3", "a coins 1 (in total)"}},
		{"gives again what has expired", `
earn: [{id: a, give: {coins: 3}, limits: {liability: {in total: 1.25}}}]`,
			[]string{buy("2026-05-04"), buy("2026-05-05"), buy("2026-05-06"), buy("2026-05-06")},
			[]string{"a coins 3", "a coins 2 (in total)", "a coins 3", "a budget_spent (in total)"}},
	} {
		mechanics.Example(x).Check(t)
	}
}

func TestWindows(t *testing.T) {
	at := func(when string) string { return mechanics.Bought(when, `"total": "1.00"`) }
	for _, x := range []example{
		{"includes the last day", `
earn: [{id: a, from: 2026-05-01, until: 2026-05-31, give: {points: 1}}]`,
			[]string{at("2026-04-30 23:59"), at("2026-05-01 00:00"), at("2026-05-31 23:59"), at("2026-06-01 00:00")},
			[]string{"a not_yet", "a points 1", "a points 1", "a over"}},
		{"ends at the moment that is written", `
earn: [{id: a, until: 2026-05-31 18:00, give: {points: 1}}]`, []string{at("2026-05-31 17:59"), at("2026-05-31 18:00")}, []string{"a points 1", "a over"}},
		{"keeps to weekdays", `
earn: [{id: a, days: [sat, sun], give: {points: 1}}]`,
			[]string{at("2026-05-01 12:00"), at("2026-05-02 00:00"), at("2026-05-03 23:59"), at("2026-05-04 00:00")},
			[]string{"a wrong_time", "a points 1", "a points 1", "a wrong_time"}},
		{"keeps to hours", `
earn: [{id: a, hours: 15:00-17:00, give: {points: 1}}]`, []string{at("2026-05-01 14:59"), at("2026-05-01 15:00"), at("2026-05-01 17:00")},
			[]string{"a wrong_time", "a points 1", "a wrong_time"}},
		{"keeps to hours until the day's end", `
earn: [{id: a, hours: 22:00-24:00, give: {points: 1}}]`, []string{at("2026-05-01 23:59"), at("2026-05-02 00:00")}, []string{"a points 1", "a wrong_time"}},
		{"counts hours over midnight to the day on which they begin", `
earn: [{id: a, days: [fri], hours: 22:00-02:00, give: {points: 1}}]`,
			[]string{at("2026-05-01 01:00"), at("2026-05-01 22:00"), at("2026-05-02 01:59"), at("2026-05-02 02:00"), at("2026-05-02 23:00")},
			[]string{"a wrong_time", "a points 1", "a points 1", "a wrong_time", "a wrong_time"}},
		{"knows the hours of the day on which clocks change", `
earn: [{id: a, days: [sun], hours: 01:00-04:00, give: {points: 1}}]`,
			[]string{
				`{"type": "purchase", "total": "1.00", "time": "2026-03-28T23:59:00Z"}`, `{"type": "purchase", "total": "1.00", "time": "2026-03-29T01:59:00Z"}`,
				`{"type": "purchase", "total": "1.00", "time": "2026-03-29T02:00:00Z"}`, `{"type": "purchase", "total": "1.00", "time": "2026-10-25T02:59:00Z"}`,
				`{"type": "purchase", "total": "1.00", "time": "2026-10-25T03:00:00Z"}`,
			},
			[]string{"a wrong_time", "a points 1", "a wrong_time", "a points 1", "a wrong_time"}},
	} {
		mechanics.Example(x).Check(t)
	}
}
