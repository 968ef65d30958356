package docform_test

import (
	"strings"
	"testing"

	"premia/internal/core/document"
	"premia/internal/i18n"
	"premia/internal/web/docform"
)

// TestEveryKeyHasWords finds every key and every word that a document may say in each
// language.
func TestEveryKeyHasWords(t *testing.T) {
	words, err := i18n.Load(docform.Catalog())
	if err != nil {
		t.Fatal(err)
	}
	o, err := outline()
	if err != nil {
		t.Fatal(err)
	}
	missing, seen := map[string]bool{}, map[*document.Outline]bool{}
	ask := func(kind, word string) {
		for _, lang := range words.Languages() {
			if id := "document." + kind + "." + strings.NewReplacer(" ", "_", "-", "_").Replace(word); !words.Has(lang, id) {
				missing[lang+" "+id] = true
			}
		}
	}
	var walk func(o *document.Outline)
	walk = func(o *document.Outline) {
		if o == nil || seen[o] {
			return
		}
		seen[o] = true
		for _, word := range o.Choices {
			ask("choice", word)
		}
		for _, k := range o.Keys {
			ask("key", k.Name)
			if k.Help != "" {
				ask("help", strings.TrimPrefix(docform.HelpID(k.Help), "document.help."))
			}
			walk(k.Value)
		}
		walk(o.Element)
	}
	walk(o)
	for id := range missing {
		t.Error("no words: " + id)
	}
	if len(seen) < 100 {
		t.Errorf("only %d places were seen", len(seen))
	}
}
