package program

import (
	"slices"

	"premia/internal/core/document"
	"premia/internal/core/mechanic/surprise"
	"premia/internal/core/text"
)

// draws finds a seed with which the step's surprises draw what it says; nil if it says
// nothing.
func (k *stepChecker) draws() []byte {
	if k.step.Draws.Len() == 0 {
		return nil
	}
	path, drawn, known := k.path+".draws", map[string]string{}, true
	for id, prize := range k.step.Draws.All() {
		here := document.Join(path, id)
		prizes := surprise.Prizes(k.Program, id)
		switch {
		case prizes == nil:
			k.unknown(here, "unknown_surprise", text.Say("there is no surprise {ID}", quoted(id)), id, surprise.IDs(k.Program))
			known = false
		case !slices.Contains(prizes, prize):
			k.unknown(here, "unknown_prize", text.Say("the surprise {ID} has no prize {Prize}", id, quoted(prize)), prize, prizes)
			known = false
		}
		drawn[id] = prize
	}
	if !known {
		return nil
	}
	seed, found := surprise.SeedFor(k.Program, drawn)
	if !found {
		k.Problem(path, document.CodeOutOfRange, "that is too unlikely to be drawn in a scenario", "let a step of its own draw each, or try it with higher odds")
	}
	return seed
}
