package event

import (
	"slices"
	"strconv"
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

// Check refuses an event that is out of bounds or contradicts itself, and
// completes it: it computes the items' totals and Total where they are absent,
// sets the program's currency, sorts Data, and counts every amount other than
// zero as given, so that none is lost when the event is written; for the totals
// that is the caller's to say. The scale is the currency's, 0 to money.MaxScale.
// The error is a *[Problem] with Offset -1. It applies to events that were
// decoded as well as to those made by code, and to the same effect when it is
// repeated.
//
// The rules of totals, all in the currency's minor units:
//   - an item's total, if given, is at most quantity × unit price rounded up
//     (a line's own discount lowers it); if absent, it is that product, which
//     must be exact. Only a purchase needs one of the two;
//   - Total, if given with items that all have one, is their sum plus Shipping
//     minus Discount; if absent, it is that sum. A purchase without items needs
//     it;
//   - with list prices Total is the sum before any reduction, and Discount and
//     PaidWithPoints are not given;
//   - no amount is negative, except the one of an adjustment; Tax is at most
//     Total, Shipping at most Total plus Discount, and what was paid with gift
//     cards and points together at most Total.
func (e *Event) Check(currency string, scale int) error {
	c := checker{event: e, currency: currency, scale: scale}
	p := c.forms()
	if p == nil {
		p = c.data()
	}
	if p == nil {
		p = c.money()
	}
	if p == nil {
		p = c.items()
	}
	if p == nil {
		p = c.totals()
	}
	if p == nil {
		p = e.checkoutProblem()
	}
	if p == nil {
		p = c.needs()
	}
	return p.err()
}

// checker checks one event against the program's currency.
type checker struct {
	event    *Event
	currency string
	scale    int

	sum    int64 // of the items' totals
	priced bool  // all items have a total
}

// forms checks the texts and the time.
func (c *checker) forms() *Problem {
	e := c.event
	if e.ID != "" {
		if p := idProblem(e.ID); p != nil {
			return p.in("id")
		}
	}
	if p := typeProblem(e.Type); p != nil {
		return p.in("type")
	}
	for _, one := range [...]struct {
		key, text string
		limit     int
	}{
		{"member", e.Member, MaxTextLength},
		{"order", e.Order, MaxOrderLength},
		{"channel", e.Channel, MaxTextLength},
		{"store", e.Store, MaxTextLength},
		{"wallet", e.Wallet, MaxTextLength},
		{"reason", e.Reason, MaxTextLength},
		{"reference", e.Reference, MaxTextLength},
		{"reward", e.Reward, MaxTextLength},
		{"redemption", e.Redemption, MaxIDLength},
		{"status", e.Status, MaxTextLength},
		{"checkout", e.Checkout, MaxIDLength},
		{"about", e.About, MaxIDLength},
		{"click", e.Click, MaxIDLength},
		{"by", e.By, MaxTextLength},
		{"offer", e.Offer, MaxTextLength},
		{"choice", e.Choosing, MaxTextLength},
		{"contest", e.Contest, MaxTextLength},
		{"option", e.Option, MaxTextLength},
	} {
		if p := textProblem(one.text, one.limit); p != nil {
			return p.in(one.key)
		}
	}
	for _, one := range [...]struct {
		key string
		at  calendar.Instant
	}{{"time", e.At}, {"slot", e.Slot}, {"until", e.Until}} {
		if one.at == calendar.None {
			continue
		}
		if p := timeProblem(one.at); p != nil {
			return p.in(one.key)
		}
	}
	if e.Quantity == 1 {
		e.Quantity = 0
	}
	if e.Quantity != 0 {
		if p := rewardsProblem(e.Quantity); p != nil {
			return p.in("quantity")
		}
	}
	return nil
}

// data checks names and values and puts them in order.
func (c *checker) data() *Problem {
	data := c.event.Data
	if len(data) > MaxData {
		return tooMany(CodeTooManyData, "an event has at most {Count} fields in data", MaxData).in("data")
	}
	if !slices.IsSortedFunc(data, compareNames) {
		slices.SortFunc(data, compareNames)
	}
	for i := range data {
		d := &data[i]
		path := document.Join("data", d.Name)
		if p := nameProblem(d.Name); p != nil {
			return p.in(path)
		}
		if i > 0 && data[i-1].Name == d.Name {
			return duplicate(d.Name).in(path)
		}
		if d.Kind != Text {
			continue
		}
		if p := textProblem(d.Text, MaxTextLength); p != nil {
			return p.in(path)
		}
	}
	return nil
}

func compareNames(a, b Datum) int { return strings.Compare(a.Name, b.Name) }

// money checks the currency and the bounds of the event's own amounts.
func (c *checker) money() *Problem {
	e := c.event
	switch e.Currency {
	case c.currency:
	case "":
		e.Currency, e.Filled = c.currency, e.Filled|FilledCurrency
	default:
		if p := currencyProblem(e.Currency); p != nil {
			return p.in("currency")
		}
		return problem(CodeCurrencyMismatch, text.Say("the event is in {Currency}, but the program counts in {Expected}", e.Currency, c.currency),
			text.Say("convert the amounts, or leave the currency out if they are in {Currency}", c.currency)).in("currency").about("Currency", e.Currency, "Expected", c.currency)
	}
	for _, amount := range [...]struct {
		key   string
		given Field
		minor int64
	}{
		{"total", 0, e.Total}, // which may be computed
		{"tax", GivenTax, e.Tax},
		{"shipping", GivenShipping, e.Shipping},
		{"discount", GivenDiscount, e.Discount},
		{"paid_with_gift_cards", GivenPaidWithGiftCards, e.PaidWithGiftCards},
		{"paid_with_points", GivenPaidWithPoints, e.PaidWithPoints},
		{"amount", GivenAmount, e.Amount},
	} {
		if p := amountProblem(amount.key, amount.minor, amount.given == GivenAmount); p != nil {
			return p.in(amount.key)
		}
		if amount.minor != 0 {
			e.Given |= amount.given
		}
	}
	if e.Given&GivenAmount != 0 && e.Wallet == "" {
		return walletMissing().in("amount")
	}
	return nil
}

// items checks each item and computes its total.
func (c *checker) items() *Problem {
	e := c.event
	if len(e.Items) > MaxItems {
		return tooMany(CodeTooManyItems, "an event has at most {Count} items", MaxItems).in("items")
	}
	c.sum, c.priced = 0, true
	for i := range e.Items {
		item := &e.Items[i]
		key, p := c.item(item)
		if p != nil {
			path := document.Index("items", i)
			if key != "" {
				path = document.Join(path, key)
			}
			return p.in(path)
		}
		// At most MaxItems amounts of at most money.MaxAmount fit in an int64.
		c.sum += item.Total
	}
	return nil
}

// item checks one item; key says where its problem is.
func (c *checker) item(i *Item) (key string, p *Problem) {
	for _, one := range [...]struct{ key, text string }{
		{"sku", i.SKU}, {"name", i.Name}, {"category", i.Category}, {"brand", i.Brand},
	} {
		if p := textProblem(one.text, MaxTextLength); p != nil {
			return one.key, p
		}
	}
	if p := quantityProblem(i.Quantity); p != nil {
		return "quantity", p
	}
	if p := amountProblem("unit_price", i.UnitPrice, false); p != nil {
		return "unit_price", p
	}
	i.GivenUnitPrice = i.GivenUnitPrice || i.UnitPrice != 0
	if i.GivenTotal {
		if p := amountProblem("total", i.Total, false); p != nil {
			return "total", p
		}
		return "total", c.lineTotal(i)
	}
	if i.GivenUnitPrice {
		return "total", c.product(i)
	}
	i.Total, c.priced = 0, false
	if c.event.Type == Purchase || c.event.Type == Checkout {
		return "", problem(CodeMissing, "an item of a purchase needs a unit price or a total",
			`such as "unit_price": "9.90"`)
	}
	return "", nil
}

// needs checks what each of Premia's own types can not do without.
func (c *checker) needs() *Problem {
	e := c.event
	switch e.Type {
	case Purchase:
		if len(e.Items) == 0 && e.Given&GivenTotal == 0 {
			return missing("total", "a purchase needs a total or items", "send what the customer pays, tax included")
		}
	case Return:
		if e.Order == "" && len(e.Items) == 0 {
			return missing("order", "a return needs the order that it belongs to, or items",
				"send the shop's number of the purchase")
		}
	case Checkout:
		if e.Prices != ListPrices {
			return missing("prices", "a checkout needs list prices, since it is priced by the program", `write "prices": "list"`)
		}
	case Claim:
		if e.Order == "" {
			return missing("order", "a claim needs the order that is claimed", "send the shop's number of the purchase")
		}
	case Adjustment:
		return e.adjustmentNeeds()
	case Approval, Rejection:
		if e.About == "" {
			return missing("about", "this needs the adjustment that it is about", "send the id of the event that adjusted")
		}
	case Activation, Deactivation, PersonalOffer:
		if e.Offer == "" {
			return missing("offer", "this needs the offer that it is about", "send the offer's id in the program")
		}
	case ContestClaim:
		if e.Contest == "" {
			return missing("contest", "this needs the contest whose prize is claimed", "send the contest's id in the program")
		}
	case Choice:
		if e.Choosing == "" || e.Option == "" {
			return missing("option", "a choice needs what is chosen", "send the choice's id in the program, and the option's")
		}
	case Transfer:
		return e.valueNeeds("a transfer needs the wallet of which is given", "a transfer needs an amount")
	case GiftCardTopUp, GiftCardPayment:
		return e.valueNeeds("a gift card needs the wallet of which is given", "a gift card needs an amount")
	case GiftCardIssue:
		if len(e.Carried) == 0 {
			return e.valueNeeds("a gift card needs the wallet of which is given", "a gift card needs an amount")
		}
	case Redemption:
		if e.Reward == "" {
			return missing("reward", "a redemption needs the reward that is taken", "send the reward's id in the program")
		}
	case Confirmation, Cancellation, Refund, Fulfilment:
		if e.Redemption == "" {
			return missing("redemption", "this needs the redemption that it is about", "send the id of the event that redeemed")
		}
		if e.Type == Fulfilment && e.Status == "" {
			return missing("status", "a fulfilment needs the state that is reached", "send ordered, ready, handed_over, sent or failed")
		}
	}
	if e.Type == Purchase || e.Type == Return || e.Type == Claim || e.Type == Checkout {
		if p := e.noAmount(); p != nil {
			return p
		}
	}
	if e.Type != Redemption && (e.Quantity != 0 || e.Slot != calendar.None) {
		return e.noReward()
	}
	return nil
}

func (e *Event) adjustmentNeeds() *Problem {
	switch {
	case e.Wallet == "":
		return missing("wallet", "an adjustment needs the wallet that it changes", "name one of the program's wallets by its id")
	case e.Given&GivenAmount == 0:
		return missing("amount", "an adjustment needs an amount", "send a negative one to take value")
	case e.Amount == 0:
		return problem(CodeAmountOutOfRange, "the amount must not be zero", "send a negative one to take value").in("amount")
	case strings.TrimSpace(e.Reason) == "":
		return missing("reason", "an adjustment needs a reason", "say in a sentence why value is given or taken")
	}
	return nil
}

// valueNeeds checks that value of a wallet is named, for what moves it: a
// transfer, a gift card.
func (e *Event) valueNeeds(wallet, amount text.Sentence) *Problem {
	switch {
	case e.Wallet == "":
		return missing("wallet", wallet, "name one of the program's wallets by its id")
	case e.Given&GivenAmount == 0:
		return missing("amount", amount, "send how much is given")
	case e.Amount <= 0:
		return problem(CodeAmountOutOfRange, "the amount must be above zero", "send how much is given").in("amount")
	}
	return nil
}

// noAmount refuses a wallet's amount where it would have no meaning, because
// whoever sends it there probably means the total.
func (e *Event) noAmount() *Problem {
	if e.Given&GivenAmount == 0 && e.Wallet == "" {
		return nil
	}
	key := "amount"
	if e.Given&GivenAmount == 0 {
		key = "wallet"
	}
	return problem(CodeNotAllowed, text.Say("an event of type {Type} changes no wallet directly", strconv.Quote(e.Type)),
		`what a customer pays is the "total"; to give or take value send an event of type "adjustment"`).in(key)
}

// noReward refuses what only a redemption has.
func (e *Event) noReward() *Problem {
	key := "quantity"
	if e.Quantity == 0 {
		key = "slot"
	}
	return problem(CodeNotAllowed, text.Say("an event of type {Type} takes no reward", strconv.Quote(e.Type)),
		`send an event of type "redemption"; how many of a product were bought stands with its item`).in(key)
}

// amount is an amount of the program's currency, for catalogues.
func (c *checker) amount(minor int64) text.Money {
	return text.Money{Minor: minor, Scale: c.scale, Currency: c.currency}
}

// show writes an amount of the program's currency.
func (c *checker) show(minor int64) string {
	return money.Format(minor, c.scale) + " " + c.currency
}
