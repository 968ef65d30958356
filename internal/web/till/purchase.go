package till

import (
	"errors"
	"net/http"
	"strings"

	"premia/internal/app"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/mechanic/challenge"
	"premia/internal/core/mechanic/tier"
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
}

func (t *Till) purchaseForm(r *request) error {
	f := page.NewForm("event", app.NewEventID(), "amount", "", "codes", r.Form("codes"), "order", "", "new_quantity", "1")
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
	return r.PageStatus(status, "purchase", purchaseData{r.shell(), m, b, p.Currency.Code})
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
	do := r.R.PostFormValue("do")
	which, removes := strings.CutPrefix(do, "remove-")
	switch {
	case removes:
		b.remove(which)
	case do == "add":
		if err := b.add(t, r, p); err != nil {
			return err
		}
	case do != "change":
		return t.checkPurchase(r, p, b)
	}
	status := http.StatusOK
	if !b.Form.OK() {
		status = http.StatusUnprocessableEntity
	}
	return t.showPurchase(r, status, b)
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
	Gave        []text.Points
	PaidWith    []text.Points
	Codes       []codeView
	Reasons     []string
	Missing     []string
}

// codeView is what became of a code of a basket.
type codeView struct {
	Code string
	Used bool
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
	e, err := b.event(r, p, m.ID)
	if errors.Is(err, errTyped) {
		return t.showPurchase(r, http.StatusUnprocessableEntity, b)
	}
	q, _, err := t.app.Quote(r.Ctx(), e)
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
	d.Missing = t.missing(r, &q)
	return r.Page("check", d)
}

// brings says what a purchase brings.
func (t *Till) brings(r *request, p *engine.Program, d *engine.Decision, e *event.Event) quoteView {
	v := quoteView{List: p.Money(e.Total), Gave: gave(p, d)}
	bought := engine.Bought(e, d)
	left := bought.Total
	for i := range d.Steps {
		s := &d.Steps[i]
		if w := p.Wallet(s.Wallet); w != nil && s.Result == engine.PaidWith {
			v.PaidWith = append(v.PaidWith, w.Points(s.Amount))
			left -= s.Base
		}
	}
	v.ToPay, v.Reduced = p.Money(left), left != e.Total
	for i, code := range e.Codes {
		used := false
		for _, x := range d.Discounts {
			used = used || x.Code == i+1
		}
		v.Codes = append(v.Codes, codeView{code, used})
	}
	v.Reasons = t.app.Explain(&journal.Answer{Decision: d, Event: e}, r.Lang).Reasons
	return v
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
			out = append(out, t.app.Words.Render(r.Lang, m))
		}
	}
	goals := challenge.Standings(q.Program, q.After, q.Decision.Clock)
	for i := range goals {
		if goals[i].Have < goals[i].Want {
			out = append(out, t.app.Words.Render(r.Lang, goals[i].Words(q.Program)))
		}
	}
	return out
}

// why says why nothing comes of an event.
func (t *Till) why(r *request, a *journal.Answer) []string {
	x := t.app.Explain(a, r.Lang)
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
	return t.book(r, e, func(words string) error {
		b.Form.Problem = words
		return t.showPurchase(r, http.StatusUnprocessableEntity, b)
	})
}
