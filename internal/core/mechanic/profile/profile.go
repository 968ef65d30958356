// Package profile says when a member's profile is complete: when all facts are
// known that the program asks for. That comes once for each member, with the event
// that told the last of them, and rules may be about it.
package profile

import (
	"io/fs"
	"regexp"
	"slices"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/text"
)

// Section is the program's profile.
type Section struct {
	Complete []string `doc:"complete,required" min_len:"1" max_len:"30" help:"the facts with which a profile is complete: language, city, birthday, consent_email, and those of your own"`
}

// Mechanic is the door of profiles.
type Mechanic struct{}

// Section gives the key profile.
func (Mechanic) Section() document.Section {
	return document.Section{Key: "profile", Into: &Section{}, Help: "what the program asks of members"}
}

// Words gives none: rules about the profile have them.
func (Mechanic) Words() fs.FS { return nil }

var factName = regexp.MustCompile(`^[a-z][a-z_]{0,31}$`)

// Compile checks the facts. There is nothing to do for events.
func (Mechanic) Compile(c *engine.Compiler, section any) engine.Stage {
	s := section.(*Section)
	for i, name := range s.Complete {
		path := document.Index("profile.complete", i)
		switch {
		case !factName.MatchString(name):
			c.Problem(path, "invalid", text.Say("{Name} is no name of a fact", quote(name)), "write small letters and underscores, such as favourite_drink")
		case slices.Contains(c.Program.ProfileFacts, name):
			c.Problem(path, "duplicate", text.Say("the fact {Name} is listed twice", name), "list each once")
		default:
			c.Program.ProfileFacts = append(c.Program.ProfileFacts, name)
		}
	}
	return nil
}

func quote(s string) string { return `"` + s + `"` }
