// Package text holds what Premia wants to say before it is said in a language:
// a message is an id from a catalogue and typed arguments. The core produces
// messages (descriptions of rules, explanations of decisions, problems of a
// document); package i18n renders them in English, Polish, Czech and Russian.
//
// A message never holds a finished sentence in one language, except in
// arguments that a program's author wrote ([Localized]) or that came from
// outside ([Quoted]).
package text

import (
	"slices"
	"time"
)

// Message is one sentence or phrase to be rendered in any language.
type Message struct {
	// ID names the entry of the catalogue, such as "earn.per_amount".
	ID string
	// Args are the values that the entry's placeholders name.
	Args []Arg
}

// Arg is one named argument of a message. Value is one of: string (shown as it
// is), int64 (a count; the entry's plural form follows it when the argument is
// named "Count"), bool, [Money], [Points], [Percent], [Factor], [Date],
// [Moment], [Span], [Localized], [Quoted], [List], [Sentence] or [Message].
type Arg struct {
	Name  string
	Value any
}

// New makes a message from an id and alternating names and values:
// New("earn.bonus", "Points", p, "Rule", name). It panics on an odd number of
// arguments or a name that is no string, which is a mistake of the caller's.
func New(id string, namesAndValues ...any) Message {
	if len(namesAndValues)%2 != 0 {
		panic("text.New: a name without a value in " + id)
	}
	m := Message{ID: id}
	for i := 0; i < len(namesAndValues); i += 2 {
		m.Args = append(m.Args, Arg{Name: namesAndValues[i].(string), Value: namesAndValues[i+1]})
	}
	return m
}

// Holds tells whether the message is one of these or has one of them among its arguments.
func (m Message) Holds(ids ...string) bool {
	if slices.Contains(ids, m.ID) {
		return true
	}
	return slices.ContainsFunc(m.Args, func(a Arg) bool { return holds(a.Value, ids) })
}

func holds(value any, ids []string) bool {
	switch v := value.(type) {
	case Message:
		return v.Holds(ids...)
	case List:
		return slices.ContainsFunc(v.Items, func(item any) bool { return holds(item, ids) })
	}
	return false
}

// Money is an amount of a currency in minor units of the given scale
// (Minor 1250, Scale 2 is 12.50).
type Money struct {
	Minor    int64
	Scale    int
	Currency string // ISO 4217
}

// Points is an amount of a wallet's unit in minor units of the given scale.
// Forms are the unit's names as the program's author wrote them.
type Points struct {
	Minor int64
	Scale int
	Forms UnitForms
	// Currency makes an amount of stored value, which is shown as money.
	Currency string
}

// UnitForms are the names of a unit: language to CLDR plural category ("one",
// "few", "many", "other") to the word. The category "other" is always present;
// a language that is missing falls back to the program's first language.
type UnitForms struct {
	Fallback string
	Forms    map[string]map[string]string
}

// Percent is an exact percentage written as a decimal string: "12.5" is 12.5 %.
type Percent string

// Factor is an exact multiplier written as a decimal string: "2" or "1.5".
type Factor string

// Date is a calendar day in the program's time zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// Moment is an instant shown with date, hour and minute in its own location.
type Moment time.Time

// Span is a calendar length; zero parts are not shown.
type Span struct {
	Years, Months, Days, Hours, Minutes int
}

// Localized is a text that a program's author wrote: language to words.
// Fallback names the language to use where one is missing.
type Localized struct {
	Fallback string
	Texts    map[string]string
}

// Quoted is a value from outside that is shown between quotation marks.
type Quoted string

// List is shown as an enumeration: "a, b and c" (And) or "a, b or c".
type List struct {
	Items []any
	Or    bool
}
