package program

import (
	"cmp"
	"slices"
	"strings"

	"github.com/govalues/decimal"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/tier"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

// script is a scenario that was checked: its events and what is expected.
type script struct {
	it     string
	path   string
	scenes []scene
}

// scene is one step of a script.
type scene struct {
	path   string
	at     calendar.Instant
	member string
	event  event.Event // of type event.Settle where only time passes
	// to names the member who receives a transfer.
	to string
	// kin is what the member wants of a family.
	kin *Kin
	// referrer names the member who brought this one.
	referrer string
	// click is that of the member on an ambassador's link.
	click *Clicked
	// reward is the one whose last redemption the event leads on, and card the gift
	// card whose last payment it does.
	reward, card string
	// asked tells that the event is only asked about.
	asked bool
	// draw is the seed of what is drawn.
	draw   []byte
	expect []expected
}

// expected is one thing that is to be true after a scene. What it is about says
// which of the other fields count.
type expected struct {
	path   string
	key    string // as the document says it
	about  subject
	want   string
	amount decimal.Decimal
	rule   ledger.Name
	wallet *engine.Wallet
	figure string // of a wallet or a ladder
	ladder *tier.Ladder
	scale  int // of what counts towards a goal
}

type subject uint8

const (
	aboutOutcome subject = iota
	aboutGift
	aboutReason
	aboutBalance
	aboutTier
	aboutGoal
	aboutGiven
	aboutVouchers
	aboutPrices
	aboutToPay
	aboutPaidBack
	aboutOffer
	aboutBoard
)

// figures are the sums of a wallet that scenarios may expect.
var figures = []string{"available", "pending", "held", "debt", "earned", "expired"}

// checkScenarios checks the scenarios and makes them ready to run.
func (d *Document) checkScenarios(c *engine.Compiler) {
	for i := range d.Head.Scenarios {
		s := &d.Head.Scenarios[i]
		out := script{it: s.It, path: document.Index("scenarios", i)}
		last := calendar.Beginning
		for j := range s.Steps {
			k := stepChecker{Compiler: c, path: document.Index(out.path+".steps", j), step: &s.Steps[j]}
			sc := k.scene()
			if sc.at < last {
				c.Problem(k.path+".at", document.CodeOutOfRange, "this is before the step above it", "write the steps in the order of time")
			}
			last = max(last, sc.at)
			out.scenes = append(out.scenes, sc)
		}
		d.scripts = append(d.scripts, out)
	}
}

// stepChecker checks one step.
type stepChecker struct {
	*engine.Compiler
	path string
	step *Step
	// referrer is who brought the member.
	referrer string
}

func (k *stepChecker) scene() scene {
	s := k.step
	out := scene{path: k.path, at: calendar.Of(s.At.In(k.Program.Zone)), member: s.Member}
	at := k.fill(&out.event)
	out.event.At, out.reward, out.referrer = out.at, out.event.Reward, k.referrer
	if out.event.Type != event.Settle {
		if err := out.event.Check(k.Program.Currency.Code, k.Program.Currency.Scale); err != nil {
			k.eventProblem(at, err)
		}
	}
	if s.Transfer != nil {
		out.to = s.Transfer.To
	}
	if s.GiftCard != nil {
		out.member, out.card = cardName(s.GiftCard.Card), s.GiftCard.Card
		out.to = cmp.Or(s.GiftCard.To, s.Member)
	}
	out.asked = s.Quote != nil
	out.kin, out.click = s.Family, s.Click
	out.draw = k.draws()
	if s.Expect != nil {
		out.expect = k.expectations(s.Expect)
	}
	return out
}

// eventProblem reports what is wrong with an event at its place in the step.
func (k *stepChecker) eventProblem(at string, err error) {
	p, ok := err.(*event.Problem)
	if !ok {
		k.Problem(at, document.CodeInvalid, text.Of(err), "")
		return
	}
	path := at
	switch {
	case p.Path == "time":
		path = k.path + ".at"
	case p.Path != "":
		path += "." + p.Path
	}
	k.Problem(path, p.Code, p.Message, p.Hint)
}

// fill makes the step's event and says where in the document it stands.
func (k *stepChecker) fill(e *event.Event) (path string) {
	s := k.step
	said := 0
	e.Type, path = event.Settle, k.path
	if at, joins := k.joins(e); joins > 0 {
		said, path = joins, at
	}
	if s.Purchase != nil {
		said++
		e.Type, path = event.Purchase, k.path+".purchase"
		k.bought(e, path, s.Purchase)
	}
	if s.Return != nil {
		said++
		e.Type, path = event.Return, k.path+".return"
		k.bought(e, path, s.Return)
	}
	if s.Transfer != nil {
		said++
		e.Type, path = event.Transfer, k.path+".transfer"
		k.transfer(e, path, s.Transfer)
	}
	if s.Family != nil {
		said++
		e.Type, path = event.Family, k.path+".family"
		k.family(e, path, s.Family)
	}
	if s.Adjust != nil {
		said++
		e.Type, path = event.Adjustment, k.path+".adjust"
		k.adjust(e, path, s.Adjust)
	}
	if s.GiftCard != nil {
		said++
		path = k.path + ".gift card"
		k.giftCard(e, path, s.GiftCard)
	}
	for _, one := range [...]struct {
		key, kind string
		second    *Second
	}{{"approve", event.Approval, s.Approve}, {"reject", event.Rejection, s.Reject}} {
		if one.second != nil {
			said++
			// Which adjustment it is about is known only when the scenario runs.
			e.Type, e.ID, e.By, e.About, path = one.kind, k.path, one.second.By, k.path, k.path+"."+one.key
		}
	}
	if redemption := k.redemption(e); redemption != "" {
		said++
		path = k.path + "." + redemption
	}
	if s.Event != nil {
		said++
		e.Type, path = s.Event.Type, k.path+".event"
		k.happened(e, path, s.Event)
	}
	for _, about := range [...]func(*event.Event) (string, int){k.offers, k.contests, k.baskets} {
		if at, more := about(e); more > 0 {
			said += more
			path = at
		}
	}
	if said > 1 {
		k.Problem(k.path, "ambiguous", text.Say("a step has {Count} events", said), "write a step for each; steps may have the same time")
	}
	return path
}

func (k *stepChecker) facts(e *event.Event, path string, facts *document.Map[string]) {
	var known []string
	for _, fact := range engine.MemberFacts {
		known = append(known, fact.Name)
	}
	if k.Program.KnowsBirthdays() {
		known = append(known, engine.BirthdayFact)
	}
	for _, name := range k.Program.ProfileFacts {
		if !slices.Contains(known, name) {
			known = append(known, name)
		}
	}
	for name, value := range facts.All() {
		if _, ok := engine.BirthdayOf(value); name == engine.BirthdayFact && !ok && value != "" {
			k.Problem(document.Join(path, name), document.CodeWrongType, text.Say("{Value} is no day of the year", quoted(value)), "write month and day, such as 05-14")
		}
		if facts == k.step.Enrol && k.referral(e, name, value) {
			continue
		}
		if !slices.Contains(known, name) {
			k.unknown(document.Join(path, name), "unknown_fact", text.Say("there is no fact {Name} of a member", quoted(name)), name, known)
		}
		e.Data = append(e.Data, event.Datum{Name: name, Kind: event.Text, Text: value})
	}
}

// unknown reports a word that is none of those known.
func (k *stepChecker) unknown(path, code string, message text.Sentence, word string, known []string) {
	hint := text.Say("known are {Known}", strings.Join(known, ", "))
	if near, ok := document.Closest(word, known); ok {
		hint = text.Say("did you mean {Near}?", quoted(near))
	}
	k.Problem(path, code, message, hint)
}

func quoted(s string) string { return `"` + s + `"` }

// minor reads an amount in minor units of a scale; nil is not given.
func (k *stepChecker) minor(path string, d *decimal.Decimal, scale int) int64 {
	if d == nil {
		return 0
	}
	minor, err := money.Parse(d.String(), scale)
	if err != nil {
		k.Problem(path, document.CodeOutOfRange, text.Of(err), "")
	}
	return minor
}

// money reads an amount of the program's currency, and counted one of a wallet's unit.
func (k *stepChecker) money(path string, d *decimal.Decimal) int64 {
	if d != nil {
		k.Money(path)
	}
	return k.minor(path, d, k.Program.Currency.Scale)
}

func (k *stepChecker) counted(path string, d *decimal.Decimal, w *engine.Wallet) int64 {
	if d != nil {
		k.Counted(path, w)
	}
	return k.minor(path, d, w.Unit.Scale)
}

func (k *stepChecker) bought(e *event.Event, path string, b *Bought) {
	e.Order = b.Order
	switch {
	case e.Order == "":
		e.Order = b.ID
	case b.ID != "" && b.ID != b.Order:
		k.Problem(path+".order", "ambiguous", "id and order name two different orders", "write one of the two")
	}
	e.Currency, e.Channel, e.Store = b.Currency, b.Channel, b.Store
	for _, amount := range [...]struct {
		key   string
		value *decimal.Decimal
		to    *int64
		given event.Field
	}{
		{"total", b.Total, &e.Total, event.GivenTotal},
		{"tax", b.Tax, &e.Tax, event.GivenTax},
		{"shipping", b.Shipping, &e.Shipping, event.GivenShipping},
		{"discount", b.Discount, &e.Discount, event.GivenDiscount},
		{"paid_with_gift_cards", b.PaidWithGiftCards, &e.PaidWithGiftCards, event.GivenPaidWithGiftCards},
		{"paid_with_points", b.PaidWithPoints, &e.PaidWithPoints, event.GivenPaidWithPoints},
	} {
		if amount.value != nil {
			*amount.to = k.money(path+"."+amount.key, amount.value)
			e.Given |= amount.given
		}
	}
	for i := range b.Items {
		e.Items = append(e.Items, k.item(document.Index(path+".items", i), &b.Items[i]))
	}
	e.Data = k.data(path, e.Type, b.Data)
	k.listPriced(e, path, &b.ListPriced)
}

func (k *stepChecker) item(path string, i *Item) event.Item {
	out := event.Item{SKU: i.SKU, Name: i.Name, Category: i.Category, Brand: i.Brand, Quantity: engine.Power10(event.QuantityScale)}
	if i.Quantity != nil {
		out.Quantity = k.minor(path+".quantity", i.Quantity, event.QuantityScale)
	}
	if i.UnitPrice != nil {
		k.Money(path + ".unit_price")
	}
	out.UnitPrice = k.minor(path+".unit_price", i.UnitPrice, event.UnitPriceScale)
	out.Total = k.money(path+".total", i.Total)
	out.GivenUnitPrice, out.GivenTotal = i.UnitPrice != nil, i.Total != nil
	return out
}

func (k *stepChecker) adjust(e *event.Event, path string, a *Adjust) {
	e.ID, e.Wallet, e.Reason, e.By, e.Given = k.path, a.Wallet, a.Reason, a.By, event.GivenAmount
	if w := k.Program.WalletByID(a.Wallet); w != nil {
		e.Amount = k.counted(path+".amount", &a.Amount, w)
		return
	}
	if x := k.step.Expect; x == nil || x.Outcome != engine.NoSuchWallet.String() {
		k.Wallet(path+".wallet", a.Wallet) // which reports it
	}
	e.Amount = k.minor(path+".amount", &a.Amount, money.MaxScale)
}

func (k *stepChecker) happened(e *event.Event, path string, h *Happened) {
	if own := k.Program.EventType(h.Type); own == nil || slices.Contains(engine.RuleEvents, h.Type) {
		hint := text.Sentence("declare it under events")
		if slices.Contains([]string{event.Purchase, event.Return}, h.Type) {
			hint = text.Say("write the key {Type} instead of event", h.Type)
		}
		var ids []string
		for i := range k.Program.Types {
			ids = append(ids, k.Program.Types[i].ID)
		}
		if near, ok := document.Closest(h.Type, ids); ok {
			hint = text.Say("did you mean {Near}?", quoted(near))
		}
		k.Problem(path+".type", "unknown_event_type", text.Say("there is no event type {Type} of the program's own", quoted(h.Type)), hint)
		e.Type = event.Settle
		return
	}
	e.Order, e.Channel, e.Store = h.Order, h.Channel, h.Store
	e.Data = k.data(path, h.Type, h.Data)
}
