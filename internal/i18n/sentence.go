package i18n

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sync"

	"premia/internal/core/text"

	"go.yaml.in/yaml/v3"
)

// sentencesFile holds what the sentences of a package are in the other languages:
//
//	"the campaign gives nothing":
//	  pl: "…"
//	  cs: "…"
//	  ru: "…"
//
// A translation that follows a number has forms: {one: …, few: …, many: …, other: …}.
const sentencesFile = "words/sentences.yaml"

// said are the words for one English sentence, by plural category.
type said map[string]string

// UnmarshalYAML reads one text, or a text for each form.
func (s *said) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*s = said{other: n.Value}
		return nil
	}
	return n.Decode((*map[string]string)(s))
}

// loadSentences adds the translations of one file system, if it has any.
func (c *Catalog) loadSentences(files fs.FS) error {
	content, err := fs.ReadFile(files, sentencesFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	all, err := sentencesIn(content)
	if err != nil {
		return fmt.Errorf("%s: %w", sentencesFile, err)
	}
	for english, translations := range all {
		if c.sentences[english] != nil {
			return fmt.Errorf("%s: the sentence %q stands twice", sentencesFile, english)
		}
		c.sentences[english] = translations
	}
	return nil
}

// onceSentences keeps what files of sentences were read as, by their content, as
// [entriesIn] does with entries.
var onceSentences sync.Map // of [sha256.Size]byte to map[string]map[string]said

func sentencesIn(content []byte) (map[string]map[string]said, error) {
	key := sha256.Sum256(content)
	if known, ok := onceSentences.Load(key); ok {
		return known.(map[string]map[string]said), nil
	}
	var all map[string]map[string]said
	if err := yaml.Unmarshal(content, &all); err != nil {
		return nil, err
	}
	onceSentences.Store(key, all)
	return all, nil
}

// Sentence says a sentence in the language, "pl" or "pl-PL". One that has no words
// there stays English.
func (c *Catalog) Sentence(lang string, s text.Sentence) string { return c.language(lang).sentence(s) }

func (l *language) sentence(s text.Sentence) string {
	if l.code == languages[0] {
		return s.String()
	}
	return s.In(func(english, count string) string {
		forms := l.sentences[english][l.code]
		if forms == nil {
			return english
		}
		if count != "" {
			if words := forms[l.plurals.category(l.code, count)]; words != "" {
				return words
			}
		}
		return forms[other]
	})
}

// nouns is the place that a translation may leave out: what kind of thing something
// is, which often needs no word there.
const nouns = "Noun"

// missingSentences lists sentences that lack words in a language, or say other values.
func (c *Catalog) missingSentences() (missing []string) {
	for _, english := range slices.Sorted(maps.Keys(c.sentences)) {
		want := sortedPlaces(english)
		for _, lang := range languages[1:] {
			forms := c.sentences[english][lang]
			if forms[other] == "" {
				missing = append(missing, fmt.Sprintf("%s: %q has no words", lang, english))
			}
			for category, words := range forms {
				if got := sortedPlaces(words); !slices.Equal(got, want) {
					missing = append(missing, fmt.Sprintf("%s: %q, form %s, has the places %v, not %v", lang, english, category, got, want))
				}
			}
		}
	}
	return missing
}

// sortedPlaces lists the places that all languages must have.
func sortedPlaces(words string) []string {
	places := slices.DeleteFunc(text.Places(words), func(name string) bool { return name == nouns })
	slices.Sort(places)
	return places
}
