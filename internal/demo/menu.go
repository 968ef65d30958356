package demo

import "premia/internal/core/event"

// bar is one of the chain's bars.
type bar struct {
	id, code string
	city     string
	weight   int // its share of guests and of members
}

var bars = []bar{
	{"warszawa-centrum", "WC", "Warszawa", 34},
	{"warszawa-praga", "WP", "Warszawa", 22},
	{"krakow-rynek", "KR", "Kraków", 27},
	{"gdansk-wrzeszcz", "GW", "Gdańsk", 17},
}

// product is a line of the menu. The weights say how often it is chosen in the
// morning, at noon and in the afternoon.
type product struct {
	sku, name, category string
	grosze              int64
	weights             [3]int
}

// drinks begin nearly every basket; the rest goes with them.
var (
	drinks = []product{
		{"ESPRESSO", "Espresso", "drink", 900, [3]int{16, 10, 8}},
		{"AMERICANO", "Americano", "drink", 1200, [3]int{16, 10, 10}},
		{"CAPPUCCINO", "Cappuccino", "drink", 1400, [3]int{22, 14, 16}},
		{"LATTE", "Latte", "drink", 1550, [3]int{20, 14, 20}},
		{"FLAT-WHITE", "Flat white", "drink", 1500, [3]int{14, 8, 10}},
		{"OWN-CUP", "Kawa do własnego kubka", "drink", 1100, [3]int{9, 4, 4}},
		{"DRIP", "Kawa przelewowa", "drink", 1300, [3]int{7, 6, 8}},
		{"TEA", "Herbata liściasta", "tea", 1200, [3]int{5, 8, 12}},
		{"MATCHA", "Matcha latte", "tea", 1800, [3]int{2, 4, 7}},
		{"CHOCOLATE", "Gorąca czekolada", "drink", 1650, [3]int{1, 3, 8}},
	}
	foods = []product{
		{"CROISSANT", "Croissant maślany", "pastry", 950, [3]int{34, 8, 8}},
		{"CINNAMON", "Bułka cynamonowa", "pastry", 1250, [3]int{20, 6, 14}},
		{"SERNIK", "Sernik krakowski", "cake", 1600, [3]int{4, 10, 26}},
		{"SZARLOTKA", "Szarlotka z cynamonem", "cake", 1550, [3]int{3, 9, 24}},
		{"MAKOWIEC", "Makowiec", "cake", 1450, [3]int{2, 5, 12}},
		{"BAGEL", "Bajgiel z łososiem", "sandwich", 2450, [3]int{10, 26, 5}},
		{"PANINI", "Panini z mozzarellą", "sandwich", 2250, [3]int{5, 30, 6}},
		{"GRANOLA", "Granola z jogurtem", "breakfast", 1850, [3]int{18, 4, 1}},
	}
	goods = []product{
		{"BRAZIL-1KG", "Brazylia Santos, 1 kg", "whole-bean", 8400, [3]int{3, 5, 8}},
		{"ETHIOPIA-250", "Etiopia Yirgacheffe, 250 g", "whole-bean", 3900, [3]int{6, 8, 14}},
		{"COLOMBIA-250", "Kolumbia Huila, 250 g", "whole-bean", 3600, [3]int{6, 8, 12}},
		{"MUG", "Kubek ceramiczny", "merchandise", 4500, [3]int{2, 3, 5}},
		{"FLASK", "Termos 0,5 l", "merchandise", 8900, [3]int{1, 1, 2}},
		{"GIFT-50", "Karta podarunkowa 50 zł", giftCards, 5000, [3]int{2, 3, 5}},
		{"GIFT-100", "Karta podarunkowa 100 zł", giftCards, 10000, [3]int{1, 2, 3}},
	}
)

const giftCards = "gift-card"

// partOfDay is 0 in the morning, 1 at noon and 2 in the afternoon.
func partOfDay(hour int) int {
	switch {
	case hour < 11:
		return 0
	case hour < 14:
		return 1
	}
	return 2
}

func (c chance) product(menu []product, part int) product {
	weights := make([]int, len(menu))
	for i := range menu {
		weights[i] = menu[i].weights[part]
	}
	return menu[c.weighted(weights)]
}

// lines says how often a basket has one to five lines.
var lines = []int{44, 31, 15, 7, 3}

// basket fills a purchase with one to five different products.
func (c chance) basket(e *event.Event, hour int) {
	part := partOfDay(hour)
	seen := map[string]bool{}
	for range c.weighted(lines) + 1 {
		p := c.product(drinks, part)
		if len(e.Items) > 0 && c.in(700) {
			p = c.product(foods, part)
		}
		if c.in(35) {
			p = c.product(goods, part)
		}
		if seen[p.sku] {
			continue
		}
		seen[p.sku] = true
		quantity := int64(1)
		if p.category != giftCards && c.in(120) {
			quantity = int64(c.between(2, 3))
		}
		e.Items = append(e.Items, event.Item{
			SKU: p.sku, Name: p.name, Category: p.category,
			Quantity: quantity * 1000, UnitPrice: p.grosze * groszMillionths, GivenUnitPrice: true,
		})
	}
	c.pay(e)
}

// pay adds the VAT that is in the prices and, now and then, what is paid with a
// gift card. A gift card is taxed when it is used; the rest has 8% in its price.
func (c chance) pay(e *event.Event) {
	taxed, total := int64(0), int64(0)
	for i := range e.Items {
		price := e.Items[i].Quantity / 1000 * e.Items[i].UnitPrice / groszMillionths
		total += price
		if e.Items[i].Category != giftCards {
			taxed += price
		}
	}
	e.Tax = (taxed*8 + 54) / 108
	if taxed > 0 && c.in(18) {
		e.PaidWithGiftCards = min(total, int64(c.between(2, 10))*500)
	}
}

// groszMillionths is one grosz in millionths of a złoty.
const groszMillionths = 10_000
