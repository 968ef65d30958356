package document

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"premia/internal/core/text"
)

// Languages are the languages that texts in a document may have, in the order of
// product and documentation.
func Languages() []string { return []string{"en", "pl", "cs", "ru"} }

// pluralCategories are the categories of CLDR that the languages use.
func pluralCategories() []string { return []string{"one", "few", "many", "other"} }

// Text is a text for people in several languages: language to words. Written as a
// plain string it is the same in every language and stands under "". A nil Text
// is none. No words are empty.
type Text map[string]string

// In is the text in a language, else the text for all languages, else none.
func (t Text) In(language string) (string, bool) {
	if words, ok := t[language]; ok {
		return words, true
	}
	words, ok := t[""]
	return words, ok
}

// Languages are the languages the text has, sorted; "" stands for all.
func (t Text) Languages() []string { return slices.Sorted(maps.Keys(t)) }

func (t *Text) readNode(d *decoder, n *yaml.Node, at *place, r *rules) {
	texts := Text{}
	switch n.Kind {
	case yaml.ScalarNode:
		d.words(n, at, r, func(words string) { texts[""] = words })
	case yaml.MappingNode:
		d.byWord(n, at, Languages(), "unknown language {Value}", func(language string, value *yaml.Node, here *place) {
			d.words(value, here, r, func(words string) { texts[language] = words })
		})
	default:
		d.wrongType(n, at, "a text, or a mapping from language to text", textHint)
	}
	*t = texts
}

const textHint = `write words, or {en: words, pl: słowa}`

// JSONSchema describes a text to editors.
func (Text) JSONSchema() map[string]any {
	return map[string]any{"anyOf": []any{wordsSchema(), byWordSchema(Languages(), wordsSchema(), nil)}}
}

// UnitName is the name of a wallet's unit in the plural forms of several
// languages: language to CLDR category (one, few, many, other) to the word. Each
// language has the category other. A plain string stands under "" and other. A
// nil UnitName is none.
type UnitName map[string]map[string]string

// In is the forms in a language, else those for all languages, else none.
func (u UnitName) In(language string) (map[string]string, bool) {
	if forms, ok := u[language]; ok {
		return forms, true
	}
	forms, ok := u[""]
	return forms, ok
}

// Languages are the languages the name has, sorted; "" stands for all.
func (u UnitName) Languages() []string { return slices.Sorted(maps.Keys(u)) }

func (u *UnitName) readNode(d *decoder, n *yaml.Node, at *place, r *rules) {
	names := UnitName{}
	switch n.Kind {
	case yaml.ScalarNode:
		d.words(n, at, r, func(word string) { names[""] = map[string]string{"other": word} })
	case yaml.MappingNode:
		d.byWord(n, at, Languages(), "unknown language {Value}", func(language string, value *yaml.Node, here *place) {
			names[language] = d.forms(value, here, r)
		})
	default:
		d.wrongType(n, at, "a word, or a mapping from language to word", unitHint)
	}
	*u = names
}

const unitHint = `write {en: {one: point, other: points}}, or one word`

// forms reads the plural forms of one language.
func (d *decoder) forms(n *yaml.Node, at *place, r *rules) map[string]string {
	forms := map[string]string{}
	switch n.Kind {
	case yaml.ScalarNode:
		d.words(n, at, r, func(word string) { forms["other"] = word })
	case yaml.MappingNode:
		found := false
		d.byWord(n, at, pluralCategories(), "unknown plural form {Value}", func(category string, value *yaml.Node, here *place) {
			found = found || category == "other"
			d.words(value, here, r, func(word string) { forms[category] = word })
		})
		if !found {
			d.addAt(d.source.position(n, at), Join(at.String(), "other"), CodeMissing, `the key "other" is missing`,
				"it is the form for every number that no other form fits")
		}
	default:
		d.wrongType(n, at, "a word, or a mapping of plural forms", unitHint)
	}
	return forms
}

// JSONSchema describes a unit's name to editors.
func (UnitName) JSONSchema() map[string]any {
	forms := byWordSchema(pluralCategories(), wordsSchema(), []any{"other"})
	language := map[string]any{"anyOf": []any{wordsSchema(), forms}}
	return map[string]any{"anyOf": []any{wordsSchema(), byWordSchema(Languages(), language, nil)}}
}

// words reads one text for people, which may not be blank.
func (d *decoder) words(n *yaml.Node, at *place, r *rules, keep func(string)) {
	switch {
	case n.Kind == yaml.AliasNode:
	case isNull(n):
		d.empty(n, at)
	case n.Kind != yaml.ScalarNode:
		d.wrongType(n, at, "a text", "")
	case strings.TrimSpace(n.Value) == "":
		d.add(n, at, CodeEmpty, "the text is empty", "write some words, or remove the key")
	case d.length(n, at, r, utf8.RuneCountInString(n.Value), countedCharacters):
		keep(n.Value)
	}
}

// byWord reads a mapping whose keys are of a fixed list of words, at least one; unknown
// is said of others.
func (d *decoder) byWord(n *yaml.Node, at *place, known []string, unknown text.Sentence, do func(word string, value *yaml.Node, here *place)) {
	if len(n.Content) == 0 {
		d.add(n, at, CodeEmpty, "the mapping is empty", text.Say("its keys are {Keys}", enumerate(known)))
	}
	d.pairs(n, at, func(key, value *yaml.Node, here *place) {
		if !slices.Contains(known, key.Value) {
			d.addAt(Pos{Line: key.Line, Column: key.Column}, here.String(), CodeUnknownKey,
				text.Say(unknown.Pattern(), strconv.Quote(key.Value)), text.Say("write one of {Keys}", enumerate(known)))
			return
		}
		do(key.Value, value, here)
	})
}

func wordsSchema() map[string]any {
	return map[string]any{"type": []any{"string", "number", "boolean"}, "minLength": 1}
}

func byWordSchema(words []string, value any, required []any) map[string]any {
	properties := map[string]any{}
	for _, word := range words {
		properties[word] = value
	}
	s := map[string]any{"type": "object", "properties": properties, "additionalProperties": false, "minProperties": 1}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}
