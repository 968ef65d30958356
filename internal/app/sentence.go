package app

import (
	"strings"

	"premia/internal/core/text"
	"premia/internal/i18n"
)

// Sentence says a problem's code in a language: why an event was refused, what
// was wrong with a request, or what became of something. A sentence that speaks
// of values which args lack is passed over for one that does without.
func Sentence(words *i18n.Catalog, lang, code string, args []text.Arg) string {
	said := ""
	for _, kind := range [...]string{"refused.", "problem.", "outcome."} {
		if !words.Has("en", kind+code) {
			continue
		}
		said = words.Render(lang, text.Message{ID: kind + code, Args: args})
		if !strings.Contains(said, "⟦") {
			return said
		}
	}
	return said
}
