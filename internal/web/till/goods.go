package till

import (
	"context"
	"net/http"
	"sort"
	"strconv"
	"strings"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/web/page"
)

func (t *Till) returnRoutes() {
	t.handle("GET /till/return", t.receiptForm)
	t.handle("GET /till/members/{member}/return", t.returns)
	t.handle("GET /till/members/{member}/return/{purchase}", t.returnForm)
	t.handle("POST /till/members/{member}/return/{purchase}", t.goodsBack)
	t.handle("POST /till/members/{member}/return/{purchase}/book", t.bookReturn)
}

// purchaseView is a purchase as it is listed.
type purchaseView struct {
	Event, Order string
	At           calendar.Instant
	Total        text.Money
	Whole, Gone  bool
}

func (t *Till) purchasesOf(r *request, member string, most int) ([]purchaseView, error) {
	all, err := t.app.Purchases(r.Ctx(), member, most)
	if err != nil {
		return nil, err
	}
	out := make([]purchaseView, len(all))
	for i := range all {
		x := &all[i]
		p := t.app.Program()
		out[i] = purchaseView{x.Event.ID, x.Event.Order, x.Decision.At, p.Money(engine.Bought(x.Event, x.Decision).Total), x.Whole(), x.Gone()}
	}
	return out, nil
}

// receiptFormData asks for a receipt's number.
type receiptFormData struct {
	Shell
	Form *page.Form
}

// receiptForm finds a purchase by the number on its receipt.
func (t *Till) receiptForm(r *request) error {
	f := page.NewForm("order", strings.TrimSpace(r.Form("order")))
	if f.Get("order") == "" {
		return r.Page("receipt-number", receiptFormData{r.shell(), f})
	}
	a, err := t.app.Order(r.Ctx(), f.Get("order"))
	if err == nil && a.Member != 0 && a.Event.Type == event.Purchase {
		return r.Redirect(memberPath(a.Member) + "/return/" + escaped(a.Event.ID))
	}
	if p := app.AsProblem(err); err != nil && p.Code != app.CodeUnknownOrder {
		return err
	}
	f.Wrong("order", r.Say("till.return.unknown"))
	return r.PageStatus(http.StatusUnprocessableEntity, "receipt-number", receiptFormData{r.shell(), f})
}

// returnsData lists purchases of which goods may go back, and rewards that may.
type returnsData struct {
	Shell
	Member    memberView
	Purchases []purchaseView
	Rewards   []takenView
}

const mostReturnable = 20

func (t *Till) returns(r *request) error {
	m, err := t.memberOf(r)
	if err != nil {
		return err
	}
	d := returnsData{Shell: r.shell(), Member: m}
	if d.Purchases, err = t.purchasesOf(r, m.ID, mostReturnable); err != nil {
		return err
	}
	if d.Rewards, err = t.takenBy(r, m.ID, func(v *takenView) bool { return v.Back }); err != nil {
		return err
	}
	return r.Page("returns", d)
}

// returnData is a purchase of which goods go back.
type returnData struct {
	Shell
	Member   memberView
	Purchase purchaseView
	Items    []itemView
	Left     text.Money
	Form     *page.Form
	// Checked shows what would go back, before it is booked.
	Checked bool
	Back    []itemView
	Took    []text.Points
	Goals   []string
	// Says tells what was gone already, and what becomes of rewards.
	Says []string
	// Nearest is what goes back instead of the sum that was typed, where a part of a purchase
	// can't be just that; none otherwise.
	Nearest text.Money
	// PaidBack is the money to give back, CardBack what goes back onto a gift card.
	PaidBack, CardBack text.Money
	Reasons            []string
	Currency           string
}

func (t *Till) returnForm(r *request) error {
	return t.showReturn(r, http.StatusOK, page.NewForm("event", app.NewEventID(), "amount", ""), nil)
}

// showReturn shows the purchase with the form, or with what would go back.
func (t *Till) showReturn(r *request, status int, f *page.Form, fill func(*returnData, *app.PurchaseOf) error) error {
	m, err := t.memberOf(r)
	if err != nil {
		return err
	}
	x, err := t.app.PurchaseOf(r.Ctx(), m.ID, r.R.PathValue("purchase"))
	if err != nil {
		return err
	}
	p := t.app.Program()
	bought := engine.Bought(x.Event, x.Decision)
	d := returnData{
		Shell: r.shell(), Member: m, Form: f, Items: t.itemsOf(r, p, bought, x.Left), Left: p.Money(x.LeftTotal()), Currency: p.Currency.Code,
		Purchase: purchaseView{x.Event.ID, x.Event.Order, x.Decision.At, p.Money(bought.Total), x.Whole(), x.Gone()},
	}
	if ofAmount(x.Event) {
		d.Items = nil
	}
	for i := range d.Items {
		if name := backName(i); f.Values[name] == "" {
			f.Values[name] = "0"
		}
	}
	if fill != nil {
		if err := fill(&d, &x); err != nil {
			return err
		}
		if !f.OK() {
			status = http.StatusUnprocessableEntity
		}
	}
	return r.PageStatus(status, "return", d)
}

// backName is the name of the field that says how much of a line goes back.
func backName(i int) string { return "back_" + strconv.Itoa(i) }

// returnOf makes the return of what was typed; nil where the form has what is wrong.
func (t *Till) returnOf(r *request, f *page.Form, x *app.PurchaseOf, whole bool) *event.Event {
	e := r.at(&event.Event{ID: f.Get("event"), Type: event.Return, Member: x.Member.String(), Order: x.Event.Order})
	if whole {
		return e
	}
	p := t.app.Program()
	if len(x.Event.Items) == 0 {
		back, ok := amountOf(f.Get("amount"), p.Currency.Scale)
		if !ok || back > x.Left[0] {
			f.Wrong("amount", r.Say("till.return.amount", "Most", p.Money(x.Left[0])))
			return nil
		}
		e.Total, e.Given = back, event.GivenTotal
		return e
	}
	if ofAmount(x.Event) {
		most := x.LeftTotal()
		back, ok := amountOf(f.Get("amount"), p.Currency.Scale)
		if !ok || back > most {
			f.Wrong("amount", r.Say("till.return.amount", "Most", p.Money(most)))
			return nil
		}
		e.Items = []event.Item{{Name: x.Event.Items[0].Name, Quantity: partFor(x, back)}}
		return e
	}
	for i := range x.Event.Items {
		typed := strings.TrimSpace(f.Get(backName(i)))
		if typed == "" || typed == "0" {
			continue
		}
		back, ok := amountOf(typed, event.QuantityScale)
		if !ok || back > x.Left[i] {
			f.Wrong(backName(i), r.Say("till.return.quantity", "Most", countOf(x.Left[i])))
			return nil
		}
		item := &x.Event.Items[i]
		e.Items = append(e.Items, event.Item{SKU: item.SKU, Name: item.Name, Quantity: back})
	}
	if len(e.Items) == 0 {
		f.Problem = r.Say("till.return.nothing")
		return nil
	}
	return e
}

// ofAmount tells that of a purchase no goods are known, though it has an item: the one that
// a voucher, or points, needed to be taken off from.
func ofAmount(e *event.Event) bool {
	return len(e.Items) == 1 && e.Items[0].SKU == "" && e.Items[0].Category == "" && e.Items[0].Name == e.Order && e.Items[0].Quantity == piece
}

// partFor gives how many thousandths of a purchase of an amount go back for a sum, the
// nearest that there is: at least one, and no more than is left.
func partFor(x *app.PurchaseOf, sum int64) int64 {
	worth := func(n int64) int64 { return x.Worth(x.Left, []int64{x.Left[0] - n}) }
	n := int64(sort.Search(int(x.Left[0]), func(n int) bool { return worth(int64(n)) >= sum }))
	if n > 1 && sum-worth(n-1) <= worth(n)-sum {
		n--
	}
	return max(n, 1)
}

func (t *Till) readReturn(r *request) (*page.Form, bool, error) {
	f, err := r.ReadForm("event", "amount", "do")
	if err != nil {
		return nil, false, err
	}
	f.Values["event"] = app.DrawnEventID(f.Get("event"))
	for name := range r.R.PostForm {
		if strings.HasPrefix(name, "back_") && len(f.Values) < event.MaxItems {
			f.Values[name] = r.R.PostFormValue(name)
		}
	}
	return f, f.Get("do") == "whole", nil
}

// goodsBack shows what goes back, before it is booked.
func (t *Till) goodsBack(r *request) error {
	f, whole, err := t.readReturn(r)
	if err != nil {
		return err
	}
	if known, err := t.known(r, f); known || err != nil {
		return err
	}
	if f.Get("do") == "change" {
		return t.showReturn(r, http.StatusOK, f, nil)
	}
	return t.showReturn(r, http.StatusOK, f, func(d *returnData, x *app.PurchaseOf) error {
		e := t.returnOf(r, f, x, whole)
		if e == nil {
			return nil
		}
		q, _, err := t.app.Quote(r.Ctx(), e)
		if err != nil {
			if p := app.AsProblem(err); p.Code == app.CodeInternal || p.Code == app.CodeUnavailable {
				return err
			}
			f.Problem = r.Problem(err)
			return nil
		}
		if q.Decision.Outcome.Refused() {
			f.Problem = strings.Join(t.why(r, &journal.Answer{Decision: q.Decision, Event: e}), " ")
			return nil
		}
		return t.checkReturn(r, d, x, e, &q)
	})
}

// checkReturn fills in what a return would take back and pay back.
func (t *Till) checkReturn(r *request, d *returnData, x *app.PurchaseOf, e *event.Event, q *journal.Quote) error {
	d.Checked = true
	d.Took = summed(q.Program, q.Decision, engine.TookBack)
	d.Reasons = t.app.ExplainTo(r.reader(), &journal.Answer{Decision: q.Decision, Event: e}, r.Lang).Reasons
	d.Goals = goalsOf(q.Decision, d.Reasons)
	var err error
	if d.Says, err = t.backSays(r, q.Program, q.Decision, d.Reasons, d.Member.ID); err != nil {
		return err
	}
	after := *x
	after.Left = append([]int64(nil), x.Left...)
	for _, back := range q.Decision.Returned {
		if back.Purchase == x.Event.ID {
			after.Left[back.Item] -= back.Quantity
			if len(d.Items) > 0 {
				item := d.Items[back.Item]
				item.Quantity = countOf(back.Quantity)
				d.Back = append(d.Back, item)
			}
		}
	}
	back, err := t.app.CardBack(r.Ctx(), x, x.Left, after.Left)
	if err != nil {
		return err
	}
	worth := x.Worth(x.Left, after.Left)
	if typed, ok := amountOf(d.Form.Get("amount"), q.Program.Currency.Scale); ok && ofAmount(x.Event) && d.Form.Get("do") == "part" && typed != worth {
		d.Nearest = q.Program.Money(worth)
	}
	d.CardBack = q.Program.Money(back)
	d.PaidBack = q.Program.Money(moneyBack(q.Decision, worth) - back)
	return nil
}

// moneyBack is the money that a return pays back, in minor units: what the decision says
// where something was paid otherwise, and else what the goods cost.
func moneyBack(d *engine.Decision, worth int64) int64 {
	if paid := paidBack(d); paid != 0 {
		return paid
	}
	return worth
}

func (t *Till) bookReturn(r *request) error {
	f, whole, err := t.readReturn(r)
	if err != nil {
		return err
	}
	x, err := t.app.PurchaseOf(r.Ctx(), r.R.PathValue("member"), r.R.PathValue("purchase"))
	if err != nil {
		return err
	}
	again := func(words string) error {
		f.Problem = words
		return t.showReturn(r, http.StatusUnprocessableEntity, f, nil)
	}
	// What was booked already leaves less to go back than this form asks for: whether it
	// is the same is told by its id.
	if done, err := t.app.Event(r.Ctx(), f.Get("event")); err == nil {
		return t.repeated(r, &done)
	}
	e := t.returnOf(r, f, &x, whole)
	if e == nil {
		if asksByScript(r.Context) {
			return answer(r.Context, http.StatusUnprocessableEntity, outcome{State: "rejected", Words: r.Say("till.return.less")})
		}
		return t.showReturn(r, http.StatusUnprocessableEntity, f, nil)
	}
	id := e.ID
	return t.booked(r, id, func(ctx context.Context) (journal.Answer, error) {
		back, err := t.app.Record(ctx, e)
		if err == nil {
			err = t.finish(ctx, &back)
		}
		return back, err
	}, again)
}

// repeated answers what was booked before with the first answer.
func (t *Till) repeated(r *request, a *journal.Answer) error {
	if app.Left(a) {
		return t.leftBefore(r)
	}
	if err := t.finish(context.WithoutCancel(r.Ctx()), a); err != nil {
		return err
	}
	if asksByScript(r.Context) {
		return answer(r.Context, http.StatusOK, outcome{State: stateOf(a), To: receiptPath(a.Event.ID)})
	}
	return r.Redirect(receiptPath(a.Event.ID))
}
