package document

import (
	"regexp"
	"slices"
	"strings"
)

// Completion is what may stand at a place of a text that is being written.
type Completion struct {
	// Path is the place, with 0 for every index.
	Path string
	// Word is what is written of it already.
	Word string
	// Items are what the word may become.
	Items []Suggestion
}

// Suggestion is one way to go on.
type Suggestion struct {
	Text string // what the word becomes
	Help string // what it means; may be empty
}

// Complete tells what may follow a text that ends where somebody writes, by the
// indentation of its lines, so that the text need not be a document yet. names
// gives the document's own words that may stand at a path, as a key or as a value.
func (o *Outline) Complete(before string, names func(path string, key bool) []string) Completion {
	lines := strings.Split(before, "\n")
	last := len(lines) - 1
	row := scanRow(lines[last])
	at := row.spot()
	path, siblings := placeOf(lines[:last], row, at.column)
	if len(at.steps) > 0 {
		siblings = nil
	}
	for _, s := range at.steps {
		path = s.join(path)
	}
	c := Completion{Path: path, Word: at.word}
	here, ok := o.At(path)
	if !ok {
		return c
	}
	if at.value {
		c.Items = here.values(path, names)
	} else {
		c.Items = here.keys(path, append(siblings, at.siblings...), names)
	}
	c.Items = slices.DeleteFunc(c.Items, func(s Suggestion) bool {
		return !strings.HasPrefix(strings.ToLower(s.Text), strings.ToLower(c.Word)) || s.Text == c.Word
	})
	return c
}

// keys are the keys that may be written in a mapping beside those that it has.
func (o *Outline) keys(path string, taken []string, names func(string, bool) []string) (out []Suggestion) {
	for _, k := range o.Keys {
		if !slices.Contains(taken, k.Name) {
			out = append(out, Suggestion{k.Name + ": ", k.Help})
		}
	}
	if o.Kind == KindList && o.Element != nil {
		return o.Element.values(Index(path, 0), names)
	}
	if o.Element != nil {
		for _, name := range names(path, true) {
			if !slices.Contains(taken, name) {
				out = append(out, Suggestion{Text: name + ": "})
			}
		}
	}
	return out
}

// values are the values that may be written at a place.
func (o *Outline) values(path string, names func(string, bool) []string) (out []Suggestion) {
	words := o.Choices
	switch o.Kind {
	case KindTruth:
		words = []string{"true", "false"}
	case KindText:
		words = names(path, false)
	case KindList:
		return o.Element.values(Index(path, 0), names)
	}
	for _, word := range words {
		out = append(out, Suggestion{Text: word})
	}
	return out
}

// row is a line, cut into the dashes and the key that it begins with.
type row struct {
	dashes []int // columns, from 0
	column int   // of the key, or of what stands where a key could
	key    string
	hasKey bool
	rest   string // behind the key's colon, or all that is no key
}

var rowKey = regexp.MustCompile(`^("[^"]*"|'[^']*'|[^\s#&*!|>'"%@{\[\]},][^:#{\[]*?)\s*:(?:\s+|$)`)

func scanRow(line string) row {
	var r row
	text := strings.TrimRight(line, "\r")
	for {
		trimmed := strings.TrimLeft(text, " ")
		r.column += len(text) - len(trimmed)
		text = trimmed
		if text != "-" && !strings.HasPrefix(text, "- ") {
			break
		}
		r.dashes = append(r.dashes, r.column)
		r.column++
		text = text[1:]
	}
	if m := rowKey.FindStringSubmatch(text); m != nil {
		r.key, r.hasKey, text = strings.Trim(m[1], `"'`), true, text[len(m[0]):]
	}
	r.rest = text
	return r
}

// nothing tells whether the line says nothing.
func (r row) nothing() bool {
	return !r.hasKey && len(r.dashes) == 0 && (r.rest == "" || strings.HasPrefix(r.rest, "#"))
}

// spot is where the end of a line stands, from the mapping or list of its column on.
type spot struct {
	column   int
	steps    []step // that lead to it within the line
	value    bool   // a value is due, and no key
	word     string
	siblings []string
}

// spot finds the place of the line's end, which may lie inside brackets.
func (r row) spot() spot {
	c := spot{column: r.column}
	if !r.hasKey {
		if !strings.HasPrefix(r.rest, "{") && !strings.HasPrefix(r.rest, "[") {
			c.word = r.rest
			return c
		}
	} else {
		c.steps, c.value = []step{{key: r.key}}, true
	}
	c.inside(r.rest)
	return c
}

// level is an open bracket.
type level struct {
	list     bool
	key      string
	value    bool
	siblings []string
}

// inside follows a text in brackets to its end.
func (c *spot) inside(text string) {
	var open []level
	word := 0
	for i := 0; i < len(text); i++ {
		switch b := text[i]; {
		case (b == '"' || b == '\'') && strings.TrimSpace(text[word:i]) == "":
			if end := strings.IndexByte(text[i+1:], b); end >= 0 {
				i += end + 1
			}
		case b == '{' || b == '[':
			open, word = append(open, level{list: b == '['}), i+1
		case len(open) == 0:
		case b == '}' || b == ']':
			open, word = open[:len(open)-1], i+1
		case b == ',':
			open[len(open)-1].value, word = false, i+1
		case b == ':' && !open[len(open)-1].list && i+1 < len(text) && text[i+1] == ' ':
			l := &open[len(open)-1]
			l.key, l.value = strings.Trim(strings.TrimSpace(text[word:i]), `"'`), true
			l.siblings, word = append(l.siblings, l.key), i+1
		}
	}
	c.word = strings.TrimLeft(text[word:], " ")
	for i := range open {
		l := &open[i]
		c.siblings, c.value = l.siblings, l.value || l.list
		switch {
		case l.list:
			c.steps = append(c.steps, step{isIndex: true})
		case l.value:
			c.steps = append(c.steps, step{key: l.key})
		}
	}
}

// placeOf gives the path of the mapping or list that a row at a column belongs to,
// by the lines above it, and the keys that stand in it already.
func placeOf(above []string, r row, column int) (path string, siblings []string) {
	var steps []step
	limit, sameAllowed := column, false
	up := func(r row) {
		if r.hasKey && (r.column < limit || (sameAllowed && r.column == limit)) {
			steps, limit, sameAllowed = append(steps, step{key: r.key}), r.column, false
		}
		for _, dash := range slices.Backward(r.dashes) {
			if dash < limit {
				steps, limit, sameAllowed = append(steps, step{isIndex: true}), dash, true
			}
		}
	}
	up(row{dashes: r.dashes})
	for _, line := range slices.Backward(above) {
		prior := scanRow(line)
		if prior.nothing() || (limit == 0 && !sameAllowed) && len(steps) > 0 {
			continue
		}
		if len(steps) == 0 && prior.hasKey && prior.column == column {
			siblings = append(siblings, prior.key)
		}
		up(prior)
	}
	for _, s := range slices.Backward(steps) {
		path = s.join(path)
	}
	return path, siblings
}
