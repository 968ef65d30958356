// Package reward is what members can get for their value: the catalogue, and
// the life of a redemption. A bundle is several rewards for one price, which are
// had, handed over and given back as a whole; what is booked names its slot, whose
// places are a quota with the slot's beginning as its window. A redemption is taken in one step, or held first and
// then confirmed or cancelled; a hold frees itself when its time is over. What was
// spent is remembered lot by lot, so that a cancellation or a refund gives it back
// to the very lots that it came from, with their expiry.
package reward

import (
	"embed"
	"io/fs"
	"strconv"

	"github.com/govalues/decimal"

	"premia/internal/core/calendar"
	"premia/internal/core/condition"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/money"
)

// Kind begins the names of rewards among rules.
const Kind = "reward"

//go:embed words
var words embed.FS

// Reward is one reward of the document.
type Reward struct {
	ID          string        `doc:"id,required" pattern:"^[a-z0-9][a-z0-9-]*$" max_len:"60" help:"the reward's own name: small letters, digits, hyphens"`
	Name        document.Text `doc:"name,required" help:"the reward's name for members"`
	Description document.Text `doc:"description" help:"what it is, in a few sentences"`
	Picture     *Picture      `doc:"picture"`
	Kind        string        `doc:"kind,required" enum:"free product|experience|service|access|donation|download|partner|points|virtual currency|bundle|gift card|discount|cashback|surprise" help:"what the member gets"`
	Price       Price         `doc:"price" help:"wallet: amount, and perhaps money: amount to pay on top"`
	When        string        `doc:"when" max_len:"4096" help:"who can have it: a condition on the member, the wallets and the time"`
	rule.Window `doc:",inline"`
	Stock       int64            `doc:"stock" min:"1" max:"1000000000" help:"how many there are; without it, as many as are taken"`
	Limits      *Limits          `doc:"limits" help:"how many a member can take"`
	Hold        *document.Span   `doc:"hold" help:"how long it can be held before it is confirmed; 15m if not said"`
	Fulfilment  string           `doc:"fulfilment" enum:"none|collect|send" help:"none if there is nothing to hand over (if not said)"`
	Refund      *Refund          `doc:"refund" help:"whether and how long it can be undone; never if not said"`
	Cost        *decimal.Decimal `doc:"cost" help:"what one costs the business, in the program's currency"`
	Worth       *decimal.Decimal `doc:"worth" help:"what one is worth to the member, in the program's currency"`

	SKU     string           `doc:"sku" help:"the product, of a free product"`
	Where   document.Text    `doc:"where" help:"the place, of an experience, a service or access"`
	Date    *document.Moment `doc:"date" help:"when it takes place, of an experience or access"`
	Partner string           `doc:"partner" help:"the partner, of a partner's reward, or who receives a donation"`
	Link    string           `doc:"link" pattern:"^https://" max_len:"500" help:"where to download it"`
	Gives   *rule.Give       `doc:"gives" help:"wallet: amount, of points in another wallet or of a virtual currency"`
	App     string           `doc:"app" max_len:"200" help:"the game or app whose currency a virtual currency is"`

	Rewards document.Map[int64] `doc:"rewards" help:"reward: how many, of a bundle: {espresso: 2, recipes: 1}"`
	Booking `doc:",inline"`

	Card   string           `doc:"card" max_len:"60" help:"the kind under gift cards, of a gift card"`
	Amount *decimal.Decimal `doc:"amount" help:"how much is on the gift card, or is paid to the member's bank account"`
	Least  *decimal.Decimal `doc:"least" help:"the least money that is paid at once, of cashback"`
	Most   *decimal.Decimal `doc:"most" help:"the most money that is paid at once, of cashback"`

	Surprise string `doc:"surprise" max_len:"60" help:"the surprise from which one is drawn, of a surprise"`

	Discount *Discount `doc:"discount" help:"what it takes off a basket at list prices, of a discount"`
	Voucher  *Voucher  `doc:"voucher" help:"who can use a code of it, and how often"`
	Code     string    `doc:"code" max_len:"60" help:"one code for everybody, such as SPRING15"`
	Codes    *Codes    `doc:"codes" help:"codes that are made in batches"`
}

// Picture is a reward's picture.
type Picture struct {
	URL string        `doc:"url,required" pattern:"^(https://|/)" max_len:"500"`
	Alt document.Text `doc:"alt,required" help:"what it shows, for those who can't see it"`
}

// Price is what a reward costs the member.
type Price struct {
	Money   *decimal.Decimal              `doc:"money" help:"money to pay on top, in the program's currency"`
	Wallets document.Map[decimal.Decimal] `doc:",rest" help:"wallet: amount"`
}

// Limits are how many a member can take.
type Limits struct {
	EachDay    *int64 `doc:"each day" min:"1"`
	EachWeek   *int64 `doc:"each week" min:"1"`
	EachMonth  *int64 `doc:"each month" min:"1"`
	EachYear   *int64 `doc:"each year" min:"1"`
	EachMember *int64 `doc:"each member" min:"1" help:"ever"`
}

// Refund says how a redemption can be undone.
type Refund struct {
	Within  *document.Span `doc:"within" help:"how long after it was taken; without it, as long as it is not handed over or sent"`
	Before  *document.Span `doc:"before" help:"until so long before the slot that is booked begins: 24h"`
	Expired *document.Span `doc:"revive expired" help:"value that expired meanwhile is good again for this long; gone if not said"`
}

// Mechanic is the door of rewards.
type Mechanic struct{}

// Section gives the key rewards.
func (Mechanic) Section() document.Section {
	return document.Section{Key: "rewards", Into: &[]Reward{}, Help: "what members can get for what they earned"}
}

// Words are the catalogues of rewards.
func (Mechanic) Words() fs.FS { return words }

// Compiled is a reward that is ready to be taken.
type Compiled struct {
	Name   ledger.Name
	Source *Reward
	Prices []Amount
	Money  int64 // minor units of the currency
	When   *condition.Expression
	Window rule.CompiledWindow
	Stock  int64
	Quota  ledger.Name
	// Stocks are all quotas that it draws on but for places: its own stock, and of
	// a bundle those of its parts.
	Stocks []Stock
	Parts  []Part
	Limits []engine.LimitRule
	Hold   calendar.Span
	Gives  []*engine.Giving
	// Cost and Worth of one are in minor units of the currency; zero if not said.
	Cost, Worth int64
	refund      refund
	booking     *booking
	card        card
	gift        *engine.Gift
	cashback    *cashback
	surprise    ledger.Name
}

// Amount is so much of a wallet.
type Amount struct {
	Wallet *engine.Wallet
	Minor  int64
}

type refund struct {
	allowed bool
	within  calendar.Span // zero: until it is handed over or sent
	// before is a length, taken off the slot's beginning; unbooked without it.
	before *calendar.Span
	grace  calendar.Span
}

type stage struct{ rewards []Compiled }

// Compile checks the catalogue.
func (Mechanic) Compile(c *engine.Compiler, section any) engine.Stage {
	rewards := *section.(*[]Reward)
	s := &stage{}
	for i := range rewards {
		s.rewards = append(s.rewards, compile(c, "rewards["+strconv.Itoa(i)+"]", &rewards[i]))
	}
	s.compileBundles(c)
	c.OnRelease(s.giveBack)
	for i := range s.rewards {
		x := &s.rewards[i]
		x.gift = c.Program.GiftByID(x.Source.ID).Gift
		x.gift.Reward = gift{x}
	}
	c.AtEnd(func() { s.checkPrices(c) })
	return s
}

func compile(c *engine.Compiler, path string, r *Reward) Compiled {
	out := Compiled{
		Name:   c.Rule(path, Kind, r.ID, rule.Title(c, r.Name, r.ID)),
		Source: r, Stock: r.Stock,
		When: c.Condition(path+".when", r.When, false),
		Hold: calendar.Span{Minutes: 15},
	}
	if whole := c.Reserved(r.ID, r.When); whole != r.When && (out.When != nil || r.When == "") {
		out.When = c.Condition(path+".when", whole, false)
	}
	c.Conditions(out.Name, out.When, nil)
	out.Window = rule.CompileWindow(c, path, out.Name, &r.Window)
	out.compilePrice(c, path+".price", &r.Price)
	if r.Hold != nil {
		out.Hold = engine.Span(*r.Hold)
		if r.Hold.IsZero() {
			c.Problem(path+".hold", "out_of_range", "a hold of no time can't be confirmed", "write a length of time such as 15m")
		}
	}
	if r.Stock > 0 {
		out.Quota = c.Program.Names.Number("budget.reward." + r.ID + ".stock")
		c.Program.Budgets = append(c.Program.Budgets, engine.Budget{Quota: out.Quota, Rule: out.Name, Cap: r.Stock})
	}
	if r.Stock > 0 {
		out.Stocks = []Stock{{Rule: out.Name, Quota: out.Quota, Cap: r.Stock, Each: 1}}
	}
	out.booking = compileBooking(c, path, r)
	out.compileLimits(c, path+".limits", r.Limits)
	out.compileRefund(c, path+".refund", r)
	if r.Gives != nil {
		out.Gives = rule.CompileGive(c, path+".gives", out.Name, r.Gives, money.Floor, 0)
	}
	for _, g := range out.Gives {
		if g.Measure != engine.ByEvent {
			c.Problem(path+".gives", "never_applies", "what a reward gives is a plain amount", "write a wallet and an amount, such as {beans: 120}")
		}
	}
	if r.Cost != nil {
		out.Cost, _ = rule.MoneyMinor(c, path+".cost", *r.Cost)
	}
	if r.Worth != nil {
		out.Worth, _ = rule.MoneyMinor(c, path+".worth", *r.Worth)
	}
	out.compileDiscount(c, path)
	checkKind(c, path, r)
	if r.Surprise != "" {
		out.surprise = c.Program.Names.Number("surprise." + r.Surprise)
		c.SellDraw(engine.Sale{Surprise: r.Surprise, Path: path + ".surprise", Reward: out.Name})
		if r.Refund != nil {
			c.Problem(path+".refund", "never_applies", "what was drawn can't be given back", "remove refund")
		}
	}
	out.compileCard(c, path, r)
	out.compileCashback(c, path, r)
	return out
}

func (x *Compiled) compileRefund(c *engine.Compiler, path string, r *Reward) {
	if r.Refund == nil {
		return
	}
	x.refund.allowed = true
	if r.Refund.Within != nil {
		x.refund.within = engine.Span(*r.Refund.Within)
	}
	if r.Refund.Expired != nil {
		x.refund.grace = engine.Span(*r.Refund.Expired)
	}
	if before := r.Refund.Before; before != nil {
		back := engine.Span(*before)
		x.refund.before = &calendar.Span{Years: -back.Years, Months: -back.Months, Days: -back.Days, Minutes: -back.Minutes}
		if x.booking == nil {
			c.Problem(path+".before", "never_applies", "no slot is booked, so there is nothing before which it could be cancelled", "write within, or slots")
		}
	}
	if x.refund.within.IsZero() && x.refund.before == nil && !handsOver(r) {
		c.Problem(path, "never_applies", "there is nothing to hand over, so nothing that could be given back before that", "write within, or fulfilment: collect or send")
	}
}

// HandsOver tells whether somebody hands the reward over or sends it.
func (x *Compiled) HandsOver() bool { return handsOver(x.Source) }

// handsOver tells whether somebody hands the reward over or sends it.
func handsOver(r *Reward) bool {
	return r.Fulfilment == "collect" || r.Fulfilment == "send" || r.Kind == kindCashback
}

func (x *Compiled) compilePrice(c *engine.Compiler, path string, p *Price) {
	for id, amount := range p.Wallets.All() {
		w := c.Wallet(path+"."+id, id)
		if w == nil {
			continue
		}
		if minor, ok := rule.WalletMinor(c, path+"."+id, amount, w); ok {
			x.Prices = append(x.Prices, Amount{w, minor})
		}
	}
	if p.Money != nil {
		x.Money, _ = rule.MoneyMinor(c, path+".money", *p.Money)
	}
}

// checkPrices reports the rewards that cost nothing and that no rule gives.
func (s *stage) checkPrices(c *engine.Compiler) {
	for i := range s.rewards {
		x := &s.rewards[i]
		if x.Source.Price.Wallets.Len() == 0 && x.Source.Kind != "discount" && (!x.gift.Given || x.Source.Price.Money != nil) {
			c.Problem("rewards["+strconv.Itoa(i)+"].price", "missing", "the reward costs nothing of any wallet", "write a wallet and an amount, such as {beans: 120}, or let a rule give it")
		}
	}
}

// onlyGiven tells whether members can't take the reward: rules give it.
func (x *Compiled) onlyGiven() bool {
	return x.gift.Given && x.Source.Price.Wallets.Len() == 0 && x.Source.Price.Money == nil
}

func (x *Compiled) compileLimits(c *engine.Compiler, path string, l *Limits) {
	if l == nil {
		return
	}
	counter := c.Program.Names.Number("counter.reward." + x.Source.ID)
	for _, one := range []struct {
		limit engine.Limit
		value *int64
	}{
		{engine.EachDay, l.EachDay}, {engine.EachWeek, l.EachWeek}, {engine.EachMonth, l.EachMonth},
		{engine.EachYear, l.EachYear}, {engine.EachMember, l.EachMember},
	} {
		if one.value != nil {
			x.Limits = append(x.Limits, engine.LimitRule{Limit: one.limit, Cap: *one.value, Times: true, Counter: counter})
		}
	}
	if len(x.Limits) == 0 {
		c.Problem(path, "missing", "this limits nothing", "write at least one of each day, each week, each month, each year, each member")
	}
}

// Rewards lists the catalogue of a compiled program.
func Rewards(p *engine.Program) []Compiled {
	for _, s := range p.Stages() {
		if mine, ok := s.(*stage); ok {
			return mine.rewards
		}
	}
	return nil
}

func (s *stage) find(id string) *Compiled {
	for i := range s.rewards {
		if s.rewards[i].Source.ID == id {
			return &s.rewards[i]
		}
	}
	return nil
}

func (s *stage) byName(name ledger.Name) *Compiled {
	for i := range s.rewards {
		if s.rewards[i].Name == name {
			return &s.rewards[i]
		}
	}
	return nil
}
