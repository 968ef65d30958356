package till

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/mechanic/challenge"
	"premia/internal/core/mechanic/tier"
	"premia/internal/core/money"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/web/page"
)

func (t *Till) purchaseRoutes() {
	t.handle("GET /till/members/{member}/purchase", t.purchaseForm)
	t.handle("POST /till/members/{member}/purchase", t.purchase)
	t.handle("POST /till/members/{member}/purchase/book", t.bookPurchase)
	t.handle("GET /till/booked/{event}", t.isBooked)
	t.handle("POST /till/left/{event}", t.leave)
}

// purchaseData is the page where a purchase is typed.
type purchaseData struct {
	Shell
	Member   memberView
	Basket   *basket
	Currency string
	// Open waits to be handed over.
	Open []takenView
}

func (t *Till) purchaseForm(r *request) error {
	f := page.NewForm(
		"event", app.NewEventID(), "amount", "", "times", "1", "codes", r.Form("codes"), "order", "", "new_quantity", "1", "card", "",
		"card_amount", "", "pay_amount", "", "pay_wallet", "",
	)
	return t.showPurchase(r, http.StatusOK, &basket{Form: f})
}

func (t *Till) showPurchase(r *request, status int, b *basket) error {
	p, err := t.rules()
	if err != nil {
		return err
	}
	m, err := t.memberOf(r)
	if err != nil {
		return err
	}
	b.offer(t, r, p, &m)
	vouchers, err := t.vouchersOf(r, m.ID)
	if err != nil {
		return err
	}
	b.offerVouchers(vouchers)
	open, err := t.openOf(r, m.ID)
	if err != nil {
		return err
	}
	return r.PageStatus(status, "purchase", purchaseData{r.shell(), m, b, p.Currency.Code, open})
}

// purchase changes the basket as the pressed button says, or shows what it would bring.
func (t *Till) purchase(r *request) error {
	p, err := t.rules()
	if err != nil {
		return err
	}
	b, err := t.readBasket(r)
	if err != nil {
		return err
	}
	if known, err := t.known(r, b.Form); known || err != nil {
		return err
	}
	books, err := t.changed(r, p, b, r.R.PostFormValue("do"))
	switch {
	case err != nil:
		return err
	case books:
		return t.checkPurchase(r, p, b)
	}
	status := http.StatusOK
	if !b.Form.OK() {
		status = http.StatusUnprocessableEntity
	}
	return t.showPurchase(r, status, b)
}

// changed changes the basket as a button says, and tells whether it is complete: then
// what it brings is to be shown. Enter presses no button, and adds a product that was
// typed.
func (t *Till) changed(r *request, p *engine.Program, b *basket, do string) (complete bool, err error) {
	act, which, _ := strings.Cut(do, "-")
	switch act {
	case "use":
		b.use(which)
	case "unuse":
		b.unuse(which)
	case "remove":
		b.remove(which)
	case "more":
		b.step(which, piece)
	case "less":
		b.step(which, -piece)
	case "category":
		b.ring(r, p, which)
	case "change":
		if b.Form.Get("card") != "" {
			b.Form.Values["event"], b.Redrawn = app.NewEventID(), true // the card may pay another sum
		}
		b.Form.Values["card_amount"] = ""
	default:
		return t.entered(r, p, b, do)
	}
	return false, nil
}

// entered takes what was typed into the basket; where nothing is left to be taken it is
// complete.
func (t *Till) entered(r *request, p *engine.Program, b *basket, do string) (complete bool, err error) {
	if do == "add" || strings.TrimSpace(b.Form.Get("new_sku")) != "" {
		return false, b.add(t, r, p)
	}
	if scanned, err := b.scanned(t, r, p); scanned || err != nil {
		return false, err
	}
	if _, amount := b.typed(); len(b.Lines) > 0 && amount != "" || b.several() {
		b.ring(r, p, "")
		return false, nil
	}
	return true, nil
}

// checkData is what a purchase would bring, before it is booked.
type checkData struct {
	Shell
	Member memberView
	Basket *basket
	quoteView
}

// quoteView is what an event would bring, or brought.
type quoteView struct {
	List, ToPay text.Money
	Reduced     bool
	// Card is what a gift card pays, CardLeft what it has then.
	Card, CardLeft text.Money
	Gave           []text.Points
	// Goals say what counted for goals and stamp cards, and which badges and levels came.
	Goals []string
	// From is when what it gives can be used, where that is later; none otherwise.
	From     calendar.Instant
	PaidWith []paidView
	// Off is what reductions take off, and Unused the codes that take nothing off.
	Off     []offView
	Unused  []string
	Reasons []string
	Missing []string
}

// paidView is what was paid otherwise than by money, and the money that it stands for,
// below zero.
type paidView struct {
	Points text.Points
	Money  text.Money
}

func (t *Till) checkPurchase(r *request, p *engine.Program, b *basket) error {
	m, err := t.memberOf(r)
	if err != nil {
		return err
	}
	again := func(words string) error {
		b.Form.Problem = words
		return t.showPurchase(r, http.StatusUnprocessableEntity, b)
	}
	b.Form.Values["card_amount"] = ""
	e, err := b.event(r, p, m.ID)
	if errors.Is(err, errTyped) {
		return t.showPurchase(r, http.StatusUnprocessableEntity, b)
	}
	q, _, err := t.app.Quote(r.Ctx(), e)
	cardLeft := int64(0)
	if err == nil && b.Form.Get("card") != "" && !q.Decision.Outcome.Refused() {
		left := t.brings(r, q.Program, q.Decision, e).ToPay.Minor
		if cardLeft, err = t.cardPays(r, b, p, left); errors.Is(err, errTyped) {
			return t.showPurchase(r, http.StatusUnprocessableEntity, b)
		}
		if err == nil {
			e, err = b.event(r, p, m.ID)
		}
		if err == nil {
			q, _, err = t.app.Quote(r.Ctx(), e)
		}
	}
	if err != nil {
		if p := app.AsProblem(err); p.Code != app.CodeInternal && p.Code != app.CodeUnavailable {
			return again(r.Problem(err))
		}
		return err
	}
	if q.Decision.Outcome.Refused() {
		return again(strings.Join(t.why(r, &journal.Answer{Decision: q.Decision, Event: e}), " "))
	}
	d := checkData{r.shell(), m, b, t.brings(r, q.Program, q.Decision, e)}
	d.Missing, d.CardLeft, d.From = t.missing(r, &q), p.Money(cardLeft), usableFrom(&q)
	return r.Page("check", d)
}

// usableFrom gives when the first of what an event would give can be used; none where that is
// at once, or has no time.
func usableFrom(q *journal.Quote) calendar.Instant {
	out, before := calendar.None, uint32(0)
	if q.Before != nil {
		before = q.Before.LastLot
	}
	for i := range q.After.Wallets {
		first, _ := pendingFrom(q.After.Wallets[i].Lots, before)
		if first != calendar.None && (out == calendar.None || first < out) {
			out = first
		}
	}
	return out
}

// brings says what a purchase brings.
func (t *Till) brings(r *request, p *engine.Program, d *engine.Decision, e *event.Event) quoteView {
	v := quoteView{List: p.Money(e.Total), Gave: gave(p, d)}
	bought := engine.Bought(e, d)
	left := bought.Total
	for i := range d.Steps {
		s := &d.Steps[i]
		if w := p.Wallet(s.Wallet); w != nil && s.Result == engine.PaidWith {
			v.PaidWith = append(v.PaidWith, paidView{w.Points(s.Amount), p.Money(-s.Base)})
			left -= s.Base
		}
	}
	v.Card = p.Money(bought.PaidWithGiftCards)
	v.ToPay, v.Reduced = p.Money(left-bought.PaidWithGiftCards), left-bought.PaidWithGiftCards != e.Total
	v.Off = t.offs(r, p, d, e.Codes)
	for i, code := range e.Codes {
		if !slices.ContainsFunc(d.Discounts, func(x engine.Discounted) bool { return x.Code == i+1 }) {
			v.Unused = append(v.Unused, code)
		}
	}
	v.Reasons = t.app.ExplainTo(r.reader(), &journal.Answer{Decision: d, Event: e}, r.Lang).Reasons
	v.Goals = goalsOf(d, v.Reasons)
	return v
}

// goalsOf picks out of a decision's reasons, of which each step has one, those about
// goals, stamps, badges and levels.
func goalsOf(d *engine.Decision, reasons []string) []string {
	var out []string
	for i := range min(len(d.Steps), len(reasons)) {
		switch d.Steps[i].Result {
		case engine.Progressed, engine.Achieved, engine.FellBack, engine.NotAchieved, engine.Decorated, engine.Undecorated, engine.LevelReached, engine.LevelLost:
			out = append(out, reasons[i])
		}
	}
	return out
}

// gave sums up what rules gave, by wallet.
func gave(p *engine.Program, d *engine.Decision) []text.Points {
	return summed(p, d, engine.Gave)
}

func summed(p *engine.Program, d *engine.Decision, result engine.Result) []text.Points {
	var out []text.Points
	for i := range p.Wallets {
		w := &p.Wallets[i]
		sum := int64(0)
		for j := range d.Steps {
			if s := &d.Steps[j]; s.Result == result && s.Wallet == w.Name {
				sum += s.Amount
			}
		}
		if sum != 0 {
			out = append(out, w.Points(sum))
		}
	}
	return out
}

// missing says what the member lacks for more, once this is booked.
func (t *Till) missing(r *request, q *journal.Quote) []string {
	var out []string
	standings := tier.Standings(q.Program, q.After, q.Decision.Clock)
	for i := range standings {
		if standings[i].Next == nil {
			continue
		}
		for _, m := range standings[i].Words(q.Program) {
			out = append(out, t.app.SayTo(r.reader(), r.Lang, m))
		}
	}
	goals := challenge.Standings(q.Program, q.After, q.Decision.Clock)
	for i := range goals {
		said := slices.ContainsFunc(q.Decision.Steps, func(s engine.Step) bool {
			return s.Rule == goals[i].Rule && (s.Result == engine.Progressed || s.Result == engine.FellBack)
		})
		if goals[i].Have < goals[i].Want && !said {
			out = append(out, t.app.SayTo(r.reader(), r.Lang, goals[i].Words(q.Program)))
		}
	}
	return out
}

// why says why nothing comes of an event.
func (t *Till) why(r *request, a *journal.Answer) []string {
	x := t.app.ExplainTo(r.reader(), a, r.Lang)
	return append([]string{x.Outcome}, x.Reasons...)
}

// bookPurchase books it, once for the id that its page drew.
func (t *Till) bookPurchase(r *request) error {
	p, err := t.rules()
	if err != nil {
		return err
	}
	b, err := t.readBasket(r)
	if err != nil {
		return err
	}
	e, err := b.event(r, p, r.R.PathValue("member"))
	if errors.Is(err, errTyped) {
		return t.showPurchase(r, http.StatusUnprocessableEntity, b)
	}
	again := func(words string) error {
		b.Form.Problem = words
		return t.showPurchase(r, http.StatusUnprocessableEntity, b)
	}
	if e.PaidWithGiftCards == 0 {
		return t.book(r, e, again)
	}
	return t.booked(r, e.ID, func(ctx context.Context) (journal.Answer, error) {
		return t.app.BuyWithCard(ctx, e, b.Form.Get("card"))
	}, func(words string) error {
		b.Form.Values["event"], b.Form.Values["card_amount"], b.Redrawn = app.NewEventID(), "", true
		return again(words)
	})
}

// cardPays finds how much of what is left to pay the gift card pays whose code was typed,
// and gives what it has then; errTyped where it pays nothing, which the form says.
func (t *Till) cardPays(r *request, b *basket, p *engine.Program, left int64) (int64, error) {
	card, pays, err := t.app.CardFor(r.Ctx(), strings.TrimSpace(b.Form.Get("card")), left)
	if err != nil {
		if problem := app.AsProblem(err); problem.Code == app.CodeInternal || problem.Code == app.CodeUnavailable {
			return 0, err
		}
		b.Form.Wrong("card", r.Problem(err))
		return 0, errTyped
	}
	if card.Status != "active" {
		b.Form.Wrong("card", r.Say("till.card."+card.Status))
		return 0, errTyped
	}
	if pays > 0 {
		b.Form.Values["card_amount"] = money.Format(pays, p.Currency.Scale)
	}
	return card.Available - pays, nil
}
