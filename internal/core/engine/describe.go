package engine

import "premia/internal/core/text"

// Description collects what a program does, for members, as messages in order.
type Description struct {
	Program  *Program
	Sections []Section
}

// Section is a heading and its sentences.
type Section struct {
	Heading text.Message
	Lines   []text.Message
}

// Section begins a section with the heading.
func (d *Description) Section(heading text.Message) {
	d.Sections = append(d.Sections, Section{Heading: heading})
}

// Say adds a sentence to the section at hand.
func (d *Description) Say(m text.Message) {
	s := &d.Sections[len(d.Sections)-1]
	s.Lines = append(s.Lines, m)
}

// Points gives an amount of a wallet for a message.
func (w *Wallet) Points(minor int64) text.Points {
	return text.Points{Minor: minor, Scale: w.Unit.Scale, Forms: w.Forms, Currency: w.Currency}
}

// Money gives an amount of the program's currency for a message.
func (p *Program) Money(minor int64) text.Money {
	return text.Money{Minor: minor, Scale: p.Currency.Scale, Currency: p.Currency.Code}
}
