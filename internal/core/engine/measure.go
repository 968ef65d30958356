package engine

import (
	"strings"

	"premia/internal/core/condition"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
)

// EventMeasure is what events count by: each as one, or the sum of a whole number
// that they carry.
type EventMeasure struct {
	// Type is the event type's id, and Event its name; 0 where there is no such type,
	// which has been said.
	Type  string
	Event ledger.Name
	// Field is the whole number that is summed up; empty where each event counts as one.
	Field string
	// Summed tells that a known type's field is meant.
	Summed bool
}

// EventMeasure reads "review" or "review.stars", what stands behind "events." in a
// measure, and says what is wrong with it at the path.
func (c *Compiler) EventMeasure(path, of string) EventMeasure {
	id, field, summed := strings.Cut(of, ".")
	m := EventMeasure{Type: id, Field: field}
	var known bool
	if m.Event, known = c.EventType(path, id); !known || !summed {
		return m
	}
	m.Summed = true
	own := c.Program.EventType(id)
	if own == nil {
		own = &EventType{}
	}
	var numbers []string
	for _, f := range own.Fields {
		if f.Kind != condition.Int {
			continue
		}
		if f.ID == field {
			return m
		}
		numbers = append(numbers, f.ID)
	}
	hint := text.Sentence("the event type has no whole number; declare one under its fields")
	if len(numbers) > 0 {
		hint = text.Say("its whole numbers are {Numbers}", strings.Join(numbers, ", "))
	}
	c.Problem(path, "unknown_measure", text.Say(`events of the type {ID} carry no whole number "{Field}"`, id, field), hint)
	return m
}
