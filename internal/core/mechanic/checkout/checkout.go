// Package checkout prices baskets that come at list prices: it takes off the
// promotions of the program and the rewards that codes stand for, lets wallets pay
// a part, holds a checkout until it is paid, and gives back what was paid for goods
// that go back. It stands before earning, so that a purchase earns on what was paid.
//
// What always holds: a quote, a checkout and a purchase of one basket come to the
// same price; a code that can't be used refuses the purchase with the reason, and
// nothing of it is used; what a checkout holds goes back when it is cancelled or its
// time is over; returns of a purchase pay back no more than was paid, and all of it
// when everything went back; and no line that stays gets more off than it had.
package checkout

import (
	"embed"
	"io/fs"

	"github.com/govalues/decimal"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

//go:embed words
var words embed.FS

// Section is the key checkout of the document.
type Section struct {
	Most   *Share            `doc:"most" help:"the part of the goods' list price that all reductions together may take off, such as 60%"`
	Hold   *document.Span    `doc:"hold" help:"how long a checkout is held; 15m if not said"`
	Pay    document.Map[Pay] `doc:"pay" help:"wallet: how it pays"`
	Revive *document.Span    `doc:"revive expired" help:"value that paid and has expired meanwhile is good again for this long when goods go back; gone if not said"`
}

// Pay says how a wallet pays.
type Pay struct {
	Value *decimal.Decimal `doc:"value" above:"0" help:"the money that one of the wallet pays; its worth if not said"`
	Most  *Share           `doc:"most" help:"the part of the price that it may pay, such as 50%; the whole if not said"`
	Least *decimal.Decimal `doc:"least" above:"0" help:"the least of it that pays at once"`
}

// Mechanic is the door of checkouts.
type Mechanic struct{}

// Section gives the key checkout.
func (Mechanic) Section() document.Section {
	return document.Section{Key: "checkout", Into: &Section{}, Help: "how baskets at list prices are priced, held and paid with wallets"}
}

// Words are the catalogues of checkouts.
func (Mechanic) Words() fs.FS { return words }

type stage struct {
	source *Section
	// pricedAt names the instant as of which a purchase was priced in what its
	// decision keeps.
	pricedAt ledger.Name
}

// Compile checks the section. Without it baskets at list prices are priced all the
// same; nothing pays then but money.
func (Mechanic) Compile(c *engine.Compiler, section any) engine.Stage {
	from := section.(*Section)
	s := &stage{source: from, pricedAt: c.Program.Names.Number("field.checkout.priced_at")}
	settings := &engine.Settings{
		Rule: c.Rule("checkout", "checkout", "basket", text.Localized{}),
		Hold: calendar.Span{Minutes: 15},
	}
	c.Program.Checkout = settings
	if from.Most != nil {
		settings.Most = from.Most.Rate
	}
	if from.Hold != nil {
		settings.Hold = engine.Span(*from.Hold)
		if from.Hold.IsZero() {
			c.Problem("checkout.hold", "out_of_range", "a checkout that is held for no time can't be confirmed", "write a length of time such as 15m")
		}
	}
	if from.Revive != nil {
		settings.Revive = engine.Span(*from.Revive)
	}
	for id, pay := range from.Pay.All() {
		compilePay(c, "checkout.pay."+id, id, &pay, settings)
	}
	c.OnGoodsReturned(s.paidBack)
	return s
}

func compilePay(c *engine.Compiler, path, id string, p *Pay, settings *engine.Settings) {
	w := c.Wallet(path, id)
	if w == nil {
		return
	}
	terms := engine.PayTerms{Wallet: w}
	one, _ := money.NewRate(1, 1)
	terms.Most = one
	if p.Most != nil {
		terms.Most = p.Most.Rate
	}
	value := w.Worth
	if p.Value != nil {
		c.Worth(path+".value", id)
		value, _ = money.RateOf(*p.Value)
	}
	if value.IsZero() {
		c.Problem(path, "missing", "it is not said what money the wallet pays", "write value, or the wallet's worth")
	}
	scale, err := money.NewRate(engine.Power10(c.Program.Currency.Scale), engine.Power10(w.Unit.Scale))
	if err == nil {
		terms.Value, err = value.Mul(scale)
	}
	if err != nil {
		c.Problem(path+".value", "out_of_range", "this value has too many digits to be exact", "write fewer digits")
	}
	if p.Least != nil {
		terms.Least, _ = rule.WalletMinor(c, path+".least", *p.Least, w)
	}
	settings.Pay = append(settings.Pay, terms)
}

// Unblockable tells that blocked members can buy like guests.
func (*stage) Unblockable() {}

// ForGuests tells that guests can buy at reduced prices, too.
func (*stage) ForGuests() {}

// Apply prices a basket.
func (s *stage) Apply(t *engine.Turn) {
	if t.Event.Prices == "" {
		return
	}
	switch past, _ := t.Replayed(); {
	case past != nil:
		s.again(t)
	case t.In.Claimed != nil:
		// Whoever claims a purchase claims it as it was paid.
		t.Instead(engine.AtPrices(t.Event, make([]int64, len(t.Event.Items)), 0, 0))
	case t.Event.Type == event.Checkout:
		s.hold(t)
	case t.Event.Type == event.Purchase:
		s.buy(t)
	}
}

// stranger tells whether nobody is there who could use what only members can: a
// guest, or a member who is blocked.
func stranger(t *engine.Turn) bool { return t.In.Member == 0 || t.State.Status == ledger.Blocked }

// hold prices a basket and sets aside what it uses until it is paid.
func (s *stage) hold(t *engine.Turn) {
	if stranger(t) {
		t.Finish(engine.MembersOnly)
		return
	}
	b := newBasket(t, t.At)
	if !b.price() || !b.plan() {
		return
	}
	settings := t.Program.Checkout
	b.explain()
	open := ledger.Redemption{
		ID: t.Event.ID, Reward: settings.Rule, Quantity: 1, Status: ledger.HeldRedemption,
		At: t.At, Until: calendar.Add(t.Clock, settings.Hold, t.Program.Zone),
		Uses: b.draw(),
	}
	open.Parts = b.pay(ledger.Held, ledger.Hold, engine.HeldFor)
	t.State.Redemptions = append(t.State.Redemptions, open)
	t.Finish(engine.Applied)
}

// buy prices a purchase, which then earns on what is paid. One that confirms a
// checkout frees what that held and takes it again, priced as of the same moment.
func (s *stage) buy(t *engine.Turn) {
	at := t.At
	var freed []ledger.Use
	undo := func() {}
	if id := t.Event.Checkout; id != "" {
		open := t.State.Redemption(id)
		if open == nil || open.Status != ledger.HeldRedemption || open.Reward != t.Program.Checkout.Rule {
			t.Finish(fate(t, id))
			return
		}
		at, freed, undo = open.At, open.Uses, remember(t)
		t.KeepMoment(s.pricedAt, at)
		held := *open
		t.State.Forget(id)
		t.Book.Restore(held.Parts, ledger.Held, ledger.Release, t.Clock, 0)
		t.Released(&held)
	}
	b := newBasket(t, at)
	b.freed = freed
	if !b.price() || !b.plan() {
		undo()
		return
	}
	b.explain()
	b.draw()
	b.count()
	t.Out.Paid = append(t.Out.Paid, b.pay(ledger.Spent, ledger.Spend, engine.PaidWith)...)
	b.instead()
}

// fate says why a checkout is not held: it was bought or cancelled before, its time
// is over, or there is none.
func fate(t *engine.Turn, id string) engine.Outcome {
	why := engine.NoSuchCheckout
	if t.In.History == nil {
		return why
	}
	t.In.History(func(p *engine.Past) bool {
		e := p.Event
		switch {
		case p.Decision.Outcome != engine.Applied:
			return true
		case e.Type == event.Purchase && e.Checkout == id:
			why = engine.AlreadyConfirmed
		case e.Type == event.Cancellation && e.Redemption == id:
			why = engine.AlreadyCancelled
		case e.Type == event.Checkout && e.ID == id:
			why = engine.HoldTimedOut
		default:
			return true
		}
		return false
	})
	return why
}

// remember gives what undoes all but the explanation of what comes after: a hold
// stays if the purchase that was to confirm it is refused.
func remember(t *engine.Turn) func() {
	state, postings, facts := t.State.Clone(), len(t.Book.Postings), len(t.Out.Facts)
	grants := append([]engine.Grant(nil), t.Out.Grants...)
	return func() {
		*t.State = *state
		t.Book.Postings, t.Out.Facts = t.Book.Postings[:postings], t.Out.Facts[:facts]
		refused := t.Out.Grants[len(grants):]
		t.Out.Grants = grants
		for _, g := range refused {
			if g.Cut {
				// That nothing was left is why, and is so again.
				t.Out.Grants = append(t.Out.Grants, g)
			}
		}
	}
}
