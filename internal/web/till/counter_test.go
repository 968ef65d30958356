package till_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/core/event"
	"premia/internal/store"
)

// counterProgram has all that a counter may need.
const counterProgram = `
program: Corner
currency: PLN
timezone: Europe/Warsaw
languages: [en, pl]
names:
  category:
    coffee: {en: Hot coffee, pl: Gorąca kawa}
    cake: {en: Cake, pl: Ciasto}
wallets:
  points:
    name: {en: {one: point, other: points}, pl: {one: punkt, few: punkty, many: punktów, other: punktu}}
    worth: 0.10
earn:
  - {id: spend, name: {en: Points for purchases, pl: Punkty za zakupy}, on: purchase, give: {points: 1, per: 1.00}, without: [gift cards, points]}
campaigns:
  - id: branch
    name: {en: Branch bonus, pl: Premia sklepu}
    on: purchase
    from: 2026-01-01
    until: 2026-12-31
    bonus: {points: 5}
    limits: {points: {each store: 5}}
stamp cards:
  - id: coffees
    name: {en: Coffee card, pl: Karta kawowa}
    items: item.category == "coffee"
    full: 9
    give: {points: 100}
checkout:
  most: 80%
  pay: {points: {most: 50%}}
gift cards:
  - {id: corner, name: {en: Corner card, pl: Karta z rogu}, least: 10, most: 500, expires: 24mo, refund: {within: 30d}, code: ROG-####-####-####-#}
returns: {}
rewards:
  - id: ten
    name: {en: Ten off, pl: Bon na 10 zł}
    kind: discount
    price: {points: 40}
    discount: {amount: 10.00}
    voucher: {valid: 3mo}
    refund: {within: 30d}
`

// counter is a till at which one member is served by forms alone.
type counter struct {
	*fixture
	kept   *http.Cookie
	member string
	ids    int
}

func openCounter(t *testing.T) *counter {
	t.Helper()
	return openCounterWith(t, counterProgram)
}

func openCounterWith(t *testing.T, program string) *counter {
	t.Helper()
	c := &counter{fixture: openWith(t, []byte(program))}
	a, err := c.app.Enrol(system(), app.Change{Identities: []string{"phone:+48600100200"}, Profile: map[string]string{"given_name": "Zofia", "language": "pl"}})
	if err != nil {
		t.Fatal(err)
	}
	c.member, c.kept = a.Member.String(), c.device()
	return c
}

func (c *counter) id() string {
	c.ids++
	return fmt.Sprintf("evt_%032x", c.ids)
}

// wants expects texts on a page.
func (c *counter) wants(page string, texts ...string) {
	c.t.Helper()
	page = strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(page)
	for _, text := range texts {
		if !strings.Contains(page, text) {
			_, page, _ = strings.Cut(page, `<main id="main" tabindex="-1">`)
			page, _, _ = strings.Cut(page, "</main>")
			c.t.Fatalf("%q does not stand on the page:\n%s", text, page)
		}
	}
}

// value gives the value of a hidden field of a page.
func (c *counter) value(page, name string) string {
	c.t.Helper()
	_, after, ok := strings.Cut(page, `name="`+name+`" value="`)
	value, _, also := strings.Cut(after, `"`)
	if !ok || !also {
		c.t.Fatalf("the page has no %s:\n%s", name, page)
	}
	return value
}

func (c *counter) points() int64 {
	c.t.Helper()
	m, err := c.app.Member(system(), c.member)
	if err != nil {
		c.t.Fatal(err)
	}
	return m.Wallets[0].Net()
}

func (c *counter) gives(points int64) {
	c.t.Helper()
	if _, err := c.app.Record(system(), &event.Event{Type: event.Adjustment, Member: c.member, Wallet: "points", Amount: points, Given: event.GivenAmount, Reason: "for the test"}); err != nil {
		c.t.Fatal(err)
	}
}

func (c *counter) purchase(pairs ...string) string {
	c.t.Helper()
	return c.post(c.kept, "/till/members/"+c.member+"/purchase", pairs...)
}

func (c *counter) books(pairs ...string) string {
	c.t.Helper()
	page := c.post(c.kept, "/till/members/"+c.member+"/purchase/book", pairs...)
	c.wants(page, "The purchase is booked")
	return page
}

// TestKindsOfGoods rings goods up by their kind, one tap each, and what a scanner types.
func TestKindsOfGoods(t *testing.T) {
	t.Parallel()
	c := openCounter(t)
	price, err := c.app.CheckPrice(app.NewPrice{SKU: "5901234123457", Price: "7.50"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.app.PutPrices(system(), []store.Price{price}); err != nil {
		t.Fatal(err)
	}
	c.wants(c.purchase("do", "category-coffee"), "Type the price first")
	c.wants(c.purchase("do", "category-coffee", "amount", "12,5"), "Hot coffee", `name="category" value="coffee"`, `name="price" value="12.50"`, "PLN 12.50")
	line := []string{"sku", "", "category", "coffee", "price", "12.50", "quantity", "1"}
	c.wants(c.purchase(append(line, "do", "category-coffee")...), `name="quantity" value="2"`, "PLN 25.00")
	c.wants(c.purchase(append(line, "do", "enter", "amount", "5901234123457")...), `name="sku" value="5901234123457"`, `name="price" value="7.50"`, "PLN 20.00")
	c.wants(c.purchase(append(line, "do", "enter", "new_sku", "5901234123457", "new_quantity", "1")...), `name="sku" value="5901234123457"`)
	// What is typed beside lines is one more, of no kind.
	c.wants(c.purchase(append(line, "do", "check", "amount", "3")...), `name="price" value="3.00"`, "PLN 15.50")
	// Three at once, typed in either way, and one more or less of a line.
	three := []string{`name="quantity" value="3"`, "3 × PLN 12.50", "PLN 37.50"}
	c.wants(c.purchase("do", "category-coffee", "amount", "12,5", "times", "3"), three...)
	c.wants(c.purchase("do", "category-coffee", "amount", "3 x 12,5", "times", "1"), three...)
	c.wants(c.purchase(append(line, "do", "category-coffee", "times", "2")...), three...)
	c.wants(c.purchase("do", "check", "amount", "2*3"), "Goods", "2 × PLN 3.00", "PLN 6.00")
	c.wants(c.purchase("do", "category-coffee", "amount", "12", "times", "many"), "Type how many")
	c.wants(c.purchase(append(line, "do", "more-0")...), `name="quantity" value="2"`, `value="less-0" aria-label="One less: Hot coffee">`)
	c.wants(c.purchase("sku", "", "category", "coffee", "price", "12.50", "quantity", "2", "do", "less-0"), `name="quantity" value="1"`)
	c.wants(c.purchase(append(line, "do", "less-0")...), `name="quantity" value="1"`, `value="less-0" aria-label="One less: Hot coffee" disabled>`)
	id := c.id()
	page := c.purchase(append(line, "do", "check", "event", id)...)
	c.wants(page, "Coffee card: 1 of 9")
	if strings.Count(page, "Coffee card: 1 of 9") > 2 { // what it brings, and why
		t.Error("the quote says the same twice")
	}
	page = c.books(append(line, "event", id)...)
	// The member's part is in their language.
	c.wants(page, "Hot coffee", `lang="pl"`, "Gorąca kawa", "Zakup zaksięgowany", "12,50", "Coffee card: 1 of 9")
	c.wants(c.get(c.kept, "/till/members/"+c.member), `<bdi>Coffee card</bdi></span><span>1 of 9`)
	page = c.post(c.kept, "/till/members/"+c.member+"/phone")
	c.wants(page, `<div lang="pl">`, "Zeskanuj to telefonem")
}

// TestVouchersAtTheCounter takes a voucher, uses one, and gives another back.
func TestVouchersAtTheCounter(t *testing.T) {
	t.Parallel()
	c := openCounter(t)
	c.gives(100)
	taken, codes := [2]string{c.id(), c.id()}, [2]string{}
	for i, id := range taken {
		page := c.post(c.kept, "/till/members/"+c.member+"/rewards/ten", "event", id)
		c.wants(page, "The reward is booked", "<code>", "/purchase?codes=")
		_, after, _ := strings.Cut(page, "<code>")
		codes[i], _, _ = strings.Cut(after, "</code>")
	}
	// What it is stands at the reward and at the voucher, and one tap uses it, once.
	gives := []string{"Ten off", "PLN 10.00 off the price of the goods.", "Valid for 3 months."}
	c.wants(c.get(c.kept, "/till/members/"+c.member+"/rewards"), gives...)
	c.wants(c.get(c.kept, "/till/members/"+c.member+"/rewards/ten"), gives...)
	c.wants(c.get(c.kept, "/till/members/"+c.member), append(gives[:2:2], "/purchase?codes="+codes[0], "/purchase?codes="+codes[1], "Valid until")...)
	c.wants(c.get(c.kept, "/till/members/"+c.member+"/purchase?codes="+codes[0]), `value="unuse-`+codes[0], `value="use-`+codes[1])
	used := strings.ToLower(codes[0])
	c.wants(c.purchase("do", "use-"+codes[0], "amount", "50", "codes", used), `name="codes" type="text" value="`+used+`"`, `value="unuse-`+codes[0])
	c.wants(c.purchase("do", "unuse-"+codes[0], "amount", "50", "codes", used), `name="codes" type="text" value=""`, `value="use-`+codes[0])
	id := c.id()
	page := c.purchase("do", "check", "event", id, "amount", "50", "codes", strings.ToLower(codes[0])+" NONE-SUCH")
	c.wants(page, "NONE-SUCH")
	page = c.purchase("do", "check", "event", id, "amount", "50", "codes", used+" "+codes[0])
	c.wants(page, "Before discounts", "PLN 50.00", "−PLN 10.00", "PLN 40.00")
	if page := c.books("event", id, "amount", "50", "codes", codes[0]); strings.Contains(page, "till-lines") {
		t.Error("the receipt lists goods of a purchase by its amount")
	}
	if page := c.get(c.kept, "/till/members/"+c.member); strings.Contains(page, codes[0]) || !strings.Contains(page, codes[1]) {
		t.Error("what was used is offered still, or what was not is gone")
	}
	c.wants(c.get(c.kept, "/till/vouchers/"+codes[1]), "/purchase?codes="+codes[1])

	// A part of what was paid goes back, by its amount.
	bought := "/till/members/" + c.member + "/return/" + id
	c.wants(c.get(c.kept, bought), `name="amount"`)
	c.wants(c.post(c.kept, bought, "do", "part", "amount", "40.01"), "at most PLN 40.00")
	c.wants(c.post(c.kept, bought, "do", "part", "amount", "5.01"), "Money to give back", "PLN 5.00", "the nearest sum")
	first := c.id()
	for range 2 {
		c.wants(c.post(c.kept, bought+"/book", "do", "part", "amount", "30", "event", first), "The return is booked", "PLN 30.00")
	}
	c.wants(c.post(c.kept, bought, "do", "whole"), "Money to give back", "PLN 10.00")
	c.wants(c.post(c.kept, bought, "do", "part", "amount", "10.01"), "at most PLN 10.00")

	// The one that was used can't come back, and the other one can, once.
	back := "/till/members/" + c.member + "/taken/"
	c.wants(c.get(c.kept, back+taken[0]+"/back"), "It can’t be taken back")
	had := c.points()
	page = c.get(c.kept, "/till/vouchers/"+codes[1])
	c.wants(page, "It is good", back+taken[1]+"/back")
	c.wants(c.get(c.kept, "/till/members/"+c.member+"/return"), back+taken[1]+"/back", "Ten off")
	page = c.get(c.kept, back+taken[1]+"/back")
	c.wants(page, "The member gets back", "40 points", codes[1])
	event := c.value(page, "event")
	for range 2 {
		c.wants(c.post(c.kept, back+taken[1]+"/back", "event", event), "Given back", "40 points")
	}
	if got := c.points(); got != had+40 {
		t.Errorf("the member has %d, not %d", got, had+40)
	}
	if page := c.get(c.kept, "/till/vouchers/"+codes[1]); strings.Contains(page, "It is good") || strings.Contains(page, "/back") {
		t.Errorf("a voucher that was given back is still good:\n%s", page)
	}
	c.audited("event.refund", c.cashier, 1)
	// Nobody gives back what another member took.
	other := c.fixture.member("+48600100201", "Ola")
	if page := c.get(c.kept, "/till/members/"+other+"/taken/"+taken[0]+"/back"); !strings.Contains(page, "There is no such page") && strings.Contains(page, "Ten off") {
		t.Errorf("it is the other member's: %s", page)
	}
}

// TestPayingAtTheCounter pays with points, and with gift cards in part and in whole.
func TestPayingAtTheCounter(t *testing.T) {
	t.Parallel()
	c := openCounter(t)
	c.gives(300)
	c.wants(c.purchase("do", "check", "amount", "20", "pay_wallet", "points", "pay_amount", "500"), "points")
	id := c.id()
	c.wants(c.purchase("do", "check", "event", id, "amount", "20", "pay_wallet", "points", "pay_amount", "100"), "PLN 10.00", "100 points")
	c.books("event", id, "amount", "20", "pay_wallet", "points", "pay_amount", "100")

	card := c.issue(10000)
	c.wants(c.post(c.kept, "/till/find", "q", strings.ToLower(card)), "Gift card", "PLN 100.00")
	c.wants(c.purchase("do", "check", "amount", "130", "card", "ROG-0000-0000-0000-0"), "invalid-feedback")
	id = c.id()
	page := c.purchase("do", "check", "event", id, "amount", "130", "card", card)
	c.wants(page, "Paid with the gift card: PLN 100.00", "PLN 30.00")
	typed := []string{"event", id, "amount", "130", "card", card, "card_amount", c.value(page, "card_amount")}
	for range 2 {
		c.wants(c.books(typed...), "Paid with the gift card: PLN 100.00", "PLN 30.00", "Kartą podarunkową:")
	}
	c.has(card, 0, 0)
	if all := c.purchases(c.member); len(all) != 2 || all[0].Event.Total != 13000 || all[0].Event.PaidWithGiftCards != 10000 {
		t.Fatalf("purchases: %+v", all[0].Event)
	}
	c.wants(c.purchase("do", "check", "amount", "5", "card", card), "nothing left on the gift card")

	// Half of it comes back: the card's part onto the card.
	path := "/till/members/" + c.member + "/return/" + id
	page = c.post(c.kept, path, "do", "part", "amount", "65")
	c.wants(page, "Back onto the gift card: PLN 50.00", "PLN 15.00")
	back := c.value(page, "event")
	for range 2 {
		c.wants(c.post(c.kept, path+"/book", "event", back, "amount", "65"), "The return is booked", "Back onto the gift card: PLN 50.00", "PLN 15.00")
	}
	c.has(card, 5000, 0)
}

// TestGiftCardsThatBreakOff ends bookings in their middle, and finds each card as the
// purchase is.
func TestGiftCardsThatBreakOff(t *testing.T) {
	t.Parallel()
	c := openCounter(t)
	card := c.issue(10000)
	id := c.id()
	own, err := c.app.CardWallet("")
	if err != nil {
		t.Fatal(err)
	}
	hold := func(id string) {
		t.Helper()
		_, _, err := c.app.RecordCard(system(), card, &event.Event{ID: id + "-card", Type: event.GiftCardPayment, Wallet: own.ID, Amount: 4000, Given: event.GivenAmount, Order: "T-" + strings.ToUpper(id[len(id)-12:]), Hold: true})
		if err != nil {
			t.Fatal(err)
		}
	}
	// The server ended behind the purchase: asking for it ends it.
	hold(id)
	if _, err := c.app.Record(system(), &event.Event{ID: id, Type: event.Purchase, Member: c.member, Channel: "till", Store: "WAW-1", Order: "T-" + strings.ToUpper(id[len(id)-12:]), Total: 5000, PaidWithGiftCards: 4000, Given: event.GivenTotal | event.GivenPaidWithGiftCards}); err != nil {
		t.Fatal(err)
	}
	c.has(card, 6000, 4000)
	c.wants(c.get(c.kept, "/till/booked/"+id), `"state":"booked"`)
	c.has(card, 6000, 0)
	// It ended before the purchase: sending it again goes on.
	id = c.id()
	hold(id)
	c.books("event", id, "amount", "50", "card", card, "card_amount", "40.00")
	c.has(card, 2000, 0)
	// The purchase is refused, or left: the card has its money again.
	c.post(c.kept, "/till/members/"+c.member+"/purchase/book", "event", c.id(), "amount", "50", "codes", "NONE-SUCH", "card", card, "card_amount", "20.00")
	c.has(card, 2000, 0)
	id = c.id()
	if _, err := c.app.Leave(system(), id); err != nil {
		t.Fatal(err)
	}
	c.wants(c.post(c.kept, "/till/members/"+c.member+"/purchase/book", "event", id, "amount", "50", "card", card, "card_amount", "20.00"), "You left this before")
	c.has(card, 2000, 0)
	// The card has less than it was to pay: nothing is booked.
	before := len(c.purchases(c.member))
	c.wants(c.post(c.kept, "/till/members/"+c.member+"/purchase/book", "event", c.id(), "amount", "50", "card", card, "card_amount", "30.00"), "The gift card can’t pay this")
	if len(c.purchases(c.member)) != before {
		t.Error("it was booked without the card")
	}
	c.has(card, 2000, 0)
}

// TestReturnsSayWhatWasGone returns goods whose points are held for a reward, or have
// expired: the till says what is owed and what is not, and which rewards stay, before it is
// booked and on the receipt, to the member in their language.
func TestReturnsSayWhatWasGone(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name, terms string
		hold        bool
		says        []string
		slip        string
	}{
		{"carried", "debt: carry", true, []string{
			"40 points of what goes back had been used already. The balance is below zero by that", "Rewards that were got with it stay with the member.",
			"Mug is still set aside for the member. If it is given up, what it cost levels the negative balance first.", "Cake: the member keeps it, because it was handed over",
		}, "40 punktów z tego, co wraca, było już wykorzystane. O tyle stan konta jest ujemny"},
		{"forgiven", "debt: write off", true, []string{
			"40 points of what goes back had been used already, and are not asked back.", "Rewards that were got with it stay with the member.",
			"Mug is still set aside for the member. If it is given up, what it cost comes back to the member.",
		}, "40 punktów z tego, co wraca, było już wykorzystane i nikt tego nie żąda z powrotem."},
		{"expired", "expires: 1mo", false, []string{"105 points of what goes back had expired already, and are not asked back.", "Cake: the member keeps it"}, "105 punktów z tego, co wraca, już przepadło"},
		{"all there", "debt: carry", false, []string{"Taken back 105 points", "Cake: the member keeps it"}, "Cofnięto 105 punktów"},
	} {
		t.Run(x.name, func(t *testing.T) {
			program := strings.NewReplacer("    worth: 0.10\n", "    worth: 0.10\n    "+x.terms+"\n",
				"campaigns:\n", "  - {id: treat, when: event.total >= 100.00, give: {reward: cake}}\ncampaigns:\n",
				"rewards:\n", "rewards:\n  - {id: cake, name: {en: Cake, pl: Ciastko}, kind: free product, sku: CAKE}\n  - {id: mug, name: {en: Mug, pl: Kubek}, kind: free product, sku: MUG, price: {points: 40}, hold: 2d}\n").Replace(counterProgram)
			c := openCounterWith(t, program)
			for _, e := range []*event.Event{
				{ID: "b1", Type: event.Purchase, Member: c.member, Order: "O1", Store: "WAW-1", Total: 10000, Given: event.GivenTotal},
				{ID: "h1", Type: event.Redemption, Member: c.member, Reward: "mug", Hold: true},
			} {
				if _, err := c.app.Record(system(), e); err != nil {
					t.Fatal(err)
				}
				if !x.hold {
					break
				}
			}
			if x.terms == "expires: 1mo" {
				c.clock.Advance(40 * 24 * time.Hour)
				c.kept = c.device()
			}
			path := "/till/members/" + c.member + "/return/b1"
			page := c.post(c.kept, path, "do", "whole")
			c.wants(page, x.says...)
			page = c.post(c.kept, path+"/book", "do", "whole", "event", c.value(page, "event"))
			c.wants(page, append(x.says, x.slip)...)
			if gone := strings.Contains(page, "what goes back had"); gone != (len(x.says) > 2 || x.terms == "expires: 1mo") {
				t.Errorf("it says of what was gone: %v", gone)
			}
		})
	}
}

// TestBranchesAtTheCounter spends what each branch may give at two tills.
func TestBranchesAtTheCounter(t *testing.T) {
	t.Parallel()
	c := openCounter(t)
	first := c.books("event", c.id(), "amount", "10")
	second := c.books("event", c.id(), "amount", "10")
	c.kept = c.deviceOf("KRK-2")
	third := c.books("event", c.id(), "amount", "10")
	for page, want := range map[string]string{first: "Earns 15 points", second: "Earns 10 points", third: "Earns 15 points"} {
		c.wants(page, want)
	}
	if all := c.purchases(c.member); all[0].Event.Store != "KRK-2" || all[2].Event.Store != "WAW-1" {
		t.Errorf("bought at %s and %s", all[0].Event.Store, all[2].Event.Store)
	}
}

// issue makes a gift card with so much, in minor units.
func (c *counter) issue(amount int64) string {
	c.t.Helper()
	card, _, err := c.app.IssueGiftCard(system(), &app.NewGiftCard{Kind: "corner", Amount: amount})
	if err != nil {
		c.t.Fatal(err)
	}
	return card.Code
}

// has expects what is on a gift card, and what is held of it.
func (c *counter) has(code string, available, held int64) {
	c.t.Helper()
	card, err := c.app.GiftCard(system(), code)
	if err != nil || card.Available != available || card.Held != held {
		c.t.Fatalf("the card has %d and %d held, not %d and %d (%v)", card.Available, card.Held, available, held, err)
	}
}
