package program_test

import (
	"strings"
	"testing"
)

// TestConditionsInMembersWords compares amounts, points, codes and days, and
// finds each as members read it; a code without a name is quoted.
func TestConditionsInMembersWords(t *testing.T) {
	const document = `
program: Words
currency: PLN
timezone: Europe/Warsaw
languages: [en, ru]
names:
  category: {gift-card: {en: gift cards, ru: подарочные карты}}
  channel: {app: the app}
  store: {waw-1: {en: the shop in Warsaw}}
wallets:
  beans: {name: {en: {one: bean, other: beans}, ru: {one: боб, few: боба, many: бобов, other: боба}}}
earn:
  - {id: r, give: {beans: 1}, when: '%s'}
`
	c := catalogue(t)
	for condition, want := range map[string][2]string{
		`event.total >= 15`:                                   {"purchase total: at least PLN 15.00.", "сумма покупки: не меньше 15,00 PLN."},
		`member.spend < 1000.5`:                               {"less than PLN 1,000.50.", "1 000,50 PLN."},
		`event.total > 0.125`:                                 {"more than PLN 0.125.", "0,125 PLN."},
		`event.items.map(i, i.total).sum() > 50`:              {"more than PLN 50.00.", "50,00 PLN."},
		`event.items.exists(i, i.category == "gift-card")`:    {"category: gift cards", "подарочные карты"},
		`event.items.exists(i, i.category in ["gift-card"])`:  {"category: gift cards", "подарочные карты"},
		`event.items.exists(i, i.category != "wrapped gift")`: {"other than “wrapped gift”", "иное, чем «wrapped gift»"},
		`event.channel == "app" && event.store == "waw-1"`:    {"the app and store: the shop in Warsaw.", "the app"},
		`wallet.beans.available >= 1`:                         {"at least 1 bean.", "1 боб."},
		`wallet.beans.earned > 5.0`:                           {"more than 5 beans.", "5 бобов."},
		`time.weekday in ["sat", "sun"]`:                      {"Saturday or Sunday.", "суббота или воскресенье."},
		`event.quantity >= 3`:                                 {"at least 3.", "3."},
	} {
		p := load(t, strings.Replace(document, "%s", strings.ReplaceAll(condition, "'", "''"), 1)).Program
		for i, lang := range []string{"en", "ru"} {
			if said := strings.ReplaceAll(described(c, lang, p), "\u00a0", " "); !strings.Contains(said, want[i]) || strings.Contains(said, "⟦") {
				t.Errorf("%s in %s says\n%s\nwant %q", condition, lang, said, want[i])
			}
		}
	}
}
