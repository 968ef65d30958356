package till

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"premia/internal/app"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/money"
	"premia/internal/core/text"
	"premia/internal/web/page"
)

// line is one line of a basket, as a cashier typed it.
type line struct {
	SKU, Category, Price, Quantity string
}

// basket is what a cashier typed of a purchase.
type basket struct {
	Form  *page.Form
	Lines []line
	// Shown are the lines as they are read, in their order.
	Shown []lineView
	// Categories are those that the program names, for lines.
	Categories []choice
	// Pay are the wallets that a basket can be paid with, and Cards tells that gift cards
	// can pay, too.
	Pay   []payView
	Cards bool
	// Sum is what the lines cost together.
	Sum text.Money
	// Vouchers are those that the member can use, and OtherCodes tells that others were typed.
	Vouchers   []voucherView
	OtherCodes bool
	// Redrawn tells that its id is another one than that of the page before.
	Redrawn bool
}

// lineView is a line as a cashier reads it: "3 × 65,00".
type lineView struct {
	Name string
	// Count and Price are as they were typed where they can't be read.
	Count, Price any
	Total        text.Money
	// Fewer and More tell that there can be one less, or one more.
	Fewer, More bool
}

// show says the lines in the visitor's language.
func (b *basket) show(r *request, p *engine.Program) {
	for i := range b.Lines {
		l := &b.Lines[i]
		v := lineView{Name: b.called(r, l), Count: l.Quantity, Price: l.Price}
		if count, ok := amountOf(l.Quantity, event.QuantityScale); ok {
			v.Count, v.Fewer, v.More = countOf(count), count > piece, count <= event.MaxQuantity-piece
		}
		if price, ok := amountOf(l.Price, p.Currency.Scale); ok {
			v.Price = p.Money(price)
		}
		if item, ok := l.item(p); ok {
			v.Total = p.Money(item.Total)
		}
		b.Shown = append(b.Shown, v)
	}
}

// called is how a line is called: by its product, or its kind of goods.
func (b *basket) called(r *request, l *line) string {
	for _, c := range b.Categories {
		if l.SKU == "" && c.Value == l.Category {
			return c.Words
		}
	}
	return cmp.Or(l.SKU, l.Category, r.Say("till.goods"))
}

// piece is one piece, in thousandths, and countOf so many of them to be read.
const piece = int64(1000)

func countOf(thousandths int64) text.Points {
	return text.Points{Minor: thousandths, Scale: event.QuantityScale}
}

// step makes a line one more or one less; the last piece stays.
func (b *basket) step(which string, by int64) {
	for i := range b.Lines {
		if which != money.Format(int64(i), 0) {
			continue
		}
		if had, ok := amountOf(b.Lines[i].Quantity, event.QuantityScale); ok && had+by > 0 && had+by <= event.MaxQuantity {
			b.Lines[i].Quantity = quantity(had + by)
		}
	}
}

// typed gives how many were typed, and the amount of one: "3 × 65" in the field of the
// amount, or in two fields.
func (b *basket) typed() (times, amount string) {
	times, amount = strings.TrimSpace(b.Form.Get("times")), strings.TrimSpace(b.Form.Get("amount"))
	if i := strings.IndexAny(amount, "×*xXхХ"); i >= 0 {
		_, size := utf8.DecodeRuneInString(amount[i:])
		times, amount = strings.TrimSpace(amount[:i]), strings.TrimSpace(amount[i+size:])
	}
	return cmp.Or(times, "1"), amount
}

// wrongTimes says that how many can't be read, at the field where it was typed.
func (b *basket) wrongTimes(r *request) {
	field := "times"
	if _, ok := amountOf(cmp.Or(strings.TrimSpace(b.Form.Get("times")), "1"), event.QuantityScale); ok {
		field = "amount"
	}
	b.Form.Wrong(field, r.Say("till.quantity.wrong"))
}

// several tells that more or less than one was typed of an amount.
func (b *basket) several() bool {
	times, amount := b.typed()
	count, ok := amountOf(times, event.QuantityScale)
	return amount != "" && (!ok || count != piece)
}

// choice is a value with its words.
type choice struct{ Value, Words string }

// payView is a wallet that a basket can be paid with.
type payView struct {
	ID   string
	Have text.Points
}

// mostLines bounds a basket that is typed.
const mostLines = 200

// readBasket reads what was typed.
func (t *Till) readBasket(r *request) (*basket, error) {
	f, err := r.ReadForm(
		"event", "amount", "times", "codes", "order", "new_sku", "new_category", "new_price", "new_quantity", "pay_wallet",
		"pay_amount", "card", "card_amount",
	)
	if err != nil {
		return nil, err
	}
	f.Values["event"] = app.DrawnEventID(f.Get("event"))
	b := &basket{Form: f}
	v := r.R.PostForm
	for i := range min(len(v["sku"]), mostLines) {
		b.Lines = append(b.Lines, line{at(v["sku"], i), at(v["category"], i), at(v["price"], i), at(v["quantity"], i)})
	}
	return b, nil
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

// offer fills in what can be chosen from, and what the lines come to.
func (b *basket) offer(t *Till, r *request, p *engine.Program, m *memberView) {
	for value := range p.CodeNames["category"] {
		b.Categories = append(b.Categories, choice{value, t.categoryName(r, p, value)})
	}
	slices.SortFunc(b.Categories, func(x, y choice) int {
		return cmp.Or(strings.Compare(x.Words, y.Words), strings.Compare(x.Value, y.Value))
	})
	sum := int64(0)
	for _, l := range b.Lines {
		if item, ok := l.item(p); ok {
			sum += item.Total
		}
	}
	for _, name := range [...]string{"times", "new_quantity"} {
		b.Form.Values[name] = cmp.Or(b.Form.Get(name), "1")
	}
	b.show(r, p)
	b.Sum, b.Cards = p.Money(sum), len(p.GiftCards) > 0
	if p.Checkout == nil {
		return
	}
	for i := range p.Checkout.Pay {
		w := p.Checkout.Pay[i].Wallet
		for j := range m.Wallets {
			if have := m.Wallets[j]; have.ID == w.ID && have.Available.Minor > 0 {
				b.Pay = append(b.Pay, payView{w.ID, have.Available})
			}
		}
	}
}

// categoryName is how members call a kind of goods.
func (t *Till) categoryName(r *request, p *engine.Program, value string) string {
	if name, ok := p.CodeNames["category"][value]; ok {
		return t.app.Words.Render(r.Lang, text.New("tier.name", "Title", name))
	}
	return value
}

// add takes the new line into the basket. A price that was not typed is that of the
// price list.
func (b *basket) add(t *Till, r *request, p *engine.Program) error {
	f := b.Form
	n := line{strings.TrimSpace(f.Get("new_sku")), f.Get("new_category"), f.Get("new_price"), cmp.Or(strings.TrimSpace(f.Get("new_quantity")), "1")}
	if n.SKU == "" && n.Price == "" {
		f.Wrong("new_sku", r.Say("till.line.missing"))
		return nil
	}
	if strings.TrimSpace(n.Price) == "" {
		price, known, err := t.listed(r, p, n.SKU)
		if err != nil {
			return err
		}
		if !known {
			f.Wrong("new_price", r.Say("till.line.no_price", "SKU", text.Quoted(n.SKU)))
			return nil
		}
		n.Price = price
	}
	if _, ok := amountOf(n.Price, p.Currency.Scale); !ok {
		f.Wrong("new_price", r.Say("till.amount.wrong"))
	}
	if _, ok := amountOf(n.Quantity, event.QuantityScale); !ok {
		f.Wrong("new_quantity", r.Say("till.quantity.wrong"))
	}
	if b.take(r, n, "new_sku"); !f.OK() {
		return nil
	}
	for name, value := range map[string]string{"new_sku": "", "new_category": "", "new_price": "", "new_quantity": "1"} {
		f.Values[name] = value
	}
	return nil
}

// listed gives the price of a product by the price list, as it is typed.
func (t *Till) listed(r *request, p *engine.Program, sku string) (price string, known bool, err error) {
	minor, err := t.app.ListPrice(r.Ctx(), sku, "")
	if err != nil && app.AsProblem(err).Code == app.CodeUnknownPrice {
		return "", false, nil
	}
	return money.Format(minor, p.Currency.Scale), err == nil, err
}

// take puts a line into the basket, unless something is wrong: one more of the line that
// is the same in all but how many.
func (b *basket) take(r *request, n line, field string) {
	if !b.Form.OK() {
		return
	}
	for i := range b.Lines {
		l := &b.Lines[i]
		had, ok := amountOf(l.Quantity, event.QuantityScale)
		more, also := amountOf(n.Quantity, event.QuantityScale)
		if ok && also && l.SKU == n.SKU && l.Category == n.Category && l.Price == n.Price {
			l.Quantity = quantity(had + more)
			return
		}
	}
	if len(b.Lines) == mostLines {
		b.Form.Wrong(field, r.Say("till.line.many", "Count", int64(mostLines)))
		return
	}
	b.Lines = append(b.Lines, n)
}

// ring takes what was typed as an amount into the basket as a line of a kind of goods,
// empty for none, as often as was typed. Without an amount it is more of the last line of
// that kind.
func (b *basket) ring(r *request, p *engine.Program, category string) {
	times, typed := b.typed()
	count, counts := amountOf(times, event.QuantityScale)
	price, ok := amountOf(typed, p.Currency.Scale)
	n := line{Category: category, Quantity: quantity(count), Price: money.Format(price, p.Currency.Scale)}
	switch {
	case !counts:
		b.wrongTimes(r)
	case typed == "":
		for _, l := range slices.Backward(b.Lines) {
			if l.SKU == "" && l.Category == category {
				n.Price, ok = l.Price, true
				break
			}
		}
		if !ok {
			b.Form.Wrong("amount", r.Say("till.category.price"))
		}
	case !ok:
		b.Form.Wrong("amount", r.Say("till.amount.wrong"))
	}
	b.rung(r, n)
}

// rung takes a line into the basket that was typed or scanned as an amount.
func (b *basket) rung(r *request, n line) {
	if b.take(r, n, "amount"); b.Form.OK() {
		b.Form.Values["amount"], b.Form.Values["times"] = "", "1"
	}
}

// scanned takes a product into the basket whose bar code was scanned where amounts are
// typed: nothing but digits, as no amount has, with a price of the price list.
func (b *basket) scanned(t *Till, r *request, p *engine.Program) (bool, error) {
	times, sku := b.typed()
	if len(sku) < 8 || strings.Trim(sku, "0123456789") != "" {
		return false, nil
	}
	price, known, err := t.listed(r, p, sku)
	if !known || err != nil {
		return false, err
	}
	count, ok := amountOf(times, event.QuantityScale)
	if !ok {
		b.wrongTimes(r)
	}
	b.rung(r, line{SKU: sku, Price: price, Quantity: quantity(count)})
	return true, nil
}

// remove takes a line out of the basket.
func (b *basket) remove(which string) {
	for i := range b.Lines {
		if which == money.Format(int64(i), 0) {
			b.Lines = slices.Delete(b.Lines, i, i+1)
			return
		}
	}
}

// amountOf reads an amount above zero as people type it, with a comma or a point.
func amountOf(s string, scale int) (int64, bool) {
	s = strings.NewReplacer(",", ".", " ", "", "\u00a0", "", "\u202f", "").Replace(strings.TrimSpace(s))
	minor, err := money.Parse(s, scale)
	return minor, err == nil && minor > 0
}

var errTyped = errors.New("till: what was typed is to be mended")

// event makes the purchase of what was typed; errTyped says that the form has what is
// wrong with it.
func (b *basket) event(r *request, p *engine.Program, member string) (*event.Event, error) {
	f := b.Form
	e := r.at(&event.Event{ID: f.Get("event"), Type: event.Purchase, Member: member, Order: strings.TrimSpace(f.Get("order"))})
	if e.Order == "" {
		e.Order = orderOf(e.ID)
	}
	e.Codes = distinct(strings.Fields(f.Get("codes")))
	if err := b.items(r, e, p); err != nil {
		return nil, err
	}
	if len(b.Lines) == 0 {
		total, ok := amountOf(f.Get("amount"), p.Currency.Scale)
		if !ok {
			f.Wrong("amount", r.Say("till.amount.wrong"))
			return nil, errTyped
		}
		e.Total, e.Given = total, event.GivenTotal
		if len(e.Codes) > 0 || f.Get("pay_amount") != "" {
			e.Items = []event.Item{{Name: e.Order, Quantity: engine.Power10(event.QuantityScale), Total: total, GivenTotal: true}}
		}
	}
	if err := b.pay(r, e, p); err != nil {
		return nil, err
	}
	if card, ok := amountOf(f.Get("card_amount"), p.Currency.Scale); ok && f.Get("card") != "" {
		e.PaidWithGiftCards, e.Given = card, e.Given|event.GivenPaidWithGiftCards
	}
	if len(e.Items) > 0 && (len(e.Codes)+len(e.Pay)+len(p.Promotions)+len(p.Discounts) > 0) {
		e.Prices = event.ListPrices
	}
	return e, nil
}

// item makes an item of a line. It costs its quantity times its price, rounded half up to
// the currency's minor unit.
func (l *line) item(p *engine.Program) (event.Item, bool) {
	price, ok := amountOf(l.Price, p.Currency.Scale)
	quantity, also := amountOf(l.Quantity, event.QuantityScale)
	if !ok || !also || quantity > event.MaxQuantity || price > math.MaxInt64/2/quantity {
		return event.Item{}, false
	}
	thousand := engine.Power10(event.QuantityScale)
	return event.Item{
		SKU: l.SKU, Name: cmp.Or(l.SKU, l.Category), Category: l.Category, Quantity: quantity,
		Total: (price*quantity + thousand/2) / thousand, GivenTotal: true,
	}, true
}

// items adds the lines.
func (b *basket) items(r *request, e *event.Event, p *engine.Program) error {
	for i := range b.Lines {
		item, ok := b.Lines[i].item(p)
		if !ok {
			b.Form.Problem = r.Say("till.line.wrong", "SKU", text.Quoted(b.Lines[i].SKU))
			return errTyped
		}
		item.Name = cmp.Or(item.Name, e.Order)
		e.Items = append(e.Items, item)
	}
	return nil
}

func (b *basket) pay(r *request, e *event.Event, p *engine.Program) error {
	typed := strings.TrimSpace(b.Form.Get("pay_amount"))
	if typed == "" || p.Checkout == nil {
		return nil
	}
	for i := range p.Checkout.Pay {
		if w := p.Checkout.Pay[i].Wallet; w.ID == b.Form.Get("pay_wallet") {
			amount, ok := amountOf(typed, w.Unit.Scale)
			if !ok {
				b.Form.Wrong("pay_amount", r.Say("till.amount.wrong"))
				return errTyped
			}
			e.Pay = append(e.Pay, event.Payment{Wallet: w.ID, Amount: amount})
		}
	}
	return nil
}

// orderOf is the number of a purchase that has none of the shop's: it follows from the
// event's id, so that sending it again names the same.
func orderOf(id string) string { return "T-" + strings.ToUpper(id[max(0, len(id)-12):]) }
