package document

import (
	"encoding"
	"reflect"
	"strconv"
	"strings"

	"github.com/govalues/decimal"
	"go.yaml.in/yaml/v3"

	"premia/internal/core/text"
)

// isNull tells whether n says "nothing": no text at all, ~ or null.
func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Style&^yaml.TaggedStyle == 0 && n.Tag == "!!null"
}

// nameOfNode says what stands in the document.
func nameOfNode(n *yaml.Node) text.Sentence {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.AliasNode:
		return "an alias"
	case n.Style != 0:
		return text.Say("the text {Text}", quoteShort(n.Value))
	}
	return text.Raw(quoteShort(n.Value))
}

// nameOfType says what a Go type is in a document.
func nameOfType(t reflect.Type) text.Sentence {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	pointer := reflect.PointerTo(t)
	switch {
	case t == reflect.TypeFor[decimal.Decimal](), t.Kind() == reflect.Int, t.Kind() == reflect.Int64:
		return "a number"
	case pointer.Implements(anyMapType):
		return "a mapping"
	case pointer.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()), t.Kind() == reflect.String:
		return "a text"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Slice:
		return "a list"
	}
	return "a mapping"
}

// quoteShort puts a text from the document between quotes, cut when it is long.
func quoteShort(text string) string {
	const longest = 60
	if runes := []rune(text); len(runes) > longest {
		return strconv.Quote(string(runes[:longest])) + "…"
	}
	return strconv.Quote(text)
}

// enumerate lists words, or the first of many.
func enumerate(words []string) text.Sentence {
	const most = 30
	if len(words) > most {
		return text.Say("{Words} and {Count} more", strings.Join(words[:most], ", "), len(words)-most)
	}
	return text.Raw(strings.Join(words, ", "))
}
