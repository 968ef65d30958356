package giftcard

import (
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

// Describe tells members what gift cards there are, a section for each kind.
func (s *stage) Describe(d *engine.Description) {
	for i := range s.kinds {
		s.kinds[i].describe(d)
	}
}

func (k *compiled) describe(d *engine.Description) {
	w := k.giving.Wallet
	d.Section(text.New("gift_card.heading", "Title", d.Program.Rules[k.rule].Title))
	d.Say(text.New("gift_card.currency", "Currency", w.Currency))
	if k.least > 0 {
		d.Say(text.New("gift_card.least", "Money", w.Points(k.least)))
	}
	if k.most > 0 {
		d.Say(text.New("gift_card.most", "Money", w.Points(k.most)))
	}
	d.Say(k.validWords())
	if k.source.TopUp {
		d.Say(text.New("gift_card.top_up"))
	} else {
		d.Say(text.New("gift_card.no_top_up"))
	}
	d.Say(text.New("gift_card.partial"))
	if k.into != nil {
		coin := engine.Power10(w.Unit.Scale)
		d.Say(text.New("gift_card.into", "Money", w.Points(coin), "Points", k.into.Points(coin*k.times)))
	}
	hold := document.Span{Minutes: 15}
	if k.source.Hold != nil {
		hold = *k.source.Hold
	}
	d.Say(text.New("gift_card.hold", "Span", rule.SpanWords(hold)))
	k.describeRefund(d)
	if k.source.Code != "" {
		d.Say(text.New("gift_card.code", "Code", text.Quoted(k.source.Code)))
	}
}

// periodEnds are the ends of periods in the catalogues, by the document's words.
var periodEnds = map[string]string{
	"end of month": "period_end.month", "end of quarter": "period_end.quarter", "end of year": "period_end.year",
}

// validWords say how long what is put on a card can be used.
func (k *compiled) validWords() text.Message {
	x := k.source.Expires
	switch {
	case x == nil || x.Never:
		return text.New("gift_card.never")
	case x.After == nil:
		return text.New("gift_card.valid_to", "Period", text.New(periodEnds[x.At]))
	case x.At == "":
		return text.New("gift_card.valid", "Span", rule.SpanWords(*x.After))
	}
	return text.New("gift_card.valid", "Span", rule.SpanWords(*x.After), "Period", text.New(periodEnds[x.At]))
}

func (k *compiled) describeRefund(d *engine.Description) {
	from := k.source.Refund
	if from == nil {
		d.Say(text.New("gift_card.no_refund"))
		return
	}
	d.Say(text.New("gift_card.refund", "Span", rule.SpanWords(from.Within)))
	if from.Expired != nil {
		d.Say(text.New("reward.revived", "Span", rule.SpanWords(*from.Expired)))
	}
}
