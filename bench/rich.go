package main

import (
	"context"
	"fmt"
	"strings"
)

// richProgram is the measured program with forty rules, six challenges and two
// ladders, all of which every purchase meets.
func richProgram() string {
	var b strings.Builder
	b.WriteString(strings.Replace(program, "campaigns:\n", manyRules()+"campaigns:\n", 1))
	b.WriteString(manyGoals)
	return b.String()
}

// manyRules are 37 rules beside the three of the measured program, with
// conditions of which half are met.
func manyRules() string {
	var b strings.Builder
	for i := range 37 {
		condition := fmt.Sprintf("event.total >= %d.00", 10+i)
		items := ""
		switch i % 4 {
		case 1:
			condition = fmt.Sprintf("event.store == \"warszawa-%d\"", i%6)
		case 2:
			condition = fmt.Sprintf("member.purchases > %d", i%5)
		case 3:
			items = ", items: 'item.category == \"" + []string{"coffee", "cake", "tea"}[i%3] + "\"'"
		}
		fmt.Fprintf(&b, "  - {id: rule-%d, when: '%s'%s, give: {points: 1}}\n", i, condition, items)
	}
	return b.String()
}

const manyGoals = `
challenges:
  - {id: coffees, items: item.category == "coffee", count: items, each: month, goal: 1000, give: {points: 50}}
  - {id: cakes, items: item.category == "cake", count: items, each: month, goal: 1000, give: {points: 50}}
  - {id: visits, count: events, each: week, goal: 1000, give: {points: 20}}
  - {id: spent, count: spend, each: month, goal: 1000000.00, give: {points: 20}}
  - {id: kinds, count: products, each: month, goal: 50, give: {points: 20}}
  - {id: shops, count: stores, each: month, goal: 50, give: {points: 20}}
tiers:
  status:
    by: earned.points
    period: calendar year
    levels: [{id: bronze}, {id: silver, from: 1000000}, {id: gold, from: 2000000}]
  volume:
    by: spend
    period: rolling 12 months
    levels: [{id: small}, {id: large, from: 10000000.00}]
`

// rowRich: purchases one by one under the program with many mechanics, against
// those under the simple one.
func rowRich(ctx context.Context, b *bench, database string) error {
	var rates [2]float64
	for i, document := range []string{program, richProgram()} {
		err := b.serving(ctx, database, document, func(_ *workspace, s *server) error {
			run, err := closedLoop(s.address, s.key, "POST", pathEvents, 64, b.events/2, func(n int, dst []byte) []byte {
				return appendPurchase(dst, "r", n)
			})
			rates[i] = run.rate()
			return err
		})
		if err != nil {
			return err
		}
	}
	print("purchases under 40 rules, 6 challenges, 2 ladders, "+database, perSecond(rates[1]), perSecond(rates[0]), rates[1]/rates[0])
	return nil
}
