package challenge_test

import (
	"strings"
	"testing"

	"premia/internal/testkit/mechanics"
)

// head is a café; each test adds its goals.
const head = `
program: Café
currency: PLN
timezone: Europe/Warsaw
languages: [en, pl, cs, ru]
wallets:
  points: {name: points, debt: carry}
  coffees: {name: coffees}
returns: {}
badges:
  coffee_lover: {name: Coffee lover, levels: [{name: Bronze}, {name: Silver}]}
events:
  visit: {}
`

// play plays the scenarios of a café with these sections.
func play(t *testing.T, sections string) {
	t.Helper()
	mechanics.Play(t, head+sections)
}

func TestChallengesWithReturns(t *testing.T) {
	play(t, `
challenges:
  - id: ten-coffees
    count: items
    items: item.category == "coffee"
    goal: 10
    give: {points: 100}
    badge: coffee_lover
scenarios:
  - it: gives at the tenth coffee, takes back with a return of an earlier one, and gives again once
    steps:
      - {at: 2026-05-01, purchase: {id: A, items: [{sku: c, category: coffee, quantity: 9, total: "90"}, {sku: x, total: "5"}]}, expect: {challenge.ten-coffees: 9, points.available: 0}}
      - {at: 2026-05-02, purchase: {id: B, items: [{sku: c, category: coffee, total: "10"}]}, expect: {challenge.ten-coffees: 10, points.available: 100, badge.coffee_lover: 1, gave: {ten-coffees: 100}}}
      - {at: 2026-05-03, return: {order: A, items: [{sku: x}]}, expect: {challenge.ten-coffees: 10, points.available: 100}}
      - {at: 2026-05-03, return: {order: A, items: [{sku: c, quantity: 2}]}, expect: {challenge.ten-coffees: 8, points.available: 0, badge.coffee_lover: 0, because: {ten-coffees: took_back}}}
      - {at: 2026-05-04, purchase: {id: C, items: [{sku: c, category: coffee, quantity: 5, total: "50"}]}, expect: {challenge.ten-coffees: 13, points.available: 100, badge.coffee_lover: 1}}
      - {at: 2026-05-05, return: {order: B}, expect: {challenge.ten-coffees: 12, points.available: 100}}
      - {at: 2026-05-06, return: {order: C}, expect: {challenge.ten-coffees: 7, points.available: 0}}
  - it: owes nothing that had been spent beyond the balance, which goes below zero
    steps:
      - {at: 2026-05-01, purchase: {id: A, items: [{sku: c, category: coffee, quantity: 10, total: "90"}]}, expect: {points.available: 100}}
      - {at: 2026-05-02, adjust: {wallet: points, amount: -80, reason: spent}, expect: {points.available: 20}}
      - {at: 2026-05-03, return: {order: A, items: [{sku: c}]}, expect: {points.available: -80}}
      - {at: 2026-05-04, purchase: {id: B, items: [{sku: c, category: coffee, total: "9"}]}, expect: {points.available: 20}}
`)
}

func TestWindowsAndLateEvents(t *testing.T) {
	play(t, `
challenges:
  - {id: monthly, each: month, goal: 2, give: {points: 10}, repeat: 2, limits: {times: {each year: 2}}}
  - {id: soon, within: 3d, goal: 2, give: {coffees: 1}}
  - {id: newcomer, on: visit, after joining: 2d, goal: 1, give: {points: 1}}
scenarios:
  - it: begins anew each month, twice at most each time, and within the limit of the year
    steps:
      - {at: 2026-01-30, purchase: {id: A, total: "1"}, expect: {challenge.monthly: 1}}
      - {at: 2026-02-01, purchase: {id: B, total: "1"}, expect: {challenge.monthly: 1, points.available: 0}}
      - {at: 2026-02-02, purchase: {id: C, total: "1"}, expect: {points.available: 10}}
      - {at: 2026-02-03, purchase: {id: D, total: "1"}, expect: {points.available: 10}}
      - {at: 2026-02-04, purchase: {id: E, total: "1"}, expect: {points.available: 20}}
      - {at: 2026-02-05, purchase: {id: F, total: "1"}, expect: {points.available: 20}}
      - {at: 2026-02-06, purchase: {id: G, total: "1"}, expect: {points.available: 20}}
      - {at: 2026-03-01, purchase: {id: H, total: "1"}, expect: {challenge.monthly: 1}}
      - {at: 2026-03-01, purchase: {id: I, total: "1"}, expect: {points.available: 20, because: {monthly: limit_reached}}}
      - {at: 2026-03-02, return: {order: B}, expect: {points.available: 20}}
      - {at: 2026-03-02, return: {order: C}, expect: {points.available: 20}}
      - {at: 2026-03-02, return: {order: D}, expect: {points.available: 10}}
      - {at: 2026-03-03, purchase: {id: J, total: "1"}, expect: {points.available: 10}}
      - {at: 2026-03-03, purchase: {id: K, total: "1"}, expect: {points.available: 20}}
  - it: has three days from the first purchase, once
    steps:
      - {at: 2026-01-01, purchase: {id: A, total: "1"}, expect: {challenge.soon: 1}}
      - {at: 2026-01-04, purchase: {id: B, total: "1"}, expect: {challenge.soon: 1, coffees.available: 0}}
      - {at: 2026-01-06, purchase: {id: C, total: "1"}, expect: {coffees.available: 1}}
      - {at: 2026-01-06, purchase: {id: D, total: "1"}, expect: {coffees.available: 1, because: {soon: over}}}
      - {at: 2026-01-07, return: {order: B}, expect: {challenge.soon: 0, coffees.available: 0}}
      - {at: 2026-01-07, purchase: {id: E, total: "1"}, expect: {challenge.soon: 1}}
      - {at: 2026-01-08, purchase: {id: F, total: "1"}, expect: {coffees.available: 1}}
  - it: is for those who joined a moment ago
    steps:
      - {at: 2026-01-01, enrol: {}}
      - {at: 2026-01-03, event: {type: visit}, expect: {because: {newcomer: over}}}
`)
}

func TestStampCards(t *testing.T) {
	play(t, `
stamp cards:
  - {id: cups, items: item.category == "coffee" && item.sku != "free", full: 10, give: {coffees: 1}}
  - {id: visits, stamps: events, on: visit, full: 2, give: {points: 5}, valid: 1mo, cards: 3}
rewards:
  - {id: free-coffee, name: A free coffee, kind: free product, sku: free, price: {coffees: 1}, refund: {within: 7d}}
scenarios:
  - it: carries stamps over to the next cards
    steps:
      - {at: 2026-01-01, purchase: {id: A, items: [{sku: c, category: coffee, quantity: 23, total: "200"}]}, expect: {card.cups: 3, coffees.available: 2}}
      - {at: 2026-01-02, purchase: {id: B, items: [{sku: c, category: coffee, quantity: 7, total: "70"}]}, expect: {card.cups: 0, coffees.available: 3}}
      - {at: 2026-01-03, return: {order: A, items: [{sku: c, quantity: 11}]}, expect: {card.cups: 9, coffees.available: 1}}
      - {at: 2026-01-03, return: {order: A}, expect: {card.cups: 7, coffees.available: 0}}
  - it: gives the free coffee back before the card is undone
    steps:
      - {at: 2026-01-01, purchase: {id: A, items: [{sku: c, category: coffee, quantity: 10, total: "90"}]}, expect: {coffees.available: 1}}
      - {at: 2026-01-02, redeem: free-coffee, expect: {coffees.available: 0}}
      - {at: 2026-01-02, purchase: {id: F, items: [{sku: free, category: coffee, total: "0"}]}, expect: {card.cups: 0}}
      - {at: 2026-01-03, refund: free-coffee, expect: {coffees.available: 1}}
      - {at: 2026-01-04, return: {order: A, items: [{sku: c}]}, expect: {card.cups: 9, coffees.available: 0}}
  - it: takes no more than is there where the free coffee was drunk, since the wallet knows no debt
    steps:
      - {at: 2026-01-01, purchase: {id: A, items: [{sku: c, category: coffee, quantity: 10, total: "90"}]}, expect: {coffees.available: 1}}
      - {at: 2026-01-02, redeem: free-coffee, expect: {coffees.available: 0}}
      - {at: 2026-01-04, return: {order: A, items: [{sku: c}]}, expect: {card.cups: 9, coffees.available: 0}}
  - it: loses a card that is not full after a month, and fills three at most
    steps:
      - {at: 2026-01-01, event: {type: visit}, expect: {card.visits: 1}}
      - {at: 2026-01-31, expect: {card.visits: 1}}
      - {at: 2026-02-01, expect: {card.visits: 0}}
      - {at: 2026-02-02, event: {type: visit}, expect: {card.visits: 1}}
      - {at: 2026-02-03, event: {type: visit}, expect: {card.visits: 0, points.available: 5}}
      - {at: 2026-02-04, event: {type: visit}, expect: {card.visits: 1}}
      - {at: 2026-02-05, event: {type: visit}, expect: {points.available: 10}}
      - {at: 2026-02-06, event: {type: visit}}
      - {at: 2026-02-06, event: {type: visit}, expect: {points.available: 15}}
      - {at: 2026-02-07, event: {type: visit}, expect: {points.available: 15, because: {visits: over}}}
`)
}

func TestStreaks(t *testing.T) {
	play(t, `
streaks:
  - {id: daily, on: visit, every: day, milestones: [{length: 2, give: {points: 1}}, {length: 4, give: {points: 10}}], repeat: 2}
  - {id: weekly, every: week, may miss: 1, length: 3, give: {coffees: 1}}
scenarios:
  - it: counts days of 23 and of 25 hours as days
    steps:
      - {at: 2026-03-28 23:30, event: {type: visit}, expect: {streak.daily: 1}}
      - {at: 2026-03-29 23:30, event: {type: visit}, expect: {streak.daily: 2, points.available: 1}}
      - {at: 2026-03-30 00:30, event: {type: visit}, expect: {streak.daily: 3}}
      - {at: 2026-03-30 23:00, event: {type: visit}, expect: {streak.daily: 3}}
      - {at: 2026-03-31 01:00, event: {type: visit}, expect: {streak.daily: 4, points.available: 11}}
      - {at: 2026-04-01 23:59, expect: {streak.daily: 4}}
      - {at: 2026-04-02 00:00, expect: {streak.daily: 0}}
      - {at: 2026-10-24 23:59, event: {type: visit}, expect: {streak.daily: 1}}
      - {at: 2026-10-25 00:01, event: {type: visit}, expect: {streak.daily: 2, points.available: 12}}
      - {at: 2026-10-25 23:59, event: {type: visit}, expect: {streak.daily: 2}}
      - {at: 2026-10-26 00:00, event: {type: visit}, expect: {streak.daily: 3}}
  - it: goes on to its second round, and begins again after a missed day
    steps:
      - {at: 2026-01-01, event: {type: visit}}
      - {at: 2026-01-02, event: {type: visit}}
      - {at: 2026-01-03, event: {type: visit}}
      - {at: 2026-01-04, event: {type: visit}, expect: {points.available: 11}}
      - {at: 2026-01-05, event: {type: visit}}
      - {at: 2026-01-06, event: {type: visit}, expect: {points.available: 12}}
      - {at: 2026-01-08, event: {type: visit}, expect: {streak.daily: 1, points.available: 12}}
      - {at: 2026-01-09, event: {type: visit}, expect: {streak.daily: 2, points.available: 13}}
  - it: may miss a week, which a return can make two of
    steps:
      - {at: 2026-01-05, purchase: {id: A, total: "5"}, expect: {streak.weekly: 1}}
      - {at: 2026-01-19, purchase: {id: B, total: "5"}, expect: {streak.weekly: 2}}
      - {at: 2026-01-25 23:59, purchase: {id: C, total: "5"}, expect: {streak.weekly: 2}}
      - {at: 2026-01-26, purchase: {id: D, total: "5"}, expect: {streak.weekly: 3, coffees.available: 1}}
      - {at: 2026-01-27, return: {order: B}, expect: {streak.weekly: 3, coffees.available: 1}}
      - {at: 2026-01-27, return: {order: C}, expect: {streak.weekly: 1, coffees.available: 0}}
      - {at: 2026-01-28, purchase: {id: E, total: "5"}, expect: {streak.weekly: 1}}
`)
}

func TestDifferentValues(t *testing.T) {
	play(t, `
challenges:
  - {id: tastes, count: products, milestones: [{goal: 2, give: {points: 2}}, {goal: 3, give: {points: 3}, badge: {id: coffee_lover, level: 2}}]}
  - {id: shops, count: stores, goal: 2, give: {coffees: 1}}
  - {id: days, count: days, each: month, goal: 2, give: {coffees: 1}}
scenarios:
  - it: counts each product once, however often it is bought
    steps:
      - {at: 2026-01-01, purchase: {id: A, store: s1, items: [{sku: a, total: "1"}, {sku: b, total: "1"}, {sku: a, total: "1"}]}, expect: {challenge.tastes: 2, challenge.shops: 1, points.available: 2}}
      - {at: 2026-01-01, purchase: {id: B, store: s1, items: [{sku: a, total: "1"}]}, expect: {challenge.tastes: 2, challenge.days: 1}}
      - {at: 2026-01-02, return: {order: A, items: [{sku: b}]}, expect: {challenge.tastes: 1, points.available: 0}}
      - {at: 2026-01-02, return: {order: A, items: [{sku: a, quantity: 2}]}, expect: {challenge.tastes: 1, challenge.shops: 1, challenge.days: 1}}
      - {at: 2026-01-03, purchase: {id: C, store: s2, items: [{sku: b, total: "1"}, {sku: c, total: "1"}]}, expect: {challenge.tastes: 3, points.available: 5, coffees.available: 2, badge.coffee_lover: 2}}
      - {at: 2026-01-04, return: {order: B}, expect: {challenge.tastes: 2, points.available: 2, coffees.available: 0, badge.coffee_lover: 0}}
`)
}

func TestTargets(t *testing.T) {
	play(t, `
challenges:
  - {id: more, count: spend, each: month, target: {more: 10%, at least: 50}, give: {points: 10}}
scenarios:
  - it: asks for a tenth more than in the month before, as it was at the month's beginning
    steps:
      - {at: 2026-01-10, purchase: {id: A, total: "49.99"}, expect: {points.available: 0}}
      - {at: 2026-01-11, purchase: {id: B, total: "50.01"}, expect: {points.available: 10}}
      - {at: 2026-02-01, return: {order: B}, expect: {points.available: 0}}
      - {at: 2026-02-02, purchase: {id: C, total: "109.99"}, expect: {points.available: 0}}
      - {at: 2026-02-03, purchase: {id: D, total: "0.01"}, expect: {points.available: 10}}
      - {at: 2026-03-03, purchase: {id: E, total: "120.99"}, expect: {challenge.more: 120.99, points.available: 10}}
      - {at: 2026-03-04, purchase: {id: F, total: "0.01"}, expect: {points.available: 20}}
      - {at: 2026-05-04, purchase: {id: G, total: "50"}, expect: {points.available: 30}}
`)
}

// TestRefused names the mistakes that are found before a program is published.
func TestRefused(t *testing.T) {
	const wallets = "wallets: {points: {name: points}, beans: {name: beans}}\n"
	for _, c := range []struct{ section, path, code string }{
		{"challenges: [{id: a, count: earned, wallet: points, goal: 10, give: {points: 1}}]", "challenges[0].give.points", "feeds_itself"},
		{"challenges: [{id: a, count: earned, goal: 10, give: {points: 1}}]", "challenges[0]", "missing"},
		{"challenges: [{id: a, on: nap, goal: 10, give: {points: 1}}]", "challenges[0].on", "unknown_event_type"},
		{"challenges: [{id: a, from: 2026-05-02, until: 2026-05-01, goal: 10, give: {points: 1}}]", "challenges[0].until", "never_applies"},
		{"challenges: [{id: a, count: days, each: week, goal: 8, give: {points: 1}}]", "challenges[0]", "never_reached"},
		{"challenges: [{id: a, count: days, from: 2026-05-01, until: 2026-05-05, goal: 6, give: {points: 1}}]", "challenges[0]", "never_reached"},
		{"challenges: [{id: a, count: products, goal: 101, give: {points: 1}}]", "challenges[0]", "out_of_range"},
		{"challenges: [{id: a, count: products, goal: 5, repeat: 2, give: {points: 1}}]", "challenges[0].repeat", "not_allowed"},
		{"challenges: [{id: a, count: products, within: 5d, goal: 5, give: {points: 1}}]", "challenges[0].within", "not_allowed"},
		{"challenges: [{id: a, each: week, within: 5d, goal: 5, give: {points: 1}}]", "challenges[0]", "ambiguous"},
		{"challenges: [{id: a, within: 0d, goal: 5, give: {points: 1}}]", "challenges[0]", "never_applies"},
		{"challenges: [{id: a, goal: 5}]", "challenges[0]", "missing"},
		{"challenges: [{id: a, give: {points: 1}}]", "challenges[0]", "ambiguous"},
		{"challenges: [{id: a, goal: 5, give: {points: 1, per: 1.00}}]", "challenges[0].give", "never_applies"},
		{"challenges: [{id: a, goal: 5, badge: hero}]", "challenges[0].badge", "unknown_badge"},
		{"badges: {hero: {name: Hero}}\nchallenges: [{id: a, goal: 5, badge: {id: hero, level: 2}}]", "challenges[0].badge.level", "unknown_level"},
		{"challenges: [{id: a, milestones: [{goal: 5, give: {points: 1}}, {goal: 5, give: {points: 1}}]}]", "challenges[0].milestones[1].goal", "not_rising"},
		{"challenges: [{id: a, target: {more: 10%, at least: 5}, give: {points: 1}}]", "challenges[0].target", "never_applies"},
		{"challenges: [{id: a, goal: 5, when: event.total < 0.0 && false, give: {points: 1}}]", "challenges[0].when", "never_true"},
		{"stamp cards: [{id: a, full: 5, valid: 0d, give: {points: 1}}]", "stamp cards[0].valid", "never_applies"},
		{"streaks: [{id: a, every: day, give: {points: 1}}]", "streaks[0]", "ambiguous"},
		{"streaks: [{id: a, every: month, from: 2026-01-01, until: 2026-03-31, length: 4, give: {points: 1}}]", "streaks[0]", "never_reached"},
	} {
		mechanics.RefusedAs(t, wallets+c.section, c.path, c.code)
	}
}

// TestDescribed has words for everything in every language.
func TestDescribed(t *testing.T) {
	p := mechanics.Load(t, `
wallets: {points: {name: points}}
returns: {}
challenges: [{id: ten, name: Ten coffees, count: items, goal: 10, give: {points: 5}}]
`)
	for _, lang := range []string{"en", "pl", "cs", "ru"} {
		if said := mechanics.Described(t, p, lang); !strings.Contains(said, "Ten coffees") || !strings.Contains(said, "10 ") || strings.Contains(said, "⟦") {
			t.Errorf("in %s: %s", lang, said)
		}
	}
}

// TestBesideLevels: what a goal gives counts on ladders by points earned, unless they
// say otherwise, in the period in which it was given, and no more when the goods of
// any purchase undo it; it counts towards no goal.
func TestBesideLevels(t *testing.T) {
	play(t, `
tiers:
  status: {by: earned.points, period: calendar year, levels: [{id: basic, name: Basic}, {id: gold, name: Gold, from: 60}]}
  plain: {by: earned.points, prizes: do not count, period: calendar year, levels: [{id: basic, name: Basic}, {id: gold, name: Gold, from: 60}]}
earn: [{id: spend, give: {points: 1, per: 1.00}}]
challenges:
  - {id: two, goal: 2, give: {points: 50}, repeat: any number}
  - {id: sixty, count: earned, wallet: points, goal: 60, give: {coffees: 1}}
scenarios:
  - it: counts what is bought, and on one of the ladders what goals give
    steps:
      - {at: 2026-01-01, purchase: {id: A, total: "20"}, expect: {tier.status: basic}}
      - {at: 2026-01-02, purchase: {id: B, total: "20"}, expect: {tier.status: gold, tier.status.counted: 90, tier.plain: basic, tier.plain.counted: 40, points.available: 90, challenge.sixty: 40}}
      - {at: 2026-01-03, purchase: {id: C, total: "20"}, expect: {tier.plain: gold, coffees.available: 1}}
      - {at: 2026-01-04, return: {order: A, total: "1"}, expect: {tier.plain: basic, tier.status.counted: 109, challenge.sixty: 59, coffees.available: 0, challenge.two: 3}}
      - {at: 2026-01-05, return: {order: A}, expect: {challenge.sixty: 40, challenge.two: 2, points.available: 90, tier.status.counted: 90}}
      - {at: 2026-01-06, return: {order: B}, expect: {challenge.sixty: 20, challenge.two: 1, points.available: 20, tier.status: basic, tier.status.counted: 20}}
  - it: takes a prize out of the year in which it was given, for goods of another year
    steps:
      - {at: 2026-12-30, purchase: {id: A, total: "5"}}
      - {at: 2026-12-31, purchase: {id: B, total: "6"}, expect: {tier.status.counted: 61, tier.status: gold}}
      - {at: 2027-01-02, purchase: {id: C, total: "7"}, expect: {tier.status.counted: 7, tier.status: basic}}
      - {at: 2027-01-03, purchase: {id: D, total: "8"}, expect: {tier.status.counted: 65, tier.status: gold}}
      - {at: 2027-01-04, return: {order: A}, expect: {tier.status.counted: 15, tier.status: basic}}
      - {at: 2027-01-05, return: {order: B}, expect: {tier.status.counted: 15, points.available: 65}}
      - {at: 2027-01-06, return: {order: D}, expect: {tier.status.counted: 7, points.available: 7}}
      - {at: 2027-01-07, purchase: {id: E, total: "9"}, expect: {tier.status.counted: 66, tier.status: gold}}
`)
}

// TestExpiredPrize owes nothing of a prize that expired before it was undone, and
// gives it again in full.
func TestExpiredPrize(t *testing.T) {
	play(t, `
challenges: [{id: two, goal: 2, give: {points: 50}, expires: 10d, pending: 1d}]
scenarios:
  - it: takes back what is pending, and nothing that has expired
    steps:
      - {at: 2026-01-01, purchase: {id: A, total: "20"}}
      - {at: 2026-01-02, purchase: {id: B, total: "20"}, expect: {points.pending: 50}}
      - {at: 2026-01-02, return: {order: A}, expect: {points.pending: 0, points.available: 0, points.earned: 0}}
      - {at: 2026-01-03, purchase: {id: C, total: "20"}, expect: {points.pending: 50, points.earned: 50}}
      - {at: 2026-01-13, expect: {points.expired: 50}}
      - {at: 2026-01-14, return: {order: B}, expect: {points.available: 0, points.expired: 50, points.earned: 0}}
      - {at: 2026-01-15, purchase: {id: D, total: "20"}, expect: {points.pending: 50}}
`)
}
