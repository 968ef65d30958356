package program

import (
	"premia/internal/core/document"
	"premia/internal/core/engine"
)

// Scenario is a test of the program that its author can read and write.
type Scenario struct {
	It    string `doc:"it,required" help:"what the scenario shows, in a sentence"`
	Steps []Step `doc:"steps,required" help:"what happens, in the order of time"`
}

// Step is one thing that happens in a scenario, and what is to be true after it.
type Step struct {
	At     document.Moment       `doc:"at,required" help:"the date, or date and time"`
	Expect *document.Map[string] `doc:"expect" help:"wallet.balance: the amount after the step"`
}

func (d *Document) checkScenarios(*engine.Compiler) {}
