package engine

import (
	"premia/internal/core/calendar"
	"premia/internal/core/text"
)

// Description collects what a program does, for members, as messages in order.
type Description struct {
	Program  *Program
	Sections []Section
}

// Section is a heading and its sentences.
type Section struct {
	Heading text.Message
	Lines   []text.Message
	// Gist is what it comes to in short, with every condition: whoever reads no more is
	// promised nothing that the program does not give.
	Gist []text.Message
	// From and Until bound when it is so; Until is the first instant after it.
	From, Until calendar.Instant
}

// Section begins a section with the heading.
func (d *Description) Section(heading text.Message) {
	d.Sections = append(d.Sections, Section{Heading: heading, From: calendar.Beginning, Until: calendar.Never})
}

// During bounds the section at hand: before from and at until it is nothing.
func (d *Description) During(from, until calendar.Instant) {
	s := &d.Sections[len(d.Sections)-1]
	s.From, s.Until = from, until
}

// Say adds a sentence to the section at hand.
func (d *Description) Say(m text.Message) {
	s := &d.Sections[len(d.Sections)-1]
	s.Lines = append(s.Lines, m)
}

// SayInShort adds a sentence that must not be left out where the section is said in
// short: what is given, and each condition of it.
func (d *Description) SayInShort(m text.Message) {
	d.Say(m)
	d.InShort(m)
}

// InShort adds a sentence that stands for longer ones where the section is said in short.
func (d *Description) InShort(m text.Message) {
	s := &d.Sections[len(d.Sections)-1]
	s.Gist = append(s.Gist, m)
}

// Points gives an amount of a wallet for a message.
func (w *Wallet) Points(minor int64) text.Points {
	return text.Points{Minor: minor, Scale: w.Unit.Scale, Forms: w.Forms, Currency: w.Currency}
}

// Money gives an amount of the program's currency for a message.
func (p *Program) Money(minor int64) text.Money {
	return text.Money{Minor: minor, Scale: p.Currency.Scale, Currency: p.Currency.Code}
}
