package api

import (
	"slices"

	"premia/internal/core/code"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/money"
)

// Basket is what a basket at list prices comes to.
type Basket struct {
	Lines    []BasketLine  `json:"lines" doc:"what each of the items costs, in their order"`
	Shipping *BasketPrice  `json:"shipping,omitempty" doc:"what the shipping costs"`
	List     string        `json:"list" doc:"the sum at list prices, shipping included" example:"90.00"`
	Total    string        `json:"total" doc:"the price, shipping included" example:"72.00"`
	PaidWith []BasketPaid  `json:"paid_with,omitempty" doc:"what wallets pay of the total"`
	ToPay    string        `json:"to_pay" doc:"the money that is left to pay" example:"67.00"`
	Codes    []BasketCode  `json:"codes,omitempty" doc:"what became of each code, in their order"`
	Rules    []BasketTotal `json:"reductions" doc:"what each promotion and each code took off in all"`
}

// BasketPrice is a price before and after reductions.
type BasketPrice struct {
	List    string      `json:"list" doc:"the list price" example:"50.00"`
	Price   string      `json:"price" doc:"the price that is left" example:"36.00"`
	Reduced []BasketOff `json:"reduced" doc:"what was taken off, by rule"`
}

// BasketLine is what one item costs.
type BasketLine struct {
	SKU string `json:"sku,omitempty" doc:"the item's stock number"`
	BasketPrice
}

// BasketOff is what a promotion or a code took off.
type BasketOff struct {
	Rule   string `json:"rule" doc:"the promotion, or the reward that the code stands for" example:"promotion.coffee-week"`
	Code   string `json:"code,omitempty" doc:"the code, as the buyer wrote it"`
	Amount string `json:"amount" doc:"in the program's currency" example:"10.00"`
}

// BasketTotal is what a promotion or a code took off in all.
type BasketTotal = BasketOff

// BasketPaid is what a wallet pays.
type BasketPaid struct {
	Wallet string `json:"wallet" example:"points"`
	Amount string `json:"amount" doc:"so much of the wallet" example:"100"`
	Worth  string `json:"worth" doc:"the money that it pays" example:"5.00"`
}

// BasketCode is what became of a code.
type BasketCode struct {
	Code   string `json:"code" doc:"the code, as the buyer wrote it"`
	Reward string `json:"reward,omitempty" doc:"the reward that it stands for"`
	Used   bool   `json:"used" doc:"whether it reduces the price"`
	Reason string `json:"reason,omitempty" doc:"why not: what the rule's step came to" example:"basket_too_small"`
}

// basketOf gives the prices of a decided basket; nil for other events.
func basketOf(p *engine.Program, names *engine.Names, d *engine.Decision, e *event.Event) *Basket {
	if e == nil || e.Prices == "" {
		return nil
	}
	show := func(minor int64) string { return money.Format(minor, p.Currency.Scale) }
	bought := engine.Bought(e, d)
	out := &Basket{List: show(e.Total), Total: show(bought.Total), Rules: []BasketTotal{}}
	for i := range e.Items {
		line := BasketLine{SKU: e.Items[i].SKU, BasketPrice: BasketPrice{List: show(e.Items[i].Total), Price: show(bought.Items[i].Total)}}
		line.Reduced = reductionsOf(names, d, e, show, func(x *engine.Discounted) bool { return x.Item == i })
		out.Lines = append(out.Lines, line)
	}
	if e.Shipping > 0 {
		out.Shipping = &BasketPrice{List: show(e.Shipping), Price: show(bought.Shipping)}
		out.Shipping.Reduced = reductionsOf(names, d, e, show, func(x *engine.Discounted) bool { return x.Item == engine.Shipping })
	}
	out.Rules = reductionsOf(names, d, e, show, func(*engine.Discounted) bool { return true })
	left := bought.Total - bought.PaidWithGiftCards
	for i := range d.Steps {
		s := &d.Steps[i]
		held := s.Result == engine.HeldFor && p.Checkout != nil && s.Rule == p.Checkout.Rule
		if w := p.Wallet(s.Wallet); w != nil && (s.Result == engine.PaidWith || held) {
			out.PaidWith = append(out.PaidWith, BasketPaid{w.ID, money.Format(s.Amount, w.Unit.Scale), show(s.Base)})
			left -= s.Base
		}
	}
	out.ToPay = show(left)
	for i := range e.Codes {
		out.Codes = append(out.Codes, basketCode(p, names, d, e, i))
	}
	return out
}

// reductionsOf sums up what was taken off the chosen lines, by rule and code.
func reductionsOf(names *engine.Names, d *engine.Decision, e *event.Event, show func(int64) string, of func(*engine.Discounted) bool) []BasketOff {
	out, sums := []BasketOff{}, []int64{}
	for i := range d.Discounts {
		x := &d.Discounts[i]
		if !of(x) {
			continue
		}
		one := BasketOff{Rule: names.Name(x.Rule)}
		if x.Code > 0 {
			one.Code = e.Codes[x.Code-1]
		}
		at := slices.IndexFunc(out, func(o BasketOff) bool { return o.Rule == one.Rule && o.Code == one.Code })
		if at < 0 {
			at = len(out)
			out, sums = append(out, one), append(sums, 0)
		}
		sums[at] += x.Amount
	}
	for i := range out {
		out[i].Amount = show(sums[i])
	}
	return out
}

// basketCode says what became of one code.
func basketCode(p *engine.Program, names *engine.Names, d *engine.Decision, e *event.Event, i int) BasketCode {
	out := BasketCode{Code: e.Codes[i]}
	reward, declared := p.DeclaredCodes[code.Normal(e.Codes[i])]
	if !declared && i < len(d.Codes) {
		reward = d.Codes[i].Reward
	}
	if reward != 0 {
		out.Reward = names.Name(reward)
	}
	out.Used = slices.ContainsFunc(d.Discounts, func(x engine.Discounted) bool { return x.Code == i+1 })
	if !out.Used {
		out.Reason = whyNot(d, e, e.Codes[i], reward)
	}
	return out
}

// whyNot says why a code takes nothing off: the step that names the code or, since
// what holds for a reward does for all its codes, the first of its reward that names
// no other code.
func whyNot(d *engine.Decision, e *event.Event, written string, reward ledger.Name) string {
	reason := ""
	for i := range d.Steps {
		s := &d.Steps[i]
		switch {
		case s.Result == engine.Reduced:
		case s.Read == written:
			return s.Result.String()
		case reason == "" && reward != 0 && s.Rule == reward && !slices.Contains(e.Codes, s.Read):
			reason = s.Result.String()
		}
	}
	return reason
}

// paidBackOf gives the money that a return pays back, nil if it does not say.
func paidBackOf(p *engine.Program, d *engine.Decision) *string {
	sum, said := int64(0), false
	for i := range d.Steps {
		if s := &d.Steps[i]; s.Result == engine.PaidBack {
			sum += s.Base
			said = true
		}
	}
	if !said {
		return nil
	}
	out := money.Format(sum, p.Currency.Scale)
	return &out
}
