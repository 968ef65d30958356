package engine

import (
	"slices"

	"premia/internal/core/condition"
	"premia/internal/core/event"
)

// ReadyType is an event type that a program can name without declaring it. All its
// fields may be left out.
type ReadyType struct {
	ID     string
	Fields []EventField
}

// ReadyTypes are the event types that a program can name without declaring them. A
// program that declares one itself says all of it.
var ReadyTypes = []ReadyType{
	{"review", []EventField{{ID: "rating", Kind: condition.Int}, {ID: "photo", Kind: condition.Bool}, {ID: "product", Kind: condition.String}}},
	{"newsletter", []EventField{{ID: "list", Kind: condition.String}}},
	{"social_share", []EventField{{ID: "network", Kind: condition.String}, {ID: "link", Kind: condition.String}}},
	{"check_in", []EventField{{ID: "place", Kind: condition.String}}},
	{"app_install", []EventField{{ID: "platform", Kind: condition.String}}},
	{"survey_answered", []EventField{{ID: "survey", Kind: condition.String}, {ID: "score", Kind: condition.Int}}},
}

// ReadyNames lists all that rules may be about without anybody declaring it.
func ReadyNames() []string {
	all := []string{event.Birthday, event.Anniversary, event.ProfileCompleted}
	for i := range ReadyTypes {
		all = append(all, ReadyTypes[i].ID)
	}
	return all
}

// ReadyMade tells whether every program has words for the event type.
func ReadyMade(id string) bool {
	return slices.Contains(ReadyNames(), id)
}
