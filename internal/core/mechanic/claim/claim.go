// Package claim lets a member claim a purchase that was made as a guest. A claim
// that is accepted is decided as the purchase itself, as of the purchase's own
// date and by the rules of that date; the rest of the pipeline does not see the
// claim.
package claim

import (
	"io/fs"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
)

// Mechanic is the door of claims. How long a purchase may be claimed stands in
// the document's head, under enrolment.
type Mechanic struct{}

// Section gives no key.
func (Mechanic) Section() document.Section { return document.Section{} }

// Words gives none: the outcomes of claims are the engine's.
func (Mechanic) Words() fs.FS { return nil }

// Compile gives the stage.
func (Mechanic) Compile(*engine.Compiler, any) engine.Stage { return stage{} }

type stage struct{}

// Apply puts the claimed purchase in the claim's place, or refuses the claim.
func (stage) Apply(t *engine.Turn) {
	if t.Event.Type != event.Claim {
		return
	}
	purchase := t.In.Claimed
	if purchase == nil || !t.In.ClaimedGuest {
		t.Finish(engine.NotAGuestOrder)
		return
	}
	made := t.Clock
	if t.Event.At != calendar.None {
		made = min(t.Event.At, t.Clock)
	}
	within := t.Program.Enrolment.ClaimWithin
	if !within.IsZero() && made > calendar.Add(purchase.At, within, t.Program.Zone) {
		t.Finish(engine.ClaimTooLate)
		return
	}
	t.Instead(purchase)
}
