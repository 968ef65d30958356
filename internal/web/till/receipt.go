package till

import (
	"cmp"
	"context"
	"html/template"
	"slices"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/money"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/web/page"
)

func (t *Till) receiptRoutes() {
	t.handle("GET /till/receipts/{event}", t.receipt)
}

// receiptData says what became of what was booked.
type receiptData struct {
	Shell
	Event, Type, Order string
	Refused            bool
	At                 calendar.Instant
	Member             memberView
	quoteView
	Items []itemView
	// Took is what a return took back, Restored what came back for a reward, and PaidBack
	// the money to give back.
	Took, Restored []text.Points
	PaidBack       text.Money
	// Says tells of a return what was gone already, and what becomes of rewards.
	Says []string
	// CardBack is what went back onto a gift card.
	CardBack text.Money
	Outcome  string
	// Taken is the reward, of a redemption and what follows it.
	Taken *takenView
	// Slip is what the member gets of it.
	Slip slip
}

// slip is a part of a page that the member reads, in the language that it is in.
type slip struct {
	Lang  string
	Shown template.HTML
}

// itemView is a line of a purchase.
type itemView struct {
	Name string
	// Quantity is how many, to be read, and Price what one costs; none where pieces have no
	// one price.
	Quantity text.Points
	Price    text.Money
	Total    text.Money
	// Left is how much can still go back; empty if nothing can. LeftShown is the same to be
	// read.
	Left      string
	LeftShown text.Points
	No        int
}

// receipts are the types of events of which a till shows what became.
var receipts = map[string]bool{
	event.Purchase: true, event.Return: true, event.Enrolment: true,
	event.Redemption: true, event.Confirmation: true, event.Cancellation: true, event.Fulfilment: true, event.Refund: true,
}

func (t *Till) receipt(r *request) error {
	a, err := t.app.Event(r.Ctx(), r.R.PathValue("event"))
	if err != nil {
		return err
	}
	if err := t.finish(context.WithoutCancel(r.Ctx()), &a); err != nil {
		return err
	}
	d, err := t.receiptOf(r, a)
	if err != nil {
		return err
	}
	if d.Slip, err = t.slip(r, a, d); err != nil {
		return err
	}
	return r.Page("receipt", d)
}

// slip is what the member gets, in their language where it is known.
func (t *Till) slip(r *request, a journal.Answer, d receiptData) (slip, error) {
	lang := t.languageOf(r, d.Member.Language)
	theirs := *r.Context
	theirs.Lang = lang
	d, err := t.receiptOf(&request{Context: &theirs, till: r.till, member: true}, a)
	if err != nil {
		return slip{}, err
	}
	shown, err := r.In(lang, "receipt", "slip", d)
	return slip{lang, shown}, err
}

// languageOf gives a member's language where pages have it, and the cashier's otherwise.
func (t *Till) languageOf(r *request, lang string) string {
	if slices.Contains(t.app.Words.Languages(), lang) {
		return lang
	}
	return r.Lang
}

func (t *Till) receiptOf(r *request, a journal.Answer) (d receiptData, err error) {
	if !receipts[a.Event.Type] || a.Member == 0 {
		return d, page.ErrNotFound
	}
	r.R.SetPathValue("member", a.Member.String())
	rules := t.app.Journal.Rules().Timeline
	p, e := rules.Version(a.Decision.Program), a.Event
	if p == nil {
		return d, page.ErrNotFound
	}
	d = receiptData{Shell: r.shell(), Event: e.ID, Type: e.Type, Order: e.Order, Refused: a.Decision.Outcome.Refused(), At: a.Decision.At}
	if d.Member, err = t.memberOf(r); err != nil {
		return d, err
	}
	d.quoteView = t.brings(r, p, a.Decision, e)
	d.Outcome = t.app.ExplainTo(r.reader(), &a, r.Lang).Outcome
	if !ofAmount(e) {
		d.Items = t.itemsOf(r, p, e, nil)
	}
	d.Took = summed(p, a.Decision, engine.TookBack)
	d.Restored = summed(p, a.Decision, engine.Restored)
	if err := t.backOf(r, p, &a, &d); err != nil {
		return d, err
	}
	if about := e.Redemption; about != "" || e.Type == event.Redemption {
		if e.Type == event.Redemption {
			about = e.ID
		}
		if d.Taken, err = t.takenOf(r, about); err != nil {
			return d, err
		}
	}
	return d, nil
}

// backOf fills in what a return brought back: the goods, the money, and what went onto a
// gift card.
func (t *Till) backOf(r *request, p *engine.Program, a *journal.Answer, d *receiptData) error {
	if a.Event.Type != event.Return || len(a.Decision.Returned) == 0 {
		return nil
	}
	x, err := t.app.PurchaseOf(r.Ctx(), a.Member.String(), a.Decision.Returned[0].Purchase)
	if err != nil {
		return err
	}
	if d.Says, err = t.backSays(r, p, a.Decision, d.Reasons, d.Member.ID); err != nil {
		return err
	}
	back, err := t.app.FinishReturn(r.Ctx(), a)
	if err != nil {
		return err
	}
	d.CardBack = p.Money(back)
	d.PaidBack = p.Money(moneyBack(a.Decision, x.Worth(x.Before(a), x.Left)) - back)
	d.Items = nil
	if len(x.Event.Items) == 0 || ofAmount(x.Event) {
		return nil
	}
	bought := t.itemsOf(r, p, engine.Bought(x.Event, x.Decision), nil)
	for _, one := range a.Decision.Returned {
		item := bought[one.Item]
		item.Quantity = countOf(one.Quantity)
		d.Items = append(d.Items, item)
	}
	return nil
}

// paidBack is the money that a return pays back, in minor units.
func paidBack(d *engine.Decision) int64 {
	sum := int64(0)
	for i := range d.Steps {
		if s := &d.Steps[i]; s.Result == engine.PaidBack {
			sum += s.Base
		}
	}
	return sum
}

// itemsOf lists the lines of a purchase; left is what of each can go back, nil where
// nobody asks.
func (t *Till) itemsOf(r *request, p *engine.Program, e *event.Event, left []int64) []itemView {
	out := make([]itemView, len(e.Items))
	for i := range e.Items {
		x := &e.Items[i]
		name := cmp.Or(x.Name, x.SKU)
		if x.SKU == "" && x.Category != "" && name == x.Category {
			name = t.categoryName(r, p, x.Category)
		}
		if x.SKU == "" && x.Category == "" && name == e.Order {
			name = r.Say("till.goods")
		}
		out[i] = itemView{Name: name, Quantity: countOf(x.Quantity), Total: p.Money(x.Total), No: i}
		if x.Quantity > 0 && x.Total*piece%x.Quantity == 0 {
			out[i].Price = p.Money(x.Total * piece / x.Quantity)
		}
		if left != nil && left[i] > 0 {
			out[i].Left, out[i].LeftShown = quantity(left[i]), countOf(left[i])
		}
	}
	return out
}

// quantity writes thousandths without needless decimals.
func quantity(thousandths int64) string {
	s := money.Format(thousandths, event.QuantityScale)
	for len(s) > 1 && s[len(s)-1] == '0' {
		s = s[:len(s)-1]
	}
	if s[len(s)-1] == '.' {
		s = s[:len(s)-1]
	}
	return s
}

// takenView is a reward that a member took.
type takenView struct {
	ID, Reward, Status string
	Until              calendar.Instant
	Money              text.Money
	Codes              []string
	// Vouchers are those of its codes that can be used in a purchase now.
	Vouchers []voucherView
	At       calendar.Instant
	// Held, Waits, Back and Undone tell what can be done: confirm or cancel it, hand it
	// over, take it back, nothing any more.
	Held, Waits, Back, Undone bool
	// Confirm, Cancel and HandOver are drawn ids.
	Confirm, Cancel, HandOver string
}

func (t *Till) viewOf(r *request, x *app.Redemption) takenView {
	p := t.app.Program()
	v := takenView{ID: x.ID, Reward: app.RewardCalled(p, t.app.RewardID(x.Reward), r.Lang), Status: x.Status, Until: x.Until, Money: p.Money(x.Money), At: x.At}
	switch x.Status {
	case ledger.HeldRedemption.String():
		v.Held = true
		v.Confirm, v.Cancel = app.NewEventID(), app.NewEventID()
	case ledger.Ordered.String(), "ready":
		v.Waits, v.Back, v.HandOver = true, true, app.NewEventID()
	case ledger.HandedOver.String(), "sent":
		v.Back = true
	case "failed":
		v.Undone, v.Back = true, true
	case "cancelled", "refunded", "timed_out":
		v.Undone = true
	}
	return v
}

// takenOf gives a redemption with its codes; nil if nothing came of it.
func (t *Till) takenOf(r *request, id string) (*takenView, error) {
	x, err := t.app.Redemption(r.Ctx(), id)
	if err != nil {
		if app.AsProblem(err).Code == app.CodeUnknownRedemption {
			return nil, nil
		}
		return nil, err
	}
	v := t.viewOf(r, &x)
	codes, err := t.app.VouchersOf(r.Ctx(), id)
	for i := range codes {
		v.Codes = append(v.Codes, codes[i].Code.Code)
		if codes[i].State == app.CodeUsable && codes[i].Member != 0 {
			v.Vouchers = append(v.Vouchers, t.viewVoucher(r, &codes[i]))
		}
	}
	if err != nil {
		return nil, err
	}
	if card, err := t.app.RewardCard(r.Ctx(), id); err == nil && card.Code != "" {
		v.Codes = append(v.Codes, card.Code)
	}
	return &v, nil
}

// mostTaken is how many of a member's latest redemptions are looked through.
const mostTaken = 20

// takenBy lists what a member took lately, as far as it is wanted.
func (t *Till) takenBy(r *request, member string, wanted func(*takenView) bool) ([]takenView, error) {
	all, _, err := t.app.Redemptions(r.Ctx(), member, mostTaken)
	var out []takenView
	for i := range all {
		if v := t.viewOf(r, &all[i]); wanted(&v) {
			out = append(out, v)
		}
	}
	return out, err
}

// openOf lists what a member took and did not get yet.
func (t *Till) openOf(r *request, member string) ([]takenView, error) {
	return t.takenBy(r, member, func(v *takenView) bool { return v.Held || v.Waits })
}
