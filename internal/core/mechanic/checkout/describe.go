package checkout

import (
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

// Describe tells members about the promotions that are not paused, a section for
// each.
func (s *promotions) Describe(d *engine.Description) {
	for _, p := range s.list {
		d.Section(text.New("promotion.heading", "Title", d.Program.Rules[p.Rule].Title))
		rule.DescribeDiscount(d, &p.source.Discount, p.Discount)
		(&rule.Compiled{Name: p.Rule, When: p.When, Items: p.Items}).DescribeConditions(d)
		rule.DescribeDiscountTerms(d, p.source.Stacking, p.Discount)
	}
}

// Describe tells members how baskets are priced, and with what they can pay.
func (s *stage) Describe(d *engine.Description) {
	from := s.source
	if from.Most == nil && from.Hold == nil && from.Revive == nil && from.Pay.Len() == 0 {
		return
	}
	d.Section(text.New("checkout.heading"))
	if from.Most != nil {
		d.Say(text.New("checkout.most", "Percent", text.Percent(from.Most.Percent.Trim(0).String())))
	}
	if from.Hold != nil {
		d.Say(text.New("checkout.hold", "Span", rule.SpanWords(*from.Hold)))
	}
	for id, pay := range from.Pay.All() {
		describePay(d, d.Program.WalletByID(id), &pay)
	}
	if from.Revive != nil {
		d.Say(text.New("checkout.revived", "Span", rule.SpanWords(*from.Revive)))
	}
}

func describePay(d *engine.Description, w *engine.Wallet, pay *Pay) {
	one := w.Points(engine.Power10(w.Unit.Scale))
	if pay.Value != nil {
		d.Say(text.New("checkout.pay", "Points", one, "Money", rule.Money(d.Program, *pay.Value)))
	} else {
		d.Say(text.New("checkout.pay_worth", "Unit", rule.Unit(w)))
	}
	if pay.Most != nil {
		d.Say(text.New("checkout.pay_most", "Unit", rule.Unit(w), "Percent", text.Percent(pay.Most.Percent.Trim(0).String())))
	}
	if pay.Least != nil {
		d.Say(text.New("checkout.pay_least", "Points", rule.Amount(w, *pay.Least)))
	}
}
