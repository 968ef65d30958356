package program

import (
	"github.com/govalues/decimal"

	"premia/internal/core/document"
)

// Scenario is a test of the program that its author can read and write: what
// happens to one or several members, and what is to come of it.
//
// A member has been one since before the scenario begins, unless its own first
// step enrols it. Only the scenario's members draw on the program's budgets.
type Scenario struct {
	It    string `doc:"it,required" max_len:"200" help:"what the scenario shows, in a sentence"`
	Steps []Step `doc:"steps,required" min_len:"1" max_len:"200" help:"what happens, in the order of time"`
}

// Step is at most one thing that happens in a scenario, and what is to be true
// after it. A step without an event only lets time pass.
type Step struct {
	At       document.Moment       `doc:"at,required" help:"the date, or date and time, in the program's time zone"`
	Member   string                `doc:"member" max_len:"60" help:"who, where a scenario has several members; any name"`
	Enrol    *document.Map[string] `doc:"enrol" help:"the member joins, with these facts: {language: pl}; and, where another member invited them, {referred_by: anna}, perhaps with {same_as_referrer: phone}"`
	Purchase *Bought               `doc:"purchase" help:"the member buys: {id: A1, total: \"130.00\"}"`
	Return   *Bought               `doc:"return" help:"the member gives goods back: {order: A1}"`
	Adjust   *Adjust               `doc:"adjust" help:"an operator adds or takes value: {wallet: beans, amount: -50, reason: a mistake}"`
	Redeem   string                `doc:"redeem" max_len:"60" help:"the member takes the reward with this id: espresso"`
	Hold     string                `doc:"hold" max_len:"60" help:"the member has the reward with this id set aside, to be confirmed"`
	Confirm  string                `doc:"confirm" max_len:"60" help:"the reward that is held becomes final: espresso"`
	Cancel   string                `doc:"cancel" max_len:"60" help:"the reward that is held is given up"`
	Refund   string                `doc:"refund" max_len:"60" help:"the reward is given back"`
	Fulfil   *Fulfil               `doc:"fulfil" help:"the reward reaches a state: {reward: espresso, status: handed_over}"`
	Transfer *Given                `doc:"transfer" help:"the member gives value to another: {to: Ben, wallet: beans, amount: 50}"`
	GiftCard *Carded               `doc:"gift card" help:"something happens to a gift card: {card: A, pay: 20}"`
	Approve  *Second               `doc:"approve" help:"a second person approves the member's last adjustment that waits: {by: Ola}"`
	Reject   *Second               `doc:"reject" help:"a second person refuses it: {by: Ola}"`
	Family   *Kin                  `doc:"family" help:"the member founds, joins or changes a family: {join: home}"`
	Referrer string                `doc:"referred_by" max_len:"60" help:"the member, who has joined before, names another of the scenario's members as having invited them: anna"`
	Event    *Happened             `doc:"event" help:"another event: {type: review, data: {rating: 5}}"`
	Quantity int64                 `doc:"quantity" min:"1" max:"1000" help:"how many of the reward are taken or held; 1 if not said"`
	Slot     *document.Moment      `doc:"slot" help:"when the reward that is taken or held takes place: 2026-05-01 18:00"`
	Checkout *Bought               `doc:"checkout" help:"the member checks out, and pays later: {id: C1, prices: list, items: …}"`
	Abandon  string                `doc:"abandon" max_len:"128" help:"the checkout with this id is cancelled"`
	Quote    *Bought               `doc:"quote" help:"the member asks what a purchase would cost; nothing comes of it"`
	Draws    document.Map[string]  `doc:"draws" help:"surprise: the prize that is drawn, or nothing: {wheel: jackpot}; without it, nothing is drawn"`
	Profile  *document.Map[string] `doc:"profile" help:"the member changes these facts: {city: Praha}; an empty text removes one"`
	Offering `doc:",inline"`
	Click    *Clicked `doc:"click" help:"the member clicks on an ambassador's link, and the shop sends that with their next purchase: {of: anna}"`
	// Ambassador is nil where the step says nothing of it.
	Ambassador *bool `doc:"ambassador" help:"an operator makes the member an ambassador: true; or ends it: false"`
	Contesting `doc:",inline"`
	Expect     *Expect `doc:"expect" help:"what is to be true after the step"`
}

// Bought is a purchase or a return, with the keys that events have.
type Bought struct {
	ID                string               `doc:"id" max_len:"128" help:"the order's number, the same as order"`
	Order             string               `doc:"order" max_len:"128" help:"the order's number"`
	Total             *decimal.Decimal     `doc:"total" help:"what the customer pays, tax included"`
	Currency          string               `doc:"currency" pattern:"^[A-Z]{3}$" help:"the program's, if not said"`
	Tax               *decimal.Decimal     `doc:"tax" help:"contained in the total"`
	Shipping          *decimal.Decimal     `doc:"shipping" help:"contained in the total"`
	Discount          *decimal.Decimal     `doc:"discount" help:"already taken off the total"`
	PaidWithGiftCards *decimal.Decimal     `doc:"paid_with_gift_cards" help:"the part of the total paid with gift cards"`
	PaidWithPoints    *decimal.Decimal     `doc:"paid_with_points" help:"the part of the total paid with points"`
	Channel           string               `doc:"channel" max_len:"500" help:"app, web, store …"`
	Store             string               `doc:"store" max_len:"500" help:"the store's id"`
	Items             []Item               `doc:"items" max_len:"1000" help:"the goods"`
	Data              document.Map[string] `doc:"data" help:"fields that the program declares for the event type"`
	ListPriced        `doc:",inline"`
}

// Item is one line of a purchase or a return.
type Item struct {
	SKU       string           `doc:"sku" max_len:"500"`
	Name      string           `doc:"name" max_len:"500"`
	Category  string           `doc:"category" max_len:"500"`
	Brand     string           `doc:"brand" max_len:"500"`
	Quantity  *decimal.Decimal `doc:"quantity" help:"1 if not said"`
	UnitPrice *decimal.Decimal `doc:"unit_price" help:"the price of one"`
	Total     *decimal.Decimal `doc:"total" help:"the price of the line"`
}

// Adjust is what an operator adds to or, with a minus, takes from a wallet.
type Adjust struct {
	Wallet string          `doc:"wallet,required" help:"the wallet's id"`
	Amount decimal.Decimal `doc:"amount,required" help:"negative to take"`
	Reason string          `doc:"reason,required" max_len:"500" help:"why"`
	By     string          `doc:"by" max_len:"60" help:"who adjusts, where a second person is to approve; any name"`
}

// Second is the second person of an adjustment.
type Second struct {
	By string `doc:"by,required" max_len:"60" help:"who; any name"`
}

// Fulfil is how the last redemption of a reward goes on.
type Fulfil struct {
	Reward string `doc:"reward,required" max_len:"60" help:"the reward's id"`
	Status string `doc:"status,required" max_len:"60" help:"ordered, ready, handed_over, sent or failed"`
}

// Happened is an event of a type that the program declares.
type Happened struct {
	Type    string               `doc:"type,required" help:"one of the types under events"`
	Order   string               `doc:"order" max_len:"128" help:"the order that it belongs to"`
	Channel string               `doc:"channel" max_len:"500" help:"app, web, store …"`
	Store   string               `doc:"store" max_len:"500" help:"the store's id"`
	Data    document.Map[string] `doc:"data" help:"the fields that the type declares"`
}

// Expect is what is to be true after a step.
type Expect struct {
	Outcome     string                        `doc:"outcome" help:"what became of the event, such as applied"`
	Gave        document.Map[decimal.Decimal] `doc:"gave" help:"rule: what it gave"`
	Because     document.Map[string]          `doc:"because" help:"rule: what it came to, such as over or not_met"`
	Rewards     document.Map[int64]           `doc:"rewards" help:"reward: how many of it the rules gave in the step"`
	Vouchers    *int64                        `doc:"vouchers" help:"how many vouchers were issued in the step, less those taken back"`
	PriceExpect `doc:",inline"`
	Balances    document.Map[Wanted] `doc:",rest" help:"wallet.available and so on: the amount after the step; tier.<ladder>: the level, and tier.<ladder>.missing and so on; challenge.<id>, card.<id> and streak.<id>: what counts; badge.<id>: the level; leaderboard.<id>: the score, and leaderboard.<id>.place; offer.<id>: how it stands; choice.<id>: the option"`
}
