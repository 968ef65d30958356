package custom

import (
	"slices"
	"strings"

	"premia/internal/core/engine"
)

// readyMade declares the ready-made event types that the document names and does
// not declare itself, and adds their fields to those that conditions may read. A
// field that the program's own events have, too, is of the type that they give it.
func readyMade(c *engine.Compiler, fields map[string]engine.EventField, order []string) []string {
	for i := range engine.ReadyTypes {
		ready := &engine.ReadyTypes[i]
		if c.Program.EventType(ready.ID) != nil || !c.Source.Says(ready.ID, strings.ReplaceAll(ready.ID, "_", " ")) {
			continue
		}
		et := engine.EventType{ID: ready.ID, Name: c.Program.Names.Number("event." + ready.ID), Fields: slices.Clone(ready.Fields), Ready: true}
		et.Title = c.Localized(nil, ready.ID)
		for j := range et.Fields {
			f := &et.Fields[j]
			if known, twice := fields[f.ID]; twice {
				f.Kind = known.Kind
				continue
			}
			fields[f.ID] = *f
			order = append(order, f.ID)
		}
		c.Program.Types = append(c.Program.Types, et)
	}
	return order
}
