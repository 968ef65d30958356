// Package member keeps what the engine knows of a member: that they enrolled,
// their facts, and whether they are blocked.
package member

import (
	"embed"
	"io/fs"
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

//go:embed words
var words embed.FS

// Mechanic is the door of membership. It has no section of the document.
type Mechanic struct{}

// Section gives no key.
func (Mechanic) Section() document.Section { return document.Section{} }

// Words are the catalogues of membership.
func (Mechanic) Words() fs.FS { return words }

// Compile gives the stage.
func (Mechanic) Compile(*engine.Compiler, any) engine.Stage { return stage{} }

type stage struct{}

// The data of enrolment and profile events that change a member's standing
// rather than a fact.
const (
	Blocked = "blocked"
	Erased  = "erased"
	// Digest begins the names of data that stand for personal values, which are no
	// facts.
	Digest = "digest_"
	// Referral begins the names of data that say who brought the member.
	Referral = "referral_"
	// Click and Ambassador begin those of data that say by whose link the member came,
	// and whether the member is an ambassador.
	Click      = "click_"
	Ambassador = "ambassador_"
)

// Apply enrols, and keeps facts and standing.
func (stage) Apply(t *engine.Turn) {
	switch t.Event.Type {
	case event.Enrolment:
		if t.State.Status == 0 {
			t.State.Status = ledger.Active
		}
		if t.State.EnrolledAt == calendar.None || t.At < t.State.EnrolledAt {
			t.State.EnrolledAt = t.At
		}
		keepFacts(t)
	case event.Profile:
		keepFacts(t)
	}
}

func keepFacts(t *engine.Turn) {
	for i := range t.Event.Data {
		d := &t.Event.Data[i]
		switch {
		case strings.HasPrefix(d.Name, Digest), strings.HasPrefix(d.Name, Referral), strings.HasPrefix(d.Name, Click), strings.HasPrefix(d.Name, Ambassador):
		case d.Name == Blocked:
			standing(t.State, ledger.Blocked, d.Whole != 0)
		case d.Name == Erased:
			if d.Whole != 0 {
				t.State.Status, t.State.Facts, t.State.Offers, t.State.Scores = ledger.Erased, nil, nil, nil
			}
		default:
			t.State.SetFact(d.Name, d.Text)
		}
	}
}

// standing moves an active member to the status and back; a merged or erased
// one stays.
func standing(s *ledger.State, to ledger.Status, on bool) {
	switch {
	case on && s.Status == ledger.Active:
		s.Status = to
	case !on && s.Status == to:
		s.Status = ledger.Active
	}
}
