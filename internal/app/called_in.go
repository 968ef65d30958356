package app

import (
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/reward"
)

// CalledIn gives a text of a program's document in a language, or in the program's first.
func CalledIn(p *engine.Program, t document.Text, lang string) string {
	if words, ok := t.In(lang); ok {
		return words
	}
	words, _ := t.In(p.Languages[0])
	return words
}

// RewardCalled is what a reward is called in a language; its id where the program, which
// may be nil, has it no more.
func RewardCalled(p *engine.Program, id, lang string) string {
	if p == nil {
		return id
	}
	for _, r := range reward.Rewards(p) {
		if r.Source.ID == id {
			return CalledIn(p, r.Source.Name, lang)
		}
	}
	return id
}
