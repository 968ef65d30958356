package rule

import (
	"maps"
	"slices"

	"github.com/govalues/decimal"

	"premia/internal/core/engine"
	"premia/internal/core/text"
)

func percentWords(d decimal.Decimal) text.Percent { return text.Percent(d.Trim(0).String()) }

// DescribeDiscount says what a discount takes off.
func DescribeDiscount(d *engine.Description, from *Discount, compiled *engine.Discount) {
	p, on := d.Program, from.On
	if on == "" {
		on = "order"
	}
	switch {
	case from.Buy > 0:
		describeBuyGet(d, from, compiled)
	case len(from.Bundle) > 0:
		var parts text.List
		for i := range from.Bundle {
			parts.Items = append(parts.Items, text.New("discount.part", "Count", max(from.Bundle[i].Pieces, 1), "Condition", compiled.Parts[i].Items.Words()))
		}
		d.Say(text.New("discount.bundle", "Parts", parts, "Money", Money(p, *from.Price)))
	case from.Percent != nil && on == "shipping" && from.Percent.Cmp(decimal.Hundred) == 0:
		d.Say(text.New("discount.free_shipping"))
	case from.Percent != nil:
		d.Say(text.New("discount.percent."+on, "Percent", percentWords(*from.Percent)))
	case from.Amount != nil:
		d.Say(text.New("discount.amount."+on, "Money", Money(p, *from.Amount)))
	case from.Price != nil:
		d.Say(text.New("discount.price."+on, "Money", Money(p, *from.Price)))
	}
	for i := range from.Steps {
		s := &from.Steps[i]
		if s.Percent != nil {
			d.Say(text.New("discount.step_percent."+on, "From", Money(p, s.From), "Percent", percentWords(*s.Percent)))
		} else if s.Amount != nil {
			d.Say(text.New("discount.step_amount."+on, "From", Money(p, s.From), "Money", Money(p, *s.Amount)))
		}
	}
	if from.Times > 0 {
		d.Say(text.New("discount.times", "Count", from.Times))
	}
	if from.Most != nil {
		d.Say(text.New("discount.most", "Money", Money(p, *from.Most)))
	}
	if from.Least != nil {
		d.Say(text.New("discount.least", "Money", Money(p, *from.Least)))
	}
}

func describeBuyGet(d *engine.Description, from *Discount, compiled *engine.Discount) {
	id := "discount.buy"
	args := []any{"Buy", from.Buy, "Get", from.Get, "Count", from.Buy + from.Get}
	if compiled.Gifts != nil {
		id = "discount.gifts"
		args = append(args, "Condition", compiled.Gifts.Words())
	}
	if from.Percent != nil {
		id += "_percent"
		args = append(args, "Percent", percentWords(*from.Percent))
	}
	d.Say(text.New(id, args...))
}

// DescribeDiscountTerms says how a discount goes together with others, and how often
// and how much of it there is.
func DescribeDiscountTerms(d *engine.Description, s *DiscountStacking, compiled *engine.Discount) {
	switch {
	case compiled.Reduction.Alone:
		d.Say(text.New("discount.alone"))
	case s != nil && s.Group != "":
		describeGroup(d, s)
	}
	if s != nil && s.Priority > 0 {
		d.Say(text.New("discount.priority", "Priority", int64(s.Priority)))
	}
	for i := range compiled.Uses {
		d.Say(text.New("rule.limit", "Limit", LimitWords(d.Program, nil, &compiled.Uses[i])))
	}
	for i := range compiled.Money {
		l := &compiled.Money[i]
		d.Say(text.New("rule.limit", "Limit", text.New("limit.amount."+limitNames[l.Limit], "Points", d.Program.Money(l.Cap))))
	}
}

// describeGroup says which reductions exclude one another: promotions in the order of
// the document, and then what codes take off.
func describeGroup(d *engine.Description, s *DiscountStacking) {
	var group text.List
	add := func(x *engine.Discount) {
		if x.Reduction.Group == s.Group {
			group.Items = append(group.Items, text.New("discount.name", "Title", d.Program.Rules[x.Rule].Title))
		}
	}
	for _, x := range d.Program.Promotions {
		add(x)
	}
	for _, name := range slices.Sorted(maps.Keys(d.Program.Discounts)) {
		add(d.Program.Discounts[name])
	}
	switch {
	case len(group.Items) < 2:
	case s.Take == "first":
		d.Say(text.New("discount.group_first", "Reductions", group))
	default:
		d.Say(text.New("discount.group_best", "Reductions", group))
	}
}
