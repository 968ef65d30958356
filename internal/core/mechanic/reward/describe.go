package reward

import (
	"strings"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

// Describe tells members what they can get, a section for each reward.
func (s *stage) Describe(d *engine.Description) {
	for i := range s.rewards {
		s.rewards[i].describe(d)
	}
}

func (r *Compiled) describe(d *engine.Description) {
	p, from := d.Program, r.Source
	d.Section(text.New("reward.heading", "Title", p.Rules[r.Name].Title))
	d.During(r.Window.From, r.Window.Until)
	if len(from.Description) > 0 {
		d.Say(text.New("reward.about", "Text", localized(p, from.Description)))
	}
	d.Say(r.kindWords(p))
	r.describeDiscount(d)
	if len(r.Prices) > 0 || r.Money > 0 {
		d.Say(text.New("reward.price", "Price", r.PriceWords(p)))
	}
	if r.Worth > 0 {
		d.Say(text.New("reward.worth", "Money", p.Money(r.Worth)))
	}
	if r.onlyGiven() {
		d.Say(text.New("reward.only_given"))
	}
	(&rule.Compiled{Name: r.Name, When: r.When}).DescribeConditions(d)
	from.Booking.describe(d)
	if r.Stock > 0 {
		d.Say(text.New("reward.stock", "Count", r.Stock))
	}
	for i := range r.Limits {
		d.Say(text.New("rule.limit", "Limit", rule.LimitWords(d.Program, nil, &r.Limits[i])))
	}
	if from.Fulfilment == "collect" || from.Fulfilment == "send" {
		d.Say(text.New("reward." + from.Fulfilment))
	}
	if from.Hold != nil {
		d.Say(text.New("reward.hold", "Span", rule.SpanWords(*from.Hold)))
	}
	r.describeCashback(d)
	r.describeRefund(d)
}

func (r *Compiled) describeRefund(d *engine.Description) {
	from, code := r.Source.Refund, r.Source.Discount != nil
	switch {
	case code && from == nil && len(r.Prices) == 0:
		return // nothing was paid for the code
	case code && from != nil && from.Within != nil:
		d.Say(text.New("reward.refund.unused", "Span", rule.SpanWords(*from.Within)))
	case code && from != nil:
		d.Say(text.New("reward.refund.unused"))
	case from == nil:
		d.Say(text.New("reward.refund.never"))
		return
	case from.Within != nil && from.Before != nil:
		d.Say(text.New("reward.refund.within_and_before", "Span", rule.SpanWords(*from.Within), "Before", rule.SpanWords(*from.Before)))
	case from.Before != nil:
		d.Say(text.New("reward.refund.before", "Span", rule.SpanWords(*from.Before)))
	case from.Within != nil:
		d.Say(text.New("reward.refund.within", "Span", rule.SpanWords(*from.Within)))
	default:
		d.Say(text.New("reward.refund.open"))
	}
	if from != nil && from.Expired != nil {
		d.Say(text.New("reward.revived", "Span", rule.SpanWords(*from.Expired)))
	}
}

// PriceWords lists what a reward costs.
func (r *Compiled) PriceWords(p *engine.Program) text.List {
	var list text.List
	for _, price := range r.Prices {
		list.Items = append(list.Items, text.New("give.fixed", "Points", price.Wallet.Points(price.Minor)))
	}
	if r.Money > 0 {
		list.Items = append(list.Items, text.New("give.fixed", "Points", p.Money(r.Money)))
	}
	return list
}

// ValueWords say what a voucher takes off, or what is on a gift card; none of other
// rewards, which their names say.
func (r *Compiled) ValueWords(p *engine.Program) []text.Message {
	d := &engine.Description{Program: p, Sections: make([]engine.Section, 1)}
	if compiled := p.Discounts[r.Name]; compiled != nil {
		rule.DescribeDiscount(d, &r.Source.Discount.Discount, compiled)
		if compiled.When != nil {
			d.Say(text.New("voucher.when", "Condition", compiled.When.Words()))
		}
		if compiled.Items != nil {
			d.Say(text.New("rule.items", "Condition", compiled.Items.Words()))
		}
	}
	if r.card.amount > 0 {
		d.Say(r.kindWords(p))
	}
	return d.Sections[0].Lines
}

// LastsWords is the message of OfferWords that says how long a voucher is valid.
const LastsWords = "voucher.lasts"

// OfferWords say what a reward is to whoever hands it out, and so to nobody in particular:
// what a voucher takes off, of what, and how long it is valid, and what others bring that
// their names don't say.
func (r *Compiled) OfferWords(p *engine.Program) []text.Message {
	d := &engine.Description{Program: p, Sections: make([]engine.Section, 1)}
	switch from := r.Source; {
	case p.Discounts[r.Name] != nil:
		r.describeTakesOff(d, p.Discounts[r.Name])
		if v := from.Voucher; v != nil && v.Valid != nil {
			d.Say(text.New(LastsWords, "Span", rule.SpanWords(*v.Valid)))
		}
	case from.Kind != "free product" && from.Kind != "download":
		d.Say(r.kindAs("reward.gives.", p))
	}
	return d.Sections[0].Lines
}

// kindWords says what the member gets.
func (r *Compiled) kindWords(p *engine.Program) text.Message { return r.kindAs("reward.kind.", p) }

// kindAs says what a reward brings, by the message of its kind among those of a prefix.
func (r *Compiled) kindAs(prefix string, p *engine.Program) text.Message {
	from := r.Source
	m := text.New(prefix + strings.ReplaceAll(from.Kind, " ", "_"))
	add := func(name string, value any) { m.Args = append(m.Args, text.Arg{Name: name, Value: value}) }
	if len(from.Where) > 0 {
		add("Where", localized(p, from.Where))
	}
	if from.Date != nil {
		add("Date", rule.MomentWords(from.Date, p.Zone))
	}
	if from.Partner != "" {
		add("Partner", from.Partner)
	}
	if from.App != "" {
		add("App", from.App)
	}
	if len(r.Parts) > 0 {
		add("Parts", r.partsWords(p))
	}
	if r.cashback != nil {
		add("Amount", p.Money(r.cashback.one))
	}
	if r.card.amount > 0 {
		name, amount := r.cardWords(p)
		add("Card", name)
		add("Amount", amount)
	}
	if from.Gives != nil {
		add("Gives", rule.GiveWords(p, from.Gives))
	}
	return m
}

// localized gives a document's text in the languages that it has.
func localized(p *engine.Program, t document.Text) text.Localized {
	out := text.Localized{Fallback: p.Languages[0], Texts: map[string]string{}}
	for lang, words := range t {
		if lang == "" {
			lang = p.Languages[0]
		}
		out.Texts[lang] = words
	}
	return out
}
